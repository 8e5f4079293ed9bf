//! What is found by its words, in which order and in which pages.

use super::{Nodes, amend, append, commit};
use crate::support::make::at;
use crate::support::messages::{a_conversation, a_person, delete, edit, message};
use natterjack::domain::batch::Write;
use natterjack::domain::ids::{ConversationId, MessageId, UserId};
use natterjack::domain::message::{Message, NewMessage};
use natterjack::domain::page::{Page, Take, Window};
use natterjack::domain::words::{SearchPlace, SearchTerms};
use natterjack::store::log::MAX_BATCH;

super::on_each_log! {
    words_of_any_language_are_found
    only_these_conversations_are_searched
    the_newest_come_first_in_pages_both_ways
    pages_do_not_move_while_messages_arrive
    an_edited_message_is_found_by_what_it_now_says
    neither_tombstones_nor_notices_are_found
    signs_and_operators_do_no_harm
    many_conversations_are_searched_at_once
    frequent_words_are_found_wherever_they_stand
    random_logs_are_searched_as_if_by_hand
    a_batch_of_the_longest_texts_is_stored_and_found
}

/// A message sent that many milliseconds after the beginning.
fn sent_at(millis: i64, conversation: ConversationId, text: impl Into<String>) -> NewMessage {
    let new = message(conversation, UserId::new(at(0)), text);
    NewMessage { id: MessageId::new(at(millis)), created_at: at(millis), ..new }
}

fn first(count: u32) -> Window<SearchPlace> {
    Window { after: None, before: None, take: Take::First(count) }
}

async fn search(
    nodes: &Nodes,
    of: &[ConversationId],
    text: &str,
    window: &Window<SearchPlace>,
) -> (Vec<String>, bool, bool) {
    let terms = SearchTerms::parse(text).unwrap();
    let Page { items, has_previous, has_next } = nodes.there.search(of, &terms, window).await.unwrap();
    (items.into_iter().map(|message| message.text.unwrap()).collect(), has_previous, has_next)
}

async fn found(nodes: &Nodes, of: &[ConversationId], text: &str) -> Vec<String> {
    search(nodes, of, text, &first(100)).await.0
}

async fn words_of_any_language_are_found(nodes: Nodes) {
    let conversation = a_conversation();
    for (millis, text) in [
        (1, "Der Lurch sitzt in der Straße"),
        (2, "Где жаба? Ёлка"),
        (3, "我在北京大学读书"),
        (4, "東京タワーへ行きました"),
        (5, "สวัสดีชาวโลก"),
        (6, "L'été, l’été à Zürich"),
        (7, "مرحبا بالعالم"),
        (8, "두꺼비가 연못에 있다"),
    ] {
        append(&*nodes.here, sent_at(millis, conversation, text)).await;
    }
    for (text, beginning) in [
        ("lurch", "Der Lurch"),
        ("LUR stras", "Der Lurch"),
        ("елк ЖАБ", "Где"),
        ("北京", "我在"),
        ("书", "我在"),
        ("タワー", "東京"),
        ("ชาวโลก", "สวัสดี"),
        ("zurich ete", "L'été"),
        ("بالعالم", "مرحبا"),
        ("두꺼비", "두꺼비"),
    ] {
        let texts = found(&nodes, &[conversation], text).await;
        assert!(texts.len() == 1 && texts[0].starts_with(beginning), "{text}: {texts:?}");
    }
    for text in ["urch", "京北", "lurch zurich", "lurchs"] {
        assert_eq!(found(&nodes, &[conversation], text).await, [""; 0], "{text}");
    }
}

async fn only_these_conversations_are_searched(nodes: Nodes) {
    let (one, two, other) = (a_conversation(), a_conversation(), a_conversation());
    for (n, conversation) in [one, two, other].into_iter().enumerate() {
        append(&*nodes.here, sent_at(1, conversation, format!("frog {n}"))).await;
    }
    assert_eq!(found(&nodes, &[one], "frog").await, ["frog 0"]);
    let mut both = found(&nodes, &[two, one, two], "frog").await;
    both.sort();
    assert_eq!(both, ["frog 0", "frog 1"]);
    assert_eq!(found(&nodes, &[], "frog").await, [""; 0]);
    assert_eq!(found(&nodes, &[a_conversation()], "frog").await, [""; 0]);
}

