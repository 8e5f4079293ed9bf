//! How marks move, each move under a number of its own, and how moves are found again by it.

use super::Tx;
use super::asked::{part, table};
use super::batches::batches;
use super::entity::{conversation, member};
use super::marks::is_among;
use crate::domain::conversation::{MarksMove, MarksVersion, Member};
use crate::domain::ids::ConversationId;
use crate::error::{Error, Result};
use crate::store::conversations::{MarksAdvanced, MarksSince};
use sea_orm::prelude::{DateTimeUtc, Expr, Uuid};
use sea_orm::sea_query::{ExprTrait as _, IntoCondition as _, LockType, Query};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, JoinType, QueryFilter as _, QueryOrder as _};
use sea_orm::{QuerySelect as _, RelationTrait as _};
use std::collections::{BTreeMap, HashMap};

/// [`Conversations::advance_marks`](crate::store::Conversations::advance_marks).
///
/// Everybody locks the members' rows first and the conversations' rows after, both in one order, so that no two wait
/// for each other.
pub(super) async fn advance(tx: &Tx, moves: &[MarksMove]) -> Result<Vec<MarksAdvanced>> {
    let changed = changed(tx, moves).await?;
    let versions = raise(tx, changed.keys().copied().collect()).await?;
    let with_version = |(id, members)| {
        let version = versions.get(&id).copied().ok_or_else(|| Error::internal("a member's conversation is gone"))?;
        Ok(MarksAdvanced { conversation: id, version, members })
    };
    let advanced: Vec<MarksAdvanced> = changed.into_iter().map(with_version).collect::<Result<_>>()?;
    write(tx, &advanced).await?;
    Ok(advanced)
}

/// The members whose marks move, as they will be. Their rows stay locked.
async fn changed(tx: &Tx, moves: &[MarksMove]) -> Result<BTreeMap<ConversationId, Vec<Member>>> {
    let mut moves_of: HashMap<(Uuid, Uuid), Vec<&MarksMove>> = HashMap::with_capacity(moves.len());
    for one in moves {
        moves_of.entry((one.conversation.uuid(), one.user.uuid())).or_default().push(one);
    }
    let mut changed: BTreeMap<_, Vec<Member>> = BTreeMap::new();
    for batch in batches(moves_of.keys().copied()) {
        let held = member::Entity::find()
            .filter(is_among(batch))
            .order_by_asc(member::Column::ConversationId)
            .order_by_asc(member::Column::UserId)
            .lock_exclusive();
        for row in held.all(tx).await? {
            let moves = moves_of.get(&(row.conversation_id, row.user_id)).into_iter().flatten();
            let before = Member::try_from(row)?;
            let mut after = before.clone();
            moves.for_each(|to| move_forward(&mut after, to));
            if after != before {
                changed.entry(after.conversation).or_default().push(after);
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

/// Raises the conversations' versions; to what. Nobody else can raise them until the transaction ends.
async fn raise(tx: &Tx, of: Vec<ConversationId>) -> Result<HashMap<ConversationId, MarksVersion>> {
    use conversation::{Column, Entity};
    let mut raised = HashMap::with_capacity(of.len());
    for batch in batches(of.iter().map(|id| id.uuid())) {
        let held = Entity::find()
            .select_only()
            .columns([Column::Id, Column::MarksVersion])
            .filter(Column::Id.is_in(batch.clone()))
            .order_by_asc(Column::Id)
            // Weaker than what an update of the key would take: whoever inserts a row that refers to it need not wait.
            .lock(LockType::NoKeyUpdate);
        let before: Vec<(Uuid, i64)> = held.into_tuple().all(tx).await?;
        raised.extend(before.into_iter().map(|(id, version)| (id.into(), MarksVersion(version + 1))));
        let raise = Entity::update_many()
            .col_expr(Column::MarksVersion, Expr::col(Column::MarksVersion).add(1))
            .filter(Column::Id.is_in(batch));
        raise.exec(tx).await?;
    }
    Ok(raised)
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
    let has_moved = move |_, members| Expr::col((members, member::Column::MarksVersion)).gt(after.0).into_condition();
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
