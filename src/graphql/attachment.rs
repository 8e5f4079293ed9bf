//! What messages hold beside their words.

use crate::domain::extras as domain;
use crate::error::Error;
use async_graphql::{InputObject, SimpleObject};

/// Something that lies elsewhere on the web.
#[derive(SimpleObject)]
pub struct Attachment {
    /// Where it is: an https address, or an http one of this machine.
    #[graphql(tag = "for all")]
    url: String,
    /// What to call it.
    #[graphql(tag = "for all")]
    name: Option<String>,
    /// Its media type, as its sender says.
    #[graphql(tag = "for all")]
    content_type: Option<String>,
    /// How many bytes it has, as its sender says.
    #[graphql(tag = "for all")]
    byte_size: Option<i32>,
}

impl From<&domain::Attachment> for Attachment {
    fn from(attachment: &domain::Attachment) -> Self {
        let domain::Attachment { url, name, content_type, byte_size } = attachment.clone();
        let byte_size = byte_size.map(|size| i32::try_from(size).unwrap_or(i32::MAX));
        Self { url, name, content_type, byte_size }
    }
}

/// What to attach.
#[derive(InputObject)]
pub struct AttachmentInput {
    /// Where it is: an https address, or an http one of this machine, of up to 2,048 characters.
    url: String,
    /// What to call it: up to 255 characters.
    name: Option<String>,
    /// Its media type: up to 255 characters.
    content_type: Option<String>,
    /// How many bytes it has.
    byte_size: Option<i32>,
}

impl AttachmentInput {
    /// All of them with nothing wrong in them, or what is wrong, on `attachments`, the number in the list, and its field.
    pub fn parse_all(inputs: Vec<Self>) -> Result<Vec<domain::Attachment>, Error> {
        let parsed = inputs
            .into_iter()
            .enumerate()
            .map(|(n, input)| input.parse().map_err(|error| error.within(n.to_string()).within("attachments")));
        parsed.collect()
    }

    fn parse(self) -> Result<domain::Attachment, Error> {
        let Self { url, name, content_type, byte_size } = self;
        let negative = |_| Error::invalid("byteSize", "must not be negative");
        let byte_size = byte_size.map(u32::try_from).transpose().map_err(negative)?;
        domain::Attachment { url, name, content_type, byte_size }.checked()
    }
}
