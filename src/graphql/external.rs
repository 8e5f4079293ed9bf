//! Signing in by a trusted issuer.

use crate::chat;
use crate::domain::user::parse_device_name;
use crate::error::Error;
use async_graphql::InputObject;

/// A token of an issuer that this server trusts.
#[derive(InputObject)]
pub struct ExternalLogin {
    /// A JWT of the issuer's.
    token: String,
    /// What the device calls itself.
    device_name: Option<String>,
}

impl ExternalLogin {
    pub(super) fn parse(self) -> Result<chat::ExternalLogin, Error> {
        let device_name = self.device_name.map(|name| parse_device_name(&name)).transpose();
        let device_name = device_name.map_err(|error| error.within("external"))?;
        Ok(chat::ExternalLogin { token: self.token, device_name })
    }
}
