//! Moving a user table in: `natterjack import-users`.

use crate::support::backend::{Backend, on_every_backend};
use crate::support::client::{Client, PASSWORD, Person};
use sea_orm::ConnectionTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Output, Stdio};
use tokio::io::AsyncWriteExt as _;

on_every_backend! {
    a_user_table_is_moved_in_line_by_line
    what_is_moved_in_is_moved_in_once
    a_dry_run_tells_and_does_nothing
    contacts_are_moved_in_proven_or_not
    hashes_of_older_systems_are_taken_and_renewed
    a_password_that_was_changed_meanwhile_stays_changed
    the_most_common_passwords_are_refused
}

/// argon2id as natterjack makes it, of `correct horse battery`.
const CURRENT: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

struct Table(PathBuf);

impl Table {
    fn of(backend: &Backend, name: &str, text: &str) -> Self {
        let path = backend.data_folder().with_file_name(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

async fn import(backend: &Backend, table: &Table, options: &[&str]) -> Output {
    backend.command("import-users").arg(&table.0).args(options).output().await.unwrap()
}

/// What it says, and whether all went well.
fn said(output: &Output) -> (String, bool) {
    (String::from_utf8(output.stdout.clone()).unwrap(), output.status.success())
}

fn bcrypt(password: &str) -> String {
    bcrypt::hash(password, 4).unwrap()
}

async fn login(client: &Client, login: &str, password: &str) -> Value {
    let query = "mutation($login: String!, $password: String!) {
        login(input: { password: { login: $login, password: $password } }) {
            viewer { id email user { username displayName avatarUrl createdAt } } errors { code } } }";
    client.field("login", query, json!({ "login": login, "password": password })).await
}

async fn stored_hash(backend: &Backend, username: &str) -> String {
    let raw = backend.raw().await;
    let select =
        Query::select().column("password_hash").from("users").and_where(Expr::col("username_key").eq(username)).take();
    let hash = raw.query_one(&select).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    raw.close().await.unwrap();
    hash
}

async fn a_user_table_is_moved_in_line_by_line(backend: Backend) {
    let node = backend.node().await;
    Person::register(&node, "taken").await;
    let hash = bcrypt(PASSWORD);
    let table = format!(
        "id,username,email,display_name,avatar_url,password_hash,created_at\r\n\
         1,ada,Ada@Example.org,\"Lovelace, Ada\",https://example.org/ada.png,{hash},2020-01-02T03:04:05Z\r\n\
         2,a b,,,,{hash},\r\n\
         3,bob,,,,5f4dcc3b5aa765d61d8327deb882cf99,\r\n\
         4,,,,,{hash},\r\n\
         5,TAKEN,,,,{hash},\r\n\
         6,ADA,,,,{hash},\r\n\
         1,eve,,,,{hash},\r\n\
         8,eve,,,,{hash}\r\n\
         9,eve,eve@example.org,,,{hash},\r\n"
    );
    let ids = backend.data_folder().with_file_name("ids.csv");
    let table = Table::of(&backend, "users.csv", &table);
    let output = import(&backend, &table, &["--ids", ids.to_str().unwrap()]).await;
    let (told, is_well) = said(&output);
    insta::assert_snapshot!("moved_in", told);
    assert!(!is_well, "some lines were refused");
    let client = Client::new(&node);
    let ada = login(&client, "ada", PASSWORD).await;
    assert_eq!(
        ada["viewer"]["user"],
        json!({
            "username": "ada", "displayName": "Lovelace, Ada", "avatarUrl": "https://example.org/ada.png",
            "createdAt": "2020-01-02T03:04:05.000Z",
        })
    );
    let eve = login(&client, "eve@example.org", PASSWORD).await;
    let id = |payload: &Value| payload["viewer"]["id"].as_str().unwrap().to_owned();
    let ids = std::fs::read_to_string(ids).unwrap();
    assert_eq!(ids, format!("id,userId\n1,{}\n9,{}\n", id(&ada), id(&eve)));
}

async fn what_is_moved_in_is_moved_in_once(backend: Backend) {
    let node = backend.node().await;
    let client = Client::new(&node);
    let people = |count| {
        let line =
            |n| json!({ "id": n, "username": format!("person-{n}"), "passwordHash": bcrypt(PASSWORD) }).to_string();
        (0..count).map(line).collect::<Vec<_>>().join("\n")
    };
    let (told, is_well) = said(&import(&backend, &Table::of(&backend, "users.jsonl", &people(600)), &[]).await);
    assert_eq!((told.as_str(), is_well), ("moved in: 600; moved in before: 0; refused: 0\n", true));
    assert!(login(&client, "person-599", PASSWORD).await["viewer"]["id"].is_string());
    // From standard input, and with some more.
    let mut command = backend.command("import-users");
    let mut again = command.arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = again.stdin.take().unwrap();
    input.write_all(people(603).as_bytes()).await.unwrap();
    drop(input);
    let (told, is_well) = said(&again.wait_with_output().await.unwrap());
    assert_eq!((told.as_str(), is_well), ("moved in: 3; moved in before: 600; refused: 0\n", true));
}

async fn a_dry_run_tells_and_does_nothing(backend: Backend) {
    let node = backend.node().await;
    let table = format!("username,password_hash\nada,{0}\nada,{0}\nb,{0}\n", bcrypt(PASSWORD));
    let table = Table::of(&backend, "users.csv", &table);
    for _ in 0..2 {
        let (told, is_well) = said(&import(&backend, &table, &["--dry-run"]).await);
        assert!(told.ends_with("would be moved in: 1; moved in before: 0; refused: 2\n"), "{told}");
        assert!(!is_well);
    }
    assert_eq!(login(&Client::new(&node), "ada", PASSWORD).await["errors"][0]["code"], "WRONG_CREDENTIALS");
}

async fn contacts_are_moved_in_proven_or_not(backend: Backend) {
    let backend = backend.with("NATTERJACK_CODE_DELIVERY", "echo");
    let node = backend.node().await;
    let client = Client::new(&node);
    let hash = bcrypt(PASSWORD);
    let table = format!(
        "mobile_number,email,contacts_proven,password_hash\n+49 (1512) 345-678,ada@example.org,true,{hash}\n\
         +49 1512 345679,,false,{hash}\n+49 1512 345680,,true,\n+491512345678,,,{hash}\n"
    );
    let (told, _) = said(&import(&backend, &Table::of(&backend, "users.csv", &table), &[]).await);
    assert_eq!(told, "line 5: mobileNumber is that of line 2 too\nmoved in: 3; moved in before: 0; refused: 1\n");
    let query = "mutation($login: String!, $password: String!) {
        login(input: { password: { login: $login, password: $password } }) {
            viewer { mobileNumber isMobileNumberVerified email isEmailVerified } errors { code } } }";
    let login = async |login: &str| {
        client.field("login", query, json!({ "login": login, "password": PASSWORD })).await["viewer"].clone()
    };
    let ada = login("+491512345678").await;
    assert_eq!((&ada["isMobileNumberVerified"], &ada["isEmailVerified"]), (&json!(true), &json!(true)), "{ada}");
    assert_eq!(login("+491512345679").await["isMobileNumberVerified"], false);
    // Who has no password signs in by a code, and is who they were.
    let to = json!({ "mobileNumber": "+491512345680" });
    let request = "mutation($to: CodeRecipient!) { requestLoginCode(input: { to: $to }) { code errors { code } } }";
    let code = client.field("requestLoginCode", request, json!({ "to": to })).await["code"].clone();
    let by_code = "mutation($to: CodeRecipient!, $code: String!) {
        login(input: { code: { to: $to, code: $code } }) { isNewAccount errors { code } } }";
    let signed_in = client.field("login", by_code, json!({ "to": to, "code": code })).await;
    assert_eq!(signed_in, json!({ "isNewAccount": false, "errors": [] }));
}

