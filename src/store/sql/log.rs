//! The message log, read.

use super::asked::{part, table};
use super::batches::batches;
use super::conversations::{count, each};
use super::entity::{log_head, message};
use super::window::cut;
use super::{Sql, reactions};
use crate::domain::batch::{Head, Stored};
use crate::domain::emoji::Emoji;
use crate::domain::ids::{ConversationId, MessageId, UserId};
use crate::domain::message::{ClientId, Message, Reaction, Revision};
use crate::domain::page::{Page, Window};
use crate::domain::rules::MAX_UNREAD;
use crate::domain::words::{SearchPlace, SearchTerms};
use crate::error::{Error, Result};
use crate::store::log::{LogReads, ReactionsBy, ReactorsOf, RepliesTo, UnreadBy};
use crate::store::search;
use async_trait::async_trait;
use sea_orm::prelude::{Expr, Uuid};
use sea_orm::sea_query::{ExprTrait as _, Query, SelectStatement};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, JoinType, QueryFilter as _};
use sea_orm::{QueryOrder as _, QuerySelect as _, Select};
use std::collections::HashMap;

#[async_trait]
impl LogReads for Sql {
    async fn heads(&self, of: &[ConversationId]) -> Result<HashMap<ConversationId, Head>> {
        let mut heads = HashMap::with_capacity(of.len());
        for batch in batches(of.iter().map(|id| id.uuid())) {
            let rows = log_head::Entity::find()
                .filter(log_head::Column::ConversationId.is_in(batch))
                // A first write that changed nothing leaves a head at zero.
                .filter(log_head::Column::Revision.gt(0))
                .filter(log_head::Column::IsErased.eq(false));
            for row in rows.all(&self.reader).await? {
                heads.insert(row.conversation_id.into(), row.try_into()?);
            }
        }
        Ok(heads)
    }

    async fn page(&self, conversation: ConversationId, window: &Window<Revision>) -> Result<Page<Message>> {
        let all = message::Entity::find().filter(message::Column::ConversationId.eq(conversation.uuid()));
        self.by_place(all, window).await
    }

    async fn pinned(&self, conversation: ConversationId, window: &Window<Revision>) -> Result<Page<Message>> {
        let pinned = message::Entity::find()
            .filter(message::Column::ConversationId.eq(conversation.uuid()))
            .filter(message::Column::PinnedAt.is_not_null());
        self.by_place(pinned, window).await
    }

    async fn replies(&self, to: RepliesTo, window: &Window<Revision>) -> Result<Page<Message>> {
        let replies = message::Entity::find()
            .filter(message::Column::ConversationId.eq(to.conversation.uuid()))
            .filter(message::Column::ReplyToId.eq(to.message.uuid()));
        self.by_place(replies, window).await
    }

    async fn reply_counts(&self, to: &[RepliesTo]) -> Result<HashMap<RepliesTo, u32>> {
        let mut counts = HashMap::with_capacity(to.len());
        for batch in batches(to.iter().map(|to| (to.conversation.uuid(), to.message.uuid()))) {
            let statement =
                Query::select().exprs([part(1), part(2), Expr::from(replies_to_asked())]).from(table(batch)).take();
            for row in self.reader.query_all(&statement).await? {
                let (conversation, message, replies): (Uuid, Uuid, i64) = row.try_get_many_by_index()?;
                let to = RepliesTo { conversation: conversation.into(), message: message.into() };
                counts.insert(to, count(replies)?);
            }
        }
        Ok(counts)
    }

    async fn reactors(&self, of: &[ReactorsOf]) -> Result<HashMap<ReactorsOf, Vec<UserId>>> {
        reactions::reactors(&self.reader, of).await
    }

    async fn reactions_by(&self, of: &[ReactionsBy]) -> Result<HashMap<ReactionsBy, Vec<Emoji>>> {
        reactions::reactions_by(&self.reader, of).await
    }

    async fn reactions_since(&self, _: ConversationId, to: &[MessageId], after: Revision) -> Result<Vec<Reaction>> {
        reactions::since(&self.reader, to, after).await
    }

    async fn since(&self, conversation: ConversationId, after: Revision, limit: u32) -> Result<Vec<Message>> {
        let changed = message::Entity::find()
            .filter(message::Column::ConversationId.eq(conversation.uuid()))
            .filter(message::Column::Revision.gt(after.number()))
            .order_by_asc(message::Column::Revision)
            .limit(u64::from(limit));
        each(changed.all(&self.reader).await?)
    }

