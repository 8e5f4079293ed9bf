//! Who may do what: one table, in which every operation on a conversation and every field of one that is not for all has
//! a row. What stands in it holds for queries, mutations and subscriptions alike.

use super::Chat;
use crate::domain::clock::Timestamp;
use crate::domain::conversation::{Between, Conversation, Member, Role};
use crate::domain::group::Visibility;
use crate::domain::ids::{ConversationId, MessageId, SessionId, UserId};
use crate::domain::message::Message;
use crate::error::{Code, Error, Result};
use crate::store::conversations::Admission;

/// The signed-in person on whose behalf something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Viewer {
    /// Who.
    pub user: UserId,
    /// By which sign-in; none for one who came with a trusted issuer's token.
    pub session: Option<SessionId>,
    /// When the token that says so runs out.
    pub expires_at: Timestamp,
}

/// What a person is to a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Has joined the group, as its owner.
    Owner,
    /// Has joined it, as an admin.
    Admin,
    /// Has joined it.
    Member,
    /// One of the two in a direct conversation.
    Peer,
    /// The same, where either of the two blocks the other.
    Blocked,
    /// The one who is left in a direct conversation, since the other's account is gone.
    Alone,
    /// Was invited to the group, and has not answered.
    Invited,
    /// Has nothing to do with the group, which is public.
    Visitor,
    /// Has nothing to do with it.
    Stranger,
}

impl Standing {
    /// All, in the order of the table's columns.
    pub const ALL: [Self; 9] = [
        Self::Owner,
        Self::Admin,
        Self::Member,
        Self::Peer,
        Self::Blocked,
        Self::Alone,
        Self::Invited,
        Self::Visitor,
        Self::Stranger,
    ];

    /// What the one with that membership, if any, is to the conversation. Whether the two of a direct one are apart is
    /// known only at an [`Admission`].
    pub fn of(conversation: &Conversation, member: Option<&Member>) -> Self {
        match (&conversation.between, member) {
            (Between::Pair(_), Some(_)) if conversation.member_count < 2 => Self::Alone,
            (Between::Pair(_), Some(_)) => Self::Peer,
            (Between::Pair(_), None) => Self::Stranger,
            (Between::Group(_), Some(member)) if !member.has_joined() => Self::Invited,
            (Between::Group(_), Some(member)) => match member.role {
                Role::Owner => Self::Owner,
                Role::Admin => Self::Admin,
                Role::Member => Self::Member,
            },
            (Between::Group(face), None) => match face.visibility {
                Visibility::Public => Self::Visitor,
                Visibility::Private => Self::Stranger,
            },
        }
    }

    /// What becomes of it where this person does that.
    pub const fn verdict(self, act: Act) -> Verdict {
        let [owner, admin, member, peer, blocked, alone, invited, visitor, stranger] = act.row();
        match self {
            Self::Owner => owner,
            Self::Admin => admin,
            Self::Member => member,
            Self::Peer => peer,
            Self::Blocked => blocked,
            Self::Alone => alone,
            Self::Invited => invited,
            Self::Visitor => visitor,
            Self::Stranger => stranger,
        }
    }

    /// Goes well where this person may do that; otherwise `NOT_FOUND`, `NOT_ALLOWED` or `BLOCKED` on `conversationId`.
    pub fn may(self, act: Act) -> Result<()> {
        match self.verdict(act) {
            Verdict::Granted | Verdict::Empty => Ok(()),
            Verdict::NotFound => Err(no_such_conversation()),
            Verdict::NotAllowed => {
                let peer = matches!(Self::Peer.verdict(act), Verdict::Granted);
                let is_for_two = self == Self::Alone && peer;
                let message = if is_for_two { "the other person's account is gone" } else { act.reserved_for() };
                Err(Error::new(Code::NotAllowed, message).within("conversationId"))
            }
            Verdict::Blocked => Err(apart("conversationId")),
        }
    }

    /// Whether this person is shown what that field holds.
    pub const fn sees(self, act: Act) -> bool {
        matches!(self.verdict(act), Verdict::Granted)
    }
}

/// What comes of it where somebody does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is done, or shown.
    Granted,
    /// There is nothing to see: an empty list, `null`, 0.
    Empty,
    /// `NOT_ALLOWED`: the person sees the conversation, and may not do this.
    NotAllowed,
    /// `BLOCKED`.
    Blocked,
    /// There is no such conversation, or no such message: `null` where it is looked up, else `NOT_FOUND`.
    NotFound,
}

