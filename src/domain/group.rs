//! Groups: how they show themselves.

use super::rules::{MAX_DESCRIPTION_LENGTH, MAX_GROUP_NAME_LENGTH};
use super::text::{fold, line, lines};
use crate::error::Result;

/// Who finds a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Found and joined by anyone.
    Public,
    /// Joined by invitation alone.
    Private,
}

impl Visibility {
    /// Its name in the stores and in GraphQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "PUBLIC",
            Self::Private => "PRIVATE",
        }
    }

    /// The visibility of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Public, Self::Private].into_iter().find(|visibility| visibility.name() == name)
    }
}

/// A group's name: 1 to [`MAX_GROUP_NAME_LENGTH`] printable characters, without white space around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupName(String);

impl GroupName {
    /// The name without the white space around it, or what is wrong with it, on the field `name`.
    pub fn parse(text: &str) -> Result<Self> {
        line("name", text, MAX_GROUP_NAME_LENGTH).map(Self)
    }

    /// What a store has kept.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// As it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is looked up by.
    pub fn key(&self) -> String {
        fold(&self.0)
    }
}

/// A group's description, without the white space around it; `None` where nothing else is there. Says what is wrong on
/// the field `description`.
pub fn parse_description(text: &str) -> Result<Option<String>> {
    lines("description", text, MAX_DESCRIPTION_LENGTH)
}

/// How a group shows itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupFace {
    /// Its name.
    pub name: GroupName,
    /// What it is about.
    pub description: Option<String>,
    /// Where its picture is.
    pub avatar_url: Option<String>,
    /// Who finds it.
    pub visibility: Visibility,
}

/// What is to become of a text that need not be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Assign {
    /// It stays as it is.
    #[default]
    Keep,
    /// It goes.
    Clear,
    /// It is to be this.
    To(String),
}

impl Assign {
    /// The text afterwards.
    pub fn applied(&self, text: Option<&String>) -> Option<String> {
        match self {
            Self::Keep => text.cloned(),
            Self::Clear => None,
            Self::To(text) => Some(text.clone()),
        }
    }
}

impl From<Option<String>> for Assign {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Clear, Self::To)
    }
}

/// What of a group's face is to be other than it is; `None` leaves it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaceChange {
    /// Its name.
    pub name: Option<GroupName>,
    /// What it is about.
    pub description: Assign,
    /// Where its picture is.
    pub avatar_url: Assign,
    /// Who finds it.
    pub visibility: Option<Visibility>,
}

impl GroupFace {
    /// The face after that change.
    #[must_use]
    pub fn changed(&self, change: &FaceChange) -> Self {
        Self {
            name: change.name.clone().unwrap_or_else(|| self.name.clone()),
            description: change.description.applied(self.description.as_ref()),
            avatar_url: change.avatar_url.applied(self.avatar_url.as_ref()),
            visibility: change.visibility.unwrap_or(self.visibility),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_printable_and_trimmed() {
        assert_eq!(GroupName::parse("  Pond life ").unwrap().as_str(), "Pond life");
        assert_eq!(GroupName::parse("Étang").unwrap().key(), "etang");
        for bad in ["", " \t", "a\u{202E}b", "a\nb", "é".repeat(MAX_GROUP_NAME_LENGTH + 1).as_str()] {
            assert_eq!(GroupName::parse(bad).unwrap_err().field(), ["name"]);
        }
    }

    #[test]
    fn a_description_may_have_lines_and_may_be_taken_away() {
        assert_eq!(parse_description(" frogs\nand toads ").unwrap().as_deref(), Some("frogs\nand toads"));
        assert_eq!(parse_description("  ").unwrap(), None);
        assert!(parse_description("a\0b").is_err());
        assert!(parse_description(&"é".repeat(MAX_DESCRIPTION_LENGTH + 1)).is_err());
    }

    #[test]
    fn only_what_a_change_names_changes() {
        let face = GroupFace {
            name: GroupName::parse("Pond").unwrap(),
            description: Some("frogs".to_owned()),
            avatar_url: None,
            visibility: Visibility::Private,
        };
        assert_eq!(face.changed(&FaceChange::default()), face);
        let change = FaceChange { description: Assign::Clear, ..FaceChange::default() };
        assert_eq!(face.changed(&change), GroupFace { description: None, ..face.clone() });
    }
}
