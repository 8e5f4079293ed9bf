//! People's accounts.

use super::batches::batches;
use super::entity::{session, user};
use super::insert::insert_if_new;
use super::names::holds;
use super::window::cut;
use super::{Sql, Tx, contacts, departed, failure, hold, people_head, presence, sessions};
use crate::domain::clock::Timestamp;
use crate::domain::contact::Contact;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::page::{Page, Window};
use crate::domain::presence::{Changed, PeopleVersion};
use crate::domain::user::{Login, NamePlace, NewAccount, ProfileChange, Session, TokenHash, User};
use crate::error::{Error, Result};
use crate::store::accounts::{
    Accounts, Credentials, CredentialsVersion, NewPassword, PeopleFilter, ProfileUpdate, Registered,
};
use async_trait::async_trait;
use sea_orm::prelude::{DateTimeUtc, Expr, Uuid};
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use sea_orm::{QueryOrder as _, QuerySelect as _, Select, SqlErr};

#[async_trait]
impl Accounts for Sql {
    async fn register(&self, account: &NewAccount, session: &Session, refresh: TokenHash) -> Result<Registered> {
        let (user, session) = (user::Model::from(account), session::Model::begun(session, refresh));
        self.transaction(async |tx| {
            if !insert_if_new(tx, user.clone()).await? {
                return taken(tx, &user).await?.ok_or_else(contended);
            }
            session::Entity::insert(session.into_active_model()).exec_without_returning(tx).await?;
            Ok(Registered::Done)
        })
        .await
    }

