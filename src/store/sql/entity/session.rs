//! The table `sessions`.

use crate::domain::user::{Session, TokenHash};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub device_name: Option<String>,
    pub created_at: DateTimeUtc,
    pub last_used_at: DateTimeUtc,
    /// When the refresh token that counts was made.
    pub issued_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
    /// Of the refresh token that counts.
    pub refresh_hash: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// A session's first row.
    pub fn begun(session: &Session, refresh: TokenHash) -> Self {
        Self {
            id: session.id.uuid(),
            user_id: session.user.uuid(),
            device_name: session.device_name.clone(),
            created_at: session.created_at.into(),
            last_used_at: session.last_used_at.into(),
            issued_at: session.issued_at.into(),
            expires_at: session.expires_at.into(),
            ended_at: session.ended_at.map(Into::into),
            refresh_hash: refresh.0.to_vec(),
        }
    }
}

impl From<Model> for Session {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.into(),
            user: row.user_id.into(),
            device_name: row.device_name,
            created_at: row.created_at.into(),
            issued_at: row.issued_at.into(),
            last_used_at: row.last_used_at.into(),
            expires_at: row.expires_at.into(),
            ended_at: row.ended_at.map(Into::into),
        }
    }
}
