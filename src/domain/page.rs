//! Pages of lists, as the Relay specification cuts them: which part of a list is asked for, and which part came.

use super::rules::MAX_PAGE_SIZE;
use crate::error::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// From which end of what lies between the cursors a page is taken, and how many at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// That many from the beginning.
    First(u32),
    /// That many from the end. They still come in the list's order.
    Last(u32),
}

impl Take {
    /// At most that many, from 0 to [`MAX_PAGE_SIZE`].
    pub fn limit(self) -> u32 {
        match self {
            Self::First(limit) | Self::Last(limit) => limit,
        }
    }
}

/// The part of a list that is asked for: what lies strictly between two cursors, cut at one end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window<C> {
    /// Only what comes after this.
    pub after: Option<C>,
    /// Only what comes before this.
    pub before: Option<C>,
    /// Which end, and how many.
    pub take: Take,
}

/// The four arguments of a list, as they came.
#[derive(Clone, Debug, Default)]
pub struct PageArguments {
    /// How many from the beginning.
    pub first: Option<i32>,
    /// The cursor after which they begin.
    pub after: Option<String>,
    /// How many from the end.
    pub last: Option<i32>,
    /// The cursor before which they end.
    pub before: Option<String>,
}

impl PageArguments {
    /// The window that the arguments ask for. Fails with `INVALID_INPUT` on the argument at fault where there are
    /// both or none of `first` and `last`, one is negative or over the limit, or a cursor is of another list.
    pub fn parse<C: Cursor>(self) -> Result<Window<C>> {
        let take = match (self.first, self.last) {
            (Some(first), None) => Take::First(page_size("first", first)?),
            (None, Some(last)) => Take::Last(page_size("last", last)?),
            (Some(_), Some(_)) => return Err(Error::invalid("last", "give `first` or `last`, not both")),
            (None, None) => return Err(Error::invalid("first", "say how many: give `first` or `last`")),
        };
        Ok(Window { after: cursor("after", self.after)?, before: cursor("before", self.before)?, take })
    }
}

/// How many items are asked for; `INVALID_INPUT` on the field where that is negative or over the limit.
pub fn page_size(field: &'static str, count: i32) -> Result<u32> {
    let count = u32::try_from(count).map_err(|_| Error::invalid(field, "must not be negative"))?;
    if count > MAX_PAGE_SIZE {
        return Err(Error::invalid(field, format!("a page has at most {MAX_PAGE_SIZE} items")));
    }
    Ok(count)
}

fn cursor<C: Cursor>(field: &'static str, text: Option<String>) -> Result<Option<C>> {
    let malformed = || Error::invalid(field, "is not a cursor of this list");
    text.map(|text| decode(&text).ok_or_else(malformed)).transpose()
}

/// A place in a list: what the list is sorted by, down to something unique.
pub trait Cursor: Sized {
    /// Names the list's order, so that a cursor of another list is told from one of this.
    const KIND: &str;

    /// The place as text.
    fn to_text(&self) -> String;

    /// The place that the text tells.
    fn from_text(text: &str) -> Option<Self>;
}

/// A cursor as clients see it: opaque, safe in a URL.
pub fn encode<C: Cursor>(cursor: &C) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}:{}", C::KIND, cursor.to_text()))
}

fn decode<C: Cursor>(text: &str) -> Option<C> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    C::from_text(text.strip_prefix(C::KIND)?.strip_prefix(':')?)
}

/// The part of a list that came, in the list's order.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// At most as many as were asked for.
    pub items: Vec<T>,
    /// Whether the list goes on before the first of them.
    pub has_previous: bool,
    /// Whether the list goes on after the last of them.
    pub has_next: bool,
}

impl<T> Page<T> {
    /// No items of an empty list.
    pub fn empty() -> Self {
        Self { items: Vec::new(), has_previous: false, has_next: false }
    }

    /// A page of what a store read in the direction of reading: up to one more than asked for, which tells whether
    /// the list goes on. `Last` is read backwards. At the other end, a cursor given is taken to have its item before it.
    pub fn of_read<C>(window: &Window<C>, mut read: Vec<T>) -> Self {
        let limit = window.take.limit() as usize;
        let has_more = read.len() > limit;
        read.truncate(limit);
        match window.take {
            Take::First(_) => Self { items: read, has_previous: window.after.is_some(), has_next: has_more },
            Take::Last(_) => {
                read.reverse();
                Self { items: read, has_previous: has_more, has_next: window.before.is_some() }
            }
        }
    }

    /// The window cut from the whole sorted list; `place` tells where an item stands.
    pub fn of_sorted<C: Ord>(window: &Window<C>, all: Vec<T>, place: impl Fn(&T) -> C) -> Self {
        let is_within = |item: &T| {
            window.after.as_ref().is_none_or(|after| place(item) > *after)
                && window.before.as_ref().is_none_or(|before| place(item) < *before)
        };
        let within = all.into_iter().filter(is_within);
        let limit = window.take.limit() as usize + 1;
        let read = match window.take {
            Take::First(_) => within.take(limit).collect(),
            Take::Last(_) => {
                let mut within: Vec<T> = within.collect();
                within.reverse();
                within.truncate(limit);
                within
            }
        };
        Self::of_read(window, read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
    struct Place(i64);

    impl Cursor for Place {
        const KIND: &str = "place";
        fn to_text(&self) -> String {
            self.0.to_string()
        }
        fn from_text(text: &str) -> Option<Self> {
            text.parse().ok().map(Self)
        }
    }

    fn arguments(first: Option<i32>, last: Option<i32>) -> PageArguments {
        PageArguments { first, last, ..PageArguments::default() }
    }

    #[test]
    fn a_page_is_asked_for_from_one_end_and_within_the_limit() {
        for (first, last, field) in
            [(None, None, "first"), (Some(1), Some(1), "last"), (Some(-1), None, "first"), (None, Some(101), "last")]
        {
            let error = arguments(first, last).parse::<Place>().unwrap_err();
            assert_eq!(error.field(), [field]);
        }
        assert_eq!(arguments(Some(100), None).parse::<Place>().unwrap().take, Take::First(100));
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let foreign = URL_SAFE_NO_PAD.encode("user:7");
        for text in [foreign.as_str(), "", "%%%", "cGxhY2U6eA"] {
            let asked = PageArguments { first: Some(1), after: Some(text.to_owned()), ..PageArguments::default() };
            assert_eq!(asked.parse::<Place>().unwrap_err().field(), ["after"], "{text}");
        }
        let asked = PageArguments { first: Some(1), after: Some(encode(&Place(7))), ..PageArguments::default() };
        assert_eq!(asked.parse::<Place>().unwrap().after, Some(Place(7)));
    }

    #[test]
    fn a_window_is_cut_from_either_end_in_the_lists_order() {
        let window = |take, after, before| Window { after, before, take };
        let cut = |window| Page::of_sorted(&window, (1..=9).collect(), |n| Place(*n));

        let page = cut(window(Take::First(2), Some(Place(3)), None));
        assert_eq!((page.items, page.has_previous, page.has_next), (vec![4, 5], true, true));
        let page = cut(window(Take::Last(2), None, None));
        assert_eq!((page.items, page.has_previous, page.has_next), (vec![8, 9], true, false));
        let page = cut(window(Take::First(5), Some(Place(3)), Some(Place(6))));
        assert_eq!((page.items, page.has_previous, page.has_next), (vec![4, 5], true, false));
    }
}
