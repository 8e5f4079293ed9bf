//! Clients that others wrote: their packages as they are locked, fetched once and shared by all runs, and scripts that
//! use them.

use std::fs::File;
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
const REQUIREMENTS: &str = include_str!("requirements.txt");
/// For how long packages may be fetched, and a script may run.
const LIMIT: Duration = Duration::from_mins(3);

/// Runs the script by node, beside the packages from npm. It must end well; whether it could be run.
pub(crate) async fn node_is_content(script: &str, arguments: &[&str]) -> bool {
    let Some(packages) = from_npm().await else { return false };
    let mut node = Command::new("node");
    node.args(["--test-force-exit", "--input-type=module", "-"]).args(arguments).current_dir(packages);
    is_content(node, script).await;
    true
}

/// The same by python3, with the packages from its registry.
pub(crate) async fn python_is_content(script: &str, arguments: &[&str]) -> bool {
    let Some(packages) = from_pypi(REQUIREMENTS).await else { return false };
    let mut python = Command::new("python3");
    python.arg("-").args(arguments).env("PYTHONPATH", packages);
    is_content(python, script).await;
    true
}

async fn is_content(mut program: Command, script: &str) {
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut running = program.spawn().unwrap();
    running.stdin.take().unwrap().write_all(script.as_bytes()).await.unwrap();
    let output = timeout(LIMIT, running.wait_with_output()).await.expect("the script ends in time").unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

/// The folder with npm's packages.
pub(crate) async fn from_npm() -> Option<PathBuf> {
    let install = async |work: &Path| {
        std::fs::write(work.join("package.json"), PACKAGE).unwrap();
        std::fs::write(work.join("package-lock.json"), LOCK).unwrap();
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(work);
        fetch(npm).await
    };
    fetched("npm", LOCK, install).await
}

/// The folder with these packages of Python, given by their lines of requirements.
pub(crate) async fn from_pypi(requirements: &str) -> Option<PathBuf> {
    let install = async |work: &Path| {
        std::fs::write(work.join("requirements.txt"), requirements).unwrap();
        let mut pip = Command::new("python3");
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--only-binary=:all:",
        ]);
        pip.args(["--target", ".", "--requirement", "requirements.txt"]).env("PIP_ROOT_USER_ACTION", "ignore");
        pip.current_dir(work);
        fetch(pip).await
    };
    fetched("pypi", requirements, install).await
}

/// The folder for packages that are locked so. Without the program, or with the registry out of reach, says so on stderr;
/// where CI runs, that is a failure.
async fn fetched(
    registry: &str,
    lock: &str,
    install: impl AsyncFnOnce(&Path) -> Result<(), String>,
) -> Option<PathBuf> {
    let mut hasher = DefaultHasher::new();
    lock.hash(&mut hasher);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{registry}-{:016x}", hasher.finish()));
    if folder.exists() {
        return Some(folder);
    }
    // One at a time: tests that begin together need it once.
    let _turn = turn(folder.with_extension("lock")).await;
    if folder.exists() {
        return Some(folder);
    }
    // Beside the folder first: who finds the folder finds all of it.
    let work = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    if let Err(reason) = install(work.path()).await {
        assert!(std::env::var_os("CI").is_none(), "{reason}, and CI leaves no test out");
        eprintln!("LEFT OUT: {reason}, so what needs these packages was not tested");
        return None;
    }
    match std::fs::rename(work.path(), &folder) {
        Err(error) if !matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty) => {
            panic!("{error}")
        }
        _ => Some(folder),
    }
}

/// Held until the file is dropped.
async fn turn(path: PathBuf) -> File {
    let waiting = tokio::task::spawn_blocking(|| {
        let file = File::create(path).unwrap();
        file.lock().unwrap();
        file
    });
    waiting.await.unwrap()
}

async fn fetch(mut program: Command) -> Result<(), String> {
    let name = program.as_std().get_program().to_string_lossy().into_owned();
    program.stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(LIMIT, program.output()).await.map_err(|_| format!("{name} took too long"))?;
    let output = output.map_err(|error| format!("{name} could not be run ({error})"))?;
    if output.status.success() { Ok(()) } else { Err(format!("{name} has failed ({})", said(&output))) }
}

/// What a program has written.
pub(crate) fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).join("\n")
}
