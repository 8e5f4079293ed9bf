//! What is written to standard error: for people, or as one JSON object a line. Panics come into it too.

mod json;
mod panics;

use crate::config::LogFormat;
use crate::traces::Traces;
use std::io::IsTerminal as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

/// From now on everything is logged that passes the filter, and traced where that is asked for. To be called once.
pub fn start(filter: &Targets, format: LogFormat, traces: Option<&Traces>) {
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.fmt_fields(JsonFields::new()).event_format(json::Flat).boxed(),
    };
    let traces = traces.map(Traces::layer);
    tracing_subscriber::registry().with(lines.with_filter(filter.clone())).with(traces).init();
    panics::log();
}
