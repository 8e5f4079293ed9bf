//! `schema.graphql` is what the code says.

#[test]
fn the_printed_schema_is_the_committed_one() {
    let committed = include_str!("../schema.graphql");
    assert!(
        natterjack::graphql::sdl() == committed,
        "schema.graphql has drifted from the code. Renew it: cargo run -- schema > schema.graphql"
    );
}
