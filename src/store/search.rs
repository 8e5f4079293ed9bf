//! How messages are searched for, whatever keeps the index of words: the index names candidates, and their texts decide.
//!
//! All is bounded but the last resort. Where any of the beginnings asked for is rare, all that hold it are looked through.
//! Where all are frequent, the messages themselves are, in the order of the list: a page is soon full. What is frequent and
//! yet was not met so, such as two words that never stand together, the index is asked for as a whole.

use super::log::LogReads;
use crate::domain::ids::{ConversationId, MessageId};
use crate::domain::message::Message;
use crate::domain::page::{Page, Take, Window};
use crate::domain::words::{SearchPlace, SearchTerms};
use crate::error::Result;
use async_trait::async_trait;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Entries of the index that are read to find out whether a beginning is rare.
const RARE: usize = 4_096;
/// Beginnings that are tried for it, the longest.
const MAX_TRIED: usize = 3;
/// Beginnings that are looked up together; the texts are asked for the others.
const MAX_TOGETHER: usize = 4;
/// Messages that are looked through before the index is asked as a whole.
const MAX_WALKED: usize = 1_024;
/// Messages whose texts are read at a time.
const TEXTS: usize = 128;
/// Candidates that the index is asked for at a time.
const CANDIDATES: usize = 512;
/// The parts of the span in which a page must be found that are looked through one after the other.
const PARTS: [u128; 3] = [64, 8, 1];

/// From where on an index is read, and which way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// Only messages that are newer.
    pub(super) newer_than: Option<MessageId>,
    /// Only messages that are older.
    pub(super) older_than: Option<MessageId>,
    /// Which of them come first.
    pub(super) order: Order,
}

/// A direction of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// As the list is sorted.
    NewestFirst,
    /// From the list's end.
    OldestFirst,
}

/// An index of words, in which each message has its [`index_words`](crate::domain::words::index_words).
#[async_trait]
pub(super) trait WordIndex: LogReads {
    /// Messages of these conversations that hold a word of that beginning, in no order, some maybe several times. So many
    /// entries are read at most.
    async fn some_holding(&self, of: &[ConversationId], beginning: &str, limit: usize) -> Result<Vec<MessageId>>;

    /// The first messages of the span in these conversations that hold words of all these beginnings, each once, in the
    /// span's order; without beginnings, those that hold any words.
    async fn first_holding(
        &self,
        of: &[ConversationId],
        beginnings: &[String],
        span: Span,
        limit: usize,
    ) -> Result<Vec<MessageId>>;
}

/// [`LogReads::search`](super::LogReads::search), by that index.
pub(super) async fn search(
    index: &(impl WordIndex + ?Sized),
    of: &[ConversationId],
    terms: &SearchTerms,
    window: &Window<SearchPlace>,
) -> Result<Page<Message>> {
    let mut search = Search { index, of, terms, wanted: window.take.limit() as usize + 1, found: Vec::new() };
    if !of.is_empty() && !terms.beginnings().is_empty() {
        search.run(Span::of(window)).await?;
    }
    Ok(Page::of_read(window, search.found))
}

struct Search<'a, I: ?Sized> {
    index: &'a I,
    of: &'a [ConversationId],
    terms: &'a SearchTerms,
    wanted: usize,
    /// In the span's order.
    found: Vec<Message>,
}

impl<I: WordIndex + ?Sized> Search<'_, I> {
    async fn run(&mut self, span: Span) -> Result<()> {
        let mut rare: Option<Vec<MessageId>> = None;
        let mut frequent = Vec::new();
        for beginning in self.terms.beginnings().iter().take(MAX_TRIED) {
            let some = self.index.some_holding(self.of, beginning, RARE).await?;
            let is_rare = some.len() < RARE;
            let some = span.cut(some);
            if !is_rare {
                frequent = some;
                continue;
            }
            let both = rare.take().map(|held| in_both(&held, &some)).unwrap_or(some);
            let are_few = both.len() <= TEXTS;
            rare = Some(both);
            if are_few {
                break;
            }
        }
        if let Some(all) = rare {
            return self.look_through(&all).await;
        }
        let rest = self.walk(span, &frequent).await?;
        self.look_up(rest).await
    }

    fn is_done(&self) -> bool {
        self.found.len() >= self.wanted
    }

    /// Looks through the first messages of the span, as long as it is likely that the page becomes full; what is left of
    /// the span. `some` are some of those that hold a word asked for. If that is the only one, the page ends, at the
    /// latest, where enough of these have come.
    async fn walk(&mut self, mut span: Span, some: &[MessageId]) -> Result<Span> {
        let Some((nearest, farthest)) = some.first().zip(some.get(self.wanted - 1).or(some.last())) else {
            return Ok(span);
        };
        let mut walked = 0;
        for part in PARTS {
            let near = span.up_to(between(*nearest, *farthest, part));
            let ids = self.index.first_holding(self.of, &[], near, MAX_WALKED - walked).await?;
            let is_whole = ids.len() < MAX_WALKED - walked;
            for texts in ids.chunks(TEXTS) {
                self.look_through(texts).await?;
                walked += texts.len();
                span = span.behind(texts.last().copied());
                let is_likely = self.found.len() * MAX_WALKED >= self.wanted * walked;
                if self.is_done() || !is_likely {
                    return Ok(span);
                }
            }
            if !is_whole {
                return Ok(span);
            }
        }
        Ok(span)
    }

    /// Asks the index for those that hold all the words, until the page is full or there are no more.
    async fn look_up(&mut self, mut span: Span) -> Result<()> {
        let together = &self.terms.beginnings()[..self.terms.beginnings().len().min(MAX_TOGETHER)];
        while !self.is_done() {
            let ids = self.index.first_holding(self.of, together, span, CANDIDATES).await?;
            self.look_through(&ids).await?;
            if ids.len() < CANDIDATES {
                break;
            }
            span = span.behind(ids.last().copied());
        }
        Ok(())
    }

    /// Reads these messages, which come in the span's order, and keeps those that hold all the words.
    async fn look_through(&mut self, ids: &[MessageId]) -> Result<()> {
        for ids in ids.chunks(TEXTS) {
            if self.is_done() {
                break;
            }
            let messages = self.index.find(ids).await?;
            let mut messages: HashMap<_, _> = messages.into_iter().map(|message| (message.id, message)).collect();
            let in_order = ids.iter().filter_map(|id| messages.remove(id));
            let holding = in_order.filter(|message| self.terms.are_held_by(message));
            self.found.extend(holding.take(self.wanted - self.found.len()));
        }
        Ok(())
    }
}

