//! What is still to be posted.

use super::batches::batches;
use super::entity::push::{Column, Entity, Model};
use super::notifications::shown;
use super::{Sql, Tx};
use crate::domain::clock::Timestamp;
use crate::domain::ids::NotificationId;
use crate::error::{Error, Result};
use crate::store::pushes::{Push, Pushes};
use async_trait::async_trait;
use sea_orm::QuerySelect as _;
use sea_orm::prelude::{DateTimeUtc, Expr, Uuid};
use sea_orm::sea_query::{ExprTrait as _, LockBehavior, LockType};
use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _};
use std::collections::HashMap;

#[async_trait]
impl Pushes for Sql {
    async fn take(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<Push>> {
        let due = Entity::find()
            .filter(Column::DueAt.lte(DateTimeUtc::from(now)))
            .order_by_asc(Column::DueAt)
            .limit(u64::from(limit));
        // Most often there are none: nobody need become a writer to know that.
        if due.clone().limit(1).one(&self.reader).await?.is_none() {
            return Ok(Vec::new());
        }
        let taken: Vec<Model> = self
            .transaction(async |tx| {
                // Whoever comes at the same time takes the next ones.
                let due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(tx).await?;
                for batch in batches(due.iter().map(|row| row.notification_id)) {
                    let take = Entity::update_many()
                        .col_expr(Column::DueAt, Expr::value(DateTimeUtc::from(until)))
                        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1));
                    take.filter(Column::NotificationId.is_in(batch)).exec(tx).await?;
                }
                Ok(due)
            })
            .await?;
        let ids: Vec<NotificationId> = taken.iter().map(|row| row.notification_id.into()).collect();
        let mut notifications = HashMap::with_capacity(ids.len());
        for batch in batches(ids.iter().map(|id| id.uuid())) {
            let of_them = shown().filter(super::entity::notification::Column::Id.is_in(batch));
            notifications.extend(self.read(of_them).await?.into_iter().map(|one| (one.id, one)));
        }
        let push = |row: Model| {
            let id = row.notification_id.into();
            let attempts = u32::try_from(row.attempts).map_err(Error::internal)?.saturating_add(1);
            Ok(Push { id, notification: notifications.remove(&id), made_at: row.made_at.into(), attempts })
        };
        taken.into_iter().map(push).collect()
    }

    async fn done(&self, of: &[NotificationId]) -> Result<()> {
        for batch in batches(of.iter().map(|id| id.uuid())) {
            Entity::delete_many().filter(Column::NotificationId.is_in(batch)).exec(&self.writer).await?;
        }
        Ok(())
    }

    async fn put_off(&self, of: &[NotificationId], to: Timestamp) -> Result<()> {
        for batch in batches(of.iter().map(|id| id.uuid())) {
            let put_off = Entity::update_many().col_expr(Column::DueAt, Expr::value(DateTimeUtc::from(to)));
            put_off.filter(Column::NotificationId.is_in(batch)).exec(&self.writer).await?;
        }
        Ok(())
    }
}

/// These notifications are to be posted, each at its time.
pub(super) async fn insert(tx: &Tx, pushes: &[(Uuid, Timestamp, Timestamp)]) -> Result<()> {
    let rows = pushes.iter().map(|(notification_id, made_at, due_at)| Model {
        notification_id: *notification_id,
        made_at: (*made_at).into(),
        due_at: (*due_at).into(),
        attempts: 0,
    });
    for batch in batches(rows) {
        // Only what a batch says twice is there.
        let twice = sea_orm::sea_query::OnConflict::new().do_nothing().to_owned();
        let rows = batch.into_iter().map(Model::into_active_model);
        Entity::insert_many(rows).on_conflict(twice).exec_without_returning(tx).await?;
    }
    Ok(())
}
