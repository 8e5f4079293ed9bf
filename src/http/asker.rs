//! Who asks for something, as far as it is counted: the same for every transport.

use crate::chat::Viewer;
use crate::domain::client::ClientAddress;
use crate::domain::ids::UserId;
use crate::error::Result;
use crate::rate::{Place, Rates};
use std::sync::Arc;

/// A person, where anybody is signed in, and their address.
#[derive(Clone)]
pub(super) struct Asker {
    rates: Arc<Rates>,
    viewer: Option<UserId>,
    address: ClientAddress,
}

impl Asker {
    pub(super) fn new(rates: &Arc<Rates>, viewer: Option<&Viewer>, address: ClientAddress) -> Self {
        Self { rates: Arc::clone(rates), viewer: viewer.map(|viewer| viewer.user), address }
    }

    /// Counts an operation. `RATE_LIMITED` where either has asked for too many lately.
    pub(super) fn request(&self) -> Result<()> {
        self.rates.request(self.address)?;
        self.request_of_viewer()
    }

    /// The same where the address was counted already.
    pub(super) fn request_of_viewer(&self) -> Result<()> {
        self.viewer.map_or(Ok(()), |viewer| self.rates.request(viewer))
    }

    /// Places for a subscription, for as long as they are kept. `RATE_LIMITED` where either has too many.
    pub(super) fn subscription(&self) -> Result<(Place, Option<Place>)> {
        let of_address = self.rates.subscription(self.address)?;
        Ok((of_address, self.viewer.map(|viewer| self.rates.subscription(viewer)).transpose()?))
    }
}
