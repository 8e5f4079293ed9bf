//! What is no part of the log: who types, and how the members' marks move.

use super::item::{Item, TypingChange};
use super::listener::{Heard, Listener};
use crate::domain::conversation::{Member, MemberPlace};
use crate::domain::event::ReceiptMoved;
use crate::domain::page::{Take, Window};
use crate::domain::rules::MAX_PAGE_SIZE;
use crate::error::Result;
use futures_util::stream::{self, Stream};
use std::collections::VecDeque;

/// Who begins and stops typing. What a slow subscriber loses has lapsed anyway.
pub(super) fn typing(listener: Listener) -> impl Stream<Item = Result<TypingChange>> {
    stream::unfold(Some(listener), |listener| async {
        let mut listener = listener?;
        loop {
            match listener.next().await {
                Ok(Heard::Item(Item::Typing(change))) => return Some((Ok(change), Some(listener))),
                Ok(Heard::Item(_) | Heard::Gap) => {}
                Ok(Heard::End) => return None,
                Err(error) => return Some((Err(error), None)),
            }
        }
    })
}

/// How marks move. They are absolute: a slow subscriber gets all of them as they are, and goes on from there.
pub(super) struct Receipts {
    listener: Listener,
    waiting: VecDeque<ReceiptMoved>,
    /// Which marks are to be read next, while all of them are being read.
    rereading: Option<Window<MemberPlace>>,
}

impl Receipts {
    pub(super) fn new(listener: Listener) -> Self {
        Self { listener, waiting: VecDeque::new(), rereading: None }
    }

    pub(super) fn into_stream(self) -> impl Stream<Item = Result<ReceiptMoved>> {
        stream::unfold(Some(self), |receipts| async {
            let mut receipts = receipts?;
            match receipts.next().await {
                Ok(Some(receipt)) => Some((Ok(receipt), Some(receipts))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        })
    }

    async fn next(&mut self) -> Result<Option<ReceiptMoved>> {
        loop {
            if let Some(receipt) = self.waiting.pop_front() {
                return Ok(Some(receipt));
            }
            if let Some(window) = self.rereading.take() {
                self.reread(window).await?;
                continue;
            }
            match self.listener.next().await? {
                Heard::Item(Item::Receipt(receipt)) => return Ok(Some(receipt)),
                Heard::Item(_) => {}
                Heard::Gap => self.rereading = Some(members_after(None)),
                Heard::End => return Ok(None),
            }
        }
    }

    async fn reread(&mut self, window: Window<MemberPlace>) -> Result<()> {
        let chat = self.listener.chat();
        let page = chat.conversations().member_page(self.listener.topic().conversation, &window).await?;
        let at = chat.clock().now();
        if page.has_next {
            self.rereading = Some(members_after(page.items.last().map(|member| MemberPlace(member.user))));
        }
        self.waiting.extend(page.items.iter().map(|member: &Member| ReceiptMoved {
            conversation: member.conversation,
            user: member.user,
            delivered_seq: member.marks.delivered_seq,
            read_seq: member.marks.read_seq,
            at: member.read_at.unwrap_or(at),
        }));
        Ok(())
    }
}

fn members_after(after: Option<MemberPlace>) -> Window<MemberPlace> {
    Window { after, before: None, take: Take::First(MAX_PAGE_SIZE) }
}
