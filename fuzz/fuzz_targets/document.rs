//! Whatever is sent as a document: it is refused, or can be parsed, counted and validated. Nothing overflows, panics, or
//! takes longer than libFuzzer's limit for one input.
//!
//! The first line may be the variables as JSON; the rest is the document.

#![no_main]

use libfuzzer_sys::fuzz_target;
use natterjack::graphql::documents::{DocumentLimits, Documents, Shape, Validator};
use natterjack::graphql::sdl;
use serde_json::{Value, json};
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

static DOCUMENTS: LazyLock<Documents> =
    LazyLock::new(|| Documents::new(DocumentLimits::DEFAULT, Shape::parse(&sdl()).expect("our own schema")));
static VALIDATOR: LazyLock<Validator> = LazyLock::new(Validator::default);
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().build().expect("a runtime of one thread"));

fuzz_target!(|data: &str| {
    let (variables, query) = data.split_once('\n').unwrap_or(("", data));
    let (variables, query) = match serde_json::from_str::<Value>(variables) {
        Ok(variables @ Value::Object(_)) => (variables, query),
        _ => (Value::Null, data),
    };
    let parameters = json!({ "query": query, "variables": variables });
    let parameters = serde_json::from_value(parameters).expect("what has a text and variables");
    if let Ok(operation) = DOCUMENTS.prepare(parameters) {
        RUNTIME.block_on(VALIDATOR.fault(operation.request));
    }
});
