//! The walls of the house: which part may use which, and where each library may be seen. Read from the source, so that
//! a breach shows with its line.
#![cfg(test)]

#[path = "imports/reader.rs"]
mod reader;

use reader::{Target, Used};
use std::fmt;
use std::path::{Path, PathBuf};

/// From the ground up: each room, and what it may use besides itself.
const ROOMS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("measures", &[]),
    ("domain", &["error"]),
    ("store", &["error", "measures", "domain"]),
    ("bus", &["error", "measures", "domain"]),
    ("chat", &["error", "measures", "domain", "store", "bus"]),
    ("feed", &["error", "measures", "domain", "store", "bus", "chat"]),
    ("rate", &["error", "domain"]),
    ("graphql", &["error", "measures", "domain", "store", "bus", "chat", "feed", "rate"]),
    ("http", &["error", "measures", "domain", "store", "bus", "chat", "feed", "rate", "graphql", "traces"]),
    ("web", &["error", "domain", "chat"]),
    ("traces", &["error", "web"]),
    ("logs", &["error", "config", "traces"]),
    ("webhook", &["error", "domain", "web"]),
    ("push", &["error", "domain", "chat", "webhook"]),
    ("carrier", &["error", "domain", "chat", "webhook"]),
    ("config", BELOW_CONFIG),
    ("app", BELOW_APP),
    ("main", ALL),
    ("lib", ALL),
];
const BELOW_CONFIG: &[&str] = &["error", "domain", "store", "bus", "chat", "feed", "rate", "graphql", "http"];
const BELOW_APP: &[&str] = &[
    "error", "measures", "domain", "store", "bus", "chat", "feed", "rate", "graphql", "http", "web", "traces",
    "webhook", "push", "carrier", "config",
];
const ALL: &[&str] = &[
    "error", "measures", "domain", "store", "bus", "chat", "feed", "rate", "graphql", "http", "web", "traces",
    "webhook", "push", "carrier", "config", "logs", "app",
];

/// Libraries that only some places may use. (The package `migration`, which uses sea-orm too, is not read here.)
const LIBRARIES: &[(&str, &[&str])] = &[
    ("sea_orm", &["store::sql"]),
    ("sea_orm_migration", &["store::sql"]),
    ("mongodb", &["store::mongo"]),
    ("bson", &["store::mongo"]),
    ("async_nats", &["bus"]),
    ("async_graphql", &["graphql", "http"]),
    ("async_graphql_value", &["graphql::documents"]),
    ("async_graphql_axum", &["http"]),
    ("axum", &["http"]),
    ("tower_http", &["http"]),
    ("rust_embed", &["http::assets"]),
    ("jsonwebtoken", &["chat"]),
    ("argon2", &["chat"]),
    ("bcrypt", &["chat"]),
    ("zxcvbn", &["chat"]),
    ("ipnet", &["http"]),
    ("moka", &["chat", "graphql::documents"]),
    ("governor", &["rate"]),
    ("csv", &["app"]),
    ("hyper", &["http::connections", "web"]),
    ("hyper_rustls", &["web"]),
    ("hyper_util", &["http::connections", "web"]),
    ("rustls", &["web"]),
    ("rustls_native_certs", &["web"]),
    ("lettre", &["carrier"]),
    ("phonenumber", &["domain"]),
    ("clap", &["config", "main"]),
    ("prometheus_client", &["measures"]),
    ("procfs", &["measures"]),
    ("opentelemetry", &["traces"]),
    ("opentelemetry_http", &["traces"]),
    ("opentelemetry_otlp", &["traces"]),
    ("opentelemetry_sdk", &["traces"]),
    ("tracing_opentelemetry", &["traces"]),
];

#[test]
fn every_part_uses_only_what_it_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = rust_files(&root.join("src"));
    assert!(files.iter().any(|file| file.ends_with("src/lib.rs")), "{files:?}");
    let breaches: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let source = std::fs::read_to_string(file).unwrap();
            breaches(file.strip_prefix(root).unwrap(), &source)
        })
        .map(|breach| breach.to_string())
        .collect();
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// One line that uses what it may not.
struct Breach {
    file: PathBuf,
    line: usize,
    rule: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.rule)
    }
}

