//! What is read: pages that do not move, changes in their order, and what lists of conversations show.

use super::{Nodes, amend, append, append_many, commit, revisions, seqs, whole};
use crate::support::make::at;
use crate::support::messages::{a_conversation, a_person, delete, edit, message, revision, under};
use natterjack::domain::batch::{Head, Write};
use natterjack::domain::extras::Extras;
use natterjack::domain::ids::{ConversationId, MessageId};
use natterjack::domain::message::{Message, MessageKind, Revision};
use natterjack::domain::page::{Take, Window};
use natterjack::domain::rules::{MAX_TEXT_LENGTH, MAX_UNREAD};
use natterjack::store::log::{MAX_BATCH, UnreadBy};
use std::collections::HashMap;
use std::slice;

super::on_each_log! {
    a_message_reads_back_as_it_was_written
    pages_are_cut_from_both_ends
    pages_do_not_move_when_messages_change
    a_changed_message_comes_once_under_its_new_revision
    reading_on_from_the_last_revision_skips_nothing
    a_head_tells_where_the_log_ends
    the_latest_message_is_the_last_by_place
    only_what_exists_is_found
    own_and_deleted_messages_are_not_unread
    unread_messages_are_counted_up_to_the_limit
    many_are_asked_for_at_once
}

async fn a_message_reads_back_as_it_was_written(nodes: Nodes) {
    let conversation = a_conversation();
    let long = "\u{1f438}".repeat(MAX_TEXT_LENGTH);
    for text in ["Kröte \"蟾蜍\" $set: {\\}\n\t'; --", "$author", &long] {
        let author = a_person();
        let new = under("Ünïcode $1", message(conversation, author, text));
        let born = append(&*nodes.here, new.clone()).await;
        let expected = Message {
            id: new.id,
            conversation,
            seq: born.seq,
            revision: born.seq,
            author,
            kind: MessageKind::Text,
            text: Some(text.to_owned()),
            extras: Extras::default(),
            reply_to: None,
            reactions: Vec::new(),
            pinned_at: None,
            notice: None,
            client_id: new.body.client_id().cloned(),
            created_at: at(1),
            edited_at: None,
            deleted_at: None,
            changed: None,
            membership_version: new.membership_version,
        };
        assert_eq!(nodes.there.find(&[new.id]).await.unwrap(), slice::from_ref(&expected));

        let edited = amend(&*nodes.here, conversation, edit(new.id, "$text")).await;
        assert_eq!((edited.edited_at, edited.text.as_deref()), (Some(at(2)), Some("$text")));
        assert_eq!(edited.membership_version.0, 2);
        assert_eq!(nodes.there.find(&[new.id]).await.unwrap(), slice::from_ref(&edited));
        let deleted = amend(&*nodes.there, conversation, delete(new.id)).await;
        assert_eq!((deleted.deleted_at, deleted.edited_at), (Some(at(2)), edited.edited_at));
        assert_eq!((&deleted.text, &deleted.client_id), (&None, &expected.client_id));
        assert_eq!(nodes.here.find(&[new.id]).await.unwrap(), [deleted]);
    }
}

async fn page(nodes: &Nodes, conversation: ConversationId, window: Window<Revision>) -> (Vec<i64>, bool, bool) {
    let page = nodes.there.page(conversation, &window).await.unwrap();
    (seqs(&page.items), page.has_previous, page.has_next)
}

fn window(take: Take, after: Option<i64>, before: Option<i64>) -> Window<Revision> {
    let (after, before) = (after.map(revision), before.map(revision));
    Window { after, before, take }
}

async fn pages_are_cut_from_both_ends(nodes: Nodes) {
    let conversation = a_conversation();
    append_many(&*nodes.here, conversation, a_person(), 9).await;
    append_many(&*nodes.here, a_conversation(), a_person(), 3).await;
    for (take, after, before, expected) in [
        (Take::First(3), None, None, (vec![1, 2, 3], false, true)),
        (Take::Last(3), None, None, (vec![7, 8, 9], true, false)),
        (Take::First(2), Some(3), None, (vec![4, 5], true, true)),
        (Take::Last(2), None, Some(7), (vec![5, 6], true, true)),
        (Take::First(9), Some(2), Some(5), (vec![3, 4], true, false)),
        (Take::Last(9), Some(2), Some(5), (vec![3, 4], false, true)),
        (Take::First(9), None, None, (vec![1, 2, 3, 4, 5, 6, 7, 8, 9], false, false)),
        (Take::First(3), Some(9), None, (vec![], true, false)),
        (Take::First(0), None, None, (vec![], false, true)),
        (Take::Last(0), None, Some(1), (vec![], false, true)),
        (Take::First(3), Some(i64::MAX), None, (vec![], true, false)),
    ] {
        let window = window(take, after, before);
        assert_eq!(page(&nodes, conversation, window.clone()).await, expected, "{window:?}");
    }
    let nothing = page(&nodes, a_conversation(), window(Take::First(3), None, None)).await;
    assert_eq!(nothing, (vec![], false, false));
}

