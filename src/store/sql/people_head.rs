//! The numbers of the changes that others see of people.
//!
//! Who takes some holds the people's rows already and then the head's, until the commit: so no number shows before the
//! one below it.

use super::Tx;
use super::entity::people_head::{Column, Entity, Model};
use crate::domain::presence::PeopleVersion;
use crate::error::{Error, Result};
use sea_orm::prelude::Expr;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

/// The latest number.
pub(super) async fn version(db: &impl ConnectionTrait) -> Result<PeopleVersion> {
    let head = Entity::find_by_id(Model::SINGLETON).one(db).await?;
    Ok(PeopleVersion(head.ok_or_else(|| Error::internal("the head of the people is gone"))?.version))
}

/// Takes so many numbers: those that follow the one that it answers.
pub(super) async fn take(tx: &Tx, count: usize) -> Result<PeopleVersion> {
    let count = i64::try_from(count).map_err(Error::internal)?;
    let raise = Entity::update_many()
        .col_expr(Column::Version, Expr::col(Column::Version).add(count))
        .filter(Column::Singleton.eq(Model::SINGLETON));
    raise.exec(tx).await?;
    Ok(PeopleVersion(version(tx).await?.0 - count))
}
