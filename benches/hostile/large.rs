//! Documents just within the limits, which cost the most to validate.

use crate::corpus::Hostile;
use serde_json::{Value, json};

/// They are let pass, or found to break the schema's rules by validation alone.
pub(crate) fn corpus() -> Vec<Hostile> {
    let large = |name: &str, query: String| Hostile { name: format!("large: {name}"), query, variables: json!({}) };
    let many = |what: &str, count: usize| what.repeat(count);
    let numbered = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<String>();
    let viewer = |fields: &str| format!("{{ viewer {{ {fields} }} }}");
    let deep = |levels: usize, fields: &str| viewer(&format!("{}{fields}{}", many("...{", levels), many("}", levels)));
    let variables = numbered(700, &|n| format!("$v{n}:ID! "));
    let used = numbered(700, &|n| format!("$v{n} "));
    let fragments = numbered(80, &|n| format!(" fragment f{n} on Viewer {{ {} }}", many("id ", 30)));
    vec![
        large("a field, 4,900 times", viewer(&many("id ", 4_900))),
        large("a field, 4,800 times, 42 levels down", deep(42, &many("id ", 4_800))),
        large("fields in fragments of their own", viewer(&many("...{id}", 1_200))),
        large("fragments in fragments, over and over", viewer(&many("...{...{...{...{id}}}}", 350))),
        large("a field of many fields", viewer(&many("user{id username}", 950))),
        large("250 aliases", viewer(&numbered(250, &|n| format!("a{n}:id ")))),
        large("250 directives", viewer(&many("id@include(if:true) ", 250))),
        large("fragments that are spread", format!("{}{fragments}", viewer(&numbered(80, &|n| format!("...f{n} "))))),
        large("one fragment, 65 times", format!("{} fragment f on Viewer {{ {} }}", viewer(&many("user{...g}", 65)), "id")
            + &format!(" fragment g on User {{ {} }}", many("id ", 70))),
        large("700 variables", format!("query({variables}) {{ nodes(ids: [{used}]) {{ id }} }}")),
        large("one variable, 2,400 times", format!("query($v: ID!) {{ nodes(ids: [{}]) {{ id }} }}", many("$v ", 2_400))),
        large("arguments", viewer(&numbered(200, &|n| format!("a{n}:conversations(first:{n},after:\"x\",before:\"y\"){{nodes{{id}}}} ")))),
        large("a field with arguments, 400 times", viewer(&many("conversations(first:1){nodes{id}} ", 400))),
        large("a large value, 60 times", viewer(&many(&format!("conversations(filter:{{a:[{}]}}){{nodes{{id}}}} ", many("1 ", 40)), 60))),
        large("ids", format!("{{ nodes(ids: [{}]) {{ id }} }}", many("\"x\" ", 4_900))),
        large("operations of one field", numbered(900, &|n| format!("query Q{n} {{ __typename }} "))),
        large("20 mistakes", viewer(&numbered(20, &|n| format!("{}{n} ", many("x", 250))))),
        large("unknown directives", viewer(&many("id@nothing ", 250))),
        large("unknown fragments", viewer(&many("...nothing ", 2_400))),
        large("unknown types", viewer(&many("...on Nothing{id} ", 800))),
        large("unknown variables", format!("{{ nodes(ids: [{}]) {{ id }} }}", many("$nothing ", 2_400))),
        large("unused variables", format!("query {}({}) {{ __typename }}", many("Q", 255), numbered(1_200, &|n| format!("$v{n}:ID ")))),
        large("unknown arguments", viewer(&many("conversations(a:1 b:1 c:1 d:1 e:1 f:1 g:1){nodes{id}} ", 150))),
        large("missing arguments", viewer(&many("conversations{nodes{id}} ", 800))),
        large("leaves that are none", viewer(&many("user ", 4_900))),
        large("fields of leaves", viewer(&many("id{a} ", 1_200))),
        large("impossible spreads", viewer(&many("...on Message{id} ", 800))),
        Hostile {
            name: "large: 20,000 values in a variable".to_owned(),
            query: "query($v: [ID!]!) { nodes(ids: $v) { id } }".to_owned(),
            variables: json!({ "v": vec![Value::from("x"); 19_000] }),
        },
        Hostile {
            name: "large: a variable of 900 kB, four times".to_owned(),
            query: "query($v: JSON) { viewer { id @include(if: $v) email @include(if: $v) } a: node(id: $v) { id } b: node(id: $v) { id } }".to_owned(),
            variables: json!({ "v": "x".repeat(900_000) }),
        },
    ]
}
