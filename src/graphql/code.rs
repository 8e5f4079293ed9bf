//! One-time codes, and the contacts that they prove.

use super::caller::ContextExt as _;
use super::errors::{Payload, Result, UserError, answer};
use super::profile::ViewerPayload;
use super::scalars::DateTime;
use crate::chat::{Chat, CodeAttempt, CodeSent, SignedIn};
use crate::domain::client::ClientAddress;
use crate::domain::contact::{Contact, MobileNumber};
use crate::domain::user::{Email, parse_device_name};
use crate::error::Error;
use async_graphql::{Context, InputObject, Object, OneofObject, SimpleObject};

/// Where a code is sent.
#[derive(OneofObject)]
pub enum CodeRecipient {
    /// 10 to 15 digits with the country's code; spaces, dashes, parentheses and a plus do not count.
    MobileNumber(String),
    /// An address.
    Email(String),
}

impl CodeRecipient {
    fn parse(self) -> Result<Contact, Error> {
        let contact = match self {
            Self::MobileNumber(number) => MobileNumber::parse(&number).map(Contact::MobileNumber),
            Self::Email(email) => Email::parse(&email).map(Contact::Email),
        };
        contact.map_err(|error| error.within("to"))
    }
}

/// A code that was sent, and where.
#[derive(InputObject)]
pub struct CodeLogin {
    /// Where.
    to: CodeRecipient,
    /// Its six digits.
    code: String,
    /// What the device calls itself.
    device_name: Option<String>,
}

impl CodeLogin {
    /// Signs in by it.
    pub(super) async fn sign_in(self, chat: &Chat, by: ClientAddress) -> Result<SignedIn, Error> {
        let Self { to, code, device_name } = self;
        let device_name = device_name.map(|name| parse_device_name(&name)).transpose()?;
        chat.login_by_code(CodeAttempt { to: to.parse()?, code, device_name }, by).await
    }
}

/// Where a code is to be sent.
#[derive(InputObject)]
pub struct RequestLoginCodeInput {
    /// To an email or to a mobile number.
    to: CodeRecipient,
}

/// A contact of one's own, and the code that was sent there.
#[derive(InputObject)]
pub struct SetContactInput {
    /// An email or a mobile number; it takes the place of the one that there is.
    to: CodeRecipient,
    /// Its six digits.
    code: String,
}

/// A code that is on its way, or why none is.
#[derive(Default, SimpleObject)]
pub struct RequestLoginCodePayload {
    /// When the code runs out.
    expires_at: Option<DateTime>,
    /// The code itself, only where the operator has turned delivery into an echo, for development.
    code: Option<String>,
    /// Why none is sent.
    errors: Vec<UserError>,
}

impl Payload for RequestLoginCodePayload {
    fn refused(errors: Vec<UserError>) -> Self {
        Self { errors, ..Self::default() }
    }
}

impl From<CodeSent> for RequestLoginCodePayload {
    fn from(CodeSent { expires_at, echo }: CodeSent) -> Self {
        let code = echo.map(|code| code.as_str().to_owned());
        Self { expires_at: Some(expires_at.into()), code, errors: Vec::new() }
    }
}

/// Asking for codes, and showing by them what is one's own.
#[derive(Default)]
pub struct CodeMutation;

#[Object]
impl CodeMutation {
    /// Sends a one-time code; answers the same whether or not the account exists. One that was sent there before counts no more.
    async fn request_login_code(
        &self,
        ctx: &Context<'_>,
        input: RequestLoginCodeInput,
    ) -> Option<Result<RequestLoginCodePayload>> {
        let sent = async { Ok(ctx.chat().request_login_code(input.to.parse()?, ctx.client()).await?.into()) };
        answer(sent.await)
    }

    /// Adds or changes the viewer's proven email or mobile number, by a code sent there.
    async fn set_contact(&self, ctx: &Context<'_>, input: SetContactInput) -> Option<Result<ViewerPayload>> {
        let set = async {
            let viewer = ctx.viewer()?;
            ctx.chat().set_contact(&viewer, input.to.parse()?, &input.code, ctx.client()).await?;
            Ok(ViewerPayload::new(&viewer))
        };
        answer(set.await)
    }
}
