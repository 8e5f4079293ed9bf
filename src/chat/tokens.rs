//! Tokens: what they hold, how they are signed and checked. Whether a session still lives is not asked here.

use super::Viewer;
use super::keys::Keyring;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ServerId, SessionId};
use crate::domain::secret::Key;
use crate::domain::user::{Session, TokenHash};
use crate::error::{Code, Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Validation;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use uuid::Uuid;

/// The `iss` of this server's tokens, which no trusted issuer may have.
pub(super) const ISSUER: &str = "natterjack";
/// The `typ` of an access token (RFC 9068): tells it from any other token signed with the same key.
pub(super) const ACCESS_TYPE: &str = "at+jwt";
/// By how much the clocks of two nodes may differ, in seconds.
const LEEWAY: u64 = 5;

/// How tokens are made.
pub struct TokenSettings {
    /// Sign access tokens.
    pub keys: Keyring,
    /// Derives the successors of refresh tokens.
    pub refresh_key: Key,
    /// For which deployment they count.
    pub server: ServerId,
    /// For how long an access token counts.
    pub access_ttl: Duration,
    /// For how long a refresh token counts.
    pub refresh_ttl: Duration,
}

/// Signs and checks tokens.
pub struct Tokens {
    keys: Keyring,
    rules: Validation,
    refresh_key: Key,
    audience: String,
    access_ttl: Duration,
    refresh_ttl: Duration,
}

/// What a sign-in hands out.
#[derive(Clone)]
pub struct TokenPair {
    /// A JSON Web Token (RFC 7519) that says who one is.
    pub access: String,
    /// When it runs out.
    pub access_expires_at: Timestamp,
    /// Trades for the next pair, once.
    pub refresh: String,
    /// When it runs out.
    pub refresh_expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// A refresh token: its session's number, 32 bytes that only its holder knows, and, as text, a mark of the server's
/// that tells it from one that somebody made up.
#[derive(Clone, Copy)]
pub(super) struct RefreshToken {
    pub(super) session: SessionId,
    secret: [u8; 32],
}

impl Tokens {
    /// Tokens made so.
    pub fn new(settings: TokenSettings) -> Self {
        let audience = settings.server.to_string();
        let mut rules = Validation::default();
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[&audience]);
        rules.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        rules.validate_nbf = true;
        rules.leeway = LEEWAY;
        Self {
            keys: settings.keys,
            rules,
            refresh_key: settings.refresh_key,
            audience,
            access_ttl: settings.access_ttl,
            refresh_ttl: settings.refresh_ttl,
        }
    }

    /// When a refresh token made now runs out.
    pub(super) fn refresh_expiry(&self, now: Timestamp) -> Timestamp {
        now.plus(self.refresh_ttl)
    }

    /// The pair for a session that signed in or was renewed at its `issued_at`: the same whenever it is asked for.
    pub(super) fn pair(&self, session: &Session, refresh: RefreshToken) -> Result<TokenPair> {
        let issued = session.issued_at;
        // A token counts by whole seconds; it must not outlive what is said of it.
        let expires = issued.unix_seconds().saturating_add_unsigned(self.access_ttl.as_secs());
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: self.audience.clone(),
            sub: session.user.to_string(),
            sid: session.id.to_string(),
            iat: issued.unix_seconds(),
            nbf: issued.unix_seconds(),
            exp: expires,
        };
        let access = self.keys.sign(&claims)?;
        let access_expires_at = seconds(expires).ok_or_else(|| Error::internal("a token's end beyond the calendar"))?;
        Ok(TokenPair {
            access,
            access_expires_at,
            refresh: self.refresh_text(refresh),
            refresh_expires_at: session.expires_at,
        })
    }

    /// Whom an access token names: `UNAUTHENTICATED` where it is not one of ours, or has run out.
    pub(super) fn viewer(&self, token: &str) -> Result<Viewer> {
        let Claims { sub, sid, exp, .. } = self.keys.open(token, &self.rules)?;
        let (Ok(user), Ok(session), Some(expires_at)) = (sub.parse(), sid.parse(), seconds(exp)) else {
            return Err(bad_token());
        };
        Ok(Viewer { user, session: Some(session), expires_at })
    }

    /// The refresh token that the text is, if this server made it.
    pub(super) fn refresh_token(&self, text: &str) -> Option<RefreshToken> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (session, rest) = bytes.split_first_chunk::<16>()?;
        let (secret, mark) = rest.split_first_chunk::<32>()?;
        let token = RefreshToken { session: SessionId::from(Uuid::from_bytes(*session)), secret: *secret };
        (mark == self.mark(token)).then_some(token)
    }

    fn refresh_text(&self, token: RefreshToken) -> String {
        URL_SAFE_NO_PAD.encode([token.session.uuid().as_bytes().as_slice(), &token.secret, &self.mark(token)].concat())
    }

    /// 128 bits, so that none is met by guessing.
    fn mark(&self, RefreshToken { session, secret }: RefreshToken) -> [u8; 16] {
        let [mark @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            self.refresh_key.mac(&[b"made here", session.uuid().as_bytes(), &secret]);
        mark
    }

    /// The one successor of a refresh token.
    pub(super) fn successor(&self, token: &RefreshToken) -> RefreshToken {
        let secret = self.refresh_key.mac(&[b"successor", token.session.uuid().as_bytes(), &token.secret]);
        RefreshToken { session: token.session, secret }
    }
}

