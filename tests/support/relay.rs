//! A network between a client and a server, which can fall silent, and do to the bytes whatever a test wants.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

/// What becomes of the bytes on one connection. By itself it passes everything on.
pub(crate) trait Passage: Send + 'static {
    /// Puts into `on` what the server gets of what the client has said.
    fn to_server(&mut self, said: &[u8], on: &mut Vec<u8>) -> Line {
        on.extend_from_slice(said);
        Line::Holds
    }

    /// Puts into `on` what the client gets of what the server has said.
    fn to_client(&mut self, said: &[u8], on: &mut Vec<u8>) -> Line {
        on.extend_from_slice(said);
        Line::Holds
    }
}

/// Whether the connection goes on after the bytes that were put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Holds,
    Breaks,
}

/// Passes everything on.
struct Faithful;

impl Passage for Faithful {}

/// Carries bytes between its own address and the server's, until it is dropped.
pub(crate) struct Relay {
    url: Url,
    silence: watch::Sender<()>,
    _connections: JoinSet<()>,
}

impl Relay {
    /// A relay before the server at that address.
    pub(crate) async fn before(url: &str) -> Self {
        Self::with(url, || Faithful).await
    }

    /// The same, with a passage made for each connection.
    pub(crate) async fn with<P: Passage>(url: &str, passage: impl FnMut() -> P + Send + 'static) -> Self {
        let mut url = Url::parse(url).unwrap();
        let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let silence = watch::Sender::new(());
        let mut tasks = JoinSet::new();
        tasks.spawn(relay(listener, server, silence.clone(), passage));
        Self { url, silence, _connections: tasks }
    }

    /// The relay's own address.
    pub(crate) fn url(&self) -> &str {
        self.url.as_str()
    }

    /// From now on carries nothing over the connections that there are, and does not end them either. New ones work:
    /// so it looks to the client when a server's place is taken by another.
    pub(crate) fn silence(&self) {
        self.silence.send_replace(());
    }
}

async fn relay<P: Passage>(
    listener: TcpListener,
    server: String,
    silence: watch::Sender<()>,
    mut passage: impl FnMut() -> P,
) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let (server, mut silence) = (server.clone(), silence.subscribe());
        let passage = passage();
        connections.spawn(async move {
            // Where the server is away, the client sees a connection that ends at once.
            let Ok(server) = TcpStream::connect(server).await else { return };
            tokio::select! {
                () = carry(client, server, passage) => {}
                _ = silence.changed() => std::future::pending().await,
            }
        });
    }
}

/// Carries both ways until either side ends or the line breaks.
async fn carry(client: TcpStream, server: TcpStream, passage: impl Passage) {
    for stream in [&client, &server] {
        stream.set_nodelay(true).unwrap();
    }
    let passage = Arc::new(Mutex::new(passage));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = carry_one_way(from_client, to_server, |said, on| passage.lock().unwrap().to_server(said, on)) => {}
        () = carry_one_way(from_server, to_client, |said, on| passage.lock().unwrap().to_client(said, on)) => {}
    }
}

async fn carry_one_way(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut pass: impl FnMut(&[u8], &mut Vec<u8>) -> Line,
) {
    let mut said = vec![0; 64 * 1024];
    let mut on = Vec::new();
    loop {
        let Ok(count @ 1..) = from.read(&mut said).await else { return };
        on.clear();
        let line = pass(&said[..count], &mut on);
        if to.write_all(&on).await.is_err() || line == Line::Breaks {
            return;
        }
    }
}
