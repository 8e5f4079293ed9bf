//! Who blocks whom.

use super::Sql;
use super::accounts::page_of;
use super::asked::pairs;
use super::batches::batches;
use super::entity::block::{Column, Entity, Model, Relation};
use super::entity::user;
use super::insert::insert_if_new;
use crate::domain::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::page::{Page, Window};
use crate::domain::user::{NamePlace, User};
use crate::error::Result;
use crate::store::blocks::{Block, Blocks};
use async_trait::async_trait;
use sea_orm::RelationTrait as _;
use sea_orm::prelude::{Expr, Uuid};
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, JoinType, QueryFilter as _, QuerySelect as _};
use std::collections::HashSet;

#[async_trait]
impl Blocks for Sql {
    async fn set(&self, block: Block, is_blocked: bool, at: Timestamp) -> Result<bool> {
        let (by_id, of_id) = (block.by.uuid(), block.of.uuid());
        if is_blocked {
            return insert_if_new(&self.writer, Model { by_id, of_id, at: at.into() }).await;
        }
        Ok(Entity::delete_by_id((by_id, of_id)).exec(&self.writer).await?.rows_affected > 0)
    }

    async fn set_among(&self, blocks: &[Block]) -> Result<HashSet<Block>> {
        let mut found = HashSet::new();
        for batch in batches(blocks.iter().map(|block| (block.by.uuid(), block.of.uuid()))) {
            let is_among = Expr::tuple([Column::ById, Column::OfId].map(Expr::col)).in_subquery(pairs(batch));
            let rows = Entity::find().filter(is_among).all(&self.reader).await?;
            found.extend(rows.into_iter().map(Block::from));
        }
        Ok(found)
    }

    async fn apart(&self, user: UserId, among: &[UserId]) -> Result<HashSet<UserId>> {
        let mut apart = HashSet::new();
        for batch in batches(among.iter().map(|other| other.uuid())) {
            let rows = Entity::find().filter(is_between(user.uuid(), batch)).all(&self.reader).await?;
            let other = |block: Block| if block.by == user { block.of } else { block.by };
            apart.extend(rows.into_iter().map(Block::from).map(other));
        }
        Ok(apart)
    }

    async fn around(&self, people: &[UserId]) -> Result<HashSet<Block>> {
        let mut around = HashSet::new();
        for batch in batches(people.iter().map(|person| person.uuid())) {
            let is_around = Condition::any().add(Column::ById.is_in(batch.clone())).add(Column::OfId.is_in(batch));
            let rows = Entity::find().filter(is_around).all(&self.reader).await?;
            around.extend(rows.into_iter().map(Block::from));
        }
        Ok(around)
    }

    async fn set_by(&self, people: &[UserId]) -> Result<Vec<Block>> {
        let mut set = Vec::new();
        for batch in batches(people.iter().map(|person| person.uuid())) {
            let rows = Entity::find().filter(Column::ById.is_in(batch)).all(&self.reader).await?;
            set.extend(rows.into_iter().map(Block::from));
        }
        Ok(set)
    }

    async fn page(&self, by: UserId, window: &Window<NamePlace>) -> Result<Page<(NamePlace, User)>> {
        let blocked = user::Entity::find()
            .join(JoinType::InnerJoin, Relation::Blocked.def().rev())
            .filter(Column::ById.eq(by.uuid()));
        page_of(&self.reader, blocked, window).await
    }
}

/// Whether one of the two of a block is that person and the other one of these.
fn is_between(user: Uuid, others: Vec<Uuid>) -> Condition {
    let of_others = Column::ById.eq(user).and(Column::OfId.is_in(others.clone()));
    let by_others = Column::OfId.eq(user).and(Column::ById.is_in(others));
    Condition::any().add(of_others).add(by_others)
}
