//! How a socket is opened.

use crate::support::server::Server;
use crate::support::wire::{PROTOCOL, Wire};
use natterjack::http::Origins;
use tokio_tungstenite::tungstenite::Error;

/// The status with which a socket is refused.
async fn refusal(server: &Server, headers: &[(&str, &str)]) -> u16 {
    match Wire::ask(server, headers).await {
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was opened"),
    }
}

#[tokio::test]
async fn the_sub_protocol_is_chosen_among_others() {
    let server = Server::start().await;
    let offer = (PROTOCOL.0, "graphql-ws, graphql-transport-ws");
    let (_, response) = Wire::ask(&server, &[offer]).await.unwrap();
    assert_eq!(response.headers()[PROTOCOL.0], "graphql-transport-ws");
}

#[tokio::test]
async fn a_socket_without_the_sub_protocol_is_closed() {
    let server = Server::start().await;
    let (mut wire, response) = Wire::ask(&server, &[]).await.unwrap();
    assert_eq!(response.headers().get(PROTOCOL.0), None);
    assert_eq!(wire.closed().await, (4406, "Subprotocol not acceptable".to_owned()));
}

#[tokio::test]
async fn a_sub_protocol_that_is_not_spoken_is_not_chosen() {
    let server = Server::start().await;
    // The client's library gives up where none of the offered is chosen.
    assert!(matches!(Wire::ask(&server, &[(PROTOCOL.0, "graphql-ws")]).await, Err(Error::Protocol(_))));
}

#[tokio::test]
async fn pages_may_open_sockets_from_the_own_address_and_where_listed() {
    let origins = Origins::parse(&["https://page.example"]).unwrap();
    let server = Server::with(|settings| settings.origins = origins).await;
    let own = format!("http://{}", server.address);
    for origin in [own.as_str(), "https://page.example"] {
        assert!(Wire::ask(&server, &[PROTOCOL, ("origin", origin)]).await.is_ok(), "{origin}");
    }
    for origin in ["https://evil.example", "null", "http://page.example"] {
        assert_eq!(refusal(&server, &[PROTOCOL, ("origin", origin)]).await, 403, "{origin}");
    }
}

#[tokio::test]
async fn a_handshake_of_another_version_is_refused() {
    let server = Server::start().await;
    let request = reqwest::Client::new()
        .get(server.url("/graphql"))
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "8")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 400);
    let body: serde_json::Value = response.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "INVALID_INPUT");
}
