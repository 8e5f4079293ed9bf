//! Every sentence of the protocol's document has its tests: those that `sentences.txt` names beside it.

use crate::support::packages::from_npm;

const TABLE: &str = include_str!("sentences.txt");
/// What the tests of this folder are written in.
const SOURCES: [&str; 6] = [
    include_str!("admission.rs"),
    include_str!("handshake.rs"),
    include_str!("lifetime.rs"),
    include_str!("operations.rs"),
    include_str!("pressure.rs"),
    include_str!("protocol.rs"),
];

#[tokio::test]
async fn every_sentence_of_the_protocol_has_its_tests() {
    let Some(packages) = from_npm().await else { return };
    let document = std::fs::read_to_string(packages.join("node_modules/graphql-ws/PROTOCOL.md")).unwrap();
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    let rows: Vec<_> = rows.map(|row| row.split_once(" | ").unwrap()).collect();
    let held: Vec<_> = rows.iter().map(|(sentence, _)| (*sentence).to_owned()).collect();
    assert_eq!(held, sentences(&document));
    for test in rows.iter().flat_map(|(_, tests)| tests.split(' ')).filter(|test| !["(is)", "(may)"].contains(test)) {
        let declared = format!("\nasync fn {test}() {{");
        assert!(SOURCES.iter().any(|source| source.contains(&declared)), "there is no test {test}");
    }
}

/// The document's sentences without its marks, up to its examples.
fn sentences(document: &str) -> Vec<String> {
    let (rules, _) = document.split_once("\n## Examples\n").unwrap();
    let text = rules.split("```").step_by(2).flat_map(str::lines).map(plain);
    let text = text.filter(|line| !line.is_empty() && !line.starts_with(['#']) && !line.starts_with("Direction:"));
    text.flat_map(|line| split(&line)).collect()
}

fn plain(line: &str) -> String {
    line.trim().trim_start_matches("- ").replace(['*', '_', '`'], "")
}

/// At each full stop that a capital follows.
fn split(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = line;
    let mut from = 0;
    while let Some(at) = rest[from..].find(". ").map(|at| from + at + 2) {
        if rest[at..].starts_with(char::is_uppercase) {
            found.push(rest[..at].trim_end().to_owned());
            (rest, from) = (&rest[at..], 0);
        } else {
            from = at;
        }
    }
    found.push(rest.to_owned());
    found
}
