//! All that happens where the viewer is a member, in one subscription.

use super::caller::ContextExt as _;
use super::connection::SocketEnd;
use super::conversation::Conversation;
use super::errors::Result;
use super::eyes::Eyes;
use super::member::Member;
use super::message::Message;
use super::notification::{NotificationAdded, NotificationsSeen};
use super::position::{PositionInput, Positions, conversations};
use super::presence::PresenceChanged;
use super::receipt::ReceiptChanged;
use super::scalars::{DateTime, int};
use super::standing::Standing;
use super::telling::told;
use super::typing::TypingChanged;
use super::user::User;
use crate::domain::clock::Timestamp;
use crate::domain::conversation as domain;
use crate::domain::ids::UserId;
use crate::domain::message::{self, Revision};
use crate::feed::{self, Place, Wanted};
use async_graphql::{Context, Enum, ID, Interface, Object, Subscription};
use futures_util::stream::{self, Stream, StreamExt as _};
use std::sync::Arc;
use tokio::sync::watch;

/// Something that happened.
#[derive(Interface)]
#[graphql(field(name = "at", ty = "DateTime", desc = "When it happened."))]
pub enum Event {
    /// A message was sent.
    MessageAdded(MessageAdded),
    /// A message was changed.
    MessageChanged(MessageChanged),
    /// Marks have moved.
    ReceiptChanged(ReceiptChanged),
    /// Somebody types, or has stopped.
    TypingChanged(TypingChanged),
    /// Somebody has come online or gone.
    PresenceChanged(PresenceChanged),
    /// Somebody shows themselves otherwise.
    UserChanged(UserChanged),
    /// A conversation shows itself otherwise, or others are in it.
    ConversationChanged(ConversationChanged),
    /// The viewer has come into a conversation, is something else there, or is out of it.
    MembershipChanged(MembershipChanged),
    /// The viewer is notified of something.
    NotificationAdded(NotificationAdded),
    /// The viewer has seen notifications.
    NotificationsSeen(NotificationsSeen),
    /// The client has all.
    Synced(Synced),
    /// The client is to fetch a conversation anew.
    ResyncNeeded(ResyncNeeded),
    /// The token runs out.
    SessionExpiring(SessionExpiring),
}

impl Event {
    fn new(eyes: Eyes, event: feed::Event) -> Self {
        match event {
            feed::Event::Message { message, .. } if message.revision == message.seq => {
                Self::MessageAdded(MessageAdded { eyes, message: Arc::clone(&message) })
            }
            feed::Event::Message { message, is_replay } => {
                Self::MessageChanged(MessageChanged { eyes, message: Arc::clone(&message), is_replay })
            }
            feed::Event::Receipt { receipt, position } => {
                Self::ReceiptChanged(ReceiptChanged::new(eyes, *receipt, position))
            }
            feed::Event::Typing { change, position } => Self::TypingChanged(TypingChanged::new(eyes, change, position)),
            feed::Event::Presence(turn) => Self::PresenceChanged(PresenceChanged::new(eyes, *turn)),
            feed::Event::User(turn) => Self::UserChanged(UserChanged { eyes, user: turn.user, at: turn.at }),
            feed::Event::Conversation(place) => Self::ConversationChanged(ConversationChanged { eyes, place }),
            feed::Event::Membership { member, position, at } => {
                Self::MembershipChanged(MembershipChanged::some(eyes, member, position, at))
            }
            feed::Event::Left { conversation, at } => {
                Self::MembershipChanged(MembershipChanged::none(conversation.into(), at))
            }
            feed::Event::NeverThere { id, at } => Self::MembershipChanged(MembershipChanged::none(ID(id), at)),
            feed::Event::Notified { notification, at } => {
                Self::NotificationAdded(NotificationAdded::new(eyes, notification, at))
            }
            feed::Event::NotificationsSeen { unseen, at } => {
                Self::NotificationsSeen(NotificationsSeen::new(unseen, at))
            }
            feed::Event::Synced(place) => Self::Synced(Synced { eyes, place }),
            feed::Event::ResyncNeeded(place) => Self::ResyncNeeded(ResyncNeeded { eyes, place }),
            feed::Event::SessionExpiring { expires_at, at } => {
                Self::SessionExpiring(SessionExpiring { at: at.into(), expires_at: expires_at.into() })
            }
        }
    }
}

