//! How a group changes: read, decided and written while its row is held.

use super::batches::batches;
use super::entity::{conversation, departure, member};
use super::members::{self, has_joined, raise_memberships};
use super::outbox::{forgive, owe};
use super::{Tx, departed, hold, projections};
use crate::domain::clock::Timestamp;
use crate::domain::conversation::{Conversation, Member, Role};
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::message::MembershipVersion;
use crate::domain::notice::Notice;
use crate::error::{Error, Result};
use crate::store::groups::{Ask, Change, Changed, Decide, Scene, Verdict};
use crate::store::outbox::{Debt, DebtPlace, Owed};
use sea_orm::prelude::{Expr, Uuid};
use sea_orm::sea_query::{ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, Order, QueryFilter as _,
};
use sea_orm::{QueryOrder as _, QuerySelect as _};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// [`Groups::change`](crate::store::Groups::change).
pub(super) async fn change(tx: &Tx, ask: &Ask, at: Timestamp, decide: &Decide<'_>) -> Result<Option<Changed>> {
    let Some(row) = hold::conversations(tx, &[ask.conversation]).await?.pop() else { return Ok(None) };
    let scene = scene(tx, row.clone().try_into()?, ask).await?;
    let changed = match decide(&scene)? {
        Verdict::Change(change) => alter(tx, Altered { row, at }, scene.people, change).await?,
        Verdict::Delete => delete(tx, Altered { row, at }).await?,
    };
    Ok(Some(changed))
}

/// A conversation's row that is held and will be written.
struct Altered {
    row: conversation::Model,
    at: Timestamp,
}

impl Altered {
    fn id(&self) -> ConversationId {
        self.row.id.into()
    }

    fn raise(&mut self) {
        self.row.membership_version += 1;
        self.row.active_at = Ord::max(self.row.active_at, self.at.into());
    }
}

async fn scene(tx: &Tx, conversation: Conversation, ask: &Ask) -> Result<Scene> {
    let asked: Vec<UserId> = ask.people.iter().copied().chain(ask.heir_of).collect();
    let found = members::of_people(tx, conversation.id, &asked).await?;
    let people: HashMap<UserId, Member> = found.into_iter().map(|member| (member.user, member)).collect();
    let owner = ask.heir_of.filter(|user| people.get(user).is_some_and(|member| member.role == Role::Owner));
    let heir = match owner {
        // It looks at all members: only where it matters.
        Some(owner) => heir(tx, conversation.id, owner).await?,
        None => None,
    };
    let absent: Vec<UserId> = ask.people.iter().copied().filter(|user| !people.contains_key(user)).collect();
    let departed = departed(tx, conversation.id, &absent).await?;
    Ok(Scene { conversation, people, heir, departed })
}

async fn heir(tx: &Tx, conversation: ConversationId, owner: UserId) -> Result<Option<Member>> {
    use member::{Column, Entity};
    let is_admin = Expr::col(Column::Role).eq(Role::Admin.name());
    let first = Entity::find()
        .filter(Column::ConversationId.eq(conversation.uuid()))
        .filter(Column::UserId.ne(owner.uuid()))
        .filter(has_joined())
        .order_by(is_admin, Order::Desc)
        .order_by_asc(Column::JoinedAt)
        .order_by_asc(Column::UserId);
    first.one(tx).await?.map(Member::try_from).transpose()
}

async fn departed(tx: &Tx, conversation: ConversationId, among: &[UserId]) -> Result<Vec<UserId>> {
    use departure::{Column, Entity};
    let mut departed = Vec::new();
    for batch in batches(among.iter().map(|user| user.uuid())) {
        let ids = Entity::find()
            .select_only()
            .column(Column::UserId)
            .filter(Column::ConversationId.eq(conversation.uuid()))
            .filter(Column::UserId.is_in(batch));
        departed.extend(ids.into_tuple::<Uuid>().all(tx).await?.into_iter().map(UserId::from));
    }
    Ok(departed)
}

