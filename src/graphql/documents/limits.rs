//! How large a document may be, and how much it may ask for.

use crate::error::{Code, Error};

/// What is refused is refused before it is validated, for little work, with the limit's name. Each is a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentLimits {
    /// Bytes of UTF-8.
    pub bytes: usize,
    /// Tokens, as the GraphQL specification counts them (section 2.1, Lexical Tokens).
    pub tokens: usize,
    /// How deep brackets of all kinds may stand within each other, outside strings and comments; and how deep
    /// selections may, through the fragments that they spread.
    pub nesting: usize,
    /// Fields, fragments, arguments and their values, each fragment counted wherever it is spread.
    pub fields: usize,
    /// Levels of fields, through fragments.
    pub depth: usize,
    /// Fields under another name, through fragments.
    pub aliases: usize,
    /// Directives, through fragments.
    pub directives: usize,
    /// Fields of an operation's first level, through fragments.
    pub root_fields: usize,
    /// What an operation may cost: one for each field that may have to be resolved, lists as long as they may be.
    pub complexity: u64,
}

impl DocumentLimits {
    /// What is let pass takes less than 50 ms to refuse or to validate, in a release build (`benches/hostile`). A client's
    /// largest documents have about a tenth of each.
    pub const DEFAULT: Self = Self {
        bytes: 64 * 1024,
        tokens: 5_000,
        nesting: 48,
        fields: 5_000,
        depth: 24,
        aliases: 250,
        directives: 250,
        root_fields: 50,
        complexity: 20_000,
    };

    /// Beyond that many brackets within each other the parser would need more than the stack of a worker.
    pub const MOST_NESTING: usize = 64;
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// `QUERY_REFUSED`: the document has more than that many of what is counted, and how the setting is called.
pub(super) fn exceeded(limit: impl std::fmt::Display, what: &str, setting: &str) -> Error {
    Error::new(Code::QueryRefused, format!("the document has more than {limit} {what} ({setting})"))
}
