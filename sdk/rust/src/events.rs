//! What happens, over as many sockets as it takes: each is told up to where the last one came.

use crate::http::Http;
use crate::{Failure, PAUSE};
use futures_util::{SinkExt as _, StreamExt as _};
use graphql_client::{GraphQLQuery, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Duration, sleep, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

#[derive(GraphQLQuery)]
#[graphql(schema_path = "../../schema.graphql", query_path = "talk.graphql", response_derives = "Debug")]
struct Events;

use events::EventsEvents as Event;

/// The server asks for a sign of life every few seconds: a line that says nothing for so long is dead.
const SILENCE: Duration = Duration::from_secs(30);

/// What the server says, by graphql-transport-ws. Without the `id`: there is one operation on the socket.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    ConnectionAck,
    Ping,
    Pong,
    Next { payload: Response<events::ResponseData> },
    Error { payload: Value },
    Complete,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Shows what is said in the conversation, from its beginning on and for ever. Fails where the server refuses it.
pub(crate) async fn show(http: &Http, id: &str) -> Result<(), Failure> {
    let mut revision = 0;
    loop {
        // The line was cut, or a store was away: on from where we stand.
        if let Ok(Some(refusal)) = show_until_cut(http, id, &mut revision).await {
            return Err(refusal.to_string().into());
        }
        sleep(PAUSE).await;
    }
}

/// Ends with why the server refuses it, or with `None` where it may be asked again.
async fn show_until_cut(http: &Http, id: &str, revision: &mut i64) -> Result<Option<Value>, Failure> {
    let mut socket = connect(http).await?;
    let after = events::PositionInput { conversation_id: id.to_owned(), revision: *revision };
    let variables = events::Variables { after: Some(vec![after]), conversation_ids: Some(vec![id.to_owned()]) };
    say(&mut socket, &json!({ "id": "1", "type": "subscribe", "payload": Events::build_query(variables) })).await?;
    loop {
        match hear(&mut socket).await? {
            Said::Next { payload } => {
                // Nothing of it could be told: what comes after it would take us past it.
                let Some(data) = payload.data else { return Ok(None) };
                take(&data.events, revision);
            }
            Said::Error { payload } => return Ok(Some(payload)),
            Said::Complete => return Ok(None),
            Said::Ping => say(&mut socket, &json!({ "type": "pong" })).await?,
            Said::ConnectionAck | Said::Pong => {}
        }
    }
}

fn take(event: &Event, revision: &mut i64) {
    match event {
        Event::MessageAdded(added) => {
            let author = added.message.author.as_ref().map_or("*", |author| &author.display_name);
            println!("{author}: {}", added.message.text.as_deref().unwrap_or("(deleted)"));
            *revision = added.revision;
        }
        Event::MessageChanged(changed) => *revision = changed.revision,
        Event::Synced(synced) => *revision = synced.revision,
        Event::ResyncNeeded(resync) => {
            println!("(more was missed than the server tells one by one: see history)");
            *revision = resync.revision;
        }
        _ => {}
    }
}

async fn connect(http: &Http) -> Result<Socket, Failure> {
    let mut request = http.url.replacen("http", "ws", 1).into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
    let (mut socket, _) = timeout(SILENCE, connect_async(request)).await??;
    let token = http.token.as_deref().unwrap_or_default();
    say(&mut socket, &json!({ "type": "connection_init", "payload": { "token": token } })).await?;
    Ok(socket)
}

async fn say(socket: &mut Socket, message: &Value) -> Result<(), Failure> {
    Ok(socket.send(Message::text(message.to_string())).await?)
}

async fn hear(socket: &mut Socket) -> Result<Said, Failure> {
    loop {
        match timeout(SILENCE, socket.next()).await?.ok_or("the line was cut")?? {
            Message::Text(text) => return Ok(serde_json::from_str(&text)?),
            Message::Close(why) => return Err(format!("the server has closed the line: {why:?}").into()),
            _ => {}
        }
    }
}
