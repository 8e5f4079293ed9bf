//! The databases that the settings name: opened in whatever order they come up, and brought up to date.

use crate::config::Config;
use crate::error::{Code, Result};
use crate::measures::StoreMeasures;
use crate::store::mongo::MongoLog;
use crate::store::sql::{Sql, SqlOptions};
use crate::store::{LogStore, Probe};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tracing::warn;

/// How long to wait before a store that does not answer yet is asked again.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// The open databases.
pub(super) struct Stores {
    pub(super) sql: Sql,
    mongo: Option<MongoLog>,
}

impl Stores {
    /// Opens the databases, waiting for those that do not answer yet as long as the settings say.
    pub(super) async fn open(config: &Config, measures: &StoreMeasures) -> Result<Self> {
        let url = match &config.database_url {
            Some(url) => url.as_str().to_owned(),
            None => format!("sqlite://{}", config.data_dir.join("natterjack.db").display()),
        };
        let options = SqlOptions { measures: measures.clone(), ..SqlOptions::default() };
        let limit = config.store_wait;
        let sql = patiently("DATABASE_URL (--database-url)", limit, || Sql::connect(&url, &options));
        let mongo = async {
            let Some(url) = &config.mongodb_url else { return Ok(None) };
            patiently("MONGODB_URL (--mongodb-url)", limit, || MongoLog::connect(url.as_str(), measures))
                .await
                .map(Some)
        };
        let (sql, mongo) = tokio::try_join!(sql, mongo)?;
        Ok(Self { sql, mongo })
    }

    /// Brings them up to date. Several nodes may do so at once.
    pub(super) async fn migrate(&self) -> Result<()> {
        self.sql.migrate().await?;
        match &self.mongo {
            Some(mongo) => mongo.migrate().await,
            None => Ok(()),
        }
    }

    pub(super) fn log(&self) -> Arc<dyn LogStore> {
        match &self.mongo {
            Some(mongo) => Arc::new(mongo.clone()),
            None => Arc::new(self.sql.clone()),
        }
    }

    pub(super) fn probes(&self) -> Vec<Arc<dyn Probe>> {
        let sql: Arc<dyn Probe> = Arc::new(self.sql.clone());
        let mongo = self.mongo.clone().map(|mongo| Arc::new(mongo) as Arc<dyn Probe>);
        std::iter::once(sql).chain(mongo).collect()
    }

    /// Closes the connections. Nothing may be asked afterwards.
    pub(super) async fn close(&self) -> Result<()> {
        self.sql.close().await
    }
}

/// Tries until it goes well, until it fails for another reason than a store that does not answer, or until the time is
/// up. A failure names the setting.
async fn patiently<T, F>(setting: &'static str, limit: Duration, attempt: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let deadline = Instant::now() + limit;
    loop {
        match attempt().await {
            Err(error) if error.code() == Code::Unavailable && Instant::now() + RETRY_PAUSE < deadline => {
                warn!(setting, %error, "does not answer yet, asked again shortly");
                sleep(RETRY_PAUSE).await;
            }
            Err(error) => return Err(super::named(setting, error)),
            Ok(open) => return Ok(open),
        }
    }
}
