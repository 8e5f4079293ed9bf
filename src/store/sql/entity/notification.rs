//! The table `notifications`.

use super::{corrupt, member};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ConversationId, MessageId, NotificationId, UserId};
use crate::domain::message::Revision;
use crate::domain::notification::{
    NewNotification, Notification, NotificationKind, NotificationPlace, NotificationsVersion,
};
use crate::error::Result;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    /// The version of the person's notifications that it has made.
    pub place: i64,
    pub kind: String,
    /// By what it is known when it is made again.
    pub cause: String,
    pub actor_id: Option<Uuid>,
    pub conversation_id: Option<Uuid>,
    pub message_id: Option<Uuid>,
    /// Seen where the person's read mark has come to here.
    pub seq: Option<i64>,
    pub text: Option<String>,
    pub created_at: DateTimeUtc,
    /// When it was marked so; also `None` where the read mark tells.
    pub seen_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::member::Entity",
        from = "(Column::ConversationId, Column::UserId)",
        to = "(super::member::Column::ConversationId, super::member::Column::UserId)"
    )]
    Member,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The row of a new one, which has that place.
    pub(crate) fn new(new: &NewNotification, place: i64) -> Self {
        Self {
            id: NotificationId::new(new.at).uuid(),
            user_id: new.user.uuid(),
            place,
            kind: new.kind.name().to_owned(),
            cause: new.cause.as_str().to_owned(),
            actor_id: new.actor.map(UserId::uuid),
            conversation_id: new.conversation.map(ConversationId::uuid),
            message_id: new.message.map(MessageId::uuid),
            seq: new.seq.map(Revision::number),
            text: new.text.clone(),
            created_at: new.at.into(),
            seen_at: None,
        }
    }

    /// What the person has of it, who is that in its conversation.
    pub(crate) fn seen_by(self, member: Option<&member::Model>) -> Result<Notification> {
        let mark = member.filter(|member| self.seq.is_some_and(|seq| member.read_seq >= seq));
        // Where both are known, it was seen by the earlier.
        let read_at = mark.map(|member| member.read_at.or(member.joined_at).unwrap_or(self.created_at));
        let seen_at = [self.seen_at, read_at].into_iter().flatten().min();
        Ok(Notification {
            id: self.id.into(),
            user: self.user_id.into(),
            place: NotificationPlace(NotificationsVersion(self.place)),
            kind: NotificationKind::named(&self.kind).ok_or_else(|| corrupt("notifications.kind", &self.kind))?,
            actor: self.actor_id.map(Into::into),
            conversation: self.conversation_id.map(Into::into),
            message: self.message_id.map(Into::into),
            text: self.text,
            created_at: self.created_at.into(),
            seen_at: seen_at.map(Timestamp::from),
        })
    }
}
