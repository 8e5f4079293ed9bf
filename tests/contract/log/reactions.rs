//! Reactions: each person's once, counted with the message, in one transaction with it.

use super::{Nodes, amend, append, commit, head_number, revisions, whole};
use crate::support::messages::{a_conversation, a_person, delete, emoji, message, react, revision, unreact};
use natterjack::domain::batch::{Attempt, Write, Written};
use natterjack::domain::emoji::Emoji;
use natterjack::domain::ids::{MessageId, UserId};
use natterjack::domain::message::{ChangeKind, Message, Tally};
use natterjack::domain::rules::MAX_EMOJI;
use natterjack::store::LogStore;
use natterjack::store::log::{ReactionsBy, ReactorsOf};
use tokio::task::JoinSet;

super::on_each_log! {
    reactions_are_counted_in_the_order_of_the_first
    a_reaction_that_stands_already_takes_no_number
    who_reacts_is_told_the_earliest_first
    the_latest_reactions_are_found_by_their_numbers
    one_sees_ones_own_reactions
    of_many_who_react_at_once_on_two_nodes_none_is_lost
    a_reaction_whose_answer_was_lost_is_counted_once
    a_tombstone_takes_no_reactions
    different_emoji_are_limited
}

fn tallies(message: &Message) -> Vec<(&str, u32)> {
    message.reactions.iter().map(|tally| (tally.emoji.as_str(), tally.count)).collect()
}

async fn reactors(store: &dyn LogStore, message: &Message, with: &str, limit: u32) -> Vec<UserId> {
    let of = ReactorsOf { conversation: message.conversation, message: message.id, emoji: emoji(with), limit };
    store.reactors(std::slice::from_ref(&of)).await.unwrap().remove(&of).unwrap_or_default()
}

async fn own(store: &dyn LogStore, message: &Message, user: UserId) -> Vec<Emoji> {
    let by = ReactionsBy { conversation: message.conversation, message: message.id, user };
    let mut own = store.reactions_by(&[by]).await.unwrap().remove(&by).unwrap_or_default();
    own.sort();
    own
}

async fn reactions_are_counted_in_the_order_of_the_first(nodes: Nodes) {
    let (conversation, ada, ben) = (a_conversation(), a_person(), a_person());
    let born = append(&*nodes.here, message(conversation, ada, "hello")).await;
    for (user, with) in [(ben, "🐸"), (ada, "❤️"), (ben, "❤️"), (ada, "🐸")] {
        amend(&*nodes.here, conversation, react(born.id, user, with)).await;
    }
    let stands = amend(&*nodes.there, conversation, unreact(born.id, ben, "🐸")).await;
    assert_eq!(tallies(&stands), [("🐸", 1), ("❤️", 2)]);
    assert_eq!((stands.revision, stands.seq), (revision(6), revision(1)));
    assert_eq!((stands.latest_change(), stands.edited_at), (Some(ChangeKind::Reacted), None));
    assert_eq!(whole(&*nodes.here, conversation).await, [stands]);

    amend(&*nodes.there, conversation, unreact(born.id, ada, "🐸")).await;
    let stands = amend(&*nodes.there, conversation, react(born.id, ada, "🐸")).await;
    assert_eq!(tallies(&stands), [("❤️", 2), ("🐸", 1)]);
}

async fn a_reaction_that_stands_already_takes_no_number(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let born = append(&*nodes.here, message(conversation, ada, "hello")).await;
    let never = commit(&*nodes.here, conversation, &[Write::Amend(unreact(born.id, ada, "🐸"))]).await;
    assert_eq!(never.written, [Written::Unchanged(born.clone())]);
    let stands = amend(&*nodes.there, conversation, react(born.id, ada, "🐸")).await;
    let again = commit(&*nodes.here, conversation, &[Write::Amend(react(born.id, ada, "🐸"))]).await;
    assert_eq!(again.written, [Written::Unchanged(stands)]);
    assert_eq!(again.head.revision, revision(2));
}

