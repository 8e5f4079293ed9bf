//! Conversations and their members.

use super::batches::batches;
use super::entity::{conversation, member, user};
use super::insert::insert_if_new;
use super::members::{has_joined, is_among, is_in_state, raise_memberships};
use super::window::cut;
use super::{Sql, admission, asked, departed, marks, members, moves};
use crate::domain::conversation::{
    Conversation, Marks, MarksMove, MarksVersion, Member, MemberPlace, MembershipState, MembershipsVersion, Pair, Role,
};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::{MembershipVersion, Revision};
use crate::domain::page::{Page, Window};
use crate::error::{Error, Result};
use crate::store::conversations::{
    Admission, Conversations, FirstMembers, MarksAdvanced, MarksSince, NewDirect, Opened, ReadersOf, Roster, Versions,
};
use async_trait::async_trait;
use sea_orm::prelude::{Expr, Uuid};
use sea_orm::sea_query::{ExprTrait as _, Query};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};
use sea_orm::{Condition, QueryOrder as _, QuerySelect as _};
use std::collections::{HashMap, HashSet};

#[async_trait]
impl Conversations for Sql {
    async fn open_direct(&self, new: &NewDirect) -> Result<Opened> {
        let people = [new.pair.low(), new.pair.high()];
        let pair = [people.map(UserId::uuid).into()];
        let found = |row: conversation::Model| Ok(Opened { conversation: row.try_into()?, is_new: false });
        if let Some(row) = between(&self.reader, pair.to_vec()).await?.pop() {
            return found(row);
        }
        self.transaction(async |tx| {
            let row = conversation::Model::from(new);
            if !insert_if_new(tx, row.clone()).await? {
                let first = between(tx, pair.to_vec()).await?.pop();
                return found(first.ok_or_else(|| Error::internal("a conversation has that id"))?);
            }
            let join = |user| Member::joined(new.id, user, Role::Member, new.created_at, Revision::ZERO);
            members::insert(tx, &people.map(join)).await?;
            raise_memberships(tx, &people).await?;
            departed::refuse(tx, &people).await?;
            Ok(Opened { conversation: row.try_into()?, is_new: true })
        })
        .await
    }

    async fn admission(&self, conversation: ConversationId, user: UserId) -> Result<Option<Admission>> {
        admission::of(&self.reader, conversation, user).await
    }

    async fn ids(&self, after: Option<ConversationId>, limit: u32) -> Result<Vec<ConversationId>> {
        let after = after.map(|after| conversation::Column::Id.gt(after.uuid()));
        let ids: Vec<Uuid> = conversation::Entity::find()
            .select_only()
            .column(conversation::Column::Id)
            .filter(Condition::all().add_option(after))
            .order_by_asc(conversation::Column::Id)
            .limit(u64::from(limit))
            .into_tuple()
            .all(&self.reader)
            .await?;
        Ok(ids.into_iter().map(Into::into).collect())
    }