/// What may be done with a conversation, or seen of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// See that it is there, how it shows itself, and how many are in it.
    SeeFace,
    /// See who is in it and who is invited.
    SeeMembers,
    /// See one's own membership.
    SeeOwnMembership,
    /// Read its messages.
    ReadMessages,
    /// See who is typing.
    SeeTyping,
    /// Hear what happens in it.
    Hear,
    /// Send a message.
    Send,
    /// Give one's own message other words.
    EditOwn,
    /// Delete one's own message.
    DeleteOwn,
    /// Delete somebody else's message.
    DeleteOthers,
    /// React to a message.
    React,
    /// Pin a message, or unpin it.
    Pin,
    /// Report a message to the moderators.
    Report,
    /// Move one's own marks.
    Mark,
    /// Say that one is typing.
    Type,
    /// Mute it for oneself.
    Mute,
    /// Come in, where one has not.
    Join,
    /// Go out, or decline an invitation.
    Leave,
    /// Let others in.
    AddMembers,
    /// Invite others.
    InviteMembers,
    /// Take out others, of a lower role than one's own.
    RemoveMember,
    /// Give others their roles.
    SetRole,
    /// Change how it shows itself.
    Update,
    /// Delete it.
    Delete,
}

impl Act {
    /// All of them, in the order of the table's rows.
    pub const ALL: [Self; 24] = [
        Self::SeeFace,
        Self::SeeMembers,
        Self::SeeOwnMembership,
        Self::ReadMessages,
        Self::SeeTyping,
        Self::Hear,
        Self::Send,
        Self::EditOwn,
        Self::DeleteOwn,
        Self::DeleteOthers,
        Self::React,
        Self::Pin,
        Self::Report,
        Self::Mark,
        Self::Type,
        Self::Mute,
        Self::Join,
        Self::Leave,
        Self::AddMembers,
        Self::InviteMembers,
        Self::RemoveMember,
        Self::SetRole,
        Self::Update,
        Self::Delete,
    ];

    /// The table: a verdict for each [`Standing`], in the order of [`Standing::ALL`].
    #[rustfmt::skip]
    #[expect(clippy::match_same_arms, reason = "a table has a row for each")]
    const fn row(self) -> [Verdict; 9] {
        use Verdict::{Blocked as B, Empty as E, Granted as G, NotAllowed as N, NotFound as F};
        match self {
            //                        owner admin member peer blocked alone invited visitor stranger
            Self::SeeFace          => [G,    G,    G,     G,   G,      G,    G,      G,      F],
            Self::SeeMembers       => [G,    G,    G,     G,   G,      G,    G,      E,      F],
            Self::SeeOwnMembership => [G,    G,    G,     G,   G,      G,    G,      E,      F],
            Self::ReadMessages     => [G,    G,    G,     G,   G,      G,    E,      E,      F],
            Self::SeeTyping        => [G,    G,    G,     G,   G,      E,    E,      E,      F],
            Self::Hear             => [G,    G,    G,     G,   G,      G,    N,      N,      F],
            Self::Send             => [G,    G,    G,     G,   B,      N,    N,      N,      F],
            Self::EditOwn          => [G,    G,    G,     G,   B,      N,    F,      F,      F],
            Self::DeleteOwn        => [G,    G,    G,     G,   G,      G,    F,      F,      F],
            Self::DeleteOthers     => [G,    G,    N,     N,   N,      N,    F,      F,      F],
            Self::React            => [G,    G,    G,     G,   B,      N,    F,      F,      F],
            Self::Pin              => [G,    G,    N,     G,   B,      N,    F,      F,      F],
            Self::Report           => [G,    G,    G,     G,   G,      G,    F,      F,      F],
            Self::Mark             => [G,    G,    G,     G,   G,      G,    N,      N,      F],
            Self::Type             => [G,    G,    G,     G,   B,      N,    N,      N,      F],
            Self::Mute             => [G,    G,    G,     G,   G,      G,    G,      N,      F],
            Self::Join             => [G,    G,    G,     G,   G,      G,    G,      G,      F],
            Self::Leave            => [G,    G,    G,     N,   N,      N,    G,      G,      F],
            Self::AddMembers       => [G,    G,    N,     N,   N,      N,    N,      N,      F],
            Self::InviteMembers    => [G,    G,    N,     N,   N,      N,    N,      N,      F],
            Self::RemoveMember     => [G,    G,    N,     N,   N,      N,    N,      N,      F],
            Self::SetRole          => [G,    N,    N,     N,   N,      N,    N,      N,      F],
            Self::Update           => [G,    G,    N,     N,   N,      N,    N,      N,      F],
            Self::Delete           => [G,    N,    N,     N,   N,      N,    N,      N,      F],
        }
    }

