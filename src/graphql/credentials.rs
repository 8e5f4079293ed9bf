//! Choosing another password, and ending one's account.

use super::caller::ContextExt as _;
use super::errors::{Result, answer};
use super::profile::ViewerPayload;
use crate::chat::{Identification, PasswordChange};
use crate::domain::user::Password;
use crate::error::Error;
use async_graphql::{Context, InputObject, Object};

/// The current password, or a code, and the password to be.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password that the account has.
    current_password: Option<String>,
    /// In its place, a code that was sent to a proven email or mobile number of the account's.
    code: Option<String>,
    /// At least 8 characters, at most 256 bytes.
    new_password: String,
}

impl ChangePasswordInput {
    fn parse(self) -> Result<PasswordChange, Error> {
        let password = Password::parse_new(self.new_password).map_err(|error| error.said_of("newPassword"))?;
        Ok(PasswordChange { proof: proof("currentPassword", self.current_password, self.code)?, password })
    }
}

/// The password, where the account has one; else a code.
#[derive(InputObject)]
pub struct DeleteAccountInput {
    /// The password that the account has.
    password: Option<String>,
    /// Where it has none, a code that was sent to a proven email or mobile number of the account's.
    code: Option<String>,
}

impl DeleteAccountInput {
    fn parse(self) -> Result<Identification, Error> {
        proof("password", self.password, self.code)
    }
}

/// One of the two: `INVALID_INPUT` on the field of the password where there is none, on `code` where there are both.
fn proof(field: &'static str, password: Option<String>, code: Option<String>) -> Result<Identification, Error> {
    match (password, code) {
        (Some(password), None) => Ok(Identification::Password(Password::attempt(password))),
        (None, Some(code)) => Ok(Identification::Code(code)),
        (None, None) => Err(Error::invalid(field, "show that it is you: give the password, or a code")),
        (Some(_), Some(_)) => Err(Error::invalid("code", "give the password or a code, not both")),
    }
}

/// What takes more than being signed in.
#[derive(Default)]
pub struct CredentialsMutation;

#[Object]
impl CredentialsMutation {
    /// Sets another password, and ends the viewer's other sessions. The current password, or a code sent to a proven email or
    /// number, shows that it is they.
    async fn change_password(&self, ctx: &Context<'_>, input: ChangePasswordInput) -> Option<Result<ViewerPayload>> {
        let changed = async {
            let viewer = ctx.viewer()?;
            ctx.chat().change_password(&viewer, input.parse()?, ctx.client()).await?;
            Ok(ViewerPayload::new(&viewer))
        };
        answer(changed.await)
    }

    /// Deletes the viewer's account, for ever. Leaves the messages standing under `Deleted User`; removes memberships, sessions
    /// and all personal data.
    async fn delete_account(&self, ctx: &Context<'_>, input: DeleteAccountInput) -> Option<Result<ViewerPayload>> {
        let deleted = async {
            let viewer = ctx.viewer()?;
            ctx.chat().delete_account(&viewer, &input.parse()?, ctx.client()).await?;
            Ok(ViewerPayload::new(&viewer))
        };
        answer(deleted.await)
    }
}
