//! The token that a request bears: `Authorization: Bearer …` (RFC 6750, section 2.1).

use super::HttpState;
use super::gate::authenticate;
use crate::error::{Code, Error, Result};
use crate::graphql::Caller;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

/// On whose behalf the request runs. A bad token does not stop it: only what needs a viewer fails.
pub(super) async fn caller<E>(headers: &HeaderMap, state: &HttpState<E>) -> Caller {
    match token(headers) {
        Ok(None) => Caller::Anonymous,
        Ok(Some(token)) => authenticate(&*state.gate, token, state.settings.authentication_limit).await.into(),
        Err(error) => Err(error).into(),
    }
}

/// The token in the headers, if there is any; `UNAUTHENTICATED` where there is something else.
pub(super) fn token(headers: &HeaderMap) -> Result<Option<&str>> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().ok().and_then(credentials).map(Some).ok_or_else(not_a_bearer),
        (Some(_), Some(_)) => Err(not_a_bearer()),
    }
}

/// The token in `Bearer …`; the scheme's case does not matter (RFC 9110, section 11.1).
pub(super) fn credentials(text: &str) -> Option<&str> {
    let (scheme, token) = text.trim().split_once(' ')?;
    let token = token.trim_start();
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty()).then_some(token)
}

fn not_a_bearer() -> Error {
    Error::new(Code::Unauthenticated, "send one header `Authorization: Bearer` followed by an access token")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn found(values: &[&'static str]) -> Result<Option<String>> {
        let headers: HeaderMap = values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_static(value))).collect();
        token(&headers).map(|token| token.map(str::to_owned))
    }

    #[test]
    fn a_token_comes_after_bearer_in_any_case() {
        for value in ["Bearer abc", "bearer abc", "BEARER   abc "] {
            assert_eq!(found(&[value]).unwrap().as_deref(), Some("abc"), "{value}");
        }
        assert_eq!(found(&[]).unwrap(), None);
    }

    #[test]
    fn anything_else_is_refused() {
        for values in [&["Basic abc"][..], &["abc"], &["Bearer"], &["Bearer "], &[""], &["Bearer a", "Bearer b"]] {
            assert_eq!(found(values).unwrap_err().code(), Code::Unauthenticated, "{values:?}");
        }
    }
}
