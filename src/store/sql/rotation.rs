//! How refresh tokens are traded. Whoever trades holds the session's row: so of many at once one is the first.

use super::Tx;
use super::entity::{refresh_trade, session};
use crate::domain::clock::Timestamp;
use crate::domain::user::Session;
use crate::error::Result;
use crate::store::sessions::{Rotated, Rotation};
use sea_orm::ActiveValue::Set;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _};
use sea_orm::{QueryFilter as _, QuerySelect as _};

/// [`Sessions::rotate`](crate::store::Sessions::rotate).
pub(super) async fn rotate(tx: &Tx, rotation: &Rotation) -> Result<Rotated> {
    let held = session::Entity::find_by_id(rotation.session.uuid()).lock_exclusive().one(tx).await?;
    let Some(row) = held else { return Ok(Rotated::Gone) };
    let session = Session::from(row.clone());
    if !session.is_live(rotation.at) {
        return Ok(Rotated::Gone);
    }
    if row.refresh_hash == rotation.presented.0 {
        return trade(tx, row, rotation).await.map(Rotated::Done);
    }
    if let Some(trade) = repeated(tx, rotation).await? {
        let (issued_at, expires_at) = (trade.issued_at.into(), trade.expires_at.into());
        return Ok(Rotated::Repeated(Session { issued_at, expires_at, ..session }));
    }
    let mut row = row.into_active_model();
    row.ended_at = Set(Some(rotation.at.into()));
    Ok(Rotated::Reused(row.update(tx).await?.into()))
}

/// Trades the token that counts, and notes it. What was traded longer ago than the grace is forgotten.
async fn trade(tx: &Tx, row: session::Model, rotation: &Rotation) -> Result<Session> {
    use refresh_trade::{Column, Entity, Model};
    let old = Entity::delete_many()
        .filter(Column::SessionId.eq(row.id))
        .filter(Column::IssuedAt.lt(DateTimeUtc::from(rotation.at.minus(rotation.grace))));
    old.exec(tx).await?;
    let done = Model {
        session_id: row.id,
        presented_hash: rotation.presented.0.to_vec(),
        successor_hash: rotation.successor.0.to_vec(),
        issued_at: rotation.at.into(),
        expires_at: rotation.expires_at.into(),
    };
    Entity::insert(done.into_active_model()).exec_without_returning(tx).await?;
    let used_at: Timestamp = row.last_used_at.into();
    let mut row = row.into_active_model();
    row.refresh_hash = Set(rotation.successor.0.to_vec());
    row.issued_at = Set(rotation.at.into());
    row.last_used_at = Set(used_at.max(rotation.at).into());
    row.expires_at = Set(rotation.expires_at.into());
    Ok(row.update(tx).await?.into())
}

/// This very trade, where it was made a moment ago.
async fn repeated(tx: &Tx, rotation: &Rotation) -> Result<Option<refresh_trade::Model>> {
    let key = (rotation.session.uuid(), rotation.presented.0.to_vec());
    let found = refresh_trade::Entity::find_by_id(key).one(tx).await?;
    Ok(found.filter(|trade| {
        trade.successor_hash == rotation.successor.0 && rotation.at.since(trade.issued_at.into()) <= rotation.grace
    }))
}
