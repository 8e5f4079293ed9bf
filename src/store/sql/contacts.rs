//! Whose a contact is, and how it becomes another's.

use super::entity::user::{Column, Entity, Model};
use super::sessions::end_of_user;
use super::{Tx, hold, identities};
use crate::domain::clock::Timestamp;
use crate::domain::contact::Contact;
use crate::domain::ids::SessionId;
use crate::error::Result;
use sea_orm::prelude::{Expr, Uuid};
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait as _, DbErr, EntityTrait as _, QueryFilter as _, QuerySelect as _, UpdateMany};

/// How an account stands to a contact that somebody has just proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has proven it before.
    Proven,
    /// It has given it, and proven nothing: the account is whose the contact is.
    Given,
    /// It has given it, and is somebody else's, who has proven something else, comes by a trusted issuer, or is suspended.
    Apart,
}

/// Whose it is, or is said to be; held from then on.
pub(super) async fn holder(tx: &Tx, contact: &Contact) -> Result<Option<Model>> {
    Ok(Entity::find().filter(is_theirs(contact)).lock(hold::NAMES).one(tx).await?)
}

/// The same without holding them.
pub(super) async fn holder_id(tx: &Tx, contact: &Contact) -> Result<Option<Uuid>> {
    let of = Entity::find().select_only().column(Column::Id).filter(is_theirs(contact));
    Ok(of.into_tuple().one(tx).await?)
}

/// Whether they have proven it.
pub(super) fn is_proven(contact: &Contact) -> Expr {
    let proven = match contact {
        Contact::Email(_) => Column::IsEmailProven,
        Contact::MobileNumber(_) => Column::IsMobileNumberProven,
    };
    is_theirs(contact).and(proven.eq(true))
}

fn is_theirs(contact: &Contact) -> Expr {
    match contact {
        Contact::Email(email) => Column::EmailKey.eq(email.key()),
        Contact::MobileNumber(number) => Column::MobileNumber.eq(number.key()),
    }
}

/// How the one whose it is said to be stands to it.
pub(super) async fn standing(tx: &Tx, holder: &Model, contact: &Contact) -> Result<Standing> {
    let (this, other) = match contact {
        Contact::Email(_) => (holder.is_email_proven, holder.is_mobile_number_proven),
        Contact::MobileNumber(_) => (holder.is_mobile_number_proven, holder.is_email_proven),
    };
    if this {
        return Ok(Standing::Proven);
    }
    let is_anothers = other || holder.suspended_at.is_some() || identities::lets_in(tx, holder.id.into()).await?;
    Ok(if is_anothers { Standing::Apart } else { Standing::Given })
}

/// Makes the contact theirs, who are held, and nobody has it.
pub(super) async fn give(tx: &Tx, to: Uuid, contact: &Contact) -> Result<(), DbErr> {
    with(Entity::update_many(), contact).filter(Column::Id.eq(to)).exec(tx).await.map(drop)
}

/// Gives the account to the one who has proven the contact, and ends what was set on it before.
pub(super) async fn take_over(tx: &Tx, account: &Model, contact: &Contact, at: Timestamp) -> Result<Vec<SessionId>> {
    let alone = match contact {
        Contact::Email(_) => without_number(Entity::update_many()),
        Contact::MobileNumber(_) => without_email(Entity::update_many()),
    };
    with(void(alone), contact).filter(Column::Id.eq(account.id)).exec(tx).await?;
    end_of_user(tx, account.id.into(), None, at).await
}

/// Takes a contact that is not proven from the account, which is held. Where it has nothing else to sign in by, it is closed.
pub(super) async fn take_from(tx: &Tx, account: &Model, contact: &Contact, at: Timestamp) -> Result<Vec<SessionId>> {
    let (update, other) = match contact {
        Contact::Email(_) => (without_email(Entity::update_many()), &account.mobile_number),
        Contact::MobileNumber(_) => (without_number(Entity::update_many()), &account.email_key),
    };
    let is_closed = account.username.is_none() && other.is_none();
    let update = if is_closed { void(update) } else { update };
    update.filter(Column::Id.eq(account.id)).exec(tx).await?;
    if is_closed { end_of_user(tx, account.id.into(), None, at).await } else { Ok(Vec::new()) }
}

fn with(update: UpdateMany<Entity>, contact: &Contact) -> UpdateMany<Entity> {
    match contact {
        Contact::Email(email) => update
            .col_expr(Column::Email, Expr::value(email.as_str()))
            .col_expr(Column::EmailKey, Expr::value(email.key()))
            .col_expr(Column::IsEmailProven, Expr::value(true)),
        Contact::MobileNumber(number) => update
            .col_expr(Column::MobileNumber, Expr::value(number.key()))
            .col_expr(Column::IsMobileNumberProven, Expr::value(true)),
    }
}

fn without_email(update: UpdateMany<Entity>) -> UpdateMany<Entity> {
    update
        .col_expr(Column::Email, Expr::value(None::<String>))
        .col_expr(Column::EmailKey, Expr::value(None::<String>))
        .col_expr(Column::IsEmailProven, Expr::value(false))
}

fn without_number(update: UpdateMany<Entity>) -> UpdateMany<Entity> {
    update
        .col_expr(Column::MobileNumber, Expr::value(None::<String>))
        .col_expr(Column::IsMobileNumberProven, Expr::value(false))
}

/// Without a password; and whoever has shown the one that was there, and has no session yet, begins none.
fn void(update: UpdateMany<Entity>) -> UpdateMany<Entity> {
    update
        .col_expr(Column::PasswordHash, Expr::value(None::<String>))
        .col_expr(Column::CredentialsVersion, Expr::col(Column::CredentialsVersion).add(1))
}

/// The account without that contact.
pub(super) fn bare(mut account: Model, contact: &Contact) -> Model {
    match contact {
        Contact::Email(_) => account.email_key = None,
        Contact::MobileNumber(_) => account.mobile_number = None,
    }
    account
}
