//! Python with packages of its registry.

use super::packages::from_pypi;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;

/// Runs the script with these packages, given by their lines of requirements, and that on its standard input: what it said, and
/// how it ended. `None`, said aloud, where Python or the packages cannot be had; where CI runs, that is a failure.
pub(crate) async fn run(script: &Path, requirements: &str, input: &str, limit: Duration) -> Option<Output> {
    let packages = from_pypi(requirements).await?;
    let mut python = Command::new("python3");
    // Nothing is written beside the script.
    python
        .arg("-B")
        .arg(script)
        .env("PYTHONPATH", &packages)
        .env("HYPOTHESIS_STORAGE_DIRECTORY", packages.join("storage"));
    python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut running = python.spawn().unwrap();
    running.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
    Some(timeout(limit, running.wait_with_output()).await.expect("the script ends in time").unwrap())
}
