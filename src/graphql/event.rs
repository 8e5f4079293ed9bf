//! All that happens where the viewer is a member, in one subscription.

use super::caller::ContextExt as _;
use super::connection::ConnectionInit;
use super::conversation::Conversation;
use super::errors::Result;
use super::member::Member;
use super::message::Message;
use super::receipt::ReceiptChanged;
use super::scalars::{DateTime, int, lookup, named, revision};
use super::typing::TypingChanged;
use crate::chat::Viewer;
use crate::domain::clock::Timestamp;
use crate::domain::conversation as domain;
use crate::domain::ids::ConversationId;
use crate::domain::message::{self, Revision};
use crate::domain::rules::{MAX_IDS, MAX_POSITIONS};
use crate::error::Error;
use crate::feed::{self, Place, Wanted};
use async_graphql::{Context, Enum, ID, InputObject, Interface, Object, Subscription};
use futures_util::stream::{self, Stream, StreamExt as _};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

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
    /// The viewer has come into a conversation, or is out of one.
    MembershipChanged(MembershipChanged),
    /// The client has all.
    Synced(Synced),
    /// The client is to fetch a conversation anew.
    ResyncNeeded(ResyncNeeded),
    /// The token runs out.
    SessionExpiring(SessionExpiring),
}

impl Event {
    fn new(viewer: &Viewer, event: feed::Event) -> Self {
        match event {
            feed::Event::Message { message, .. } if message.revision == message.seq => {
                Self::MessageAdded(MessageAdded { viewer: *viewer, message })
            }
            feed::Event::Message { message, is_replay } => {
                Self::MessageChanged(MessageChanged { viewer: *viewer, message, is_replay })
            }
            feed::Event::Receipt { receipt, position } => {
                Self::ReceiptChanged(ReceiptChanged::new(viewer, receipt, Some(position)))
            }
            feed::Event::Typing { change, position } => {
                Self::TypingChanged(TypingChanged::new(viewer, change, Some(position)))
            }
            feed::Event::Joined(member) => Self::MembershipChanged(MembershipChanged::joined(viewer, member)),
            feed::Event::Left { conversation, at } => {
                Self::MembershipChanged(MembershipChanged::none(conversation.into(), at))
            }
            feed::Event::Synced(place) => Self::Synced(Synced { viewer: *viewer, place }),
            feed::Event::ResyncNeeded(place) => Self::ResyncNeeded(ResyncNeeded { viewer: *viewer, place }),
            feed::Event::SessionExpiring { expires_at, at } => {
                Self::SessionExpiring(SessionExpiring { at: at.into(), expires_at: expires_at.into() })
            }
        }
    }
}

/// A message was sent.
pub struct MessageAdded {
    viewer: Viewer,
    message: Arc<message::Message>,
}

/// A message was sent, and stands as it was sent.
#[Object]
impl MessageAdded {
    /// When it was sent.
    async fn at(&self) -> DateTime {
        self.message.created_at.into()
    }

    /// Where. Its `revision` is this event's.
    async fn conversation(&self) -> Conversation {
        Conversation::at(&self.viewer, self.message.conversation, Some(self.message.revision))
    }

    /// Up to where the client now has everything of this conversation.
    async fn revision(&self) -> i32 {
        int(self.message.revision)
    }

    /// The message.
    async fn message(&self) -> Message {
        Message::new(&self.viewer, Arc::clone(&self.message)).at(self.message.revision)
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
}

/// A message was changed.
pub struct MessageChanged {
    viewer: Viewer,
    message: Arc<message::Message>,
    is_replay: bool,
}

/// A message was changed. May bring a message not seen before: keep, by id, the one of the higher revision.
#[Object]
impl MessageChanged {
    /// When it was changed.
    async fn at(&self) -> DateTime {
        self.message.changed_at().into()
    }

    /// Where. Its `revision` is this event's.
    async fn conversation(&self) -> Conversation {
        Conversation::at(&self.viewer, self.message.conversation, Some(self.message.revision))
    }

