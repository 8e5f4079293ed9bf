//! The SQL databases' shape, version by version: each version is a file, which does not change once it was released.
//!
//! The same versions make a Postgres and a SQLite database. They only go forward: a mistake is mended by the next
//! version. Who applies them, and that only one node does so at a time, is the store's affair.

mod m0001_people;
mod m0002_conversations;
mod m0003_log;
mod m0004_server;
mod m0005_versions;
mod m0006_nodes;
mod m0007_groups;
mod m0008_notices;
mod m0009_messages;
mod m0010_words;
mod m0012_suspensions;
mod m0013_presence;
mod m0014_profiles;
mod m0015_notifications;
mod m0016_pushes;
mod m0017_codes;
mod m0018_usernames;
mod m0019_departed;
mod m0020_attempts;
mod m0021_identities;
mod shape;

use sea_orm_migration::{MigrationTrait, async_trait};

pub use sea_orm_migration::MigratorTrait;

/// All versions, the oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_people::Migration),
            Box::new(m0002_conversations::Migration),
            Box::new(m0003_log::Migration),
            Box::new(m0004_server::Migration),
            Box::new(m0005_versions::Migration),
            Box::new(m0006_nodes::Migration),
            Box::new(m0007_groups::Migration),
            Box::new(m0008_notices::Migration),
            Box::new(m0009_messages::Migration),
            Box::new(m0010_words::Migration),
            Box::new(m0012_suspensions::Migration),
            Box::new(m0013_presence::Migration),
            Box::new(m0014_profiles::Migration),
            Box::new(m0015_notifications::Migration),
            Box::new(m0016_pushes::Migration),
            Box::new(m0017_codes::Migration),
            Box::new(m0018_usernames::Migration),
            Box::new(m0019_departed::Migration),
            Box::new(m0020_attempts::Migration),
            Box::new(m0021_identities::Migration),
        ]
    }
}
