//! A WebSocket client that costs little, so that many fit on one core beside each other: it looks for one mark in each
//! frame, and makes nothing of the rest.

use serde_json::Value;
use std::io::{Error, ErrorKind, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What is read at once, in bytes.
const READ: usize = 8 * 1024;

const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// One open socket.
pub(crate) struct Wire {
    stream: TcpStream,
    /// What was read and is no whole frame yet.
    unread: Vec<u8>,
}

impl Wire {
    /// Opens a socket, to the acknowledgement.
    pub(crate) async fn open(address: &str, init: Value) -> Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET /graphql HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await?);
        }
        if !answer.starts_with(b"HTTP/1.1 101") {
            return Err(Error::other(String::from_utf8_lossy(&answer).into_owned()));
        }
        let mut wire = Self { stream, unread: Vec::new() };
        wire.say(init).await?;
        let mut is_in = false;
        while !is_in {
            wire.read(|frame| is_in |= contains(frame, b"connection_ack")).await?;
        }
        Ok(wire)
    }

    /// Sends a frame of text. Its mask is 0, which changes nothing.
    pub(crate) async fn say(&mut self, message: Value) -> Result<()> {
        self.send(TEXT, message.to_string().as_bytes()).await
    }

    /// Reads once, and shows each frame of text; pings are answered.
    pub(crate) async fn read(&mut self, mut see: impl FnMut(&[u8])) -> Result<()> {
        self.unread.reserve(READ);
        if self.stream.read_buf(&mut self.unread).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let mut at = 0;
        let mut pings = Vec::new();
        while let Some((opcode, head, length)) = head(&self.unread[at..]) {
            let Some(payload) = self.unread.get(at + head..at + head + length) else { break };
            match opcode {
                TEXT => see(payload),
                PING => pings.push(payload.to_vec()),
                CLOSE => return Err(Error::other(format!("closed: {}", String::from_utf8_lossy(payload)))),
                _ => {}
            }
            at += head + length;
        }
        self.unread.drain(..at);
        if self.unread.is_empty() {
            // Nothing is held for a socket on which nothing comes.
            self.unread = Vec::new();
        }
        for ping in pings {
            self.send(PONG, &ping).await?;
        }
        Ok(())
    }

    async fn send(&mut self, opcode: u8, payload: &[u8]) -> Result<()> {
        let mut frame = vec![0x80 | opcode];
        match u16::try_from(payload.len()) {
            Ok(length @ ..=125) => frame.push(0x80 | length.to_be_bytes()[1]),
            Ok(length) => {
                frame.push(0xfe);
                frame.extend(length.to_be_bytes());
            }
            Err(_) => return Err(Error::other("too long")),
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        self.stream.write_all(&frame).await
    }
}

/// A frame's opcode, the length of its head, and of its payload; `None` where the head is not there yet.
fn head(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (opcode, length) = (bytes.first()? & 0xf, bytes.get(1)? & 0x7f);
    match length {
        126 => Some((opcode, 4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)))),
        127 => Some((opcode, 10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?)),
        length => Some((opcode, 2, usize::from(length))),
    }
}

fn contains(frame: &[u8], text: &[u8]) -> bool {
    frame.windows(text.len()).any(|window| window == text)
}

/// The number between two tildes, if the frame bears one.
pub(crate) fn mark(frame: &[u8]) -> Option<u64> {
    let begin = frame.iter().position(|byte| *byte == b'~')? + 1;
    let end = begin + frame[begin..].iter().position(|byte| *byte == b'~')?;
    std::str::from_utf8(&frame[begin..end]).ok()?.parse().ok()
}
