//! Documents that were parsed lately, by their hash, so that each is parsed once.

use super::{Checked, DocumentHash};
use crate::measures::{DocumentMeasures, LookUp};
use std::sync::Arc;

/// What all that is remembered may weigh, in bytes.
const CAPACITY: u64 = 32 * 1024 * 1024;
/// What a token weighs once it is parsed, in bytes: a field, the most frequent, has about that much.
const TOKEN: usize = 256;
/// What the least document weighs, in bytes, so that no more than 8,192 are remembered.
const LEAST: usize = 4 * 1024;

/// Bounded in bytes, and by that in documents. One that was asked for once does not take the place of one that is asked
/// for again and again (`TinyLFU`): a stranger who sends ever new ones turns nobody else's out.
pub(super) struct Cache {
    known: moka::sync::Cache<DocumentHash, Arc<Checked>>,
    pub(super) measures: DocumentMeasures,
}

/// How often a document was remembered, and how often it was not, since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Operations whose document was remembered.
    pub hits: u64,
    /// Operations whose document was not.
    pub misses: u64,
}

impl Cache {
    pub(super) fn new() -> Self {
        let weigh = |_: &DocumentHash, checked: &Arc<Checked>| weight(checked.tokens);
        let known = moka::sync::Cache::builder().max_capacity(CAPACITY).weigher(weigh).build();
        Self { known, measures: DocumentMeasures::default() }
    }

    pub(super) fn traffic(&self) -> Traffic {
        Traffic { hits: self.measures.total(LookUp::Hit), misses: self.measures.total(LookUp::Miss) }
    }

    pub(super) fn get(&self, hash: &DocumentHash) -> Option<Arc<Checked>> {
        let known = self.known.get(hash);
        self.measures.count(if known.is_some() { LookUp::Hit } else { LookUp::Miss });
        known
    }

    pub(super) fn put(&self, hash: DocumentHash, checked: &Arc<Checked>) {
        self.known.insert(hash, Arc::clone(checked));
    }
}

fn weight(tokens: usize) -> u32 {
    u32::try_from(tokens.saturating_mul(TOKEN).max(LEAST)).unwrap_or(u32::MAX)
}
