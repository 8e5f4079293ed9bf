//! The whole server, put together: the only place that names implementations.

mod admin;
mod background;
mod delivery;
mod documents;
mod import;
mod keys;
mod secret;
mod stores;

pub use admin::admin;
pub use import::import_users;

use crate::bus::{Bus, LocalBus, NatsBus};
use crate::chat::{
    Ambience, Attendance, Chat, Delivery, Dice, Heartbeat, Limits, Parts, Passwords, PushGateway, PushSettings,
    TokenSettings, Tokens,
};
use crate::config::{Address, Config, Switch};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::ids::ServerId;
use crate::error::{Code, Error, Result};
use crate::feed::{Feed, FeedSettings};
use crate::graphql;
use crate::graphql::telling::Groups;
use crate::http::{self, ChatGate, HttpSettings, HttpState, Origins, Probes, Proxies, SocketSettings};
use crate::measures::{BusMeasures, Measures, StoreMeasures};
use crate::push::PushWebhook;
use crate::rate::Rates;
use crate::store::Conversations as _;
use crate::traces::Traces;
use crate::webhook::Webhook;
use background::{Background, Reach};
use futures_util::future::{OptionFuture, join};
use keys::Authority;
use std::net::SocketAddr;
use std::sync::Arc;
use stores::Stores;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::info;

/// Brings the databases that the settings name up to date.
pub async fn migrate(config: &Config) -> Result<()> {
    let stores = Stores::open(config, &StoreMeasures::default()).await?;
    stores.migrate().await?;
    stores.close().await
}

/// Conversations whose heads are raised at once.
const RAISED_AT_ONCE: u32 = 500;
/// Far more than a conversation can have changed since a backup, and far less than there are numbers.
const RAISED_BY: u32 = 1_000_000;

/// Raises the revisions of all conversations after a restore, and tells how many there are. What was written since the
/// backup had numbers that clients have seen: they must not be given again.
pub async fn restored(config: &Config) -> Result<usize> {
    let stores = Stores::open(config, &StoreMeasures::default()).await?;
    stores.migrate().await?;
    let (log, mut raised, mut after) = (stores.log(), 0, None);
    loop {
        let ids = stores.sql.ids(after, RAISED_AT_ONCE).await?;
        let Some(last) = ids.last() else { break };
        after = Some(*last);
        log.raise(&ids, RAISED_BY).await?;
        raised += ids.len();
    }
    stores.close().await?;
    Ok(raised)
}

/// Traces for the collector that the setting names, posted on that runtime.
pub fn traces(address: &Address, runtime: Handle) -> Result<Traces> {
    let traces = Traces::to(address.as_str(), runtime);
    traces.map_err(|error| named("OTEL_EXPORTER_OTLP_ENDPOINT (--otel-exporter-otlp-endpoint)", error))
}

/// A server that is ready to serve.
pub struct App {
    stores: Stores,
    bus: Arc<dyn Bus>,
    chat: Arc<Chat>,
    feed: Arc<Feed>,
    http: Arc<HttpState>,
    background: Background,
    listener: TcpListener,
    metrics_listener: Option<TcpListener>,
    address: SocketAddr,
    stop: CancellationToken,
}

