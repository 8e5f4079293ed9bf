//! The scalars of our own, and how ids and numbers are read.

use crate::domain::clock::Timestamp;
use crate::domain::group::Assign;
use crate::domain::message::Revision;
use crate::error::Error;
use async_graphql::{ID, InputValueError, InputValueResult, MaybeUndefined, Scalar, ScalarType, Value};
use std::str::FromStr;

/// An instant, RFC 3339 in UTC, to the millisecond: `2026-01-31T12:00:00.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime(pub Timestamp);

#[Scalar(specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        let at =
            chrono::DateTime::parse_from_rfc3339(text).map_err(|error| InputValueError::custom(error.to_string()))?;
        Ok(Self(at.to_utc().into()))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<Timestamp> for DateTime {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

/// Any JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(pub serde_json::Value);

#[Scalar(name = "JSON")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value.into_json()?))
    }

    fn to_value(&self) -> Value {
        // Numbers, texts, lists and objects: there is nothing in JSON that GraphQL has no value for.
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

/// The id that a lookup names; `None` where it is malformed: then it is the id of nothing.
pub fn lookup<T: FromStr>(id: &ID) -> Option<T> {
    id.parse().ok()
}

/// The id that an input names; where it is malformed, `NOT_FOUND` on the field.
pub fn named<T: FromStr>(field: &'static str, id: &ID) -> Result<T, Error> {
    lookup(id).ok_or_else(|| Error::not_found(field, "there is nothing of this kind with that id"))
}

/// What an input says is to become of a text: left out, it stays; `null` takes it away.
pub fn assign<T: Into<Assign>>(
    input: MaybeUndefined<String>,
    parse: impl FnOnce(String) -> Result<T, Error>,
) -> Result<Assign, Error> {
    match input {
        MaybeUndefined::Undefined => Ok(Assign::Keep),
        MaybeUndefined::Null => Ok(Assign::Clear),
        MaybeUndefined::Value(text) => parse(text).map(Into::into),
    }
}

/// A revision as GraphQL's `Int`, which ends at 2³¹ − 1: a conversation of more changes than that shows this one.
pub fn int(revision: Revision) -> i32 {
    i32::try_from(revision.number()).unwrap_or(i32::MAX)
}

/// The revision that an argument names.
pub fn revision(field: &'static str, number: i32) -> Result<Revision, Error> {
    Revision::new(number.into()).ok_or_else(|| Error::invalid(field, "must not be negative"))
}