    async fn find(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in batches(ids.iter().map(|id| id.uuid())) {
            let with_ids = message::Entity::find().filter(message::Column::Id.is_in(batch));
            found.append(&mut each(with_ids.all(&self.reader).await?)?);
        }
        Ok(found)
    }

    async fn under(
        &self,
        conversation: ConversationId,
        author: UserId,
        client_id: &ClientId,
    ) -> Result<Option<Stored>> {
        let under = message::Entity::find()
            .filter(message::Column::ConversationId.eq(conversation.uuid()))
            .filter(message::Column::AuthorId.eq(author.uuid()))
            .filter(message::Column::ClientId.eq(client_id.as_str()))
            // As the index has it.
            .filter(message::Column::ClientId.is_not_null());
        under.one(&self.reader).await?.map(Stored::try_from).transpose()
    }

    async fn latest(&self, of: &[ConversationId]) -> Result<Vec<Message>> {
        let mut latest = Vec::with_capacity(of.len());
        for batch in batches(of.iter().map(|id| id.uuid())) {
            let stands_at_the_head = message::Entity::belongs_to(log_head::Entity)
                .from((message::Column::ConversationId, message::Column::Seq))
                .to((log_head::Column::ConversationId, log_head::Column::LastSeq));
            let rows = message::Entity::find()
                .join(JoinType::InnerJoin, stands_at_the_head.into())
                .filter(log_head::Column::ConversationId.is_in(batch))
                .filter(log_head::Column::IsErased.eq(false));
            latest.append(&mut each(rows.all(&self.reader).await?)?);
        }
        Ok(latest)
    }

    async fn unread(&self, of: &[UnreadBy]) -> Result<HashMap<UnreadBy, u32>> {
        let mut counts = HashMap::with_capacity(of.len());
        let of = of.iter().map(|by| (by.conversation.uuid(), by.user.uuid(), by.after.number()));
        for batch in batches(of) {
            let statement = Query::select()
                .exprs([part(1), part(2), part(3), Expr::from(unread_by_asked())])
                .from(table(batch))
                .take();
            for row in self.reader.query_all(&statement).await? {
                let (conversation, user, after, unread): (Uuid, Uuid, i64, i64) = row.try_get_many_by_index()?;
                let by = UnreadBy {
                    conversation: conversation.into(),
                    user: user.into(),
                    after: Revision::new(after).ok_or_else(|| Error::internal("a mark is negative"))?,
                };
                counts.insert(by, count(unread)?);
            }
        }
        Ok(counts)
    }

    async fn search(
        &self,
        of: &[ConversationId],
        terms: &SearchTerms,
        window: &Window<SearchPlace>,
    ) -> Result<Page<Message>> {
        search::search(self, of, terms, window).await
    }
}

impl Sql {
    async fn by_place(&self, of: Select<message::Entity>, window: &Window<Revision>) -> Result<Page<Message>> {
        let messages = cut(of, window, &[message::Column::Seq], |seq| vec![seq.number().into()]);
        Ok(Page::of_read(window, each(messages.all(&self.reader).await?)?))
    }
}

/// The replies to one item asked about, tombstones not among them, counted.
fn replies_to_asked() -> SelectStatement {
    Query::select()
        .expr(Expr::cust("COUNT(*)"))
        .from(message::Entity)
        .and_where(Expr::col((message::Entity, message::Column::ConversationId)).eq(part(1)))
        .and_where(Expr::col((message::Entity, message::Column::ReplyToId)).eq(part(2)))
        .and_where(Expr::col((message::Entity, message::Column::DeletedAt)).is_null())
        .take()
}

/// The unread messages of one item asked about, counted as far as they are counted at all.
fn unread_by_asked() -> SelectStatement {
    let unread = Query::select()
        .expr(Expr::val(1))
        .from(message::Entity)
        .and_where(Expr::col((message::Entity, message::Column::ConversationId)).eq(part(1)))
        .and_where(Expr::col((message::Entity, message::Column::AuthorId)).ne(part(2)))
        .and_where(Expr::col((message::Entity, message::Column::AuthorId)).ne(UserId::SYSTEM.uuid()))
        .and_where(Expr::col((message::Entity, message::Column::Seq)).gt(part(3)))
        .and_where(Expr::col((message::Entity, message::Column::DeletedAt)).is_null())
        .limit(u64::from(MAX_UNREAD))
        .take();
    Query::select().expr(Expr::cust("COUNT(*)")).from_subquery(unread, "unread").take()
}
