//! The table `announcements`.

use crate::store::notifications::Announcement;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "announcements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub text: String,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Announcement> for Model {
    fn from(announcement: &Announcement) -> Self {
        Self { id: announcement.id.clone(), text: announcement.text.clone(), at: announcement.at.into() }
    }
}

impl From<Model> for Announcement {
    fn from(row: Model) -> Self {
        Self { id: row.id, text: row.text, at: row.at.into() }
    }
}