async fn the_newest_come_first_in_pages_both_ways(nodes: Nodes) {
    let conversations = [a_conversation(), a_conversation(), a_conversation()];
    for n in 1..=9_u8 {
        append(&*nodes.here, sent_at(n.into(), conversations[usize::from(n % 3)], format!("frog {n}"))).await;
        append(&*nodes.here, sent_at(n.into(), conversations[0], "toad")).await;
    }
    let whole = nodes.there.search(&conversations, &SearchTerms::parse("fro").unwrap(), &first(9)).await.unwrap();
    let place = |n: usize| SearchPlace(whole.items[9 - n].id);
    for (take, after, before, expected) in [
        (Take::First(3), None, None, (&[9, 8, 7][..], false, true)),
        (Take::First(9), None, None, (&[9, 8, 7, 6, 5, 4, 3, 2, 1][..], false, false)),
        (Take::First(3), Some(7), None, (&[6, 5, 4][..], true, true)),
        (Take::First(3), Some(3), None, (&[2, 1][..], true, false)),
        (Take::Last(3), None, None, (&[3, 2, 1][..], true, false)),
        (Take::Last(3), None, Some(3), (&[6, 5, 4][..], true, true)),
        (Take::Last(3), None, Some(7), (&[9, 8][..], false, true)),
        (Take::First(9), Some(8), Some(5), (&[7, 6][..], true, false)),
        (Take::Last(1), Some(8), Some(5), (&[6][..], true, true)),
        (Take::First(0), None, None, (&[][..], false, true)),
    ] {
        let window = Window { after: after.map(place), before: before.map(place), take };
        let (numbers, has_previous, has_next) = expected;
        let texts = numbers.iter().map(|n| format!("frog {n}")).collect();
        assert_eq!(
            search(&nodes, &conversations, "frog", &window).await,
            (texts, has_previous, has_next),
            "{window:?}"
        );
    }
}

async fn pages_do_not_move_while_messages_arrive(nodes: Nodes) {
    let (one, two) = (a_conversation(), a_conversation());
    for n in 1..=4 {
        append(&*nodes.here, sent_at(n, one, format!("frog {n}"))).await;
    }
    let terms = SearchTerms::parse("frog").unwrap();
    let page = nodes.there.search(&[one, two], &terms, &first(2)).await.unwrap();
    append(&*nodes.here, sent_at(5, two, "frog 5")).await;
    amend(&*nodes.here, one, edit(page.items[0].id, "a frog once more")).await;
    let after = Some(SearchPlace(page.items[1].id));
    let next = Window { after, before: None, take: Take::First(2) };
    assert_eq!(search(&nodes, &[one, two], "frog", &next).await.0, ["frog 2", "frog 1"]);
    assert_eq!(found(&nodes, &[one, two], "frog").await[..2], ["frog 5", "a frog once more"]);
}

async fn an_edited_message_is_found_by_what_it_now_says(nodes: Nodes) {
    let conversation = a_conversation();
    let born = append(&*nodes.here, sent_at(1, conversation, "a green frog")).await;
    amend(&*nodes.there, conversation, edit(born.id, "a green toad")).await;
    for (text, expected) in [("frog", &[][..]), ("toad", &["a green toad"]), ("green", &["a green toad"])] {
        assert_eq!(found(&nodes, &[conversation], text).await, expected, "{text}");
    }
    amend(&*nodes.here, conversation, edit(born.id, "🐸")).await;
    assert_eq!(found(&nodes, &[conversation], "green").await, [""; 0]);
    amend(&*nodes.here, conversation, edit(born.id, "a red newt")).await;
    assert_eq!(found(&nodes, &[conversation], "newt red").await, ["a red newt"]);

    // Born and edited in one batch, beside an edit of an older one.
    let new = sent_at(2, conversation, "a frog");
    let writes =
        [Write::Append(new.clone()), Write::Amend(edit(new.id, "a newt")), Write::Amend(edit(born.id, "frog"))];
    commit(&*nodes.here, conversation, &writes).await;
    assert_eq!(found(&nodes, &[conversation], "newt").await, ["a newt"]);
    assert_eq!(found(&nodes, &[conversation], "frog").await, ["frog"]);
}

