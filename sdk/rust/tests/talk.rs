//! The example against the real server, which is killed and started again in the middle.
//!
//! The server is the one of the environment's `NATTERJACK_BINARY`, or else the one that cargo has built beside the example.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

const TALK: &str = env!("CARGO_BIN_EXE_natterjack-talk");

/// How long anything may take that is waited for.
const LIMIT: Duration = Duration::from_secs(30);

struct Program {
    running: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(command: &mut Command) -> Self {
        let mut running = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let output = BufReader::new(running.stdout.take().unwrap()).lines();
        Self { input: running.stdin.take(), output, running }
    }

    /// Reads until a line with this text comes.
    async fn hears(&mut self, text: &str) {
        let heard = async {
            while let Some(line) = self.output.next_line().await.unwrap() {
                if line.contains(text) {
                    return true;
                }
            }
            false
        };
        assert!(timeout(LIMIT, heard).await.unwrap_or_default(), "this is not said: {text}");
    }

    async fn types(&mut self, text: &str) {
        self.input.as_mut().unwrap().write_all(format!("{text}\n").as_bytes()).await.unwrap();
    }
}

fn server() -> PathBuf {
    let beside = PathBuf::from(TALK).with_file_name("natterjack");
    let binary = std::env::var_os("NATTERJACK_BINARY").map_or(beside, PathBuf::from);
    assert!(binary.exists(), "{} is not there: cargo build, or say by NATTERJACK_BINARY where it is", binary.display());
    binary
}

async fn start_server(address: &str, folder: &tempfile::TempDir) -> Program {
    let mut command = Command::new(server());
    command.args(["--listen", address, "--rate-limits", "off", "--log", "error", "--data-dir"]).arg(folder.path());
    command.current_dir(folder.path()).env_remove("DATABASE_URL").env_remove("MONGODB_URL").env_remove("NATS_URL");
    let mut program = Program::start(&mut command);
    program.hears("listening on http://").await;
    program
}

#[tokio::test]
async fn two_people_talk_also_when_the_server_was_killed_in_between() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let mut server = start_server(&address, &folder).await;
    let url = format!("http://{address}/graphql");
    let start = |me: &str, other: &str| Program::start(Command::new(TALK).args([&url, me, other]));
    let (mut ada, mut bob) = (start("ada", "bob"), start("bob", "ada"));
    ada.hears("(you talk with bob)").await;
    bob.hears("(you talk with ada)").await;

    ada.types("Can you hear me?").await;
    for person in [&mut ada, &mut bob] {
        person.hears("ada: Can you hear me?").await;
    }
    server.running.kill().await.unwrap();
    bob.types("Yes, I can").await;
    let _server = start_server(&address, &folder).await;
    for person in [&mut ada, &mut bob] {
        // The next line at all: what was said before is not said again.
        let next = timeout(LIMIT, person.output.next_line()).await.expect("somebody says something").unwrap();
        assert_eq!(next.as_deref(), Some("bob: Yes, I can"));
    }
}
