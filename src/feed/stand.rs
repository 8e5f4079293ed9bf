//! Where one subscriber stands, for whoever lets it go on from there another time.

use crate::domain::ids::ConversationId;
use crate::domain::message::Revision;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Up to where a subscriber has been given everything, by conversation: as of what it was given last, and never ahead of
/// that. By `seq` where the messages of one conversation are heard, by revision where all events are.
#[derive(Clone, Debug, Default)]
pub struct Stand(Arc<Mutex<HashMap<ConversationId, Revision>>>);

impl Stand {
    /// As it is now.
    pub fn places(&self) -> HashMap<ConversationId, Revision> {
        self.lock().clone()
    }

    /// As it is from now on.
    pub fn begin(&self, places: &HashMap<ConversationId, Revision>) {
        self.lock().clone_from(places);
    }

    pub(super) fn set(&self, conversation: ConversationId, place: Revision) {
        self.lock().insert(conversation, place);
    }

    /// The subscriber knows of the conversation; where it stands there already, that is not touched.
    pub(super) fn know(&self, conversation: ConversationId, place: Revision) {
        self.lock().entry(conversation).or_insert(place);
    }

    pub(super) fn leave(&self, conversation: ConversationId) {
        self.lock().remove(&conversation);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ConversationId, Revision>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
