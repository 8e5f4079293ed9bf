//! A node that falls silent while it holds a log's head in Postgres. (For MongoDB see `mongo/faults`.)

use super::append;
use crate::support::messages::{a_conversation, a_person, message, revision};
use crate::support::relay::{Line, Passage, Relay};
use crate::support::stores;
use natterjack::domain::batch::Written;
use natterjack::error::Code;
use natterjack::store::MessageLog;
use natterjack::store::sql::{Sql, SqlOptions};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Passes on what a client says until it has taken a row's lock, and nothing more.
enum SilentOnceLocked {
    Speaking,
    /// The statement is prepared; the next message executes it.
    Locking,
    Silent,
}

impl Passage for SilentOnceLocked {
    fn to_server(&mut self, said: &[u8], on: &mut Vec<u8>) -> Line {
        const LOCK: &[u8] = b"FOR UPDATE";
        if !matches!(self, Self::Silent) {
            on.extend_from_slice(said);
        }
        *self = match self {
            Self::Speaking if said.windows(LOCK.len()).any(|window| window == LOCK) => Self::Locking,
            Self::Speaking => Self::Speaking,
            Self::Locking | Self::Silent => Self::Silent,
        };
        Line::Holds
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_falls_silent_with_a_head_in_its_hand_loses_it_soon() {
    let Some(postgres) = stores::postgres().await else { return };
    let (conversation, author) = (a_conversation(), a_person());
    append(&postgres.open_again().await, message(conversation, author, "the head is there")).await;
    let relay = Relay::with(postgres.url(), || SilentOnceLocked::Speaking).await;
    let stalled = Sql::connect(relay.url(), &SqlOptions::default()).await.unwrap();
    let (stalled, other) = (writer(stalled), writer(postgres.open_again().await));

    let holding = stalled.append(message(conversation, author, "held"));
    let going_on = async {
        postgres.stands_in_transaction().await;
        let began = Instant::now();
        let written = other.append(message(conversation, author, "goes on")).await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        let Written::Appended(message) = written else { panic!("{written:?}") };
        assert_eq!(message.seq, revision(2), "nothing came of what was held");
    };
    let (held, ()) = tokio::join!(holding, going_on);
    assert_eq!(held.unwrap_err().code(), Code::Unavailable);
}

fn writer(sql: Sql) -> MessageLog {
    MessageLog::new(Arc::new(sql), |_| ())
}
