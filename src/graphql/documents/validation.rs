//! Whether a document suits the schema, without running it.

use crate::error::{Code, Error};
use crate::graphql::{Schema, builder};
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::{Request, ServerError, ValidationResult};
use std::sync::Arc;

/// What says that a document has no faults: an error, so that the executor goes no further.
const FAULTLESS: &str = "faultless";

/// Knows the schema, and nobody's data.
pub struct Validator(Schema);

impl Default for Validator {
    fn default() -> Self {
        Self(builder().extension(Halt).finish())
    }
}

impl Validator {
    /// What is wrong first with that request's document, which must be safe to validate.
    pub async fn fault(&self, request: impl Into<Request>) -> Option<Error> {
        let errors = self.0.execute(request).await.errors;
        let fault = errors.into_iter().find(|error| error.message != FAULTLESS)?;
        let place = fault.locations.first().map(|place| format!(" (line {}, column {})", place.line, place.column));
        Some(Error::new(Code::QueryRefused, fault.message + &place.unwrap_or_default()))
    }
}

struct Halt;

impl ExtensionFactory for Halt {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Halt {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        next.run(ctx).await?;
        Err(vec![ServerError::new(FAULTLESS, None)])
    }
}
