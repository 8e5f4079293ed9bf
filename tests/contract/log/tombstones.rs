//! What is deleted is gone from storage, not only from what is read.

use super::{Nodes, amend, append};
use crate::support::messages::{a_conversation, a_person, draft, drafted, react, reply};
use crate::support::{dump, messages, mongo, stores};
use natterjack::domain::extras::{Attachment, Extras, Metadata};
use natterjack::domain::message::{Draft, MessageKind};
use serde_json::json;

super::on_each_log! {
    what_a_message_holds_reads_back_as_it_was_written
    nothing_of_a_deleted_message_is_left_in_the_database
}

/// Found in no name, and in no other test's data.
const SECRET: &str = "s3cr3t";

fn full() -> Draft {
    let url = format!("https://example.org/{SECRET}.png");
    let (name, content_type) = (Some(format!("Kröte \"{SECRET}\".png")), Some(format!("image/{SECRET}")));
    let attachment = Attachment { url, name, content_type, byte_size: Some(u32::MAX) };
    let bare = Attachment { name: None, content_type: None, byte_size: None, ..attachment.clone() };
    let metadata = Metadata::parse(json!({ SECRET: ["$a", "\u{0}", 1.5, null, {"b.c": -1}] })).unwrap();
    let mentions = vec![a_person(), a_person()];
    let extras = Extras { attachments: vec![attachment, bare], metadata: Some(metadata), mentions };
    Draft { kind: MessageKind::Image, extras, ..draft(format!("the text is {SECRET}")) }
}

async fn what_a_message_holds_reads_back_as_it_was_written(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let full = full();
    let born = append(&*nodes.here, drafted(conversation, ada, full.clone())).await;
    assert_eq!((born.kind, &born.extras), (MessageKind::Image, &full.extras));
    let silent = append(&*nodes.here, drafted(conversation, ada, Draft { text: None, ..full })).await;
    assert_eq!((&silent.text, silent.deleted_at), (&None, None));
    let edited = amend(&*nodes.here, conversation, messages::edit(silent.id, "words")).await;
    assert_eq!((edited.text.as_deref(), &edited.extras), (Some("words"), &silent.extras));
    for stands in [born, edited] {
        assert_eq!(nodes.there.find(&[stands.id]).await.unwrap(), [stands]);
    }
}

async fn nothing_of_a_deleted_message_is_left_in_the_database(nodes: Nodes) {
    let (conversation, ada, ben) = (a_conversation(), a_person(), a_person());
    let other = append(&*nodes.here, drafted(conversation, ada, draft("another"))).await;
    let full = full();
    let mentioned = full.extras.mentions[0].uuid().to_string();
    let born = append(&*nodes.here, messages::under("kept", drafted(conversation, ada, full))).await;
    let answer = append(&*nodes.here, reply(&born, ben, "an answer")).await;
    amend(&*nodes.here, conversation, react(born.id, ben, "🐸")).await;
    amend(&*nodes.here, conversation, react(other.id, ben, "❤️")).await;
    let secrets = [SECRET, "🐸", &mentioned];
    let before = nodes.everything().await;
    assert!(secrets.iter().all(|secret| before.contains(*secret)), "it must be seen to be seen gone:\n{before}");

    let gone = amend(&*nodes.there, conversation, messages::delete(born.id)).await;
    assert_eq!((gone.seq, gone.kind, &gone.extras), (born.seq, MessageKind::Image, &Extras::default()));
    assert!(gone.client_id.is_some());
    let after = nodes.everything().await;
    for secret in secrets {
        assert!(!after.contains(secret), "{secret} in\n{after}");
    }
    assert!(after.contains("❤️") && after.contains("another"));
    assert_eq!(nodes.here.find(&[answer.id]).await.unwrap()[0].reply_to, Some(born.id));
}

impl Nodes {
    /// All that the database holds, as text.
    async fn everything(&self) -> String {
        if let Some(mongo) = self.database.downcast_ref::<mongo::TestMongo>() {
            return dump::documents(&mongo.raw().await).await;
        }
        let sql = self.database.downcast_ref::<stores::TestSql>().expect("it is one or the other");
        dump::rows(sql.url()).await
    }
}
