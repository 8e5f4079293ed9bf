//! Who is online.

use super::asked::{part, table};
use super::batches::batches;
use super::conversations::count;
use super::entity::presence::{Column, Entity, Model};
use super::entity::{block, member, node, user};
use super::members::has_joined;
use super::{Sql, Tx, departed, hold, people_head};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ConversationId, NodeId, UserId};
use crate::domain::presence::{Changed, Move, PeopleVersion, Presence as State};
use crate::error::Result;
use crate::store::Presence;
use async_trait::async_trait;
use sea_orm::prelude::{DateTimeUtc, Expr, Uuid};
use sea_orm::sea_query::{Alias, ExprTrait as _, Func, IntoColumnRef, OnConflict, Query, SelectStatement};
use sea_orm::{ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _};
use sea_orm::{QueryFilter as _, QuerySelect as _, QueryTrait as _};
use std::collections::{BTreeMap, HashMap, HashSet};

/// People whose presence is changed in one transaction.
const AT_ONCE: usize = 1_024;

#[async_trait]
impl Presence for Sql {
    async fn note(&self, node: NodeId, moves: &[Move], at: Timestamp) -> Result<bool> {
        let mut has_turned = false;
        for moves in moves.chunks(AT_ONCE) {
            let moves: BTreeMap<_, _> = moves.iter().map(|one| (one.user.uuid(), one.is_here)).collect();
            has_turned |= self.transaction(async |tx| note(tx, node.uuid(), &moves, at).await).await?;
        }
        Ok(has_turned)
    }

    async fn clear(&self, at: Timestamp) -> Result<bool> {
        let mut has_turned = false;
        loop {
            let stranded = Entity::find().select_only().column(Column::UserId).filter(is_stranded());
            let stranded = stranded.distinct().limit(AT_ONCE as u64).into_tuple::<Uuid>().all(&self.reader).await?;
            if stranded.is_empty() {
                return Ok(has_turned);
            }
            has_turned |= self.transaction(async |tx| clear(tx, stranded, at).await).await?;
        }
    }

    async fn presences(&self, of: &[UserId]) -> Result<HashMap<UserId, State>> {
        let mut presences = HashMap::with_capacity(of.len());
        for batch in batches(of.iter().map(|user| user.uuid())) {
            let statement = states().and_where(user::Column::Id.is_in(batch)).take();
            for row in self.reader.query_all(&statement).await? {
                let (user, _, seen_at, is_online): (Uuid, i64, _, _) = row.try_get_many_by_index()?;
                presences.insert(user.into(), state(is_online, seen_at));
            }
        }
        Ok(presences)
    }

    async fn online_members(&self, of: &[(ConversationId, UserId)]) -> Result<HashMap<(ConversationId, UserId), u32>> {
        let mut counts = HashMap::with_capacity(of.len());
        for batch in batches(of.iter().map(|(conversation, user)| (conversation.uuid(), user.uuid()))) {
            let member = |column| Expr::col((member::Entity, column));
            let online = Query::select()
                .expr(Func::count(member(member::Column::UserId)))
                .from(member::Entity)
                .and_where(member(member::Column::ConversationId).eq(part(1)))
                .and_where(has_joined())
                .and_where(Expr::exists(places_of((member::Entity, member::Column::UserId))))
                .and_where(Expr::exists(blocks_between(&member(member::Column::UserId), &part(2))).not())
                .take();
            let statement = Query::select().exprs([part(1), part(2), Expr::from(online)]).from(table(batch)).take();
            for row in self.reader.query_all(&statement).await? {
                let (conversation, user, online): (Uuid, Uuid, i64) = row.try_get_many_by_index()?;
                counts.insert((conversation.into(), user.into()), count(online)?);
            }
        }
        Ok(counts)
    }

