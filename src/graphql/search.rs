//! Looking for messages by their words.

use super::caller::ContextExt as _;
use super::errors::{Result, nullable};
use super::message::MessageConnection;
use super::scalars::named;
use crate::domain::page::PageArguments;
use crate::domain::words::SearchTerms;
use crate::error::{Code, Error};
use async_graphql::{Context, ID, Object};

/// Looking for messages.
#[derive(Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Messages that hold these words, in the viewer's conversations, newest first. Each word is found by its beginning,
    /// without regard to case and accents, and all of them must be there. Signs are not looked for: a text of nothing else
    /// finds nothing. At most 200 characters. Null where the conversation is not there for the viewer.
    #[expect(clippy::too_many_arguments, reason = "each is one of the field's own")]
    async fn search_messages(
        &self,
        ctx: &Context<'_>,
        text: String,
        conversation_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Option<Result<MessageConnection>> {
        let page = async {
            let viewer = ctx.viewer()?;
            let terms = SearchTerms::parse(&text)?;
            let window = PageArguments { first, after, last, before }.parse()?;
            let Ok(conversation) = conversation_id.map(|id| named("conversationId", &id)).transpose() else {
                return Ok(None);
            };
            match ctx.chat().search_messages(&viewer, conversation, &terms, &window).await {
                Err(error) if error.code() == Code::NotFound => Ok(None),
                page => Ok::<_, Error>(Some(MessageConnection::of_several(&viewer, page?))),
            }
        };
        nullable(page.await)
    }
}