async fn who_reacts_is_told_the_earliest_first(nodes: Nodes) {
    let conversation = a_conversation();
    let born = append(&*nodes.here, message(conversation, a_person(), "hello")).await;
    let other = append(&*nodes.here, message(conversation, a_person(), "hello")).await;
    let people: Vec<_> = (0..5).map(|_| a_person()).collect();
    // Backwards, so that the order is that of the reactions and not of the ids.
    for user in people.iter().rev() {
        amend(&*nodes.here, conversation, react(born.id, *user, "🐸")).await;
    }
    amend(&*nodes.here, conversation, react(born.id, people[2], "❤️")).await;
    amend(&*nodes.here, conversation, react(other.id, people[3], "🐸")).await;

    assert_eq!(reactors(&*nodes.there, &born, "🐸", 2).await, [people[4], people[3]]);
    assert_eq!(reactors(&*nodes.there, &born, "🐸", 100).await.len(), 5);
    assert_eq!(reactors(&*nodes.there, &born, "🐸", 0).await, []);
    assert_eq!(reactors(&*nodes.there, &other, "❤️", 9).await, []);
    let of = |message: &Message, with: &str, limit| ReactorsOf {
        conversation,
        message: message.id,
        emoji: emoji(with),
        limit,
    };
    // Many at once, each with its own limit.
    let asked: Vec<_> = (0..300).flat_map(|n| [of(&born, "🐸", n), of(&born, "❤️", n), of(&other, "🐸", n)]).collect();
    let found = nodes.there.reactors(&asked).await.unwrap();
    assert_eq!(found[&of(&born, "🐸", 1)], [people[4]]);
    assert_eq!(found[&of(&born, "🐸", 299)].len(), 5);
    assert_eq!(found[&of(&born, "❤️", 7)], [people[2]]);
    assert_eq!(found[&of(&other, "🐸", 7)], [people[3]]);
    assert!(nodes.there.reactors(&[]).await.unwrap().is_empty());
}

async fn the_latest_reactions_are_found_by_their_numbers(nodes: Nodes) {
    let (conversation, ada, ben) = (a_conversation(), a_person(), a_person());
    let [first, second, third] = [1, 2, 3].map(|n: u8| message(conversation, ada, n.to_string()));
    let ids = [first.id, second.id, third.id];
    for new in [first, second, third] {
        append(&*nodes.here, new).await;
    }
    for (id, user, with) in [(0, ben, "🐸"), (1, ben, "🐸"), (1, ada, "❤️"), (2, ben, "🐸"), (0, ada, "🐸")]
    {
        amend(&*nodes.here, conversation, react(ids[id], user, with)).await;
    }
    let since = async |to: &[MessageId], after: i64| {
        let mut found = nodes.there.reactions_since(conversation, to, revision(after)).await.unwrap();
        found.sort_by_key(|reaction| (ids.iter().position(|id| *id == reaction.message), reaction.user == ben));
        found.into_iter().map(|reaction| (reaction.message, reaction.user)).collect::<Vec<_>>()
    };
    assert_eq!(since(&ids, 4).await, [(ids[0], ada), (ids[1], ada), (ids[1], ben), (ids[2], ben)]);
    assert_eq!(since(&ids[1..], 5).await, [(ids[1], ada), (ids[2], ben)]);
    assert_eq!((since(&ids, 8).await, since(&[], 0).await), (vec![], vec![]));
    amend(&*nodes.here, conversation, unreact(ids[2], ben, "🐸")).await;
    assert_eq!(since(&ids, 6).await, [(ids[0], ada)]);
}

async fn one_sees_ones_own_reactions(nodes: Nodes) {
    let (conversation, ada, ben) = (a_conversation(), a_person(), a_person());
    let one = append(&*nodes.here, message(conversation, ada, "hello")).await;
    let two = append(&*nodes.here, message(conversation, ada, "hello")).await;
    for (message, user, with) in [(&one, ada, "🐸"), (&one, ada, "❤️"), (&one, ben, "👍"), (&two, ben, "🐸")]
    {
        amend(&*nodes.here, conversation, react(message.id, user, with)).await;
    }
    assert_eq!(own(&*nodes.there, &one, ada).await, [emoji("❤️"), emoji("🐸")]);
    assert_eq!(own(&*nodes.there, &one, ben).await, [emoji("👍")]);
    assert_eq!(own(&*nodes.there, &two, ada).await, []);
    amend(&*nodes.here, conversation, unreact(one.id, ada, "❤️")).await;
    assert_eq!(own(&*nodes.there, &one, ada).await, [emoji("🐸")]);
    assert!(nodes.there.reactions_by(&[]).await.unwrap().is_empty());
}

