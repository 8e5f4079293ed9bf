//! The checker itself, on histories that were made up: a good one passes, and of each kind of bad one it says what is
//! wrong with it.

use crate::support::checker::{Acknowledged, History, Origin, Seen, Stored, Subscriber, Violation};

const HERE: &str = "here";
const THERE: &str = "there";

fn seen(conversation: &str, id: &str, seq: i64, revision: i64, text: Option<&str>) -> Seen {
    let (conversation, id, text) = (conversation.to_owned(), id.to_owned(), text.map(str::to_owned));
    Seen { conversation, id, seq, revision, text, is_pinned: false, reactions: Vec::new() }
}

fn origin(client_id: &str) -> Origin {
    Origin { by: "ada".to_owned(), client_id: Some(client_id.to_owned()) }
}

fn acknowledged(message: Seen, client_id: &str) -> Acknowledged {
    Acknowledged { message, origin: origin(client_id), is_first: true }
}

fn first() -> Seen {
    seen(HERE, "a", 1, 1, Some("first"))
}

fn second() -> Seen {
    seen(HERE, "b", 2, 2, Some("second"))
}

fn second_edited() -> Seen {
    seen(HERE, "b", 2, 4, Some("second, edited"))
}

fn third_deleted() -> Seen {
    seen(HERE, "c", 3, 5, None)
}

fn elsewhere() -> Seen {
    seen(THERE, "d", 1, 1, Some("elsewhere"))
}

/// Three messages in one conversation, of which one was edited and one deleted, and one in another; a subscriber who
/// has seen everything live, and one who came late and has resumed.
fn good() -> History {
    let stored = [(first(), "1"), (second_edited(), "2"), (third_deleted(), "3"), (elsewhere(), "1")];
    let live = [first(), elsewhere(), second(), seen(HERE, "c", 3, 3, Some("third")), second_edited(), third_deleted()];
    let edit = Acknowledged { is_first: false, ..acknowledged(second_edited(), "2") };
    History {
        acknowledged: vec![
            acknowledged(first(), "1"),
            acknowledged(second(), "2"),
            edit,
            acknowledged(elsewhere(), "1"),
        ],
        subscribers: vec![
            Subscriber {
                name: "live".to_owned(),
                began: [(HERE.to_owned(), 0), (THERE.to_owned(), 0)].into(),
                given: live.into(),
            },
            Subscriber {
                name: "late".to_owned(),
                began: [(HERE.to_owned(), 2)].into(),
                given: vec![second_edited(), third_deleted()],
            },
        ],
        stored: stored.map(|(message, client_id)| Stored { message, origin: origin(client_id) }).into(),
    }
}

/// What is found where the good history is spoilt so.
fn spoilt(spoil: impl FnOnce(&mut History)) -> Vec<Violation> {
    let mut history = good();
    spoil(&mut history);
    history.violations()
}

macro_rules! assert_found {
    ($violations:expr, $($kind:pat),+) => {{
        let violations = $violations;
        $(assert!(violations.iter().any(|violation| matches!(violation, $kind)), "{violations:?}");)+
        for violation in &violations {
            assert!(matches!(violation, $($kind)|+), "{violations:?}");
        }
    }};
}

#[test]
fn a_good_history_passes() {
    assert_eq!(good().violations(), []);
    good().assert_good("nothing is wrong");
    assert_eq!(History::default().violations(), []);
}

#[test]
fn what_was_acknowledged_and_is_not_there_is_lost() {
    let gone = seen(HERE, "e", 6, 6, Some("lost"));
    let found = spoilt(|history| history.acknowledged.push(acknowledged(gone.clone(), "6")));
    assert_eq!(found, [Violation::Lost { acknowledged: gone }]);
    let last = spoilt(|history| drop(history.stored.pop()));
    assert_found!(last, Violation::Lost { .. }, Violation::NeverStored { stored: None, .. });
}

#[test]
fn a_change_that_was_acknowledged_and_is_gone_is_found() {
    let found = spoilt(|history| history.stored[1].message = second());
    let has_older = |violation: &Violation| matches!(violation, Violation::NeverStored { stored: Some(_), .. });
    assert!(found.iter().any(has_older), "{found:?}");
    assert_found!(found, Violation::StoredOtherwise { .. }, Violation::NeverStored { .. });
}

#[test]
fn a_reaction_or_a_pin_that_was_acknowledged_and_is_gone_is_found() {
    let found = spoilt(|history| history.acknowledged[2].message.reactions.push(("🐸".to_owned(), 1)));
    assert_found!(found, Violation::StoredOtherwise { .. }, Violation::OneRevisionTwoStates { .. });
    let found = spoilt(|history| history.acknowledged[2].message.is_pinned = true);
    assert_found!(found, Violation::StoredOtherwise { .. }, Violation::OneRevisionTwoStates { .. });
}

