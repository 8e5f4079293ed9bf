//! Where the client of one subscription stands, as a text that it gives back when it comes again: what server-sent
//! events call their id, and `Last-Event-ID` (the HTML standard, section 9.2).

use super::position::Positions;
use crate::domain::ids::ConversationId;
use crate::domain::message::Revision;
use crate::feed::Stand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::SetOnce;
use uuid::Uuid;

/// The longest text, in bytes: proxies refuse requests whose headers are longer than 8 KiB all together. That is about
/// 160 conversations.
const MAX_TEXT: usize = 4 * 1024;
/// What a text begins with: the version of its form.
const VERSION: &str = "1.";

/// Where a client stands in each conversation; `None` in those that it was told to be out of.
type Places = HashMap<ConversationId, Option<Revision>>;

/// Kept up by a subscription whose positions fit it, for a transport that brings clients back to where they stood. Put
/// beside the operation by such a transport.
///
/// The text holds what differs from the operation's own arguments, which the client sends again too: it is short where
/// little has happened since.
#[derive(Default)]
pub struct Standing {
    resumed: Option<Places>,
    /// One for each subscription of the operation.
    followed: Mutex<Vec<Followed>>,
    /// Where the client stood when the subscription had begun.
    begun: SetOnce<Option<String>>,
}

struct Followed {
    /// What the operation's arguments say.
    argument: HashMap<ConversationId, Revision>,
    stand: Stand,
}

impl Standing {
    /// That of a client which has the text of an earlier connection, or none. `None` for a text that is not ours.
    pub fn resuming(text: Option<&str>) -> Option<Self> {
        let resumed = match text {
            Some(text) => Some(decoded(text)?),
            None => None,
        };
        Some(Self { resumed, ..Self::default() })
    }

    /// Where the client stands after what it was given last; `None` where that cannot be said, or not in 4 KiB.
    pub fn text(&self) -> Option<String> {
        let followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        match followed.as_slice() {
            [one] => encoded(&one.places()),
            _ => None,
        }
    }

    /// Where the client stood before it was given anything, once the subscription has begun.
    pub async fn begun(&self) -> Option<&str> {
        self.begun.wait().await.as_deref()
    }

    pub(super) fn has_begun(&self) {
        // Fails only where it has begun twice, which has no text.
        let _ = self.begun.set(self.text());
    }

    /// Where the client stands in the one conversation that it hears.
    pub(super) fn resume_in(&self, conversation: ConversationId) -> (Option<Revision>, Stand) {
        let place = self.resumed.as_ref().and_then(|places| places.get(&conversation).copied().flatten());
        (place, self.follow(HashMap::new()))
    }

    /// Where the client stands in all. The text is younger than the arguments and counts alone, also where it is the lower of
    /// the two: the log may be another one by now.
    pub(super) fn resume_events(&self, positions: &mut Option<Positions>) -> Stand {
        let argument = positions.as_ref().map(|positions| positions.known.clone()).unwrap_or_default();
        if let Some(places) = &self.resumed {
            let known = &mut positions.get_or_insert_default().known;
            for (conversation, place) in places {
                match place {
                    Some(place) => drop(known.insert(*conversation, *place)),
                    None => drop(known.remove(conversation)),
                }
            }
        }
        self.follow(argument)
    }

    fn follow(&self, argument: HashMap<ConversationId, Revision>) -> Stand {
        let stand = Stand::default();
        let followed = Followed { argument, stand: stand.clone() };
        self.followed.lock().unwrap_or_else(PoisonError::into_inner).push(followed);
        stand
    }
}

impl Followed {
    fn places(&self) -> Places {
        let now = self.stand.places();
        let left = self.argument.keys().filter(|conversation| !now.contains_key(conversation));
        let left: Vec<_> = left.map(|conversation| (*conversation, None)).collect();
        let is_news =
            |(conversation, place): &(ConversationId, Revision)| self.argument.get(conversation) != Some(place);
        now.into_iter().filter(is_news).map(|(conversation, place)| (conversation, Some(place))).chain(left).collect()
    }
}

/// In base64: of each conversation the 16 bytes of its id and, in as many groups of 7 bits as it takes, 0 for one that
/// the client is out of, and else the place and one.
fn encoded(places: &Places) -> Option<String> {
    let mut bytes = Vec::with_capacity(places.len() * 20);
    for (conversation, place) in places {
        bytes.extend(conversation.uuid().as_bytes());
        let mut number = place.map_or(0, |place| place.number().unsigned_abs() + 1);
        while number >= 0x80 {
            bytes.push(lowest(number) | 0x80);
            number >>= 7;
        }
        bytes.push(lowest(number));
    }
    let text = format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(bytes));
    (text.len() <= MAX_TEXT).then_some(text)
}

