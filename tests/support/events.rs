//! The subscription to all that happens, as a client asks for it.

use super::socket::{Socket, data_of};
use serde_json::Value;
use std::ops::Deref;

/// Everything that the kinds of events hold. `conversation` may be null in one of them alone, so there it has another
/// name: GraphQL wants one type under one name.
pub(crate) const EVENTS: &str = "
    subscription($after: [PositionInput!], $conversationIds: [ID!], $only: [EventKind!]) {
        events(after: $after, conversationIds: $conversationIds, only: $only) {
            __typename
            at
            ... on MessageAdded { conversation { id revision } revision message { ...message } }
            ... on MessageChanged { conversation { id revision } revision change message { ...message } }
            ... on ReceiptChanged { conversation { id } user { id displayName } deliveredSeq readSeq }
            ... on TypingChanged { conversation { id } user { displayName } isTyping typing { displayName } isSimulated }
            ... on MembershipChanged { conversationId entered: conversation { id title } membership { user { displayName } } }
            ... on NotificationAdded { notification { ...notification } }
            ... on NotificationsSeen { unseenNotificationCount }
            ... on Synced { conversation { ...conversation } revision }
            ... on ResyncNeeded { conversation { ...conversation } revision }
            ... on SessionExpiring { expiresAt }
        }
    }
    fragment message on Message { id seq revision text author { displayName } editedAt deletedAt }
    fragment notification on Notification { id kind actor { displayName } about: conversation { id } message { text } text seenAt }
    fragment conversation on Conversation {
        id revision unreadCount members(first: 10) { nodes { user { id } deliveredSeq readSeq } }
    }";

/// One event.
#[derive(Debug, serde::Serialize)]
#[serde(transparent)]
pub(crate) struct Happening(Value);

impl Happening {
    /// The event in a frame.
    pub(crate) fn of(frame: Value) -> Self {
        Self(data_of(frame)["events"].take())
    }

    /// Its type in GraphQL.
    pub(crate) fn kind(&self) -> &str {
        self.0["__typename"].as_str().unwrap()
    }

    /// Which conversation it is about.
    pub(crate) fn conversation(&self) -> &str {
        let id = self.0["conversationId"].as_str().or_else(|| self.0["conversation"]["id"].as_str());
        id.unwrap_or_else(|| panic!("{self:?} is about no conversation"))
    }
}

impl Deref for Happening {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

/// The next event. Notifications, and who comes online and goes, are passed over: they come at their own times.
pub(crate) async fn next_event(socket: &mut Socket) -> Happening {
    loop {
        let event = Happening::of(socket.frame().await);
        if !matches!(event.kind(), "NotificationAdded" | "NotificationsSeen" | "PresenceChanged") {
            return event;
        }
    }
}

/// The next event of a subscription to notifications alone.
pub(crate) async fn next_notified(socket: &mut Socket) -> Happening {
    loop {
        let event = Happening::of(socket.frame().await);
        match event.kind() {
            "NotificationAdded" | "NotificationsSeen" => return event,
            kind => assert!(matches!(kind, "Synced" | "ResyncNeeded"), "{event:?} was not asked for"),
        }
    }
}

/// The next event of that type. Those that come at their own times are passed over: marks, typing, who is there, and that it
/// is all.
pub(crate) async fn next_of(socket: &mut Socket, kind: &str) -> Happening {
    loop {
        let event = next_event(socket).await;
        if event.kind() == kind {
            return event;
        }
        assert!(
            matches!(event.kind(), "ReceiptChanged" | "TypingChanged" | "ConversationChanged" | "Synced"),
            "{event:?} comes before {kind}"
        );
    }
}
