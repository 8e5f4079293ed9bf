//! One try to commit a batch: the statements of its transaction.
//!
//! The server lets only one of several transactions change a document and fails the others at once. So one that has
//! changed the head was alone with it from its snapshot on, and all that it reads, it reads in that snapshot.

use super::MongoLog;
use super::documents::{HeadDocument, MessageDocument, conversation_key, date, message_key, user_key};
use super::failures::{STORE, is_away, is_duplicate};
use super::reactions::ReactionDocument;
use crate::domain::batch::{Attempt, Head, Known, Needed, Plan, Stored, Write, needed, plan};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::{Message, Reaction};
use crate::error::{Error, Result};
use crate::store::log::{Committed, erased};
use futures_util::TryStreamExt as _;
use mongodb::ClientSession;
use mongodb::bson::{Bson, Document, Uuid, doc};
use mongodb::error::{Error as DriverError, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT};
use mongodb::options::ReadConcern;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Documents in one answer: up to two for each of [`MAX_BATCH`](crate::store::log::MAX_BATCH) writes, more than the default of 101.
const LOOK_UP_SIZE: u32 = 2 * 256;
/// How often the server is asked for an outcome that is not known.
const MAX_ASKED: u32 = 20;
/// For how long a server is asked that cannot be reached: less than the driver looks for one by itself, and more than it
/// waits until it looks a second time.
const ASK_LIMIT: Duration = Duration::from_secs(1);
/// How long to wait before it is asked again.
const ASK_PAUSE: Duration = Duration::from_millis(50);

/// Why a try did not come off.
pub(super) enum Failure {
    /// Another commit was faster. Nothing is stored.
    Raced(Error),
    /// A message that was taken for new is there already. Nothing is stored.
    Known,
    /// It may be stored, or not.
    Lost(Error),
    /// The server was away. It may be stored, or not.
    Away(Error),
    /// The same would happen again.
    Final(Error),
}

impl From<DriverError> for Failure {
    fn from(error: DriverError) -> Self {
        if is_away(&error) {
            Self::Away(error.into())
        } else if error.contains_label(TRANSIENT_TRANSACTION_ERROR) {
            Self::Raced(error.into())
        } else {
            Self::Final(error.into())
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Final(error)
    }
}

/// A transaction on one conversation's log. Dropped before it is committed, it is ended in the background.
pub(super) struct Transaction<'a> {
    log: &'a MongoLog,
    session: ClientSession,
    conversation: Uuid,
}

impl<'a> Transaction<'a> {
    pub(super) async fn begin(log: &'a MongoLog, conversation: ConversationId) -> Result<Self, Failure> {
        let mut session = log.database.client().start_session().await?;
        // On a sharded cluster, only a snapshot is of one moment on all shards.
        let snapshot = ReadConcern::snapshot();
        session.start_transaction().read_concern(snapshot).await?;
        Ok(Self { log, session, conversation: conversation_key(conversation) })
    }

    /// Commits births of which none is there, as far as we know; where one is, a unique index says so. This spares the
    /// round trips for reading the head and for looking up client ids, two of five.
    pub(super) async fn commit_trusting(&mut self, births: &[Write]) -> Result<Committed, Failure> {
        // What they will take, and the last of them, do not depend on the head.
        let foreseen = plan(Head::default(), Known::default(), births);
        let before = self.raise_unseen(&foreseen).await?;
        let plan = plan(before, Known::default(), births);
        self.insert(&plan.births).await.map_err(known_or_failed)?;
        self.commit(before, plan).await
    }

    /// Commits whatever it is, after a look at all that it depends on. The head is raised after it was read, which is
    /// safe since it is read in the snapshot that the raise is checked against.
    pub(super) async fn commit_looking(&mut self, writes: &[Write], attempt: Attempt) -> Result<Committed, Failure> {
        let head = self.head().await?;
        let last_message = head.as_ref().and_then(|head| head.last_message);
        let before = standing(head)?;
        let needed = needed(writes, attempt);
        let reactions = self.existing(&needed.reactions).await?;
        let messages = self.look_up(needed).await?;
        let plan = plan(before, Known { messages, reactions }, writes);
        if !plan.is_empty() {
            self.raise(before, last_message, &plan).await?;
            self.insert(&plan.births).await?;
            self.change(&plan.changes).await?;
            self.store_reactions(&plan).await?;
        }
        self.commit(before, plan).await
    }

