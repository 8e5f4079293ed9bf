//! Every setting, once: its flag, its environment variable, its default and its help.

mod documents;
mod issuers;
mod rates;

pub use documents::DocumentSettings;
pub use issuers::{Keys, TrustedIssuer, TrustedIssuers};
pub use rates::Rates;

use crate::domain::address;
use crate::domain::ambience::Effect;
use crate::domain::ids::{MessageId, UserId};
use crate::domain::message::{ClientId, MessageText};
use crate::domain::user::Username;
use clap::builder::styling::Styles;
use clap::error::{ContextKind, ContextValue};
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use std::collections::BTreeSet;
use std::error::Error as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A chat backend behind one GraphQL schema, on which no message is ever missed.
///
/// With no settings at all everything is kept in ./data, in an embedded SQLite.
#[derive(Debug, Parser)]
#[command(name = "natterjack", version, styles = Styles::plain())]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How.
    #[command(flatten)]
    pub config: Config,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Bring the databases up to date and serve (the default).
    Serve,
    /// Bring the databases up to date, and no more.
    Migrate,
    /// Say that a database was restored from a backup, before any node is started on it: no number is given twice.
    Restored,
    /// Look after what people do here, on the same databases as the nodes.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Move a user table in from another system; run again, it leaves alone whom it has moved in before.
    ImportUsers(ImportUsers),
    /// Print the GraphQL schema.
    Schema,
}

/// Which user table is moved in, and how.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct ImportUsers {
    /// CSV with the columns' names on its first line, or JSON lines; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Only say what would be done.
    #[arg(long)]
    pub dry_run: bool,
    /// Write a CSV there that says by which id here each of the other system's is known.
    #[arg(long, value_name = "FILE")]
    pub ids: Option<PathBuf>,
}

/// What an operator does beside the nodes.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum AdminCommand {
    /// List the messages that people have reported, the latest report first.
    Reports {
        /// At most so many.
        #[arg(long, value_name = "COUNT", default_value = "50")]
        limit: u32,
    },
    /// Delete a message: a tombstone stays in its place.
    DeleteMessage {
        /// The message's id.
        #[arg(value_name = "ID")]
        message: MessageId,
    },
    /// Suspend a person: their sessions end, and they cannot sign in. Their messages stand.
    Suspend {
        /// Their id or their username.
        #[arg(value_name = "PERSON", value_parser = person)]
        person: PersonName,
    },
    /// Tell something to all who have an account, or to some of them, as a notification.
    Announce {
        /// What to tell.
        #[arg(value_name = "TEXT", value_parser = announcement)]
        text: MessageText,
        /// To whom, by id or username; may be repeated. Without it, to everybody.
        #[arg(long, value_name = "PERSON", value_parser = person)]
        to: Vec<PersonName>,
        /// By what it is known again: repeated under it, it is told only to those whom it has not reached. Else a new one.
        #[arg(long, value_name = "ID", value_parser = announcement_id)]
        id: Option<String>,
    },
    /// Let a person sign in again who was suspended.
    Restore {
        /// Their id or their username.
        #[arg(value_name = "PERSON", value_parser = person)]
        person: PersonName,
    },
}

/// How an operator names a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonName {
    /// By id.
    Id(UserId),
    /// By username.
    Username(Username),
}

