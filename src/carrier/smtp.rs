//! Sends codes as emails.

use crate::chat::{Letter, Undelivered};
use crate::domain::user::Email;
use crate::error::{Code, Error, Result};
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use std::str::FromStr;
use std::time::Duration;
use tokio::time::timeout;
use url::{Host, Url};

/// How long the server may take to each command.
const COMMAND_LIMIT: Duration = Duration::from_secs(5);
/// How long one email may take, with its connection.
const LIMIT: Duration = Duration::from_secs(15);

/// From whom emails are.
#[derive(Clone, Debug)]
pub struct Sender(Mailbox);

impl FromStr for Sender {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mailbox = text.parse().map(Self);
        mailbox.map_err(|_| Error::new(Code::InvalidInput, "must be an address, or `Name <address>`"))
    }
}

/// A mail server, spoken to anew for each email: they are few, and a connection that is kept would have to be looked after.
pub struct SmtpCarrier {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpCarrier {
    /// The server at that address, which is `smtps://…`, `smtp://…?tls=required`, or `smtp://` on this machine: nothing that others can
    /// read on its way. A name and a password in it are percent-encoded.
    pub fn new(address: &str, from: Sender) -> Result<Self> {
        let refused = |reason: &str| Error::new(Code::InvalidInput, reason.to_owned());
        let url = Url::parse(address).map_err(|_| refused("is no address of a mail server"))?;
        let is_sealed = url.scheme() == "smtps" || url.query() == Some("tls=required");
        if !is_sealed && !is_local(&url) {
            return Err(refused("must be smtps://…, or smtp://…?tls=required, but on this machine"));
        }
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(address);
        let server = server.map_err(|_| refused("is no address of a mail server"))?;
        Ok(Self { server: server.timeout(Some(COMMAND_LIMIT)).build(), from: from.0 })
    }

    /// Sends a code to that address.
    pub(super) async fn send(&self, to: &Email, letter: &Letter) -> Result<(), Undelivered> {
        let to = to.as_str().parse().map_err(|_| lasting("no mail goes to such an address"))?;
        let email = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject("Your code to sign in")
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text())
            .map_err(|error| lasting(&error.to_string()))?;
        match timeout(LIMIT, self.server.send(email)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(refusal(&error)),
            Err(_) => Err(Undelivered::Passing("it has not answered in time".to_owned())),
        }
    }
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn refusal(error: &smtp::Error) -> Undelivered {
    // A server that refuses for good says so (RFC 5321, section 4.2.1).
    if error.is_permanent() { lasting(&error.to_string()) } else { Undelivered::Passing(error.to_string()) }
}

fn lasting(reason: &str) -> Undelivered {
    Undelivered::Lasting(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_can_read_on_its_way_is_not_sent() {
        let sender: Sender = "natterjack <no-reply@example.org>".parse().unwrap();
        for fit in [
            "smtps://ada:pass%20word@mail.example.org",
            "smtp://mail.example.org:587?tls=required",
            "smtp://127.0.0.1:2525",
            "smtp://localhost",
            "smtp://[::1]:25",
        ] {
            assert!(SmtpCarrier::new(fit, sender.clone()).is_ok(), "{fit}");
        }
        for unfit in
            ["smtp://mail.example.org", "smtp://mail.example.org?tls=opportunistic", "smtp://", "mail.example.org"]
        {
            assert!(SmtpCarrier::new(unfit, sender.clone()).is_err(), "{unfit}");
        }
        assert!("ada".parse::<Sender>().is_err());
    }
}