    async fn find(&self, ids: &[ConversationId]) -> Result<Vec<Conversation>> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in batches(ids.iter().map(|id| id.uuid())) {
            let with_ids = conversation::Entity::find().filter(conversation::Column::Id.is_in(batch));
            found.append(&mut each(with_ids.all(&self.reader).await?)?);
        }
        Ok(found)
    }

    async fn find_direct(&self, pairs: &[Pair]) -> Result<Vec<Conversation>> {
        let mut found = Vec::with_capacity(pairs.len());
        for batch in batches(pairs.iter().map(|pair| (pair.low().uuid(), pair.high().uuid()))) {
            found.append(&mut each(between(&self.reader, batch).await?)?);
        }
        Ok(found)
    }

    async fn of_member(&self, user: UserId) -> Result<Vec<(Conversation, Member)>> {
        let of_member = member::Entity::find().filter(member::Column::UserId.eq(user.uuid()));
        let rows = of_member.find_both_related(conversation::Entity).all(&self.reader).await?;
        rows.into_iter().map(|(member, conversation)| Ok((conversation.try_into()?, member.try_into()?))).collect()
    }

    async fn memberships_of(&self, users: &[UserId]) -> Result<Vec<Member>> {
        let mut found = Vec::with_capacity(users.len());
        for batch in batches(users.iter().map(|user| user.uuid())) {
            let rows = member::Entity::find().filter(member::Column::UserId.is_in(batch)).all(&self.reader).await?;
            found.append(&mut each(rows)?);
        }
        Ok(found)
    }

    async fn left_by_deleted(&self, users: &[UserId]) -> Result<Vec<(UserId, ConversationId)>> {
        let mut found = Vec::new();
        for batch in batches(users.iter().map(|user| user.uuid())) {
            found.extend(departed::left_by(&self.reader, batch).await?);
        }
        Ok(found)
    }

    async fn memberships(&self, of: &[(ConversationId, UserId)]) -> Result<Vec<Member>> {
        let mut found = Vec::with_capacity(of.len());
        for batch in batches(of.iter().map(|(conversation, user)| (conversation.uuid(), user.uuid()))) {
            let rows = member::Entity::find().filter(is_among(batch)).all(&self.reader).await?;
            found.append(&mut each(rows)?);
        }
        Ok(found)
    }

    async fn member_page(
        &self,
        conversation: ConversationId,
        state: MembershipState,
        window: &Window<MemberPlace>,
    ) -> Result<Page<Member>> {
        let in_state = member::Column::ConversationId.eq(conversation.uuid()).and(is_in_state(state));
        let members = member::Entity::find().filter(in_state);
        let members = cut(members, window, &[member::Column::UserId], |place| vec![place.0.uuid().into()]);
        Ok(Page::of_read(window, each(members.all(&self.reader).await?)?))
    }

    async fn first_members(&self, of: &[FirstMembers]) -> Result<HashMap<FirstMembers, Vec<Member>>> {
        let mut conversations: HashMap<(MembershipState, u32), Vec<ConversationId>> = HashMap::new();
        for of in of {
            conversations.entry((of.state, of.limit)).or_default().push(of.conversation);
        }
        let mut found: HashMap<FirstMembers, Vec<Member>> = HashMap::new();
        for ((state, limit), conversations) in conversations {
            for member in members::first(&self.reader, &conversations, state, limit).await? {
                let of = FirstMembers { conversation: member.conversation, state, limit };
                found.entry(of).or_default().push(member);
            }
        }
        Ok(found)
    }

    async fn roster(&self, conversation: ConversationId, among: &[UserId]) -> Result<Roster> {
        /// Beyond so many it is easier to read all members.
        const FEW: usize = 1_024;
        let mut is_theirs = Expr::col((member::Entity, member::Column::ConversationId))
            .equals((conversation::Entity, conversation::Column::Id))
            .and(has_joined());
        if among.len() <= FEW {
            let batch = batches(among.iter().map(|user| user.uuid())).next().unwrap_or_default();
            is_theirs = is_theirs.and(Expr::col((member::Entity, member::Column::UserId)).is_in(batch));
        }
        // One statement, so that version and members are of one moment.
        let statement = Query::select()
            .column((conversation::Entity, conversation::Column::MembershipVersion))
            .column((member::Entity, member::Column::UserId))
            .from(conversation::Entity)
            .left_join(member::Entity, is_theirs)
            .and_where(Expr::col((conversation::Entity, conversation::Column::Id)).eq(conversation.uuid()))
            .take();
        let among: HashSet<UserId> = among.iter().copied().collect();
        let mut roster = Roster::default();
        for row in self.reader.query_all(&statement).await? {
            let (version, user): (i64, Option<Uuid>) = row.try_get_many_by_index()?;
            roster.version = MembershipVersion(version);
            roster.members.extend(user.map(UserId::from).filter(|user| among.contains(user)));
        }
        Ok(roster)
    }

    async fn versions(&self, of: &[ConversationId]) -> Result<HashMap<ConversationId, Versions>> {
        use conversation::{Column, Entity};
        let mut versions = HashMap::with_capacity(of.len());
        for batch in batches(of.iter().map(|id| id.uuid())) {
            let rows: Vec<(Uuid, i64, i64)> = Entity::find()
                .select_only()
                .columns([Column::Id, Column::MembershipVersion, Column::MarksVersion])
                .filter(Column::Id.is_in(batch))
                .into_tuple()
                .all(&self.reader)
                .await?;
            versions.extend(rows.into_iter().map(|(id, members, marks)| {
                (id.into(), Versions { members: MembershipVersion(members), marks: MarksVersion(marks) })
            }));
        }
        Ok(versions)
    }

    async fn memberships_versions(&self, of: &[UserId]) -> Result<HashMap<UserId, MembershipsVersion>> {
        let mut versions = HashMap::with_capacity(of.len());
        for batch in batches(of.iter().map(|id| id.uuid())) {
            let rows: Vec<(Uuid, i64)> = user::Entity::find()
                .select_only()
                .columns([user::Column::Id, user::Column::MembershipsVersion])
                .filter(user::Column::Id.is_in(batch))
                .into_tuple()
                .all(&self.reader)
                .await?;
            versions.extend(rows.into_iter().map(|(id, version)| (id.into(), MembershipsVersion(version))));
        }
        Ok(versions)
    }

    async fn advance_marks(&self, moves: &[MarksMove]) -> Result<Vec<MarksAdvanced>> {
        if moves.is_empty() {
            return Ok(Vec::new());
        }
        self.transaction(async |tx| moves::advance(tx, moves).await).await
    }

    async fn marks_since(&self, conversation: ConversationId, after: MarksVersion) -> Result<MarksSince> {
        moves::since(&self.reader, conversation, after).await
    }

    async fn mark_floors(&self, of: &[(ConversationId, UserId)]) -> Result<HashMap<(ConversationId, UserId), Marks>> {
        marks::floors(&self.reader, of).await
    }

    async fn readers(&self, of: ReadersOf, limit: u32) -> Result<Vec<Member>> {
        marks::readers(&self.reader, of, limit).await
    }

    async fn reader_counts(&self, of: &[ReadersOf]) -> Result<HashMap<ReadersOf, u32>> {
        marks::reader_counts(&self.reader, of).await
    }
}

/// The direct conversations of those pairs, the lower id first.
async fn between(db: &impl ConnectionTrait, pairs: Vec<(Uuid, Uuid)>) -> Result<Vec<conversation::Model>> {
    let columns = [conversation::Column::PairLow, conversation::Column::PairHigh].map(Expr::col);
    let is_theirs = Expr::tuple(columns).in_subquery(asked::pairs(pairs));
    Ok(conversation::Entity::find().filter(is_theirs).all(db).await?)
}

/// What the domain makes of each of the rows.
pub(super) fn each<R, T: TryFrom<R, Error = Error>>(rows: Vec<R>) -> Result<Vec<T>> {
    rows.into_iter().map(T::try_from).collect()
}

/// What the database has counted.
pub(super) fn count(count: i64) -> Result<u32> {
    u32::try_from(count).map_err(Error::internal)
}
