//! The rows of `members`: which a statement means, and how they are written.
//!
//! Whoever writes them holds the conversation's row (see [`super::hold`]).

use super::asked::{pairs, part, table};
use super::batches::batches;
use super::conversations::each;
use super::entity::{member, user};
use super::{Tx, hold};
use crate::domain::conversation::{MarksVersion, Member, MembershipState};
use crate::domain::ids::{ConversationId, UserId};
use crate::error::Result;
use sea_orm::prelude::{DateTimeUtc, Expr, Uuid};
use sea_orm::sea_query::{ExprTrait as _, OnConflict, Query, UnionType};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult as _, IntoActiveModel as _};
use sea_orm::{Iterable as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _};

/// Whether a row is one of these.
pub(super) fn is_among(batch: Vec<(Uuid, Uuid)>) -> Expr {
    Expr::tuple([member::Column::ConversationId, member::Column::UserId].map(Expr::col)).in_subquery(pairs(batch))
}

/// Whether a row is of one in that state.
pub(super) fn is_in_state(state: MembershipState) -> Expr {
    // Written out, not a parameter: so an index of these alone can serve.
    Expr::col((member::Entity, member::Column::State)).eq(Expr::Constant(state.name().into()))
}

/// Whether a row is of one who has joined.
pub(super) fn has_joined() -> Expr {
    is_in_state(MembershipState::Joined)
}

/// The memberships of these people in one conversation.
pub(super) async fn of_people(
    db: &impl ConnectionTrait,
    conversation: ConversationId,
    people: &[UserId],
) -> Result<Vec<Member>> {
    let mut found = Vec::new();
    for batch in batches(people.iter().map(|user| user.uuid())) {
        let theirs = member::Entity::find()
            .filter(member::Column::ConversationId.eq(conversation.uuid()))
            .filter(member::Column::UserId.is_in(batch));
        found.append(&mut each(theirs.all(db).await?)?);
    }
    Ok(found)
}

/// The first so many in that state of each of these conversations, by person.
pub(super) async fn first(
    db: &impl ConnectionTrait,
    conversations: &[ConversationId],
    state: MembershipState,
    limit: u32,
) -> Result<Vec<Member>> {
    /// SQLite joins at most 500 queries into one.
    const AT_ONCE: usize = 256;
    let mut ids: Vec<Uuid> = conversations.iter().map(|id| id.uuid()).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut found = Vec::new();
    for some in ids.chunks(AT_ONCE) {
        for batch in batches(some.iter().copied()) {
            // Each is cut by itself, so that no more of a large group is read than of a small one.
            let cut = |id: Uuid| {
                let members = member::Entity::find()
                    .filter(member::Column::ConversationId.eq(id))
                    .filter(is_in_state(state))
                    .order_by_asc(member::Column::UserId)
                    .limit(u64::from(limit));
                Query::select().columns(member::Column::iter()).from_subquery(members.into_query(), "cut").take()
            };
            let mut cuts = batch.into_iter().map(cut);
            let Some(mut all) = cuts.next() else { continue };
            all.unions(cuts.map(|cut| (UnionType::All, cut)));
            for row in db.query_all(&all).await? {
                found.push(member::Model::from_query_result(&row, "")?.try_into()?);
            }
        }
    }
    // A batch may ask the same twice.
    found.sort_by_key(|member: &Member| (member.conversation, member.user));
    found.dedup_by_key(|member| (member.conversation, member.user));
    Ok(found)
}

/// Writes memberships that are not there yet.
pub(super) async fn insert(tx: &Tx, members: impl IntoIterator<Item = &Member>) -> Result<()> {
    let rows = members.into_iter().map(|member| member::Model::new(member, MarksVersion::default()));
    for batch in batches(rows) {
        // Only what a batch says twice is there.
        let twice = OnConflict::new().do_nothing().to_owned();
        let rows = batch.into_iter().map(member::Model::into_active_model);
        member::Entity::insert_many(rows).on_conflict(twice).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Writes memberships that are there, all but the version of their marks.
pub(super) async fn update(tx: &Tx, members: impl IntoIterator<Item = &Member>) -> Result<()> {
    use member::{Column, Entity};
    let rows = members.into_iter().map(|member| {
        let (conversation, user) = (member.conversation.uuid(), member.user.uuid());
        let (delivered, read) = (member.marks.delivered_seq.number(), member.marks.read_seq.number());
        (
            (conversation, user, member.role.name(), member.state.name()),
            (member.joined_at.map(DateTimeUtc::from), member.invited_by.map(UserId::uuid), member.is_muted),
            (member.joined_seq.number(), delivered, read, member.read_at.map(DateTimeUtc::from)),
        )
    });
    for batch in batches(rows) {
        let flat =
            batch.into_iter().map(|((conversation, user, role, state), (at, by, muted), (seq, del, read, on))| {
                (conversation, user, role, state, at, by, muted, seq, del, read, on)
            });
        let statement = Query::update()
            .table(Entity)
            .values([
                (Column::Role, part(3)),
                (Column::State, part(4)),
                (Column::JoinedAt, part(5)),
                (Column::InvitedBy, part(6)),
                (Column::IsMuted, part(7)),
                (Column::JoinedSeq, part(8)),
                (Column::DeliveredSeq, part(9)),
                (Column::ReadSeq, part(10)),
                (Column::ReadAt, part(11)),
            ])
            .from(table(flat.collect()))
            .and_where(Expr::col((Entity, Column::ConversationId)).eq(part(1)))
            .and_where(Expr::col((Entity, Column::UserId)).eq(part(2)))
            .take();
        tx.execute(&statement).await?;
    }
    Ok(())
}

/// Takes these people's memberships away.
pub(super) async fn remove(tx: &Tx, conversation: ConversationId, people: &[UserId]) -> Result<()> {
    for batch in batches(people.iter().map(|user| user.uuid())) {
        let theirs = member::Entity::delete_many()
            .filter(member::Column::ConversationId.eq(conversation.uuid()))
            .filter(member::Column::UserId.is_in(batch));
        theirs.exec(tx).await?;
    }
    Ok(())
}

/// Mutes a conversation for one person, or ends that; whether it was otherwise before.
pub(super) async fn set_muted(tx: &Tx, conversation: ConversationId, user: UserId, is_muted: bool) -> Result<bool> {
    use member::{Column, Entity};
    hold::conversations(tx, &[conversation]).await?;
    let otherwise = Entity::update_many()
        .col_expr(Column::IsMuted, is_muted.into())
        .filter(Column::ConversationId.eq(conversation.uuid()))
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::IsMuted.ne(is_muted));
    let is_changed = otherwise.exec(tx).await?.rows_affected > 0;
    if is_changed {
        raise_memberships(tx, &[user]).await?;
    }
    Ok(is_changed)
}

/// Raises the versions of these people's memberships.
pub(super) async fn raise_memberships(tx: &Tx, of: &[UserId]) -> Result<()> {
    use user::{Column, Entity};
    for batch in batches(of.iter().map(|id| id.uuid())) {
        hold::users(tx, batch.clone()).await?;
        let raised = Expr::col(Column::MembershipsVersion).add(1);
        let raise = Entity::update_many().col_expr(Column::MembershipsVersion, raised).filter(Column::Id.is_in(batch));
        raise.exec(tx).await?;
    }
    Ok(())
}
