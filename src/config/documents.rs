//! The settings of how large a document may be, how much it may ask for, and which may be sent at all.

use crate::graphql::documents::DocumentLimits;
use clap::Args;
use std::path::PathBuf;

const DEFAULT: DocumentLimits = DocumentLimits::DEFAULT;

/// What clients may ask.
#[derive(Clone, Debug, Args)]
pub struct DocumentSettings {
    /// Bytes of a document.
    #[arg(long, global = true, env = "NATTERJACK_MAX_DOCUMENT_BYTES", value_name = "COUNT", default_value_t = DEFAULT.bytes, value_parser = count)]
    pub max_document_bytes: usize,

    /// Tokens of a document: names, numbers, texts, brackets.
    #[arg(long, global = true, env = "NATTERJACK_MAX_DOCUMENT_TOKENS", value_name = "COUNT", default_value_t = DEFAULT.tokens, value_parser = count)]
    pub max_document_tokens: usize,

    /// Brackets, and selections through fragments, within each other in a document; up to 64.
    #[arg(long, global = true, env = "NATTERJACK_MAX_NESTING", value_name = "COUNT", default_value_t = DEFAULT.nesting, value_parser = nesting)]
    pub max_nesting: usize,

    /// Fields, fragments, arguments and their values of a document, its fragments spread out.
    #[arg(long, global = true, env = "NATTERJACK_MAX_FIELDS", value_name = "COUNT", default_value_t = DEFAULT.fields, value_parser = count)]
    pub max_fields: usize,

    /// Levels of fields in a document.
    #[arg(long, global = true, env = "NATTERJACK_MAX_DEPTH", value_name = "COUNT", default_value_t = DEFAULT.depth, value_parser = count)]
    pub max_depth: usize,

    /// Fields under another name in a document, its fragments spread out.
    #[arg(long, global = true, env = "NATTERJACK_MAX_ALIASES", value_name = "COUNT", default_value_t = DEFAULT.aliases, value_parser = count)]
    pub max_aliases: usize,

    /// Directives in a document, its fragments spread out.
    #[arg(long, global = true, env = "NATTERJACK_MAX_DIRECTIVES", value_name = "COUNT", default_value_t = DEFAULT.directives, value_parser = count)]
    pub max_directives: usize,

    /// Fields on an operation's first level.
    #[arg(long, global = true, env = "NATTERJACK_MAX_ROOT_FIELDS", value_name = "COUNT", default_value_t = DEFAULT.root_fields, value_parser = count)]
    pub max_root_fields: usize,

    /// Fields that an operation may have to resolve, lists as long as they may be.
    #[arg(long, global = true, env = "NATTERJACK_MAX_COMPLEXITY", value_name = "COUNT", default_value_t = DEFAULT.complexity, value_parser = clap::value_parser!(u64).range(1..=i32::MAX as u64))]
    pub max_complexity: u64,

    /// File of the only documents that run, by their ids: a manifest of persisted queries, or a JSON object; else any runs.
    #[arg(long, global = true, env = "NATTERJACK_TRUSTED_DOCUMENTS", value_name = "FILE")]
    pub trusted_documents: Option<PathBuf>,
}

impl DocumentSettings {
    /// The limits that are set.
    pub fn limits(&self) -> DocumentLimits {
        DocumentLimits {
            bytes: self.max_document_bytes,
            tokens: self.max_document_tokens,
            nesting: self.max_nesting,
            fields: self.max_fields,
            depth: self.max_depth,
            aliases: self.max_aliases,
            directives: self.max_directives,
            root_fields: self.max_root_fields,
            complexity: self.max_complexity,
        }
    }
}

/// Clients are told some of them as numbers of 32 bits.
fn count(text: &str) -> Result<usize, String> {
    up_to(text, i32::MAX as usize)
}

fn nesting(text: &str) -> Result<usize, String> {
    up_to(text, DocumentLimits::MOST_NESTING)
}

fn up_to(text: &str, most: usize) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| (1..=most).contains(count));
    count.ok_or_else(|| format!("must be a number from 1 to {most}"))
}
