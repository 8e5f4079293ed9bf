//! What the server does, seen from outside: the real binary, over real HTTP and real sockets. Each story runs unchanged
//! on every combination of stores, and the snapshots are the same for all.

#![cfg(test)]

#[path = "../support/mod.rs"]
mod support;

mod access;
mod accounts;
mod admin;
mod ambience;
mod amendments;
mod bad_tokens;
mod blocks;
mod carriers;
mod clients;
mod codes;
mod contacts;
mod contents;
mod conversations;
mod departures;
mod documents;
mod events;
mod fuzz;
mod groups;
mod heartbeat;
mod histories;
mod history;
mod import;
mod issuers;
mod keys;
mod limits;
mod lists;
mod memberships;
mod messages;
mod nodes;
mod notifications;
mod operator;
mod pages;
mod passwords;
mod people;
mod presence;
mod profiles;
mod push;
mod rates;
mod reactions;
mod receipts;
mod restore;
mod rings;
mod rooms;
mod round_trips;
mod search;
mod session;
mod session_ends;
mod sessions;
mod settings;
mod sharing;
mod signins;
mod size;
mod streams;
mod subscriptions;
mod talk;
mod typing;
mod usernames;

/// Compares a response with its snapshot, in which ids, times and tokens are replaced by their kinds.
macro_rules! assert_shown {
    ($name:literal, $value:expr) => {{
        let value = $value;
        let mut settings = insta::Settings::clone_current();
        settings.add_filter(r"\b(usr|cnv|msg|ses|mbr|ntf)_[0-9a-f]{32,64}", "[$1]");
        settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "[time]");
        settings.add_filter(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "[jwt]");
        settings.add_filter(r#""refreshToken": "[\w-]{86}""#, r#""refreshToken": "[token]""#);
        settings.bind(|| insta::assert_json_snapshot!($name, value));
    }};
}
use assert_shown;
