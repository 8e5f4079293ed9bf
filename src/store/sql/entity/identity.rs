//! The table `identities`.

use super::{corrupt, user};
use crate::domain::identity::{Identity, IdentityKey};
use crate::error::{Error, Result};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identities")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Vec<u8>,
    pub user_id: Uuid,
    pub created_at: DateTimeUtc,
    /// When the account was deleted.
    pub closed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(belongs_to = "user::Entity", from = "Column::UserId", to = "user::Column::Id")]
    User,
}

impl Related<user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// A row, and when its person was suspended.
pub(crate) type WithSuspension = (Vec<u8>, Uuid, Option<DateTimeUtc>, Option<DateTimeUtc>);

/// What a row of those columns says.
pub(crate) fn identity((key, user, closed_at, suspended_at): WithSuspension) -> Result<Identity, Error> {
    let key = key.try_into().map_err(|key: Vec<u8>| corrupt("identities.key", format_args!("{} bytes", key.len())))?;
    let closed_at = closed_at.map(Into::into);
    Ok(Identity { key: IdentityKey(key), user: user.into(), is_suspended: suspended_at.is_some(), closed_at })
}
