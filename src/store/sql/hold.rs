//! Who holds what while it is changed, and in which order, so that no two wait for each other.
//!
//! First the rows of conversations, in the order of their ids: whoever holds one is alone with the conversation and
//! with its members, whose rows nobody writes otherwise. Then the rows of people, in the order of theirs. A one-time code is
//! held before any of them, by those who touch no conversation. In SQLite,
//! where writers come one by one, nothing need be held.

use super::Tx;
use super::batches::batches;
use super::entity::{conversation, user};
use crate::domain::ids::ConversationId;
use crate::error::Result;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};

/// Weaker than what an update of the key would take: whoever inserts a row that refers to it need not wait.
const LOCK: LockType = LockType::NoKeyUpdate;
/// What an update of a person's unique names takes: whoever inserts a row that refers to the person waits. Taken only by that
/// update it would be waited for in a circle with those who have inserted one and go on to hold the person.
pub(super) const NAMES: LockType = LockType::Update;

/// Holds those of the conversations that exist, as they are then.
pub(super) async fn conversations(tx: &Tx, ids: &[ConversationId]) -> Result<Vec<conversation::Model>> {
    let mut held = Vec::new();
    for batch in batches(ids.iter().map(|id| id.uuid())) {
        let with_ids = conversation::Entity::find().filter(conversation::Column::Id.is_in(batch));
        held.append(&mut with_ids.order_by_asc(conversation::Column::Id).lock(LOCK).all(tx).await?);
    }
    Ok(held)
}

/// Holds those people who exist, and says who they are. What is held in several steps is to come in the order of the ids.
pub(super) async fn users(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<Uuid>> {
    users_by(tx, ids, LOCK).await
}

/// The same for people whose unique names change, before anything else of theirs.
pub(super) async fn names_of(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<Uuid>> {
    users_by(tx, ids, NAMES).await
}

async fn users_by(tx: &Tx, ids: Vec<Uuid>, lock: LockType) -> Result<Vec<Uuid>> {
    let with_ids = user::Entity::find().select_only().column(user::Column::Id).filter(user::Column::Id.is_in(ids));
    Ok(with_ids.order_by_asc(user::Column::Id).lock(lock).into_tuple().all(tx).await?)
}
