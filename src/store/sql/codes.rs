//! One-time codes.

use super::accounts::{contended, taken};
use super::batches::batches;
use super::contacts::{self, Standing};
use super::entity::code::{Column, Entity, Model};
use super::entity::user;
use super::insert::insert_if_new;
use super::{Sql, Tx, hold, sessions};
use crate::domain::clock::Timestamp;
use crate::domain::contact::{NewCode, Proof};
use crate::domain::ids::{SessionId, UserId};
use crate::domain::rules::CODE_TRIES;
use crate::domain::user::{NewAccount, Session, TokenHash};
use crate::error::Result;
use crate::store::accounts::Registered;
use crate::store::codes::{Codes, ContactSet, SignIn, Tried};
use async_trait::async_trait;
use sea_orm::prelude::{DateTimeUtc, Expr};
use sea_orm::sea_query::{ExprTrait as _, LockBehavior, LockType, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QuerySelect as _, SqlErr};
use std::slice;

/// How often it is tried to get what others take at the same time.
const ATTEMPTS: usize = 5;
/// Codes that are removed in one transaction.
const REMOVED_AT_ONCE: u64 = 1_000;

#[async_trait]
impl Codes for Sql {
    async fn insert(&self, code: &NewCode) -> Result<()> {
        let anew = OnConflict::column(Column::ContactHash)
            .update_columns([Column::CodeHash, Column::Tries, Column::ExpiresAt])
            .to_owned();
        let insert = Entity::insert(Model::from(code).into_active_model()).on_conflict(anew);
        insert.exec_without_returning(&self.writer).await?;
        Ok(())
    }

    async fn spend(&self, proofs: &[Proof], at: Timestamp) -> Result<Tried<()>> {
        self.transaction(async |tx| {
            let tried = check(tx, proofs, at).await?;
            if let Tried::Right(right) = &tried {
                remove(tx, right).await?;
            }
            Ok(tried.map(drop))
        })
        .await
    }

    async fn sign_in(
        &self,
        proof: &Proof,
        account: &NewAccount,
        session: &Session,
        refresh: TokenHash,
    ) -> Result<Tried<SignIn>> {
        self.transaction(async |tx| {
            let tried = check(tx, slice::from_ref(proof), session.created_at).await?;
            let Tried::Right(right) = tried else { return Ok(tried.map(|_| SignIn::Suspended)) };
            let signed_in = sign_in(tx, proof, account, session.clone()).await?;
            if let SignIn::Done { session, .. } = &signed_in {
                sessions::insert(tx, session, refresh).await?;
                remove(tx, &right).await?;
            }
            Ok(Tried::Right(signed_in))
        })
        .await
    }

    async fn register(
        &self,
        proof: &Proof,
        account: &NewAccount,
        session: &Session,
        refresh: TokenHash,
    ) -> Result<Tried<(Registered, Vec<SessionId>)>> {
        self.transaction(async |tx| {
            let tried = check(tx, slice::from_ref(proof), session.created_at).await?;
            let Tried::Right(right) = tried else { return Ok(tried.map(|_| (Registered::Done, Vec::new()))) };
            let (registered, ended) = register(tx, proof, account, session.created_at).await?;
            if registered == Registered::Done {
                sessions::insert(tx, session, refresh).await?;
                remove(tx, &right).await?;
            }
            Ok(Tried::Right((registered, ended)))
        })
        .await
    }

    async fn set_contact(
        &self,
        user: UserId,
        by: Option<SessionId>,
        proof: &Proof,
        at: Timestamp,
    ) -> Result<Tried<ContactSet>> {
        for _ in 0..ATTEMPTS {
            let set = self
                .transaction(async |tx| {
                    let tried = check(tx, slice::from_ref(proof), at).await?;
                    let Tried::Right(right) = tried else { return Ok(Some(tried.map(|_| ContactSet::ShutOut))) };
                    let set = set_contact(tx, user, by, proof, at).await?;
                    if let Some(ContactSet::Done(_)) = &set {
                        remove(tx, &right).await?;
                    }
                    Ok(set.map(Tried::Right))
                })
                .await?;
            if let Some(set) = set {
                return Ok(set);
            }
        }
        Err(contended())
    }

    async fn purge(&self, before: Timestamp) -> Result<u64> {
        let old = Entity::find().filter(Column::ExpiresAt.lt(DateTimeUtc::from(before)));
        // Most often there are none: nobody need become a writer to know that.
        if old.clone().limit(1).one(&self.reader).await?.is_none() {
            return Ok(0);
        }
        self.transaction(async |tx| {
            // What another holds is being tried, or removed.
            let old = old.limit(REMOVED_AT_ONCE).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            let old = old.all(tx).await?;
            for batch in batches(old.iter().map(|row| row.contact_hash.clone())) {
                Entity::delete_many().filter(Column::ContactHash.is_in(batch)).exec(tx).await?;
            }
            Ok(old.len() as u64)
        })
        .await
    }
}