    /// Raises the head by what the plan takes from an empty one; the head as it was.
    async fn raise_unseen(&mut self, foreseen: &Plan) -> Result<Head, Failure> {
        let raised = doc! { "$add": [{ "$ifNull": ["$revision", 0_i64] }, foreseen.head.revision.number()] };
        let raise = doc! { "$set": {
            "revision": &raised,
            "lastSeq": &raised,
            "activeAt": foreseen.head.active_at.map(date),
            "lastMessage": last_birth(foreseen),
        } };
        let filter = doc! { "_id": self.conversation };
        // It answers with the document as it was before, unless it is asked for the new one.
        let update = self.log.heads.find_one_and_update(filter, vec![raise]).upsert(true);
        let before = update.session(&mut self.session).await.map_err(raced_or_failed)?;
        Ok(standing(before)?)
    }

    async fn raise(&mut self, before: Head, last_message: Option<Uuid>, plan: &Plan) -> Result<(), Failure> {
        let raised = HeadDocument {
            conversation: self.conversation,
            revision: plan.head.revision.number(),
            last_seq: plan.head.last_seq.number(),
            active_at: plan.head.active_at.map(date),
            last_message: last_birth(plan).or(last_message),
            is_erased: false,
        };
        let filter = doc! { "_id": self.conversation, "revision": before.revision.number() };
        let replace = self.log.heads.replace_one(filter, raised).upsert(true);
        replace.session(&mut self.session).await.map_err(raced_or_failed)?;
        Ok(())
    }

    async fn head(&mut self) -> Result<Option<HeadDocument>, DriverError> {
        let filter = doc! { "_id": self.conversation };
        self.log.heads.find_one(filter).session(&mut self.session).await
    }

    async fn look_up(&mut self, needed: Needed<'_>) -> Result<Vec<Stored>, Failure> {
        let alternatives = self.alternatives(needed);
        if alternatives.is_empty() {
            return Ok(Vec::new());
        }
        let find = self.log.messages.find(doc! { "$or": alternatives }).projection(MessageDocument::without_words());
        let mut found = find.batch_size(LOOK_UP_SIZE).session(&mut self.session).await?;
        let documents: Vec<MessageDocument> = found.stream(&mut self.session).try_collect().await?;
        let stored = documents.into_iter().map(Stored::try_from);
        Ok(stored.collect::<Result<_>>()?)
    }

    /// Those of the reactions that there are.
    async fn existing(&mut self, reactions: &[Reaction]) -> Result<Vec<Reaction>, DriverError> {
        if reactions.is_empty() {
            return Ok(Vec::new());
        }
        let alternatives = self.reaction_filters(reactions);
        let find = self.log.reactions.find(doc! { "$or": alternatives }).batch_size(LOOK_UP_SIZE);
        let mut found = find.session(&mut self.session).await?;
        let documents: Vec<ReactionDocument> = found.stream(&mut self.session).try_collect().await?;
        Ok(documents.into_iter().map(Reaction::from).collect())
    }

    async fn store_reactions(&mut self, plan: &Plan) -> Result<(), DriverError> {
        if !plan.cleared.is_empty() {
            let ids: Vec<_> = plan.cleared.iter().copied().map(message_key).collect();
            let of_these = doc! { "conversation": self.conversation, "message": { "$in": ids } };
            self.log.reactions.delete_many(of_these).session(&mut self.session).await?;
        }
        if !plan.unreacted.is_empty() {
            let these = doc! { "$or": self.reaction_filters(&plan.unreacted) };
            self.log.reactions.delete_many(these).session(&mut self.session).await?;
        }
        if !plan.reacted.is_empty() {
            let new =
                |(reaction, revision): &(Reaction, _)| ReactionDocument::new(self.conversation, reaction, *revision);
            let documents: Vec<_> = plan.reacted.iter().map(new).collect();
            self.log.reactions.insert_many(documents).session(&mut self.session).await?;
        }
        Ok(())
    }

    fn reaction_filters(&self, reactions: &[Reaction]) -> Vec<Document> {
        reactions.iter().map(|reaction| ReactionDocument::filter(self.conversation, reaction)).collect()
    }

