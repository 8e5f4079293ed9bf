//! Groups, as people make and change them.

use super::backend::Node;
use super::client::Person;
use serde_json::{Value, json};

impl Person {
    /// Runs a mutation whose one argument is `input`, and gives its payload: those fields of it, and `errors`.
    pub(crate) async fn mutate(&self, mutation: &str, fields: &str, input: Value) -> Value {
        let kind = input_type(mutation);
        let query = format!(
            "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {fields} errors {{ code message field }} }} }}"
        );
        self.client.field(mutation, &query, json!({ "input": input })).await
    }

    /// The same, which goes well, for what it does alone.
    pub(crate) async fn does(&self, mutation: &str, input: Value) {
        let payload = self.mutate(mutation, "", input).await;
        assert_eq!(payload["errors"], json!([]), "{mutation}");
    }

    /// The same, which is refused: the error's code and the path of the field at fault, as `NOT_FOUND input.userId`.
    pub(crate) async fn is_refused(&self, mutation: &str, input: Value) -> String {
        let payload = self.mutate(mutation, "", input).await;
        refusal(&payload).unwrap_or_else(|| panic!("{mutation} was not refused"))
    }

    /// Makes a group of that input, and gives its id.
    pub(crate) async fn create_group(&self, input: Value) -> String {
        let payload = self.mutate("createGroup", "conversation { id }", input).await;
        payload["conversation"]["id"].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned()
    }

    /// Makes a private group with those members, and gives its id.
    pub(crate) async fn group(&self, name: &str, members: &[&Self]) -> String {
        self.create_group(json!({ "name": name, "memberIds": ids(members) })).await
    }

    /// Lets people into a group.
    pub(crate) async fn add(&self, group: &str, people: &[&Self]) {
        self.does("addMembers", json!({ "conversationId": group, "userIds": ids(people) })).await;
    }

    /// Invites people to a group.
    pub(crate) async fn invite(&self, group: &str, people: &[&Self]) {
        self.does("inviteMembers", json!({ "conversationId": group, "userIds": ids(people) })).await;
    }

    /// Takes a person out of a group.
    pub(crate) async fn remove(&self, group: &str, person: &Self) {
        self.does("removeMember", json!({ "conversationId": group, "userId": person.id })).await;
    }

    /// Joins a group.
    pub(crate) async fn join(&self, group: &str) {
        self.does("joinConversation", json!({ "conversationId": group })).await;
    }

    /// Leaves a group.
    pub(crate) async fn leave(&self, group: &str) {
        self.does("leaveConversation", json!({ "conversationId": group })).await;
    }

    /// Gives a member a role.
    pub(crate) async fn set_role(&self, group: &str, person: &Self, role: &str) {
        self.does("setRole", json!({ "conversationId": group, "userId": person.id, "role": role })).await;
    }

    /// Mutes a conversation, or ends that.
    pub(crate) async fn set_muted(&self, conversation: &str, is_muted: bool) {
        self.does("setMuted", json!({ "conversationId": conversation, "isMuted": is_muted })).await;
    }

    /// Blocks a person, or ends that.
    pub(crate) async fn set_blocked(&self, person: &Self, is_blocked: bool) {
        self.does("setBlocked", json!({ "userId": person.id, "isBlocked": is_blocked })).await;
    }

    /// Those fields of a conversation as this person sees it; null where it is not there.
    pub(crate) async fn sees(&self, conversation: &str, fields: &str) -> Value {
        let query = format!("query($id: ID!) {{ conversation(id: $id) {{ {fields} }} }}");
        self.client.field("conversation", &query, json!({ "id": conversation })).await
    }

    /// Who is in a group, by the order of their accounts: `name ROLE`.
    pub(crate) async fn roles_in(&self, group: &str) -> Vec<String> {
        let seen = self.sees(group, "members(first: 100) { nodes { user { username } role } }").await;
        let members = seen["members"]["nodes"].as_array().unwrap().iter();
        members.map(|member| format!("{} {}", text(&member["user"]["username"]), text(&member["role"]))).collect()
    }

    /// What a group tells of itself, in order: `KIND actor subject role name`, without what is not there.
    pub(crate) async fn notices_in(&self, group: &str) -> Vec<String> {
        let fields = "messages(first: 100) { nodes {
            kind notice { kind actor { username displayName } subject { username displayName } role name } } }";
        let seen = self.sees(group, fields).await;
        let messages = seen["messages"]["nodes"].as_array().unwrap().iter();
        messages.filter(|message| message["kind"] == "SYSTEM").map(|message| told(&message["notice"])).collect()
    }
}

/// People of these names, in the order of their accounts.
pub(crate) async fn people<const N: usize>(node: &Node, names: [&str; N]) -> [Person; N] {
    let mut people = Vec::new();
    for name in names {
        people.push(Person::register(node, name).await);
    }
    people.try_into().unwrap_or_else(|_| panic!("as many as there are names"))
}

/// The ids of people.
pub(crate) fn ids(people: &[&Person]) -> Vec<String> {
    people.iter().map(|person| person.id.clone()).collect()
}

/// What a payload was refused for, as [`Person::is_refused`] gives it.
pub(crate) fn refusal(payload: &Value) -> Option<String> {
    let error = payload["errors"].as_array().unwrap().first()?;
    let path: Vec<_> = error["field"].as_array().unwrap().iter().map(text).collect();
    Some(format!("{} {}", text(&error["code"]), path.join(".")))
}

/// A notice as [`Person::notices_in`] gives it.
pub(crate) fn told(notice: &Value) -> String {
    // No effect of ambience touches what people are called; one whose account is gone is called nothing.
    let name = |person: &str| {
        notice[person].get("username").filter(|name| !name.is_null()).unwrap_or(&notice[person]["displayName"])
    };
    let told = [&notice["kind"], name("actor"), name("subject"), &notice["role"], &notice["name"]].into_iter();
    told.filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// The type of a mutation's input: several share one.
pub(crate) fn input_type(mutation: &str) -> String {
    match mutation {
        "deleteConversation" | "joinConversation" | "leaveConversation" => "ConversationIdInput".to_owned(),
        "inviteMembers" => "AddMembersInput".to_owned(),
        "deleteMessage" => "MessageIdInput".to_owned(),
        "markRead" | "markDelivered" => "MarkInput".to_owned(),
        _ => format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]),
    }
}
