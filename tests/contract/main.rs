//! What the store traits promise, tried on each implementation.

#![cfg(test)]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod attempts;
mod blocks;
mod bus;
mod codes;
mod conversations;
mod crowds;
mod departed;
mod groups;
mod groups_at_once;
mod identities;
mod log;
mod marks;
mod migrations;
mod mongo;
mod moves;
mod moving;
mod nodes;
mod notifications;
mod outbox;
mod presence;
mod public_groups;
mod pushes;
mod reports;
mod server;
mod sessions;
mod usernames;
mod words;

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
