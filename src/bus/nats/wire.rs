//! How topics and rings look on NATS. Nodes of different versions share it: what one cannot read, it leaves out.

use crate::domain::event::{Bell, Ring, Topic};
use crate::domain::ids::ServerId;
use bytes::Bytes;
use serde_json::Value;

/// Where that deployment tells of that topic.
pub(super) fn subject(server: ServerId, topic: Topic) -> String {
    match topic {
        Topic::Conversation(id) => format!("natterjack.{server}.{id}"),
        Topic::Person(id) => format!("natterjack.{server}.{id}"),
        Topic::Sessions => format!("natterjack.{server}.sessions"),
        Topic::People => format!("natterjack.{server}.people"),
        Topic::Typing => format!("natterjack.{server}.typing"),
    }
}

/// The ring as JSON of at most that many bytes: where need be without its messages, whose numbers are enough to
/// read them by. `None` where that is too big still.
pub(super) fn encode(ring: &Ring, max_bytes: usize) -> Option<Bytes> {
    let fitting = |ring: &Ring| serde_json::to_vec(ring).ok().filter(|json| json.len() <= max_bytes);
    let json = fitting(ring).or_else(|| match ring {
        Ring::Log(bell) => fitting(&Ring::Log(without_messages(bell))),
        // Their version tells whoever looks that they were missed.
        Ring::Receipts(_)
        | Ring::Typing(_)
        | Ring::Members(_)
        | Ring::Memberships(_)
        | Ring::Notifications(_)
        | Ring::SessionsEnded(_)
        | Ring::ShutOut(_)
        | Ring::People
        | Ring::Blocks(_)
        | Ring::Apart(..) => None,
    });
    json.map(Bytes::from)
}

fn without_messages(bell: &Bell) -> Bell {
    Bell {
        conversation: bell.conversation,
        from: bell.from,
        to: bell.to,
        membership_version: bell.membership_version,
        messages: None,
    }
}

/// What was told, without its messages where only they are of a kind not known here.
pub(super) fn decode(json: &[u8]) -> serde_json::Result<Ring> {
    serde_json::from_slice(json).or_else(|error| decode_without_messages(json).ok_or(error))
}

fn decode_without_messages(json: &[u8]) -> Option<Ring> {
    let mut ring: Value = serde_json::from_slice(json).ok()?;
    ring.get_mut("log")?.get_mut("messages")?.take();
    serde_json::from_value(ring).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Timestamp;
    use crate::domain::extras::Extras;
    use crate::domain::ids::{ConversationId, MessageId, UserId};
    use crate::domain::message::{MembershipVersion, Message, MessageKind, Revision};
    use serde_json::json;

    fn ring(text: &str) -> Ring {
        let now = Timestamp::from_unix_millis(1_769_860_800_007).unwrap();
        let conversation = ConversationId::new(now);
        let revision = Revision::new(1).unwrap();
        let message = Message {
            id: MessageId::new(now),
            conversation,
            seq: revision,
            revision,
            author: UserId::new(now),
            kind: MessageKind::Text,
            text: Some(text.to_owned()),
            extras: Extras::default(),
            reply_to: None,
            reactions: Vec::new(),
            pinned_at: None,
            notice: None,
            client_id: None,
            created_at: now,
            edited_at: None,
            deleted_at: None,
            changed: None,
            membership_version: MembershipVersion(1),
        };
        Ring::Log(Bell::new(conversation, revision, revision, vec![message]))
    }

    fn bare(ring: &Ring) -> Ring {
        let Ring::Log(bell) = ring else {
            panic!("{ring:?}");
        };
        Ring::Log(without_messages(bell))
    }

    #[test]
    fn a_ring_reads_back_from_its_json() {
        let ring = ring("hello");
        assert_eq!(decode(&encode(&ring, 1_000).unwrap()).unwrap(), ring);
    }

    #[test]
    fn a_ring_that_is_too_big_goes_without_its_messages() {
        let ring = ring(&"long ".repeat(1_000));
        assert_eq!(decode(&encode(&ring, 1_000).unwrap()).unwrap(), bare(&ring));
        assert_eq!(encode(&ring, 10), None);
    }

    #[test]
    fn messages_of_a_kind_not_known_here_are_left_out() {
        let ring = ring("hello");
        let mut newer = serde_json::to_value(&ring).unwrap();
        newer["log"]["messages"][0]["kind"] = json!("HOLOGRAM");
        assert_eq!(decode(newer.to_string().as_bytes()).unwrap(), bare(&ring));
    }

    #[test]
    fn fields_not_known_here_are_left_out() {
        let ring = ring("hello");
        let mut newer = serde_json::to_value(&ring).unwrap();
        newer["log"]["mood"] = json!("fair");
        newer["log"]["messages"][0]["mood"] = json!("fair");
        assert_eq!(decode(newer.to_string().as_bytes()).unwrap(), ring);
    }

    #[test]
    fn what_is_no_ring_known_here_is_refused() {
        for other in [
            "",
            "hello",
            "{}",
            "[]",
            "null",
            r#"{"log":{}}"#,
            r#"{"log":null}"#,
            r#"{"log":{"messages":[]}}"#,
            r#"{"dance":{"steps":3}}"#,
        ] {
            assert!(decode(other.as_bytes()).is_err(), "{other}");
        }
        assert!(decode(&[0xff, 0xfe, 0x00]).is_err());
        assert!(decode("[".repeat(100_000).as_bytes()).is_err());
    }
}
