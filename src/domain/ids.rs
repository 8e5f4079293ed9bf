//! Identifiers: one type for each kind of thing, so that none is taken for another.
//!
//! Outside the server an id is its kind's prefix and the 32 hexadecimal digits of a UUID of version 7 (RFC 9562),
//! `msg_019a…`: unique over all kinds, and about in the order in which they were made. Clients treat it as opaque.

use super::clock::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::{NoContext, Uuid};

/// The text is not an id of this kind. For a client it is then the id of nothing: see the contract's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct MalformedId;

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident = $prefix:literal;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// What its text begins with, before the underscore.
            pub const PREFIX: &str = $prefix;

            /// A new id, made of the time and 74 random bits.
            pub fn new(now: Timestamp) -> Self {
                Self(version_7(now))
            }

            /// The bare number, as the stores keep it.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", Self::PREFIX, self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;

            fn from_str(text: &str) -> Result<Self, MalformedId> {
                parse(Self::PREFIX, text).map(Self)
            }
        }
    )+};
}

ids! {
    /// A person's.
    UserId = "usr";
    /// A sign-in's, on one device.
    SessionId = "ses";
    /// A conversation's.
    ConversationId = "cnv";
    /// A message's. Chosen before it is stored, so that a lost answer can be looked up by it.
    MessageId = "msg";
    /// A notification's.
    NotificationId = "ntf";
    /// A one-time code's, as logs and gateways know it; nobody finds anything by it.
    CodeId = "cod";
    /// A request's that has come without one.
    RequestId = "req";
    /// A running server process's, new at every start.
    NodeId = "nod";
    /// A deployment's: all nodes on one SQL database share it.
    ServerId = "srv";
}

impl UserId {
    /// The author of system notices, which no person has.
    pub const SYSTEM: Self = Self(Uuid::nil());
}

fn version_7(now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.unix_millis()).unwrap_or_default();
    let nanos = u32::try_from(millis % 1_000).unwrap_or_default() * 1_000_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, millis / 1_000, nanos))
}

fn parse(prefix: &str, text: &str) -> Result<Uuid, MalformedId> {
    let digits = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or(MalformedId)?;
    // One text for one id: what `Uuid` would also take (upper case, hyphens, braces) is not an id here.
    let is_canonical = digits.len() == 32 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if is_canonical { Uuid::try_parse(digits).map_err(|_| MalformedId) } else { Err(MalformedId) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_unix_millis(1_769_860_800_007).unwrap()
    }

    #[test]
    fn an_id_reads_back_from_its_text() {
        let id = MessageId::new(now());
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_is_malformed() {
        assert_eq!(UserId::new(now()).to_string().parse::<MessageId>(), Err(MalformedId));
    }

    #[test]
    fn an_id_has_one_text_only() {
        let text = UserId::new(now()).to_string();
        for other in [text.to_uppercase(), format!(" {text}"), text[4..].to_owned(), String::new(), format!("{text}0")]
        {
            assert_eq!(other.parse::<UserId>(), Err(MalformedId), "{other}");
        }
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let later = now().plus(std::time::Duration::from_millis(1));
        assert!(MessageId::new(now()) < MessageId::new(later));
    }
}