    /// Up to where the client now has everything of this conversation.
    async fn revision(&self) -> i32 {
        int(self.message.revision)
    }

    /// The latest change; null in a replay.
    async fn change(&self) -> Option<MessageChange> {
        if self.is_replay { None } else { self.message.latest_change().map(Into::into) }
    }

    /// The message as it now is.
    async fn message(&self) -> Message {
        Message::new(&self.viewer, Arc::clone(&self.message)).at(self.message.revision)
    }
}

/// The viewer has come into a conversation, or is out of one.
pub struct MembershipChanged {
    viewer: Option<Viewer>,
    at: DateTime,
    conversation_id: ID,
    member: Option<domain::Member>,
}

impl MembershipChanged {
    fn joined(viewer: &Viewer, member: domain::Member) -> Self {
        Self {
            viewer: Some(*viewer),
            at: member.joined_at.into(),
            conversation_id: member.conversation.into(),
            member: Some(member),
        }
    }

    fn none(conversation_id: ID, at: Timestamp) -> Self {
        Self { viewer: None, at: at.into(), conversation_id, member: None }
    }
}

/// The viewer has come into a conversation, all of which follows; or is out of one.
#[Object]
impl MembershipChanged {
    /// When.
    async fn at(&self) -> DateTime {
        self.at
    }

    /// Which conversation.
    async fn conversation_id(&self) -> &ID {
        &self.conversation_id
    }

    /// The conversation; null for one that the viewer may not see, or may no longer.
    async fn conversation(&self) -> Option<Conversation> {
        let (viewer, member) = self.viewer.as_ref().zip(self.member.as_ref())?;
        // The client has nothing of it yet.
        Some(Conversation::at(viewer, member.conversation, Some(Revision::ZERO)))
    }

    /// The viewer's membership.
    async fn membership(&self) -> Option<Member> {
        let (viewer, member) = self.viewer.as_ref().zip(self.member.as_ref())?;
        Some(Member::new(viewer, member.clone()))
    }
}

/// The client has all of a conversation.
pub struct Synced {
    viewer: Viewer,
    place: Place,
}

/// The client now has all of this conversation up to `revision`, and what follows is live; marks, members and counts are
/// to be taken from `conversation` here.
#[Object]
impl Synced {
    /// When.
    async fn at(&self) -> DateTime {
        self.place.at.into()
    }

    /// Which. Its `revision` is this event's.
    async fn conversation(&self) -> Conversation {
        Conversation::at(&self.viewer, self.place.conversation, Some(self.place.position))
    }

    /// Up to where.
    async fn revision(&self) -> i32 {
        int(self.place.position)
    }
}

/// The client is to fetch a conversation anew.
pub struct ResyncNeeded {
    viewer: Viewer,
    place: Place,
}

/// More was missed than the server replays, or the client stands where the log has not come to: fetch the conversation
/// anew and go on from `revision`. It comes in place of Synced, and what follows is live.
#[Object]
impl ResyncNeeded {
    /// When.
    async fn at(&self) -> DateTime {
        self.place.at.into()
    }

    /// Which. Its `revision` is this event's.
    async fn conversation(&self) -> Conversation {
        Conversation::at(&self.viewer, self.place.conversation, Some(self.place.position))
    }

    /// From where it goes on.
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
    async fn at(&self) -> DateTime {
        self.at
    }

    /// When the token runs out.
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
    /// MembershipChanged.
    Membership,
}

/// Where a client stands in a conversation: the highest revision it has taken in.
#[derive(Deserialize, InputObject)]
#[serde(rename_all = "camelCase")]
pub struct PositionInput {
    /// Which conversation.
    #[serde(deserialize_with = "id")]
    conversation_id: ID,
    /// Up to where.
    revision: i32,
}

/// As GraphQL reads ids: a text or an integer.
fn id<'de, D: serde::Deserializer<'de>>(id: D) -> Result<ID, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Number(i64),
    }
    Ok(match Written::deserialize(id)? {
        Written::Text(text) => ID(text),
        Written::Number(number) => ID(number.to_string()),
    })
}