async fn hashes_of_older_systems_are_taken_and_renewed(backend: Backend) {
    let node = backend.node().await;
    let client = Client::new(&node);
    // Of `password`, as passlib and as argon2 with the least parameters make it; and by bcrypt in all its spellings.
    let hashes = [
        "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2".to_owned(),
        "$bcrypt-sha256$2a,12$LrmaIX5x4TRtAwEfwJZa1.$2ehnw6LvuIUTM0iz4iz9hTxv21B6KFO".to_owned(),
        bcrypt("password"),
        bcrypt("password").replacen("$2b$", "$2a$", 1),
        bcrypt("password").replacen("$2b$", "$2y$", 1),
    ];
    let line = |(n, hash): (usize, &String)| format!("person-{n},\"{hash}\"\n");
    let table = format!("username,passwordHash\n{}", hashes.iter().enumerate().map(line).collect::<String>());
    let (told, is_well) = said(&import(&backend, &Table::of(&backend, "users.csv", &table), &[]).await);
    assert!(is_well, "{told}");
    for (n, hash) in hashes.iter().enumerate() {
        let name = format!("person-{n}");
        assert_eq!(login(&client, &name, "passworD").await["errors"][0]["code"], "WRONG_CREDENTIALS");
        assert_eq!(&stored_hash(&backend, &name).await, hash, "one who is wrong renews nothing");
        for _ in 0..2 {
            assert!(login(&client, &name, "password").await["viewer"]["id"].is_string(), "{hash}");
            let renewed = stored_hash(&backend, &name).await;
            assert!(renewed.starts_with(CURRENT), "{renewed}");
        }
    }
}