fn lowest(number: u64) -> u8 {
    number.to_le_bytes()[0] & 0x7f
}

fn decoded(text: &str) -> Option<Places> {
    let text = text.strip_prefix(VERSION).filter(|_| text.len() <= MAX_TEXT)?;
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (mut rest, mut places) = (bytes.as_slice(), Places::new());
    while let Some((id, after)) = rest.split_first_chunk::<16>() {
        let end = after.iter().position(|byte| byte & 0x80 == 0)?;
        let (groups, after) = after.split_at(end + 1);
        if groups.len() > 9 {
            return None;
        }
        let number = groups.iter().rev().fold(0_i64, |number, group| number << 7 | i64::from(group & 0x7f));
        places.insert(ConversationId::from(Uuid::from_bytes(*id)), Revision::new(number - 1));
        rest = after;
    }
    rest.is_empty().then_some(places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Timestamp;

    fn conversation() -> ConversationId {
        ConversationId::new(Timestamp::from_unix_millis(1_769_860_800_007).unwrap())
    }

    fn at(number: i64) -> Option<Revision> {
        Revision::new(number)
    }

    #[test]
    fn a_text_reads_back() {
        let numbers = [at(0), at(1), at(126), at(127), at(128), at(16_383), at(i64::from(i32::MAX)), None];
        let places: Places = numbers.into_iter().map(|place| (conversation(), place)).collect();
        assert_eq!(places.len(), numbers.len());
        assert_eq!(decoded(&encoded(&places).unwrap()), Some(places));
        assert_eq!(encoded(&Places::new()).as_deref(), Some(VERSION));
        assert_eq!(decoded(VERSION), Some(Places::new()));
    }

    #[test]
    fn what_is_no_text_of_ours_is_not_read() {
        let good = encoded(&Places::from([(conversation(), at(200))])).unwrap();
        let cut = &good[..good.len() - 2];
        let endless = format!("{VERSION}{}", URL_SAFE_NO_PAD.encode([0x80; 26]));
        let huge = format!("{VERSION}{}", URL_SAFE_NO_PAD.encode([[0xff; 25].as_slice(), &[0x7f]].concat()));
        let long = format!("{VERSION}{}", "A".repeat(MAX_TEXT));
        for text in ["", "1", "2.", "1.é", "1.A=", "42", cut, &endless, &huge, &long] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_too_long_for_a_header_has_no_text() {
        let places = |count| -> Places { (0..count).map(|_| (conversation(), at(1_000_000))).collect() };
        assert!(encoded(&places(160)).is_some_and(|text| text.len() > 4_000));
        assert_eq!(encoded(&places(170)), None);
    }

    #[test]
    fn the_text_holds_what_the_arguments_do_not() {
        let [still, moved, left, new] = [(); 4].map(|()| conversation());
        let standing = Standing::resuming(None).unwrap();
        let argument = [still, moved, left].map(|conversation| (conversation, Revision::ZERO));
        let mut positions = Some(Positions { known: argument.into(), ..Positions::default() });
        let stand = standing.resume_events(&mut positions);
        let now = [(still, 0), (moved, 7), (new, 0)].map(|(id, number)| (id, at(number).unwrap()));
        stand.begin(&now.into());
        let text = standing.text().unwrap();
        let expected: Places = [(moved, at(7)), (left, None), (new, at(0))].into();
        assert_eq!(decoded(&text), Some(expected));

        let again = Standing::resuming(Some(&text)).unwrap();
        again.resume_events(&mut positions);
        let known: HashMap<_, _> = [(still, 0), (moved, 7), (new, 0)].map(|(id, n)| (id, at(n).unwrap())).into();
        assert_eq!(positions.unwrap().known, known);
    }

    #[test]
    fn two_subscriptions_at_once_have_no_text() {
        let standing = Standing::resuming(None).unwrap();
        assert_eq!(standing.text(), None);
        standing.resume_in(conversation());
        assert_eq!(standing.text().as_deref(), Some(VERSION));
        standing.resume_in(conversation());
        assert_eq!(standing.text(), None);
    }
}
