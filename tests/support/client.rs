//! A GraphQL client over HTTP, and people who use it.

use super::backend::Node;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::{Value, json};
use std::time::Duration;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Calls one node, for one person or for nobody.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    /// `http://host:port`
    pub(crate) url: String,
    /// What goes into `Authorization: Bearer`.
    pub(crate) token: Option<String>,
}

impl Client {
    /// Nobody's.
    pub(crate) fn new(node: &Node) -> Self {
        Self::at(&node.url)
    }

    /// Nobody's, for what answers at that address.
    pub(crate) fn at(url: &str) -> Self {
        Self { http: reqwest::Client::new(), url: url.to_owned(), token: None }
    }

    /// The same for one who does not wait longer than that for an answer.
    #[must_use]
    pub(crate) fn within(&self, limit: Duration) -> Self {
        Self { http: reqwest::Client::builder().timeout(limit).build().unwrap(), ..self.clone() }
    }

    /// The same with that token.
    #[must_use]
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same for one at that address, as a proxy says.
    #[must_use]
    pub(crate) fn coming_from(&self, address: &str) -> Self {
        let headers = HeaderMap::from_iter([(X_FORWARDED_FOR, address.parse().unwrap())]);
        Self { http: reqwest::Client::builder().default_headers(headers).build().unwrap(), ..self.clone() }
    }

    /// The whole response to an operation.
    pub(crate) async fn run(&self, query: &str, variables: Value) -> Value {
        self.try_to_run(query, variables).await.unwrap()
    }

    /// The same, where the node may not be there.
    pub(crate) async fn try_to_run(&self, query: &str, variables: Value) -> reqwest::Result<Value> {
        let mut request = self.http.post(format!("{}/graphql", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.json(&json!({ "query": query, "variables": variables })).send().await?;
        response.json().await
    }

    /// The data of an operation that has no errors.
    pub(crate) async fn data(&self, query: &str, variables: Value) -> Value {
        let mut response = self.run(query, variables).await;
        assert_eq!(response.get("errors"), None, "{query}");
        response["data"].take()
    }

    /// One root field of an operation: its payload, with `errors` where it asks for them.
    pub(crate) async fn field(&self, name: &str, query: &str, variables: Value) -> Value {
        self.data(query, variables).await[name].take()
    }

    /// The first error at the top level: its code and the field it names.
    pub(crate) async fn refusal(&self, query: &str, variables: Value) -> (String, Value) {
        let response = self.run(query, variables).await;
        let error = &response["errors"][0];
        let code = error["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{response}"));
        (code.to_owned(), error["extensions"]["field"].clone())
    }
}

/// Asks for a code, of a node that echoes it, and gives it.
pub(crate) async fn code_to(client: &Client, to: &Value) -> String {
    let query = "mutation($to: CodeRecipient!) { requestLoginCode(input: { to: $to }) {
        expiresAt code errors { code message field } } }";
    let payload = client.field("requestLoginCode", query, json!({ "to": to })).await;
    payload["code"].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned()
}

/// Someone who has just registered, on one device.
#[derive(Clone)]
pub(crate) struct Person {
    /// Calls on their behalf.
    pub(crate) client: Client,
    /// Their id.
    pub(crate) id: String,
    /// Their refresh token.
    pub(crate) refresh_token: String,
}

/// What every registered person has for a password.
pub(crate) const PASSWORD: &str = "correct horse battery";

impl Person {
    /// Registers somebody with that username on that node.
    pub(crate) async fn register(node: &Node, username: &str) -> Self {
        Self::register_by(&Client::new(node), username).await
    }