impl App {
    /// Opens the stores, brings them up to date, and listens. Connections wait until [`App::serve`].
    pub async fn open(config: &Config) -> Result<Self> {
        let authority = Authority::of(config).await?;
        let key_set = authority.keys.public()?;
        let origins = Origins::parse(&config.cors_origins)
            .map_err(|error| named("NATTERJACK_CORS_ORIGINS (--cors-origins)", error))?;
        let proxies = Proxies::parse(&config.trusted_proxies)
            .map_err(|error| named("NATTERJACK_TRUSTED_PROXIES (--trusted-proxies)", error))?;
        let gateway = gateway(config)?;
        let delivery = delivery::of(config)?;
        let documents = documents::of(&config.documents).await?;
        let listener = TcpListener::bind(config.listen).await;
        let listener = listener.map_err(|error| named("NATTERJACK_LISTEN (--listen)", error))?;
        let address = listener.local_addr().map_err(Error::internal)?;
        let metrics_listener = metrics_listener(config).await?;
        let measures = Arc::new(Measures::new());
        let stores = Stores::open(config, &measures.stores).await?;
        stores.migrate().await?;
        let (chat, bus) = chat(config, authority, &stores, delivery, &measures).await?;
        chat.begin_projections().await?;
        let feed = Feed::new(Arc::clone(&chat), FeedSettings { max_replay: config.max_replay }, measures.feed.clone());
        let presence = Arc::new(stores.sql.clone());
        let attendance = Attendance::new(presence, Arc::clone(&bus), Arc::new(SystemClock), config.presence_gap);
        let attendance = Arc::new(attendance);
        let stop = CancellationToken::new();
        let introspection = if config.introspection == Switch::On {
            graphql::Introspection::Allowed
        } else {
            graphql::Introspection::Refused
        };
        let max_body = config.max_body as usize;
        let rates = Arc::new(match config.rate_limits {
            Switch::On => Rates::new(&config.rates.settings()),
            Switch::Off => Rates::off(),
        });
        let limits = config.documents.limits();
        let http = Arc::new(HttpState {
            executor: graphql::schema(Arc::clone(&chat), Arc::clone(&feed), Arc::clone(&rates), introspection, limits),
            documents: Arc::new(documents.counting(measures.documents.clone())),
            groups: Arc::new(Groups::counting(measures.transport.clone())),
            measures,
            rates: Arc::clone(&rates),
            gate: Arc::new(ChatGate {
                chat: Arc::clone(&chat),
                feed: Arc::clone(&feed),
                attendance: Arc::clone(&attendance),
            }),
            probes: Probes::new(stores.probes()),
            settings: HttpSettings {
                origins,
                proxies,
                graphiql: config.graphiql == Switch::On,
                web: config.web == Switch::On,
                metrics: metrics_listener.is_none(),
                key_set: key_set.map(Into::into),
                shutdown_grace: config.shutdown_grace,
                max_body,
                max_batch: config.max_batch as usize,
                socket: SocketSettings { max_message: max_body, ..SocketSettings::default() },
                run_limit: config.operation_timeout,
                ..HttpSettings::default()
            },
            stop: stop.clone(),
            shutdown: CancellationToken::new(),
            sockets: TaskTracker::new(),
        });
        let heartbeat =
            Heartbeat::new(Arc::new(stores.sql.clone()), attendance, Arc::new(SystemClock), config.heartbeat);
        let reach = if config.nats_url.is_some() { Reach::AllNodes } else { Reach::ThisNode };
        let background = Background::start(heartbeat, reach, Arc::clone(&chat), rates, gateway);
        Ok(Self { stores, bus, chat, feed, http, background, listener, metrics_listener, address, stop })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who is told of events together, for whoever counts.
    pub fn groups(&self) -> Arc<Groups> {
        Arc::clone(&self.http.groups)
    }

    /// Cancelled by whoever wants the server to stop.
    pub fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Serves until it is told to stop; then finishes what has begun, tells the sockets, writes what was promised, and
    /// closes the stores.
    pub async fn serve(self) -> Result<()> {
        let measured = OptionFuture::from(
            self.metrics_listener.map(|listener| http::serve_metrics(listener, Arc::clone(&self.http))),
        );
        join(http::serve(self.listener, Arc::clone(&self.http)), measured).await;
        // From the roof down: each is closed once nothing above can ask it for anything.
        self.feed.close().await;
        self.background.stop().await;
        self.chat.close().await;
        self.bus.close().await;
        self.stores.close().await
    }
}

/// Where the measures are served, if not beside everything else.
async fn metrics_listener(config: &Config) -> Result<Option<TcpListener>> {
    let Some(address) = config.metrics_listen else { return Ok(None) };
    let failed = |error| named("NATTERJACK_METRICS_LISTEN (--metrics-listen)", error);
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    info!(address = %listener.local_addr().map_err(failed)?, "measures are served");
    Ok(Some(listener))
}

/// The chat over these stores, and how it hears of other nodes.
async fn chat(
    config: &Config,
    authority: Authority,
    stores: &Stores,
    delivery: Delivery,
    measures: &Measures,
) -> Result<(Arc<Chat>, Arc<dyn Bus>)> {
    let facts = stores.sql.facts(SystemClock.now()).await?;
    let tokens = Tokens::new(TokenSettings {
        keys: authority.keys,
        refresh_key: facts.refresh_key,
        server: facts.id,
        access_ttl: config.access_token_ttl,
        refresh_ttl: config.refresh_token_ttl,
    });
    let bus = bus(config, facts.id, measures.bus.clone()).await?;
    let limits = if config.rate_limits == Switch::On {
        Limits::new(Arc::new(stores.sql.clone()), Arc::new(SystemClock), authority.attempt_key)
    } else {
        Limits::off()
    };
    let effects = config.ambience.clone().unwrap_or_default().0;
    let dice = match &config.ambience_seed {
        Some(seed) => Dice::of(seed.as_bytes()),
        None => Dice::of(facts.draft_key.as_bytes()),
    };
    let chat = Chat::new(Parts {
        accounts: Arc::new(stores.sql.clone()),
        sessions: Arc::new(stores.sql.clone()),
        codes: Arc::new(stores.sql.clone()),
        identities: Arc::new(stores.sql.clone()),
        conversations: Arc::new(stores.sql.clone()),
        groups: Arc::new(stores.sql.clone()),
        blocks: Arc::new(stores.sql.clone()),
        presence: Arc::new(stores.sql.clone()),
        reports: Arc::new(stores.sql.clone()),
        notifications: Arc::new(stores.sql.clone()),
        pushes: Arc::new(stores.sql.clone()),
        outbox: Arc::new(stores.sql.clone()),
        log: stores.log(),
        log_measures: measures.log.clone(),
        bus: Arc::clone(&bus),
        clock: Arc::new(SystemClock),
        tokens,
        issuers: authority.issuers,
        passwords: Passwords::new()?,
        limits,
        code_key: authority.code_key,
        delivery,
        draft_key: facts.draft_key,
        max_group_size: config.max_group_size,
        ambience: (!effects.is_empty()).then(|| Ambience::new(effects, dice, Arc::new(SystemClock))),
        push: config.push_url.is_some().then_some(PushSettings { after: config.push_after }),
    });
    Ok((Arc::new(chat), bus))
}

/// Where notifications are posted to, if anywhere.
fn gateway(config: &Config) -> Result<Option<Arc<dyn PushGateway>>> {
    let Some(url) = &config.push_url else { return Ok(None) };
    let missing = || named("NATTERJACK_PUSH_SECRET (--push-secret)", "must be set where NATTERJACK_PUSH_URL is");
    let secret = config.push_secret.as_ref().ok_or_else(missing)?;
    let webhook = Webhook::new(url.as_str(), secret.as_bytes(), Arc::new(SystemClock));
    let webhook = webhook.map_err(|error| named("NATTERJACK_PUSH_URL (--push-url)", error))?;
    Ok(Some(Arc::new(PushWebhook(webhook))))
}

async fn bus(config: &Config, server: ServerId, measures: BusMeasures) -> Result<Arc<dyn Bus>> {
    let Some(url) = &config.nats_url else { return Ok(Arc::new(LocalBus::new(measures))) };
    let bus = NatsBus::connect(url.as_str(), server, measures).await;
    Ok(Arc::new(bus.map_err(|error| named("NATS_URL (--nats-url)", error))?))
}

/// The failure of what a setting names.
fn named(setting: &str, error: impl std::fmt::Display) -> Error {
    Error::new(Code::InvalidInput, format!("{setting}: {error}"))
}
