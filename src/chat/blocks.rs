//! Blocking: two people, one of whom wants nothing to do with the other, send each other no direct messages.

use super::Chat;
use super::access::Viewer;
use super::conversations::no_such_person;
use crate::domain::event::{Ring, Topic};
use crate::domain::ids::UserId;
use crate::domain::page::{Page, Window};
use crate::domain::user::{NamePlace, User};
use crate::error::{Error, Result};
use crate::store::blocks::Block;
use std::collections::HashSet;
use std::sync::Arc;

impl Chat {
    /// Blocks a person for the viewer, or ends that; the person. On `userId`: `NOT_FOUND` for one who has no account,
    /// `INVALID_INPUT` for the viewer.
    pub async fn set_blocked(&self, viewer: &Viewer, user: UserId, is_blocked: bool) -> Result<User> {
        if user == viewer.user {
            return Err(Error::invalid("userId", "nobody can block themselves"));
        }
        let person = self.person(user).await?.ok_or_else(|| no_such_person("userId"))?;
        if self.blocks.set(Block { by: viewer.user, of: user }, is_blocked, self.clock.now()).await? {
            self.bus.publish(Topic::Person(viewer.user), Arc::new(Ring::Blocks(viewer.user)));
            self.bus.publish(Topic::People, Arc::new(Ring::Apart(viewer.user, user)));
        }
        Ok(person)
    }

    /// The people whom the viewer blocks, by name.
    pub async fn blocked(&self, viewer: &Viewer, window: &Window<NamePlace>) -> Result<Page<(NamePlace, User)>> {
        self.blocks.page(viewer.user, window).await
    }

    /// Those of the blocks that are set.
    pub async fn blocks_among(&self, blocks: &[Block]) -> Result<HashSet<Block>> {
        self.blocks.set_among(blocks).await
    }
}
