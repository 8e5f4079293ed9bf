//! Inserting what somebody else may have inserted already.

use crate::error::Result;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelBehavior, ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, ModelTrait};

/// Inserts the row, unless one with its primary key or with another unique key of it is there; whether it did. Where
/// another is about to insert such a one, it waits, and then knows: the next statement sees what the other has made.
pub(super) async fn insert_if_new<M, A>(db: &impl ConnectionTrait, row: M) -> Result<bool>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity> + ActiveModelBehavior,
{
    let insert = M::Entity::insert(row.into_active_model()).on_conflict(OnConflict::new().do_nothing().to_owned());
    Ok(insert.exec_without_returning(db).await? > 0)
}