/// What a client knows.
#[derive(Default)]
struct Positions {
    known: HashMap<ConversationId, Revision>,
    /// Malformed ids are those of nothing.
    unknown: BTreeSet<String>,
}

impl Positions {
    /// The positions of the argument and those of the socket's beginning; `None` where there are neither.
    fn of(argument: Option<Vec<PositionInput>>, init: Option<&ConnectionInit>) -> Result<Option<Self>, Error> {
        let from_init = init.map(ConnectionInit::after).transpose()?.flatten();
        if argument.is_none() && from_init.is_none() {
            return Ok(None);
        }
        let mut positions = Self::default();
        positions.add(argument.unwrap_or_default())?;
        positions.add(from_init.unwrap_or_default())?;
        Ok(Some(positions))
    }

    /// Of two positions in one conversation the later holds.
    fn add(&mut self, inputs: Vec<PositionInput>) -> Result<(), Error> {
        at_most("after", MAX_POSITIONS, &inputs)?;
        for input in inputs {
            let position = revision("revision", input.revision).map_err(|error| error.within("after"))?;
            match lookup(&input.conversation_id) {
                Some(conversation) => {
                    let known = self.known.entry(conversation).or_default();
                    *known = position.max(*known);
                }
                None => drop(self.unknown.insert(input.conversation_id.0)),
            }
        }
        Ok(())
    }
}

impl ConnectionInit {
    /// The positions in it: `{"after": [{"conversationId": "…", "revision": 1}]}`.
    fn after(&self) -> Result<Option<Vec<PositionInput>>, Error> {
        let Some(after) = self.payload.get("after") else { return Ok(None) };
        let message = "must be a list of { conversationId, revision } in the payload of connection_init";
        Deserialize::deserialize(after).map_err(|_| Error::invalid("after", message))
    }
}

fn at_most<T>(field: &'static str, limit: usize, list: &[T]) -> Result<(), Error> {
    if list.len() <= limit { Ok(()) } else { Err(Error::invalid(field, format!("may name {limit} at the most"))) }
}

/// The conversations to hear of. One that the client claims to know is said to be gone where it is none; of those, the
/// others are not told.
fn conversations(ids: &[ID], positions: Option<&mut Positions>) -> Result<HashSet<ConversationId>, Error> {
    at_most("conversationIds", MAX_IDS, ids)?;
    let mut unknown = BTreeSet::new();
    let known = positions.as_ref().map(|positions| &positions.unknown);
    let mut conversations = HashSet::new();
    for id in ids {
        if known.is_some_and(|known| known.contains(&id.0)) {
            unknown.insert(id.0.clone());
        } else {
            conversations.insert(named("conversationIds", id)?);
        }
    }
    if let Some(positions) = positions {
        positions.unknown = unknown;
    }
    Ok(conversations)
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
        let viewer = ctx.viewer()?;
        let mut positions = Positions::of(after, ctx.data_opt())?;
        let conversations = match conversation_ids {
            Some(ids) => Some(conversations(&ids, positions.as_mut())?),
            None => None,
        };
        let unknown = positions.as_mut().map(|positions| std::mem::take(&mut positions.unknown)).unwrap_or_default();
        let wanted = Wanted {
            after: positions.map(|positions| positions.known),
            conversations,
            kinds: only.map(|kinds| kinds.into_iter().map(Into::into).collect()),
        };
        let at = ctx.chat().clock().now();
        let unknown = if wanted.holds_kind(feed::EventKind::Membership) { unknown } else { BTreeSet::new() };
        let gone =
            stream::iter(unknown).map(move |id| Ok(Event::MembershipChanged(MembershipChanged::none(ID(id), at))));
        let events = ctx.feed().events(&viewer, wanted).await?;
        Ok(gone.chain(events.map(move |event| Ok(Event::new(&viewer, event?)))))
    }
}