async fn pages_do_not_move_when_messages_change(nodes: Nodes) {
    let conversation = a_conversation();
    let born = append_many(&*nodes.here, conversation, a_person(), 4).await;
    amend(&*nodes.here, conversation, edit(born[1].id, "edited")).await;
    amend(&*nodes.here, conversation, delete(born[0].id)).await;
    append_many(&*nodes.here, conversation, a_person(), 1).await;
    let all = window(Take::Last(9), None, None);
    assert_eq!(page(&nodes, conversation, all.clone()).await.0, [1, 2, 3, 4, 7]);
    let texts: Vec<_> = nodes.here.page(conversation, &all).await.unwrap().items.into_iter().map(|m| m.text).collect();
    assert_eq!(texts[..2], [None, Some("edited".to_owned())]);
}

async fn a_changed_message_comes_once_under_its_new_revision(nodes: Nodes) {
    let conversation = a_conversation();
    let born = append_many(&*nodes.here, conversation, a_person(), 3).await;
    amend(&*nodes.here, conversation, edit(born[0].id, "edited")).await;
    let edited = amend(&*nodes.here, conversation, edit(born[0].id, "edited again")).await;
    let changes = whole(&*nodes.there, conversation).await;
    assert_eq!((seqs(&changes), revisions(&changes)), (vec![2, 3, 1], vec![2, 3, 5]));
    assert_eq!(nodes.there.since(conversation, revision(3), 9).await.unwrap(), [edited]);
    assert_eq!(nodes.there.since(conversation, revision(5), 9).await.unwrap(), []);
    assert_eq!(nodes.there.since(a_conversation(), Revision::ZERO, 9).await.unwrap(), []);
}

async fn reading_on_from_the_last_revision_skips_nothing(nodes: Nodes) {
    let conversation = a_conversation();
    let born = append_many(&*nodes.here, conversation, a_person(), 250).await;
    amend(&*nodes.here, conversation, edit(born[7].id, "edited")).await;
    let mut read: Vec<Message> = Vec::new();
    loop {
        let after = read.last().map(|message| message.revision).unwrap_or_default();
        let news = nodes.there.since(conversation, after, 120).await.unwrap();
        if news.is_empty() {
            break;
        }
        read.extend(news);
    }
    assert_eq!(read, whole(&*nodes.here, conversation).await);
    assert_eq!(read.len(), 250);
    assert_eq!(nodes.there.since(conversation, Revision::ZERO, 0).await.unwrap(), []);
}

async fn a_head_tells_where_the_log_ends(nodes: Nodes) {
    let (one, two, silent) = (a_conversation(), a_conversation(), a_conversation());
    let born = append_many(&*nodes.here, one, a_person(), 3).await;
    amend(&*nodes.here, one, edit(born[1].id, "edited")).await;
    append_many(&*nodes.here, two, a_person(), 1).await;
    let head =
        |number, last_seq| Head { revision: revision(number), last_seq: revision(last_seq), active_at: Some(at(1)) };
    let heads = nodes.there.heads(&[one, silent, two, one]).await.unwrap();
    assert_eq!(heads, HashMap::from([(one, head(4, 3)), (two, head(1, 1))]));
    assert_eq!(nodes.there.heads(&[]).await.unwrap(), HashMap::new());
}

