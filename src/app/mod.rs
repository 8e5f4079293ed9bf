//! The whole server, put together: the only place that names implementations.

mod admin;
mod background;
mod delivery;
mod import;
mod keys;
mod secret;
mod stores;

pub use admin::admin;
pub use import::import_users;

use crate::bus::{Bus, LocalBus, NatsBus};
use crate::chat::{
    Attendance, Chat, Delivery, Heartbeat, Limits, Parts, Passwords, PushGateway, PushSettings, TokenSettings, Tokens,
};
use crate::config::{Config, Switch};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::ids::ServerId;
use crate::error::{Code, Error, Result};
use crate::feed::{Feed, FeedSettings};
use crate::graphql;
use crate::http::{self, ChatGate, HttpSettings, HttpState, Origins, Proxies};
use crate::push::PushWebhook;
use crate::store::Conversations as _;
use crate::webhook::Webhook;
use background::{Background, Reach};
use keys::Authority;
use std::net::SocketAddr;
use std::sync::Arc;
use stores::Stores;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Brings the databases that the settings name up to date.
pub async fn migrate(config: &Config) -> Result<()> {
    let stores = Stores::open(config).await?;
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
    let stores = Stores::open(config).await?;
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

/// A server that is ready to serve.
pub struct App {
    stores: Stores,
    bus: Arc<dyn Bus>,
    chat: Arc<Chat>,
    feed: Arc<Feed>,
    http: Arc<HttpState>,
    background: Background,
    listener: TcpListener,
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
        let listener = TcpListener::bind(config.listen).await;
        let listener = listener.map_err(|error| named("NATTERJACK_LISTEN (--listen)", error))?;
        let address = listener.local_addr().map_err(Error::internal)?;
        let stores = Stores::open(config).await?;
        stores.migrate().await?;
        let (chat, bus) = chat(config, authority, &stores, delivery).await?;
        chat.begin_projections().await?;
        let feed = Feed::new(Arc::clone(&chat), FeedSettings { max_replay: config.max_replay });
        let presence = Arc::new(stores.sql.clone());
        let attendance = Attendance::new(presence, Arc::clone(&bus), Arc::new(SystemClock), config.presence_gap);
        let attendance = Arc::new(attendance);
        let stop = CancellationToken::new();
        let introspection = if config.introspection == Switch::On {
            graphql::Introspection::Allowed
        } else {
            graphql::Introspection::Refused
        };
        let http = Arc::new(HttpState {
            executor: graphql::schema(Arc::clone(&chat), Arc::clone(&feed), introspection),
            gate: Arc::new(ChatGate {
                chat: Arc::clone(&chat),
                feed: Arc::clone(&feed),
                attendance: Arc::clone(&attendance),
            }),
            probes: stores.probes(),
            settings: HttpSettings {
                origins,
                proxies,
                graphiql: config.graphiql == Switch::On,
                key_set: key_set.map(Into::into),
                shutdown_grace: config.shutdown_grace,
                ..HttpSettings::default()
            },
            stop: stop.clone(),
            shutdown: CancellationToken::new(),
            sockets: TaskTracker::new(),
        });
        let heartbeat =
            Heartbeat::new(Arc::new(stores.sql.clone()), attendance, Arc::new(SystemClock), config.heartbeat);
        let reach = if config.nats_url.is_some() { Reach::AllNodes } else { Reach::ThisNode };
        let background = Background::start(heartbeat, reach, Arc::clone(&chat), gateway);
        Ok(Self { stores, bus, chat, feed, http, background, listener, address, stop })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cancelled by whoever wants the server to stop.
    pub fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Serves until it is told to stop; then finishes what has begun, tells the sockets, writes what was promised, and
    /// closes the stores.
    pub async fn serve(self) -> Result<()> {
        let served = http::serve(self.listener, self.http).await;
        // From the roof down: each is closed once nothing above can ask it for anything.
        self.feed.close().await;
        self.background.stop().await;
        self.chat.close().await;
        self.bus.close().await;
        let closed = self.stores.close().await;
        served.and(closed)
    }
}

/// The chat over these stores, and how it hears of other nodes.
async fn chat(
    config: &Config,
    authority: Authority,
    stores: &Stores,
    delivery: Delivery,
) -> Result<(Arc<Chat>, Arc<dyn Bus>)> {
    let facts = stores.sql.facts(SystemClock.now()).await?;
    let tokens = Tokens::new(TokenSettings {
        keys: authority.keys,
        refresh_key: facts.refresh_key,
        server: facts.id,
        access_ttl: config.access_token_ttl,
        refresh_ttl: config.refresh_token_ttl,
    });
    let bus = bus(config, facts.id).await?;
    let limits = if config.rate_limits == Switch::On {
        Limits::new(Arc::new(stores.sql.clone()), Arc::new(SystemClock), authority.attempt_key)
    } else {
        Limits::off()
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

async fn bus(config: &Config, server: ServerId) -> Result<Arc<dyn Bus>> {
    let Some(url) = &config.nats_url else { return Ok(Arc::new(LocalBus::default())) };
    let bus = NatsBus::connect(url.as_str(), server).await;
    Ok(Arc::new(bus.map_err(|error| named("NATS_URL (--nats-url)", error))?))
}

/// The failure of what a setting names.
fn named(setting: &str, error: impl std::fmt::Display) -> Error {
    Error::new(Code::InvalidInput, format!("{setting}: {error}"))
}