async fn neither_tombstones_nor_notices_are_found(nodes: Nodes) {
    let conversation = a_conversation();
    let born = append(&*nodes.here, sent_at(1, conversation, "a green frog")).await;
    append(&*nodes.here, NewMessage { author: UserId::SYSTEM, ..sent_at(2, conversation, "a green notice") }).await;
    assert_eq!(found(&nodes, &[conversation], "green").await, ["a green frog"]);
    amend(&*nodes.there, conversation, delete(born.id)).await;
    assert_eq!(found(&nodes, &[conversation], "green").await, [""; 0]);
    let new = sent_at(3, conversation, "a green frog");
    commit(&*nodes.here, conversation, &[Write::Append(new.clone()), Write::Amend(delete(new.id))]).await;
    assert_eq!(found(&nodes, &[conversation], "green").await, [""; 0]);
}

async fn signs_and_operators_do_no_harm(nodes: Nodes) {
    let conversation = a_conversation();
    let texts = ["100% of $set: a_b (c|d)* \"quoted\" -minus", "plain words, nothing more"];
    for (millis, text) in (1..).zip(texts) {
        append(&*nodes.here, sent_at(millis, conversation, text)).await;
    }
    for text in ["", " ", "%", "_", "\"", "'", "-", "$", "\\", ".*", "^", "[", "(", "&|!", "\0", ";--", "🐸"] {
        assert_eq!(found(&nodes, &[conversation], text).await, [""; 0], "{text}");
    }
    for text in ["100%", "\"quoted\"", "-minus", "$set", "a_b", "(c|d)", "\\quoted", "m* -minus", "\0minus"] {
        assert_eq!(found(&nodes, &[conversation], text).await, texts[..1], "{text}");
    }
    for text in ["-plain", "pl%", "\"words plain\"", "nothing'", "m"] {
        assert!(found(&nodes, &[conversation], text).await.contains(&texts[1].to_owned()), "{text}");
    }
}

async fn many_conversations_are_searched_at_once(nodes: Nodes) {
    const MANY: usize = 1_100;
    let mut conversations = Vec::new();
    for n in 0..MANY {
        let conversation = a_conversation();
        let millis = i64::try_from(n).unwrap();
        append(&*nodes.here, sent_at(millis, conversation, format!("frog number{n}"))).await;
        conversations.push(conversation);
    }
    let texts = found(&nodes, &conversations, "frog").await;
    assert_eq!((texts.len(), &*texts[0], &*texts[99]), (100, "frog number1099", "frog number1000"));
    assert_eq!(found(&nodes, &conversations, "number1099 frog").await, ["frog number1099"]);
    assert_eq!(found(&nodes, &conversations, "number109").await.len(), 11);
}

/// Stores the texts, one a millisecond.
async fn fill(nodes: &Nodes, conversation: ConversationId, texts: impl Iterator<Item = String>) {
    let writes: Vec<_> =
        (1..).zip(texts).map(|(millis, text)| Write::Append(sent_at(millis, conversation, text))).collect();
    for batch in writes.chunks(MAX_BATCH) {
        commit(&*nodes.here, conversation, batch).await;
    }
}

async fn frequent_words_are_found_wherever_they_stand(nodes: Nodes) {
    // More than the index is asked for at first.
    const MANY: usize = 4_500;
    let (conversation, quiet) = (a_conversation(), a_conversation());
    let text = |n: usize| match n {
        0..MANY => format!("alpha {n}"),
        MANY => "alpha omega".to_owned(),
        _ => format!("omega {n}"),
    };
    fill(&nodes, conversation, (0..=2 * MANY).map(text)).await;
    append(&*nodes.here, sent_at(1, quiet, "alpha quiet")).await;
    let of = [conversation, quiet];
    let texts = |numbers: &mut dyn Iterator<Item = usize>| numbers.map(text).collect::<Vec<_>>();

    let newest = search(&nodes, &of, "omega", &first(50)).await;
    assert_eq!(newest, (texts(&mut (2 * MANY - 49..=2 * MANY).rev()), false, true));
    // None of the newest 4,500 messages holds it.
    let newest = search(&nodes, &of, "alph", &first(3)).await;
    assert_eq!(newest, (texts(&mut (MANY - 2..=MANY).rev()), false, true));
    let oldest = Window { after: None, before: None, take: Take::Last(3) };
    assert_eq!(search(&nodes, &of, "omega", &oldest).await, (texts(&mut (MANY..MANY + 3).rev()), true, false));
    // Frequent both, and together once.
    assert_eq!(search(&nodes, &of, "omega alpha", &first(50)).await, (vec!["alpha omega".to_owned()], false, false));
    assert_eq!(search(&nodes, &of, "omega alpha 1", &first(50)).await, (vec![], false, false));
    assert_eq!(search(&nodes, &of, "omega 90", &first(1)).await.0, ["omega 9000"]);

    let mut window = first(100);
    let mut read = Vec::new();
    loop {
        let terms = SearchTerms::parse("alpha").unwrap();
        let page = nodes.there.search(&of, &terms, &window).await.unwrap();
        window.after = page.items.last().map(|message| SearchPlace(message.id));
        read.extend(page.items.into_iter().filter(|message| message.conversation == conversation));
        if !page.has_next {
            break;
        }
    }
    let read: Vec<_> = read.into_iter().map(|message| message.text.unwrap()).collect();
    assert_eq!(read, texts(&mut (0..=MANY).rev()));
}

