//! Notifications, and which of them their people have.

use super::asked::{pairs, part, table};
use super::batches::batches;
use super::conversations::count;
use super::entity::member;
use super::entity::notification::{Column, Entity, Relation};
use super::entity::{announcement, projection, user};
use super::insert::insert_if_new;
use super::members::has_joined;
use super::window::{Sorted, cut_sorted};
use super::{Sql, departed, hold, projections};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ConversationId, NotificationId, UserId};
use crate::domain::message::Revision;
use crate::domain::notification::{
    NewNotification, Notification, NotificationKind, NotificationPlace, NotificationsVersion,
};
use crate::domain::page::{Page, Window};
use crate::domain::rules::MAX_UNSEEN;
use crate::error::{Error, Result};
use crate::store::notifications::{Announcement, Notifications, Standing, Step};
use async_trait::async_trait;
use sea_orm::prelude::{DateTimeUtc, Expr, Uuid};
use sea_orm::sea_query::{ExprTrait as _, Query, SelectStatement};
use sea_orm::{ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, JoinType, QueryFilter as _};
use sea_orm::{QueryOrder as _, QuerySelect as _, QueryTrait as _, RelationTrait as _, Select};
use std::collections::{HashMap, HashSet};

#[async_trait]
impl Notifications for Sql {
    async fn positions(&self, of: &[ConversationId]) -> Result<HashMap<ConversationId, Revision>> {
        projections::positions(&self.reader, of).await
    }

    async fn unbegun(&self, limit: u32) -> Result<Vec<ConversationId>> {
        let unbegun = projection::Entity::find()
            .filter(projection::Column::Revision.lt(0))
            .order_by_asc(projection::Column::ConversationId)
            .limit(u64::from(limit));
        Ok(unbegun.all(&self.reader).await?.into_iter().map(|row| row.conversation_id.into()).collect())
    }

    async fn begin(&self, at: &[(ConversationId, Revision)]) -> Result<()> {
        for batch in batches(at.iter().map(|(id, revision)| (id.uuid(), revision.number()))) {
            let begin = Query::update()
                .table(projection::Entity)
                .value(projection::Column::Revision, part(2))
                .from(table(batch))
                .and_where(Expr::col((projection::Entity, projection::Column::ConversationId)).eq(part(1)))
                .and_where(Expr::col((projection::Entity, projection::Column::Revision)).lt(0))
                .take();
            self.writer.execute(&begin).await?;
        }
        Ok(())
    }

    async fn project(&self, steps: &[Step]) -> Result<Vec<UserId>> {
        self.transaction(async |tx| projections::project(tx, steps).await).await
    }

    async fn announce(&self, new: &Announcement) -> Result<Announcement> {
        if insert_if_new(&self.writer, announcement::Model::from(new)).await? {
            return Ok(new.clone());
        }
        let first = announcement::Entity::find_by_id(new.id.as_str()).one(&self.writer).await?;
        first.map(Into::into).ok_or_else(|| Error::internal("an announcement is gone"))
    }

    async fn people(&self, after: Option<UserId>, limit: u32) -> Result<Vec<UserId>> {
        let ids: Vec<Uuid> = user::Entity::find()
            .select_only()
            .column(user::Column::Id)
            .filter(Condition::all().add_option(after.map(|after| user::Column::Id.gt(after.uuid()))))
            .filter(user::Column::DeletedAt.is_null())
            .order_by_asc(user::Column::Id)
            .limit(u64::from(limit))
            .into_tuple()
            .all(&self.reader)
            .await?;
        Ok(ids.into_iter().map(Into::into).collect())
    }

    async fn make(&self, new: &[NewNotification]) -> Result<Vec<UserId>> {
        self.transaction(async |tx| {
            let mut living = HashSet::new();
            for batch in batches(new.iter().map(|new| new.user.uuid())) {
                living.extend(departed::living(tx, batch).await?);
            }
            let new: Vec<_> = new.iter().filter(|new| living.contains(&new.user.uuid())).cloned().collect();
            projections::make(tx, &new, &[]).await
        })
        .await
    }

    async fn page(&self, of: UserId, window: &Window<NotificationPlace>) -> Result<Page<Notification>> {
        let theirs = shown().filter(Column::UserId.eq(of.uuid()));
        let theirs = cut_sorted(theirs, window, &Sorted::Down(&[Column::Place]), |place| vec![place.0.0.into()]);
        Ok(Page::of_read(window, self.read(theirs).await?))
    }

