//! The keys that the server signs with: what others may know of them, and how they are changed while people go on.

use crate::support::backend::{Backend, Node, on_every_backend};
use crate::support::client::{Client, Person};
use crate::support::jwt::{RSA_OWN, RSA_WEAK, TestKey, claims_of};
use crate::support::socket::{PATIENCE, Socket};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};
use tokio::time::timeout;

on_every_backend! {
    keys_are_changed_over_two_nodes_and_nobody_is_signed_out
    a_secret_is_given_up_for_a_key_and_nobody_is_signed_out
}

/// A file with that key, and its path.
fn file(backend: &Backend, name: &str, pem: &str) -> String {
    std::fs::create_dir_all(backend.data_folder()).unwrap();
    let file = backend.data_folder().join(name);
    std::fs::write(&file, pem).unwrap();
    file.display().to_string()
}

async fn is_in(client: &Client) -> bool {
    let response = client.run("{ viewer { id } }", json!({})).await;
    assert!(response["data"]["viewer"].is_object() || response["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED");
    response["data"]["viewer"].is_object()
}

/// The same person with the tokens that this node now gives.
async fn refreshed(person: &Person, node: &Node) -> Person {
    let query = "mutation($token: String!) { refreshSession(input: { refreshToken: $token }) {
        tokens { accessToken refreshToken } errors { code } } }";
    let mut payload = Client::new(node).field("refreshSession", query, json!({ "token": person.refresh_token })).await;
    assert_eq!(payload["errors"], json!([]));
    let text = |value: Value| value.as_str().unwrap().to_owned();
    Person {
        client: Client::new(node).with_token(&text(payload["tokens"]["accessToken"].take())),
        refresh_token: text(payload["tokens"]["refreshToken"].take()),
        ..person.clone()
    }
}

fn signer(person: &Person) -> (String, Option<String>) {
    let header = jsonwebtoken::decode_header(person.client.token.as_ref().unwrap()).unwrap();
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    (format!("{:?}", header.alg), header.kid)
}

/// Two nodes are taken through these settings, one after the other, while Ada goes on; each time her new tokens bear that
/// algorithm. Returns her first token, and a node with the last setting.
async fn change(backend: &mut Backend, steps: &[(&str, &str)]) -> (String, Node, Person) {
    backend.set("NATTERJACK_JWT_KEYS", steps[0].0);
    let mut nodes = vec![backend.node().await, backend.node().await];
    let mut ada = Person::register(&nodes[0], "ada").await;
    let first = ada.client.token.clone().unwrap();
    for (setting, algorithm) in &steps[1..] {
        backend.set("NATTERJACK_JWT_KEYS", *setting);
        for restarted in 0..nodes.len() {
            nodes.remove(0);
            nodes.push(backend.node().await);
            for node in &nodes {
                assert!(is_in(&ada.at(node).client).await, "{setting}, {restarted} before");
                Socket::of(&ada.at(node)).await;
            }
            // A new token of either node counts on both.
            for node in &nodes {
                ada = refreshed(&ada, node).await;
                for node in &nodes {
                    assert!(is_in(&ada.at(node).client).await, "{setting}, {restarted} before");
                }
            }
        }
        assert_eq!(signer(&ada).0, *algorithm, "{setting}");
    }
    let node = nodes.remove(0);
    let ada = ada.at(&node);
    (first, node, ada)
}

async fn keys_are_changed_over_two_nodes_and_nobody_is_signed_out(mut backend: Backend) {
    let old = file(&backend, "old.pem", &RSA_OWN);
    let new = file(&backend, "new.pem", &TestKey::ed25519().pem);
    let (both, other_way) = (format!("{old},{new}"), format!("{new},{old}"));
    let steps = [(old.as_str(), "RS256"), (&both, "RS256"), (&other_way, "EdDSA"), (&new, "EdDSA")];
    let (first, _node, ada) = change(&mut backend, &steps).await;
    assert!(!is_in(&ada.client.with_token(&first)).await, "its key is gone");
    assert!(is_in(&ada.client).await);
}

async fn a_secret_is_given_up_for_a_key_and_nobody_is_signed_out(mut backend: Backend) {
    let key = file(&backend, "key.pem", &TestKey::ed25519().pem);
    let (both, other_way) = (format!("secret,{key}"), format!("{key},secret"));
    let steps = [("secret", "HS256"), (&both, "HS256"), (&other_way, "EdDSA"), (&key, "EdDSA")];
    let (first, _node, ada) = change(&mut backend, &steps).await;
    assert!(!is_in(&ada.client.with_token(&first)).await, "the secret is gone");
    assert!(is_in(&ada.client).await);
}