#[test]
fn a_message_of_another_place_or_author_is_not_the_one_that_was_acknowledged() {
    let found = spoilt(|history| history.acknowledged[0].message.seq = 0);
    assert_found!(
        found,
        Violation::StoredOtherwise { .. },
        Violation::TwoPlaces { .. },
        Violation::OneRevisionTwoStates { .. }
    );
    let found = spoilt(|history| history.stored[0].origin.by = "eve".to_owned());
    assert_found!(found, Violation::StoredOtherwise { .. });
    let found = spoilt(|history| history.stored[0].origin.client_id = Some("another".to_owned()));
    assert_found!(found, Violation::StoredOtherwise { .. });
}

#[test]
fn only_one_answer_is_the_first() {
    let found = spoilt(|history| history.acknowledged.push(acknowledged(first(), "1")));
    assert_eq!(found, [Violation::TwoFirsts { message: first() }]);
}

#[test]
fn a_client_id_that_is_stored_twice_is_found() {
    let twin = seen(HERE, "e", 6, 6, Some("first"));
    let found = spoilt(|history| {
        history.stored.push(Stored { message: twin.clone(), origin: origin("1") });
        history.subscribers.iter_mut().for_each(|subscriber| subscriber.given.push(twin.clone()));
    });
    assert_eq!(found, [Violation::StoredTwice { origin: origin("1"), messages: [first(), twin] }]);
    let without = Origin { client_id: None, ..origin("") };
    let found = spoilt(|history| {
        for (id, seq) in [("e", 6), ("f", 7)] {
            let message = seen(HERE, id, seq, seq, Some("without a client id"));
            history.subscribers.iter_mut().for_each(|subscriber| subscriber.given.push(message.clone()));
            history.stored.push(Stored { message, origin: without.clone() });
        }
    });
    assert_eq!(found, []);
}

#[test]
fn places_and_ids_are_each_given_once() {
    let found = spoilt(|history| history.stored.swap(0, 1));
    assert_found!(found, Violation::SeqNotRising { .. });
    let found = spoilt(|history| history.stored.insert(0, history.stored[0].clone()));
    assert_found!(found, Violation::SeqNotRising { .. }, Violation::IdTwice { .. }, Violation::StoredTwice { .. });
}

#[test]
fn a_revision_is_one_state_for_all() {
    let found = spoilt(|history| history.subscribers[0].given[2].text = Some("another".to_owned()));
    assert_found!(found, Violation::OneRevisionTwoStates { .. });
    let found = spoilt(|history| history.subscribers[0].given[4].reactions.push(("🐸".to_owned(), 1)));
    assert_found!(found, Violation::OneRevisionTwoStates { .. });
    let found = spoilt(|history| history.acknowledged[1].message.revision = 3);
    assert_found!(found, Violation::OneRevisionTwoStates { .. });
    let found = spoilt(|history| {
        history.subscribers[0].given[2].seq = 3;
        history.subscribers[0].given[2].revision = 2;
    });
    assert_found!(
        found,
        Violation::OneRevisionTwoStates { .. },
        Violation::TwoPlaces { .. },
        Violation::RevisionBelowSeq { .. }
    );
}

#[test]
fn what_comes_twice_or_out_of_order_is_found() {
    let found = spoilt(|history| history.subscribers[0].given.push(third_deleted()));
    let subscriber = "live".to_owned();
    assert_eq!(found, [Violation::NotRising { subscriber, before: 5, given: third_deleted() }]);
    let found = spoilt(|history| history.subscribers[0].given.swap(0, 2));
    assert_found!(found, Violation::NotRising { .. });
    let found = spoilt(|history| history.subscribers[1].given.insert(0, second()));
    assert_found!(found, Violation::NotRising { .. });
}

#[test]
fn what_was_given_and_never_stored_is_found() {
    let phantom = seen(HERE, "e", 6, 6, Some("phantom"));
    let found = spoilt(|history| history.subscribers[0].given.push(phantom.clone()));
    let subscriber = "live".to_owned();
    assert_eq!(found, [Violation::NeverStored { subscriber, given: phantom, stored: None }]);
}

#[test]
fn what_did_not_come_is_missed() {
    let found = spoilt(|history| drop(history.subscribers[0].given.remove(0)));
    let subscriber = "live".to_owned();
    assert_eq!(found, [Violation::Missed { subscriber, stored: first(), given: None }]);
    let found = spoilt(|history| drop(history.subscribers[0].given.remove(4)));
    let subscriber = "live".to_owned();
    assert_eq!(found, [Violation::Missed { subscriber, stored: second_edited(), given: Some(second()) }]);
    let found = spoilt(|history| drop(history.subscribers[1].given.pop()));
    assert_found!(found, Violation::Missed { given: None, .. });
}

#[test]
fn what_nobody_asked_for_is_found() {
    let found = spoilt(|history| history.subscribers[1].given.push(elsewhere()));
    let subscriber = "late".to_owned();
    assert_eq!(found, [Violation::Unasked { subscriber, given: elsewhere() }]);
}

#[test]
#[should_panic(expected = "1 violations (seed 7):\n  acknowledged and lost")]
fn a_bad_history_fails_its_test_and_says_why() {
    let mut history = good();
    history.acknowledged.push(acknowledged(seen(HERE, "e", 6, 6, None), "6"));
    history.assert_good("seed 7");
}