async fn a_password_that_was_changed_meanwhile_stays_changed(backend: Backend) {
    let node = backend.node().await;
    let client = Client::new(&node);
    let ada = Person::register(&node, "ada").await;
    let before = stored_hash(&backend, "ada").await;
    assert!(login(&ada.client, "ada", PASSWORD).await["viewer"]["id"].is_string());
    assert_eq!(stored_hash(&backend, "ada").await, before, "what is current is left alone");

    let table = format!("username,passwordHash\nbob,{}\n", bcrypt(PASSWORD));
    assert!(import(&backend, &Table::of(&backend, "users.csv", &table), &[]).await.status.success());
    // All of them find the old hash, and one renews it.
    let all = futures_util::future::join_all((0..10).map(|_| login(&client, "bob", PASSWORD))).await;
    assert!(all.iter().all(|payload| payload["viewer"]["id"].is_string()), "{all:?}");
    assert!(stored_hash(&backend, "bob").await.starts_with(CURRENT));
    assert!(login(&client, "bob", PASSWORD).await["viewer"]["id"].is_string());
}

async fn the_most_common_passwords_are_refused(backend: Backend) {
    let node = backend.node().await;
    let client = Client::new(&node);
    let query =
        "mutation($input: RegisterInput!) { register(input: $input) { viewer { id } errors { code message field } } }";
    let register = async |input: Value| client.field("register", query, json!({ "input": input })).await;
    let refused = register(json!({ "username": "ada", "password": "password1" })).await;
    insta::assert_json_snapshot!("common_password", refused);
    for input in [
        json!({ "username": "ada.lovelace", "password": "Ada.Lovelace" }),
        json!({ "email": "ada.lovelace@example.org", "password": "ada.lovelace@example.org" }),
        json!({ "username": "ada", "displayName": "Zaphod Beeblebrox", "password": "zaphod beeblebrox" }),
        json!({ "username": "ada", "password": "P@ssw0rd" }),
    ] {
        assert_eq!(register(input.clone()).await["errors"], refused["errors"], "{input}");
    }
    assert!(register(json!({ "username": "ada", "password": "zaphod beeblebrox" })).await["viewer"]["id"].is_string());
}