#[tokio::test]
async fn others_check_tokens_by_what_is_published() {
    let backend = Backend::sqlite().await.unwrap();
    let rsa = TestKey::rsa(&RSA_OWN);
    let files = [file(&backend, "a.pem", &rsa.pem), file(&backend, "b.pem", &TestKey::ed25519().pem)].join(",");
    let backend = backend.with("NATTERJACK_JWT_KEYS", format!("{files},secret"));
    let node = backend.node().await;
    let response = reqwest::get(format!("{}/.well-known/jwks.json", node.url)).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/jwk-set+json");
    assert_eq!(response.headers()["cache-control"], "public, max-age=300");
    let text = response.text().await.unwrap();
    let published: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(published["keys"].as_array().unwrap().len(), 2, "the secret is not among them: {published}");
    assert_eq!(published["keys"][0], rsa.public());
    for private in ["\"d\"", "\"k\"", "\"p\"", "\"q\"", "\"oct\""] {
        assert!(!text.contains(private), "{private}");
    }

    let ada = Person::register(&node, "ada").await;
    let (_, id) = signer(&ada);
    let set: JwkSet = serde_json::from_str(&text).unwrap();
    let key = DecodingKey::from_jwk(set.find(&id.unwrap()).unwrap()).unwrap();
    let mut rules = Validation::new(rsa.algorithm);
    rules.set_issuer(&["natterjack"]);
    let token = ada.client.token.as_ref().unwrap();
    rules.set_audience(&[claims_of(token)["aud"].as_str().unwrap()]);
    let checked = jsonwebtoken::decode::<Value>(token, &key, &rules).unwrap();
    assert_eq!(checked.claims["sub"], ada.id.as_str());
}

#[tokio::test]
async fn a_secret_has_nothing_to_publish() {
    for keys in [None, Some("secret")] {
        let backend = Backend::sqlite().await.unwrap();
        let backend = keys.into_iter().fold(backend, |backend, keys| backend.with("NATTERJACK_JWT_KEYS", keys));
        let node = backend.node().await;
        let response = reqwest::get(format!("{}/.well-known/jwks.json", node.url)).await.unwrap();
        assert_eq!(response.status(), 404, "{keys:?}");
    }
}

#[tokio::test]
async fn keys_and_issuers_that_make_no_sense_stop_the_start_with_one_line_that_names_them() {
    const KEYS: &str = "NATTERJACK_JWT_KEYS";
    const ISSUERS: &str = "NATTERJACK_ISSUERS";
    let backend = Backend::sqlite().await.unwrap();
    let good = file(&backend, "good.pem", &RSA_OWN);
    let weak = file(&backend, "weak.pem", &RSA_WEAK);
    let curve = file(&backend, "curve.pem", &TestKey::p256().pem);
    let no_set = file(&backend, "set.json", "nonsense");
    let issuer = |keys: &str, algorithm: &str| {
        json!({ "issuer": "https://id.example.org", "audience": "app", "keys": keys, "algorithms": [algorithm] })
            .to_string()
    };
    let one = issuer("https://id.example.org/jwks.json", "RS256");
    for (variable, value, says) in [
        (KEYS, "/nowhere/key.pem".to_owned(), "/nowhere/key.pem"),
        (KEYS, weak, "weak.pem is an RSA key that has not 2048 to 4096 bits"),
        (KEYS, curve, "curve.pem is no private key"),
        (KEYS, format!("{good},"), "empty"),
        (KEYS, format!("{good},{good}"), "twice"),
        (KEYS, "secret,secret".to_owned(), "twice"),
        (ISSUERS, "nonsense".to_owned(), "nonsense"),
        (ISSUERS, "{}".to_owned(), "missing field"),
        (ISSUERS, one.replace("audience", "audiance"), "audiance"),
        (ISSUERS, format!("[{one},{one}]"), "twice"),
        (ISSUERS, issuer("https://id.example.org/jwks.json", "HS256"), "algorithms"),
        (ISSUERS, issuer("https://id.example.org/jwks.json", "none"), "algorithms"),
        (ISSUERS, issuer("http://id.example.org/jwks.json", "RS256"), "keys"),
        (ISSUERS, issuer("https://ada:secret@id.example.org/jwks.json", "RS256"), "password"),
        (ISSUERS, issuer("/nowhere/set.json", "RS256"), "/nowhere/set.json"),
        (ISSUERS, issuer(&no_set, "RS256"), "no set of keys"),
        (ISSUERS, one.replace("https://id.example.org\"", "natterjack\""), "natterjack"),
    ] {
        let output = timeout(PATIENCE, backend.command("serve").env(variable, &value).output()).await;
        let output = output.unwrap_or_else(|_| panic!("{value} does not stop the start")).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{value}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.contains(variable) && said.contains(says), "{says:?}: {said}");
    }
}
