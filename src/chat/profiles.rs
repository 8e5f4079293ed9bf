//! What people say of themselves.

use super::Chat;
use super::access::Viewer;
use super::accounts::username_taken;
use super::people::tell_people;
use super::tokens::bad_token;
use crate::domain::user::ProfileChange;
use crate::error::Result;
use crate::store::accounts::ProfileUpdate;

impl Chat {
    /// Changes the viewer's profile. On `username`: `ALREADY_TAKEN`, and `INVALID_INPUT` where nothing would be left to
    /// sign in by.
    pub async fn update_profile(&self, viewer: &Viewer, change: &ProfileChange) -> Result<()> {
        // The account has just been deleted.
        match self.accounts.update_profile(viewer.user, change).await?.ok_or_else(bad_token)? {
            ProfileUpdate::Changed(_) => tell_people(&*self.bus),
            ProfileUpdate::Unchanged(_) => {}
            ProfileUpdate::UsernameTaken => return Err(username_taken()),
        }
        Ok(())
    }
}
