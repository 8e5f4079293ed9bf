//! What the process takes of its machine, under the names that Prometheus' own clients use. Read where it is asked for.
//! Linux tells it; elsewhere there is none.

use prometheus_client::registry::Registry;

#[cfg(not(target_os = "linux"))]
pub(super) fn register(_: &mut Registry) {}

#[cfg(target_os = "linux")]
pub(super) fn register(registry: &mut Registry) {
    registry.register_collector(Box::new(linux::Process));
}

#[cfg(target_os = "linux")]
mod linux {
    use procfs::process::{LimitValue, Process as Source};
    use prometheus_client::collector::Collector;
    use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
    use prometheus_client::metrics::counter::ConstCounter;
    use prometheus_client::metrics::gauge::ConstGauge;
    use std::fmt;

    #[derive(Debug)]
    pub(super) struct Process;

    /// What is known of the process now.
    struct Usage {
        cpu_seconds: f64,
        resident_bytes: u64,
        open_files: u64,
        max_open_files: u64,
        started_at: f64,
    }

    impl Usage {
        fn read() -> procfs::ProcResult<Self> {
            let process = Source::myself()?;
            let stat = process.stat()?;
            let max_open_files = match process.limits()?.max_open_files.soft_limit {
                LimitValue::Value(value) => value,
                LimitValue::Unlimited => u64::MAX,
            };
            let seconds = |ticks: u64| whole(ticks) / whole(procfs::ticks_per_second());
            Ok(Self {
                cpu_seconds: seconds(stat.utime + stat.stime),
                resident_bytes: stat.rss * procfs::page_size(),
                open_files: u64::try_from(process.fd_count()?).unwrap_or(u64::MAX),
                max_open_files,
                started_at: whole(procfs::boot_time_secs()?) + seconds(stat.starttime),
            })
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "none of these numbers comes near 2^53")]
    fn whole(number: u64) -> f64 {
        number as f64
    }

    impl Collector for Process {
        fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
            // Where the machine does not tell, there is nothing to say.
            let Ok(usage) = Usage::read() else { return Ok(()) };
            let mut put = |name, help, metric: &dyn Encoded| metric.put(&mut encoder, name, help);
            put(
                "process_cpu_seconds",
                "Time spent by the processors, in seconds",
                &ConstCounter::new(usage.cpu_seconds),
            )?;
            put("process_resident_memory_bytes", "Memory in use, in bytes", &gauge(usage.resident_bytes))?;
            put("process_open_fds", "Open file descriptors", &gauge(usage.open_files))?;
            put("process_max_fds", "File descriptors that may be open", &gauge(usage.max_open_files))?;
            let help = "When the process began, in seconds of Unix time";
            put("process_start_time_seconds", help, &ConstGauge::new(usage.started_at))
        }
    }

    fn gauge(number: u64) -> ConstGauge<i64> {
        ConstGauge::new(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// A measure of any type.
    trait Encoded {
        fn put(&self, encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str) -> fmt::Result;
    }

    impl<M: EncodeMetric> Encoded for M {
        fn put(&self, encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str) -> fmt::Result {
            self.encode(encoder.encode_descriptor(name, help, None, self.metric_type())?)
        }
    }
}
