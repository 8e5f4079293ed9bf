//! How large a document may be, how much it may ask for, and which may be sent at all.

use crate::support::backend::{Backend, Node, is_long_run};
use crate::support::client::{Client, Person};
use crate::support::hostile;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

/// How long a node may take to say that it cannot start.
const PATIENCE: Duration = Duration::from_secs(30);

/// As GraphiQL and `getIntrospectionQuery` of graphql-js ask for the schema, with all their options.
const INTROSPECTION: &str = "query IntrospectionQuery {
    __schema {
        description queryType { name kind } mutationType { name kind } subscriptionType { name kind }
        types { ...FullType }
        directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
    }
}
fragment FullType on __Type {
    kind name description specifiedByURL isOneOf
    fields(includeDeprecated: true) {
        name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
    }
    inputFields(includeDeprecated: true) { ...InputValue }
    interfaces { ...TypeRef }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue {
    name description type { ...TypeRef } defaultValue isDeprecated deprecationReason
}
fragment TypeRef on __Type {
    kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
    ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
}";

/// What a client's first screen asks for: the list of conversations with their latest messages and some of their people,
/// and the messages of one.
const FIRST_SCREEN: &str = "query FirstScreen($pages: Int = 50) {
    viewer {
        id email mobileNumber unreadCount unseenNotificationCount
        user { ...Person }
        conversations(first: $pages) {
            edges { cursor node { ...Conversation members(first: 5) { nodes { role user { ...Person } } } } }
            pageInfo { hasNextPage endCursor }
        }
        notifications(first: 20) { nodes { id } pageInfo { hasNextPage endCursor } }
    }
    server { name version limits { maxTextLength maxPageSize maxDepth maxComplexity } }
}
fragment Person on User { id username displayName avatarUrl about }
fragment Conversation on Conversation {
    id kind title name description avatarUrl createdAt revision memberCount onlineMemberCount
    peer { ...Person }
    lastMessage { ...Message }
}
fragment Message on Message {
    id seq revision kind text createdAt editedAt deletedAt isPinned replyCount readByCount
    author { ...Person }
    attachments { url name }
    mentions { id username }
}";

#[tokio::test]
async fn what_real_clients_ask_for_is_within_the_limits() {
    let backend = Backend::sqlite().await.unwrap();
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let refused = |answer: Value| {
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["message"].to_string()).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(refused(ada.client.run(INTROSPECTION, json!({})).await), "");
    assert_eq!(refused(ada.client.run(FIRST_SCREEN, json!({})).await), "");
    let page = "query($of: ConversationRef!) { history(of: $of, first: 100) { nodes {
        id seq revision kind text createdAt editedAt isPinned replyCount readByCount author { id username displayName }
        replyTo { id text author { id displayName } } reactions { emoji count } attachments { url name } mentions { id }
    } pageInfo { hasNextPage } } }";
    let other = Person::register(&node, "bob").await;
    let conversation = ada.open(&other).await;
    assert_eq!(refused(ada.client.run(page, json!({ "of": { "conversationId": conversation } })).await), "");
}

const LIMITS: &str = "{ server { limits { maxDepth maxComplexity } } }";

#[tokio::test]
async fn each_limit_is_a_setting_that_its_refusal_names() {
    let mut backend = Backend::sqlite().await.unwrap();
    for (variable, value) in [
        ("NATTERJACK_MAX_DOCUMENT_BYTES", "1000"),
        ("NATTERJACK_MAX_DOCUMENT_TOKENS", "100"),
        ("NATTERJACK_MAX_NESTING", "10"),
        ("NATTERJACK_MAX_FIELDS", "30"),
        ("NATTERJACK_MAX_DEPTH", "4"),
        ("NATTERJACK_MAX_ALIASES", "3"),
        ("NATTERJACK_MAX_DIRECTIVES", "2"),
        ("NATTERJACK_MAX_ROOT_FIELDS", "5"),
        ("NATTERJACK_MAX_COMPLEXITY", "60"),
    ] {
        backend.set(variable, value);
    }
    let node = backend.node().await;
    let client = Client::new(&node);
    let limits = client.data(LIMITS, json!({})).await;
    assert_eq!(limits["server"]["limits"], json!({ "maxDepth": 4, "maxComplexity": 60 }));
    let page = |size: u32| format!("{{ viewer {{ conversations(first: {size}) {{ nodes {{ id }} }} }} }}");
    assert_eq!(client.data(&page(20), json!({})).await, json!({ "viewer": null }));
    for (document, setting) in [
        (" ".repeat(1_001), "max-document-bytes"),
        ("a ".repeat(101), "max-document-tokens"),
        ("[".repeat(11), "max-nesting"),
        (
            "{ server { ...f ...f ...f ...f } } fragment f on Server { name version name version name version name }"
                .to_owned(),
            "max-fields",
        ),
        ("{ node(id: 1) { ... on User { a { b { c { d } } } } } }".to_owned(), "max-depth"),
        ("{ server { a: name b: name c: name d: name } }".to_owned(), "max-aliases"),
        (format!("{{ server {} {{ name }} }}", "@include(if: true) ".repeat(3)), "max-directives"),
        ("{ server { name } ".to_owned() + &"__typename ".repeat(5) + "}", "max-root-fields"),
        (page(30), "max-complexity"),
    ] {
        let answer = client.run(&document, json!({})).await;
        let error = &answer["errors"][0];
        assert!(error["message"].as_str().unwrap().ends_with(&format!("({setting})")), "{answer}");
        assert_eq!(error["extensions"], json!({ "code": "QUERY_REFUSED" }));
    }
}

