//! A stream of server-sent events, read as a browser reads it (the HTML standard, section 9.2.6).

use reqwest::{Response, StatusCode};
use serde_json::Value;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::timeout;

/// How long something may take that must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) event: String,
    pub(crate) data: Value,
}

/// Ends where it is dropped, as when a connection is cut.
pub(crate) struct Stream {
    response: Response,
    text: Vec<u8>,
    told: VecDeque<Told>,
    /// What the client would give as `Last-Event-ID`.
    pub(crate) last_id: Option<String>,
    /// How many comments have come.
    pub(crate) comments: usize,
}

impl Stream {
    /// What follows a response's head.
    pub(crate) fn of(response: Response) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        for (name, value) in [
            ("content-type", "text/event-stream; charset=utf-8"),
            ("cache-control", "no-cache, no-transform"),
            ("x-accel-buffering", "no"),
        ] {
            assert_eq!(response.headers()[name], value);
        }
        Self { response, text: Vec::new(), told: VecDeque::new(), last_id: None, comments: 0 }
    }

    /// The next event; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Told> {
        while self.told.is_empty() {
            if !self.read().await {
                return None;
            }
        }
        self.told.pop_front()
    }

    /// The next result.
    pub(crate) async fn result(&mut self) -> Value {
        let told = self.next().await.expect("one more result");
        assert_eq!(told.event, "next", "{told:?}");
        told.data
    }

    /// The operation is over, and the stream with it.
    pub(crate) async fn completes(&mut self) {
        assert_eq!(self.next().await, Some(Told { event: "complete".to_owned(), data: Value::Null }));
        assert_eq!(self.next().await, None);
    }

    /// Reads on by a piece; whether there was one.
    pub(crate) async fn read(&mut self) -> bool {
        let piece = timeout(PATIENCE, self.response.chunk()).await.expect("something in time").unwrap();
        let Some(piece) = piece else {
            assert!(self.text.is_empty(), "cut off: {}", String::from_utf8_lossy(&self.text));
            return false;
        };
        self.text.extend(piece);
        while let Some(end) = self.text.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = self.text.drain(..end + 2).collect();
            self.take_in(std::str::from_utf8(&block).unwrap().trim_end_matches('\n'));
        }
        true
    }

    fn take_in(&mut self, block: &str) {
        let (mut event, mut data) = (None, None);
        for line in block.split('\n') {
            let (field, value) = line.split_once(':').unwrap_or_else(|| panic!("no field: {line}"));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "" => self.comments += 1,
                "event" => event = Some(value.to_owned()),
                "id" => self.last_id = Some(value.to_owned()),
                "data" => {
                    data = Some(if value.is_empty() { Value::Null } else { serde_json::from_str(value).unwrap() });
                }
                _ => panic!("unknown: {line}"),
            }
        }
        if let Some(data) = data {
            self.told.push_back(Told { event: event.expect("what it is"), data });
        }
    }
}
