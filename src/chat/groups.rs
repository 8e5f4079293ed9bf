//! Groups: making them, and who comes in, goes out and has which role there. What is decided is decided of what stands
//! while nobody else can change it.

use super::Chat;
use super::access::{Act, Standing, Viewer, no_such_conversation};
use super::conversations::{ConversationState, no_such_person};
use crate::domain::batch::Head;
use crate::domain::conversation::{ActivityPlace, Conversation, Member, Role};
use crate::domain::event::{MembersChanged, Ring, Topic};
use crate::domain::group::{FaceChange, GroupFace};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::Revision;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::page::{Page, Window};
use crate::error::{Code, Error, Result};
use crate::store::groups::{Ask, Change, Changed, GroupFilter, NewGroup, Scene, Verdict};
use std::collections::HashSet;
use std::sync::Arc;

/// A group to be made.
#[derive(Clone, Debug)]
pub struct GroupDraft {
    /// How it shows itself.
    pub face: GroupFace,
    /// Who is let in at once.
    pub members: Vec<UserId>,
    /// Who is invited.
    pub invited: Vec<UserId>,
}

/// How people come into a group whom somebody else wants there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// They are in.
    Add,
    /// They are asked.
    Invite,
}

impl Chat {
    /// Makes a group, of which the viewer is the owner. `NOT_FOUND` or `BLOCKED` on `memberIds` or `inviteIds` for people
    /// who are not there or are apart from the viewer by a block, `INVALID_INPUT` where they are too many.
    pub async fn create_group(&self, viewer: &Viewer, draft: GroupDraft) -> Result<ConversationState> {
        let members = self.others(viewer, &draft.members, "memberIds").await?;
        let mut invited = self.others(viewer, &draft.invited, "inviteIds").await?;
        invited.retain(|user| !members.contains(user));
        let people = 1 + members.len() + invited.len();
        self.check_size(people, || Error::invalid("memberIds", self.too_many()))?;
        let (now, owner) = (self.clock.now(), viewer.user);
        let id = ConversationId::new(now);
        let mut notices = vec![Notice::by(owner, NoticeKind::ConversationCreated).with_name(draft.face.name.as_str())];
        let mut in_it = vec![Member::joined(id, owner, Role::Owner, now, Revision::ZERO)];
        for user in members {
            let member = Member::joined(id, user, Role::Member, now, Revision::ZERO);
            in_it.push(Member { invited_by: Some(owner), ..member });
            notices.push(Notice::by(owner, NoticeKind::MemberJoined).to(user));
        }
        for user in invited {
            in_it.push(Member::invited(id, user, owner));
            notices.push(Notice::by(owner, NoticeKind::MemberInvited).to(user));
        }
        let people: Vec<_> = in_it.iter().map(|member| member.user).collect();
        let new = NewGroup { id, created_by: owner, created_at: now, face: draft.face, members: in_it, notices };
        let member = new.members.first().cloned();
        let conversation = self.groups.create(&new).await?;
        self.tell_memberships(people);
        match self.pay_and_reach(id).await {
            // It is made: an error would have it made again. What its log tells is on its way.
            Err(error) if error.code() == Code::Unavailable => {
                Ok(ConversationState { conversation, member, head: Ok(Head::default()) })
            }
            reached => self.changed(viewer, id, reached?).await,
        }
    }

    /// Changes how a group shows itself. `NOT_FOUND` or `NOT_ALLOWED` on `conversationId`.
    pub async fn update_conversation(
        &self,
        viewer: &Viewer,
        id: ConversationId,
        change: &FaceChange,
    ) -> Result<ConversationState> {
        let decide = |scene: &Scene| {
            let Some(face) = scene.conversation.face() else { return Ok(Change::default()) };
            let next = face.changed(change);
            if next == *face {
                return Ok(Change::default());
            }
            let mut notice = Notice::by(viewer.user, NoticeKind::ConversationChanged);
            if next.name != face.name {
                notice = notice.with_name(next.name.as_str());
            }
            Ok(Change { face: Some(next), notices: vec![notice], ..Change::default() })
        };
        self.change_group(viewer, id, Act::Update, &[], decide).await
    }