    /// Where clients do it or see it: `Type.field`, of the schema.
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::SeeFace => &[
                "Query.conversation",
                "Conversation.id",
                "Conversation.kind",
                "Conversation.visibility",
                "Conversation.title",
                "Conversation.name",
                "Conversation.description",
                "Conversation.avatarUrl",
                "Conversation.peer",
                "Conversation.createdBy",
                "Conversation.createdAt",
                "Conversation.revision",
                "Conversation.memberCount",
                "Conversation.onlineMemberCount",
            ],
            Self::SeeMembers => &["Conversation.members"],
            Self::SeeOwnMembership => &["Conversation.viewerMembership"],
            Self::ReadMessages => &[
                "Query.history",
                "Query.searchMessages",
                "Conversation.messages",
                "Conversation.pinnedMessages",
                "Conversation.lastMessage",
                "Conversation.unreadCount",
            ],
            Self::SeeTyping => &["Conversation.typing"],
            Self::Hear => &["Subscription.messageAdded", "Subscription.receiptChanged", "Subscription.typingChanged"],
            Self::Send => &["Mutation.sendMessage"],
            Self::EditOwn => &["Mutation.editMessage"],
            Self::DeleteOwn | Self::DeleteOthers => &["Mutation.deleteMessage"],
            Self::React => &["Mutation.setReaction"],
            Self::Pin => &["Mutation.setPinned"],
            Self::Report => &["Mutation.reportMessage"],
            Self::Mark => &["Mutation.markRead", "Mutation.markDelivered"],
            Self::Type => &["Mutation.setTyping"],
            Self::Mute => &["Mutation.setMuted"],
            Self::Join => &["Mutation.joinConversation"],
            Self::Leave => &["Mutation.leaveConversation"],
            Self::AddMembers => &["Mutation.addMembers"],
            Self::InviteMembers => &["Mutation.inviteMembers"],
            Self::RemoveMember => &["Mutation.removeMember"],
            Self::SetRole => &["Mutation.setRole"],
            Self::Update => &["Mutation.updateConversation"],
            Self::Delete => &["Mutation.deleteConversation"],
        }
    }

    /// What one is told who may not do it.
    const fn reserved_for(self) -> &'static str {
        let [owner, admin, member, peer, ..] = self.row();
        match (owner, admin, member, peer) {
            (_, _, Verdict::Granted, Verdict::Granted) => "only those who have joined the conversation may do this",
            (_, _, Verdict::Granted, _) => "this can be done in a group alone",
            (_, Verdict::Granted, ..) => "only the owner and the admins of a group may do this",
            _ => "only the owner of a group may do this",
        }
    }
}

impl Admission {
    /// What the person is to the conversation.
    pub fn standing(&self) -> Standing {
        match Standing::of(&self.conversation, self.member.as_ref()) {
            Standing::Peer if self.is_blocked => Standing::Blocked,
            standing => standing,
        }
    }
}

impl Chat {
    /// Lets the viewer do that in a conversation; otherwise fails as [`Standing::may`] says. What is answered is of the
    /// moment at which the viewer was found to be allowed to.
    pub(super) async fn permit(&self, viewer: &Viewer, conversation: ConversationId, act: Act) -> Result<Admission> {
        let admission = self.conversations.admission(conversation, viewer.user).await?;
        let admission = admission.ok_or_else(no_such_conversation)?;
        admission.standing().may(act)?;
        Ok(admission)
    }

    /// Whether the viewer may do that in a conversation; fails as [`Standing::may`] says where not.
    pub async fn may(&self, viewer: &Viewer, conversation: ConversationId, act: Act) -> Result<()> {
        self.permit(viewer, conversation, act).await.map(drop)
    }

    /// Finds a message that the viewer may read, with what the viewer is to its conversation; otherwise `NOT_FOUND` on
    /// `messageId`.
    pub(super) async fn admit_to_message(&self, viewer: &Viewer, id: MessageId) -> Result<(Admission, Message)> {
        let message = self.log().find(&[id]).await?.pop().ok_or_else(no_such_message)?;
        let admission = self.conversations.admission(message.conversation, viewer.user).await?;
        let admission = admission.filter(|admission| admission.standing().sees(Act::ReadMessages));
        Ok((admission.ok_or_else(no_such_message)?, message))
    }
}

/// The answer for a conversation that is not there, and for one that the viewer may not see.
pub fn no_such_conversation() -> Error {
    Error::not_found("conversationId", "there is no such conversation")
}

/// The answer where one of two people has blocked the other.
pub(super) fn apart(field: &'static str) -> Error {
    Error::new(Code::Blocked, "one of the two has blocked the other").within(field)
}

/// The answer for a message that is not there, and for one that the viewer may not see.
pub(super) fn no_such_message() -> Error {
    Error::not_found("messageId", "there is no such message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_asks_for_is_not_there() {
        for act in Act::ALL {
            assert_eq!(Standing::Stranger.verdict(act), Verdict::NotFound, "{act:?}");
        }
    }

    #[test]
    fn an_owner_may_all_that_an_admin_may_and_an_admin_all_that_a_member_may() {
        let may = |standing: Standing, act| standing.verdict(act) == Verdict::Granted;
        for act in Act::ALL {
            assert!(may(Standing::Owner, act) || !may(Standing::Admin, act), "{act:?}");
            assert!(may(Standing::Admin, act) || !may(Standing::Member, act), "{act:?}");
        }
    }
}
