//! The index of words: kept in the transactions that write the log, and read when messages are searched for.

use super::batches::batches;
use super::entity::message_word::{ActiveModel, Column, Entity};
use super::{Sql, Tx};
use crate::domain::batch::{Plan, Stored, Write};
use crate::domain::ids::{ConversationId, MessageId, UserId};
use crate::domain::message::{Amendment, Body, Change, Message, MessageText, NewMessage};
use crate::domain::words::{EVERY_MESSAGE, index_words, index_words_of_text};
use crate::error::Result;
use crate::store::search::{Order, Span, WordIndex};
use async_trait::async_trait;
use sea_orm::prelude::{Expr, Uuid};
use sea_orm::sea_query::{ExprTrait as _, OnConflict, Query, SelectStatement};
use sea_orm::{ActiveValue, ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _};
use sea_orm::{QueryOrder as _, QuerySelect as _};
use std::collections::{BTreeSet, HashMap};

/// Entries of an erased log that go in one statement.
const MAX_ERASED: u64 = 10_000;

/// The texts of writes with their words, cut before the transaction: Postgres takes one that does nothing for a second for
/// abandoned.
pub(super) struct Cut<'a>(HashMap<&'a str, BTreeSet<String>>);

/// Cuts all the texts.
pub(super) fn cut(writes: &[Write]) -> Cut<'_> {
    Cut(writes.iter().filter_map(text).map(|text| (text, index_words_of_text(text))).collect())
}

fn text(write: &Write) -> Option<&str> {
    match write {
        Write::Append(NewMessage { body: Body::Draft(draft), .. }) => draft.text.as_ref().map(MessageText::as_str),
        Write::Amend(Amendment { change: Change::Edit(text), .. }) => Some(text.as_str()),
        _ => None,
    }
}

impl Cut<'_> {
    fn index_words(&self, message: &Message) -> BTreeSet<String> {
        let cut = message.text.as_deref().filter(|_| message.author != UserId::SYSTEM);
        cut.and_then(|text| self.0.get(text)).map_or_else(|| index_words(message), Clone::clone)
    }
}

/// What stood in the log before a plan, as far as its words may go.
pub(super) fn before(stored: &[Stored]) -> HashMap<MessageId, Message> {
    stored.iter().map(|stored| (stored.message.id, stored.message.clone())).collect()
}

/// Brings the index to where the plan has brought the log. The head is held.
pub(super) async fn follow(
    tx: &Tx,
    conversation: ConversationId,
    cut: &Cut<'_>,
    before: &HashMap<MessageId, Message>,
    plan: &Plan,
) -> Result<()> {
    let births = plan.births.iter().map(|birth| &birth.message);
    let words_of = |message: &Message| (message.id.uuid(), cut.index_words(message));
    let births = births.map(words_of).flat_map(|(id, words)| words.into_iter().map(move |word| (word, id)));
    let mut new: Vec<_> = births.collect();
    for message in &plan.changes {
        let is_reworded = |before: &&Message| before.text != message.text;
        if let Some(before) = before.get(&message.id).filter(is_reworded) {
            let (old, now) = (index_words(before), cut.index_words(message));
            remove(tx, conversation, message.id, old.difference(&now)).await?;
            new.extend(now.difference(&old).map(|word| (word.clone(), message.id.uuid())));
        }
    }
    insert(tx, conversation, new).await
}

/// Adds all the words of a message.
pub(super) async fn insert_all(tx: &Tx, message: &Message) -> Result<()> {
    let entries = index_words(message).into_iter().map(|word| (word, message.id.uuid()));
    insert(tx, message.conversation, entries.collect()).await
}

/// Adds entries; those that are there already stay.
async fn insert(tx: &Tx, conversation: ConversationId, entries: Vec<(String, Uuid)>) -> Result<()> {
    for batch in batches(entries) {
        let rows = batch.into_iter().map(|(word, id)| ActiveModel {
            conversation_id: ActiveValue::Set(conversation.uuid()),
            word: ActiveValue::Set(word),
            message_id: ActiveValue::Set(id),
        });
        let stays = OnConflict::new().do_nothing().to_owned();
        Entity::insert_many(rows).on_conflict(stays).exec_without_returning(tx).await?;
    }
    Ok(())
}

impl Sql {
    /// Removes the first entries of an erased log; whether there may be more.
    pub(super) async fn erase_words(&self, conversation: ConversationId) -> Result<bool> {
        let of_it = || Column::ConversationId.eq(conversation.uuid());
        let place = || Expr::tuple([Column::Word, Column::MessageId].map(Expr::col));
        let last: Option<(String, Uuid)> = Entity::find()
            .select_only()
            .columns([Column::Word, Column::MessageId])
            .filter(of_it())
            .order_by_asc(Column::Word)
            .order_by_asc(Column::MessageId)
            .offset(MAX_ERASED - 1)
            .into_tuple()
            .one(&self.writer)
            .await?;
        let mut erase = Entity::delete_many().filter(of_it());
        if let Some((word, id)) = &last {
            erase = erase.filter(place().lte(Expr::tuple([Expr::val(word), Expr::val(*id)])));
        }
        erase.exec(&self.writer).await?;
        Ok(last.is_some())
    }
}

