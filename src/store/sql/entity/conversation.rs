//! The table `conversations`.

use super::corrupt;
use crate::domain::conversation::{Conversation, ConversationKind, Pair};
use crate::domain::ids::UserId;
use crate::domain::message::MembershipVersion;
use crate::error::{Error, Result};
use crate::store::conversations::NewDirect;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    /// The two people of a direct conversation, in the order of [`Pair`].
    pub pair_low: Option<Uuid>,
    pub pair_high: Option<Uuid>,
    pub created_by: Uuid,
    pub created_at: DateTimeUtc,
    pub membership_version: i64,
    pub marks_version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&NewDirect> for Model {
    fn from(new: &NewDirect) -> Self {
        Self {
            id: new.id.uuid(),
            kind: ConversationKind::Direct.name().to_owned(),
            pair_low: Some(new.pair.low().uuid()),
            pair_high: Some(new.pair.high().uuid()),
            created_by: new.created_by.uuid(),
            created_at: new.created_at.into(),
            membership_version: 1,
            marks_version: 0,
        }
    }
}

impl TryFrom<Model> for Conversation {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        let people = row.pair_low.zip(row.pair_high);
        Ok(Self {
            id: row.id.into(),
            kind: ConversationKind::named(&row.kind).ok_or_else(|| corrupt("conversations.kind", &row.kind))?,
            pair: people.and_then(|(low, high)| Pair::new(UserId::from(low), UserId::from(high))),
            created_by: row.created_by.into(),
            created_at: row.created_at.into(),
            membership_version: MembershipVersion(row.membership_version),
        })
    }
}
