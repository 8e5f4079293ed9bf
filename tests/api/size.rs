//! The largest that is promised works, and nothing of it takes absurdly long. How long it takes is told by
//! `cargo bench --bench page -- size`.

use crate::support::backend::{Backend, is_long_run, on_every_backend};
use crate::support::size::{Size, Taken, of_a_large_group, of_many_conversations};
use std::time::Duration;

on_every_backend! {
    a_group_as_large_as_may_be_works
    a_person_in_very_many_conversations_is_served
}

/// What one thing may take, in a build that is not optimised, on a machine that has other things to do.
const LIMIT: Duration = Duration::from_secs(10);
/// What making the conversations may take.
const LONG_LIMIT: Duration = Duration::from_mins(2);

/// A tenth of it, where tests are not to take their time.
fn size() -> Size {
    if is_long_run() { Size::FULL } else { Size::TENTH }
}

fn judge(taken: &[Taken]) {
    for Taken { what, times } in taken {
        let limit = if what.starts_with("half of them") { LONG_LIMIT } else { LIMIT };
        let worst = times.iter().max().unwrap();
        assert!(*worst < limit, "{what}: {worst:?}");
    }
}

async fn a_group_as_large_as_may_be_works(backend: Backend) {
    let backend = backend.with("NATTERJACK_MAX_GROUP_SIZE", size().people.to_string());
    let node = backend.node().await;
    judge(&of_a_large_group(&backend, &node, size()).await);
}

async fn a_person_in_very_many_conversations_is_served(backend: Backend) {
    let node = backend.node().await;
    judge(&of_many_conversations(&backend, &node, size()).await);
}
