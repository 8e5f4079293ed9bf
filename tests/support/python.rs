//! Python with packages of its registry, fetched once for all runs and kept outside the checkout.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;

/// For how long packages may be fetched.
const FETCH_LIMIT: Duration = Duration::from_mins(3);

/// Runs the script with these packages, given by their lines of requirements, and that on its standard input: what it said, and
/// how it ended. `None`, said aloud, where Python or the packages cannot be had; where CI runs, that is a failure.
pub(crate) async fn run(script: &Path, requirements: &str, input: &str, limit: Duration) -> Option<Output> {
    let packages = match packages(requirements).await {
        Ok(packages) => packages,
        Err(reason) => {
            assert!(std::env::var_os("CI").is_none(), "{reason}, and CI leaves no test out");
            eprintln!("LEFT OUT: {reason}, so {} was not run", script.display());
            return None;
        }
    };
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

/// The folder with the packages.
async fn packages(requirements: &str) -> Result<PathBuf, String> {
    let mut hasher = DefaultHasher::new();
    requirements.hash(&mut hasher);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("python-{:016x}", hasher.finish()));
    if folder.exists() {
        return Ok(folder);
    }
    // Fetched beside the folder first: who finds the folder finds all of it.
    let work = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary=:all:",
        "--no-deps",
        "--target",
    ]);
    pip.arg(work.path()).args(requirements.lines()).env("PIP_ROOT_USER_ACTION", "ignore").kill_on_drop(true);
    let output = timeout(FETCH_LIMIT, pip.output()).await.map_err(|_| "pip install took too long".to_owned())?;
    let output = output.map_err(|error| format!("python3 could not be run ({error})"))?;
    if !output.status.success() {
        return Err(format!("pip install has failed ({})", String::from_utf8_lossy(&output.stderr)));
    }
    match std::fs::rename(work.path(), &folder) {
        Err(error) if !matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty) => {
            panic!("{error}")
        }
        _ => Ok(folder),
    }
}