    /// Deletes a group with its messages and memberships. `NOT_FOUND` or `NOT_ALLOWED` on `conversationId`.
    pub async fn delete_conversation(&self, viewer: &Viewer, id: ConversationId) -> Result<()> {
        let ask = Ask { conversation: id, people: vec![viewer.user], heir_of: None };
        let decide = |scene: &Scene| {
            standing(viewer, scene).may(Act::Delete)?;
            Ok(Verdict::Delete)
        };
        self.decide(&ask, &decide).await?.ok_or_else(no_such_conversation)?;
        self.pay(id).await;
        Ok(())
    }

    /// Joins a public group, or accepts an invitation. `NOT_FOUND` on `conversationId`, `NOT_ALLOWED` where it is full.
    pub async fn join_conversation(&self, viewer: &Viewer, id: ConversationId) -> Result<ConversationState> {
        let (now, end) = (self.clock.now(), self.head(id).await?.last_seq);
        let decide = |scene: &Scene| {
            let mine = scene.people.get(&viewer.user);
            if mine.is_some_and(Member::has_joined) {
                return Ok(Change::default());
            }
            if mine.is_none() {
                let full = || Error::new(Code::NotAllowed, "the group is full").within("conversationId");
                self.check_size(people_of(&scene.conversation) + 1, full)?;
            }
            let joined = Member::joined(id, viewer.user, Role::Member, now, end);
            let joined = Member {
                invited_by: mine.and_then(|member| member.invited_by),
                is_muted: mine.is_some_and(|member| member.is_muted),
                ..joined
            };
            let notice = Notice::by(viewer.user, NoticeKind::MemberJoined).to(viewer.user);
            Ok(Change { put: vec![joined], notices: vec![notice], ..Change::default() })
        };
        self.change_group(viewer, id, Act::Join, &[], decide).await
    }

    /// Leaves a group, or declines an invitation; the group as the viewer sees it then, if at all. An owner hands over to
    /// the longest-standing admin, else member; where nobody is left the group goes. Whoever has left already changes
    /// nothing. `NOT_FOUND` or `NOT_ALLOWED` on `conversationId`.
    pub async fn leave_conversation(&self, viewer: &Viewer, id: ConversationId) -> Result<Option<ConversationState>> {
        let ask = Ask { conversation: id, people: vec![viewer.user], heir_of: Some(viewer.user) };
        let decide = |scene: &Scene| {
            if scene.departed.contains(&viewer.user) {
                return Ok(Verdict::Change(Change::default()));
            }
            standing(viewer, scene).may(Act::Leave)?;
            Ok(leaving(viewer.user, scene))
        };
        let changed = self.decide(&ask, &decide).await?;
        if changed.is_none() && !self.groups.has_departed(id, viewer.user).await? {
            return Err(no_such_conversation());
        }
        let head = self.pay_and_reach(id).await?;
        self.conversation_at(viewer, id, head).await
    }

    /// Lets people into a group, or invites them; whoever is in or invited already is passed over, but that one who is
    /// invited is let in. Failures on `conversationId` as the table says; on `userIds` as [`Chat::create_group`].
    pub async fn bring_in(
        &self,
        viewer: &Viewer,
        id: ConversationId,
        users: &[UserId],
        way: Way,
    ) -> Result<ConversationState> {
        let act = match way {
            Way::Add => Act::AddMembers,
            Way::Invite => Act::InviteMembers,
        };
        // Whoever may not do it is not told who has an account.
        self.permit(viewer, id, act).await?;
        let users = self.others(viewer, users, "userIds").await?;
        let (now, end) = (self.clock.now(), self.head(id).await?.last_seq);
        let decide = |scene: &Scene| {
            let mut change = Change::default();
            for user in &users {
                let is_there = scene.people.get(user);
                if is_there.is_some_and(|member| member.has_joined() || way == Way::Invite) {
                    continue;
                }
                let (member, kind) = match way {
                    Way::Add => (Member::joined(id, *user, Role::Member, now, end), NoticeKind::MemberJoined),
                    Way::Invite => (Member::invited(id, *user, viewer.user), NoticeKind::MemberInvited),
                };
                let is_muted = is_there.is_some_and(|member| member.is_muted);
                change.put.push(Member { invited_by: Some(viewer.user), is_muted, ..member });
                change.notices.push(Notice::by(viewer.user, kind).to(*user));
            }
            let new = change.put.iter().filter(|member| !scene.people.contains_key(&member.user)).count();
            self.check_size(people_of(&scene.conversation) + new, || Error::invalid("userIds", self.too_many()))?;
            Ok(change)
        };
        self.change_group(viewer, id, act, &users, decide).await
    }

