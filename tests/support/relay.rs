//! A network between a test and a server, which can fall silent.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

/// Carries bytes between its own address and the server's, until it is dropped.
pub(crate) struct Relay {
    url: Url,
    silence: watch::Sender<()>,
    _connections: JoinSet<()>,
}

impl Relay {
    /// A relay before the server at that address.
    pub(crate) async fn before(url: &str) -> Self {
        let mut url = Url::parse(url).unwrap();
        let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let silence = watch::Sender::new(());
        let mut tasks = JoinSet::new();
        tasks.spawn(relay(listener, server, silence.clone()));
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

async fn relay(listener: TcpListener, server: String, silence: watch::Sender<()>) {
    let mut connections = JoinSet::new();
    while let Ok((mut client, _)) = listener.accept().await {
        let (server, mut silence) = (server.clone(), silence.subscribe());
        connections.spawn(async move {
            let mut server = TcpStream::connect(server).await.unwrap();
            tokio::select! {
                _ = copy_bidirectional(&mut client, &mut server) => {}
                _ = silence.changed() => std::future::pending().await,
            }
        });
    }
}
