//! The real router on a real port.

use super::PATIENCE;
use super::gate::TestGate;
use super::schema::{TestSchema, Traces, schema};
use natterjack::graphql::documents::{DocumentLimits, Documents, Shape};
use natterjack::http::{HttpSettings, HttpState, Origins, Probes, serve};
use natterjack::measures::Measures;
use natterjack::rate::{RateSettings, Rates};
use natterjack::store::Probe;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Ends with the test that has it.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) gate: Arc<TestGate>,
    pub(crate) traces: Arc<Traces>,
    pub(crate) state: Arc<HttpState<TestSchema>>,
    pub(crate) serving: JoinSet<()>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// One with other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut HttpSettings)) -> Self {
        Self::probing(change, Vec::new()).await
    }

    /// One that stands on those stores.
    pub(crate) async fn probing(change: impl FnOnce(&mut HttpSettings), probes: Vec<Arc<dyn Probe>>) -> Self {
        Self::of(change, probes, Rates::off(), |shape| Documents::new(DocumentLimits::DEFAULT, shape)).await
    }

    /// One whose documents pass these before.
    pub(crate) async fn passing(documents: impl FnOnce(Shape) -> Documents) -> Self {
        Self::of(|_| {}, Vec::new(), Rates::off(), documents).await
    }

    /// One of which nobody may ask more than that.
    pub(crate) async fn limited(rates: RateSettings) -> Self {
        let documents = |shape| Documents::new(DocumentLimits::DEFAULT, shape);
        Self::of(|settings| settings.origins = Origins::Any, Vec::new(), Rates::new(&rates), documents).await
    }

    async fn of(
        change: impl FnOnce(&mut HttpSettings),
        probes: Vec<Arc<dyn Probe>>,
        rates: Rates,
        documents: impl FnOnce(Shape) -> Documents,
    ) -> Self {
        let (gate, traces) = (Arc::new(TestGate::default()), Arc::new(Traces::default()));
        let mut settings = HttpSettings::default();
        change(&mut settings);
        let executor = schema(Arc::clone(&traces));
        let state = Arc::new(HttpState {
            documents: Arc::new(documents(Shape::parse(&executor.sdl()).unwrap())),
            executor,
            groups: Arc::default(),
            measures: Arc::new(Measures::new()),
            gate: Arc::<TestGate>::clone(&gate),
            probes: Probes::new(probes),
            rates: Arc::new(rates),
            settings,
            stop: CancellationToken::new(),
            shutdown: CancellationToken::new(),
            sockets: TaskTracker::new(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&state)));
        Self { address, gate, traces, state, serving }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Server {
    /// Waits until no socket is open and no operation runs.
    pub(crate) async fn lets_go(&self) {
        let gone = || self.state.sockets.is_empty() && self.traces.held.load(Ordering::SeqCst) == 0;
        until("everything is let go", gone).await;
    }
}

/// Waits until it is so.
pub(crate) async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}