async fn remove(
    tx: &Tx,
    conversation: ConversationId,
    message: MessageId,
    words: impl Iterator<Item = &String>,
) -> Result<()> {
    for batch in batches(words) {
        let gone = Entity::delete_many()
            .filter(Column::ConversationId.eq(conversation.uuid()))
            .filter(Column::Word.is_in(batch))
            .filter(Column::MessageId.eq(message.uuid()));
        gone.exec(tx).await?;
    }
    Ok(())
}

#[async_trait]
impl WordIndex for Sql {
    async fn some_holding(&self, of: &[ConversationId], beginning: &str, limit: usize) -> Result<Vec<MessageId>> {
        let mut some = Vec::new();
        for batch in batches(of.iter().map(|id| id.uuid())) {
            let left = limit - some.len();
            some.extend(self.ids(&some_holding(batch, beginning, left)).await?);
            if some.len() == limit {
                break;
            }
        }
        Ok(some)
    }

    async fn first_holding(
        &self,
        of: &[ConversationId],
        beginnings: &[String],
        span: Span,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        let mut first = Vec::new();
        for batch in batches(of.iter().map(|id| id.uuid())) {
            first.extend(self.ids(&first_holding(&batch, beginnings, span, limit)).await?);
        }
        let mut first = span.cut(first);
        first.truncate(limit);
        Ok(first)
    }
}

impl Sql {
    async fn ids(&self, statement: &SelectStatement) -> Result<Vec<MessageId>> {
        let rows = self.reader.query_all(statement).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index::<Uuid>(0)?.into())).collect()
    }
}

fn some_holding(conversations: Vec<Uuid>, beginning: &str, limit: usize) -> SelectStatement {
    holding(conversations, beginning).limit(limit as u64).take()
}

fn first_holding(conversations: &[Uuid], beginnings: &[String], span: Span, limit: usize) -> SelectStatement {
    let conversations = || conversations.to_vec();
    let (first, further) = match beginnings.split_first() {
        Some((first, further)) => (holding(conversations(), first), further),
        None => (holding_any(conversations()), beginnings),
    };
    let mut first = first;
    for beginning in further {
        first.and_where(Column::MessageId.in_subquery(within(holding(conversations(), beginning), span)));
    }
    let order = match span.order {
        Order::NewestFirst => sea_orm::Order::Desc,
        Order::OldestFirst => sea_orm::Order::Asc,
    };
    within(first, span).distinct().order_by(Column::MessageId, order).limit(limit as u64).take()
}

/// The messages that hold a word of that beginning.
fn holding(conversations: Vec<Uuid>, beginning: &str) -> SelectStatement {
    // Words are letters and digits, which all come before the last of all characters.
    let end = format!("{beginning}{}", char::MAX);
    let begins = Column::Word.gte(beginning).and(Column::Word.lt(end));
    of(conversations).and_where(begins).take()
}

/// The messages that hold any word.
fn holding_any(conversations: Vec<Uuid>) -> SelectStatement {
    of(conversations).and_where(Column::Word.eq(EVERY_MESSAGE)).take()
}

fn of(conversations: Vec<Uuid>) -> SelectStatement {
    let is_of_these = Column::ConversationId.is_in(conversations);
    Query::select().column(Column::MessageId).from(Entity).and_where(is_of_these).take()
}

fn within(mut statement: SelectStatement, span: Span) -> SelectStatement {
    if let Some(bound) = span.newer_than {
        statement.and_where(Column::MessageId.gt(bound.uuid()));
    }
    if let Some(bound) = span.older_than {
        statement.and_where(Column::MessageId.lt(bound.uuid()));
    }
    statement
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sql::SqlOptions;
    use sea_orm::DbBackend;

    async fn plan(sql: &Sql, statement: &SelectStatement) -> Vec<String> {
        let mut explained = DbBackend::Sqlite.build(statement);
        explained.sql = format!("EXPLAIN QUERY PLAN {}", explained.sql);
        let rows = sql.reader.query_all_raw(explained).await.unwrap();
        rows.iter().map(|row| row.try_get::<String>("", "detail").unwrap()).collect()
    }

    #[tokio::test]
    async fn sqlite_answers_by_the_index() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("natterjack.db").display());
        let sql = Sql::connect(&url, &SqlOptions::default()).await.unwrap();
        sql.migrate().await.unwrap();
        let conversations = vec![Uuid::from_u128(1), Uuid::from_u128(2)];
        let id = |number| Some(MessageId::from(Uuid::from_u128(number)));
        let span = Span { newer_than: id(1), older_than: id(9), order: Order::NewestFirst };
        let terms = ["frog".to_owned(), "toad".to_owned()];
        let by_word = "SEARCH message_words USING PRIMARY KEY (conversation_id=? AND word>? AND word<?)";
        let by_time =
            "SEARCH message_words USING PRIMARY KEY (conversation_id=? AND word=? AND message_id>? AND message_id<?)";
        for (statement, expected) in [
            (some_holding(conversations.clone(), "frog", 9), &[by_word][..]),
            (first_holding(&conversations, &terms[..1], span, 9), &[by_word]),
            (first_holding(&conversations, &terms, span, 9), &[by_word, by_word]),
            (first_holding(&conversations, &[], span, 9), &[by_time]),
        ] {
            let plan = plan(&sql, &statement).await;
            let reads: Vec<_> = plan.iter().filter(|step| step.contains("message_words")).collect();
            assert_eq!(reads, expected, "{plan:?}");
        }
    }
}