/// The settings.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Config {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, global = true, env = "NATTERJACK_LISTEN", value_name = "HOST:PORT", default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,

    /// Folder of the SQLite file and of the generated secret.
    #[arg(long, global = true, env = "NATTERJACK_DATA_DIR", value_name = "FOLDER", default_value = "./data")]
    pub data_dir: PathBuf,

    /// Database of users, sessions and conversations: postgres://… or sqlite://…; else SQLite in the data folder.
    #[arg(long, global = true, env = "DATABASE_URL", value_name = "URL", hide_env_values = true, value_parser = database_url)]
    pub database_url: Option<Address>,

    /// Database of the message log: mongodb://…, a replica set or a cluster; else the log is in the SQL database.
    #[arg(long, global = true, env = "MONGODB_URL", value_name = "URL", hide_env_values = true, value_parser = mongodb_url)]
    pub mongodb_url: Option<Address>,

    /// Bus between several nodes: nats://…; else there is one node, or messages from others come within seconds.
    #[arg(long, global = true, env = "NATS_URL", value_name = "URL", hide_env_values = true, value_parser = nats_url)]
    pub nats_url: Option<Address>,

    /// Secret that access tokens are signed with, at least 32 bytes, the same on every node; else made in the data folder.
    #[arg(long, global = true, env = "NATTERJACK_JWT_SECRET", value_name = "SECRET", hide_env_values = true, value_parser = secret)]
    pub jwt_secret: Option<Secret>,

    /// Private keys that access tokens are signed with in place of the secret: PEM files of Ed25519 or RSA, with commas. The
    /// first signs, tokens of the others count too. `secret` stands for the secret.
    #[arg(long, global = true, env = "NATTERJACK_JWT_KEYS", value_name = "FILES", value_delimiter = ',', value_parser = jwt_key)]
    pub jwt_keys: Vec<JwtKey>,

    /// Issuers whose tokens count here: JSON, or a file of it, as SECURITY.md has it; else none.
    #[arg(long, global = true, env = "NATTERJACK_ISSUERS", value_name = "JSON", value_parser = issuers::parse)]
    pub issuers: Option<TrustedIssuers>,

    /// How long an access token counts.
    #[arg(long, global = true, env = "NATTERJACK_ACCESS_TOKEN_TTL", value_name = "TIME", default_value = "15m", value_parser = duration)]
    pub access_token_ttl: Duration,

    /// How long a refresh token counts.
    #[arg(long, global = true, env = "NATTERJACK_REFRESH_TOKEN_TTL", value_name = "TIME", default_value = "30d", value_parser = duration)]
    pub refresh_token_ttl: Duration,

    /// Origins of the web pages that may call: a list with commas, or *; else the server's own address alone.
    #[arg(long, global = true, env = "NATTERJACK_CORS_ORIGINS", value_name = "ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,

    /// Proxies that are believed when they name the client, in X-Forwarded-For or Forwarded: addresses and networks with commas.
    #[arg(long, global = true, env = "NATTERJACK_TRUSTED_PROXIES", value_name = "NETWORKS", value_delimiter = ',')]
    pub trusted_proxies: Vec<String>,

    /// Whether it is limited how often one may guess at passwords and codes, register, call and send, and how many sockets and
    /// subscriptions one may have; off for benches and load tests.
    #[arg(long, global = true, env = "NATTERJACK_RATE_LIMITS", value_name = "SWITCH", default_value = "on")]
    pub rate_limits: Switch,

    /// How much that is.
    #[command(flatten)]
    pub rates: Rates,

    /// How long an operation may run that is no subscription; beyond that it ends with UNAVAILABLE.
    #[arg(long, global = true, env = "NATTERJACK_OPERATION_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub operation_timeout: Duration,

    /// Whether the schema may be asked for by introspection.
    #[arg(long, global = true, env = "NATTERJACK_INTROSPECTION", value_name = "SWITCH", default_value = "on")]
    pub introspection: Switch,

    /// Whether there is GraphiQL at /graphiql, and at / where the web client is not.
    #[arg(long, global = true, env = "NATTERJACK_GRAPHIQL", value_name = "SWITCH", default_value = "on")]
    pub graphiql: Switch,

    /// Whether the web client is there, at /.
    #[arg(long, global = true, env = "NATTERJACK_WEB", value_name = "SWITCH", default_value = "on")]
    pub web: Switch,

    /// Bytes that the body of a request may have, and a message on a socket.
    #[arg(long, global = true, env = "NATTERJACK_MAX_BODY", value_name = "BYTES", default_value = "1048576", value_parser = clap::value_parser!(u32).range(1024..=104_857_600))]
    pub max_body: u32,

    /// Operations that may come in one request; below 2 they come one by one.
    #[arg(long, global = true, env = "NATTERJACK_MAX_BATCH", value_name = "COUNT", default_value = "0", value_parser = clap::value_parser!(u32).range(..=100))]
    pub max_batch: u32,

    /// What clients may ask.
    #[command(flatten)]
    pub documents: DocumentSettings,

    /// Changes of one conversation that a client may have missed to be told each; beyond that it fetches it anew.
    #[arg(long, global = true, env = "NATTERJACK_MAX_REPLAY", value_name = "COUNT", default_value = "50000")]
    pub max_replay: u32,

    /// People who may be in a group, those who are invited among them.
    #[arg(long, global = true, env = "NATTERJACK_MAX_GROUP_SIZE", value_name = "COUNT", default_value = "10000")]
    pub max_group_size: u32,

    /// How long one whose last socket has closed is still shown as online, so that nobody flickers who comes back.
    #[arg(long, global = true, env = "NATTERJACK_PRESENCE_GAP", value_name = "TIME", default_value = "5s", value_parser = duration)]
    pub presence_gap: Duration,

    /// How often a node says that it runs; one that misses three runs no more. The same on every node.
    #[arg(long, global = true, env = "NATTERJACK_HEARTBEAT", value_name = "TIME", default_value = "5s", value_parser = duration)]
    pub heartbeat: Duration,

    /// Where notifications that are not seen are posted to: https://…, or http:// on this machine; else nowhere.
    #[arg(long, global = true, env = "NATTERJACK_PUSH_URL", value_name = "URL", hide_env_values = true, value_parser = push_url)]
    pub push_url: Option<Address>,

    /// Secret that these posts are signed with, at least 32 bytes.
    #[arg(long, global = true, env = "NATTERJACK_PUSH_SECRET", value_name = "SECRET", hide_env_values = true, value_parser = secret)]
    pub push_secret: Option<Secret>,

    /// How long a notification of one who is online may be unseen before it is posted; of others it is posted at once.
    #[arg(long, global = true, env = "NATTERJACK_PUSH_AFTER", value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub push_after: Duration,

    /// How one-time codes come to whom they are for.
    #[arg(long, global = true, env = "NATTERJACK_CODE_DELIVERY", value_name = "WAY", default_value = "log")]
    pub code_delivery: CodeDelivery,

    /// Mail server for codes by smtp: `smtps://user:password@host`, `smtp://…?tls=required`, or `smtp://` on this machine.
    #[arg(long, global = true, env = "NATTERJACK_CODE_SMTP_URL", value_name = "URL", hide_env_values = true, value_parser = smtp_url)]
    pub code_smtp_url: Option<Address>,

    /// From whom those emails are: an address, or `Name <address>`.
    #[arg(long, global = true, env = "NATTERJACK_CODE_SENDER", value_name = "ADDRESS")]
    pub code_sender: Option<String>,

    /// Where codes are posted to by webhook, and with smtp those to mobile numbers: https://…, or http:// on this machine.
    #[arg(long, global = true, env = "NATTERJACK_CODE_WEBHOOK_URL", value_name = "URL", hide_env_values = true, value_parser = push_url)]
    pub code_webhook_url: Option<Address>,

    /// Secret that these posts are signed with, at least 32 bytes.
    #[arg(long, global = true, env = "NATTERJACK_CODE_WEBHOOK_SECRET", value_name = "SECRET", hide_env_values = true, value_parser = secret)]
    pub code_webhook_secret: Option<Secret>,

    /// Whether this is for development, where codes may be echoed though others than this machine can call.
    #[arg(long, global = true, env = "NATTERJACK_DEVELOPMENT", value_name = "SWITCH", default_value = "off")]
    pub development: Switch,

    /// Effects that bend how time and identity appear: names with commas, or `all`; else none.
    #[arg(long, global = true, env = "NATTERJACK_AMBIENCE", value_name = "EFFECTS", value_parser = effects)]
    pub ambience: Option<Effects>,

    /// What the effects draw their chance from, the same on every node; else made with the database.
    #[arg(long, global = true, env = "NATTERJACK_AMBIENCE_SEED", value_name = "SEED")]
    pub ambience_seed: Option<String>,

    /// How long to wait at start for a database that does not answer yet.
    #[arg(long, global = true, env = "NATTERJACK_STORE_WAIT", value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub store_wait: Duration,

    /// How long a node goes on that was asked to stop; /health/ready says no meanwhile, so that balancers send nobody new.
    #[arg(long, global = true, env = "NATTERJACK_SHUTDOWN_GRACE", value_name = "TIME", default_value = "0s", value_parser = grace)]
    pub shutdown_grace: Duration,

    /// Where the measures are served, at /metrics, and there alone; else at the main address, to whoever asks.
    #[arg(long, global = true, env = "NATTERJACK_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,

    /// Collector that traces are posted to, by OTLP over HTTP: `http://host:4318`; else there are none.
    #[arg(long, global = true, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL", hide_env_values = true, value_parser = otlp_url)]
    pub otel_exporter_otlp_endpoint: Option<Address>,

    /// What is logged: a level, or a filter such as `info,natterjack=debug`.
    #[arg(long, global = true, env = "NATTERJACK_LOG", value_name = "FILTER", default_value = "info")]
    pub log: tracing_subscriber::filter::Targets,

    /// How it is logged.
    #[arg(long, global = true, env = "NATTERJACK_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// A key that access tokens are signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JwtKey {
    /// The secret.
    Secret,
    /// The private key in that file.
    File(PathBuf),
}