async fn the_latest_message_is_the_last_by_place(nodes: Nodes) {
    let (one, two, silent) = (a_conversation(), a_conversation(), a_conversation());
    let ones = append_many(&*nodes.here, one, a_person(), 3).await;
    let twos = append_many(&*nodes.here, two, a_person(), 2).await;
    amend(&*nodes.here, one, edit(ones[0].id, "edited")).await;
    let deleted = amend(&*nodes.here, two, delete(twos[1].id)).await;

    let mut latest = nodes.there.latest(&[one, silent, two]).await.unwrap();
    latest.sort_by_key(|message| message.conversation);
    let mut expected = [ones[2].clone(), deleted];
    expected.sort_by_key(|message| message.conversation);
    assert_eq!(latest, expected);
    assert_eq!(nodes.there.latest(&[]).await.unwrap(), []);

    // Born in a batch with changes, and changed within its own.
    let (new, newer) = (message(one, a_person(), "new"), message(one, a_person(), "newer"));
    let writes = [
        Write::Append(new),
        Write::Amend(edit(ones[1].id, "edited")),
        Write::Append(newer.clone()),
        Write::Amend(edit(newer.id, "newest")),
    ];
    commit(&*nodes.here, one, &writes).await;
    let latest = nodes.there.latest(&[one]).await.unwrap();
    assert_eq!((latest[0].id, latest[0].text.as_deref()), (newer.id, Some("newest")));
}

async fn only_what_exists_is_found(nodes: Nodes) {
    let born = append_many(&*nodes.here, a_conversation(), a_person(), 3).await;
    let unknown = MessageId::new(at(0));
    let mut found = nodes.there.find(&[born[2].id, unknown, born[0].id]).await.unwrap();
    found.sort_by_key(|message| message.seq);
    assert_eq!(found, [born[0].clone(), born[2].clone()]);
    assert_eq!(nodes.there.find(&[unknown]).await.unwrap(), []);
    assert_eq!(nodes.there.find(&[]).await.unwrap(), []);
}

async fn own_and_deleted_messages_are_not_unread(nodes: Nodes) {
    let (conversation, ada, ben) = (a_conversation(), a_person(), a_person());
    append_many(&*nodes.here, conversation, ada, 3).await;
    let bens = append_many(&*nodes.here, conversation, ben, 4).await;
    amend(&*nodes.here, conversation, delete(bens[1].id)).await;
    // Its place is below the mark, whatever its revision.
    amend(&*nodes.here, conversation, edit(bens[0].id, "edited")).await;

    let by = |user, after| UnreadBy { conversation, user, after: revision(after) };
    let elsewhere = UnreadBy { conversation: a_conversation(), ..by(ada, 0) };
    let expected = [
        (by(ada, 0), 3),
        (by(ada, 4), 2),
        (by(ada, 5), 2),
        (by(ada, 7), 0),
        (by(ben, 0), 3),
        (by(ben, 3), 0),
        (by(a_person(), 2), 4),
        (elsewhere, 0),
    ];
    let asked: Vec<_> = expected.iter().map(|(by, _)| *by).collect();
    assert_eq!(nodes.there.unread(&asked).await.unwrap(), HashMap::from(expected));
    assert_eq!(nodes.there.unread(&[]).await.unwrap(), HashMap::new());
}

async fn unread_messages_are_counted_up_to_the_limit(nodes: Nodes) {
    let (conversation, ada, ben) = (a_conversation(), a_person(), a_person());
    let limit = usize::try_from(MAX_UNREAD).unwrap();
    for _ in 0..limit.div_ceil(MAX_BATCH) {
        append_many(&*nodes.here, conversation, ben, MAX_BATCH).await;
    }
    let count = async |after| {
        let by = UnreadBy { conversation, user: ada, after: revision(after) };
        nodes.there.unread(&[by]).await.unwrap()[&by]
    };
    assert_eq!(count(0).await, MAX_UNREAD);
    assert_eq!(count(1_020).await, 4);
}

async fn many_are_asked_for_at_once(nodes: Nodes) {
    const MANY: usize = 300;
    let (ada, ben) = (a_person(), a_person());
    let mut conversations = Vec::new();
    for _ in 0..MANY {
        let conversation = a_conversation();
        append_many(&*nodes.here, conversation, ben, 2).await;
        conversations.push(conversation);
    }
    assert_eq!(nodes.there.heads(&conversations).await.unwrap().len(), MANY);
    let latest = nodes.there.latest(&conversations).await.unwrap();
    assert_eq!((latest.len(), latest.iter().all(|message| message.seq == revision(2))), (MANY, true));
    let ids: Vec<_> = latest.iter().map(|message| message.id).collect();
    assert_eq!(nodes.there.find(&ids).await.unwrap().len(), MANY);
    let asked: Vec<_> = conversations
        .iter()
        .map(|conversation| UnreadBy { conversation: *conversation, user: ada, after: revision(1) })
        .collect();
    let unread = nodes.there.unread(&asked).await.unwrap();
    assert_eq!((unread.len(), unread.values().all(|count| *count == 1)), (MANY, true));
}