    async fn find(&self, of: &[(NotificationId, UserId)]) -> Result<Vec<Notification>> {
        let mut found = Vec::with_capacity(of.len());
        for batch in batches(of.iter().map(|(id, user)| (id.uuid(), user.uuid()))) {
            let columns = [Column::Id, Column::UserId].map(|column| Expr::col((Entity, column)));
            let is_asked = Expr::tuple(columns).in_subquery(pairs(batch));
            found.append(&mut self.read(shown().filter(is_asked)).await?);
        }
        Ok(found)
    }

    async fn between(
        &self,
        of: UserId,
        after: NotificationsVersion,
        to: NotificationsVersion,
        limit: u32,
    ) -> Result<Vec<Notification>> {
        let made = shown()
            .filter(Column::UserId.eq(of.uuid()))
            .filter(Column::Place.gt(after.0))
            .filter(Column::Place.lte(to.0))
            .order_by_asc(Column::Place)
            .limit(u64::from(limit));
        self.read(made).await
    }

    async fn standings(&self, of: &[UserId]) -> Result<HashMap<UserId, Standing>> {
        let mut standings = HashMap::with_capacity(of.len());
        for batch in batches(of.iter().map(|user| user.uuid())) {
            let statement = Query::select()
                .columns([user::Column::Id, user::Column::NotificationsVersion])
                .expr(Expr::from(unseen()))
                .from(user::Entity)
                .and_where(Expr::col(user::Column::Id).is_in(batch))
                .take();
            for row in self.reader.query_all(&statement).await? {
                let (user, version, unseen): (Uuid, i64, i64) = row.try_get_many_by_index()?;
                let standing = Standing { version: NotificationsVersion(version), unseen: count(unseen)? };
                standings.insert(user.into(), standing);
            }
        }
        Ok(standings)
    }

    async fn versions(&self, of: &[UserId]) -> Result<HashMap<UserId, NotificationsVersion>> {
        let mut versions = HashMap::with_capacity(of.len());
        for batch in batches(of.iter().map(|id| id.uuid())) {
            let rows = projections::versions(&self.reader, batch).await?;
            versions.extend(rows.into_iter().map(|(id, version)| (id.into(), NotificationsVersion(version))));
        }
        Ok(versions)
    }

    async fn mark_seen(&self, of: UserId, up_to: Option<NotificationPlace>, at: Timestamp) -> Result<bool> {
        self.transaction(async |tx| {
            hold::users(tx, vec![of.uuid()]).await?;
            let marked = Entity::update_many()
                .col_expr(Column::SeenAt, Expr::value(DateTimeUtc::from(at)))
                .filter(Column::UserId.eq(of.uuid()))
                .filter(Column::SeenAt.is_null())
                .filter(Condition::all().add_option(up_to.map(|place| Column::Place.lte(place.0.0))));
            let is_news = marked.exec(tx).await?.rows_affected > 0;
            if is_news {
                projections::raise(tx, &[(of.uuid(), 1)]).await?;
            }
            Ok(is_news)
        })
        .await
    }
}

impl Sql {
    pub(super) async fn read(&self, notifications: Select<Entity>) -> Result<Vec<Notification>> {
        let rows = notifications.select_also(member::Entity).all(&self.reader).await?;
        rows.into_iter().map(|(row, member)| row.seen_by(member.as_ref())).collect()
    }
}

/// Those that their people have, each beside what the person is in its conversation.
pub(super) fn shown() -> Select<Entity> {
    Entity::find().join(JoinType::LeftJoin, Relation::Member.def()).filter(is_shown())
}

fn is_shown() -> Condition {
    let is_invited = Column::Kind
        .eq(NotificationKind::Invitation.name())
        .and(Expr::col((member::Entity, member::Column::UserId)).is_not_null());
    Condition::any().add(Column::ConversationId.is_null()).add(has_joined()).add(is_invited)
}

/// How many one person has not seen, counted as far as they are counted at all.
fn unseen() -> SelectStatement {
    let seq = || Expr::col((Entity, Column::Seq));
    let read = Expr::col((member::Entity, member::Column::ReadSeq));
    let is_not_read = Condition::any().add(seq().is_null()).add(read.clone().is_null()).add(seq().gt(read));
    let unseen = Entity::find()
        .join(JoinType::LeftJoin, Relation::Member.def())
        .select_only()
        .expr(Expr::val(1))
        .filter(Expr::col((Entity, Column::UserId)).equals((user::Entity, user::Column::Id)))
        .filter(Column::SeenAt.is_null())
        .filter(is_not_read)
        .filter(is_shown())
        .limit(u64::from(MAX_UNSEEN));
    Query::select().expr(Expr::cust("COUNT(*)")).from_subquery(unseen.into_query(), "unseen").take()
}
