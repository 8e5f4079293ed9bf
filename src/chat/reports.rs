//! Bringing messages before the operator's moderators.

use super::Chat;
use super::access::{Act, Viewer};
use crate::domain::ids::MessageId;
use crate::domain::message::Message;
use crate::domain::rules::MAX_REASON_LENGTH;
use crate::error::{Error, Result};
use crate::store::reports::Report;

impl Chat {
    /// Reports a message, with what it says now; again, with another reason. `NOT_FOUND` on `messageId` where the viewer
    /// does not see it, `INVALID_INPUT` on `reason`.
    pub async fn report_message(&self, viewer: &Viewer, id: MessageId, reason: &str) -> Result<Message> {
        let reason = parse_reason(reason)?;
        let (admission, message) = self.admit_to_message(viewer, id).await?;
        admission.standing().may(Act::Report).map_err(|error| error.said_of("messageId"))?;
        let report = Report {
            message: id,
            conversation: message.conversation,
            author: message.author,
            by: viewer.user,
            reason,
            text: message.text.clone(),
            at: self.clock.now(),
        };
        self.reports.put(&report).await?;
        Ok(message)
    }
}

/// Words of 1 to [`MAX_REASON_LENGTH`] characters, without NUL (Postgres keeps none).
fn parse_reason(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().nth(MAX_REASON_LENGTH).is_some() || text.contains('\0') {
        return Err(Error::invalid("reason", format!("must be 1 to {MAX_REASON_LENGTH} characters")));
    }
    Ok(text.to_owned())
}
