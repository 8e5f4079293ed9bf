//! The table of who may do what, tested cell by cell through the API, held against the schema, and printed in the docs.

mod attempts;
mod cells;
mod fields;
