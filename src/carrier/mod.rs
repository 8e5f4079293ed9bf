//! Carries one-time codes: into the log, by a mail server, or to the operator's gateway.

mod log;
mod smtp;
mod webhook;

pub use log::LogCarrier;
pub use smtp::{Sender, SmtpCarrier};
pub use webhook::WebhookCarrier;

use crate::chat::{CodeCarrier, Letter, Undelivered};
use crate::domain::contact::Contact;
use async_trait::async_trait;

/// Codes to emails by a mail server, and to mobile numbers by a gateway, where there is one.
pub struct Apart {
    /// Who carries those to emails.
    pub emails: SmtpCarrier,
    /// Who carries those to mobile numbers.
    pub numbers: Option<WebhookCarrier>,
}

#[async_trait]
impl CodeCarrier for Apart {
    fn reaches(&self, to: &Contact) -> bool {
        matches!(to, Contact::Email(_)) || self.numbers.is_some()
    }

    async fn carry(&self, letter: &Letter) -> Result<(), Undelivered> {
        match (&letter.to, &self.numbers) {
            (Contact::Email(to), _) => self.emails.send(to, letter).await,
            (Contact::MobileNumber(_), Some(numbers)) => numbers.carry(letter).await,
            (Contact::MobileNumber(_), None) => {
                Err(Undelivered::Lasting("nobody carries to mobile numbers".to_owned()))
            }
        }
    }
}
