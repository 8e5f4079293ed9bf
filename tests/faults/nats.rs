//! A network before a NATS server that loses, repeats and reorders what the server tells.

use crate::chance::Chance;
use crate::support::relay::{Line, Passage, Relay};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// One message in so many has each of the three faults.
const RARITY: u32 = 10;

/// What all connections have in common.
#[derive(Default)]
struct Weather {
    /// Messages that hold this are lost from some time on.
    loses: OnceLock<&'static str>,
    lost: AtomicUsize,
    repeated: AtomicUsize,
    reordered: AtomicUsize,
}

/// The network, until it is dropped.
pub(crate) struct RoughNetwork {
    relay: Relay,
    weather: Arc<Weather>,
}

impl RoughNetwork {
    /// One before the server at that address.
    pub(crate) async fn before(url: &str, chance: Chance) -> Self {
        let weather = Arc::<Weather>::default();
        let (shared, chance) = (Arc::clone(&weather), Mutex::new(chance));
        let passage = move || {
            let chance = chance.lock().unwrap().fork();
            Rough { weather: Arc::clone(&shared), chance, waiting: Vec::new(), held: None }
        };
        Self { relay: Relay::with(url, passage).await, weather }
    }

    pub(crate) fn url(&self) -> &str {
        self.relay.url()
    }

    /// From now on no message comes through any more.
    pub(crate) fn lose_all(&self) {
        self.lose("");
    }

    /// From now on no message that holds this comes through any more. Once for each network.
    pub(crate) fn lose(&self, text: &'static str) {
        self.weather.loses.set(text).unwrap();
    }

    /// How many messages were lost, repeated, and told after a later one.
    pub(crate) fn faults(&self) -> [usize; 3] {
        let Weather { lost, repeated, reordered, .. } = &*self.weather;
        [lost, repeated, reordered].map(|count| count.load(Ordering::SeqCst))
    }
}

struct Rough {
    weather: Arc<Weather>,
    chance: Chance,
    /// The beginning of a frame whose end has not come yet.
    waiting: Vec<u8>,
    /// A message that is told after the next one.
    held: Option<Vec<u8>>,
}

impl Passage for Rough {
    fn to_client(&mut self, said: &[u8], on: &mut Vec<u8>) -> Line {
        self.waiting.extend_from_slice(said);
        while let Some(frame) = take_frame(&mut self.waiting) {
            if is_message(&frame) { self.tell(frame, on) } else { on.extend(frame) }
        }
        Line::Holds
    }
}

impl Rough {
    fn tell(&mut self, message: Vec<u8>, on: &mut Vec<u8>) {
        let count = |counter: &AtomicUsize| counter.fetch_add(1, Ordering::SeqCst);
        let is_to_be_lost =
            |text: &&str| text.is_empty() || message.windows(text.len()).any(|at| at == text.as_bytes());
        if self.weather.loses.get().is_some_and(is_to_be_lost) || self.chance.one_in(RARITY) {
            count(&self.weather.lost);
            return;
        }
        if self.held.is_none() && self.chance.one_in(RARITY) {
            self.held = Some(message);
            return;
        }
        if self.chance.one_in(RARITY) {
            count(&self.weather.repeated);
            on.extend_from_slice(&message);
        }
        on.extend(message);
        if let Some(held) = self.held.take() {
            count(&self.weather.reordered);
            on.extend(held);
        }
    }
}

/// Takes one whole frame of the server's from the front: a line, and behind `MSG` and `HMSG` as many bytes as the line
/// says and a line's end.
fn take_frame(bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    let line = bytes.windows(2).position(|pair| pair == b"\r\n")? + 2;
    let payload = if is_message(bytes) {
        let head = std::str::from_utf8(&bytes[..line]).expect("a head is text");
        let size: usize = head.trim_end().rsplit(' ').next().and_then(|size| size.parse().ok()).expect("a size");
        size + 2
    } else {
        0
    };
    (bytes.len() >= line + payload).then(|| bytes.drain(..line + payload).collect())
}

fn is_message(frame: &[u8]) -> bool {
    frame.starts_with(b"MSG ") || frame.starts_with(b"HMSG ")
}

#[test]
fn frames_are_told_apart_however_they_come() {
    let told = b"INFO {}\r\nMSG a.b 1 7\r\nx\r\nMSG \r\nPING\r\nHMSG a.b 1 4 6\r\nh\r\n:xy\r\n+OK\r\n";
    let frames: [&[u8]; 5] =
        [b"INFO {}\r\n", b"MSG a.b 1 7\r\nx\r\nMSG \r\n", b"PING\r\n", b"HMSG a.b 1 4 6\r\nh\r\n:xy\r\n", b"+OK\r\n"];
    for size in 1..told.len() {
        let (mut waiting, mut found) = (Vec::new(), Vec::new());
        for piece in told.chunks(size) {
            waiting.extend_from_slice(piece);
            found.extend(std::iter::from_fn(|| take_frame(&mut waiting)));
        }
        assert_eq!(found, frames);
        assert_eq!(waiting, b"");
    }
}
