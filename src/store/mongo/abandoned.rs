//! Transactions of processes that are no more.
//!
//! MongoDB notices neither a process that was killed nor a network that was cut: it keeps the transaction open for a
//! minute and more (`transactionLifetimeLimitSeconds`), and with it the head that was changed, so that nobody could write
//! to that conversation. Who waits too long for a head therefore ends what has been idle for far longer than one
//! process leaves between two statements. A process that was merely slow is told so, and tries again.

use super::connection::APP_NAME;
use crate::error::Result;
use futures_util::TryStreamExt as _;
use mongodb::Client;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::ReadConcern;

/// After how long without a statement a transaction is taken for abandoned.
const IDLE_MICROS: i64 = 1_000_000;

/// Ends the abandoned transactions of this program's processes; how many there were.
pub(super) async fn end(client: &Client) -> Result<usize> {
    let admin = client.database("admin");
    // Every user may see and end its own.
    let find = [
        doc! { "$currentOp": { "allUsers": false, "idleSessions": true } },
        doc! { "$match": {
            "active": false,
            "appName": APP_NAME,
            "transaction.timeInactiveMicros": { "$gt": IDLE_MICROS },
        } },
        doc! { "$project": { "id": "$lsid.id" } },
    ];
    let found = admin.aggregate(find).read_concern(ReadConcern::local()).await?;
    let found: Vec<Document> = found.try_collect().await?;
    let sessions: Vec<_> =
        found.iter().filter_map(|session| session.get("id")).map(|id| Bson::from(doc! { "id": id })).collect();
    let count = sessions.len();
    if count > 0 {
        admin.run_command(doc! { "killSessions": sessions }).await?;
    }
    Ok(count)
}
