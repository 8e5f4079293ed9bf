//! The pages that are in the binary: each built file at its path, in every form, under the headers that keep it alone with
//! its server.

use crate::support::backend::{Backend, Node};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What the texts of libraries name: namespaces of XML, and where their errors and manuals are explained. Nothing asks there.
const NAMED: &[&str] =
    &["www.w3.org", "react.dev", "github.com", "yarnpkg.com", "en.wikipedia.org", "commonmark.org", "codemirror.net"];

/// The files as they were built, by their paths on the server.
fn built() -> BTreeMap<String, PathBuf> {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let mut files = BTreeMap::new();
    for (app, page, root) in [("graphiql", "/graphiql", "/graphiql/"), ("web", "/", "/")] {
        for file in files_in(&assets.join(app)) {
            let name = file.strip_prefix(assets.join(app)).unwrap().to_str().unwrap().to_owned();
            let path = if name == "index.html" { page.to_owned() } else { format!("{root}{name}") };
            files.insert(path, file);
        }
    }
    files.retain(|_, file| !is_form(file));
    files
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}

/// Whether it is the compressed form of a file beside it.
fn is_form(file: &Path) -> bool {
    matches!(file.extension().and_then(|ending| ending.to_str()), Some("br" | "gz"))
}

/// What stands behind the last stop of a path.
fn ending(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    file.with_file_name(format!("{}{ending}", file.file_name().unwrap().to_str().unwrap()))
}

async fn ask(node: &Node, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let header = |(name, value): &(&str, &str)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    let headers: HeaderMap<HeaderValue> = headers.iter().map(header).collect();
    let request = reqwest::Client::new().request(method, format!("{}{path}", node.url)).headers(headers);
    request.send().await.unwrap()
}

fn text<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// Undoes what `Content-Encoding` says.
fn decoded(coding: Option<&str>, bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    match coding {
        Some("br") => brotli_decompressor::Decompressor::new(bytes, 4096).read_to_end(&mut whole),
        Some("gzip") => flate2::read::GzDecoder::new(bytes).read_to_end(&mut whole),
        None => return bytes.to_owned(),
        Some(other) => panic!("{other}"),
    }
    .unwrap();
    whole
}

#[tokio::test]
async fn every_file_is_there_in_each_form_as_it_was_built() {
    let node = Backend::sqlite().await.unwrap().node().await;
    let files = built();
    assert!(files.len() >= 4, "{files:?}");
    for (path, file) in &files {
        let whole = std::fs::read(file).unwrap();
        let mut tags = Vec::new();
        for (accept, coding, ending) in [("br, gzip", "br", ".br"), ("gzip", "gzip", ".gz"), ("identity", "", "")] {
            let is_built = with_ending(file, ending).exists();
            let answer = ask(&node, Method::GET, path, &[("accept-encoding", accept)]).await;
            assert_eq!(answer.status(), 200, "{path}");
            let found = text(&answer, "content-encoding").map(str::to_owned);
            assert_eq!(found.as_deref(), (is_built && !coding.is_empty()).then_some(coding), "{path} for {accept}");
            assert_eq!(text(&answer, "vary").unwrap().split(',').next(), Some("accept-encoding"));
            tags.push((found.clone(), text(&answer, "etag").unwrap().to_owned()));
            assert_eq!(decoded(found.as_deref(), &answer.bytes().await.unwrap()), whole, "{path} for {accept}");
        }
        for (form, tag) in &tags {
            assert!(tags.iter().all(|(other, same)| (form == other) == (tag == same)), "{path}: {tags:?}");
        }
    }
    // Who names no form gets the file as it is.
    let answer = ask(&node, Method::GET, "/graphiql", &[]).await;
    assert_eq!(text(&answer, "content-encoding"), None);
    assert_eq!(answer.bytes().await.unwrap(), std::fs::read(&files["/graphiql"]).unwrap());
}

#[tokio::test]
async fn every_file_says_what_it_is_and_what_it_may_do() {
    let node = Backend::sqlite().await.unwrap().node().await;
    for path in built().keys() {
        let answer = ask(&node, Method::GET, path, &[]).await;
        let ending = path.rsplit_once('.').map_or("html", |(_, ending)| ending);
        let kind = match ending {
            "html" => "text/html; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "ico" => "image/x-icon",
            "woff2" => "font/woff2",
            "webmanifest" => "application/manifest+json",
            "json" => "application/json",
            "txt" => "text/plain; charset=utf-8",
            _ => panic!("the server does not know what {path} is"),
        };
        let kept = if path.contains("/static/") { "public, max-age=31536000, immutable" } else { "no-cache" };
        for (name, wanted) in [
            ("content-type", kind),
            ("cache-control", kept),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(text(&answer, name), Some(wanted), "{path}");
        }
        let policy = text(&answer, "content-security-policy").unwrap();
        let rules: Vec<&str> = policy.split("; ").collect();
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(rules.contains(&rule), "{path}: {policy}");
        }
        for word in ["unsafe", "http:", "https:", "ws:", "*"] {
            assert!(!policy.contains(word), "{path}: {policy}");
        }
    }
}