    /// Takes a person out of a group, or an invitation back; whoever is not in it is passed over. On `userId`: `NOT_FOUND`
    /// for one who has no account, `INVALID_INPUT` for the viewer, `NOT_ALLOWED` for one of the same role or a higher one.
    pub async fn remove_member(&self, viewer: &Viewer, id: ConversationId, user: UserId) -> Result<ConversationState> {
        self.permit(viewer, id, Act::RemoveMember).await?;
        if user == viewer.user {
            return Err(Error::invalid("userId", "whoever wants to go leaves: leaveConversation"));
        }
        self.check_accounts(&[user], "userId").await?;
        let decide = |scene: &Scene| {
            let Some(member) = scene.people.get(&user) else { return Ok(Change::default()) };
            let own = scene.people.get(&viewer.user).map(|member| member.role);
            if own <= Some(member.role) {
                let message = "only somebody of a higher role may remove this person";
                return Err(Error::new(Code::NotAllowed, message).within("userId"));
            }
            let notice = Notice::by(viewer.user, NoticeKind::MemberRemoved).to(user);
            Ok(Change { gone: vec![user], notices: vec![notice], ..Change::default() })
        };
        self.change_group(viewer, id, Act::RemoveMember, &[user], decide).await
    }

    /// Gives a member a role. Another who becomes the owner makes an admin of the one before. `NOT_FOUND` on `userId` for
    /// one who has not joined, `INVALID_INPUT` on `role` where the owner would have none to follow.
    pub async fn set_role(
        &self,
        viewer: &Viewer,
        id: ConversationId,
        user: UserId,
        role: Role,
    ) -> Result<ConversationState> {
        let decide = |scene: &Scene| {
            let member = scene.people.get(&user).filter(|member| member.has_joined());
            let member = member.ok_or_else(|| Error::not_found("userId", "there is no such member"))?;
            if member.role == role {
                return Ok(Change::default());
            }
            if user == viewer.user {
                return Err(Error::invalid("role", "a group has an owner: give somebody else that role"));
            }
            let mut change = Change::default();
            change.give_role(viewer.user, member, role);
            if role == Role::Owner
                && let Some(own) = scene.people.get(&viewer.user)
            {
                change.give_role(viewer.user, own, Role::Admin);
            }
            Ok(change)
        };
        self.change_group(viewer, id, Act::SetRole, &[user], decide).await
    }

    /// Mutes a conversation for the viewer, or ends that. `NOT_FOUND` or `NOT_ALLOWED` on `conversationId`.
    pub async fn set_muted(&self, viewer: &Viewer, id: ConversationId, is_muted: bool) -> Result<ConversationState> {
        self.permit(viewer, id, Act::Mute).await?;
        if self.groups.set_muted(id, viewer.user, is_muted).await? {
            self.tell_memberships([viewer.user]);
        }
        self.conversation_of(viewer, id).await
    }

    /// Public groups whose names hold the text, the most lately active first.
    pub async fn public_conversations(
        &self,
        viewer: &Viewer,
        matching: String,
        window: &Window<ActivityPlace>,
    ) -> Result<Page<(ActivityPlace, ConversationState)>> {
        let Page { items, has_previous, has_next } = self.groups.public_page(&GroupFilter { matching }, window).await?;
        let (places, conversations): (Vec<_>, Vec<_>) = items.into_iter().unzip();
        let states = self.states(viewer, conversations).await?;
        Ok(Page { items: places.into_iter().zip(states).collect(), has_previous, has_next })
    }

