//! How notifications are made, and how far each log has been looked through for them.
//!
//! Whoever looks through a log holds its conversation's row (see [`super::hold`]): nobody else does so meanwhile, and who
//! is a member does not change. Then the rows of the people are held, since a notification's place is a version of its
//! person's.

use super::asked::{pairs, part, table};
use super::batches::batches;
use super::entity::notification::{Column, Entity, Model};
use super::entity::{block, member, projection, user};
use super::members::is_among;
use super::{Tx, hold};
use crate::domain::conversation::Member;
use crate::domain::ids::{ConversationId, MessageId, UserId};
use crate::domain::message::Revision;
use crate::domain::notification::NewNotification;
use crate::error::{Error, Result};
use crate::store::blocks::Block;
use crate::store::notifications::Step;
use sea_orm::QuerySelect as _;
use sea_orm::prelude::{Expr, Uuid};
use sea_orm::sea_query::{ExprTrait as _, OnConflict, Query};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use std::collections::{BTreeMap, HashMap, HashSet};

/// [`Notifications::positions`](crate::store::Notifications::positions).
pub(super) async fn positions(
    db: &impl ConnectionTrait,
    of: &[ConversationId],
) -> Result<HashMap<ConversationId, Revision>> {
    // One that has begun since there are notifications is looked through from its first message on.
    let mut positions: HashMap<_, _> = of.iter().map(|id| (*id, Revision::ZERO)).collect();
    for batch in batches(of.iter().map(|id| id.uuid())) {
        let rows = projection::Entity::find().filter(projection::Column::ConversationId.is_in(batch));
        for row in rows.all(db).await? {
            let id = row.conversation_id.into();
            match Revision::new(row.revision) {
                Some(revision) => positions.insert(id, revision),
                None => positions.remove(&id),
            };
        }
    }
    Ok(positions)
}

/// [`Notifications::project`](crate::store::Notifications::project).
pub(super) async fn project(tx: &Tx, steps: &[Step]) -> Result<Vec<UserId>> {
    let ids: Vec<ConversationId> = steps.iter().map(|step| step.conversation).collect();
    let held: HashSet<Uuid> = hold::conversations(tx, &ids).await?.into_iter().map(|row| row.id).collect();
    let positions = positions(tx, &ids).await?;
    let stands = |step: &&Step| positions.get(&step.conversation) == Some(&step.from);
    let steps: Vec<&Step> =
        steps.iter().filter(|step| held.contains(&step.conversation.uuid())).filter(stands).collect();
    let made: Vec<&NewNotification> = steps.iter().flat_map(|step| &step.made).collect();
    let made = reaching(tx, made).await?;
    let gone: Vec<MessageId> = steps.iter().flat_map(|step| &step.gone).copied().collect();
    let people = make(tx, &made, &gone).await?;
    for batch in batches(steps.iter().map(|step| (step.conversation.uuid(), step.to.number()))) {
        // A statement must not name one row twice.
        let rows: BTreeMap<Uuid, i64> = batch.into_iter().collect();
        let rows = rows.into_iter().map(|(conversation_id, revision)| projection::Model { conversation_id, revision });
        let moved = OnConflict::column(projection::Column::ConversationId)
            .update_column(projection::Column::Revision)
            .to_owned();
        let rows = rows.map(projection::Model::into_active_model);
        projection::Entity::insert_many(rows).on_conflict(moved).exec_without_returning(tx).await?;
    }
    Ok(people)
}

/// Those that reach their people.
async fn reaching(tx: &Tx, made: Vec<&NewNotification>) -> Result<Vec<NewNotification>> {
    let place = |new: &NewNotification| Some((new.conversation?.uuid(), new.user.uuid()));
    let mut members: HashMap<(Uuid, Uuid), Member> = HashMap::new();
    for batch in batches(made.iter().filter_map(|new| place(new))) {
        for row in member::Entity::find().filter(is_among(batch)).all(tx).await? {
            members.insert((row.conversation_id, row.user_id), row.try_into()?);
        }
    }
    let between = |new: &NewNotification| {
        let actor = new.actor?;
        Some([Block { by: new.user, of: actor }, Block { by: actor, of: new.user }])
    };
    let mut apart: HashSet<Block> = HashSet::new();
    let asked = made.iter().filter_map(|new| between(new)).flatten();
    for batch in batches(asked.map(|block| (block.by.uuid(), block.of.uuid()))) {
        let columns = [block::Column::ById, block::Column::OfId].map(Expr::col);
        let rows = block::Entity::find().filter(Expr::tuple(columns).in_subquery(pairs(batch))).all(tx).await?;
        apart.extend(rows.into_iter().map(Block::from));
    }
    let reaches = |new: &&NewNotification| {
        place(new).and_then(|place| members.get(&place)).is_some_and(|member| new.kind.reaches(member))
            && between(new).is_none_or(|blocks| blocks.iter().all(|block| !apart.contains(block)))
    };
    Ok(made.into_iter().filter(reaches).cloned().collect())
}