    /// Registers somebody with that username by way of that client.
    pub(crate) async fn register_by(client: &Client, username: &str) -> Self {
        let query = "mutation($input: RegisterInput!) { register(input: $input) {
            viewer { id } tokens { accessToken refreshToken } errors { code message field } } }";
        let input = json!({ "input": { "username": username, "password": PASSWORD } });
        let payload = client.field("register", query, input).await;
        assert_eq!(payload["errors"], json!([]));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            client: client.with_token(&text(&payload["tokens"]["accessToken"])),
            id: text(&payload["viewer"]["id"]),
            refresh_token: text(&payload["tokens"]["refreshToken"]),
        }
    }

    /// The same person by way of another node.
    #[must_use]
    pub(crate) fn at(&self, node: &Node) -> Self {
        let mut person = self.clone();
        person.client.url.clone_from(&node.url);
        person
    }

    /// Opens the direct conversation with another, and gives its id.
    pub(crate) async fn open(&self, other: &Self) -> String {
        let query = "mutation($id: ID!) { openConversation(input: { with: { id: $id } }) {
            conversation { id } errors { message } } }";
        let payload = self.client.field("openConversation", query, json!({ "id": other.id })).await;
        payload["conversation"]["id"].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned()
    }

    /// Sends a text to a conversation, and gives the stored message.
    pub(crate) async fn send(&self, conversation: &str, text: &str) -> Value {
        let payload = self.send_as(conversation, text, None).await;
        assert_eq!(payload["errors"], json!([]));
        payload["message"].clone()
    }

    /// Sends a text under a client id, and gives the payload.
    pub(crate) async fn send_as(&self, conversation: &str, text: &str, client_id: Option<&str>) -> Value {
        let query = "mutation($input: SendMessageInput!) { sendMessage(input: $input) {
            message { id seq revision text clientId author { id } } isRepeat errors { code message field } } }";
        let input = json!({ "to": { "conversationId": conversation }, "text": text, "clientId": client_id });
        self.client.field("sendMessage", query, json!({ "input": input })).await
    }

    /// Changes what a message says, and gives it.
    pub(crate) async fn edit(&self, message: &str, text: &str) -> Value {
        let query = "mutation($input: EditMessageInput!) { editMessage(input: $input) {
            message { id seq revision text editedAt } errors { code message field } } }";
        let input = json!({ "messageId": message, "text": text });
        self.message_of("editMessage", query, input).await
    }

    /// Changes what a message says, where it is not deleted.
    pub(crate) async fn try_to_edit(&self, message: &str, text: &str) {
        let query = "mutation($input: EditMessageInput!) { editMessage(input: $input) { errors { code } } }";
        let input = json!({ "input": { "messageId": message, "text": text } });
        let payload = self.client.field("editMessage", query, input).await;
        assert!(payload["errors"] == json!([]) || payload["errors"][0]["code"] == "CONFLICT", "{payload}");
    }

    /// Deletes a message, and gives what is left of it.
    pub(crate) async fn delete(&self, message: &str) -> Value {
        let query = "mutation($input: MessageIdInput!) { deleteMessage(input: $input) {
            message { id seq revision text deletedAt } errors { code message field } } }";
        self.message_of("deleteMessage", query, json!({ "messageId": message })).await
    }

    async fn message_of(&self, field: &str, query: &str, input: Value) -> Value {
        let payload = self.client.field(field, query, json!({ "input": input })).await;
        assert_eq!(payload["errors"], json!([]));
        payload["message"].clone()
    }

    /// Reads a conversation to its end.
    pub(crate) async fn mark_read(&self, conversation: &str) {
        self.mark("markRead", json!({ "conversationId": conversation })).await;
    }

    /// Moves a mark: `markRead` or `markDelivered`.
    pub(crate) async fn mark(&self, mutation: &str, input: Value) {
        let query = format!("mutation($input: MarkInput!) {{ {mutation}(input: $input) {{ errors {{ message }} }} }}");
        let payload = self.client.field(mutation, &query, json!({ "input": input })).await;
        assert_eq!(payload["errors"], json!([]));
    }

    /// Begins to type, or stops.
    pub(crate) async fn set_typing(&self, conversation: &str, is_typing: bool) {
        let query = "mutation($input: SetTypingInput!) { setTyping(input: $input) { errors { message } } }";
        let input = json!({ "conversationId": conversation, "isTyping": is_typing });
        let payload = self.client.field("setTyping", query, json!({ "input": input })).await;
        assert_eq!(payload["errors"], json!([]));
    }
}