/// The name of the type that an event is shown as.
pub(super) fn type_of(event: &feed::Event) -> &'static str {
    match event {
        feed::Event::Message { message, .. } if message.revision == message.seq => "MessageAdded",
        feed::Event::Message { .. } => "MessageChanged",
        feed::Event::Receipt { .. } => "ReceiptChanged",
        feed::Event::Typing { .. } => "TypingChanged",
        feed::Event::Presence(_) => "PresenceChanged",
        feed::Event::User(_) => "UserChanged",
        feed::Event::Conversation(_) => "ConversationChanged",
        feed::Event::Membership { .. } | feed::Event::Left { .. } | feed::Event::NeverThere { .. } => {
            "MembershipChanged"
        }
        feed::Event::Notified { .. } => "NotificationAdded",
        feed::Event::NotificationsSeen { .. } => "NotificationsSeen",
        feed::Event::Synced(_) => "Synced",
        feed::Event::ResyncNeeded(_) => "ResyncNeeded",
        feed::Event::SessionExpiring { .. } => "SessionExpiring",
    }
}

/// A message was sent.
pub struct MessageAdded {
    eyes: Eyes,
    message: Arc<message::Message>,
}

/// A message was sent, and stands as it was sent.
#[Object]
impl MessageAdded {
    /// When it was sent.
    #[graphql(tag = "for all")]
    async fn at(&self) -> DateTime {
        self.message.created_at.into()
    }

    /// Where. Its `revision` is this event's.
    #[graphql(tag = "for all")]
    async fn conversation(&self) -> Conversation {
        Conversation::at(self.eyes, self.message.conversation, Some(self.message.revision))
    }

    /// Up to where the client now has everything of this conversation.
    #[graphql(tag = "for all")]
    async fn revision(&self) -> i32 {
        int(self.message.revision)
    }

    /// The message.
    #[graphql(tag = "for all")]
    async fn message(&self) -> Message {
        Message::new(self.eyes, Arc::clone(&self.message)).at(self.message.revision)
    }
}

/// What was last done to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "message::ChangeKind")]
pub enum MessageChange {
    /// It says something else.
    Edited,
    /// Only its place is left.
    Deleted,
    /// Somebody has begun to react to it, or has ceased to.
    Reacted,
    /// It was pinned, or is pinned no more.
    Pinned,
}

/// A message was changed.
pub struct MessageChanged {
    eyes: Eyes,
    message: Arc<message::Message>,
    is_replay: bool,
}

/// A message was changed. May bring a message not seen before: keep, by id, the one of the higher revision.
#[Object]
impl MessageChanged {
    /// When it was changed.
    #[graphql(tag = "for all")]
    async fn at(&self) -> DateTime {
        self.message.changed_at().into()
    }

    /// Where. Its `revision` is this event's.
    #[graphql(tag = "for all")]
    async fn conversation(&self) -> Conversation {
        Conversation::at(self.eyes, self.message.conversation, Some(self.message.revision))
    }

    /// Up to where the client now has everything of this conversation.
    #[graphql(tag = "for all")]
    async fn revision(&self) -> i32 {
        int(self.message.revision)
    }

    /// The latest change; null in a replay.
    #[graphql(tag = "for all")]
    async fn change(&self) -> Option<MessageChange> {
        if self.is_replay { None } else { self.message.latest_change().map(Into::into) }
    }

    /// The message as it now is.
    #[graphql(tag = "for all")]
    async fn message(&self) -> Message {
        Message::new(self.eyes, Arc::clone(&self.message)).at(self.message.revision)
    }
}

/// Somebody shows themselves otherwise.
pub struct UserChanged {
    eyes: Eyes,
    user: UserId,
    at: Timestamp,
}

