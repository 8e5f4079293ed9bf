//! The public halves of the keys that tokens are signed with, for others who check them.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use bytes::Bytes;

/// For how long others may keep it: a key is to be published that long before it signs.
const CACHED: &str = "public, max-age=300";

/// The set, as RFC 7517 has it.
pub(super) fn published(keys: Bytes) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/jwk-set+json"), (CACHE_CONTROL, CACHED)], keys)
}
