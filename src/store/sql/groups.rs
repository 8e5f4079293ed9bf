//! Groups.

use super::entity::conversation::{Column, Entity, Model};
use super::entity::departure;
use super::members::{self, raise_memberships};
use super::names::holds;
use super::outbox::owe;
use super::window::{Sorted, cut_sorted};
use super::{Sql, changes, departed};
use crate::domain::clock::Timestamp;
use crate::domain::conversation::{ActivityPlace, Conversation};
use crate::domain::group::Visibility;
use crate::domain::ids::{ConversationId, UserId};
use crate::domain::page::{Page, Window};
use crate::error::Result;
use crate::store::groups::{Ask, Changed, Decide, GroupFilter, Groups, NewGroup};
use async_trait::async_trait;
use sea_orm::prelude::{DateTimeUtc, Expr};
use sea_orm::sea_query::{ExprTrait as _, Func};
use sea_orm::{EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

#[async_trait]
impl Groups for Sql {
    async fn create(&self, new: &NewGroup) -> Result<Conversation> {
        let row = Model::from(new);
        let people: Vec<UserId> = new.members.iter().map(|member| member.user).collect();
        let debts = changes::debts(&row, new.created_at, new.notices.clone())?;
        self.transaction(async |tx| {
            Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
            members::insert(tx, &new.members).await?;
            owe(tx, &debts).await?;
            raise_memberships(tx, &people).await?;
            departed::refuse(tx, &people).await
        })
        .await?;
        row.try_into()
    }

    async fn change(&self, ask: &Ask, at: Timestamp, decide: &Decide<'_>) -> Result<Option<Changed>> {
        self.transaction(async |tx| changes::change(tx, ask, at, decide).await).await
    }

    async fn set_muted(&self, conversation: ConversationId, user: UserId, is_muted: bool) -> Result<bool> {
        self.transaction(async |tx| members::set_muted(tx, conversation, user, is_muted).await).await
    }

    async fn has_departed(&self, conversation: ConversationId, user: UserId) -> Result<bool> {
        let departed = departure::Entity::find_by_id((conversation.uuid(), user.uuid())).one(&self.reader).await?;
        if departed.is_none() {
            return Ok(false);
        }
        Ok(members::of_people(&self.reader, conversation, &[user]).await?.is_empty())
    }

    async fn public_page(
        &self,
        filter: &GroupFilter,
        window: &Window<ActivityPlace>,
    ) -> Result<Page<(ActivityPlace, Conversation)>> {
        let mut groups = Entity::find().filter(is_public());
        if !filter.matching.is_empty() {
            groups = groups.filter(holds(&[Column::NameKey], &filter.matching));
        }
        let place =
            |place: &ActivityPlace| vec![DateTimeUtc::from(place.active_at).into(), place.conversation.uuid().into()];
        let groups = cut_sorted(groups, window, &Sorted::Down(&[Column::ActiveAt, Column::Id]), place);
        let read = groups.all(&self.reader).await?;
        Ok(Page::of_read(window, read.into_iter().map(placed).collect::<Result<_>>()?))
    }
}

fn placed(row: Model) -> Result<(ActivityPlace, Conversation)> {
    let place = ActivityPlace { active_at: row.active_at.into(), conversation: row.id.into() };
    Ok((place, row.try_into()?))
}

/// Whether a row is a public group's.
pub(super) fn is_public() -> Expr {
    // Written out, not a parameter: so an index of these alone can serve.
    Expr::col((Entity, Column::Visibility)).eq(Expr::Constant(Visibility::Public.name().into()))
}

/// When a conversation was last active that was so then, too.
pub(super) fn active_also(at: impl Into<Expr>) -> Expr {
    Func::greatest([Expr::col((Entity, Column::ActiveAt)), at.into()]).into()
}