    async fn acquainted(&self, pairs: &[(UserId, UserId)]) -> Result<HashSet<(UserId, UserId)>> {
        let mut acquainted = HashSet::new();
        for batch in batches(pairs.iter().map(|(one, other)| (one.uuid(), other.uuid()))) {
            let (mine, theirs) = (Alias::new("mine"), Alias::new("theirs"));
            let shared = Query::select()
                .expr(Expr::val(1))
                .from_as(member::Entity, mine.clone())
                .from_as(member::Entity, theirs.clone())
                .and_where(Expr::col((mine.clone(), member::Column::UserId)).eq(part(1)))
                .and_where(Expr::col((theirs.clone(), member::Column::UserId)).eq(part(2)))
                .and_where(
                    Expr::col((mine.clone(), member::Column::ConversationId))
                        .equals((theirs.clone(), member::Column::ConversationId)),
                )
                .and_where(Expr::col((mine, member::Column::State)).eq("JOINED"))
                .and_where(Expr::col((theirs, member::Column::State)).eq("JOINED"))
                .take();
            let statement =
                Query::select().exprs([part(1), part(2)]).from(table(batch)).and_where(Expr::exists(shared)).take();
            for row in self.reader.query_all(&statement).await? {
                let (one, other): (Uuid, Uuid) = row.try_get_many_by_index()?;
                acquainted.insert((one.into(), other.into()));
            }
        }
        Ok(acquainted)
    }

    async fn people_version(&self) -> Result<PeopleVersion> {
        people_head::version(&self.reader).await
    }

    async fn turned_since(&self, after: PeopleVersion, limit: u32) -> Result<Vec<Changed<State>>> {
        let statement = states()
            .and_where(user::Column::PresenceVersion.gt(after.0))
            .order_by((user::Entity, user::Column::PresenceVersion), sea_orm::Order::Asc)
            .limit(u64::from(limit))
            .take();
        let mut turned = Vec::new();
        for row in self.reader.query_all(&statement).await? {
            let (user, version, seen_at, is_online): (Uuid, i64, _, _) = row.try_get_many_by_index()?;
            let now = state(is_online, seen_at);
            turned.push(Changed { version: PeopleVersion(version), user: user.into(), now });
        }
        Ok(turned)
    }
}

/// People, each with the number of the latest turn, when they were last seen, and whether they are online.
fn states() -> SelectStatement {
    let user = |column| Expr::col((user::Entity, column));
    Query::select()
        .exprs([user(user::Column::Id), user(user::Column::PresenceVersion), user(user::Column::LastSeenAt)])
        .expr(Expr::exists(places_of((user::Entity, user::Column::Id))))
        .from(user::Entity)
        .take()
}

fn state(is_online: bool, seen_at: Option<DateTimeUtc>) -> State {
    State { is_online, last_seen_at: seen_at.filter(|_| !is_online).map(Into::into) }
}

/// The nodes on which the person of that column is.
pub(super) fn places_of(user: impl IntoColumnRef) -> SelectStatement {
    let is_theirs = Expr::col((Entity, Column::UserId)).equals(user);
    Query::select().expr(Expr::val(1)).from(Entity).and_where(is_theirs).take()
}

/// The blocks of either of the two by the other.
pub(super) fn blocks_between(one: &Expr, other: &Expr) -> SelectStatement {
    let is_block = |by: &Expr, of: &Expr| {
        let column = |column| Expr::col((block::Entity, column));
        column(block::Column::ById).eq(by.clone()).and(column(block::Column::OfId).eq(of.clone()))
    };
    let either = Condition::any().add(is_block(one, other)).add(is_block(other, one));
    Query::select().expr(Expr::val(1)).from(block::Entity).cond_where(either).take()
}

/// Whether a row of `users` is of one who is online in that person's eyes.
pub(super) fn is_seen_online(by: Uuid) -> Expr {
    let user = (user::Entity, user::Column::Id);
    let is_apart = Expr::exists(blocks_between(&Expr::col(user), &Expr::val(by)));
    Expr::exists(places_of(user)).and(is_apart.not())
}

/// Whether a row is of a node that says nothing of itself any more. One says so before it notes anybody.
fn is_stranded() -> Expr {
    let nodes = node::Entity::find().select_only().column(node::Column::Id).into_query();
    Column::NodeId.not_in_subquery(nodes)
}

