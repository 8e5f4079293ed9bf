//! Tokens that let nobody in, on HTTP, on sockets and at sign-in, whichever keys the server has: of each kind the good one is
//! tried first, so that what is refused is refused for what is wrong with it.

use crate::support::backend::{Backend, Node};
use crate::support::client::{Client, Person};
use crate::support::issuer::{self, TestIssuer};
use crate::support::jwt::{RSA_ISSUER, RSA_OWN, TestKey, claims_of, with};
use crate::support::make::now;
use crate::support::socket::Socket;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

/// What all nodes of a test share.
const SECRET: &str = "a secret that all nodes of one test share";
/// The fewest that a table must have.
const FEWEST: usize = 30;

/// A kind of bad token, and one of it.
type Row = (String, String);

#[tokio::test]
async fn no_bad_token_lets_anybody_in_under_a_secret() {
    let own = TestKey::secret(SECRET.as_bytes());
    nobody_gets_in(Backend::sqlite().await.unwrap(), own).await;
}

#[tokio::test]
async fn no_bad_token_lets_anybody_in_under_an_ed25519_key() {
    let own = TestKey::ed25519();
    nobody_gets_in(under_files(&[&own, &TestKey::rsa(&RSA_OWN)]).await, own).await;
}

#[tokio::test]
async fn no_bad_token_lets_anybody_in_under_an_rsa_key() {
    let own = TestKey::rsa(&RSA_OWN);
    nobody_gets_in(under_files(&[&own]).await, own).await;
}

/// A server that signs by the first of these keys.
async fn under_files(keys: &[&TestKey]) -> Backend {
    let backend = Backend::sqlite().await.unwrap();
    std::fs::create_dir_all(backend.data_folder()).unwrap();
    let files: Vec<_> = keys
        .iter()
        .enumerate()
        .map(|(n, key)| {
            let file = backend.data_folder().join(format!("{n}.pem"));
            std::fs::write(&file, &key.pem).unwrap();
            file.display().to_string()
        })
        .collect();
    backend.with("NATTERJACK_JWT_KEYS", files.join(","))
}

/// What the tokens are made with.
struct Forge {
    /// The server's own key, and what it has said of somebody by it.
    own: TestKey,
    own_claims: Value,
    /// The issuer's, of which only RS256 and ES256 are trusted.
    rsa: TestKey,
    p256: TestKey,
    untrusted: TestKey,
    /// Nobody's.
    other: TestKey,
    /// Of a person who is let in.
    ada: Person,
    bob: Person,
}

async fn nobody_gets_in(backend: Backend, own: TestKey) {
    let (rsa, p256, untrusted) = (TestKey::rsa(&RSA_ISSUER), TestKey::p256(), TestKey::ed25519());
    let issuer = TestIssuer::start(&[&rsa, &p256, &untrusted]).await;
    let backend = issuer.trusted_by(backend, &["RS256", "ES256"]);
    let node = backend.node().await;
    let (ada, bob) = (Person::register(&node, "ada").await, Person::register(&node, "bob").await);
    let own_claims = claims_of(ada.client.token.as_ref().unwrap());
    let other = TestKey::ed25519();
    let forge = Forge { own, own_claims, rsa, p256, untrusted, other, ada, bob };

    let good = forge.own.token(&forge.own.head("at+jwt"), &forge.own_claims);
    assert_eq!(viewer(&node, &good).await["data"]["viewer"]["id"], forge.ada.id.as_str());
    for key in [&forge.rsa, &forge.p256] {
        issuer::bearer(&node, &issuer::token(key, "grace")).await;
    }
    let people = people(&node, &forge.ada).await;

    let rows = [forge.own_rows(), forge.claims_rows(), forge.issuers_rows(), forge.mangled_rows()].concat();
    assert!(rows.len() >= FEWEST, "{}", rows.len());
    let mut let_in = Vec::new();
    for (kind, token) in &rows {
        for (way, answer) in [
            ("HTTP", over_http(&node, token).await),
            ("a socket", over_a_socket(&node, token).await),
            ("login", at_sign_in(&node, token).await),
        ] {
            if let Err(answer) = answer {
                let_in.push(format!("{kind}, over {way}: {answer}"));
            }
        }
    }
    assert!(let_in.is_empty(), "of {} kinds of bad tokens:\n{}", rows.len(), let_in.join("\n"));
    assert_eq!(self::people(&node, &forge.ada).await, people, "nobody has come of it");
    assert_eq!(viewer(&node, &good).await["data"]["viewer"]["id"], forge.ada.id.as_str());
}

