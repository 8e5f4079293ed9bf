//! What is refused before a document is parsed.
