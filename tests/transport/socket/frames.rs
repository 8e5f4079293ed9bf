//! The frames that WebSocket itself is made of (RFC 6455, section 5), byte by byte: what a library for clients would not
//! write.

use crate::support::PATIENCE;
use crate::support::server::Server;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const CONTINUED: u8 = 0x0;
const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;
/// The bit of a message's last frame.
const LAST: u8 = 0x80;
/// The bit that says that what a client sends is masked.
const MASKED: u8 = 0x80;

/// In place of a length: it is in the two bytes that follow.
const LONG: u8 = 0x7E;

/// A socket of which every byte is the test's.
struct Frames(TcpStream);

impl Frames {
    async fn open(server: &Server) -> Self {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let request = format!(
            "GET /graphql HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
            server.address
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
        Self(stream)
    }

    /// The same, acknowledged.
    async fn ready(server: &Server) -> Self {
        let mut frames = Self::open(server).await;
        frames.send(LAST | TEXT, br#"{"type":"connection_init"}"#).await;
        frames.hears(&json!({ "type": "connection_ack" })).await;
        frames
    }

    /// One frame of at most 65,535 bytes, with its first byte as it is given.
    async fn send(&mut self, first: u8, payload: &[u8]) {
        self.0.write_all(&frame(first, payload)).await.unwrap();
    }

    /// The server's next frame: its first byte, and what it holds.
    async fn next(&mut self) -> (u8, Vec<u8>) {
        let reading = async {
            let (first, length) = (self.0.read_u8().await.unwrap(), self.0.read_u8().await.unwrap());
            let length = match length {
                LONG => usize::from(self.0.read_u16().await.unwrap()),
                short => usize::from(short),
            };
            assert!(length < 65_536, "a server does not mask, and none of these answers is long");
            let mut payload = vec![0; length];
            self.0.read_exact(&mut payload).await.unwrap();
            (first, payload)
        };
        timeout(PATIENCE, reading).await.expect("a frame in time")
    }

    async fn hears(&mut self, message: &Value) {
        let (first, payload) = self.next().await;
        assert_eq!(first, LAST | TEXT);
        assert_eq!(&serde_json::from_slice::<Value>(&payload).unwrap(), message);
    }

    /// The code with which the server closes, whereafter it ends the connection.
    async fn closed(&mut self) -> u16 {
        let (first, payload) = self.next().await;
        assert_eq!(first, LAST | CLOSE, "{payload:?}");
        self.send(LAST | CLOSE, &payload).await;
        assert_eq!(timeout(PATIENCE, self.0.read_u8()).await.expect("an end in time").ok(), None);
        u16::from_be_bytes([payload[0], payload[1]])
    }
}

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x37, 0xFA, 0x21, 0x3D];
    let mut bytes = vec![first];
    if let Ok(short @ 0..126) = u8::try_from(payload.len()) {
        bytes.push(MASKED | short);
    } else {
        bytes.push(MASKED | LONG);
        bytes.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    }
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.into_iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

#[tokio::test]
async fn a_message_may_come_in_frames_and_a_ping_between_them() {
    let server = Server::start().await;
    let mut frames = Frames::ready(&server).await;
    let message = json!({ "type": "ping", "payload": { "text": "Grüße 🐸" } }).to_string();
    // Also in the middle of a character.
    let middle = message.find('🐸').unwrap() + 2;
    frames.send(TEXT, &message.as_bytes()[..1]).await;
    frames.send(CONTINUED, b"").await;
    frames.send(CONTINUED, &message.as_bytes()[1..middle]).await;
    frames.send(LAST | PING, b"anyone?").await;
    assert_eq!(frames.next().await, (LAST | PONG, b"anyone?".to_vec()));
    frames.send(LAST | CONTINUED, &message.as_bytes()[middle..]).await;
    frames.hears(&json!({ "type": "pong", "payload": { "text": "Grüße 🐸" } })).await;
}

#[tokio::test]
async fn a_message_may_come_byte_by_byte_and_many_at_once() {
    let server = Server::start().await;
    let mut frames = Frames::ready(&server).await;
    for byte in frame(LAST | TEXT, br#"{"type":"ping","payload":{"at":1}}"#) {
        frames.0.write_all(&[byte]).await.unwrap();
        frames.0.flush().await.unwrap();
    }
    frames.hears(&json!({ "type": "pong", "payload": { "at": 1 } })).await;
    let many: Vec<u8> = (0..100)
        .flat_map(|at| frame(LAST | TEXT, format!(r#"{{"type":"ping","payload":{{"at":{at}}}}}"#).as_bytes()))
        .collect();
    frames.0.write_all(&many).await.unwrap();
    for at in 0..100 {
        frames.hears(&json!({ "type": "pong", "payload": { "at": at } })).await;
    }
}

#[tokio::test]
async fn frames_that_break_the_rules_of_websocket_end_it() {
    let server = Server::start().await;
    let ping = br#"{"type":"ping"}"#;
    let unmasked = [&[LAST | TEXT, 15][..], ping].concat();
    let broken = [
        ("a reserved bit", frame(LAST | 0x40 | TEXT, ping)),
        ("a kind that there is not", frame(LAST | 0x3, ping)),
        ("a kind of control that there is not", frame(LAST | 0xB, b"")),
        ("a continuation of nothing", frame(LAST | CONTINUED, ping)),
        ("a message within another", [frame(TEXT, b"{"), frame(LAST | TEXT, ping)].concat()),
        ("a ping in several frames", frame(PING, b"")),
        ("a ping that is too long", frame(LAST | PING, &[b'x'; 126])),
        ("no mask", unmasked),
    ];
    // At once: the server stays a while with each.
    let breaking = broken.map(async |(what, bytes)| {
        let mut frames = Frames::ready(&server).await;
        frames.0.write_all(&bytes).await.unwrap();
        assert_eq!(frames.closed().await, 1002, "{what}");
    });
    join_all(breaking).await;
}

#[tokio::test]
async fn what_is_not_utf_8_ends_the_socket() {
    let server = Server::start().await;
    let cut = &"🐸".as_bytes()[..3];
    let texts = [&b"\xFF"[..], b"\xC0\x80", b"\xED\xA0\x80", b"\xF4\x90\x80\x80", cut];
    let whole = texts.iter().map(|text| vec![(LAST | TEXT, *text)]);
    let parted = texts.iter().map(|text| vec![(TEXT, &b"{"[..]), (LAST | CONTINUED, *text)]);
    let sending = whole.chain(parted).map(async |parts| {
        let mut frames = Frames::ready(&server).await;
        for (first, part) in &parts {
            frames.send(*first, part).await;
        }
        assert_eq!(frames.closed().await, 1007, "{parts:x?}");
    });
    join_all(sending).await;
}

#[tokio::test]
async fn one_who_closes_gets_an_answer_and_the_end() {
    let server = Server::start().await;
    for payload in [&b""[..], b"\x03\xE8", b"\x03\xE9bye", b"\x0F\xA0"] {
        let mut frames = Frames::ready(&server).await;
        frames.send(LAST | CLOSE, payload).await;
        let (first, answer) = frames.next().await;
        let code = |payload: &[u8]| payload.get(..2).map(<[u8]>::to_vec);
        assert_eq!((first, code(&answer)), (LAST | CLOSE, code(payload)));
        assert_eq!(timeout(PATIENCE, frames.0.read_u8()).await.expect("an end in time").ok(), None);
    }
    server.lets_go().await;
}