async fn random_logs_are_searched_as_if_by_hand(nodes: Nodes) {
    const VOCABULARY: [&str; 8] = ["frog", "frogs", "toad", "newt", "池", "池塘", "été", "a"];
    let word = || VOCABULARY[rand::random_range(0..VOCABULARY.len())];
    let text = || (0..rand::random_range(1..5)).map(|_| word()).collect::<Vec<_>>().join(" ");
    let conversations = [a_conversation(), a_conversation(), a_conversation()];
    for conversation in conversations {
        let mut ids = Vec::new();
        for _ in 0..6 {
            let born = (0..20).map(|_| sent_at(rand::random_range(0..50), conversation, text()));
            let mut writes: Vec<_> = born.inspect(|new| ids.push(new.id)).map(Write::Append).collect();
            for _ in 0..10 {
                let id = ids[rand::random_range(0..ids.len())];
                let change = if rand::random_bool(0.3) { delete(id) } else { edit(id, text()) };
                writes.push(Write::Amend(change));
            }
            commit(&*nodes.here, conversation, &writes).await;
        }
    }
    let mut all: Vec<Message> = Vec::new();
    for conversation in &conversations[..2] {
        all.extend(super::whole(&*nodes.here, *conversation).await);
    }
    all.sort_by_key(|message| SearchPlace(message.id));
    for _ in 0..40 {
        let asked = text();
        let terms = SearchTerms::parse(&asked).unwrap();
        let holds = |message: &&Message| {
            let words = message.text.iter().flat_map(|text| text.split(' '));
            let words: Vec<_> = words.collect();
            asked.split(' ').all(|asked| words.iter().any(|word| word.starts_with(asked)))
        };
        let expected: Vec<Message> = all.iter().filter(holds).cloned().collect();
        let cursor = || expected.get(rand::random_range(0..30)).map(|message| SearchPlace(message.id));
        let take = [Take::First, Take::Last][rand::random_range(0..2)](rand::random_range(0..40));
        let window = Window { after: cursor(), before: cursor(), take };
        let page = nodes.there.search(&conversations[..2], &terms, &window).await.unwrap();
        let by_hand = Page::of_sorted(&window, expected.clone(), |message| SearchPlace(message.id));
        let found = (page.items, page.has_previous, page.has_next);
        assert_eq!(found, (by_hand.items, by_hand.has_previous, by_hand.has_next), "{asked:?} {window:?}");
    }
}

async fn a_batch_of_the_longest_texts_is_stored_and_found(nodes: Nodes) {
    let conversation = a_conversation();
    let long = |n: usize| (n..n + 3_000).map(|word| format!("{word:05}")).collect::<Vec<_>>().join(" ");
    let writes: Vec<_> = (1..=MAX_BATCH).map(|n| Write::Append(message(conversation, a_person(), long(n)))).collect();
    let written = commit(&*nodes.here, conversation, &writes[..40]).await;
    assert_eq!(found(&nodes, &[conversation], "03039 00041").await.len(), 1);
    amend(&*nodes.here, conversation, edit(written.changed[39].id, long(5_000))).await;
    assert_eq!(found(&nodes, &[conversation], "03039").await, [""; 0]);
    assert_eq!(found(&nodes, &[conversation], "07999").await.len(), 1);
}