    /// One filter for the messages and one for each author, each of which is answered by an index.
    fn alternatives(&self, needed: Needed<'_>) -> Vec<Document> {
        let mut alternatives = Vec::new();
        if !needed.messages.is_empty() {
            let ids: Vec<_> = needed.messages.into_iter().map(message_key).collect();
            alternatives.push(doc! { "conversation": self.conversation, "_id": { "$in": ids } });
        }
        let mut by_author: HashMap<UserId, Vec<&str>> = HashMap::new();
        for (author, client_id) in needed.client_ids {
            by_author.entry(author).or_default().push(client_id.as_str());
        }
        alternatives.extend(by_author.into_iter().map(|(author, ids)| {
            doc! { "conversation": self.conversation, "author": user_key(author), "clientId": { "$in": ids } }
        }));
        alternatives
    }

    async fn insert(&mut self, births: &[Stored]) -> Result<(), DriverError> {
        if !births.is_empty() {
            let documents = births.iter().map(MessageDocument::from);
            let insert = self.log.messages.insert_many(documents);
            insert.session(&mut self.session).await?;
        }
        Ok(())
    }

    async fn change(&mut self, changes: &[Message]) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        // As a command, since the driver's own way to send many updates at once is only for servers from 8.0 on.
        let updates = changes.iter().map(|message| {
            let filter = doc! { "_id": message_key(message.id), "conversation": self.conversation };
            Bson::from(doc! { "q": filter, "u": { "$set": MessageDocument::changes(message) } })
        });
        let command = doc! { "update": MessageDocument::COLLECTION, "updates": updates.collect::<Vec<_>>() };
        let update = self.log.database.run_command(command);
        let reply = update.session(&mut self.session).await?;
        if updated(&reply) == Some(changes.len()) {
            Ok(())
        } else {
            Err(Error::internal("not all of a batch's messages could be changed").into())
        }
    }

    /// Ends the transaction, also where it has stored nothing: the server then waits until a majority has what was
    /// read, so that no answer is given which a change of primaries would take back.
    async fn commit(&mut self, before: Head, plan: Plan) -> Result<Committed, Failure> {
        self.commit_for_sure().await?;
        let births = plan.births.into_iter().map(|stored| stored.message);
        Ok(Committed {
            before: before.revision,
            head: plan.head,
            written: plan.written,
            changed: births.chain(plan.changes).collect(),
        })
    }

    /// Asks again while the outcome is unknown: the server knows the transaction by its number, and commits it once.
    async fn commit_for_sure(&mut self) -> Result<(), Failure> {
        let began = Instant::now();
        let mut asked = 0;
        loop {
            let Err(error) = self.session.commit_transaction().await else {
                return Ok(());
            };
            asked += 1;
            let is_unknown = error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT);
            if is_away(&error) && (!is_unknown || began.elapsed() > ASK_LIMIT) {
                return Err(Failure::Away(error.into()));
            }
            if is_unknown && asked < MAX_ASKED {
                sleep(ASK_PAUSE).await;
            } else if is_unknown || error.contains_label(TRANSIENT_TRANSACTION_ERROR) {
                // Even where the last answer was that nothing is stored, an earlier one may have been lost.
                return Err(Failure::Lost(error.into()));
            } else {
                return Err(error.into());
            }
        }
    }
}

/// The head of a log that was not erased.
fn standing(head: Option<HeadDocument>) -> Result<Head> {
    match head {
        Some(head) if head.is_erased => Err(erased()),
        Some(head) => head.try_into(),
        None => Ok(Head::default()),
    }
}

fn last_birth(plan: &Plan) -> Option<Uuid> {
    plan.births.last().map(|stored| message_key(stored.message.id))
}

/// How many documents an update has found, where all of it went well.
fn updated(reply: &Document) -> Option<usize> {
    let found = reply.get_i32("n").ok()?;
    let is_whole = !reply.contains_key("writeErrors");
    usize::try_from(found).ok().filter(|_| is_whole)
}

/// Of two who begin a log at once, both find no head, and one is told that there is one now.
fn raced_or_failed(error: DriverError) -> Failure {
    if is_duplicate(&error) {
        Failure::Raced(Error::unavailable(STORE, "somebody else has begun this log"))
    } else {
        error.into()
    }
}

fn known_or_failed(error: DriverError) -> Failure {
    if is_duplicate(&error) { Failure::Known } else { error.into() }
}
