//! A schema whose fields do what the transports have rules about.

use async_graphql::{Context, Json, Object, Schema, SimpleObject, Subscription};
use futures_util::stream::{self, Stream, StreamExt as _};
use natterjack::graphql::{Caller, ConnectionInit};
use serde_json::Value;
use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;
use tokio::task::yield_now;

pub(crate) type TestSchema = Schema<Query, Mutation, Events>;

/// What operations leave behind.
#[derive(Default)]
pub(crate) struct Traces {
    /// How many mutations have run.
    pub(crate) touched: AtomicUsize,
    /// How many `held` subscriptions are open.
    pub(crate) held: AtomicUsize,
    /// How often `waits` has begun to.
    pub(crate) waiting: AtomicUsize,
    /// What it waits for.
    pub(crate) resolve: Notify,
}

pub(crate) fn schema(traces: Arc<Traces>) -> TestSchema {
    Schema::build(Query, Mutation, Events).data(traces).finish()
}

pub(crate) struct Query;

#[derive(SimpleObject)]
struct Fresh {
    number: i32,
}

#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "world"
    }

    /// On whose behalf this runs.
    async fn who(&self, ctx: &Context<'_>) -> &'static str {
        who(ctx)
    }

    /// What the socket was opened with.
    async fn init(&self, ctx: &Context<'_>) -> Option<Json<Value>> {
        ctx.data_opt::<ConnectionInit>().map(|init| Json(init.payload.clone().into()))
    }

    async fn echo(&self, value: Json<Value>) -> Json<Value> {
        value
    }

    #[graphql(name = "self")]
    async fn itself(&self) -> Self {
        Self
    }

    async fn text(&self, length: usize) -> String {
        "x".repeat(length)
    }

    #[graphql(cache_control(max_age = 60))]
    async fn fresh(&self) -> Fresh {
        Fresh { number: 1 }
    }

    /// A nest that is always there.
    async fn nest(&self) -> Nest {
        Nest { number: 1 }
    }

    /// One that need not be.
    async fn maybe(&self) -> Option<Nest> {
        Some(Nest { number: 1 })
    }

    /// Fails, and takes `data` with it.
    async fn fails(&self) -> async_graphql::Result<&str> {
        ready(Err("it has failed".into())).await
    }

    /// Fails alone.
    async fn may_fail(&self) -> Option<async_graphql::Result<&str>> {
        Some(Err("it has failed".into()))
    }

    async fn panics(&self) -> &str {
        ready(None).await.expect("a panic, as the test wants it")
    }

    async fn hangs(&self) -> &str {
        pending().await
    }

    /// Until it is told to go on.
    async fn waits(&self, ctx: &Context<'_>) -> bool {
        let traces = ctx.data_unchecked::<Arc<Traces>>();
        let resolved = traces.resolve.notified();
        traces.waiting.fetch_add(1, Ordering::SeqCst);
        resolved.await;
        true
    }
}

/// Fields of all kinds, as deep as one wants them.
struct Nest {
    number: i32,
}

#[Object]
impl Nest {
    async fn number(&self) -> i32 {
        self.number
    }

    /// The same, but not at once.
    async fn later(&self) -> i32 {
        for _ in 0..10 {
            yield_now().await;
        }
        self.number
    }

    /// Fails, and takes the nest with it.
    async fn fails(&self) -> async_graphql::Result<i32> {
        ready(Err("it has failed".into())).await
    }

    /// The same, where its number is odd.
    async fn fails_if_odd(&self) -> async_graphql::Result<i32> {
        ready(if self.number % 2 == 0 { Ok(self.number) } else { Err("it is odd".into()) }).await
    }

    /// Fails alone.
    async fn may_fail(&self) -> Option<async_graphql::Result<i32>> {
        Some(Err("it has failed".into()))
    }

    async fn inner(&self) -> Self {
        Self { number: self.number + 1 }
    }

    /// Each of which is there, or there is no list.
    async fn all(&self) -> Vec<Self> {
        (0..3).map(|number| Self { number }).collect()
    }

    /// Of which some need not be.
    async fn some(&self) -> Vec<Option<Self>> {
        (0..3).map(|number| Some(Self { number })).collect()
    }
}

fn who(ctx: &Context<'_>) -> &'static str {
    match ctx.data_unchecked::<Caller>() {
        Caller::Anonymous => "nobody",
        Caller::Viewer(_) => "somebody",
        Caller::Refused(error) => error.code().name(),
    }
}

pub(crate) struct Mutation;

#[Object]
impl Mutation {
    async fn touch(&self, ctx: &Context<'_>) -> usize {
        ctx.data_unchecked::<Arc<Traces>>().touched.fetch_add(1, Ordering::SeqCst) + 1
    }
}

pub(crate) struct Events;

struct Held(Arc<Traces>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.held.fetch_sub(1, Ordering::SeqCst);
    }
}

#[Subscription]
impl Events {
    /// 1, 2, 3 …, as fast as can be.
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }

    /// Without an end, as fast as can be.
    async fn flood(&self, length: usize) -> impl Stream<Item = String> {
        stream::repeat_with(move || "x".repeat(length))
    }

    /// Begins with 0, and then nothing comes any more.
    async fn held(&self, ctx: &Context<'_>) -> impl Stream<Item = i32> + use<> {
        let traces = Arc::clone(ctx.data_unchecked::<Arc<Traces>>());
        traces.held.fetch_add(1, Ordering::SeqCst);
        let held = Held(traces);
        stream::once(async { 0 }).chain(stream::pending()).inspect(move |_| {
            let _ = &held;
        })
    }

    /// On whose behalf this runs, once.
    async fn heard_by(&self, ctx: &Context<'_>) -> impl Stream<Item = &'static str> + use<> {
        stream::iter([who(ctx)])
    }

    /// Cannot be had.
    async fn refused(&self) -> async_graphql::Result<stream::Pending<i32>> {
        ready(Err("it is refused".into())).await
    }

    /// The first event fails, the second does not, and the third may yet come.
    async fn limps(&self) -> impl Stream<Item = async_graphql::Result<i32>> {
        stream::iter([Err("it has failed".into()), Ok(2)]).chain(stream::pending())
    }

    /// 1, and then it panics.
    async fn panics(&self) -> impl Stream<Item = i32> {
        stream::iter([1, 2]).inspect(|n| assert_ne!(*n, 2, "as the test wants it"))
    }
}