/// Effects that are on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects(pub BTreeSet<Effect>);

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It is there.
    On,
    /// It is not.
    Off,
}

/// How one-time codes come to whom they are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CodeDelivery {
    /// In the answer to whoever asks for one: for development.
    Echo,
    /// In the log.
    Log,
    /// By email.
    Smtp,
    /// Posted to a webhook.
    Webhook,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// An object a line.
    Json,
}

/// A secret that something is signed with. Never printed.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Bytes that HMAC with SHA-256 asks for (RFC 7518, section 3.2).
    pub const MIN_BYTES: usize = 32;

    /// The secret; `None` where it is too short.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() >= Self::MIN_BYTES).then_some(Self(bytes))
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a store or the bus is. It may hold a password, and is never printed.
#[derive(Clone)]
pub struct Address(String);

impl Address {
    fn parse(text: &str, schemes: &[&str]) -> Result<Self, String> {
        let is_known =
            text.split_once("://").is_some_and(|(scheme, rest)| schemes.contains(&scheme) && !rest.is_empty());
        let expected = || format!("must be {}://…", schemes.join("://… or "));
        if is_known { Ok(Self(text.to_owned())) } else { Err(expected()) }
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(…)")
    }
}

fn secret(text: &str) -> Result<Secret, String> {
    Secret::new(text.as_bytes().to_vec()).ok_or_else(|| format!("must have at least {} bytes", Secret::MIN_BYTES))
}