#[tokio::test]
async fn only_trusted_documents_run_where_a_file_names_them() {
    let backend = Backend::sqlite().await.unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let start = async |documents: Value| {
        std::fs::write(path, documents.to_string()).unwrap();
        let mut command = backend.command("serve");
        let output = timeout(PATIENCE, command.env("NATTERJACK_TRUSTED_DOCUMENTS", path).output()).await;
        let output = output.expect("it does not start").unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    for (documents, says) in [
        (json!({ "good": "{ __typename }", "bad": "{ nothing }" }), "the document bad: Unknown field \"nothing\""),
        (json!({ "bad": "{" }), "the document bad: "),
        (json!({ "bad": "{ server { ...f } } fragment f on Server { ...f }" }), "the document bad: the fragment `f`"),
        (json!({ "bad": "subscription { node(id: 1) { id } }" }), "the document bad: "),
        (json!({}), "names no document"),
        (json!([]), "must be a JSON object"),
    ] {
        let said = start(documents).await;
        assert!(said.contains("NATTERJACK_TRUSTED_DOCUMENTS") && said.contains(says), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    }
    let version = "query($with: Boolean!) { server { name version @include(if: $with) } }";
    std::fs::write(path, json!({ "operations": [{ "id": "version", "body": version }] }).to_string()).unwrap();
    let backend = backend.with("NATTERJACK_TRUSTED_DOCUMENTS", path);
    let node = backend.node().await;
    let request = json!({ "documentId": "version", "variables": { "with": false } });
    assert_eq!(posted(&node, &request).await, json!({ "data": { "server": { "name": "natterjack" } } }));
    for query in [LIMITS, INTROSPECTION] {
        let refused = posted(&node, &json!({ "query": query })).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "QUERY_REFUSED", "{refused}");
    }
}

async fn posted(node: &Node, request: &Value) -> Value {
    let response = reqwest::Client::new().post(format!("{}/graphql", node.url)).json(request).send().await;
    response.unwrap().json().await.unwrap()
}

/// What the process holds in memory, in KiB.
fn resident(node: &Node) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", node.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().trim().parse().unwrap()
}

#[tokio::test]
async fn what_means_ill_is_refused_and_memory_stays_flat() {
    let backend = Backend::sqlite().await.unwrap();
    let node = backend.node().await;
    let ada = Person::register(&node, "ada").await;
    let corpus: Vec<_> = hostile::corpus().into_iter().chain(hostile::costly()).collect();
    let mut settled = 0;
    for round in 0..if is_long_run() { 20 } else { 3 } {
        for hostile in &corpus {
            let answer = ada.client.run(&hostile.query, hostile.variables.clone()).await;
            let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
            assert!(["QUERY_REFUSED", "INVALID_INPUT"].contains(&code), "{}: {answer}", hostile.name);
            assert_eq!(answer.get("data"), None, "{}", hostile.name);
        }
        // What is remembered is remembered by then.
        if round == 0 {
            settled = resident(&node);
        }
    }
    let grown = resident(&node).saturating_sub(settled);
    assert!(grown < 16 * 1_024, "from {settled} KiB by {grown} KiB");
    assert_eq!(ada.client.data("{ __typename }", json!({})).await, json!({ "__typename": "Query" }));
}

#[tokio::test]
async fn where_introspection_is_off_nothing_of_the_schema_is_told() {
    let backend = Backend::sqlite().await.unwrap().with("NATTERJACK_INTROSPECTION", "off");
    let node = backend.node().await;
    let hash = |text: &str| natterjack::graphql::documents::DocumentHash::of(text).to_string();
    let persisted = |text: &str| json!({ "query": text, "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash(text) } } });
    for wrong in
        ["{ viewr { id } }", "{ server { nam } }", "mutation { sendMesage { id } }", "{ server(nam: 1) { name } }"]
    {
        let answer = posted(&node, &persisted(wrong)).await.to_string();
        assert!(answer.contains("errors") && !answer.contains("Did you mean"), "{answer}");
    }
    let told = posted(&node, &persisted("{ __type(name: \"User\") { name } }")).await;
    assert_eq!(told["data"]["__type"], Value::Null, "{told}");
}