async fn viewer(node: &Node, token: &str) -> Value {
    Client::new(node).with_token(token).run("{ viewer { id } }", json!({})).await
}

async fn people(node: &Node, person: &Person) -> usize {
    let client = Client::new(node).with_token(person.client.token.as_ref().unwrap());
    let users = client.field("users", "{ users(first: 100) { nodes { id } } }", json!({})).await;
    users["nodes"].as_array().unwrap().len()
}

async fn over_http(node: &Node, token: &str) -> Result<(), String> {
    let response = viewer(node, token).await;
    let is_refused = response["data"]["viewer"].is_null()
        && response["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        && response["errors"].as_array().unwrap().len() == 1;
    if is_refused { Ok(()) } else { Err(response.to_string()) }
}

async fn over_a_socket(node: &Node, token: &str) -> Result<(), String> {
    let mut socket = Socket::open(&Client::new(node)).await;
    socket.send(json!({ "type": "connection_init", "payload": { "token": token } })).await;
    match socket.hear().await {
        Err(gone) if format!("{gone:?}") == "Closed(Some(4403))" => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

async fn at_sign_in(node: &Node, token: &str) -> Result<(), String> {
    let query = "mutation($token: String!) { login(input: { external: { token: $token } }) {
        viewer { id } tokens { accessToken } errors { code field } } }";
    let payload = Client::new(node).field("login", query, json!({ "token": token })).await;
    let refused = json!([{ "code": "WRONG_CREDENTIALS", "field": ["input", "external", "token"] }]);
    if payload == json!({ "viewer": null, "tokens": null, "errors": refused }) {
        Ok(())
    } else {
        Err(payload.to_string())
    }
}

impl Forge {
    /// Signed by the server's own key, or as if.
    fn own_rows(&self) -> Vec<Row> {
        let (own, head, claims) = (&self.own, self.own.head("at+jwt"), &self.own_claims);
        let mut rows = Vec::new();
        let mut row = |kind: String, token: String| rows.push((format!("own: {kind}"), token));
        for (name, value) in [
            ("typ", json!("JWT")),
            ("typ", json!("rt+jwt")),
            ("typ", json!("AT+JWT")),
            ("typ", json!(null)),
            ("kid", json!("../../../../../../dev/null")),
            ("kid", json!("/proc/self/environ")),
            ("kid", json!("' OR '1'='1")),
            ("kid", json!("x' UNION SELECT 'key' --")),
            ("kid", json!("unknown")),
            ("kid", json!("")),
            ("kid", json!(7)),
            ("kid", json!(["a"])),
            ("alg", json!("none")),
            ("alg", json!("None")),
            ("alg", json!("HS384")),
            ("alg", json!("ES256")),
            ("alg", json!("PS256")),
            ("alg", json!(null)),
            ("jwk", self.other.public()),
            ("jku", json!("https://evil.example.org/jwks.json")),
            ("x5u", json!("https://evil.example.org/x5u")),
            ("x5c", json!(["AAAA"])),
            ("crit", json!(["exp"])),
            ("crit", json!([])),
            ("b64", json!(false)),
            ("zip", json!("DEF")),
            ("cty", json!("JWT")),
        ] {
            row(format!("{name} is {value}"), own.token(&with(&head, &json!({ name: value })), claims));
        }
        for key in [&self.other, &self.rsa, &self.p256, &TestKey::secret(&[7; 32]), &TestKey::secret(b"")] {
            row(format!("another's {:?} key", key.algorithm), key.token(&key.head("at+jwt"), claims));
            let claimed = with(&head, &json!({ "alg": key.head("")["alg"] }));
            row(format!("another's {:?} key under ours", key.algorithm), key.token(&claimed, claims));
            row(format!("another's {:?} key as ours", key.algorithm), key.token(&head, claims));
        }
        row("a key that it brings along".to_owned(), {
            let head = with(&self.other.head("at+jwt"), &json!({ "jwk": self.other.public() }));
            self.other.token(&head, claims)
        });
        for (what, secret) in self.public_halves() {
            let key = TestKey::secret(&secret);
            row(format!("HS256 by {what}"), key.token(&key.head("at+jwt"), claims));
            let head = with(&head, &json!({ "alg": "HS256" }));
            row(format!("HS256 by {what}, with our key's id"), key.token(&head, claims));
        }
        if own.algorithm == Algorithm::HS256 {
            for algorithm in [Algorithm::HS384, Algorithm::HS512] {
                let own = own.by(algorithm);
                row(format!("the secret by {algorithm:?}"), own.token(&own.head("at+jwt"), claims));
            }
        } else {
            let secret = TestKey::secret(SECRET.as_bytes());
            row("the secret, which is not in use".to_owned(), secret.token(&secret.head("at+jwt"), claims));
        }
        let (head, claims) = (head.to_string(), claims.to_string());
        row("a claim twice".to_owned(), {
            own.token_of(&head, &claims.replacen('{', &format!("{{\"sub\":\"{}\",", self.bob.id), 1))
        });
        for odd in ["", "null", "[]", "7", "nonsense", "{}", "{\"sub\":"] {
            row(format!("claims are {odd:?}"), own.token_of(&head, odd));
            row(format!("head is {odd:?}"), own.token_of(odd, &claims));
        }
        rows
    }

    /// Signed by the server's own key, of claims that are not the ones it has made.
    fn claims_rows(&self) -> Vec<Row> {
        let (own, head, claims) = (&self.own, self.own.head("at+jwt"), &self.own_claims);
        let now = now().unix_seconds();
        let mut rows = Vec::new();
        let mut row = |kind: String, token: String| rows.push((format!("own: {kind}"), token));
        for (name, value) in [
            ("iss", json!("https://natterjack.example.org")),
            ("iss", json!(issuer::NAME)),
            ("iss", json!("")),
            ("iss", json!(null)),
            ("iss", json!(["natterjack"])),
            ("aud", json!("srv_00000000000000000000000000000000")),
            ("aud", json!(issuer::AUDIENCE)),
            ("aud", json!("")),
            ("aud", json!(null)),
            ("aud", json!([])),
            ("aud", json!([claims["aud"]])),
            ("exp", json!(now - 60)),
            ("exp", json!(0)),
            ("exp", json!(-1)),
            ("exp", json!((now + 600).to_string())),
            ("exp", json!(1_900_000_000.5)),
            ("exp", json!(i64::MAX)),
            ("exp", json!(u64::MAX)),
            ("exp", json!(null)),
            ("nbf", json!(now + 60)),
            ("nbf", json!(null)),
            ("nbf", json!("0")),
            ("iat", json!(null)),
            ("sub", json!(self.bob.id)),
            ("sub", claims["sid"].clone()),
            ("sub", json!("usr_00000000000070008000000000000000")),
            ("sub", json!("ada")),
            ("sub", json!("")),
            ("sub", json!(1)),
            ("sub", json!([claims["sub"]])),
            ("sub", json!(null)),
            ("sid", json!("ses_00000000000070008000000000000000")),
            ("sid", claims["sub"].clone()),
            ("sid", claims_of(self.bob.client.token.as_ref().unwrap())["sid"].clone()),
            ("sid", json!(null)),
            ("padding", json!("x".repeat(100 * 1_024))),
        ] {
            let brief: String = value.to_string().chars().take(60).collect();
            row(format!("{name} is {brief}"), own.token(&head, &with(claims, &json!({ name: value }))));
        }
        rows
    }

    /// What is public of the keys that count here, in every form in which one might take it for a secret.
    fn public_halves(&self) -> Vec<(String, Vec<u8>)> {
        let mut halves = Vec::new();
        for key in [&self.own, &self.rsa, &self.p256] {
            if key.algorithm == Algorithm::HS256 {
                continue;
            }
            let public = key.public();
            let number = public["n"].as_str().or(public["x"].as_str()).unwrap();
            let bytes = URL_SAFE_NO_PAD.decode(number).unwrap();
            let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&bytes));
            let name = |form: &str| format!("the {form} of a public {:?} key", key.algorithm);
            halves.extend([
                (name("JWK"), public.to_string().into_bytes()),
                (name("number"), number.as_bytes().to_vec()),
                (name("bytes"), bytes),
                (name("PEM"), pem.into_bytes()),
                (name("id"), key.id.clone().unwrap().into_bytes()),
            ]);
        }
        halves
    }

    /// Signed by the issuer's keys, or as if.
    fn issuers_rows(&self) -> Vec<Row> {
        let (rsa, head, claims) = (&self.rsa, self.rsa.head("JWT"), issuer::claims("mallory"));
        let now = now().unix_seconds();
        let mut rows = Vec::new();
        let mut row = |kind: String, token: String| rows.push((format!("issuer's: {kind}"), token));
        for (name, value) in [
            ("typ", json!("logout+jwt")),
            ("typ", json!("rt+jwt")),
            ("typ", json!("dpop+jwt")),
            ("typ", json!("")),
            ("kid", json!("../../../../../../dev/null")),
            ("kid", json!("https://evil.example.org/key")),
            ("kid", json!("' OR '1'='1")),
            ("kid", json!("unknown")),
            ("kid", json!("")),
            ("kid", json!(7)),
            ("kid", json!(self.p256.id)),
            ("kid", json!(self.untrusted.id)),
            ("alg", json!("none")),
            ("alg", json!("HS256")),
            ("alg", json!("RS384")),
            ("alg", json!("PS256")),
            ("alg", json!("ES256")),
            ("crit", json!(["exp"])),
            ("zip", json!("DEF")),
            ("enc", json!("A128GCM")),
        ] {
            row(format!("{name} is {value}"), rsa.token(&with(&head, &json!({ name: value })), &claims));
        }
        for (name, value) in [
            ("iss", json!("https://id.example.org/")),
            ("iss", json!("https://evil.example.org")),
            ("iss", json!("natterjack")),
            ("iss", json!([issuer::NAME])),
            ("iss", json!(null)),
            ("aud", json!("another app")),
            ("aud", json!(["another app"])),
            ("aud", self.own_claims["aud"].clone()),
            ("aud", json!("")),
            ("aud", json!([])),
            ("aud", json!(null)),
            ("exp", json!(now - 60)),
            ("exp", json!(-1)),
            ("exp", json!((now + 600).to_string())),
            ("exp", json!(1_900_000_000.5)),
            ("exp", json!(i64::MAX)),
            ("exp", json!(null)),
            ("nbf", json!(now + 600)),
            ("nbf", json!("0")),
            ("iat", json!(now + 600)),
            ("iat", json!("0")),
            ("sub", json!("")),
            ("sub", json!("a\0b")),
            ("sub", json!("a".repeat(256))),
            ("sub", json!(7)),
            ("sub", json!({ "id": "mallory" })),
            ("sub", json!(null)),
            ("cnf", json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" })),
            ("events", json!({ "http://schemas.openid.net/event/backchannel-logout": {} })),
        ] {
            row(format!("{name} is {value}"), rsa.token(&head, &with(&claims, &json!({ name: value }))));
        }
        // Both would count, each by the other's key.
        row("our claims by its key".to_owned(), rsa.token(&rsa.head("at+jwt"), &self.own_claims));
        row("its claims by our key".to_owned(), self.own.token(&self.own.head("at+jwt"), &claims));
        row("its claims by our key, as a JWT".to_owned(), self.own.token(&self.own.head("JWT"), &claims));
        row("a key of its that is not trusted".to_owned(), issuer::token(&self.untrusted, "mallory"));
        row("another's key".to_owned(), issuer::token(&self.other, "mallory"));
        row("RSA by another algorithm".to_owned(), issuer::token(&rsa.by(Algorithm::PS256), "mallory"));
        for key in [&self.other, &self.untrusted, &self.p256] {
            row(format!("{:?} as RS256", key.algorithm), key.token(&head, &claims));
        }
        let embedded = with(&self.other.head("JWT"), &json!({ "jwk": self.other.public(), "kid": rsa.id }));
        row("a key that it brings along".to_owned(), self.other.token(&embedded, &claims));
        for (what, secret) in self.public_halves() {
            let key = TestKey::secret(&secret);
            row(format!("HS256 by {what}"), key.token(&with(&head, &json!({ "alg": "HS256" })), &claims));
        }
        rows
    }

    /// Good ones that something was done to.
    fn mangled_rows(&self) -> Vec<Row> {
        let own = self.own.token(&self.own.head("at+jwt"), &self.own_claims);
        let issuers = issuer::token(&self.p256, "mallory");
        let mut rows = vec![
            ("our refresh token".to_owned(), self.ada.refresh_token.clone()),
            ("dots".to_owned(), "..".to_owned()),
            ("a word".to_owned(), "nonsense".to_owned()),
            ("a header of its own".to_owned(), format!("Bearer {own}")),
        ];
        for (whose, good, stranger) in
            [("own", &own, self.bob.client.token.as_ref().unwrap()), ("issuer's", &issuers, &own)]
        {
            let [head, claims, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
            let [_, their_claims, their_signature] = stranger.split('.').collect::<Vec<_>>().try_into().unwrap();
            for name in ["none", "None", "NONE", "nOnE", "noNe", ""] {
                let none = URL_SAFE_NO_PAD.encode(json!({ "alg": name, "typ": "at+jwt" }).to_string());
                rows.push((format!("{whose}: alg {name:?} without a signature"), format!("{none}.{claims}.")));
                rows.push((format!("{whose}: alg {name:?} with it"), format!("{none}.{claims}.{signature}")));
            }
            let flipped = {
                let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
                bytes[7] ^= 1;
                URL_SAFE_NO_PAD.encode(bytes)
            };
            let zeros = URL_SAFE_NO_PAD.encode(vec![0; URL_SAFE_NO_PAD.decode(signature).unwrap().len()]);
            let middle = claims.len() / 2;
            for (what, token) in [
                ("cut by a character", good[..good.len() - 1].to_owned()),
                ("cut by half its signature", good[..good.len() - signature.len() / 2].to_owned()),
                ("without a signature", format!("{head}.{claims}.")),
                ("without a signature and its dot", format!("{head}.{claims}")),
                ("without a head", format!(".{claims}.{signature}")),
                ("without claims", format!("{head}..{signature}")),
                ("with its claims cut", format!("{head}.{}.{signature}", &claims[..middle])),
                ("doubled", format!("{good}{good}")),
                ("doubled with a dot", format!("{good}.{good}")),
                ("with its signature doubled", format!("{good}{signature}")),
                ("with a dot more", format!("{good}.")),
                ("with a dot before", format!(".{good}")),
                ("with a part more", format!("{head}.{claims}.{signature}.{signature}")),
                ("of five parts", format!("{head}.{claims}.{claims}.{claims}.{signature}")),
                ("with padding", format!("{good}=")),
                ("with a character of the other base64", format!("{head}.{claims}.+{}", &signature[1..])),
                ("with a percent sign", format!("{head}.{claims}.%{}", &signature[1..])),
                ("with a space in it", format!("{head}.{} {}.{signature}", &claims[..middle], &claims[middle..])),
                ("as JSON", json!({ "protected": head, "payload": claims, "signature": signature }).to_string()),
                ("with one bit of its signature flipped", format!("{head}.{claims}.{flipped}")),
                ("with zeros for a signature", format!("{head}.{claims}.{zeros}")),
                ("with another's signature", format!("{head}.{claims}.{their_signature}")),
                ("with another's claims", format!("{head}.{their_claims}.{signature}")),
                ("in capitals", good.to_uppercase()),
            ] {
                rows.push((format!("{whose}: {what}"), token));
            }
        }
        rows
    }
}
