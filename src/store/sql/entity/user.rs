//! The table `users`.

use crate::domain::user::{Email, NewAccount, User, Username};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub username: Option<String>,
    pub username_key: Option<String>,
    pub email: Option<String>,
    pub email_key: Option<String>,
    pub chosen_name: Option<String>,
    pub name_key: String,
    pub avatar_url: Option<String>,
    pub password_hash: Option<String>,
    pub created_at: DateTimeUtc,
    pub memberships_version: i64,
    pub notifications_version: i64,
    pub suspended_at: Option<DateTimeUtc>,
    pub last_seen_at: Option<DateTimeUtc>,
    pub presence_version: i64,
    pub about: Option<String>,
    pub profile_version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for User {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.into(),
            username: row.username,
            chosen_name: row.chosen_name,
            avatar_url: row.avatar_url,
            about: row.about,
            email: row.email,
            created_at: row.created_at.into(),
        }
    }
}

impl From<&NewAccount> for Model {
    fn from(account: &NewAccount) -> Self {
        let (username, email) = (account.username.as_ref(), account.email.as_ref());
        Self {
            id: account.id.uuid(),
            username: username.map(|username| username.as_str().to_owned()),
            username_key: username.map(Username::key),
            email: email.map(|email| email.as_str().to_owned()),
            email_key: email.map(Email::key),
            chosen_name: account.display_name.clone(),
            name_key: account.name_key(),
            avatar_url: account.avatar_url.clone(),
            password_hash: Some(account.password_hash.clone()),
            created_at: account.created_at.into(),
            memberships_version: 0,
            notifications_version: 0,
            suspended_at: None,
            last_seen_at: None,
            presence_version: 0,
            about: None,
            profile_version: 0,
        }
    }
}
