//! What documents pass before they run, as the settings have it.

use super::named;
use crate::config::DocumentSettings;
use crate::error::Result;
use crate::graphql::documents::{Documents, Shape, Validator, read_trusted};
use crate::graphql::sdl;

/// Within the limits, and only those that are trusted where a file names any: each of them must suit the schema.
pub(super) async fn of(settings: &DocumentSettings) -> Result<Documents> {
    let documents = Documents::new(settings.limits(), Shape::parse(&sdl())?);
    let Some(file) = &settings.trusted_documents else { return Ok(documents) };
    let wrong = |what: String| named("NATTERJACK_TRUSTED_DOCUMENTS (--trusted-documents)", what);
    let json = tokio::fs::read_to_string(file).await;
    let json = json.map_err(|error| wrong(format!("{} cannot be read: {error}", file.display())))?;
    let trusted = read_trusted(&json).map_err(|error| wrong(format!("{}: {error}", file.display())))?;
    if trusted.is_empty() {
        return Err(wrong(format!("{} names no document, so that nothing would run", file.display())));
    }
    let fault = |id: &str, fault: &str| wrong(format!("the document {id}: {fault}"));
    let documents = documents.trusting(&trusted).map_err(|(id, error)| fault(&id, error.message()))?;
    let validator = Validator::default();
    for (id, text) in &trusted {
        if let Some(error) = validator.fault(text.as_str()).await {
            return Err(fault(id, error.message()));
        }
    }
    Ok(documents)
}
