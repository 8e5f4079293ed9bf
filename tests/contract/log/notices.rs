//! What a conversation tells of itself is a message like any other, and nobody's news.

use super::{Nodes, amend, append, append_many, commit, whole};
use crate::support::messages::{a_conversation, a_person, delete, edit, message, notice, revision};
use natterjack::domain::batch::{Write, Written};
use natterjack::domain::conversation::Role;
use natterjack::domain::ids::UserId;
use natterjack::domain::message::{MessageKind, Revision};
use natterjack::domain::notice::{Notice, NoticeKind};
use natterjack::store::log::UnreadBy;

super::on_each_log! {
    a_notice_reads_back_as_it_was_written
    a_notice_that_is_sent_again_is_stored_once
    a_notice_cannot_be_edited
    notices_are_not_unread
}

fn promoted() -> Notice {
    let promoted = Notice::by(a_person(), NoticeKind::RoleChanged).to(a_person()).with_role(Role::Admin);
    Notice { message: Some(message(a_conversation(), a_person(), "any").id), ..promoted.with_name("Kröten \"$1\"") }
}

async fn a_notice_reads_back_as_it_was_written(nodes: Nodes) {
    for told in [promoted(), Notice::by(a_person(), NoticeKind::ConversationCreated)] {
        let conversation = a_conversation();
        let born = append(&*nodes.here, notice(conversation, "1", told.clone())).await;
        assert_eq!((born.author, born.kind, &born.text), (UserId::SYSTEM, MessageKind::System, &None));
        assert_eq!((&born.notice, born.deleted_at), (&Some(told), None));
        assert_eq!(nodes.there.find(&[born.id]).await.unwrap(), [born]);
    }
}

async fn a_notice_that_is_sent_again_is_stored_once(nodes: Nodes) {
    let (conversation, told) = (a_conversation(), promoted());
    let born = append(&*nodes.here, notice(conversation, "notice:1:0", told.clone())).await;
    let again = Write::Append(notice(conversation, "notice:1:0", told));
    let other = Write::Append(notice(conversation, "notice:1:0", promoted()));
    let committed = commit(&*nodes.there, conversation, &[again, other]).await;
    assert_eq!(committed.written, [Written::Repeated(born.clone()), Written::Conflicting]);
    assert_eq!(whole(&*nodes.here, conversation).await, [born]);
}

async fn a_notice_cannot_be_edited(nodes: Nodes) {
    let conversation = a_conversation();
    let born = append(&*nodes.here, notice(conversation, "1", promoted())).await;
    let committed = commit(&*nodes.there, conversation, &[Write::Amend(edit(born.id, "something else"))]).await;
    assert_eq!(committed.written, [Written::Unchanged(born.clone())]);
    let deleted = amend(&*nodes.there, conversation, delete(born.id)).await;
    assert_eq!((&deleted.notice, deleted.revision), (&None, revision(2)));
    assert_eq!(nodes.here.find(&[born.id]).await.unwrap(), [deleted]);
}

async fn notices_are_not_unread(nodes: Nodes) {
    let conversation = a_conversation();
    append(&*nodes.here, notice(conversation, "1", promoted())).await;
    append_many(&*nodes.here, conversation, a_person(), 2).await;
    append(&*nodes.here, notice(conversation, "2", promoted())).await;
    let by = UnreadBy { conversation, user: a_person(), after: Revision::ZERO };
    assert_eq!(nodes.there.unread(&[by]).await.unwrap()[&by], 2);
}
