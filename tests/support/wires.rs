//! Lines to databases on which it is counted how often these are asked.

use super::relay::{Line, Passage, Relay};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A line, until it is dropped.
pub(crate) struct CountedWire {
    relay: Relay,
    asked: Arc<AtomicUsize>,
}

impl CountedWire {
    /// One to the Postgres or the MongoDB at that address.
    pub(crate) async fn to(url: &str) -> Self {
        let framing = if url.starts_with("mongodb") { mongodb } else { postgres };
        let asked = Arc::<AtomicUsize>::default();
        let shared = Arc::clone(&asked);
        let passage = move || Counting { asked: Arc::clone(&shared), framing, has_begun: false, waiting: Vec::new() };
        Self { relay: Relay::with(url, passage).await, asked }
    }

    /// Its own address.
    pub(crate) fn url(&self) -> &str {
        self.relay.url()
    }

    /// How many statements the server has run, or commands, since the line was laid.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// How a client's bytes fall into frames: the length of the first of them, and what it is. None where it is not whole.
type Framing = fn(&[u8], has_begun: bool) -> Option<(usize, Frame)>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// Asks, and waits for the answer.
    Question,
    /// Begins what follows.
    Beginning,
    /// Goes with others.
    Other,
}

struct Counting {
    asked: Arc<AtomicUsize>,
    framing: Framing,
    has_begun: bool,
    /// The beginning of a frame whose end has not come yet.
    waiting: Vec<u8>,
}

impl Passage for Counting {
    fn to_server(&mut self, said: &[u8], on: &mut Vec<u8>) -> Line {
        self.waiting.extend_from_slice(said);
        while let Some((length, frame)) = (self.framing)(&self.waiting, self.has_begun) {
            self.waiting.drain(..length);
            self.has_begun |= frame == Frame::Beginning;
            if frame == Frame::Question {
                self.asked.fetch_add(1, Ordering::SeqCst);
            }
        }
        on.extend_from_slice(said);
        Line::Holds
    }
}

/// PostgreSQL, "Message Formats": a letter and a length with each; at the beginning a length and a code alone. `Execute` and
/// `Query` each have a statement run. That a connection prepares it, once, is not counted.
fn postgres(said: &[u8], has_begun: bool) -> Option<(usize, Frame)> {
    /// Asked before the beginning: whether the line may be encrypted, by TLS or by GSSAPI.
    const ENCRYPTION: [u32; 2] = [80_877_103, 80_877_104];
    let number = |at: usize| Some(u32::from_be_bytes(said.get(at..at + 4)?.try_into().unwrap()));
    let (length, frame) = if has_begun {
        let frame = if matches!(said.first()?, b'E' | b'Q') { Frame::Question } else { Frame::Other };
        (1 + number(1)?, frame)
    } else {
        let frame = if ENCRYPTION.contains(&number(4)?) { Frame::Other } else { Frame::Beginning };
        (number(0)?, frame)
    };
    let length = usize::try_from(length).unwrap();
    (said.len() >= length).then_some((length, frame))
}

/// MongoDB Wire Protocol: a header of 16 bytes, the length first and the kind last. `OP_MSG` is a question.
fn mongodb(said: &[u8], _: bool) -> Option<(usize, Frame)> {
    const OP_MSG: u32 = 2_013;
    let number = |at: usize| Some(u32::from_le_bytes(said.get(at..at + 4)?.try_into().unwrap()));
    let length = usize::try_from(number(0)?).unwrap();
    let frame = if number(12)? == OP_MSG { Frame::Question } else { Frame::Other };
    (said.len() >= length).then_some((length, frame))
}