/// Holds the codes that were sent to the contacts, and gives those proofs that are right. Each that is wrong takes one of its code's
/// tries.
async fn check<'p>(tx: &Tx, proofs: &'p [Proof], at: Timestamp) -> Result<Tried<Vec<&'p Proof>>> {
    let mut in_order: Vec<_> = proofs.iter().collect();
    in_order.sort_unstable_by_key(|proof| proof.hash);
    let (mut right, mut is_wrong) = (Vec::new(), false);
    for proof in in_order {
        let sent = Entity::find_by_id(proof.hash.contact.to_vec()).lock_exclusive().one(tx).await?;
        let Some(sent) = sent.filter(|sent| counts(sent, at)) else { continue };
        if sent.code_hash == proof.hash.code {
            right.push(proof);
            continue;
        }
        is_wrong = true;
        let count = Entity::update_many().col_expr(Column::Tries, Expr::col(Column::Tries).add(1));
        count.filter(Column::ContactHash.eq(sent.contact_hash)).exec(tx).await?;
    }
    Ok(match (right.is_empty(), is_wrong) {
        (false, _) => Tried::Right(right),
        (true, true) => Tried::Wrong,
        (true, false) => Tried::Gone,
    })
}

fn counts(sent: &Model, at: Timestamp) -> bool {
    DateTimeUtc::from(at) < sent.expires_at && sent.tries < i16::from(CODE_TRIES)
}

async fn remove(tx: &Tx, proofs: &[&Proof]) -> Result<()> {
    let hashes = proofs.iter().map(|proof| proof.hash.contact.to_vec());
    Entity::delete_many().filter(Column::ContactHash.is_in(hashes)).exec(tx).await?;
    Ok(())
}

/// Finds, or makes, the account of the one who has proven that contact.
async fn sign_in(tx: &Tx, proof: &Proof, account: &NewAccount, mut session: Session) -> Result<SignIn> {
    let (contact, at) = (&proof.contact, session.created_at);
    let mut ended = Vec::new();
    for _ in 0..ATTEMPTS {
        let Some(holder) = contacts::holder(tx, contact).await? else {
            // Somebody may just have given it.
            if insert_if_new(tx, user::Model::from(account)).await? {
                return Ok(SignIn::Done { session, is_new: true, ended });
            }
            continue;
        };
        match contacts::standing(tx, &holder, contact).await? {
            Standing::Proven if holder.suspended_at.is_some() => return Ok(SignIn::Suspended),
            Standing::Proven => {}
            Standing::Given => ended.extend(contacts::take_over(tx, &holder, contact, at).await?),
            Standing::Apart => {
                ended.extend(contacts::take_from(tx, &holder, contact, at).await?);
                continue;
            }
        }
        session.user = holder.id.into();
        return Ok(SignIn::Done { session, is_new: false, ended });
    }
    Err(contended())
}

/// Makes the account of the one who has proven that contact.
async fn register(tx: &Tx, proof: &Proof, account: &NewAccount, at: Timestamp) -> Result<(Registered, Vec<SessionId>)> {
    let contact = &proof.contact;
    let row = user::Model::from(account);
    // What stands in the way of it is said first: only an account that is made takes anything from another.
    let given = match contacts::holder(tx, contact).await? {
        Some(holder) if contacts::standing(tx, &holder, contact).await? != Standing::Proven => Some(holder),
        _ => None,
    };
    let rest = if given.is_some() { contacts::bare(row.clone(), contact) } else { row.clone() };
    if let Some(taken) = taken(tx, &rest).await? {
        return Ok((taken, Vec::new()));
    }
    let ended = match given {
        Some(holder) => contacts::take_from(tx, &holder, contact, at).await?,
        None => Vec::new(),
    };
    if insert_if_new(tx, row.clone()).await? {
        return Ok((Registered::Done, ended));
    }
    // Somebody has just been faster.
    Ok((taken(tx, &row).await?.ok_or_else(contended)?, ended))
}

/// Makes the contact theirs; `None` where somebody else has just taken it, and the transaction does nothing more.
async fn set_contact(
    tx: &Tx,
    user: UserId,
    by: Option<SessionId>,
    proof: &Proof,
    at: Timestamp,
) -> Result<Option<ContactSet>> {
    let contact = &proof.contact;
    let holder = contacts::holder_id(tx, contact).await?;
    hold::names_of(tx, holder.into_iter().chain([user.uuid()]).collect()).await?;
    let holder = contacts::holder(tx, contact).await?;
    if !sessions::lets_in(tx, user, by, at).await? {
        return Ok(Some(ContactSet::ShutOut));
    }
    let mut ended = Vec::new();
    if let Some(holder) = holder.filter(|holder| holder.id != user.uuid()) {
        if contacts::standing(tx, &holder, contact).await? == Standing::Proven {
            return Ok(Some(ContactSet::Taken));
        }
        ended = contacts::take_from(tx, &holder, contact, at).await?;
    }
    match contacts::give(tx, user.uuid(), contact).await {
        Ok(()) => Ok(Some(ContactSet::Done(ended))),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