async fn of_many_who_react_at_once_on_two_nodes_none_is_lost(nodes: Nodes) {
    const PEOPLE: usize = 12;
    let conversation = a_conversation();
    let born = append(&*nodes.here, message(conversation, a_person(), "hello")).await;
    let logs = nodes.logs();
    let people: Vec<_> = (0..PEOPLE).map(|_| a_person()).collect();
    // Each on both nodes at once, and with three emoji of which one is taken back.
    let reacting: JoinSet<_> = (0..2 * PEOPLE)
        .map(|n| {
            let (log, user, message) = (logs[n % 2].clone(), people[n / 2], born.id);
            async move {
                for change in [
                    react(message, user, "🐸"),
                    react(message, user, "❤️"),
                    react(message, user, "👍"),
                    unreact(message, user, "👍"),
                ] {
                    log.amend(conversation, change).await.unwrap();
                }
            }
        })
        .collect();
    reacting.join_all().await;
    for user in &people {
        logs[0].amend(conversation, unreact(born.id, *user, "👍")).await.unwrap();
    }
    let stands = whole(&*nodes.here, conversation).await.remove(0);
    let mut counted = stands.reactions.clone();
    counted.sort_by(|one, other| one.emoji.cmp(&other.emoji));
    let count = u32::try_from(PEOPLE).unwrap();
    assert_eq!(counted, [emoji("❤️"), emoji("🐸")].map(|emoji| Tally { emoji, count }));
    for with in ["🐸", "❤️"] {
        let mut who = reactors(&*nodes.there, &stands, with, 100).await;
        who.sort_unstable();
        let mut expected = people.clone();
        expected.sort_unstable();
        assert_eq!(who, expected);
    }
    assert_eq!(reactors(&*nodes.there, &stands, "👍", 100).await, []);
    assert_eq!(stands.revision.number(), head_number(&*nodes.here, conversation).await);
}

async fn a_reaction_whose_answer_was_lost_is_counted_once(nodes: Nodes) {
    let (conversation, ada) = (a_conversation(), a_person());
    let born = append(&*nodes.here, message(conversation, ada, "hello")).await;
    let write = [Write::Amend(react(born.id, ada, "🐸"))];
    let stands = commit(&*nodes.here, conversation, &write).await.changed;
    let again = nodes.there.commit(conversation, &write, Attempt::Again).await.unwrap();
    assert_eq!(again.written, [Written::Unchanged(stands[0].clone())]);
    assert_eq!(tallies(&stands[0]), [("🐸", 1)]);
}

async fn a_tombstone_takes_no_reactions(nodes: Nodes) {
    let (conversation, ada, ben) = (a_conversation(), a_person(), a_person());
    let born = append(&*nodes.here, message(conversation, ada, "hello")).await;
    amend(&*nodes.here, conversation, react(born.id, ben, "🐸")).await;
    // In one batch with what it takes along, and what comes too late.
    let batch = [react(born.id, ada, "🐸"), delete(born.id), react(born.id, ada, "❤️")].map(Write::Amend);
    let committed = commit(&*nodes.there, conversation, &batch).await;
    let gone = committed.changed[0].clone();
    assert_eq!(committed.written[2], Written::Unchanged(gone.clone()));
    assert_eq!((gone.reactions.as_slice(), gone.revision), (&[][..], revision(4)));
    assert_eq!(reactors(&*nodes.here, &gone, "🐸", 9).await, []);
    assert_eq!(own(&*nodes.here, &gone, ben).await, []);
    assert_eq!(revisions(&whole(&*nodes.here, conversation).await), [4]);
}

async fn different_emoji_are_limited(nodes: Nodes) {
    let (conversation, ada, ben) = (a_conversation(), a_person(), a_person());
    let born = append(&*nodes.here, message(conversation, ada, "hello")).await;
    // Skin tones and all: there are more than enough.
    let many: Vec<_> = ('\u{1F600}'..='\u{1F64F}').chain('\u{1F680}'..='\u{1F6A3}').map(String::from).collect();
    let writes: Vec<_> = many.iter().map(|with| Write::Amend(react(born.id, ada, with))).collect();
    let committed = commit(&*nodes.here, conversation, &writes).await;
    let full = &committed.changed[0];
    assert_eq!(full.reactions.len(), MAX_EMOJI);
    assert_eq!(committed.written[MAX_EMOJI], Written::Unchanged(full.clone()));
    // One that is there already has room.
    let more = amend(&*nodes.there, conversation, react(born.id, ben, &many[7])).await;
    assert_eq!(more.reactions[7].count, 2);
    assert_eq!(own(&*nodes.there, &more, ada).await.len(), MAX_EMOJI);
}
