//! A line to the server that can be made to fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Passes on what comes, while it is told to. Gone with its value.
pub(super) struct Relay {
    port: u16,
    faults: Arc<Faults>,
    _tasks: JoinSet<()>,
}

#[derive(Default)]
struct Faults {
    is_silent: AtomicBool,
    commits_to_cut: AtomicUsize,
}

impl Relay {
    /// A relay to that server.
    pub(super) async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let faults = Arc::<Faults>::default();
        let mut tasks = JoinSet::new();
        let shared = Arc::clone(&faults);
        tasks.spawn(async move {
            let mut lines = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                lines.spawn(pass(client, server, Arc::clone(&shared)));
            }
        });
        Self { port, faults, _tasks: tasks }
    }

    /// The address of that database through the relay, and not past it to a name that the server gives.
    pub(super) fn url(&self, database: &str) -> String {
        format!("mongodb://127.0.0.1:{}/{database}?directConnection=true", self.port)
    }

    /// From now on what the server says is kept back, until it is set to `false`.
    pub(super) fn keep_silent(&self, is_silent: bool) {
        self.faults.is_silent.store(is_silent, Ordering::SeqCst);
    }

    /// The server gets so many of the next requests to commit, and their lines are cut before it can answer.
    pub(super) fn cut_commits(&self, count: usize) {
        self.faults.commits_to_cut.store(count, Ordering::SeqCst);
    }

    /// How many are yet to be cut.
    pub(super) fn commits_to_cut(&self) -> usize {
        self.faults.commits_to_cut.load(Ordering::SeqCst)
    }
}

async fn pass(client: TcpStream, server: TcpStream, faults: Arc<Faults>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let mut request = vec![0; 64 * 1024];
    let mut answer = vec![0; 64 * 1024];
    loop {
        tokio::select! {
            read = from_client.read(&mut request) => {
                let Some(request) = filled(&request, read) else { return };
                to_server.write_all(request).await.unwrap();
                if is_commit(request) && faults.takes_commit() {
                    // The answer shows that the server has done it; only then the line breaks.
                    let _ = from_server.read(&mut answer).await;
                    return;
                }
            }
            read = from_server.read(&mut answer) => {
                let Some(answer) = filled(&answer, read) else { return };
                if !faults.is_silent.load(Ordering::SeqCst) && to_client.write_all(answer).await.is_err() {
                    return;
                }
            }
        }
    }
}

impl Faults {
    fn takes_commit(&self) -> bool {
        let one_less = |left: usize| left.checked_sub(1);
        self.commits_to_cut.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok()
    }
}

fn filled(buffer: &[u8], read: std::io::Result<usize>) -> Option<&[u8]> {
    read.ok().filter(|count| *count > 0).map(|count| &buffer[..count])
}

fn is_commit(request: &[u8]) -> bool {
    request.windows(17).any(|window| window == b"commitTransaction")
}
