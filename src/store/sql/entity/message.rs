//! The table `messages`.

use super::{corrupt, revision};
use crate::domain::batch::Stored;
use crate::domain::message::{ClientId, Fingerprint, MembershipVersion, Message, MessageKind};
use crate::error::{Error, Result};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub conversation_id: Uuid,
    pub seq: i64,
    pub revision: i64,
    pub author_id: Uuid,
    pub kind: String,
    pub text: Option<String>,
    pub client_id: Option<String>,
    /// Of the first draft, where there is a client id.
    pub fingerprint: Option<Vec<u8>>,
    pub created_at: DateTimeUtc,
    pub edited_at: Option<DateTimeUtc>,
    pub deleted_at: Option<DateTimeUtc>,
    pub membership_version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The row of that message.
    pub fn new(message: &Message, fingerprint: Option<Fingerprint>) -> Self {
        Self {
            id: message.id.uuid(),
            conversation_id: message.conversation.uuid(),
            seq: message.seq.number(),
            revision: message.revision.number(),
            author_id: message.author.uuid(),
            kind: message.kind.name().to_owned(),
            text: message.text.clone(),
            client_id: message.client_id.as_ref().map(|id| id.as_str().to_owned()),
            fingerprint: fingerprint.map(|fingerprint| fingerprint.0.to_vec()),
            created_at: message.created_at.into(),
            edited_at: message.edited_at.map(Into::into),
            deleted_at: message.deleted_at.map(Into::into),
            membership_version: message.membership_version.0,
        }
    }
}

impl TryFrom<Model> for Message {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            conversation: row.conversation_id.into(),
            seq: revision("messages.seq", row.seq)?,
            revision: revision("messages.revision", row.revision)?,
            author: row.author_id.into(),
            kind: MessageKind::named(&row.kind).ok_or_else(|| corrupt("messages.kind", &row.kind))?,
            text: row.text,
            client_id: row.client_id.map(ClientId::from_stored),
            created_at: row.created_at.into(),
            edited_at: row.edited_at.map(Into::into),
            deleted_at: row.deleted_at.map(Into::into),
            membership_version: MembershipVersion(row.membership_version),
        })
    }
}

impl TryFrom<Model> for Stored {
    type Error = Error;

    fn try_from(mut row: Model) -> Result<Self> {
        let hash = row.fingerprint.take().map(<[u8; 32]>::try_from).transpose();
        let hash = hash.map_err(|bytes| corrupt("messages.fingerprint", format_args!("{} bytes", bytes.len())))?;
        Ok(Self { message: row.try_into()?, fingerprint: hash.map(Fingerprint) })
    }
}