/// Makes the change, as far as it does not stand so already.
async fn alter(tx: &Tx, mut altered: Altered, known: HashMap<UserId, Member>, change: Change) -> Result<Changed> {
    let stood = stood(tx, altered.id(), known, &change).await?;
    let put: BTreeMap<UserId, &Member> = change.put.iter().map(|member| (member.user, member)).collect();
    let (old, new): (Vec<&Member>, Vec<&Member>) = put
        .into_values()
        .filter(|member| stood.get(&member.user) != Some(*member))
        .partition(|member| stood.contains_key(&member.user));
    let gone: BTreeSet<UserId> = change.gone.iter().copied().filter(|user| stood.contains_key(user)).collect();
    let gone: Vec<UserId> = gone.into_iter().collect();

    let before = altered.row.clone();
    for member in old.iter().chain(&new) {
        altered.row.count_in(member);
    }
    for member in old.iter().map(|member| &member.user).chain(&gone).filter_map(|user| stood.get(user)) {
        altered.row.count_out(member);
    }
    if let Some(face) = &change.face {
        altered.row.show(face);
    }
    let people: Vec<UserId> = old.iter().chain(&new).map(|member| member.user).chain(gone.iter().copied()).collect();
    if people.is_empty() && altered.row == before {
        return Ok(Changed::Stands(altered.row.try_into()?, people));
    }

    let incoming: Vec<UserId> = new.iter().map(|member| member.user).collect();
    altered.raise();
    write(tx, altered.row.clone()).await?;
    members::insert(tx, new).await?;
    members::update(tx, old).await?;
    depart(tx, altered.id(), &gone).await?;
    owe(tx, &debts(&altered.row, altered.at, change.notices)?).await?;
    raise_memberships(tx, &people).await?;
    departed::refuse(tx, &incoming).await?;
    Ok(Changed::Stands(altered.row.try_into()?, people))
}

/// The memberships of all whom the change names, as they stand.
async fn stood(
    tx: &Tx,
    conversation: ConversationId,
    known: HashMap<UserId, Member>,
    change: &Change,
) -> Result<HashMap<UserId, Member>> {
    let mut stood = known;
    let named = change.put.iter().map(|member| member.user).chain(change.gone.iter().copied());
    let unknown: Vec<UserId> = named.filter(|user| !stood.contains_key(user)).collect();
    let found = members::of_people(tx, conversation, &unknown).await?;
    stood.extend(found.into_iter().map(|member| (member.user, member)));
    Ok(stood)
}

async fn write(tx: &Tx, row: conversation::Model) -> Result<()> {
    conversation::Entity::update(row.into_active_model().reset_all()).exec_without_returning(tx).await?;
    Ok(())
}

/// These people go, which is remembered.
async fn depart(tx: &Tx, conversation: ConversationId, people: &[UserId]) -> Result<()> {
    members::remove(tx, conversation, people).await?;
    projections::forget(tx, conversation, people).await?;
    let rows =
        people.iter().map(|user| departure::Model { conversation_id: conversation.uuid(), user_id: user.uuid() });
    for batch in batches(rows) {
        // Who went before and came back is there already.
        let again = OnConflict::new().do_nothing().to_owned();
        let rows = batch.into_iter().map(departure::Model::into_active_model);
        departure::Entity::insert_many(rows).on_conflict(again).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The conversation goes with all its memberships; what was owed to its log need not be paid any more.
async fn delete(tx: &Tx, mut altered: Altered) -> Result<Changed> {
    let ids = member::Entity::find()
        .select_only()
        .column(member::Column::UserId)
        .filter(member::Column::ConversationId.eq(altered.row.id));
    let people: Vec<UserId> = ids.into_tuple::<Uuid>().all(tx).await?.into_iter().map(UserId::from).collect();
    altered.raise();
    depart(tx, altered.id(), &people).await?;
    forgive(tx, altered.id()).await?;
    projections::end(tx, altered.id()).await?;
    let place = DebtPlace { version: MembershipVersion(altered.row.membership_version), number: 0 };
    owe(tx, &[Debt { conversation: altered.id(), place, at: altered.at, owed: Owed::Erasure }]).await?;
    conversation::Entity::delete_by_id(altered.row.id).exec(tx).await?;
    raise_memberships(tx, &people).await?;
    altered.row.member_count = 0;
    altered.row.invited_count = 0;
    Ok(Changed::Gone(altered.row.try_into()?, people))
}

/// What the log is to tell of the change that has brought the conversation to where it stands.
pub(super) fn debts(row: &conversation::Model, at: Timestamp, notices: Vec<Notice>) -> Result<Vec<Debt>> {
    let owed = |(number, notice)| {
        let number = u32::try_from(number).map_err(Error::internal)?;
        let place = DebtPlace { version: MembershipVersion(row.membership_version), number };
        Ok(Debt { conversation: row.id.into(), place, at, owed: Owed::Notice(notice) })
    };
    notices.into_iter().enumerate().map(owed).collect()
}