#[tokio::test]
async fn what_a_client_has_is_not_sent_again() {
    let node = Backend::sqlite().await.unwrap().node().await;
    for path in built().keys() {
        let first = ask(&node, Method::GET, path, &[("accept-encoding", "gzip")]).await;
        let tag = text(&first, "etag").unwrap();
        for known in [tag, &format!("W/{tag}"), &format!("\"other\", {tag}"), "*"] {
            let again = ask(&node, Method::GET, path, &[("accept-encoding", "gzip"), ("if-none-match", known)]).await;
            assert_eq!(again.status(), 304, "{path}: {known}");
            for name in ["etag", "cache-control", "vary", "content-security-policy"] {
                assert_eq!(text(&again, name), text(&first, name), "{path}");
            }
            assert_eq!(again.bytes().await.unwrap().len(), 0);
        }
        for known in ["\"other\"", &tag.replace('"', ""), ""] {
            let again = ask(&node, Method::GET, path, &[("accept-encoding", "gzip"), ("if-none-match", known)]).await;
            assert_eq!(again.status(), 200, "{path}: {known}");
        }
    }
}

#[tokio::test]
async fn a_page_is_got_by_get_and_head_alone() {
    let node = Backend::sqlite().await.unwrap().node().await;
    for path in built().keys() {
        let got = ask(&node, Method::GET, path, &[("accept-encoding", "br")]).await;
        let head = ask(&node, Method::HEAD, path, &[("accept-encoding", "br")]).await;
        let told = |response: &Response| {
            let headers =
                response.headers().iter().filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()));
            headers.map(|(name, value)| (name.to_string(), value.clone())).collect::<BTreeMap<_, _>>()
        };
        assert_eq!((head.status(), told(&head)), (got.status(), told(&got)), "{path}");
        assert_eq!(told(&head)["content-length"], got.bytes().await.unwrap().len().to_string().as_str());
        assert_eq!(head.bytes().await.unwrap().len(), 0);
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = ask(&node, method, path, &[]).await;
            assert_eq!((answer.status().as_u16(), text(&answer, "allow")), (405, Some("GET,HEAD")), "{path}");
        }
    }
}

/// The status with which the server answers to exactly this in a request's first line.
async fn status(node: &Node, target: &str) -> u16 {
    let address = node.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn nothing_else_is_found_below_the_pages() {
    let node = Backend::sqlite().await.unwrap().node().await;
    assert_eq!(status(&node, "/graphiql").await, 200);
    assert_eq!(status(&node, "/graphiql?query=x").await, 200);
    let script = built().into_keys().find(|path| path.starts_with("/graphiql/") && ending(path) == "js").unwrap();
    for target in [
        "/graphiql/",
        "/graphiql/index.html",
        "/graphiql/static",
        "/graphiql/static/",
        "/graphiql/static/../index.html",
        "/graphiql/../Cargo.toml",
        "/graphiql/static/../../../Cargo.toml",
        "/graphiql/..%2f..%2fCargo.toml",
        "/graphiql/%2e%2e/%2e%2e/Cargo.toml",
        "/graphiql/static/..%5c..%5cCargo.toml",
        "/graphiql/static//etc/passwd",
        "//etc/passwd",
        "/../../../../etc/passwd",
        "/graphiql%00",
        "/graphiql/static/%00",
        "/GRAPHIQL",
        &format!("{script}.br"),
        &format!("{script}.gz"),
        &format!("{script}%00.css"),
        &script.replace("/static/", "/static/./"),
        &script.replace("/static/", "//static/"),
    ] {
        assert_eq!(status(&node, target).await, 404, "{target}");
    }
}

#[tokio::test]
async fn no_file_names_another_server() {
    // A text runs nothing: licences say where they are from.
    for (path, file) in built().into_iter().filter(|(path, _)| ending(path) != "txt") {
        let Ok(told) = String::from_utf8(std::fs::read(&file).unwrap()) else { continue };
        for (at, _) in told.match_indices("//") {
            let before = &told[..at];
            let is_address =
                before.ends_with("http:") || before.ends_with("https:") || before.ends_with(['"', '\'', '=']);
            let rest = told[at + 2..].split(|c: char| !c.is_ascii_alphanumeric() && !".-".contains(c)).next().unwrap();
            let is_host = rest.contains('.') && !rest.starts_with('.');
            let is_script = ["js", "svg"].contains(&ending(&path));
            assert!(!is_address || !is_host || is_script && NAMED.contains(&rest), "{path} names {rest}");
        }
    }
}

#[tokio::test]
async fn pages_are_there_as_the_settings_say() {
    for (graphiql, web) in [("on", "on"), ("on", "off"), ("off", "on"), ("off", "off")] {
        let backend =
            Backend::sqlite().await.unwrap().with("NATTERJACK_GRAPHIQL", graphiql).with("NATTERJACK_WEB", web);
        let node = backend.node().await;
        let files = built();
        let graphiql_page = (graphiql == "on").then(|| files["/graphiql"].clone());
        let web_page = files.get("/").filter(|_| web == "on").cloned();
        for (path, wanted) in [("/graphiql", graphiql_page.clone()), ("/", web_page.or(graphiql_page))] {
            let answer = ask(&node, Method::GET, path, &[]).await;
            assert_eq!(answer.status(), if wanted.is_some() { 200 } else { 404 }, "{path} {graphiql} {web}");
            if let Some(wanted) = wanted {
                assert_eq!(answer.bytes().await.unwrap(), std::fs::read(wanted).unwrap(), "{path} {graphiql} {web}");
            }
        }
        for path in files.keys().filter(|path| *path != "/") {
            let setting = if path.starts_with("/graphiql") { graphiql } else { web };
            let status = ask(&node, Method::GET, path, &[]).await.status();
            assert_eq!(status, if setting == "on" { 200 } else { 404 }, "{path} {graphiql} {web}");
        }
    }
}
