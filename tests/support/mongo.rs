//! Databases of MongoDB for tests: a new one for each, gone at its end.

use super::stores::{blocking, is_leftover, new_name, url_of};
use mongodb::{Client, Database};
use natterjack::measures::StoreMeasures;
use natterjack::store::mongo::MongoLog;
use std::ops::Deref;
use std::sync::Once;

/// A message log in a database of which a test is the only user.
pub(crate) struct TestMongo {
    log: MongoLog,
    url: String,
    _database: Temporary,
}

impl TestMongo {
    /// One more handle on the same database, as another node's.
    pub(crate) async fn open_again(&self) -> MongoLog {
        MongoLog::connect(&self.url, &StoreMeasures::default()).await.unwrap()
    }

    /// Where the database is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The database itself, for what no store does.
    pub(crate) async fn raw(&self) -> Database {
        Client::with_uri_str(&self.url).await.unwrap().default_database().unwrap()
    }
}

impl Deref for TestMongo {
    type Target = MongoLog;

    fn deref(&self) -> &MongoLog {
        &self.log
    }
}

/// A database with its indexes, where `TEST_MONGODB_URL` leads to one.
pub(crate) async fn mongodb() -> Option<TestMongo> {
    let mongo = empty().await?;
    mongo.migrate().await.unwrap();
    Some(mongo)
}

/// A database without anything.
pub(crate) async fn empty() -> Option<TestMongo> {
    Some(empty_on(url_of("TEST_MONGODB_URL")?).await)
}

/// The same on that server.
pub(crate) async fn empty_on(server: String) -> TestMongo {
    sweep(&server);
    let name = new_name();
    let url = url_of_database(&server, &name);
    TestMongo {
        log: MongoLog::connect(&url, &StoreMeasures::default()).await.unwrap(),
        url,
        _database: Temporary { server, name },
    }
}

/// By hand: an address of MongoDB may name several hosts, and so is no URL.
fn url_of_database(server: &str, name: &str) -> String {
    let (place, options) = server.split_once('?').unwrap_or((server, ""));
    let (scheme, hosts) = place.split_once("://").unwrap();
    let hosts = hosts.split('/').next().unwrap();
    format!("{scheme}://{hosts}/{name}?{options}")
}

struct Temporary {
    server: String,
    name: String,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        blocking(async move {
            let client = Client::with_uri_str(&server).await.unwrap();
            client.database(&name).drop().await.unwrap();
        });
    }
}

/// Once in each test binary, removes what tests that were killed have left.
fn sweep(server: &str) {
    static ONCE: Once = Once::new();
    let server = server.to_owned();
    ONCE.call_once(|| {
        blocking(async move {
            let client = Client::with_uri_str(&server).await.unwrap();
            let names = client.list_database_names().await.unwrap();
            for name in names.iter().filter(|name| is_leftover(name)) {
                client.database(name).drop().await.unwrap();
            }
        });
    });
}
