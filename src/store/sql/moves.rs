//! How marks move, each move under a number of its own, and how moves are found again by it.

use super::asked::{part, table};
use super::batches::batches;
use super::entity::{conversation, member};
use super::groups::{active_also, is_public};
use super::members::{has_joined, is_among};
use super::{Tx, hold};
use crate::domain::clock::Timestamp;
use crate::domain::conversation::{MarksMove, MarksVersion, Member};
use crate::domain::ids::ConversationId;
use crate::error::{Error, Result};
use crate::store::conversations::{MarksAdvanced, MarksSince};
use sea_orm::prelude::{DateTimeUtc, Expr, Uuid};
use sea_orm::sea_query::{ExprTrait as _, Func, IntoCondition as _, Query};
use sea_orm::{ConnectionTrait, EntityTrait as _, JoinType, QueryFilter as _};
use sea_orm::{QuerySelect as _, RelationTrait as _};
use std::collections::{BTreeMap, HashMap};

/// What moves in one conversation.
#[derive(Default)]
struct Moved {
    /// The members, as they will be.
    members: Vec<Member>,
    /// When one of them last sent something.
    sent_at: Option<Timestamp>,
}

/// [`Conversations::advance_marks`](crate::store::Conversations::advance_marks).
pub(super) async fn advance(tx: &Tx, moves: &[MarksMove]) -> Result<Vec<MarksAdvanced>> {
    let conversations: Vec<ConversationId> = moves.iter().map(|one| one.conversation).collect();
    let held = hold::conversations(tx, &conversations).await?;
    let versions: HashMap<ConversationId, MarksVersion> =
        held.into_iter().map(|row| (row.id.into(), MarksVersion(row.marks_version))).collect();
    let changed = changed(tx, moves).await?;
    raise(tx, &changed).await?;
    let with_version = |(id, moved): (ConversationId, Moved)| {
        let version = versions.get(&id).ok_or_else(|| Error::internal("a member's conversation is gone"))?;
        Ok(MarksAdvanced { conversation: id, version: version.next(), members: moved.members })
    };
    let advanced: Vec<MarksAdvanced> = changed.into_iter().map(with_version).collect::<Result<_>>()?;
    write(tx, &advanced).await?;
    Ok(advanced)
}

/// What moves in the conversations, all of which are held.
async fn changed(tx: &Tx, moves: &[MarksMove]) -> Result<BTreeMap<ConversationId, Moved>> {
    let mut moves_of: HashMap<(Uuid, Uuid), Vec<&MarksMove>> = HashMap::with_capacity(moves.len());
    for one in moves {
        moves_of.entry((one.conversation.uuid(), one.user.uuid())).or_default().push(one);
    }
    let mut changed: BTreeMap<_, Moved> = BTreeMap::new();
    for batch in batches(moves_of.keys().copied()) {
        let joined = member::Entity::find().filter(is_among(batch)).filter(has_joined());
        for row in joined.all(tx).await? {
            let moves = moves_of.get(&(row.conversation_id, row.user_id)).map_or(&[][..], Vec::as_slice);
            let before = Member::try_from(row)?;
            let mut after = before.clone();
            for to in moves {
                move_forward(&mut after, to);
            }
            if after != before {
                let entry = changed.entry(after.conversation).or_default();
                entry.members.push(after);
                let sent_at = moves.iter().filter(|one| one.is_sent).map(|one| one.at).max();
                entry.sent_at = entry.sent_at.max(sent_at);
            }
        }
    }
    Ok(changed)
}

fn move_forward(member: &mut Member, to: &MarksMove) {
    let marks = member.marks.advanced(to.marks);
    if marks.read_seq > member.marks.read_seq {
        member.read_at = Some(to.at);
    }
    member.marks = marks;
}

/// Raises the conversations' versions.
async fn raise(tx: &Tx, changed: &BTreeMap<ConversationId, Moved>) -> Result<()> {
    use conversation::{Column, Entity};
    let rows = changed.iter().map(|(id, moved)| (id.uuid(), moved.sent_at.map(DateTimeUtc::from)));
    for batch in batches(rows) {
        let active_at = || Expr::col((Entity, Column::ActiveAt));
        // Where it is not listed by it, it is left alone, so that Postgres need not touch the table's indexes.
        let was_active = Expr::case(is_public(), active_also(Func::coalesce([part(2), active_at()])));
        let statement = Query::update()
            .table(Entity)
            .value(Column::MarksVersion, Expr::col((Entity, Column::MarksVersion)).add(1))
            .value(Column::ActiveAt, was_active.finally(active_at()))
            .from(table(batch))
            .and_where(Expr::col((Entity, Column::Id)).eq(part(1)))
            .take();
        tx.execute(&statement).await?;
    }
    Ok(())
}

async fn write(tx: &Tx, advanced: &[MarksAdvanced]) -> Result<()> {
    use member::{Column, Entity};
    let rows = advanced.iter().flat_map(|advanced| advanced.members.iter().map(|member| row(member, advanced.version)));
    for batch in batches(rows) {
        let statement = Query::update()
            .table(Entity)
            .values([
                (Column::DeliveredSeq, part(3)),
                (Column::ReadSeq, part(4)),
                (Column::ReadAt, part(5)),
                (Column::MarksVersion, part(6)),
            ])
            .from(table(batch))
            .and_where(Expr::col((Entity, Column::ConversationId)).eq(part(1)))
            .and_where(Expr::col((Entity, Column::UserId)).eq(part(2)))
            .take();
        tx.execute(&statement).await?;
    }
    Ok(())
}

fn row(member: &Member, version: MarksVersion) -> (Uuid, Uuid, i64, i64, Option<DateTimeUtc>, i64) {
    let (conversation, user) = (member.conversation.uuid(), member.user.uuid());
    let (delivered, read) = (member.marks.delivered_seq.number(), member.marks.read_seq.number());
    (conversation, user, delivered, read, member.read_at.map(DateTimeUtc::from), version.0)
}

/// [`Conversations::marks_since`](crate::store::Conversations::marks_since).
pub(super) async fn since(
    db: &impl ConnectionTrait,
    conversation: ConversationId,
    after: MarksVersion,
) -> Result<MarksSince> {
    let has_moved = move |_, members| {
        let is_later = Expr::col((members, member::Column::MarksVersion)).gt(after.0);
        is_later.and(has_joined()).into_condition()
    };
    // One statement, so that version and members are of one moment.
    let rows = conversation::Entity::find_by_id(conversation.uuid())
        .join(JoinType::LeftJoin, member::Relation::Conversation.def().rev().on_condition(has_moved))
        .select_also(member::Entity)
        .all(db)
        .await?;
    let mut since = MarksSince::default();
    for (conversation, member) in rows {
        since.version = MarksVersion(conversation.marks_version);
        since.members.extend(member.map(Member::try_from).transpose()?);
    }
    Ok(since)
}
