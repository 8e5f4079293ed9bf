//! Who the people of trusted issuers are here.

use super::accounts::{contended, taken};
use super::batches::batches;
use super::entity::identity::{self, Column, Entity, WithSuspension};
use super::entity::user;
use super::insert::insert_if_new;
use super::{Sql, Tx};
use crate::domain::clock::Timestamp;
use crate::domain::identity::{Identity, IdentityKey};
use crate::domain::ids::UserId;
use crate::domain::user::NewAccount;
use crate::error::{Error, Result};
use crate::store::accounts::Registered;
use crate::store::identities::{Enrolled, Identities, Newcomer};
use async_trait::async_trait;
use sea_orm::prelude::{DateTimeUtc, Expr, Uuid};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _, Select};
use std::collections::HashSet;

#[async_trait]
impl Identities for Sql {
    async fn find(&self, keys: &[IdentityKey]) -> Result<Vec<Identity>> {
        let mut found = Vec::with_capacity(keys.len());
        for batch in batches(keys.iter().map(|key| key.0.to_vec())) {
            found.extend(known(&self.reader, Entity::find().filter(Column::Key.is_in(batch))).await?);
        }
        Ok(found)
    }

    async fn enrol(&self, newcomer: &Newcomer) -> Result<Enrolled> {
        self.transaction(async |tx| {
            // Whoever else brings the same one waits, and then knows.
            let held = Entity::find_by_id(newcomer.key.0.to_vec()).lock_exclusive().one(tx).await?;
            match held {
                Some(_) => come_back(tx, newcomer).await,
                None => come(tx, newcomer).await,
            }
        })
        .await
    }

    async fn shut_out_among(&self, users: &[UserId]) -> Result<Vec<UserId>> {
        let mut let_in: HashSet<UserId> = HashSet::with_capacity(users.len());
        for batch in batches(users.iter().map(|user| user.uuid())) {
            let rows: Vec<Uuid> = Entity::find()
                .inner_join(user::Entity)
                .select_only()
                .column(Column::UserId)
                .filter(Column::UserId.is_in(batch))
                .filter(Column::ClosedAt.is_null())
                .filter(user::Column::SuspendedAt.is_null())
                .into_tuple()
                .all(&self.reader)
                .await?;
            let_in.extend(rows.into_iter().map(UserId::from));
        }
        Ok(users.iter().copied().filter(|user| !let_in.contains(user)).collect())
    }
}

/// Whether the person comes in by an issuer.
pub(super) async fn lets_in(tx: &Tx, user: UserId) -> Result<bool> {
    let open = Entity::find()
        .inner_join(user::Entity)
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::ClosedAt.is_null())
        .filter(user::Column::SuspendedAt.is_null());
    Ok(open.one(tx).await?.is_some())
}

/// Part of the transaction that deletes the account: whoever came to it by an issuer is not let into it again.
pub(super) async fn close(tx: &Tx, user: UserId, at: Timestamp) -> Result<()> {
    let close = Entity::update_many()
        .col_expr(Column::ClosedAt, Expr::value(DateTimeUtc::from(at)))
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::ClosedAt.is_null());
    close.exec(tx).await?;
    Ok(())
}

async fn known(db: &impl ConnectionTrait, identities: Select<Entity>) -> Result<Vec<Identity>> {
    let rows: Vec<WithSuspension> = identities
        .inner_join(user::Entity)
        .select_only()
        .columns([Column::Key, Column::UserId, Column::ClosedAt])
        .column(user::Column::SuspendedAt)
        .into_tuple()
        .all(db)
        .await?;
    rows.into_iter().map(identity::identity).collect()
}

async fn known_by(tx: &Tx, key: IdentityKey) -> Result<Identity> {
    let found = known(tx, Entity::find_by_id(key.0.to_vec())).await?.pop();
    found.ok_or_else(|| Error::internal("an identity that was there is not there"))
}

/// One who was not here before.
async fn come(tx: &Tx, newcomer: &Newcomer) -> Result<Enrolled> {
    let user = make_account(tx, &newcomer.account).await?;
    let row = identity::Model {
        key: newcomer.key.0.to_vec(),
        user_id: user,
        created_at: newcomer.account.created_at.into(),
        closed_at: None,
    };
    if insert_if_new(tx, row).await? {
        return Ok(Enrolled::New);
    }
    // Another was quicker: it is that one's account.
    user::Entity::delete_by_id(user).exec(tx).await?;
    known_by(tx, newcomer.key).await.map(Enrolled::Known)
}

/// One who was.
async fn come_back(tx: &Tx, newcomer: &Newcomer) -> Result<Enrolled> {
    let known = known_by(tx, newcomer.key).await?;
    if !known.begins_anew(newcomer.issued_at) {
        return Ok(Enrolled::Known(known));
    }
    let user = make_account(tx, &newcomer.account).await?;
    let reopen = Entity::update_many()
        .col_expr(Column::UserId, Expr::value(user))
        .col_expr(Column::ClosedAt, Expr::value(None::<DateTimeUtc>))
        .filter(Column::Key.eq(newcomer.key.0.to_vec()));
    reopen.exec(tx).await?;
    Ok(Enrolled::New)
}

/// Makes the account without what somebody else has.
async fn make_account(tx: &Tx, account: &NewAccount) -> Result<Uuid> {
    let mut account = account.clone();
    loop {
        let row = user::Model::from(&account);
        if insert_if_new(tx, row.clone()).await? {
            return Ok(row.id);
        }
        match taken(tx, &row).await? {
            Some(Registered::UsernameTaken) => account.username = None,
            Some(Registered::EmailTaken) => account.email = None,
            Some(Registered::MobileNumberTaken) => account.mobile_number = None,
            Some(Registered::Done) | None => return Err(contended()),
        }
    }
}
