//! The table `outbox`.

use super::corrupt;
use crate::domain::message::MembershipVersion;
use crate::error::{Error, Result};
use crate::store::outbox::{Debt, DebtPlace, Owed};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub at: DateTimeUtc,
    /// A notice as JSON; none where the log is to be erased.
    pub payload: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<&Debt> for Model {
    type Error = Error;

    fn try_from(debt: &Debt) -> Result<Self> {
        let payload = match &debt.owed {
            Owed::Notice(notice) => Some(serde_json::to_string(notice).map_err(Error::internal)?),
            Owed::Erasure => None,
        };
        Ok(Self {
            conversation_id: debt.conversation.uuid(),
            version: debt.place.version.0,
            number: i32::try_from(debt.place.number).map_err(Error::internal)?,
            at: debt.at.into(),
            payload,
        })
    }
}

impl TryFrom<Model> for Debt {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        let number = u32::try_from(row.number).map_err(|_| corrupt("outbox.number", row.number))?;
        let owed = match row.payload {
            // It is not repeated: it holds what a group is called.
            Some(notice) => {
                Owed::Notice(serde_json::from_str(&notice).map_err(|_| corrupt("outbox.payload", "no notice"))?)
            }
            None => Owed::Erasure,
        };
        Ok(Self {
            conversation: row.conversation_id.into(),
            place: DebtPlace { version: MembershipVersion(row.version), number },
            at: row.at.into(),
            owed,
        })
    }
}
