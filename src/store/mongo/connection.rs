//! How MongoDB is reached: what each operation goes by, and what the server must be.

use super::failures::within;
use super::journal;
use crate::error::{Error, Result};
use crate::measures::StoreTimes;
use mongodb::bson::{Document, doc};
use mongodb::error::{Error as DriverError, ErrorKind};
use mongodb::options::{ClientOptions, ReadConcern, ReadPreference, WriteConcern};
use mongodb::{Client, Database};
use std::time::Duration;

/// What an error about the URL is about.
const FIELD: &str = "mongodbUrl";
/// By what the server knows this program's connections.
pub(super) const APP_NAME: &str = "natterjack";
const DEFAULT_DATABASE: &str = "natterjack";
/// How long a server may take to be found, or to take a connection. Clients are to be told of one that is away within 2 s.
const REACH_LIMIT: Duration = Duration::from_millis(1_500);
/// How long a majority may take to have a write on disk, before the server says that it does not know.
const MAJORITY_LIMIT: Duration = Duration::from_secs(4);
/// How long connecting may take, all in all.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Each conversation that is being written to holds one connection at a time, and so does each read.
const MAX_POOL_SIZE: u32 = 64;
const MIN_POOL_SIZE: u32 = 8;
/// Connections that may be opened at once: of the driver's default, two, a sudden load would wait for.
const MAX_CONNECTING: u32 = 8;

/// The database that the URL names, once its server has been found fit.
pub(super) async fn open(url: &str, times: StoreTimes) -> Result<Database> {
    let mut options = options(url).await?;
    options.command_event_handler = Some(journal::noting(times));
    let name = options.default_database.clone().unwrap_or_else(|| DEFAULT_DATABASE.to_owned());
    let client = Client::with_options(options)?;
    within(CONNECT_LIMIT, async {
        check_transactions(&client).await?;
        client.warm_connection_pool().await;
        Ok(client.database(&name))
    })
    .await
}

async fn options(url: &str) -> Result<ClientOptions> {
    let parsed = within(CONNECT_LIMIT, async { Ok(ClientOptions::parse(url).await) }).await?;
    let mut options = parsed.map_err(|error| unparsed(url, error))?;

    options.connect_timeout.get_or_insert(REACH_LIMIT);
    options.server_selection_timeout.get_or_insert(REACH_LIMIT);
    options.max_connecting.get_or_insert(MAX_CONNECTING);
    let max_pool_size = *options.max_pool_size.get_or_insert(MAX_POOL_SIZE);
    options.min_pool_size.get_or_insert(MIN_POOL_SIZE.min(max_pool_size));

    options.app_name = Some(APP_NAME.to_owned());
    options.read_concern = Some(ReadConcern::majority());
    options.selection_criteria = Some(ReadPreference::Primary.into());
    let mut writes = WriteConcern::majority();
    writes.journal = Some(true);
    writes.w_timeout = Some(MAJORITY_LIMIT);
    options.write_concern = Some(writes);
    Ok(options)
}

fn unparsed(url: &str, error: DriverError) -> Error {
    if !matches!(*error.kind, ErrorKind::InvalidArgument { .. }) {
        return error.into();
    }
    // The driver's words may quote a piece of the URL, and so of a password.
    let is_secret = url.contains('@');
    let reason =
        if is_secret { "names and passwords in it must be percent-encoded".to_owned() } else { error.kind.to_string() };
    Error::invalid(FIELD, format!("cannot be read: {reason}"))
}

async fn check_transactions(client: &Client) -> Result<()> {
    let hello = client.database("admin").run_command(doc! { "hello": 1 }).await?;
    if has_transactions(&hello) {
        return Ok(());
    }
    Err(Error::invalid(
        FIELD,
        "leads to a server that is neither a member of a replica set nor a router of a sharded cluster, and so has no \
         transactions; a replica set of one will do: start mongod with --replSet and call rs.initiate() once",
    ))
}

/// Whether one who introduces itself so is a member of a replica set or a router.
fn has_transactions(hello: &Document) -> bool {
    hello.contains_key("setName") || hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[tokio::test]
    async fn the_url_settles_the_pool_and_not_the_durability() {
        let url = "mongodb://localhost/chat?w=1&journal=false&readConcernLevel=local&maxPoolSize=3";
        let options = options(url).await.unwrap();
        assert_eq!(options.default_database.as_deref(), Some("chat"));
        assert_eq!((options.max_pool_size, options.min_pool_size), (Some(3), Some(3)));
        let writes = options.write_concern.unwrap();
        assert_eq!(writes.w, WriteConcern::majority().w);
        assert_eq!(writes.journal, Some(true));
        assert_eq!(options.read_concern, Some(ReadConcern::majority()));
    }

    #[tokio::test]
    async fn a_bad_url_does_not_give_its_password_away() {
        let error = options("mongodb://ada:secret/word@localhost").await.unwrap_err();
        assert_eq!(error.code(), Code::InvalidInput);
        assert!(!error.to_string().contains("secret"), "{error}");
        let error = options("mongodb://localhost/a$b").await.unwrap_err();
        assert!(error.to_string().contains("database name"), "{error}");
    }

    #[test]
    fn a_lone_server_has_no_transactions() {
        assert!(has_transactions(&doc! { "setName": "rs0" }));
        assert!(has_transactions(&doc! { "msg": "isdbgrid" }));
        assert!(!has_transactions(&doc! { "isWritablePrimary": true }));
    }
}
