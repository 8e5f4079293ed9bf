//! How each act of the table is tried through the API.

use natterjack::chat::Act;
use serde_json::{Value, json};

/// Where something is tried.
pub(super) struct Place {
    pub(super) conversation: String,
    /// A message by the one who tries, where they have ever been in.
    pub(super) own: Option<Value>,
    /// The latest message, by another, who is typing.
    pub(super) others: Value,
    /// Their id.
    pub(super) other: String,
    /// The id of somebody who is not in it.
    pub(super) extra: String,
}

/// One way to do something, or to see it.
pub(super) enum Attempt {
    /// Part of a conversation that is there for everyone who sees the conversation.
    Face(String),
    /// Part of a conversation, and where in it nothing may be.
    Part(&'static str, &'static str),
    /// A query of its own, and where in it nothing may be.
    Query(&'static str, &'static str, &'static str),
    /// A mutation, its input, and the field that is at fault where it is refused.
    Mutation(&'static str, Value, &'static str),
    /// A subscription.
    Subscription(&'static str),
}

/// What is tried, with the field of the schema that it is about. An act without an attempt does not compile.
#[expect(clippy::too_many_lines, reason = "an attempt for each act")]
pub(super) fn attempts(act: Act, place: &Place) -> Vec<(&'static str, Attempt)> {
    use Attempt::{Mutation, Part, Query, Subscription};
    const ID: &str = "input.conversationId";
    const MESSAGE: &str = "input.messageId";
    let here = |more: Value| {
        let mut input = json!({ "conversationId": place.conversation });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    match act {
        Act::SeeFace => act.fields().iter().map(|field| (*field, face(field))).collect(),
        Act::SeeMembers => vec![
            ("Conversation.members", Part("members(first: 1) { nodes { id } }", "/members/nodes")),
            ("Conversation.members", Part("members(last: 1) { nodes { id } }", "/members/nodes")),
        ],
        Act::SeeOwnMembership => {
            vec![("Conversation.viewerMembership", Part("viewerMembership { id }", "/viewerMembership"))]
        }
        Act::ReadMessages => vec![
            (
                "Query.history",
                Query(
                    "history",
                    "query($id: ID!) { history(of: { conversationId: $id }, last: 1) { nodes { id } } }",
                    "/nodes",
                ),
            ),
            (
                "Query.searchMessages",
                Query(
                    "searchMessages",
                    "query($id: ID!) { searchMessages(text: \"another\", conversationId: $id, first: 1) { nodes { id } } }",
                    "/nodes",
                ),
            ),
            ("Conversation.messages", Part("messages(first: 1) { nodes { id } }", "/messages/nodes")),
            ("Conversation.pinnedMessages", Part("pinnedMessages(first: 1) { nodes { id } }", "/pinnedMessages/nodes")),
            ("Conversation.lastMessage", Part("lastMessage { id }", "/lastMessage")),
            ("Conversation.unreadCount", Part("unreadCount", "/unreadCount")),
        ],
        Act::SeeTyping => vec![("Conversation.typing", Part("typing { id }", "/typing"))],
        Act::Hear => vec![
            (
                "Subscription.messageAdded",
                Subscription("subscription($id: ID!) { messageAdded(conversationId: $id) { id } }"),
            ),
            (
                "Subscription.receiptChanged",
                Subscription("subscription($id: ID!) { receiptChanged(conversationId: $id) { readSeq } }"),
            ),
            (
                "Subscription.typingChanged",
                Subscription("subscription($id: ID!) { typingChanged(conversationId: $id) { isTyping } }"),
            ),
        ],
        Act::Send => {
            let input = json!({ "to": { "conversationId": place.conversation }, "text": "hello" });
            vec![("Mutation.sendMessage", Mutation("sendMessage", input, "input.to.conversationId"))]
        }
        Act::EditOwn => {
            let input = json!({ "messageId": place.own, "text": "other words" });
            vec![("Mutation.editMessage", Mutation("editMessage", input, MESSAGE))]
        }
        Act::DeleteOwn => {
            let input = json!({ "messageId": place.own });
            vec![("Mutation.deleteMessage", Mutation("deleteMessage", input, MESSAGE))]
        }
        Act::DeleteOthers => {
            let input = json!({ "messageId": place.others });
            vec![("Mutation.deleteMessage", Mutation("deleteMessage", input, MESSAGE))]
        }
        Act::React => {
            let input = json!({ "messageId": place.others, "emoji": "👍", "isOn": true });
            vec![("Mutation.setReaction", Mutation("setReaction", input, MESSAGE))]
        }
        Act::Pin => {
            let input = json!({ "messageId": place.others, "isPinned": true });
            vec![("Mutation.setPinned", Mutation("setPinned", input, MESSAGE))]
        }
        Act::Report => {
            let input = json!({ "messageId": place.others, "reason": "it croaks" });
            vec![("Mutation.reportMessage", Mutation("reportMessage", input, MESSAGE))]
        }
        Act::Mark => vec![
            ("Mutation.markRead", Mutation("markRead", here(json!({})), ID)),
            ("Mutation.markDelivered", Mutation("markDelivered", here(json!({})), ID)),
        ],
        Act::Type => vec![("Mutation.setTyping", Mutation("setTyping", here(json!({ "isTyping": true })), ID))],
        Act::Mute => vec![("Mutation.setMuted", Mutation("setMuted", here(json!({ "isMuted": true })), ID))],
        Act::Join => vec![("Mutation.joinConversation", Mutation("joinConversation", here(json!({})), ID))],
        Act::Leave => vec![("Mutation.leaveConversation", Mutation("leaveConversation", here(json!({})), ID))],
        Act::AddMembers => {
            let input = here(json!({ "userIds": [place.extra] }));
            vec![("Mutation.addMembers", Mutation("addMembers", input, ID))]
        }
        Act::InviteMembers => {
            let input = here(json!({ "userIds": [place.extra] }));
            vec![("Mutation.inviteMembers", Mutation("inviteMembers", input, ID))]
        }
        Act::RemoveMember => {
            let input = here(json!({ "userId": place.other }));
            vec![("Mutation.removeMember", Mutation("removeMember", input, ID))]
        }
        Act::SetRole => {
            let input = here(json!({ "userId": place.other, "role": "ADMIN" }));
            vec![("Mutation.setRole", Mutation("setRole", input, ID))]
        }
        Act::Update => {
            let input = here(json!({ "name": "lake" }));
            vec![("Mutation.updateConversation", Mutation("updateConversation", input, ID))]
        }
        Act::Delete => vec![("Mutation.deleteConversation", Mutation("deleteConversation", here(json!({})), ID))],
    }
}

fn face(field: &str) -> Attempt {
    let name = field.rsplit('.').next().unwrap();
    Attempt::Face(match name {
        "conversation" => "id".to_owned(),
        "peer" | "createdBy" => format!("{name} {{ id }}"),
        _ => name.to_owned(),
    })
}