fn breaches(file: &Path, source: &str) -> Vec<Breach> {
    let module = module_of(file);
    let room = module.first().cloned().unwrap_or_else(|| stem(file));
    let uses = reader::uses(module, source).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut found: Vec<_> =
        uses.iter().filter_map(|used| broken_rule(used, &room).map(|rule| (used.line, rule))).collect();
    found.dedup();
    let breach = |(line, rule)| Breach { file: file.to_owned(), line, rule };
    found.into_iter().map(breach).collect()
}

/// `src/store/sql/mod.rs` is `store::sql`; `src/lib.rs` and `src/main.rs` are the root.
fn module_of(file: &Path) -> Vec<String> {
    let below = file.strip_prefix("src").unwrap();
    let folders = below.parent().into_iter().flat_map(Path::iter);
    let mut module: Vec<String> = folders.map(|name| name.to_str().unwrap().to_owned()).collect();
    if !matches!(stem(file).as_str(), "lib" | "main" | "mod") {
        module.push(stem(file));
    }
    module
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap().to_str().unwrap().to_owned()
}

fn broken_rule(used: &Used, room: &str) -> Option<String> {
    let by = [room].into_iter().chain(used.by.iter().skip(1).map(String::as_str));
    let by = by.collect::<Vec<_>>().join("::");
    match &used.what {
        Target::Here(path) => {
            let Some((_, may_use)) = ROOMS.iter().find(|(name, _)| *name == room) else {
                return Some(format!("{room} is missing in the table of rooms"));
            };
            let used = path.first().map_or("*", String::as_str);
            let is_allowed = used == room || may_use.contains(&used) || *may_use == ALL;
            (!is_allowed).then(|| format!("{by} uses {used}, but {room} may use {}", listed(may_use)))
        }
        Target::Elsewhere(library) => {
            let (_, places) = LIBRARIES.iter().find(|(name, _)| name == library)?;
            let is_in = |place: &&str| by == *place || by.starts_with(&format!("{place}::"));
            let is_allowed = places.iter().any(is_in);
            (!is_allowed).then(|| format!("{by} uses {library}, which only {} may", listed(places)))
        }
    }
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// A file, what stands in it, and how the one rule begins that it breaks.
const BREACHES: &str = r#"
chat/mod.rs       use crate::http::Routes;                                      !! chat uses http
chat/mod.rs       use super::http::Routes;                                      !! chat uses http
chat/send.rs      use super::super::{domain::ids::UserId, feed};                !! chat::send uses feed
chat/send.rs      use crate::{domain::{ids, page}, graphql as face};            !! chat::send uses graphql
chat/send.rs      fn f() -> crate::http::Form { todo!() }                       !! chat::send uses http
chat/send.rs      fn f() { crate::feed::Hub::<u8>::new(); }                     !! chat::send uses feed
chat/send.rs      fn f() { info!(at = ?crate::app::name(), "x"); }              !! chat::send uses app
chat/send.rs      macro_rules! m { () => { use $crate::{feed::x}; } }           !! chat::send uses feed
chat/send.rs      mod tests { use super::super::super::feed; }                  !! chat::send::tests uses feed
chat/send.rs      mod tests { use super::super::super::*; }                     !! chat::send::tests uses *
chat/send.rs      #[serde(with = "crate::graphql::text")] struct S;             !! chat::send uses graphql
chat/send.rs      use crate::*;                                                 !! chat::send uses *
store/log.rs      use crate::bus::Bus;                                          !! store::log uses bus
bus/mod.rs        use crate::store::Probe;                                      !! bus uses store
domain/ids.rs     use natterjack::chat::Chat;                                   !! domain::ids uses chat
error.rs          use crate::domain::ids;                                       !! error uses domain
http/mod.rs       use crate::config::Config;                                    !! http uses config
config.rs         use crate::app::App;                                          !! config uses app
cellar/mod.rs     use crate::error::Error;                                      !! cellar is missing
chat/mod.rs       use crate::cellar::Wine;                                      !! chat uses cellar
domain/ids.rs     use sea_orm::DbErr;                                           !! domain::ids uses sea_orm
store/accounts.rs use sea_orm::DbErr;                                           !! store::accounts uses sea_orm
store/sqlite.rs   use sea_orm::DbErr;                                           !! store::sqlite uses sea_orm
store/mongo/a.rs  fn f(e: ::sea_orm::DbErr) {}                                  !! store::mongo::a uses sea_orm
store/sql/log.rs  use mongodb::Client;                                          !! store::sql::log uses mongodb
domain/page.rs    #[derive(Clone, async_graphql::Enum)] enum E {}               !! domain::page uses async_graphql
domain/page.rs    #[serde(serialize_with = "bson::x")] struct S;                !! domain::page uses bson
chat/mod.rs       use async_nats;                                               !! chat uses async_nats
chat/mod.rs       extern crate axum as web;                                     !! chat uses axum
graphql/mod.rs    use {axum::Router, std::fmt};                                 !! graphql uses axum
graphql/mod.rs    fn f() { select! { x = axum::serve() => {} } }                !! graphql uses axum
graphql/mod.rs    fn f() -> Vec<tower_http::Layer> {}                           !! graphql uses tower_http
http/token.rs     use jsonwebtoken::decode;                                     !! http::token uses jsonwebtoken
chat/mod.rs       use prometheus_client::registry::Registry;                   !! chat uses prometheus_client
store/sql/a.rs    use opentelemetry::Key;                                       !! store::sql::a uses opentelemetry
measures/mod.rs   use crate::chat::Chat;                                        !! measures uses chat
feed/mod.rs       use argon2::Argon2;                                           !! feed uses argon2
push.rs           use hyper::Request;                                           !! push uses hyper
chat/codes.rs     use lettre::Message;                                          !! chat::codes uses lettre
webhook/mod.rs    use crate::chat::Chat;                                        !! webhook uses chat
app.rs            use clap::Parser;                                             !! app uses clap
"#;

/// A file and what may stand in it.
const NO_BREACHES: &str = r#"
app.rs            use crate::{chat, config, http, store::sql};
main.rs           use natterjack::{app, config}; mod tests { use super::*; }
lib.rs            pub mod bus; pub mod domain; pub use error::Error;
config.rs         use crate::domain::rules;
chat/mod.rs       pub(crate) mod send; pub(super) fn f() {} mod tests { use super::*; }
chat/mod.rs       /** [`crate::http::x`] */ fn f() { log("crate::http::x") /* axum::x */ }
chat/send.rs      use super::access; use self::inner::X; use crate::{bus::Bus, store};
http/ws.rs        use async_graphql::Schema; use axum::{Router, serve as run};
store/sql/a.rs    use sea_orm::{DbErr, entity::prelude::*};
store/sql.rs      use sea_orm::DbErr;
bus/nats/mod.rs   use async_nats::Client;
main.rs           use clap::Parser;
chat/tokens.rs    use argon2::Argon2; use jsonwebtoken::decode;
domain/ids.rs     fn f(axum: u8) { let clap = self.axum; clap.mongodb::<u8>(); }
"#;

fn snippets(text: &str) -> impl Iterator<Item = (PathBuf, &str)> {
    let lines = text.lines().filter(|line| !line.is_empty());
    lines.map(|line| {
        let (file, source) = line.split_once(' ').unwrap();
        (Path::new("src").join(file), source)
    })
}

#[test]
fn a_breach_is_found_wherever_it_stands() {
    for (file, line) in snippets(BREACHES) {
        let (source, expected) = line.split_once(" !! ").unwrap();
        let found = breaches(&file, source);
        let [breach] = found.as_slice() else {
            panic!("{line}: {} breaches", found.len());
        };
        assert!(breach.rule.starts_with(expected), "{line}: {breach}");
    }
}

#[test]
fn what_the_rules_allow_is_no_breach() {
    for (file, source) in snippets(NO_BREACHES) {
        let found = breaches(&file, source);
        assert!(found.is_empty(), "{source}: {}", found[0]);
    }
}

#[test]
fn a_breach_names_its_file_and_line() {
    let source = "use std::fmt;\n\nuse crate::{\n    domain::ids,\n    http::Routes,\n};\n";
    let breaches = breaches(Path::new("src/chat/mod.rs"), source);
    let [breach] = breaches.as_slice() else {
        panic!("{} breaches", breaches.len());
    };
    let expected = "src/chat/mod.rs:5: chat uses http, but chat may use error, measures, domain, store, bus";
    assert_eq!(breach.to_string(), expected);
}
