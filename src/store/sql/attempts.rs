//! What was tried lately.

use super::batches::batches;
use super::entity::attempt::{self, Column, Entity};
use super::{Sql, Tx, undo};
use crate::domain::attempt::{AttemptKey, Change, Known, Outcome, apply};
use crate::domain::clock::Timestamp;
use crate::error::Result;
use crate::store::Attempts;
use async_trait::async_trait;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::sea_query::{Expr, InsertStatement, LockBehavior, LockType, OnConflict, Query};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use std::collections::BTreeSet;

#[async_trait]
impl Attempts for Sql {
    async fn apply(&self, changes: &[Change], now: Timestamp) -> Result<Vec<Outcome>> {
        let tx = self.writer.begin().await?;
        match applied(&tx, changes, now).await {
            Ok((outcomes, HasChanged(true))) => {
                tx.commit().await?;
                Ok(outcomes)
            }
            // Of an attempt that was refused nothing is kept: whoever goes on and on would fill the table.
            Ok((outcomes, HasChanged(false))) => {
                undo(tx).await;
                Ok(outcomes)
            }
            Err(error) => {
                undo(tx).await;
                Err(error)
            }
        }
    }

    async fn forget(&self, now: Timestamp, limit: u32) -> Result<u64> {
        let over = Entity::find()
            .select_only()
            .column(Column::Key)
            .filter(Column::Until.lte(DateTimeUtc::from(now)))
            .limit(u64::from(limit));
        self.transaction(async |tx| {
            // Nobody is waited for while others wait for these.
            let over = over.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            let keys: Vec<Vec<u8>> = over.into_tuple().all(tx).await?;
            let mut forgotten = 0;
            for batch in batches(keys) {
                let gone = Entity::delete_many().filter(Column::Key.is_in(batch)).exec(tx).await?;
                forgotten += gone.rows_affected;
            }
            Ok(forgotten)
        })
        .await
    }
}

struct HasChanged(bool);

async fn applied(tx: &Tx, changes: &[Change], now: Timestamp) -> Result<(Vec<Outcome>, HasChanged)> {
    let before = held(tx, changes, now).await?;
    let mut known = before.clone();
    known.extend(marks(tx, changes).await?);
    let outcomes = apply(changes, &mut known, now);
    known.retain(|key, until| before.get(key).is_some_and(|before| before != until));
    write(tx, &known).await?;
    Ok((outcomes, HasChanged(!known.is_empty())))
}

/// What may be changed, made where it is not there, and held until the end of the transaction: in the order of the keys, so
/// that nobody waits in a circle.
async fn held(tx: &Tx, changes: &[Change], now: Timestamp) -> Result<Known> {
    let keys: BTreeSet<AttemptKey> = changes.iter().flat_map(Change::keys).collect();
    let mut known = Known::with_capacity(keys.len());
    if keys.is_empty() {
        return Ok(known);
    }
    // A row that changes nothing is how both databases hold it, and tell it, in the statement that may have to make it.
    let as_it_was = OnConflict::column(Column::Key).value(Column::Until, Expr::col((Entity, Column::Until))).to_owned();
    let mut hold = insert(keys.into_iter().map(|key| (key, now)), as_it_was);
    for row in tx.query_all(hold.returning(Query::returning().columns([Column::Key, Column::Until]))).await? {
        let (key, until): (Vec<u8>, DateTimeUtc) = row.try_get_many_by_index()?;
        known.insert(attempt::key(key)?, until.into());
    }
    Ok(known)
}

/// The marks that spare a bucket, as they are: one that is about to be made spares the next attempt.
async fn marks(tx: &Tx, changes: &[Change]) -> Result<Known> {
    let mut known = Known::new();
    for batch in batches(changes.iter().flat_map(Change::spared_by)) {
        let marks = Entity::find().filter(Column::Key.is_in(batch.into_iter().map(|key| key.0.to_vec())));
        for row in marks.all(tx).await? {
            known.insert(attempt::key(row.key)?, row.until.into());
        }
    }
    Ok(known)
}

async fn write(tx: &Tx, changed: &Known) -> Result<()> {
    if changed.is_empty() {
        return Ok(());
    }
    let rows = changed.iter().map(|(key, until)| (*key, *until));
    tx.execute(&insert(rows, OnConflict::column(Column::Key).update_column(Column::Until).to_owned())).await?;
    Ok(())
}

fn insert(rows: impl Iterator<Item = (AttemptKey, Timestamp)>, on_conflict: OnConflict) -> InsertStatement {
    let mut insert = Query::insert();
    insert.into_table(Entity).columns([Column::Key, Column::Until]).on_conflict(on_conflict);
    for (key, until) in rows {
        insert.values_panic([key.0.to_vec().into(), DateTimeUtc::from(until).into()]);
    }
    insert
}