fn jwt_key(text: &str) -> Result<JwtKey, String> {
    match text.trim() {
        "" => Err("a file's name is empty".to_owned()),
        "secret" => Ok(JwtKey::Secret),
        file => Ok(JwtKey::File(file.into())),
    }
}

fn effects(text: &str) -> Result<Effects, String> {
    if text.trim().eq_ignore_ascii_case("all") {
        return Ok(Effects(Effect::ALL.into()));
    }
    let named = |name: &str| {
        let is_it = |effect: &Effect| effect.name().eq_ignore_ascii_case(name);
        let unknown = || format!("`{name}` is none of {}", Effect::ALL.map(Effect::name).join(", "));
        Effect::ALL.into_iter().find(is_it).ok_or_else(unknown)
    };
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(named).collect::<Result<_, _>>().map(Effects)
}

fn person(text: &str) -> Result<PersonName, String> {
    if let Ok(id) = text.parse() {
        return Ok(PersonName::Id(id));
    }
    let username = Username::parse(text.to_owned()).map(PersonName::Username);
    username.map_err(|_| "is neither the id of a person nor a username".to_owned())
}

fn announcement(text: &str) -> Result<MessageText, String> {
    MessageText::parse(text.to_owned()).map_err(|error| error.message().to_owned())
}

fn announcement_id(text: &str) -> Result<String, String> {
    ClientId::parse(text.to_owned()).map(|id| id.as_str().to_owned()).map_err(|error| error.message().to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| format!("{error}, e.g. `15m` or `30d`"))?;
    let bounds = Duration::from_secs(1)..=Duration::from_hours(10 * 365 * 24);
    if bounds.contains(&duration) { Ok(duration) } else { Err("must be from a second to ten years".to_owned()) }
}

fn grace(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| format!("{error}, e.g. `5s`"))?;
    if duration <= Duration::from_mins(10) { Ok(duration) } else { Err("must be ten minutes at the most".to_owned()) }
}

fn push_url(text: &str) -> Result<Address, String> {
    address::parse("url", text).map(Address).map_err(|_| "must be https://…, or http:// on this machine".to_owned())
}

fn smtp_url(text: &str) -> Result<Address, String> {
    Address::parse(text, &["smtp", "smtps"])
}

fn database_url(text: &str) -> Result<Address, String> {
    Address::parse(text, &["postgres", "postgresql", "sqlite"])
}

fn mongodb_url(text: &str) -> Result<Address, String> {
    Address::parse(text, &["mongodb", "mongodb+srv"])
}

fn otlp_url(text: &str) -> Result<Address, String> {
    Address::parse(text, &["http", "https"])
}

fn nats_url(text: &str) -> Result<Address, String> {
    Address::parse(text, &["nats", "tls"])
}

/// Reads `.env` where there is one, then the command line and the environment. Where a setting makes no sense: one line
/// that names it.
pub fn read() -> Result<Cli, clap::Error> {
    let dotenv = dotenvy::from_path(".env");
    if let Err(error) = dotenv
        && !error.not_found()
    {
        // A malformed line is not shown: it may hold a secret.
        let reason = match error {
            dotenvy::Error::LineParse(..) => "a line of it is not NAME=value".to_owned(),
            other => other.to_string(),
        };
        return Err(one_line(format!(".env cannot be read: {reason}")));
    }
    Cli::try_parse().map_err(named)
}