/// The moment so many seconds after 1970, within the calendar.
pub(super) fn seconds(unix: i64) -> Option<Timestamp> {
    Timestamp::from_unix_millis(unix.checked_mul(1_000)?)
}

/// The answer to any token that does not count, whyever.
pub(super) fn bad_token() -> Error {
    Error::new(Code::Unauthenticated, "the token is not valid, or no longer")
}

impl RefreshToken {
    /// The first token of a session: random.
    pub(super) fn first(session: SessionId) -> Self {
        Self { session, secret: rand::random() }
    }

    /// What is stored of it. The secret has 256 random bits, so that a plain hash is enough.
    pub(super) fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.secret).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::keys::SigningKey;
    use crate::domain::clock::{Clock as _, SystemClock};
    use crate::domain::ids::UserId;
    use jsonwebtoken::{Algorithm, EncodingKey, Header};

    fn tokens(secret: u8, server: u128) -> Tokens {
        Tokens::new(TokenSettings {
            keys: Keyring::new(SigningKey::of_secret(&[secret; 32]), Vec::new()).unwrap(),
            refresh_key: Key::from([1; 64]),
            server: ServerId::from(Uuid::from_u128(server)),
            access_ttl: Duration::from_mins(1),
            refresh_ttl: Duration::from_mins(10),
        })
    }

    fn session(now: Timestamp) -> Session {
        Session {
            id: SessionId::new(now),
            user: UserId::new(now),
            device_name: None,
            created_at: now,
            issued_at: now,
            last_used_at: now,
            expires_at: now.plus(Duration::from_mins(10)),
            ended_at: None,
        }
    }

    #[test]
    fn a_token_names_its_viewer_on_its_own_server_until_it_runs_out() {
        let now = SystemClock.now();
        let session = session(now);
        let pair = |session: &Session| tokens(1, 1).pair(session, RefreshToken::first(session.id)).unwrap();
        let access = pair(&session).access;
        let viewer = tokens(1, 1).viewer(&access).unwrap();
        assert_eq!((viewer.user, viewer.session), (session.user, Some(session.id)));

        assert!(tokens(2, 1).viewer(&access).is_err(), "another secret");
        assert!(tokens(1, 2).viewer(&access).is_err(), "another server");
        assert!(tokens(1, 1).viewer(&access[..access.len() - 1]).is_err(), "cut");
        let old = Timestamp::from_unix_millis(now.unix_millis() - 70_000).unwrap();
        assert!(tokens(1, 1).viewer(&pair(&Session { issued_at: old, ..session.clone() }).access).is_err(), "run out");
        let future = now.plus(Duration::from_secs(30));
        assert!(tokens(1, 1).viewer(&pair(&Session { issued_at: future, ..session }).access).is_err(), "too early");
    }

    #[test]
    fn a_token_of_another_type_is_not_an_access_token() {
        let now = SystemClock.now().unix_seconds();
        let tokens = tokens(1, 1);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: tokens.audience.clone(),
            sub: UserId::new(SystemClock.now()).to_string(),
            sid: SessionId::new(SystemClock.now()).to_string(),
            iat: now,
            nbf: now,
            exp: now + 60,
        };
        for (typ, is_good) in [(Some("at+jwt"), true), (Some("JWT"), false), (None, false)] {
            let header = Header { typ: typ.map(str::to_owned), ..Header::new(Algorithm::HS256) };
            let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&[1; 32])).unwrap();
            assert_eq!(tokens.viewer(&token).is_ok(), is_good, "{typ:?}");
        }
    }

    #[test]
    fn a_refresh_token_has_one_successor_and_reads_back() {
        let token = RefreshToken::first(SessionId::new(SystemClock.now()));
        let tokens = tokens(1, 1);
        let text = tokens.refresh_text(token);
        assert_eq!(tokens.refresh_text(tokens.successor(&token)), tokens.refresh_text(tokens.successor(&token)));
        assert_ne!(tokens.refresh_text(tokens.successor(&token)), text);
        assert_eq!(tokens.refresh_text(tokens.refresh_token(&text).unwrap()), text);
    }

    #[test]
    fn a_refresh_token_that_was_made_up_is_none() {
        let tokens = tokens(1, 1);
        let text = tokens.refresh_text(RefreshToken::first(SessionId::new(SystemClock.now())));
        let mut bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
        bytes[20] ^= 1;
        for bad in ["", &text[1..], &text[..text.len() - 2], &format!("{text}AA"), &URL_SAFE_NO_PAD.encode(bytes)] {
            assert!(tokens.refresh_token(bad).is_none(), "{bad}");
        }
    }
}