/// The profile of the viewer or of someone who shares a conversation with them, or the viewer's block of someone, has
/// changed.
#[Object]
impl UserChanged {
    /// When that was found.
    #[graphql(tag = "for all")]
    async fn at(&self) -> DateTime {
        self.at.into()
    }

    /// The person as they now are.
    #[graphql(tag = "for all")]
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        User::load(ctx, self.eyes, self.user).await
    }
}

/// A conversation shows itself otherwise, or others are in it.
pub struct ConversationChanged {
    eyes: Eyes,
    place: Place,
}

/// A conversation's name, picture or members have changed: take them, and the counts, from `conversation` here.
#[Object]
impl ConversationChanged {
    /// When that was found.
    #[graphql(tag = "for viewer")]
    async fn at(&self) -> DateTime {
        self.place.at.into()
    }

    /// Which. Its `revision` is up to where the client has everything of it.
    #[graphql(tag = "for viewer")]
    async fn conversation(&self) -> Conversation {
        Conversation::at(self.eyes, self.place.conversation, Some(self.place.position))
    }
}

/// The viewer has come into a conversation, is something else there, or is out of it.
pub struct MembershipChanged {
    at: DateTime,
    conversation_id: ID,
    /// In whose eyes, and where the client stands in it; `None` where the viewer is out of it.
    now: Option<(Eyes, domain::Member, Revision)>,
}

impl MembershipChanged {
    fn some(eyes: Eyes, member: domain::Member, position: Revision, at: Timestamp) -> Self {
        Self { at: at.into(), conversation_id: member.conversation.into(), now: Some((eyes, member, position)) }
    }

    fn none(conversation_id: ID, at: Timestamp) -> Self {
        Self { at: at.into(), conversation_id, now: None }
    }
}

/// The viewer was added to a conversation or has joined it, and all of it follows; was invited; has a new role or mute; or
/// is out of it.
#[Object]
impl MembershipChanged {
    /// When that was found.
    #[graphql(tag = "for viewer")]
    async fn at(&self) -> DateTime {
        self.at
    }

    /// Which conversation.
    #[graphql(tag = "for viewer")]
    async fn conversation_id(&self) -> &ID {
        &self.conversation_id
    }

    /// The conversation; null for one that the viewer is out of.
    #[graphql(tag = "for viewer")]
    async fn conversation(&self) -> Option<Conversation> {
        let (eyes, member, position) = self.now.as_ref()?;
        Some(Conversation::at(*eyes, member.conversation, Some(*position)))
    }

    /// The viewer's membership.
    #[graphql(tag = "for viewer")]
    async fn membership(&self) -> Option<Member> {
        let (eyes, member, _) = self.now.as_ref()?;
        Some(Member::new(*eyes, member.clone()))
    }
}

/// The client has all of a conversation.
pub struct Synced {
    eyes: Eyes,
    place: Place,
}

/// The client now has all of this conversation up to `revision`, and what follows is live; marks, members and counts are
/// to be taken from `conversation` here.
#[Object]
impl Synced {
    /// When.
    #[graphql(tag = "for viewer")]
    async fn at(&self) -> DateTime {
        self.place.at.into()
    }

    /// Which. Its `revision` is this event's.
    #[graphql(tag = "for viewer")]
    async fn conversation(&self) -> Conversation {
        Conversation::at(self.eyes, self.place.conversation, Some(self.place.position))
    }

    /// Up to where.
    #[graphql(tag = "for viewer")]
    async fn revision(&self) -> i32 {
        int(self.place.position)
    }
}

/// The client is to fetch a conversation anew.
pub struct ResyncNeeded {
    eyes: Eyes,
    place: Place,
}

/// More was missed than the server replays, or the client stands where the log has not come to: fetch the conversation
/// anew and go on from `revision`. It comes in place of Synced, and what follows is live.
#[Object]
impl ResyncNeeded {
    /// When.
    #[graphql(tag = "for viewer")]
    async fn at(&self) -> DateTime {
        self.place.at.into()
    }

