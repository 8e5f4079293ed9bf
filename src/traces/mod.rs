//! Traces for a collector, where the settings name one: each operation is a span, posted by OTLP (OpenTelemetry protocol
//! 1.x, HTTP with protobuf). The rest of the house knows spans as `tracing` has them, and what this says of them.
//!
//! A collector that is slow or away harms nothing: 2,048 spans wait for it (`OTEL_BSP_MAX_QUEUE_SIZE`), what comes beyond is
//! dropped, and the end of the process waits for it for [`FLUSH_LIMIT`] at the most.

mod post;

use crate::error::{Error, Result};
use crate::web::Endpoint;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{SpanKind, Status, TracerProvider as _};
use opentelemetry::{Key, KeyValue};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter as Exporter};
use post::Post;
use std::time::Duration;
use tokio::runtime::Handle;
use tracing::{Span, Subscriber, warn};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

/// The target of the spans that are exported: those of operations, and nothing that a library tells.
pub const TARGET: &str = "natterjack::operation";

/// How long the end of the process waits for the collector to take what is left.
pub const FLUSH_LIMIT: Duration = Duration::from_secs(3);

/// Where a collector takes spans, below its address (OTLP specification, "OTLP/HTTP Request").
const PATH: &str = "v1/traces";

/// What is exported, and to where. The variables that the OpenTelemetry specification names say the rest: the service's name
/// and attributes, which traces are sampled, headers for the collector, how many spans wait.
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// For the collector at that address: `http://host:4318`. Posts run on that runtime. Fails where the address cannot be
    /// called.
    pub fn to(address: &str, runtime: Handle) -> Result<Self> {
        let address = format!("{}/{PATH}", address.trim_end_matches('/'));
        let post = Post::new(Endpoint::new(&address)?, runtime);
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(post)
            .with_endpoint(address)
            .with_protocol(Protocol::HttpBinary)
            .build()
            .map_err(Error::internal)?;
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(Served(exporter)).with_resource(resource()).build();
        Ok(Self { provider })
    }

    /// What notes the spans.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("natterjack"))
            .with_context_activation(false)
            .with_location(false)
            .with_level(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(Targets::new().with_target(TARGET, LevelFilter::ERROR))
    }

    /// Posts what is left, for [`FLUSH_LIMIT`] at the most. Blocks.
    pub fn close(self) {
        if let Err(error) = self.provider.shutdown_with_timeout(FLUSH_LIMIT) {
            warn!(%error, "not all spans were taken");
        }
    }
}

/// What the spans are of. The variables `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` count more.
fn resource() -> Resource {
    let told = Resource::builder().build();
    let of_ours = [("service.name", env!("CARGO_PKG_NAME")), ("service.version", env!("CARGO_PKG_VERSION"))];
    let missing = of_ours.into_iter().filter(|(key, _)| {
        let value = told.get(&Key::from_static_str(key));
        value.is_none_or(|value| value.as_str().starts_with("unknown_service"))
    });
    let missing: Vec<_> = missing.map(|(key, value)| KeyValue::new(key, value)).collect();
    Resource::builder().with_attributes(missing).build()
}

/// Says of each span that it is one of a server's, which `tracing` has no word for.
#[derive(Debug)]
struct Served<E>(E);

impl<E: Exporter> Exporter for Served<E> {
    async fn export(&self, mut spans: Vec<SpanData>) -> OTelSdkResult {
        for span in &mut spans {
            span.span_kind = SpanKind::Server;
        }
        self.0.export(spans).await
    }

    fn shutdown_with_timeout(&self, limit: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(limit)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

/// What a request says of the trace that it is part of (W3C Trace Context, level 1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parent {
    /// The header `traceparent`.
    pub traceparent: String,
    /// The header `tracestate`, or nothing.
    pub tracestate: String,
}

impl Extractor for Parent {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => Some(&self.traceparent),
            "tracestate" => Some(&self.tracestate),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

/// The span, which has not been entered yet, is part of that trace. One that cannot be read is left out.
pub fn follow(span: &Span, parent: &Parent) {
    // Fails where nothing is exported.
    let _ = span.set_parent(TraceContextPropagator::new().extract(parent));
}

/// What became of the operation that the span is of: also the code of what went wrong, where that is the server's fault.
pub fn end(span: &Span, outcome: &'static str, error: Option<&str>) {
    span.set_attribute("graphql.outcome", outcome);
    if let Some(code) = error {
        span.set_attribute("error.type", code.to_owned());
        span.set_status(Status::error(code.to_owned()));
    }
}
