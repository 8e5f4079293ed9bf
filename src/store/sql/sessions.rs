//! Sign-ins and the tokens that renew them.

use super::Sql;
use super::batches::batches;
use super::entity::{session, user};
use crate::domain::clock::Timestamp;
use crate::domain::ids::SessionId;
use crate::domain::user::{Session, TokenHash};
use crate::error::Result;
use crate::store::sessions::{Rotated, Rotation, Sessions};
use async_trait::async_trait;
use sea_orm::ActiveValue::Set;
use sea_orm::prelude::{DateTimeUtc, Expr, Uuid};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _};
use sea_orm::{QueryFilter as _, QuerySelect as _};
use std::collections::HashSet;

#[async_trait]
impl Sessions for Sql {
    async fn insert(&self, session: &Session, refresh: TokenHash) -> Result<bool> {
        let row = session::Model::begun(session, refresh).into_active_model();
        self.transaction(async |tx| {
            // Whoever suspends the person meanwhile waits, and then ends this session too.
            let held = user::Entity::find_by_id(session.user.uuid())
                .select_only()
                .column(user::Column::Id)
                .filter(user::Column::SuspendedAt.is_null())
                .lock(LockType::Share);
            if held.into_tuple::<Uuid>().one(tx).await?.is_none() {
                return Ok(false);
            }
            session::Entity::insert(row).exec_without_returning(tx).await?;
            Ok(true)
        })
        .await
    }

    async fn find(&self, ids: &[SessionId]) -> Result<Vec<Session>> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in batches(ids.iter().map(|id| id.uuid())) {
            let rows = session::Entity::find().filter(session::Column::Id.is_in(batch)).all(&self.reader).await?;
            found.extend(rows.into_iter().map(Session::from));
        }
        Ok(found)
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<Rotated> {
        self.transaction(async |tx| {
            let held = session::Entity::find_by_id(rotation.session.uuid()).lock_exclusive().one(tx).await?;
            let Some(row) = held else { return Ok(Rotated::Gone) };
            let session = Session::from(row.clone());
            if !session.is_live(rotation.at) {
                return Ok(Rotated::Gone);
            }
            if row.refresh_hash == rotation.presented.0 {
                let row = traded(row, rotation).update(tx).await?;
                return Ok(Rotated::Done(row.into()));
            }
            if is_repeated(&row, rotation) {
                return Ok(Rotated::Repeated(session));
            }
            let mut row = row.into_active_model();
            row.ended_at = Set(Some(rotation.at.into()));
            Ok(Rotated::Reused(row.update(tx).await?.into()))
        })
        .await
    }

    async fn end(&self, id: SessionId, at: Timestamp) -> Result<bool> {
        let at = DateTimeUtc::from(at);
        let ended = session::Entity::update_many()
            .col_expr(session::Column::EndedAt, Expr::value(at))
            .filter(session::Column::Id.eq(id.uuid()))
            .filter(session::Column::EndedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(at))
            .exec(&self.writer)
            .await?;
        Ok(ended.rows_affected > 0)
    }

    async fn ended_among(&self, ids: &[SessionId]) -> Result<Vec<SessionId>> {
        let mut going_on: HashSet<SessionId> = HashSet::with_capacity(ids.len());
        for batch in batches(ids.iter().map(|id| id.uuid())) {
            let rows: Vec<Uuid> = session::Entity::find()
                .select_only()
                .column(session::Column::Id)
                .filter(session::Column::Id.is_in(batch))
                .filter(session::Column::EndedAt.is_null())
                .into_tuple()
                .all(&self.reader)
                .await?;
            going_on.extend(rows.into_iter().map(SessionId::from));
        }
        Ok(ids.iter().copied().filter(|id| !going_on.contains(id)).collect())
    }
}

/// The row once the token that counts has been traded for its successor.
fn traded(row: session::Model, rotation: &Rotation) -> session::ActiveModel {
    let mut row = row.into_active_model();
    row.traded_hash = Set(Some(rotation.presented.0.to_vec()));
    row.refresh_hash = Set(rotation.successor.0.to_vec());
    row.last_used_at = Set(rotation.at.into());
    row.expires_at = Set(rotation.expires_at.into());
    row
}

/// Whether this very trade was made a moment ago.
fn is_repeated(row: &session::Model, rotation: &Rotation) -> bool {
    let is_the_same =
        row.traded_hash.as_deref() == Some(&rotation.presented.0) && row.refresh_hash == rotation.successor.0;
    is_the_same && rotation.at.since(row.last_used_at.into()) <= rotation.grace
}
