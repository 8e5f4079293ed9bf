//! People's accounts.

use super::batches::batches;
use super::entity::{session, user};
use super::insert::insert_if_new;
use super::names::holds;
use super::window::cut;
use super::{Sql, Tx, hold, people_head, presence};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::page::{Page, Window};
use crate::domain::presence::{Changed, PeopleVersion};
use crate::domain::user::{Login, NamePlace, NewAccount, ProfileChange, Session, TokenHash, User};
use crate::error::{Error, Result};
use crate::store::accounts::{Accounts, Credentials, PeopleFilter, ProfileUpdate, Registered};
use async_trait::async_trait;
use sea_orm::prelude::{DateTimeUtc, Expr, Uuid};
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use sea_orm::{QueryOrder as _, QuerySelect as _, Select, SqlErr};

#[async_trait]
impl Accounts for Sql {
    async fn register(&self, account: &NewAccount, session: &Session, refresh: TokenHash) -> Result<Registered> {
        let (user, session) = (user::Model::from(account), session::Model::begun(session, refresh));
        self.transaction(async |tx| {
            if !insert_if_new(tx, user.clone()).await? {
                return taken(tx, &user).await;
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

    async fn credentials(&self, login: &Login) -> Result<Option<Credentials>> {
        let is_theirs = match login {
            Login::Username(key) => user::Column::UsernameKey.eq(key),
            Login::Email(key) => user::Column::EmailKey.eq(key),
        };
        let found = user::Entity::find().filter(is_theirs).one(&self.reader).await?;
        let credentials = |user: user::Model| {
            let is_suspended = user.suspended_at.is_some();
            Some(Credentials { user: user.id.into(), password_hash: user.password_hash?, is_suspended })
        };
        Ok(found.and_then(credentials))
    }

    async fn set_suspended(&self, user: UserId, is_suspended: bool, at: Timestamp) -> Result<Option<Vec<SessionId>>> {
        let at = DateTimeUtc::from(at);
        self.transaction(async |tx| {
            let suspend = user::Entity::update_many()
                .col_expr(user::Column::SuspendedAt, Expr::value(is_suspended.then_some(at)))
                .filter(user::Column::Id.eq(user.uuid()));
            if suspend.exec(tx).await?.rows_affected == 0 {
                return Ok(None);
            }
            let live = session::Entity::find()
                .select_only()
                .column(session::Column::Id)
                .filter(session::Column::UserId.eq(user.uuid()))
                .filter(session::Column::EndedAt.is_null());
            let live: Vec<Uuid> = if is_suspended { live.into_tuple().all(tx).await? } else { Vec::new() };
            for batch in batches(live.iter().copied()) {
                let end = session::Entity::update_many().col_expr(session::Column::EndedAt, Expr::value(at));
                end.filter(session::Column::Id.is_in(batch)).exec(tx).await?;
            }
            Ok(Some(live.into_iter().map(SessionId::from).collect()))
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
        let mut people = user::Entity::find().filter(user::Column::Id.ne(filter.except.uuid()));
        if !filter.matching.is_empty() {
            people = people.filter(holds(&[user::Column::NameKey, user::Column::UsernameKey], &filter.matching));
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
    hold::users(tx, vec![id.uuid()]).await?;
    let Some(row) = Entity::find_by_id(id.uuid()).one(tx).await? else { return Ok(None) };
    let before = User::from(row);
    let after = before.changed(change)?;
    if after == before {
        return Ok(Some(ProfileUpdate::Unchanged(before)));
    }
    let username_key = after.username_key();
    if let Some(key) = &username_key {
        let of_other = Entity::find().filter(Column::UsernameKey.eq(key)).filter(Column::Id.ne(id.uuid()));
        if of_other.one(tx).await?.is_some() {
            return Ok(Some(ProfileUpdate::UsernameTaken));
        }
    }
    let PeopleVersion(before) = people_head::take(tx, 1).await?;
    let update = Entity::update_many()
        .col_expr(Column::Username, Expr::value(after.username.clone()))
        .col_expr(Column::UsernameKey, Expr::value(username_key))
        .col_expr(Column::ChosenName, Expr::value(after.chosen_name.clone()))
        .col_expr(Column::NameKey, Expr::value(after.name_key()))
        .col_expr(Column::AvatarUrl, Expr::value(after.avatar_url.clone()))
        .col_expr(Column::About, Expr::value(after.about.clone()))
        .col_expr(Column::ProfileVersion, Expr::value(before + 1))
        .filter(Column::Id.eq(id.uuid()));
    match update.exec(tx).await {
        Ok(_) => Ok(Some(ProfileUpdate::Changed(after))),
        // Another has just taken it. The transaction does nothing more.
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Ok(Some(ProfileUpdate::UsernameTaken))
        }
        Err(error) => Err(error.into()),
    }
}

/// What of the account somebody else has.
async fn taken(tx: &Tx, user: &user::Model) -> Result<Registered> {
    let has = async |column: user::Column, key: &Option<String>| -> Result<bool> {
        let Some(key) = key else { return Ok(false) };
        Ok(user::Entity::find().filter(column.eq(key)).one(tx).await?.is_some())
    };
    if has(user::Column::UsernameKey, &user.username_key).await? {
        Ok(Registered::UsernameTaken)
    } else if has(user::Column::EmailKey, &user.email_key).await? {
        Ok(Registered::EmailTaken)
    } else {
        Err(Error::internal("somebody has that account's id"))
    }
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