    /// The people, each once and the viewer not among them. `NOT_FOUND` on the field where one has no account, `BLOCKED`
    /// where one blocks the viewer or is blocked.
    async fn others(&self, viewer: &Viewer, users: &[UserId], field: &'static str) -> Result<Vec<UserId>> {
        let mut known = HashSet::from([viewer.user]);
        let others: Vec<_> = users.iter().copied().filter(|user| known.insert(*user)).collect();
        self.check_accounts(&others, field).await?;
        if !self.blocks.apart(viewer.user, &others).await?.is_empty() {
            let message = "one of these people has blocked the viewer or is blocked";
            return Err(Error::new(Code::Blocked, message).within(field));
        }
        Ok(others)
    }

    async fn check_accounts(&self, users: &[UserId], field: &'static str) -> Result<()> {
        let found = self.accounts.find(users).await?;
        if found.iter().filter(|user| !user.is_deleted).count() == users.len() {
            Ok(())
        } else {
            Err(no_such_person(field))
        }
    }

    fn check_size(&self, people: usize, error: impl FnOnce() -> Error) -> Result<()> {
        if people <= self.max_group_size as usize { Ok(()) } else { Err(error()) }
    }

    fn too_many(&self) -> String {
        format!("a group has at most {} people, those who are invited among them", self.max_group_size)
    }

    async fn change_group(
        &self,
        viewer: &Viewer,
        id: ConversationId,
        act: Act,
        others: &[UserId],
        decide: impl Fn(&Scene) -> Result<Change> + Send + Sync,
    ) -> Result<ConversationState> {
        let people = others.iter().copied().chain([viewer.user]).collect();
        let ask = Ask { conversation: id, people, heir_of: None };
        let decide = |scene: &Scene| {
            standing(viewer, scene).may(act)?;
            decide(scene).map(Verdict::Change)
        };
        self.decide(&ask, &decide).await?.ok_or_else(no_such_conversation)?;
        let head = self.pay_and_reach(id).await?;
        self.changed(viewer, id, head).await
    }

    async fn changed(&self, viewer: &Viewer, id: ConversationId, head: Head) -> Result<ConversationState> {
        self.conversation_at(viewer, id, head).await?.ok_or_else(no_such_conversation)
    }

    /// Has it decided, and tells of it. What the log is owed is to be paid then.
    pub(super) async fn decide(
        &self,
        ask: &Ask,
        decide: &(dyn Fn(&Scene) -> Result<Verdict> + Send + Sync),
    ) -> Result<Option<Changed>> {
        let changed = self.groups.change(ask, self.clock.now(), decide).await?;
        let Some(Changed::Stands(stood, people) | Changed::Gone(stood, people)) = &changed else { return Ok(None) };
        let version = stood.membership_version;
        let conversation = ask.conversation;
        let ring = Ring::Members(MembersChanged { conversation, version });
        self.bus.publish(Topic::Conversation(conversation), Arc::new(ring));
        self.tell_memberships(people.iter().copied());
        Ok(changed)
    }
}

impl Change {
    fn give_role(&mut self, by: UserId, member: &Member, role: Role) {
        self.put.push(Member { role, ..member.clone() });
        self.notices.push(Notice::by(by, NoticeKind::RoleChanged).to(member.user).with_role(role));
    }
}

/// What the viewer is to the group, where the viewer was among those asked about.
fn standing(viewer: &Viewer, scene: &Scene) -> Standing {
    Standing::of(&scene.conversation, scene.people.get(&viewer.user))
}

fn people_of(conversation: &Conversation) -> usize {
    conversation.member_count as usize + conversation.invited_count as usize
}

/// What becomes of a group where that person goes out of it.
pub(super) fn leaving(user: UserId, scene: &Scene) -> Verdict {
    let Some(member) = scene.people.get(&user) else { return Verdict::Change(Change::default()) };
    let notice = Notice::by(user, NoticeKind::MemberLeft).to(user);
    let mut change = Change { gone: vec![user], notices: vec![notice], ..Change::default() };
    if member.has_joined() && member.role == Role::Owner {
        let Some(heir) = &scene.heir else { return Verdict::Delete };
        change.give_role(user, heir, Role::Owner);
    }
    Verdict::Change(change)
}
