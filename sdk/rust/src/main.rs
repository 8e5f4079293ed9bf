//! Two people talk in their terminals:
//!
//! ```sh
//! cargo run -p natterjack-talk -- http://127.0.0.1:8000/graphql ada bob
//! cargo run -p natterjack-talk -- http://127.0.0.1:8000/graphql bob ada
//! ```
//!
//! Who writes what is shown; what is typed is sent. The server may be stopped and started again meanwhile: nothing is
//! missed, and nothing comes twice. The types of what is asked and answered are made of `schema.graphql` and `talk.graphql`
//! by the compiler, so that a renamed field is found before anything runs.

#![expect(clippy::print_stdout, reason = "it talks in a terminal")]

mod events;
mod http;

use graphql_client::GraphQLQuery;
use http::Http;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};
use tokio::time::sleep;
use uuid::Uuid;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const PASSWORD: &str = "correct horse battery";

/// The pause between two tries; an app would let it grow, with some chance in it.
const PAUSE: Duration = Duration::from_millis(500);

macro_rules! operation {
    ($name:ident) => {
        #[derive(GraphQLQuery)]
        #[graphql(
            schema_path = "../../schema.graphql",
            query_path = "talk.graphql",
            response_derives = "Debug, PartialEq"
        )]
        struct $name;
    };
}
operation!(Login);
operation!(Register);
operation!(Open);
operation!(SendText);

/// Signs in, or makes the account where there is none: the token.
async fn enter(http: &Http, username: &str) -> Result<String, Failure> {
    let (login, password) = (username.to_owned(), PASSWORD.to_owned());
    let data = http.ask::<Login>(login::Variables { login, password }).await?;
    if let Some(tokens) = data.login.and_then(|payload| payload.tokens) {
        return Ok(tokens.access_token);
    }
    let (username, password) = (username.to_owned(), PASSWORD.to_owned());
    let data = http.ask::<Register>(register::Variables { username, password }).await?;
    let payload = data.register.ok_or("no answer")?;
    payload.tokens.map(|tokens| tokens.access_token).ok_or_else(|| format!("{:?}", payload.errors).into())
}

/// The conversation with this person, once they have an account.
async fn open(http: &Http, username: &str) -> Result<open::OpenOpenConversationConversation, Failure> {
    loop {
        let data = http.ask::<Open>(open::Variables { username: username.to_owned() }).await?;
        let payload = data.open_conversation.ok_or("no answer")?;
        if let Some(conversation) = payload.conversation {
            return Ok(conversation);
        }
        if !payload.errors.iter().any(|error| error.code == open::ErrorCode::NOT_FOUND) {
            return Err(format!("{:?}", payload.errors).into());
        }
        println!("(there is no {username} yet)");
        sleep(PAUSE).await;
    }
}

/// Sends until there is an answer: under one client id it is stored once, however often that is.
#[expect(clippy::disallowed_methods, reason = "the server's ids are made of its clock, a device's of its own")]
async fn send(http: &Http, id: &str, text: String) {
    let client_id = Uuid::now_v7().to_string();
    loop {
        let variables = send_text::Variables { id: id.to_owned(), text: text.clone(), client_id: client_id.clone() };
        match http.ask::<SendText>(variables).await {
            Ok(data) => {
                let errors = data.send_message.into_iter().flat_map(|payload| payload.errors);
                return errors.for_each(|error| println!("(not sent: {})", error.message));
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

async fn say_what_is_typed(http: &Http, id: &str) -> Result<(), Failure> {
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(text) = lines.next_line().await? {
        send(http, id, text).await;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [url, me, other] = arguments.as_slice() else { return Err("usage: talk URL WHO-I-AM WHO-TO-TALK-TO".into()) };
    let mut http = Http::new(url);
    http.token = Some(enter(&http, me).await?);
    let conversation = open(&http, other).await?;
    println!("(you talk with {})", conversation.title);
    tokio::select! {
        ended = events::show(&http, &conversation.id) => ended,
        ended = say_what_is_typed(&http, &conversation.id) => ended,
    }
}
