//! Long lists in short statements.

/// Items in one statement: far below SQLite's limit of 32,766 parameters, whatever an item is made of.
const MAX_ITEMS: usize = 1_024;

/// The items, sorted and each once, cut into what one statement takes.
///
/// The last item is repeated until the length is a power of two, so that statements come in few shapes, of which each
/// connection keeps the plans. A statement must not mind being told the same thing twice.
pub(super) fn batches<T: Ord + Clone>(items: impl IntoIterator<Item = T>) -> impl Iterator<Item = Vec<T>> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort_unstable();
    items.dedup();
    let mut rest = items.into_iter().peekable();
    std::iter::from_fn(move || {
        rest.peek()?;
        let mut batch: Vec<T> = rest.by_ref().take(MAX_ITEMS).collect();
        let last = batch.last()?.clone();
        batch.resize(batch.len().next_power_of_two(), last);
        Some(batch)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_comes_in_one_batch() {
        let all: Vec<Vec<usize>> = batches((0..2_500).chain(0..2_500)).collect();
        assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [1_024, 1_024, 512]);
        let mut items = all.concat();
        items.dedup();
        assert_eq!(items, (0..2_500).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_makes_no_statement() {
        assert_eq!(batches(Vec::<i64>::new()).count(), 0);
    }
}
