//! Posts codes to a webhook: the operator's gateway for short messages, or for emails.

use crate::chat::{CodeCarrier, Letter, Undelivered};
use crate::domain::contact::Contact;
use crate::webhook::Webhook;
use async_trait::async_trait;
use serde::Serialize;
use std::time::Duration;

/// How long one post may take.
const LIMIT: Duration = Duration::from_secs(5);

/// The gateway at that webhook.
pub struct WebhookCarrier(pub Webhook);

/// What is posted of a code.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CodeBody<'l> {
    /// What has come under it already need not be sent again.
    id: String,
    kind: &'static str,
    to: To<'l>,
    code: &'l str,
    /// What a person is to read.
    text: String,
    /// RFC 3339.
    expires_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum To<'l> {
    Email(&'l str),
    /// A plus and the digits (E.164).
    MobileNumber(String),
}

#[async_trait]
impl CodeCarrier for WebhookCarrier {
    fn reaches(&self, _: &Contact) -> bool {
        true
    }

    async fn carry(&self, letter: &Letter) -> Result<(), Undelivered> {
        let id = letter.id.to_string();
        let body = CodeBody {
            id: id.clone(),
            kind: "LOGIN_CODE",
            to: match &letter.to {
                Contact::Email(email) => To::Email(email.as_str()),
                Contact::MobileNumber(number) => To::MobileNumber(number.e164()),
            },
            code: letter.code.as_str(),
            text: letter.text(),
            expires_at: letter.expires_at.to_string(),
        };
        self.0.post(&id, &body, LIMIT).await.map_err(Undelivered::Passing)
    }
}
