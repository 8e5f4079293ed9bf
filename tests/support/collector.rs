//! A collector of traces: a real HTTP server in this process that takes spans by OTLP and shows them.

use super::socket::PATIENCE;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Takes spans.
pub(crate) struct Collector {
    /// Where it is, as the setting wants it.
    pub(crate) url: String,
    posts: watch::Receiver<Vec<Bytes>>,
    _server: JoinSet<()>,
}

impl Collector {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (taken, posts) = watch::channel(Vec::new());
        let taken = Arc::new(taken);
        let take = async move |headers: HeaderMap, body: Bytes| {
            let is_protobuf = headers.get("content-type").is_some_and(|kind| kind == "application/x-protobuf");
            taken.send_modify(|posts| posts.push(body));
            if is_protobuf { StatusCode::OK } else { StatusCode::UNSUPPORTED_MEDIA_TYPE }
        };
        let router = Router::new().route("/v1/traces", post(take));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, posts, _server: server }
    }

    /// The first span of that kind whose operation has that name, once it has come.
    pub(crate) async fn span(&mut self, kind: &str, operation: &str) -> Span {
        let find = |posts: &Vec<Bytes>| {
            let spans = posts.iter().flat_map(spans);
            let name = Some(operation);
            spans
                .into_iter()
                .find(|span| span.name == kind && text(&span.attributes, "graphql.operation.name").as_deref() == name)
        };
        let wanted = self.posts.wait_for(|posts| find(posts).is_some());
        let posts = timeout(PATIENCE, wanted).await.expect("the span in time").unwrap();
        find(&posts).unwrap()
    }

    /// Everything that was posted.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.posts.borrow().concat()
    }
}

fn spans(post: &Bytes) -> Vec<Span> {
    let request = ExportTraceServiceRequest::decode(post.clone()).unwrap();
    let mut spans = Vec::new();
    for of_service in request.resource_spans {
        let service = of_service.resource.and_then(|resource| text(&resource.attributes, "service.name"));
        assert_eq!(service.as_deref(), Some("natterjack"));
        spans.extend(of_service.scope_spans.into_iter().flat_map(|of_scope| of_scope.spans));
    }
    spans
}

/// What a text attribute says.
pub(crate) fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.clone()?.value? {
        Value::StringValue(text) => Some(text),
        other => panic!("{key} is {other:?}"),
    }
}
