//! A mail server in this process, which speaks as much SMTP (RFC 5321) as a client needs, and refuses now and then.

use super::socket::PATIENCE;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// An email that it has taken.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// Its head and its body.
    pub(crate) data: String,
}

/// What it does with the email of that number, counted from 1.
pub(crate) type Manner = fn(usize) -> Reply;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    Taken,
    /// Come again later.
    NotNow,
    /// There is no such person.
    Never,
    /// Never answered.
    Silence,
}

/// The server.
pub(crate) struct MailServer {
    /// `smtp://host:port`
    pub(crate) url: String,
    mails: Arc<Mutex<Vec<Mail>>>,
    taken: watch::Receiver<usize>,
    tried: watch::Receiver<usize>,
    _server: JoinSet<()>,
}

impl MailServer {
    /// One that does so with what comes.
    pub(crate) async fn new(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let mails = Arc::<Mutex<Vec<Mail>>>::default();
        let ((count, taken), (attempts, tried)) = (watch::channel(0), watch::channel(0));
        let mut server = JoinSet::new();
        let book = Arc::clone(&mails);
        server.spawn(async move {
            let (count, attempts) = (Arc::new(count), Arc::new(attempts));
            let mut talks = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (book, count, attempts) = (Arc::clone(&book), Arc::clone(&count), Arc::clone(&attempts));
                talks.spawn(async move {
                    let taken = talk(stream, || {
                        attempts.send_modify(|attempts| *attempts += 1);
                        manner(*attempts.borrow())
                    });
                    // A client that goes away in the middle has sent nothing.
                    if let Ok(Some(mail)) = taken.await {
                        book.lock().unwrap().push(mail);
                        count.send_modify(|count| *count += 1);
                    }
                });
            }
        });
        Self { url, mails, taken, tried, _server: server }
    }

    /// What it has taken, once that is so many.
    pub(crate) async fn taken(&mut self, count: usize) -> Vec<Mail> {
        timeout(PATIENCE, self.taken.wait_for(|taken| *taken >= count)).await.expect("in time").unwrap();
        self.mails.lock().unwrap().clone()
    }

    /// Waits until it has been tried so often.
    pub(crate) async fn tried(&mut self, count: usize) {
        timeout(PATIENCE, self.tried.wait_for(|tried| *tried >= count)).await.expect("in time").unwrap();
    }
}

/// One conversation, of one email at the most.
async fn talk(stream: TcpStream, reply: impl FnOnce() -> Reply) -> std::io::Result<Option<Mail>> {
    let mut stream = BufReader::new(stream);
    let mut mail = Mail { from: String::new(), to: Vec::new(), data: String::new() };
    let mut reply = Some(reply);
    stream.write_all(b"220 mail.test ESMTP\r\n").await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let command = line.trim_end();
        let answer = match command.split([' ', ':']).next().unwrap_or_default().to_uppercase().as_str() {
            "EHLO" => "250-mail.test\r\n250 8BITMIME",
            "MAIL" => {
                mail.from = address(command);
                "250 ok"
            }
            "RCPT" => {
                mail.to.push(address(command));
                match reply.take().map_or(Reply::Taken, |reply| reply()) {
                    Reply::Taken => "250 ok",
                    Reply::NotNow => "451 not now",
                    Reply::Never => &format!("550 <{}> is nobody here", mail.to[0]),
                    Reply::Silence => std::future::pending().await,
                }
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                read_data(&mut stream, &mut mail.data).await?;
                stream.write_all(b"250 taken\r\n").await?;
                return Ok(Some(mail));
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(None);
            }
            _ => "250 ok",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// Up to the line of a dot alone; of two dots at a line's beginning one is the line's own.
async fn read_data(stream: &mut BufReader<TcpStream>, data: &mut String) -> std::io::Result<()> {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        if line.is_empty() || line == ".\r\n" {
            return Ok(());
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// What stands between the angle brackets.
fn address(command: &str) -> String {
    let address = command.split(['<', '>']).nth(1);
    address.unwrap_or_default().to_owned()
}