    async fn find(&self, ids: &[UserId]) -> Result<Vec<User>> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in batches(ids.iter().map(|id| id.uuid())) {
            let rows = user::Entity::find().filter(user::Column::Id.is_in(batch)).all(&self.reader).await?;
            found.extend(rows.into_iter().map(User::from));
        }
        Ok(found)
    }

    async fn find_by_username(&self, key: &str) -> Result<Option<User>> {
        let by_key = user::Entity::find().filter(user::Column::UsernameKey.eq(key));
        Ok(by_key.one(&self.reader).await?.map(User::from))
    }

    async fn find_by_contact(&self, contact: &Contact) -> Result<Option<User>> {
        let theirs = user::Entity::find().filter(contacts::is_proven(contact));
        Ok(theirs.one(&self.reader).await?.map(User::from))
    }

    async fn credentials(&self, login: &Login) -> Result<Option<Credentials>> {
        let is_theirs = match login {
            Login::Username(key) => user::Column::UsernameKey.eq(key),
            Login::Email(key) => user::Column::EmailKey.eq(key),
            Login::MobileNumber(key) => user::Column::MobileNumber.eq(key),
        };
        let found = user::Entity::find().filter(is_theirs).one(&self.reader).await?;
        let credentials = |user: user::Model| {
            let is_suspended = user.suspended_at.is_some();
            let version = CredentialsVersion(user.credentials_version);
            Some(Credentials { user: user.id.into(), password_hash: user.password_hash?, version, is_suspended })
        };
        Ok(found.and_then(credentials))
    }

    async fn renew_password_hash(&self, of: UserId, from: &str, to: &str) -> Result<bool> {
        let renew = user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(to))
            .filter(user::Column::Id.eq(of.uuid()))
            .filter(user::Column::PasswordHash.eq(from));
        Ok(renew.exec(&self.writer).await?.rows_affected > 0)
    }

    async fn password_hash(&self, user: UserId) -> Result<Option<String>> {
        let hash = user::Entity::find_by_id(user.uuid()).select_only().column(user::Column::PasswordHash);
        Ok(hash.into_tuple::<Option<String>>().one(&self.reader).await?.flatten())
    }

    async fn set_password(&self, new: &NewPassword, at: Timestamp) -> Result<Option<Vec<SessionId>>> {
        let NewPassword { user, from, to, keep } = new;
        let is_from = match from {
            Some(hash) => user::Column::PasswordHash.eq(hash),
            None => user::Column::PasswordHash.is_null(),
        };
        let set = user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(to.clone()))
            .col_expr(user::Column::CredentialsVersion, Expr::col(user::Column::CredentialsVersion).add(1))
            .filter(user::Column::Id.eq(user.uuid()))
            .filter(user::Column::DeletedAt.is_null())
            .filter(is_from);
        self.transaction(async |tx| {
            hold::users(tx, vec![user.uuid()]).await?;
            let is_let_in = sessions::lets_in(tx, *user, *keep, at).await?;
            if !is_let_in || set.clone().exec(tx).await?.rows_affected == 0 {
                return Ok(None);
            }
            sessions::end_of_user(tx, *user, *keep, at).await.map(Some)
        })
        .await
    }

    async fn delete(&self, user: UserId, at: Timestamp) -> Result<Option<Vec<SessionId>>> {
        self.transaction(async |tx| departed::delete(tx, user, at).await).await
    }

    async fn leaving(&self, after: Option<(UserId, Timestamp)>, limit: u32) -> Result<Vec<(UserId, Timestamp)>> {
        departed::leaving(&self.reader, after, limit).await
    }

    async fn finish_leaving(&self, user: UserId, at: Timestamp) -> Result<()> {
        self.transaction(async |tx| departed::finish(tx, user, at).await).await
    }

    async fn set_suspended(&self, user: UserId, is_suspended: bool, at: Timestamp) -> Result<Option<Vec<SessionId>>> {
        let since = is_suspended.then(|| DateTimeUtc::from(at));
        self.transaction(async |tx| {
            let suspend = user::Entity::update_many()
                .col_expr(user::Column::SuspendedAt, Expr::value(since))
                .filter(user::Column::Id.eq(user.uuid()))
                .filter(user::Column::DeletedAt.is_null());
            if suspend.exec(tx).await?.rows_affected == 0 {
                return Ok(None);
            }
            if is_suspended { sessions::end_of_user(tx, user, None, at).await.map(Some) } else { Ok(Some(Vec::new())) }
        })
        .await
    }

    async fn update_profile(&self, user: UserId, change: &ProfileChange) -> Result<Option<ProfileUpdate>> {
        self.transaction(async |tx| update_profile(tx, user, change).await).await
    }

    async fn profiles_since(&self, after: PeopleVersion, limit: u32) -> Result<Vec<Changed<()>>> {
        let changed: Vec<(Uuid, i64)> = user::Entity::find()
            .select_only()
            .columns([user::Column::Id, user::Column::ProfileVersion])
            .filter(user::Column::ProfileVersion.gt(after.0))
            .order_by_asc(user::Column::ProfileVersion)
            .limit(u64::from(limit))
            .into_tuple()
            .all(&self.reader)
            .await?;
        let changed = changed.into_iter();
        let numbered =
            |(user, version): (Uuid, i64)| Changed { version: PeopleVersion(version), user: user.into(), now: () };
        Ok(changed.map(numbered).collect())
    }

    async fn page(&self, filter: &PeopleFilter, window: &Window<NamePlace>) -> Result<Page<(NamePlace, User)>> {
        let mut people = user::Entity::find()
            .filter(user::Column::Id.ne(filter.except.uuid()))
            .filter(user::Column::DeletedAt.is_null());
        if !filter.matching.text.is_empty() {
            let named = holds(&[user::Column::NameKey, user::Column::UsernameKey], &filter.matching.text);
            people = people.filter(named.add_option(filter.matching.contact.as_ref().map(contacts::is_proven)));
        }
        if let Some(is_online) = filter.is_online {
            let seen = presence::is_seen_online(filter.except.uuid());
            people = people.filter(if is_online { seen } else { seen.not() });
        }
        page_of(&self.reader, people, window).await
    }
}

