//! What the store traits promise, tried on each implementation.

#![cfg(test)]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod bus;
mod conversations;
mod log;
mod marks;
mod mongo;
mod moves;
mod nodes;
mod server;
mod sessions;

/// Makes each of these functions a test on SQLite, `sqlite::…`, and on Postgres, `postgres::…`. They take a
/// [`TestSql`](support::stores::TestSql).
macro_rules! on_each_sql {
    ($($fact:ident)+) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $fact() {
                super::$fact(crate::support::stores::sqlite().await).await;
            })+
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $fact() {
                if let Some(sql) = crate::support::stores::postgres().await {
                    super::$fact(sql).await;
                }
            })+
        }
    };
}
use on_each_sql;
