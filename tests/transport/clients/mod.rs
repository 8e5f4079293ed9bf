//! Clients that others wrote: npm's `graphql-ws`, GraphiQL's fetcher as the page uses it, and `graphql-http`'s audit.

use crate::support::gate::{BRIEF, GOOD};
use crate::support::server::Server;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;

const PACKAGE: &str = include_str!("package.json");
const LOCK: &str = include_str!("package-lock.json");
/// For how long packages may be fetched, and a script may run.
const LIMIT: Duration = Duration::from_mins(3);

#[tokio::test]
async fn graphql_ws_and_the_page_are_content() {
    let server = Server::start().await;
    if is_content(include_str!("graphql-ws.mjs"), &[&server.url("/graphql"), GOOD, BRIEF]).await {
        server.lets_go().await;
    }
}

#[tokio::test]
async fn the_audit_of_graphql_http_passes_to_the_last_may() {
    let server = Server::start().await;
    is_content(include_str!("graphql-http.mjs"), &[&server.url("/graphql")]).await;
}

/// Runs the script, which must end well; whether it could be run.
async fn is_content(script: &str, arguments: &[&str]) -> bool {
    let Some(packages) = packages().await else { return false };
    let mut node = Command::new("node");
    node.args(["--input-type=module", "-"]).args(arguments).current_dir(packages);
    node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut running = node.spawn().unwrap();
    running.stdin.take().unwrap().write_all(script.as_bytes()).await.unwrap();
    let output = timeout(LIMIT, running.wait_with_output()).await.expect("the script ends in time").unwrap();
    assert!(output.status.success(), "{}", said(&output));
    true
}

/// The folder with the packages as they are locked, shared by all runs. Without node, or with the registry out of
/// reach, says so on stderr; where CI runs, that is a failure.
async fn packages() -> Option<PathBuf> {
    let mut hasher = DefaultHasher::new();
    LOCK.hash(&mut hasher);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("clients-{:016x}", hasher.finish()));
    if folder.exists() {
        return Some(folder);
    }
    match install(&folder).await {
        Ok(()) => Some(folder),
        Err(reason) => {
            assert!(std::env::var_os("CI").is_none(), "{reason}, and CI leaves no test out");
            eprintln!("LEFT OUT: {reason}, so other people's clients were not tested");
            None
        }
    }
}

/// Fetches them beside the folder first: who finds the folder finds all of it.
async fn install(folder: &Path) -> Result<(), String> {
    let work = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    std::fs::write(work.path().join("package.json"), PACKAGE).unwrap();
    std::fs::write(work.path().join("package-lock.json"), LOCK).unwrap();
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(work.path()).kill_on_drop(true);
    let output = timeout(LIMIT, npm.output()).await.map_err(|_| "npm ci took too long".to_owned())?;
    let output = output.map_err(|error| format!("npm could not be run ({error})"))?;
    if !output.status.success() {
        return Err(format!("npm ci has failed ({})", said(&output)));
    }
    match std::fs::rename(work.path(), folder) {
        Err(error) if !matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty) => {
            panic!("{error}")
        }
        _ => Ok(()),
    }
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).join("\n")
}
