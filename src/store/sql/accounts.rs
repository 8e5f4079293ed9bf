//! People's accounts.

use super::batches::batches;
use super::entity::{session, user};
use super::insert::insert_if_new;
use super::window::cut;
use super::{Sql, Tx};
use crate::domain::ids::UserId;
use crate::domain::page::{Page, Window};
use crate::domain::user::{Login, NamePlace, NewAccount, Session, TokenHash, User};
use crate::error::{Error, Result};
use crate::store::accounts::{Accounts, Credentials, PeopleFilter, Registered};
use async_trait::async_trait;
use sea_orm::sea_query::{Expr, ExprTrait as _, LikeExpr};
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

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
        Ok(found.and_then(|user| Some(Credentials { user: user.id.into(), password_hash: user.password_hash? })))
    }

    async fn page(&self, filter: &PeopleFilter, window: &Window<NamePlace>) -> Result<Page<(NamePlace, User)>> {
        let mut people = user::Entity::find().filter(user::Column::Id.ne(filter.except.uuid()));
        if !filter.matching.is_empty() {
            people = people.filter(holds(&filter.matching));
        }
        let place = |place: &NamePlace| vec![place.name_key.as_str().into(), place.user.uuid().into()];
        let people = cut(people, window, &[user::Column::NameKey, user::Column::Id], place);
        let read = people.all(&self.reader).await?;
        Ok(Page::of_read(window, read.into_iter().map(placed).collect()))
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

/// Whether the name or the username holds the text, in which nothing is a wildcard.
fn holds(text: &str) -> Condition {
    const ESCAPE: char = '!';
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | ESCAPE) {
            pattern.push(ESCAPE);
        }
        pattern.push(c);
    }
    pattern.push('%');
    let like = |column| Expr::col(column).like(LikeExpr::new(pattern.as_str()).escape(ESCAPE));
    Condition::any().add(like(user::Column::NameKey)).add(like(user::Column::UsernameKey))
}

fn placed(row: user::Model) -> (NamePlace, User) {
    let place = NamePlace { name_key: row.name_key.clone(), user: row.id.into() };
    (place, row.into())
}