/// What clap says of a bad value, in one line and with the variable's name; everything else as it is.
fn named(error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else { return error };
    let command = Cli::command();
    let flag = argument.split_whitespace().next().unwrap_or(argument);
    let setting = command.get_arguments().find(|one| one.get_long() == flag.strip_prefix("--"));
    let Some(variable) = setting.and_then(clap::Arg::get_env) else { return error };
    let reason = match (error.source(), error.get(ContextKind::ValidValue)) {
        (Some(source), _) => source.to_string(),
        (None, Some(ContextValue::Strings(valid))) => format!("must be {}", valid.join(" or ")),
        (None, _) => return error,
    };
    one_line(format!("{} ({flag}): {reason}", variable.display()))
}

fn one_line(message: String) -> clap::Error {
    clap::Error::raw(clap::error::ErrorKind::ValueValidation, message + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from([&["natterjack"], arguments].concat()).map_err(named)
    }

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_setting_that_makes_no_sense_is_named_in_one_line() {
        for (arguments, says) in [
            (&["--listen", "here"], "NATTERJACK_LISTEN (--listen): invalid socket address syntax"),
            (&["--database-url", "mysql://x"], "DATABASE_URL (--database-url): must be postgres://… or"),
            (&["--jwt-secret", "short"], "NATTERJACK_JWT_SECRET (--jwt-secret): must have at least 32 bytes"),
            (&["--access-token-ttl", "soon"], "NATTERJACK_ACCESS_TOKEN_TTL (--access-token-ttl): "),
            (&["--push-url", "http://example.org"], "NATTERJACK_PUSH_URL (--push-url): must be https://…"),
            (&["--push-secret", "short"], "NATTERJACK_PUSH_SECRET (--push-secret): must have at least 32 bytes"),
            (&["--code-delivery", "pigeon"], "NATTERJACK_CODE_DELIVERY (--code-delivery): must be echo or log or"),
            (&["--code-smtp-url", "mail"], "NATTERJACK_CODE_SMTP_URL (--code-smtp-url): must be smtp://… or smtps://…"),
            (&["--max-nesting", "65"], "NATTERJACK_MAX_NESTING (--max-nesting): must be a number from 1 to 64"),
            (&["--max-depth", "0"], "NATTERJACK_MAX_DEPTH (--max-depth): must be a number from 1 to"),
            (
                &["--metrics-listen", "9464"],
                "NATTERJACK_METRICS_LISTEN (--metrics-listen): invalid socket address syntax",
            ),
            (
                &["--otel-exporter-otlp-endpoint", "collector:4318"],
                "OTEL_EXPORTER_OTLP_ENDPOINT (--otel-exporter-otlp-endpoint): must be http://… or https://…",
            ),
            (
                &["--requests-per-viewer", "many"],
                "NATTERJACK_REQUESTS_PER_VIEWER (--requests-per-viewer): must be like `50/s",
            ),
            (
                &["--sends-per-address", "0/s"],
                "NATTERJACK_SENDS_PER_ADDRESS (--sends-per-address): `0` is not a number",
            ),
            (&["--sockets-per-viewer", "0"], "NATTERJACK_SOCKETS_PER_VIEWER (--sockets-per-viewer): 0 is not in"),
            (
                &["--operation-timeout", "0s"],
                "NATTERJACK_OPERATION_TIMEOUT (--operation-timeout): must be from a second",
            ),
            (&["--graphiql", "maybe"], "NATTERJACK_GRAPHIQL (--graphiql): must be on or off"),
            (&["--web", "maybe"], "NATTERJACK_WEB (--web): must be on or off"),
        ] {
            let message = parse(arguments).unwrap_err().to_string();
            assert!(message.contains(says), "{message}");
            assert_eq!(message.trim_end().lines().count(), 1, "{message}");
        }
    }

    #[test]
    fn settings_stand_before_and_after_the_command() {
        for arguments in [&["--listen", "127.0.0.1:0", "serve"], &["serve", "--listen", "127.0.0.1:0"]] {
            let cli = parse(arguments).unwrap();
            assert_eq!((cli.command, cli.config.listen.port()), (Some(Command::Serve), 0));
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let secret = "0123456789abcdef0123456789abcdef";
        let cli = parse(&["--jwt-secret", secret]).unwrap();
        assert!(!format!("{cli:?}").contains(secret));
    }
}
