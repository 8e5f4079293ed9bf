//! The table `reactions`.

use crate::domain::emoji::Emoji;
use crate::domain::message::{Reaction, Revision};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reactions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub emoji: String,
    /// That of the change with which it came.
    pub revision: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The row of that reaction.
    pub fn new(reaction: &Reaction, came_with: Revision) -> Self {
        Self {
            message_id: reaction.message.uuid(),
            user_id: reaction.user.uuid(),
            emoji: reaction.emoji.as_str().to_owned(),
            revision: came_with.number(),
        }
    }
}

impl From<Model> for Reaction {
    fn from(row: Model) -> Self {
        Self { message: row.message_id.into(), user: row.user_id.into(), emoji: Emoji::from_stored(row.emoji) }
    }
}