    /// Which. Its `revision` is this event's.
    #[graphql(tag = "for viewer")]
    async fn conversation(&self) -> Conversation {
        Conversation::at(self.eyes, self.place.conversation, Some(self.place.position))
    }

    /// From where it goes on.
    #[graphql(tag = "for viewer")]
    async fn revision(&self) -> i32 {
        int(self.place.position)
    }
}

/// The token that opened this socket runs out.
pub struct SessionExpiring {
    at: DateTime,
    expires_at: DateTime,
}

/// The token that opened this socket runs out at `expiresAt`; then the server closes with 4403 and the client connects
/// again with a new one.
#[Object]
impl SessionExpiring {
    /// When this was said.
    #[graphql(tag = "for viewer")]
    async fn at(&self) -> DateTime {
        self.at
    }

    /// When the token runs out.
    #[graphql(tag = "for viewer")]
    async fn expires_at(&self) -> DateTime {
        self.expires_at
    }
}

/// Kinds of events to choose among.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "feed::EventKind")]
pub enum EventKind {
    /// MessageAdded and MessageChanged.
    Message,
    /// ReceiptChanged.
    Receipt,
    /// TypingChanged.
    Typing,
    /// PresenceChanged.
    Presence,
    /// UserChanged.
    User,
    /// ConversationChanged.
    Conversation,
    /// MembershipChanged.
    Membership,
    /// NotificationAdded and NotificationsSeen.
    Notification,
}

/// Hearing all that happens.
#[derive(Default)]
pub struct EventSubscription;

#[Subscription]
impl EventSubscription {
    /// Everything that happens where the viewer is a member, each conversation in the order of its revisions.
    ///
    /// With `after`, what the client has missed comes first, each change once, and then a Synced for each
    /// conversation; one that the list leaves out is announced by MembershipChanged and replayed from 0; a listed
    /// one that the viewer may no longer see gives MembershipChanged with `conversation` null. Without `after` all
    /// start from now. The same list may be given as `after` in the payload of connection_init, which a
    /// reconnecting client can renew; of the two positions the later holds. Synced, ResyncNeeded and
    /// SessionExpiring come whatever `only` says.
    async fn events(
        &self,
        ctx: &Context<'_>,
        after: Option<Vec<PositionInput>>,
        conversation_ids: Option<Vec<ID>>,
        only: Option<Vec<EventKind>>,
    ) -> Result<impl Stream<Item = Result<Event>>> {
        let standing = ctx.data_opt::<Arc<Standing>>();
        let begin = async {
            let viewer = ctx.viewer()?;
            let mut positions = Positions::of(after, ctx.data_opt())?;
            let stand = standing.map(|standing| standing.resume_events(&mut positions));
            let conversations = match conversation_ids {
                Some(ids) => Some(conversations(&ids, positions.as_mut())?),
                None => None,
            };
            let unknown = positions.as_mut().map(|positions| std::mem::take(&mut positions.unknown));
            let wanted = Wanted {
                after: positions.map(|positions| positions.known),
                conversations,
                kinds: only.map(|kinds| kinds.into_iter().map(Into::into).collect()),
                stand,
            };
            let at = ctx.chat().clock().now();
            let unknown = unknown.filter(|_| wanted.holds_kind(feed::EventKind::Membership)).unwrap_or_default();
            let never_there = stream::iter(unknown).map(move |id| Ok(feed::Event::NeverThere { id, at }));
            let end = ctx.data_opt::<Arc<SocketEnd>>().map(|end| end.follow());
            let expiry = end.unwrap_or_else(|| watch::Sender::new(viewer.expires_at).subscribe());
            let events = ctx.feed().events(&viewer, wanted, expiry).await?;
            if let Some(standing) = standing {
                standing.has_begun();
            }
            Ok((viewer, never_there.chain(events)))
        };
        told(ctx, begin, |eyes, event| Some(Event::new(eyes, event))).await
    }
}
