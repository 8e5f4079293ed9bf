//! The processes that take part: their stores, their cores, their CPU time, their files.

use crate::support::backend::{Backend, Node};
use crate::support::stores::url_of;
use clap::ValueEnum;
use tokio::process::Command;

/// Gives the nodes a core to themselves and this process another, where there are two.
pub(crate) async fn pin(nodes: &[&Node]) {
    if std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1) {
        for node in nodes {
            pin_to("0", node.pid()).await;
        }
        pin_to("1", std::process::id()).await;
    }
}

/// Keeps a process to that core.
pub(crate) async fn pin_to(core: &str, pid: u32) {
    let pinned = Command::new("taskset").args(["-a", "-p", "-c", core, &pid.to_string()]).output().await;
    assert!(pinned.is_ok_and(|output| output.status.success()), "taskset, of util-linux, is needed");
}

/// The CPU time that the process has taken so far, in user and in kernel mode.
pub(crate) fn cpu_seconds(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // After the name in parentheses; utime and stime are fields 14 and 15 of proc(5), in ticks of 10 ms.
    let after_name = stat.rsplit(')').next().unwrap();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

/// What of the process is in memory, in KiB.
pub(crate) fn resident_kib(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// How many files this process and those that it starts may have open.
pub(crate) fn open_files_limit() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    line.split_whitespace().nth(3).and_then(|limit| limit.parse().ok()).unwrap_or(usize::MAX)
}

/// On which stores nodes run.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Stores {
    /// Everything in one SQLite file.
    Sqlite,
    /// Everything in Postgres.
    Postgres,
    /// The log in MongoDB, the rest in Postgres.
    Mongodb,
}

impl Stores {
    /// New stores of that kind, with NATS between the nodes where `TEST_NATS_URL` leads to it.
    pub(crate) async fn open(self) -> Backend {
        let backend = match self {
            Self::Sqlite => Backend::sqlite().await,
            Self::Postgres => Backend::postgres().await,
            Self::Mongodb => Backend::mongodb().await,
        };
        let backend = backend.expect("the services run: eval \"$(scripts/services env)\"");
        let backend = backend.with("NATTERJACK_ACCESS_TOKEN_TTL", "1day");
        match url_of("TEST_NATS_URL") {
            Some(url) => backend.with("NATS_URL", url),
            None => backend,
        }
    }
}
