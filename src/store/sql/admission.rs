//! What a person is to a conversation.

use super::entity::{block, conversation, member};
use crate::domain::conversation::Member;
use crate::domain::ids::{ConversationId, UserId};
use crate::error::Result;
use crate::store::conversations::Admission;
use sea_orm::prelude::Expr;
use sea_orm::sea_query::{ExprTrait as _, IntoCondition as _, Query, SelectStatement};
use sea_orm::{Condition, ConnectionTrait, EntityTrait as _, FromQueryResult as _, JoinType, QuerySelect as _};
use sea_orm::{QueryTrait as _, RelationTrait as _};

/// [`Conversations::admission`](crate::store::Conversations::admission): one statement, so that all is of one moment.
pub(super) async fn of(
    db: &impl ConnectionTrait,
    conversation: ConversationId,
    user: UserId,
) -> Result<Option<Admission>> {
    const IS_BLOCKED: &str = "is_blocked";
    let is_theirs = move |_, members| Expr::col((members, member::Column::UserId)).eq(user.uuid()).into_condition();
    let statement = conversation::Entity::find_by_id(conversation.uuid())
        .join(JoinType::LeftJoin, member::Relation::Conversation.def().rev().on_condition(is_theirs))
        .select_also(member::Entity)
        .into_query()
        .expr_as(Expr::exists(blocks_of_pair()), IS_BLOCKED)
        .take();
    let Some(row) = db.query_one(&statement).await? else { return Ok(None) };
    // So are the columns of the first and of the second table called.
    let conversation = conversation::Model::from_query_result(&row, "A_")?;
    let member = member::Model::from_query_result_optional(&row, "B_")?;
    Ok(Some(Admission {
        conversation: conversation.try_into()?,
        member: member.map(Member::try_from).transpose()?,
        is_blocked: row.try_get("", IS_BLOCKED)?,
    }))
}

/// The blocks of either of the two by the other.
fn blocks_of_pair() -> SelectStatement {
    use conversation::Column::{PairHigh, PairLow};
    let is_block = |by, of| {
        let column = |column| (conversation::Entity, column);
        let is_by = Expr::col((block::Entity, block::Column::ById)).equals(column(by));
        is_by.and(Expr::col((block::Entity, block::Column::OfId)).equals(column(of)))
    };
    let either = Condition::any().add(is_block(PairLow, PairHigh)).add(is_block(PairHigh, PairLow));
    Query::select().expr(Expr::val(1)).from(block::Entity).cond_where(either).take()
}
