//! Documents and requests that mean ill.

use serde_json::{Value, json};
use std::fmt::Write as _;

/// A request that is to be refused.
pub(crate) struct Hostile {
    /// What it tries.
    pub(crate) name: String,
    /// What it consists of.
    pub(crate) query: String,
    pub(crate) variables: Value,
}

impl Hostile {
    /// Its parameters.
    pub(crate) fn request(&self) -> Value {
        json!({ "query": self.query, "variables": self.variables })
    }
}

/// What no schema lets pass: requests of GraphQL at least.
pub(crate) fn corpus() -> Vec<Hostile> {
    let mut corpus = Vec::new();
    let mut add =
        |name: &str, query: String| corpus.push(Hostile { name: name.to_owned(), query, variables: json!({}) });
    for depth in [66, 4_000, 90_000] {
        for (n, query) in nested(depth).into_iter().enumerate() {
            add(&format!("nested {depth} deep, {n}"), query);
        }
    }
    texts(&mut add);
    fragments(&mut add);
    repetitions(&mut add);
    mistakes(&mut add);
    corpus.extend(with_variables());
    corpus
}

/// What our schema would let pass but for its cost.
pub(crate) fn costly() -> Vec<Hostile> {
    let mut costly = Vec::new();
    expensive(&mut |name, query| costly.push(Hostile { name: name.to_owned(), query, variables: json!({}) }));
    costly
}

