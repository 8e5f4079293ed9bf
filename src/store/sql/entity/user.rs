//! The table `users`.

use crate::domain::contact::MobileNumber;
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
    pub is_email_proven: bool,
    /// Its digits.
    pub mobile_number: Option<String>,
    pub is_mobile_number_proven: bool,
    /// How often the password was made void.
    pub credentials_version: i64,
    pub username_skeleton: Option<String>,
    pub deleted_at: Option<DateTimeUtc>,
    /// Since when what is left of a deleted account is being taken away.
    pub leaving_since: Option<DateTimeUtc>,
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
            is_email_proven: row.is_email_proven,
            mobile_number: row.mobile_number.map(MobileNumber::of_stored),
            is_mobile_number_proven: row.is_mobile_number_proven,
            created_at: row.created_at.into(),
            is_deleted: row.deleted_at.is_some(),
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
            password_hash: account.password_hash.clone(),
            created_at: account.created_at.into(),
            memberships_version: 0,
            notifications_version: 0,
            suspended_at: None,
            last_seen_at: None,
            presence_version: 0,
            about: None,
            profile_version: 0,
            is_email_proven: account.is_email_proven,
            mobile_number: account.mobile_number.as_ref().map(|number| number.key().to_owned()),
            is_mobile_number_proven: account.is_mobile_number_proven,
            credentials_version: 0,
            username_skeleton: username.map(Username::skeleton),
            deleted_at: None,
            leaving_since: None,
        }
    }
}