impl Span {
    fn of(window: &Window<SearchPlace>) -> Self {
        let order = match window.take {
            Take::First(_) => Order::NewestFirst,
            Take::Last(_) => Order::OldestFirst,
        };
        // The list goes back in time.
        Self { newer_than: window.before.map(|place| place.0), older_than: window.after.map(|place| place.0), order }
    }

    /// Those of the messages that lie in the span, in its order, each once.
    pub(super) fn cut(self, mut ids: Vec<MessageId>) -> Vec<MessageId> {
        let is_within = |id: &MessageId| {
            self.newer_than.is_none_or(|bound| *id > bound) && self.older_than.is_none_or(|bound| *id < bound)
        };
        ids.retain(is_within);
        ids.sort_unstable();
        ids.dedup();
        if self.order == Order::NewestFirst {
            ids.reverse();
        }
        ids
    }

    /// What of the span comes after that message.
    fn behind(self, last: Option<MessageId>) -> Self {
        match self.order {
            Order::NewestFirst => Self { older_than: last.or(self.older_than), ..self },
            Order::OldestFirst => Self { newer_than: last.or(self.newer_than), ..self },
        }
    }

    /// What of the span comes up to that message, it too.
    fn up_to(self, last: Uuid) -> Self {
        let last = last.as_u128();
        match self.order {
            Order::NewestFirst => Self { newer_than: Some(Uuid::from_u128(last.saturating_sub(1)).into()), ..self },
            Order::OldestFirst => Self { older_than: Some(Uuid::from_u128(last.saturating_add(1)).into()), ..self },
        }
    }
}

/// Those of the one that are in the other too, in its order.
fn in_both(one: &[MessageId], other: &[MessageId]) -> Vec<MessageId> {
    let other: HashSet<_> = other.iter().collect();
    one.iter().filter(|id| other.contains(id)).copied().collect()
}

/// The place that far on the way from one message to another: ids are numbers which grow with time.
fn between(from: MessageId, to: MessageId, part: u128) -> Uuid {
    let (from, to) = (from.uuid().as_u128(), to.uuid().as_u128());
    let way = from.abs_diff(to) / part;
    Uuid::from_u128(if from > to { from - way } else { from + way })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> MessageId {
        Uuid::from_u128(number).into()
    }

    fn window(take: Take) -> Window<SearchPlace> {
        Window { after: Some(SearchPlace(id(90))), before: Some(SearchPlace(id(10))), take }
    }

    #[test]
    fn a_span_is_read_in_the_direction_of_the_page() {
        let ids = || [50, 10, 90, 89, 11, 50, 99].map(id).to_vec();
        let newest = Span::of(&window(Take::First(1)));
        assert_eq!(newest.cut(ids()), [89, 50, 11].map(id));
        assert_eq!(newest.behind(Some(id(50))).cut(ids()), [11].map(id));
        assert_eq!(newest.up_to(id(50).uuid()).cut(ids()), [89, 50].map(id));
        let oldest = Span::of(&window(Take::Last(1)));
        assert_eq!(oldest.cut(ids()), [11, 50, 89].map(id));
        assert_eq!(oldest.behind(Some(id(50))).cut(ids()), [89].map(id));
        assert_eq!(oldest.up_to(id(50).uuid()).cut(ids()), [11, 50].map(id));
        assert_eq!(oldest.behind(None).cut(ids()), [11, 50, 89].map(id));
    }

    #[test]
    fn a_part_of_the_way_leads_there_from_both_ends() {
        assert_eq!(between(id(100), id(20), 8), id(90).uuid());
        assert_eq!(between(id(20), id(100), 8), id(30).uuid());
        assert_eq!(between(id(20), id(100), 1), id(100).uuid());
    }
}
