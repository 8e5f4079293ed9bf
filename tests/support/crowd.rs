//! Many people at once: their accounts are made in the database, with passwords that cost nothing to check, and they sign
//! in through the API.

use super::backend::{Backend, Node};
use super::client::{Client, PASSWORD, Person};
use super::make;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
use futures_util::stream::{self, StreamExt as _};
use natterjack::domain::ids::UserId;
use sea_orm::ConnectionTrait as _;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::sea_query::{Expr, Query};
use serde_json::{Value, json};

/// How many calls are under way at once while things are prepared.
const AT_ONCE: usize = 32;

/// Rows that one statement inserts.
const BATCH: usize = 500;

/// That many people, signed in. The names are made of `prefix` and their numbers.
pub(crate) async fn people(backend: &Backend, node: &Node, prefix: &str, count: usize) -> Vec<Person> {
    accounts(backend, prefix, count).await;
    let client = Client::new(node);
    let names: Vec<_> = (0..count).map(|n| format!("{prefix}{n}")).collect();
    in_order(names.iter().map(|name| sign_in(&client, name))).await
}

/// The ids of that many people, who have accounts and have not signed in.
pub(crate) async fn accounts(backend: &Backend, prefix: &str, count: usize) -> Vec<String> {
    let hash = cheap_hash();
    let ids: Vec<_> = (0..count).map(|_| UserId::new(make::now())).collect();
    let raw = backend.raw().await;
    for batch in ids.iter().enumerate().collect::<Vec<_>>().chunks(BATCH) {
        let mut insert = Query::insert();
        insert.into_table("users");
        insert.columns(["id", "username", "username_key", "name_key", "password_hash", "created_at"]);
        for (n, id) in batch {
            let [name, created_at] = [format!("{prefix}{n}").into(), DateTimeUtc::from(make::at(0)).into()];
            insert.values_panic([
                id.uuid().into(),
                Expr::clone(&name),
                name.clone(),
                name,
                (&*hash).into(),
                created_at,
            ]);
        }
        raw.execute(&insert).await.unwrap();
    }
    raw.close().await.unwrap();
    ids.iter().map(ToString::to_string).collect()
}

/// The results, in their order, of what is done by so many at once.
pub(crate) async fn in_order<T>(work: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    stream::iter(work).buffered(AT_ONCE).collect().await
}

async fn sign_in(client: &Client, username: &str) -> Person {
    let query = "mutation($input: LoginInput!) { login(input: $input) {
        viewer { id } tokens { accessToken refreshToken } errors { message } } }";
    let input = json!({ "password": { "login": username, "password": PASSWORD } });
    let payload = client.field("login", query, json!({ "input": input })).await;
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{payload}")).to_owned();
    Person {
        client: client.with_token(&text(&payload["tokens"]["accessToken"])),
        id: text(&payload["viewer"]["id"]),
        refresh_token: text(&payload["tokens"]["refreshToken"]),
    }
}

fn cheap_hash() -> String {
    let params = Params::new(Params::MIN_M_COST, 1, 1, None).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password(PASSWORD.as_bytes()).unwrap().to_string()
}
