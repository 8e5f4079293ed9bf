//! Many people at once: their accounts are made in the store, with passwords that cost nothing to check, and they sign
//! in through the API.

use crate::support::backend::{Backend, Node};
use crate::support::client::{Client, PASSWORD, Person};
use crate::support::make;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
use futures_util::stream::{self, StreamExt as _};
use natterjack::domain::user::{NewAccount, TokenHash};
use natterjack::store::Accounts as _;
use natterjack::store::accounts::Registered;
use natterjack::store::sql::{Sql, SqlOptions};
use serde_json::{Value, json};

/// How many calls are under way at once while things are prepared.
const AT_ONCE: usize = 32;

/// That many people, signed in. The names are made of `prefix` and their numbers.
pub(crate) async fn people(backend: &Backend, node: &Node, prefix: &str, count: usize) -> Vec<Person> {
    let store = Sql::connect(&backend.database_url(), &SqlOptions::default()).await.unwrap();
    let hash = cheap_hash();
    let client = Client::new(node);
    let people = (0..count).map(|n| {
        let (store, hash, client) = (&store, &hash, &client);
        async move {
            let name = format!("{prefix}{n}");
            let account = NewAccount { password_hash: hash.clone(), ..make::account(&name) };
            let session = make::session(account.id);
            let registered = store.register(&account, &session, TokenHash(rand::random())).await.unwrap();
            assert_eq!(registered, Registered::Done);
            sign_in(client, &name).await
        }
    });
    in_order(people).await
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
