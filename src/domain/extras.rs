//! What a message holds beside its words: attachments, the app's own data, and whom it mentions.

use super::address;
use super::ids::UserId;
use super::rules::{
    MAX_ATTACHMENT_NAME_LENGTH, MAX_ATTACHMENTS, MAX_CONTENT_TYPE_LENGTH, MAX_MENTIONS, MAX_METADATA_BYTES,
};
use super::text::is_unprintable;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Something that lies elsewhere on the web.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Where it is.
    pub url: String,
    /// What to call it.
    pub name: Option<String>,
    /// Its media type, as its sender says.
    pub content_type: Option<String>,
    /// How many bytes it has, as its sender says.
    pub byte_size: Option<u32>,
}

impl Attachment {
    /// The same with nothing wrong in it; or what is wrong, on the field at fault.
    pub fn checked(self) -> Result<Self> {
        let Self { url, name, content_type, byte_size } = self;
        Ok(Self {
            url: address::parse("url", &url)?,
            name: name.map(|name| bounded("name", name, MAX_ATTACHMENT_NAME_LENGTH)).transpose()?,
            content_type: content_type.map(|of| bounded("contentType", of, MAX_CONTENT_TYPE_LENGTH)).transpose()?,
            byte_size,
        })
    }

    fn bytes(&self) -> usize {
        /// Its keys and its size.
        const FRAME: usize = 64;
        let texts = [Some(&self.url), self.name.as_ref(), self.content_type.as_ref()];
        FRAME + texts.into_iter().flatten().map(String::len).sum::<usize>()
    }
}

fn bounded(field: &'static str, text: String, max: usize) -> Result<String> {
    let is_fit = (1..=max).contains(&text.chars().count()) && !text.chars().any(is_unprintable);
    let refused = || Error::invalid(field, format!("must be 1 to {max} printable characters"));
    if is_fit { Ok(text) } else { Err(refused()) }
}

/// The app's own data: a JSON object of at most [`MAX_METADATA_BYTES`] bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(Map<String, Value>);

impl Metadata {
    /// The object, or what is wrong with it, on the field `metadata`.
    pub fn parse(value: Value) -> Result<Self> {
        let Value::Object(object) = value else {
            return Err(Error::invalid("metadata", "must be a JSON object"));
        };
        let metadata = Self(object);
        if metadata.bytes() > MAX_METADATA_BYTES {
            return Err(Error::invalid("metadata", format!("must have at most {MAX_METADATA_BYTES} bytes as JSON")));
        }
        Ok(metadata)
    }

    /// The object.
    pub fn object(&self) -> &Map<String, Value> {
        &self.0
    }

    fn bytes(&self) -> usize {
        to_json(&self.0).len()
    }
}

/// All that a message holds beside its words. None of it ever changes but that it goes when the message is deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Extras {
    /// What is attached, in the sender's order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The app's own data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// Who is mentioned, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
}

impl Extras {
    /// The same within the limits and with each person mentioned once; or what is wrong, on the field at fault. What
    /// stands in the lists is taken to be right.
    pub fn checked(mut self) -> Result<Self> {
        if self.attachments.len() > MAX_ATTACHMENTS {
            return Err(Error::invalid("attachments", format!("a message has at most {MAX_ATTACHMENTS} of them")));
        }
        if self.mentions.len() > MAX_MENTIONS {
            return Err(Error::invalid("mentionIds", format!("a message mentions at most {MAX_MENTIONS} people")));
        }
        let mut mentions = Vec::with_capacity(self.mentions.len());
        for user in self.mentions {
            if !mentions.contains(&user) {
                mentions.push(user);
            }
        }
        self.mentions = mentions;
        Ok(self)
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// As the stores keep it: JSON, and none where there is nothing.
    pub fn to_stored(&self) -> Option<String> {
        (!self.is_empty()).then(|| to_json(self))
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        /// An id as JSON.
        const ID: usize = 40;
        self.attachments.iter().map(Attachment::bytes).sum::<usize>()
            + self.metadata.as_ref().map_or(0, Metadata::bytes)
            + self.mentions.len() * ID
    }
}

/// As JSON. Of what is written so nothing can fail: the keys are strings.
pub(super) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::clock::Timestamp;
    use super::*;
    use serde_json::json;

    fn attachment() -> Attachment {
        let url = "https://example.org/a.png".to_owned();
        Attachment {
            url,
            name: Some("A picture".to_owned()),
            content_type: Some("image/png".to_owned()),
            byte_size: Some(0),
        }
    }

    #[test]
    fn an_attachment_is_bounded() {
        assert_eq!(attachment().checked().unwrap(), attachment());
        let unnamed = |name: &str| Attachment { name: Some(name.to_owned()), ..attachment() };
        for (wrong, field) in [
            (Attachment { url: "data:,hello".to_owned(), ..attachment() }, "url"),
            (unnamed(""), "name"),
            (unnamed("a\u{202E}gpj.exe"), "name"),
            (unnamed(&"a".repeat(MAX_ATTACHMENT_NAME_LENGTH + 1)), "name"),
            (Attachment { content_type: Some("a\nb".to_owned()), ..attachment() }, "contentType"),
        ] {
            assert_eq!(wrong.checked().unwrap_err().field(), [field]);
        }
    }

    #[test]
    fn metadata_is_an_object_of_a_limited_size() {
        assert!(Metadata::parse(json!({"a": [1, null, "\u{0}"]})).is_ok());
        // Two quotes, two braces and a colon, and an empty key.
        let fitting = "x".repeat(MAX_METADATA_BYTES - 7);
        assert!(Metadata::parse(json!({"": fitting})).is_ok());
        for wrong in [json!([]), json!("a"), json!(null), json!({"": format!("{fitting}x")})] {
            assert_eq!(Metadata::parse(wrong).unwrap_err().field(), ["metadata"]);
        }
    }

    #[test]
    fn who_is_mentioned_twice_is_mentioned() {
        let at = Timestamp::from_unix_millis(1).unwrap();
        let (ada, ben) = (UserId::new(at), UserId::new(at));
        let extras = Extras { mentions: vec![ada, ben, ada], ..Extras::default() };
        assert_eq!(extras.checked().unwrap().mentions, [ada, ben]);
        let many = Extras { mentions: vec![ada; MAX_MENTIONS + 1], ..Extras::default() };
        assert_eq!(many.checked().unwrap_err().field(), ["mentionIds"]);
        let many = Extras { attachments: vec![attachment(); MAX_ATTACHMENTS + 1], ..Extras::default() };
        assert_eq!(many.checked().unwrap_err().field(), ["attachments"]);
    }

    #[test]
    fn what_is_kept_reads_back() {
        let metadata = Some(Metadata::parse(json!({"a": 1.5})).unwrap());
        let extras = Extras { attachments: vec![attachment()], metadata, mentions: Vec::new() };
        assert_eq!(serde_json::from_str::<Extras>(&extras.to_stored().unwrap()).unwrap(), extras);
        assert_eq!(Extras::default().to_stored(), None);
    }
}