/// One after another, each by its number.
fn numbered(count: usize, one: &dyn Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

type Add<'a> = &'a mut dyn FnMut(&str, String);

/// Brackets of each kind within each other, so many deep.
pub(crate) fn nested(depth: usize) -> Vec<String> {
    let wrap = |open: &str, middle: &str, close: &str| format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
    vec![
        wrap("{a", "", "}"),
        wrap("{...on A", "{a}", "}"),
        wrap("{a@b(c:[", "", "])}"),
        format!("{{a(b:{})}}", wrap("[", "", "]")),
        format!("{{a(b:{})}}", wrap("{a:", "1", "}")),
        format!("query($a:{}){{a}}", wrap("[", "Int", "]")),
        format!("query($a:Int={}){{a}}", wrap("[", "", "]")),
        format!("query($a:A={}){{a}}", wrap("{a:", "1", "}")),
        format!("{{a(b:{}", "[".repeat(depth)),
        "{a".repeat(depth),
        "{a(".repeat(depth),
        "}".repeat(depth),
    ]
}

/// What is no document at all, or hardly one.
fn texts(add: Add<'_>) {
    for (name, query) in [
        ("nothing", String::new()),
        ("white space", " ".repeat(60_000)),
        ("commas", ",".repeat(60_000)),
        ("a comment", format!("#{}", "x".repeat(60_000))),
        ("marks of byte order", "\u{feff}".repeat(20_000)),
        ("zeros", "\0".repeat(1_000)),
        ("a zero in a name", "{ he\0llo }".to_owned()),
        ("control characters", "{ \u{1}\u{2}\u{7f} }".to_owned()),
        ("letters of other scripts", "{ имя }".to_owned()),
        ("text that turns round", "{ \u{202e}olleh }".to_owned()),
        ("a string without an end", format!("{{ a(b: \"{}", "x".repeat(60_000))),
        ("a block string without an end", format!("{{ a(b: \"\"\"{}", "x".repeat(60_000))),
        ("quotes", "\"".repeat(60_000)),
        ("backslashes", format!("{{ a(b: \"{}", "\\".repeat(60_000))),
        ("an escape that is cut off", "{ a(b: \"\\u12\") }".to_owned()),
        ("half a pair of surrogates", "{ a(b: \"\\ud800\") }".to_owned()),
        ("an escape that there is not", "{ a(b: \"\\x41\") }".to_owned()),
        ("a line in a string", "{ a(b: \"\n\") }".to_owned()),
        ("a huge number", format!("{{ a(b: {}) }}", "9".repeat(60_000))),
        ("a huge exponent", "{ a(b: 1e999999999) }".to_owned()),
        ("a tiny exponent", "{ a(b: 1e-999999999) }".to_owned()),
        ("a number of many decimals", format!("{{ a(b: 0.{}) }}", "1".repeat(60_000))),
        ("numbers that are none", "{ a(b: 01 c: 1. d: .5 e: 0x1 f: - g: 1e) }".to_owned()),
        ("a name without an end", format!("{{ {} }}", "a".repeat(60_000))),
        ("a block string of many lines", format!("{{ a(b: \"\"\"{}\"\"\") }}", " \n".repeat(30_000))),
        ("spreads of nothing", "{ ... ".repeat(60)),
        ("only a fragment", "fragment f on Query { a }".to_owned()),
        ("a schema", "type Query { a: Int }".to_owned()),
        ("a subscription of several fields", "subscription { count(to: 1) held }".to_owned()),
        ("a subscription of introspection", "subscription { __typename }".to_owned()),
        ("a subscription that may not be", "subscription { count(to: 1) @skip(if: false) }".to_owned()),
    ] {
        add(name, query);
    }
}

/// A chain of fragments, each of which spreads the next so.
fn chain(length: usize, spreads: &str) -> String {
    let mut document = "{ ...f0 }".to_owned();
    for n in 0..length {
        let spreads = spreads.replace("NEXT", &format!("f{}", n + 1));
        write!(document, " fragment f{n} on Query {{ {spreads} }}").unwrap();
    }
    write!(document, " fragment f{length} on Query {{ __typename }}").unwrap();
    document
}

fn fragments(add: Add<'_>) {
    let circle = |length: usize| {
        let fragments = (0..length).map(|n| format!(" fragment f{n} on Query {{ ...f{} }}", (n + 1) % length));
        fragments.collect::<String>()
    };
    add("a bomb of fragments", chain(30, "...NEXT ...NEXT"));
    add("a bomb of fragments within fields", chain(30, "a: __typename ... { ...NEXT } ... { ...NEXT }"));
    add("a bomb of many spreads", chain(4, &"...NEXT ".repeat(100)));
    add("a bomb in levels", chain(20, "self { ...NEXT } me: self { ...NEXT }"));
    add("a long chain of fragments", chain(500, "...NEXT"));
    add("a fragment that spreads itself", format!("{{ ...f0 }}{}", circle(1)));
    add("a circle of two", format!("{{ ...f0 }}{}", circle(2)));
    add("a circle of hundreds", format!("{{ ...f0 }}{}", circle(500)));
    add("a circle that nobody spreads", format!("{{ __typename }}{}", circle(3)));
    add("a circle through fields", "{ ...f } fragment f on Query { self { self { ...f } } }".to_owned());
    let unused = numbered(600, &|n| format!(" fragment f{n} on Query {{ __typename }}"));
    add("fragments that nobody spreads", format!("{{ __typename }}{unused}"));
    let unused = numbered(50, &|n| format!(" fragment f{n} on Query {{ {} }}", "...f0 ".repeat(40)));
    add("spreads of fragments that spread", format!("{{ __typename }}{unused}"));
    add("spreads of what there is not", format!("{{ viewer {{ {} }} }}", "...nothing ".repeat(2_200)));
    add("fragments on what there is not", format!("{{ viewer {{ {} }} }}", "...on Nothing{a} ".repeat(700)));
}

fn repetitions(add: Add<'_>) {
    let many = |what: &str, count: usize| what.repeat(count);
    add("aliases", format!("{{ {} }}", numbered(1_200, &|n| format!("a{n}:__typename "))));
    add("aliases on the second level", format!("{{ viewer {{ {} }} }}", numbered(1_200, &|n| format!("a{n}:id "))));
    add("fields of the first level", format!("{{ {} }}", many("hello ", 4_000)));
    add("mutations", format!("mutation {{ {} }}", numbered(1_000, &|n| format!("a{n}:touch "))));
    add("directives of a field", format!("{{ __typename {} }}", many("@include(if:true)", 600)));
    add("directives that there are not", format!("{{ __typename {} }}", many("@nothing", 2_200)));
    add("directives of an operation", format!("query {} {{ __typename }}", many("@nothing", 2_200)));
    add("directives of a variable", format!("query($a:Int {}) {{ __typename }}", many("@nothing", 2_200)));
    add("arguments", format!("{{ echo({}) }}", numbered(1_500, &|n| format!("a{n}:1 "))));
    add("an argument again and again", format!("{{ echo({}) }}", many("value:1 ", 1_500)));
    add("arguments of a directive", format!("{{ __typename @include({}) }}", many("if:true ", 1_500)));
    let differing = numbered(700, &|n| format!("echo(value:{n}) "));
    add("fields that differ", format!("{{ viewer {{ {differing} }} }}"));
    let wide = format!("echo({}) ", numbered(700, &|n| format!("a{n}:1 ")));
    add("one field against all", format!("{{ viewer {{ {wide} {} }} }}", many("echo ", 2_500)));
    let deep = format!("{}{differing}{}", many("...{", 40), many("}", 40));
    add("fields that differ, on all levels", format!("{{ viewer {{ {deep} }} }}"));
    let variables = numbered(1_100, &|n| format!("$v{n}:Int "));
    add("variables that nobody uses", format!("query {}({variables}) {{ __typename }}", many("Q", 250)));
    add("a variable again and again", format!("query({}) {{ __typename }}", many("$v:Int ", 1_100)));
    add("variables of no type", format!("query({}) {{ __typename }}", many("$v:Nothing ", 1_100)));
    add("variables that there are not", format!("{{ echo(value:[{}]) }}", numbered(2_200, &|n| format!("$v{n} "))));
    let operations = numbered(300, &|n| format!("query Q{n} {{ ...f }} "));
    add(
        "operations that share what is wrong",
        format!("{operations} fragment f on Query {{ echo(value:[{}]) }}", many("$nobody ", 1_400)),
    );
    add("operations", numbered(900, &|n| format!("query Q{n} {{ __typename }} ")));
    add("operations of one name", many("query Q { __typename } ", 900));
    add("operations without a name", many("{ __typename } ", 1_500));
}

fn mistakes(add: Add<'_>) {
    add("fields that there are not", format!("{{ viewer {{ {} }} }}", numbered(4_000, &|n| format!("convers{n} "))));
    add(
        "long names that there are not",
        format!("{{ viewer {{ {} }} }}", numbered(200, &|n| format!("{}{n} ", "x".repeat(240)))),
    );
    add("mutations that there are not", format!("mutation {{ {} }}", numbered(50, &|n| format!("sendMesage{n} "))));
    let inputs = numbered(1_500, &|n| format!("a{n}:1 "));
    add("a field of an input that there is not", format!("mutation {{ sendMessage(input:{{{inputs}}}) {{ id }} }}"));
    let enums = numbered(4_000, &|n| format!("E{n} "));
    add("values of an enumeration", format!("subscription {{ events(only:[{enums}]) {{ __typename }} }}"));
    add("lists where there is one", format!("{{ node(id:[{}]) {{ id }} }}", "1 ".repeat(4_000)));
    let objects = "{a:1} ".repeat(900);
    add("objects where there are ids", format!("{{ nodes(ids:[{objects}]) {{ id }} }}"));
    add("fields of a scalar", format!("{{ viewer {{ id {{ {} }} }} }}", "a ".repeat(4_000)));
    add("objects without fields", format!("{{ {} }}", numbered(40, &|n| format!("a{n}: viewer "))));
}

/// What would take long to run.
fn expensive(add: Add<'_>) {
    let people = |page: &str| format!("members({page}) {{ nodes {{ user {{ id username }} role }} }}");
    let page =
        |page: &str, within: &str| format!("{{ viewer {{ conversations({page}) {{ nodes {{ id {within} }} }} }} }}");
    add("a page of a page", page("first: 100", &people("first: 100")));
    add("a page of a page, from its end", page("last: 100", &people("last: 100")));
    add("a page of a size by default", format!("query($n: Int = 100) {}", page("first: $n", &people("first: $n"))));
    add("a page of a size that is not said", page("", &people("")));
    let named = (0..40).map(|n| format!("a{n}: messages(first: 100) {{ nodes {{ text author {{ id }} }} }} "));
    add("pages under many names", page("first: 50", &named.collect::<String>()));
    let fields = |times: usize| format!("{}name{}", "fields{type{".repeat(times), "}}".repeat(times));
    add("introspection that goes in circles", format!("{{__schema{{types{{{}}}}}}}", fields(9)));
    let types = numbered(120, &|n| format!("a{n}:types{{fields{{args{{name type{{name}}}}}}}} "));
    add("introspection again and again", format!("{{__schema{{{types}}}}}"));
}

fn with_variables() -> Vec<Hostile> {
    let hostile = |name: &str, query: String, variables: Value| Hostile { name: name.to_owned(), query, variables };
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    let uses = "echo(value: $v) ".repeat(40);
    vec![
        hostile("deep variables", "query($v: JSON!) { nobody(value: $v) }".to_owned(), json!({ "v": deep })),
        hostile("many values", "query($v: [ID!]!) { nodes(ids: $v) { id } }".to_owned(), json!({ "v": vec![1; 300_000] })),
        hostile("many variables", "{ nobody }".to_owned(), (0..20_001).map(|n| (format!("v{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into()),
        hostile("a large value, used often", format!("query($v: JSON!) {{ {uses} }}"), json!({ "v": "x".repeat(900_000) })),
        hostile(
            "a large value, used often by a fragment",
            format!("query($v: JSON!) {{ {} }} fragment f on Query {{ {uses} }}", "... { ...f } ".repeat(10)),
            json!({ "v": "x".repeat(900_000) }),
        ),
        hostile("a page of a size by variable", "query($n: Int) { viewer { conversations(first: $n) { nodes { members(first: $n) { nodes { user { id } } } } } } }".to_owned(), json!({ "n": 100 })),
        hostile("a page of a size that is none", "query($n: Int) { viewer { conversations(first: $n) { nodes { members(first: $n) { nodes { user { id } } } } } } }".to_owned(), json!({ "n": [1] })),
        hostile("many ids of many fields", "query($v: [ID!]!) { nodes(ids: $v) { id ... on User { conversations(first: 100) { nodes { id } } } a: id b: id c: id d: id e: id f: id g: id h: id i: id j: id } }".to_owned(), json!({ "v": vec!["x"; 5_000] })),
    ]
}

/// Bodies that are no requests of GraphQL.
pub(crate) fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let query = |inside: &[u8]| [&br#"{"query":""#[..], inside, br#""}"#].concat();
    let deep = |open: &str, close: &str| {
        format!(r#"{{"query":"{{a}}","variables":{{"v":{}1{}}}}}"#, open.repeat(100_000), close.repeat(100_000))
    };
    vec![
        ("nothing", Vec::new()),
        ("zeros", vec![0; 1_000]),
        ("invalid UTF-8", query(b"{ a(b: \\\"\xff\xfe\\\") }")),
        ("UTF-8 that is cut off", query(b"{ a } # \xe2\x82")),
        ("an overlong zero", query(b"{ a\xc0\x80 }")),
        ("a surrogate in UTF-8", query(b"{ a\xed\xa0\x80 }")),
        ("half a pair of surrogates", query(b"{ a(b: \\ud800) }")),
        ("an escape that is cut off", query(b"{ a(b: \\u12")),
        ("an escape that there is not", query(b"\\x")),
        ("a zero as it is", query(b"\0")),
        ("deep lists in the variables", deep("[", "]").into_bytes()),
        ("deep objects in the variables", deep(r#"{"a":"#, "}").into_bytes()),
        ("deep lists", vec![b'['; 200_000]),
        ("deep objects", br#"{"query":"#.repeat(50_000)),
        ("a huge number", [&br#"{"query":"{a}","variables":{"v":"#[..], &[b'9'; 200_000], b"e999999999}}"].concat()),
        ("a query that is a number", br#"{"query":1}"#.to_vec()),
        ("two queries", br#"{"query":"{a}","query":"{b}"}"#.to_vec()),
        ("no query", br#"{"variables":{}}"#.to_vec()),
        ("no end", br#"{"query":"{a}"#.to_vec()),
        ("more after the end", br#"{"query":"{a}"}{"query":"{a}"}"#.to_vec()),
    ]
}
