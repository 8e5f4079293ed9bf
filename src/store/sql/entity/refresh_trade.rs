//! The table `refresh_trades`: what each token was traded for, as long as the same trade may be asked for again.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_trades")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub session_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub presented_hash: Vec<u8>,
    pub successor_hash: Vec<u8>,
    /// When the successor was made.
    pub issued_at: DateTimeUtc,
    /// When the successor runs out.
    pub expires_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
