//! A log line as one flat JSON object: what the event says, and beside it what is known of the operation that it comes
//! from, so that a query over the log needs no path.

use serde_json::{Map, Value};
use std::fmt;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormattedFields};
use tracing_subscriber::registry::{LookupSpan, Scope};

/// `{"timestamp":…,"level":…,"target":…,"message":…}` and the fields; those of the event stand in for the span's of the
/// same name.
pub(super) struct Flat;

impl<S> FormatEvent<S, JsonFields> for Flat
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(&self, ctx: &FmtContext<'_, S, JsonFields>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Map::new();
        for span in ctx.event_scope().into_iter().flat_map(Scope::from_root) {
            if let Some(formatted) = span.extensions().get::<FormattedFields<JsonFields>>()
                && let Ok(of_span) = serde_json::from_str::<Map<String, Value>>(formatted)
            {
                fields.extend(of_span);
            }
        }
        event.record(&mut Fields(&mut fields));
        let message = fields.remove("message");
        let mut line = Map::new();
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        line.insert("timestamp".to_owned(), timestamp.into());
        line.insert("level".to_owned(), event.metadata().level().as_str().into());
        line.insert("target".to_owned(), event.metadata().target().into());
        line.extend(message.map(|message| ("message".to_owned(), message)));
        line.extend(fields);
        writeln!(out, "{}", Value::Object(line))
    }
}

struct Fields<'a>(&'a mut Map<String, Value>);

impl Fields<'_> {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::layer::SubscriberExt as _;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_bears_its_spans_fields_beside_its_own() {
        let paper = Paper::default();
        let on = paper.clone();
        let lines = tracing_subscriber::fmt::layer().with_writer(move || on.clone());
        let lines = lines.fmt_fields(JsonFields::new()).event_format(Flat);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            let span = tracing::info_span!("query", request_id = "r1", graphql.operation.name = "A\"1", both = 1);
            span.in_scope(|| tracing::warn!(error = %"it is away", count = 2, both = 2, "unavailable"));
        });
        let line = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        let Value::Object(mut line) = serde_json::from_str(&line).unwrap() else { panic!("{line}") };
        assert!(line.remove("timestamp").is_some());
        let expected = serde_json::json!({
            "level": "WARN", "target": module_path!(), "message": "unavailable", "request_id": "r1",
            "graphql.operation.name": "A\"1", "error": "it is away", "count": 2, "both": 2,
        });
        assert_eq!(Value::Object(line), expected);
    }
}
