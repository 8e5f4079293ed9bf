//! The setting that names the issuers whose tokens count here: JSON, or the path of a file that holds it.

use crate::domain::address;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use url::Url;

/// Issuers whose tokens count here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedIssuers(pub Vec<TrustedIssuer>);

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedIssuer {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// The `aud` of those that are meant for this server.
    #[serde(deserialize_with = "one_or_more")]
    pub audience: Vec<String>,
    /// Where its keys are found.
    pub keys: Keys,
    /// By which algorithms its tokens may be signed.
    pub algorithms: Vec<String>,
}

/// Where an issuer's keys are found.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Keys {
    /// At that address.
    Page(String),
    /// In that file.
    File(PathBuf),
}

impl TryFrom<String> for Keys {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if Url::parse(&text).is_err() && !text.is_empty() {
            return Ok(Self::File(text.into()));
        }
        let page = address::parse("keys", &text).map(Self::Page);
        page.map_err(|_| "`keys` must be https://…, http:// on this machine, or a file".to_owned())
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore<T> {
    One(T),
    More(Vec<T>),
}

impl<T> From<OneOrMore<T>> for Vec<T> {
    fn from(all: OneOrMore<T>) -> Self {
        match all {
            OneOrMore::One(one) => vec![one],
            OneOrMore::More(more) => more,
        }
    }
}

fn one_or_more<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    OneOrMore::deserialize(deserializer).map(Into::into)
}

/// What the setting says.
pub(super) fn parse(text: &str) -> Result<TrustedIssuers, String> {
    let text = text.trim();
    if text.starts_with(['{', '[']) {
        return from_json(text);
    }
    let json = std::fs::read_to_string(Path::new(text)).map_err(|error| format!("{text}: {error}"))?;
    from_json(json.trim())
}

fn from_json(json: &str) -> Result<TrustedIssuers, String> {
    // Not by an untagged enum: its failures name no field.
    let issuers = if json.starts_with('[') {
        serde_json::from_str(json)
    } else {
        serde_json::from_str(json).map(|issuer| vec![issuer])
    };
    issuers.map(TrustedIssuers).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"issuer": "https://id.example.org", "audience": "chat",
        "keys": "https://id.example.org/jwks.json", "algorithms": ["RS256"]}"#;

    #[test]
    fn one_issuer_or_several_stand_in_the_setting_or_in_a_file() {
        let one = TrustedIssuer {
            issuer: "https://id.example.org".to_owned(),
            audience: vec!["chat".to_owned()],
            keys: Keys::Page("https://id.example.org/jwks.json".to_owned()),
            algorithms: vec!["RS256".to_owned()],
        };
        assert_eq!(parse(ONE).unwrap().0, std::slice::from_ref(&one));
        assert_eq!(parse(&format!(" [{ONE}, {ONE}]")).unwrap().0, [one.clone(), one.clone()]);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("issuers.json");
        std::fs::write(&file, ONE).unwrap();
        assert_eq!(parse(file.to_str().unwrap()).unwrap().0, [one]);
        let more =
            ONE.replace("\"chat\"", "[\"chat\", \"app\"]").replace("https://id.example.org/jwks.json", "./a.json");
        let more = parse(&more).unwrap().0.remove(0);
        assert_eq!((more.audience, more.keys), (vec!["chat".into(), "app".into()], Keys::File("./a.json".into())));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (from, to, says) in [
            ("issuer", "isuer", "isuer"),
            ("https://id.example.org/jwks.json", "http://id.example.org/jwks.json", "`keys` must be"),
            ("https://id.example.org/jwks.json", "ftp://id.example.org", "`keys` must be"),
            ("[\"RS256\"]", "\"RS256\"", "sequence"),
            ("}", "", "EOF"),
        ] {
            let refused = parse(&ONE.replacen(from, to, 1)).unwrap_err();
            assert!(refused.contains(says), "{refused}");
        }
        assert!(parse("/nowhere/at/all.json").unwrap_err().contains("/nowhere/at/all.json"));
    }
}
