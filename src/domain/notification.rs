//! Notifications: what concerns one person of what happens, and how it follows from what stands in a log.

use super::clock::Timestamp;
use super::conversation::{Member, MembershipState, Pair};
use super::ids::{ConversationId, MessageId, NotificationId, UserId};
use super::message::{Message, Reaction, Revision};
use super::notice::NoticeKind;
use super::page::Cursor;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Why a person is notified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotificationKind {
    /// Somebody wrote to them alone.
    DirectMessage,
    /// A message mentions them.
    Mention,
    /// A message answers one of theirs.
    Reply,
    /// Somebody reacted to a message of theirs.
    Reaction,
    /// They were invited to a group.
    Invitation,
    /// The operator tells them something.
    Announcement,
}

impl NotificationKind {
    const ALL: [Self; 6] =
        [Self::DirectMessage, Self::Mention, Self::Reply, Self::Reaction, Self::Invitation, Self::Announcement];

    /// Its name in the stores and in GraphQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DirectMessage => "DIRECT_MESSAGE",
            Self::Mention => "MENTION",
            Self::Reply => "REPLY",
            Self::Reaction => "REACTION",
            Self::Invitation => "INVITATION",
            Self::Announcement => "ANNOUNCEMENT",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it reaches one who is this in the conversation that it comes from. Muted, a conversation gives none but
    /// mentions; and who has answered an invitation need not hear of it.
    pub fn reaches(self, member: &Member) -> bool {
        let state = if self == Self::Invitation { MembershipState::Invited } else { MembershipState::Joined };
        member.state == state && (!member.is_muted || self == Self::Mention)
    }
}

/// Counts what becomes of one person's notifications, in the SQL database: those that are made, and each time that some
/// are seen or go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NotificationsVersion(pub i64);

/// A notification's place among a person's: the version that it has made. The latest come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NotificationPlace(pub NotificationsVersion);

impl Cursor for NotificationPlace {
    const KIND: &str = "notification";

    fn to_text(&self) -> String {
        self.0.0.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().map(|version| Self(NotificationsVersion(version)))
    }
}

/// By what a notification is known again when it is made again: a person gets one for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause(String);

impl Cause {
    /// That a message was sent, whatever it is to the person.
    pub fn message(message: MessageId) -> Self {
        Self(message.to_string())
    }

    /// That somebody reacts to a message, with however many emoji.
    pub fn reaction(message: MessageId, by: UserId) -> Self {
        Self(format!("{message} {by}"))
    }

    /// That the operator has said this.
    pub fn announcement(id: &str) -> Self {
        Self(format!("announcement {id}"))
    }

    /// As the stores keep it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// That a notification is to be posted to where the operator wants it, unless it is seen by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushPlan {
    /// When this was found.
    pub made_at: Timestamp,
    /// Not before.
    pub due_at: Timestamp,
}

/// A notification to be made, unless the person has one for the same cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotification {
    /// Whose.
    pub user: UserId,
    /// Why.
    pub kind: NotificationKind,
    /// By what it is known again.
    pub cause: Cause,
    /// Who has done it.
    pub actor: Option<UserId>,
    /// Where.
    pub conversation: Option<ConversationId>,
    /// What it is about.
    pub message: Option<MessageId>,
    /// Seen once the person has read up to here.
    pub seq: Option<Revision>,
    /// What it says, where no message does.
    pub text: Option<String>,
    /// When that happened.
    pub at: Timestamp,
    /// Whether and when it is to be posted.
    pub push: Option<PushPlan>,
}

/// A notification, as its person has it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Unique in the whole server.
    pub id: NotificationId,
    /// Whose.
    pub user: UserId,
    /// Where it stands among the person's.
    pub place: NotificationPlace,
    /// Why.
    pub kind: NotificationKind,
    /// Who has done it; `None` where that is the operator.
    pub actor: Option<UserId>,
    /// Where.
    pub conversation: Option<ConversationId>,
    /// What it is about.
    pub message: Option<MessageId>,
    /// What it says, where no message does.
    pub text: Option<String>,
    /// When that happened.
    pub created_at: Timestamp,
    /// When the person marked it as seen; or when their read mark, which has passed it, last moved.
    pub seen_at: Option<Timestamp>,
}

/// What of a log is needed to know whom a message of it concerns.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Up to where that is known already.
    pub after: Revision,
    /// The two people of a direct conversation.
    pub pair: Option<Pair>,
    /// The authors of the messages that are answered.
    pub authors: HashMap<MessageId, UserId>,
    /// The reactions that have come after that.
    pub reactions: Vec<Reaction>,
}

impl Context {
    /// Whom that message concerns, as it now is, and why: each person once, and never who has done it. Whether they are
    /// to hear of it is another question.
    pub fn concerned(&self, message: &Message) -> Vec<NewNotification> {
        if message.deleted_at.is_some() {
            return Vec::new();
        }
        let born = if message.seq > self.after { self.by_birth(message) } else { Vec::new() };
        born.into_iter().chain(self.by_reactions(message)).collect()
    }

    fn by_birth(&self, message: &Message) -> Vec<NewNotification> {
        let (actor, kinds) = match &message.notice {
            Some(notice) => match (notice.kind, notice.actor, notice.subject) {
                (NoticeKind::MemberInvited, Some(actor), Some(subject)) => {
                    (actor, BTreeMap::from([(subject, NotificationKind::Invitation)]))
                }
                _ => return Vec::new(),
            },
            None => (message.author, self.addressed(message)),
        };
        let others = kinds.into_iter().filter(|(user, _)| *user != actor);
        let notification = |(user, kind)| NewNotification {
            user,
            kind,
            cause: Cause::message(message.id),
            actor: Some(actor),
            conversation: Some(message.conversation),
            message: Some(message.id),
            seq: Some(message.seq),
            text: None,
            at: message.created_at,
            push: None,
        };
        others.map(notification).collect()
    }

    /// To whom a person's message is said: what it is to somebody in several ways, it is in the last of these.
    fn addressed(&self, message: &Message) -> BTreeMap<UserId, NotificationKind> {
        let peer = self.pair.and_then(|pair| pair.other(message.author));
        let answered = message.reply_to.and_then(|id| self.authors.get(&id).copied());
        let answered = answered.filter(|author| *author != UserId::SYSTEM);
        let direct = peer.map(|user| (user, NotificationKind::DirectMessage)).into_iter();
        let reply = answered.map(|user| (user, NotificationKind::Reply));
        let mentions = message.extras.mentions.iter().map(|user| (*user, NotificationKind::Mention));
        direct.chain(reply).chain(mentions).collect()
    }

    /// The reactions to a message stand above it: the read mark of its author, which had passed the message, has not
    /// passed them.
    fn by_reactions(&self, message: &Message) -> Vec<NewNotification> {
        if message.author == UserId::SYSTEM {
            return Vec::new();
        }
        let theirs = |reaction: &&Reaction| reaction.message == message.id && reaction.user != message.author;
        let by: std::collections::BTreeSet<UserId> =
            self.reactions.iter().filter(theirs).map(|reaction| reaction.user).collect();
        let notification = |by| NewNotification {
            user: message.author,
            kind: NotificationKind::Reaction,
            cause: Cause::reaction(message.id, by),
            actor: Some(by),
            conversation: Some(message.conversation),
            message: Some(message.id),
            seq: Some(message.revision),
            text: None,
            at: message.changed_at(),
            push: None,
        };
        by.into_iter().map(notification).collect()
    }
}
