//! The table `messages`.

use super::{corrupt, revision};
use crate::domain::batch::Stored;
use crate::domain::ids::MessageId;
use crate::domain::message::{
    ChangeKind, Changed, ClientId, Fingerprint, MembershipVersion, Message, MessageKind, Tally,
};
use crate::domain::notice::Notice;
use crate::error::{Error, Result};
use sea_orm::entity::prelude::*;
use serde::de::DeserializeOwned;

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
    /// What a notice tells, as JSON.
    pub notice: Option<String>,
    /// What it holds beside its words, as JSON; null where that is nothing.
    pub extras: Option<String>,
    /// How many people react with which emoji, as JSON; null where nobody does.
    pub reactions: Option<String>,
    pub reply_to_id: Option<Uuid>,
    pub pinned_at: Option<DateTimeUtc>,
    /// What was last done to it.
    pub change: Option<String>,
    pub changed_at: Option<DateTimeUtc>,
    pub client_id: Option<String>,
    /// Of what was first sent, where there is a client id.
    pub fingerprint: Option<Vec<u8>>,
    pub created_at: DateTimeUtc,
    pub edited_at: Option<DateTimeUtc>,
    pub deleted_at: Option<DateTimeUtc>,
    pub membership_version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a change of the message may change.
pub(in super::super) const CHANGING: [Column; 11] = [
    Column::Revision,
    Column::Text,
    Column::Notice,
    Column::Extras,
    Column::Reactions,
    Column::PinnedAt,
    Column::EditedAt,
    Column::DeletedAt,
    Column::Change,
    Column::ChangedAt,
    Column::MembershipVersion,
];

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
            notice: message.notice.as_ref().map(Notice::to_json),
            extras: message.extras.to_stored(),
            reactions: Tally::to_stored(&message.reactions),
            reply_to_id: message.reply_to.map(MessageId::uuid),
            pinned_at: message.pinned_at.map(Into::into),
            change: message.changed.map(|changed| changed.kind.name().to_owned()),
            changed_at: message.changed.map(|changed| changed.at.into()),
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
        let named = |name: &String| ChangeKind::named(name).ok_or_else(|| corrupt("messages.change", name));
        let change = row.change.as_ref().map(named).transpose()?;
        let changed = change.zip(row.changed_at).map(|(kind, at)| Changed { kind, at: at.into() });
        Ok(Self {
            id: row.id.into(),
            conversation: row.conversation_id.into(),
            seq: revision("messages.seq", row.seq)?,
            revision: revision("messages.revision", row.revision)?,
            author: row.author_id.into(),
            kind: MessageKind::named(&row.kind).ok_or_else(|| corrupt("messages.kind", &row.kind))?,
            text: row.text,
            notice: kept("messages.notice", row.notice)?,
            extras: kept("messages.extras", row.extras)?.unwrap_or_default(),
            reactions: kept("messages.reactions", row.reactions)?.unwrap_or_default(),
            reply_to: row.reply_to_id.map(Into::into),
            pinned_at: row.pinned_at.map(Into::into),
            changed,
            client_id: row.client_id.map(ClientId::from_stored),
            created_at: row.created_at.into(),
            edited_at: row.edited_at.map(Into::into),
            deleted_at: row.deleted_at.map(Into::into),
            membership_version: MembershipVersion(row.membership_version),
        })
    }
}

/// What a column keeps as JSON. One of another version is named without its content, which is for nobody's log.
fn kept<T: DeserializeOwned>(column: &str, json: Option<String>) -> Result<Option<T>> {
    let read = json.map(|json| serde_json::from_str(&json));
    read.transpose().map_err(|_| corrupt(column, "something of another version"))
}

impl TryFrom<Model> for Stored {
    type Error = Error;

    fn try_from(mut row: Model) -> Result<Self> {
        let hash = row.fingerprint.take().map(<[u8; 32]>::try_from).transpose();
        let hash = hash.map_err(|bytes| corrupt("messages.fingerprint", format_args!("{} bytes", bytes.len())))?;
        Ok(Self { message: row.try_into()?, fingerprint: hash.map(Fingerprint) })
    }
}