async fn update_profile(tx: &Tx, id: UserId, change: &ProfileChange) -> Result<Option<ProfileUpdate>> {
    use user::{Column, Entity};
    hold::names_of(tx, vec![id.uuid()]).await?;
    let Some(row) = Entity::find_by_id(id.uuid()).one(tx).await? else { return Ok(None) };
    let before = User::from(row);
    if before.is_deleted {
        return Ok(None);
    }
    let after = before.changed(change)?;
    if after == before {
        return Ok(Some(ProfileUpdate::Unchanged(before)));
    }
    let (username_key, skeleton) = (after.username_key(), after.username_skeleton());
    if let (Some(key), Some(skeleton)) = (&username_key, &skeleton)
        && username_key != before.username_key()
    {
        let is_alike = Condition::any().add(Column::UsernameKey.eq(key)).add(Column::UsernameSkeleton.eq(skeleton));
        let of_other = Entity::find().filter(is_alike).filter(Column::Id.ne(id.uuid()));
        if of_other.one(tx).await?.is_some() {
            return Ok(Some(ProfileUpdate::UsernameTaken));
        }
    }
    let PeopleVersion(version) = people_head::take(tx, 1).await?;
    let mut update = Entity::update_many()
        .col_expr(Column::Username, Expr::value(after.username.clone()))
        .col_expr(Column::UsernameKey, Expr::value(username_key.clone()))
        .col_expr(Column::ChosenName, Expr::value(after.chosen_name.clone()))
        .col_expr(Column::NameKey, Expr::value(after.name_key()))
        .col_expr(Column::AvatarUrl, Expr::value(after.avatar_url.clone()))
        .col_expr(Column::About, Expr::value(after.about.clone()))
        .col_expr(Column::ProfileVersion, Expr::value(version + 1))
        .filter(Column::Id.eq(id.uuid()));
    // Who keeps a name that was like another's before names were told apart so has no likeness, and keeps that too.
    if username_key != before.username_key() {
        update = update.col_expr(Column::UsernameSkeleton, Expr::value(skeleton));
    }
    match update.exec(tx).await {
        Ok(_) => Ok(Some(ProfileUpdate::Changed(after))),
        // Another has just taken it. The transaction does nothing more.
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Ok(Some(ProfileUpdate::UsernameTaken))
        }
        Err(error) => Err(error.into()),
    }
}

/// Where somebody had what the account is called by, and has it no more.
pub(super) fn contended() -> Error {
    failure::unavailable("others take the same name at the same time")
}

/// What of the account somebody has.
pub(super) async fn taken(tx: &Tx, user: &user::Model) -> Result<Option<Registered>> {
    for (column, key, taken) in [
        (user::Column::UsernameKey, &user.username_key, Registered::UsernameTaken),
        (user::Column::UsernameSkeleton, &user.username_skeleton, Registered::UsernameTaken),
        (user::Column::EmailKey, &user.email_key, Registered::EmailTaken),
        (user::Column::MobileNumber, &user.mobile_number, Registered::MobileNumberTaken),
    ] {
        let Some(key) = key else { continue };
        if user::Entity::find().filter(column.eq(key)).one(tx).await?.is_some() {
            return Ok(Some(taken));
        }
    }
    Ok(None)
}

/// A page of those people, by name.
pub(super) async fn page_of(
    db: &impl ConnectionTrait,
    people: Select<user::Entity>,
    window: &Window<NamePlace>,
) -> Result<Page<(NamePlace, User)>> {
    let place = |place: &NamePlace| vec![place.name_key.as_str().into(), place.user.uuid().into()];
    let read = cut(people, window, &[user::Column::NameKey, user::Column::Id], place).all(db).await?;
    Ok(Page::of_read(window, read.into_iter().map(placed).collect()))
}

fn placed(row: user::Model) -> (NamePlace, User) {
    let place = NamePlace { name_key: row.name_key.clone(), user: row.id.into() };
    (place, row.into())
}