/// Makes those for whose cause there is none yet, takes away those about messages that are gone, and raises the versions
/// of the people that this concerns, who are the answer.
pub(super) async fn make(tx: &Tx, new: &[NewNotification], gone: &[MessageId]) -> Result<Vec<UserId>> {
    let mut people: Vec<Uuid> = new.iter().map(|new| new.user.uuid()).collect();
    for batch in batches(gone.iter().map(|id| id.uuid())) {
        let users = Entity::find().select_only().column(Column::UserId).filter(Column::MessageId.is_in(batch));
        people.append(&mut users.into_tuple().all(tx).await?);
    }
    let mut versions: HashMap<Uuid, i64> = HashMap::new();
    for batch in batches(people) {
        hold::users(tx, batch.clone()).await?;
        versions.extend(self::versions(tx, batch).await?);
    }
    let mut raised: BTreeMap<Uuid, i64> = remove(tx, gone).await?.into_iter().map(|user| (user, 1)).collect();
    let mut known = known(tx, new).await?;
    let (mut rows, mut pushes) = (Vec::new(), Vec::new());
    for new in new {
        if !known.insert((new.user.uuid(), new.cause.as_str().to_owned())) {
            continue;
        }
        let by = raised.entry(new.user.uuid()).or_default();
        *by += 1;
        let version = versions.get(&new.user.uuid()).ok_or_else(|| Error::internal("a person is gone"))?;
        let row = Model::new(new, version + *by);
        pushes.extend(new.push.map(|push| (row.id, push.made_at, push.due_at)));
        rows.push(row);
    }
    for batch in batches(rows) {
        // Only what a batch says twice is there.
        let twice = OnConflict::new().do_nothing().to_owned();
        let rows = batch.into_iter().map(Model::into_active_model);
        Entity::insert_many(rows).on_conflict(twice).exec_without_returning(tx).await?;
    }
    super::pushes::insert(tx, &pushes).await?;
    let raised: Vec<(Uuid, i64)> = raised.into_iter().collect();
    raise(tx, &raised).await?;
    Ok(raised.into_iter().map(|(user, _)| user.into()).collect())
}

/// For which causes these people have notifications.
async fn known(tx: &Tx, new: &[NewNotification]) -> Result<HashSet<(Uuid, String)>> {
    let mut known = HashSet::new();
    for batch in batches(new.iter().map(|new| (new.user.uuid(), new.cause.as_str()))) {
        let asked = Query::select().exprs([part(1), part(2)]).from(table(batch)).take();
        let is_asked = Expr::tuple([Column::UserId, Column::Cause].map(Expr::col)).in_subquery(asked);
        let rows = Entity::find().select_only().columns([Column::UserId, Column::Cause]).filter(is_asked);
        known.extend(rows.into_tuple::<(Uuid, String)>().all(tx).await?);
    }
    Ok(known)
}

/// Takes away those about these messages; whose they were.
async fn remove(tx: &Tx, gone: &[MessageId]) -> Result<HashSet<Uuid>> {
    let mut people = HashSet::new();
    for batch in batches(gone.iter().map(|id| id.uuid())) {
        let about = Entity::find().select_only().column(Column::UserId).filter(Column::MessageId.is_in(batch.clone()));
        people.extend(about.into_tuple::<Uuid>().all(tx).await?);
        Entity::delete_many().filter(Column::MessageId.is_in(batch)).exec(tx).await?;
    }
    Ok(people)
}

/// These people go out of a conversation, and what they have of it with them.
pub(super) async fn forget(tx: &Tx, conversation: ConversationId, people: &[UserId]) -> Result<()> {
    for batch in batches(people.iter().map(|user| user.uuid())) {
        let theirs = Entity::delete_many()
            .filter(Column::ConversationId.eq(conversation.uuid()))
            .filter(Column::UserId.is_in(batch));
        theirs.exec(tx).await?;
    }
    Ok(())
}

/// Nobody looks through that log any more.
pub(super) async fn end(tx: &Tx, conversation: ConversationId) -> Result<()> {
    projection::Entity::delete_by_id(conversation.uuid()).exec(tx).await?;
    Ok(())
}

/// The versions of these people's notifications.
pub(super) async fn versions(db: &impl ConnectionTrait, of: Vec<Uuid>) -> Result<Vec<(Uuid, i64)>> {
    let versions = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::NotificationsVersion])
        .filter(user::Column::Id.is_in(of));
    Ok(versions.into_tuple().all(db).await?)
}

/// Raises the versions of these people's notifications, each by so much. Their rows are held.
pub(super) async fn raise(tx: &Tx, by: &[(Uuid, i64)]) -> Result<()> {
    use user::Column::{Id, NotificationsVersion};
    for batch in batches(by.iter().copied()) {
        let raise = Query::update()
            .table(user::Entity)
            .value(NotificationsVersion, Expr::col((user::Entity, NotificationsVersion)).add(part(2)))
            .from(table(batch))
            .and_where(Expr::col((user::Entity, Id)).eq(part(1)))
            .take();
        tx.execute(&raise).await?;
    }
    Ok(())
}
