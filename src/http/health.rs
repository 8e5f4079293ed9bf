//! What those ask who keep the process running: is it alive, and can it work?

use super::HttpState;
use crate::store::Probe;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use futures_util::future::join_all;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use tracing::warn;

/// For how long a store may think about the question.
const LIMIT: Duration = Duration::from_secs(2);

/// For how long it is taken to be as it has said: anybody may ask, as often as they like.
const KEPT: Duration = Duration::from_secs(1);

/// How a store is, or all of them together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Condition {
    Ok,
    Unavailable,
    Stopping,
}

#[derive(Serialize)]
struct Readiness {
    status: Condition,
    stores: Conditions,
}

type Conditions = BTreeMap<&'static str, Condition>;

/// The stores that are asked, and what they have said last.
pub struct Probes {
    all: Vec<Arc<dyn Probe>>,
    known: Mutex<Option<(Instant, Conditions)>>,
}

impl Probes {
    /// Of these stores.
    pub fn new(all: Vec<Arc<dyn Probe>>) -> Self {
        Self { all, known: Mutex::default() }
    }

    /// How each is: all are asked at once, and not again for a while, however many want to know.
    async fn ask(&self) -> Conditions {
        let mut known = self.known.lock().await;
        if let Some((at, conditions)) = &*known
            && at.elapsed() < KEPT
        {
            return conditions.clone();
        }
        let asked = self.all.iter().map(|probe| async { (probe.name(), ask(&**probe).await) });
        let conditions: Conditions = join_all(asked).await.into_iter().collect();
        *known = Some((Instant::now(), conditions.clone()));
        conditions
    }
}

/// What answers at all is alive.
pub(super) async fn live() -> Response {
    respond(StatusCode::OK, &BTreeMap::from([("status", Condition::Ok)]))
}

/// Whether every store answers, or has just now. A server that was asked to stop is not ready, whatever they say.
pub(super) async fn ready<E>(State(state): State<Arc<HttpState<E>>>) -> Response {
    let stores = state.probes.ask().await;
    let stopping = state.stop.is_cancelled().then_some(Condition::Stopping);
    let status = stores.values().copied().chain(stopping).max().unwrap_or(Condition::Ok);
    let code = if status == Condition::Ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    respond(code, &Readiness { status, stores })
}

async fn ask(probe: &dyn Probe) -> Condition {
    let failure = match timeout(LIMIT, probe.ping()).await {
        Ok(Ok(())) => return Condition::Ok,
        Ok(Err(error)) => error.to_string(),
        Err(late) => late.to_string(),
    };
    warn!(store = probe.name(), error = failure, "not ready");
    Condition::Unavailable
}

fn respond(status: StatusCode, body: &impl Serialize) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