async fn note(tx: &Tx, node: Uuid, moves: &BTreeMap<Uuid, bool>, at: Timestamp) -> Result<bool> {
    let before = Places::held(tx, moves.keys().copied().collect()).await?;
    let mut after = before.clone();
    for (user, nodes) in &mut after.0 {
        match moves.get(user) {
            Some(true) => nodes.insert(node),
            Some(false) | None => nodes.remove(&node),
        };
    }
    before.make_so(tx, &after, at).await
}

async fn clear(tx: &Tx, users: Vec<Uuid>, at: Timestamp) -> Result<bool> {
    let before = Places::held(tx, users.clone()).await?;
    let mut after = before.clone();
    for batch in batches(users) {
        let stranded = Entity::find().filter(Column::UserId.is_in(batch)).filter(is_stranded());
        for row in stranded.all(tx).await? {
            if let Some(nodes) = after.0.get_mut(&row.user_id) {
                nodes.remove(&row.node_id);
            }
        }
    }
    before.make_so(tx, &after, at).await
}

/// The nodes on which people are, whose rows are held.
#[derive(Clone)]
struct Places(BTreeMap<Uuid, HashSet<Uuid>>);

impl Places {
    /// Of those of the people who exist.
    async fn held(tx: &Tx, users: Vec<Uuid>) -> Result<Self> {
        let mut places = BTreeMap::new();
        for batch in batches(users) {
            let held = hold::users(tx, batch.clone()).await?;
            places.extend(departed::living(tx, held).await?.into_iter().map(|user| (user, HashSet::new())));
            for row in Entity::find().filter(Column::UserId.is_in(batch)).all(tx).await? {
                places.entry(row.user_id).or_default().insert(row.node_id);
            }
        }
        Ok(Self(places))
    }

    fn rows(&self) -> HashSet<(Uuid, Uuid)> {
        self.0.iter().flat_map(|(user, nodes)| nodes.iter().map(|node| (*user, *node))).collect()
    }

    fn is_online(&self, user: &Uuid) -> bool {
        self.0.get(user).is_some_and(|nodes| !nodes.is_empty())
    }

    /// Writes what is to be; whether anybody is thereby online or offline.
    async fn make_so(&self, tx: &Tx, after: &Self, at: Timestamp) -> Result<bool> {
        let (old, new) = (self.rows(), after.rows());
        for batch in batches(new.difference(&old).copied()) {
            let rows = batch.into_iter().map(|(user_id, node_id)| Model { user_id, node_id }.into_active_model());
            // Only what a batch says twice is there.
            let twice = OnConflict::new().do_nothing().to_owned();
            Entity::insert_many(rows).on_conflict(twice).exec_without_returning(tx).await?;
        }
        for batch in batches(old.difference(&new).copied()) {
            let is_gone =
                Expr::tuple([Column::UserId, Column::NodeId].map(Expr::col)).in_subquery(super::asked::pairs(batch));
            Entity::delete_many().filter(is_gone).exec(tx).await?;
        }
        let turned: Vec<_> = self.0.keys().filter(|user| self.is_online(user) != after.is_online(user)).collect();
        if turned.is_empty() {
            return Ok(false);
        }
        let PeopleVersion(mut version) = people_head::take(tx, turned.len()).await?;
        let numbered = turned.into_iter().map(|user| {
            version += 1;
            let seen_at = (!after.is_online(user)).then(|| DateTimeUtc::from(at));
            (*user, version, seen_at)
        });
        for batch in batches(numbered) {
            let seen_at = Expr::col((user::Entity, user::Column::LastSeenAt));
            let statement = Query::update()
                .table(user::Entity)
                .value(user::Column::PresenceVersion, part(2))
                .value(user::Column::LastSeenAt, Func::coalesce([part(3), seen_at]))
                .from(table(batch))
                .and_where(Expr::col((user::Entity, user::Column::Id)).eq(part(1)))
                .take();
            tx.execute(&statement).await?;
        }
        Ok(true)
    }
}
