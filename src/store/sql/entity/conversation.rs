//! The table `conversations`.

use super::corrupt;
use crate::domain::conversation::{Between, Conversation, ConversationKind, Member, Pair};
use crate::domain::group::{GroupFace, GroupName, Visibility};
use crate::domain::ids::UserId;
use crate::domain::message::MembershipVersion;
use crate::error::{Error, Result};
use crate::store::conversations::NewDirect;
use crate::store::groups::NewGroup;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    /// The two people of a direct conversation, in the order of [`Pair`].
    pub pair_low: Option<Uuid>,
    pub pair_high: Option<Uuid>,
    pub created_by: Uuid,
    pub created_at: DateTimeUtc,
    pub membership_version: i64,
    pub marks_version: i64,
    /// A group's, and so what follows it; a direct conversation has none of that.
    pub name: Option<String>,
    pub name_key: Option<String>,
    pub description: Option<String>,
    pub avatar_url: Option<String>,
    /// `PRIVATE` also for direct conversations.
    pub visibility: String,
    pub member_count: i32,
    pub invited_count: i32,
    /// Kept up only for those that are listed by it: the public ones.
    pub active_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Shows the group so.
    pub fn show(&mut self, face: &GroupFace) {
        self.name = Some(face.name.as_str().to_owned());
        self.name_key = Some(face.name.key());
        self.description.clone_from(&face.description);
        self.avatar_url.clone_from(&face.avatar_url);
        face.visibility.name().clone_into(&mut self.visibility);
    }

    /// Counts a membership in.
    pub fn count_in(&mut self, member: &Member) {
        *self.count_with(member) += 1;
    }

    /// Counts a membership out.
    pub fn count_out(&mut self, member: &Member) {
        *self.count_with(member) -= 1;
    }

    fn count_with(&mut self, member: &Member) -> &mut i32 {
        if member.has_joined() { &mut self.member_count } else { &mut self.invited_count }
    }
}

impl From<&NewDirect> for Model {
    fn from(new: &NewDirect) -> Self {
        Self {
            id: new.id.uuid(),
            kind: ConversationKind::Direct.name().to_owned(),
            pair_low: Some(new.pair.low().uuid()),
            pair_high: Some(new.pair.high().uuid()),
            created_by: new.created_by.uuid(),
            created_at: new.created_at.into(),
            membership_version: 1,
            marks_version: 0,
            name: None,
            name_key: None,
            description: None,
            avatar_url: None,
            visibility: Visibility::Private.name().to_owned(),
            member_count: 2,
            invited_count: 0,
            active_at: new.created_at.into(),
        }
    }
}

impl From<&NewGroup> for Model {
    fn from(new: &NewGroup) -> Self {
        let mut row = Self {
            id: new.id.uuid(),
            kind: ConversationKind::Group.name().to_owned(),
            pair_low: None,
            pair_high: None,
            created_by: new.created_by.uuid(),
            created_at: new.created_at.into(),
            membership_version: 1,
            marks_version: 0,
            name: None,
            name_key: None,
            description: None,
            avatar_url: None,
            visibility: new.face.visibility.name().to_owned(),
            member_count: 0,
            invited_count: 0,
            active_at: new.created_at.into(),
        };
        row.show(&new.face);
        new.members.iter().for_each(|member| row.count_in(member));
        row
    }
}

impl TryFrom<Model> for Conversation {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        let count = |column, count: i32| u32::try_from(count).map_err(|_| corrupt(column, count));
        Ok(Self {
            id: row.id.into(),
            created_by: row.created_by.into(),
            created_at: row.created_at.into(),
            membership_version: MembershipVersion(row.membership_version),
            member_count: count("conversations.member_count", row.member_count)?,
            invited_count: count("conversations.invited_count", row.invited_count)?,
            between: between(row)?,
        })
    }
}

fn between(row: Model) -> Result<Between> {
    let people = row.pair_low.zip(row.pair_high);
    match (row.kind.as_str(), people, row.name) {
        (kind, Some((low, high)), None) if kind == ConversationKind::Direct.name() => {
            let pair = Pair::new(UserId::from(low), UserId::from(high));
            Ok(Between::Pair(pair.ok_or_else(|| corrupt("conversations.pair_high", "the same as pair_low"))?))
        }
        (kind, None, Some(name)) if kind == ConversationKind::Group.name() => {
            let visibility = Visibility::named(&row.visibility);
            Ok(Between::Group(GroupFace {
                name: GroupName::from_stored(name),
                description: row.description,
                avatar_url: row.avatar_url,
                visibility: visibility.ok_or_else(|| corrupt("conversations.visibility", row.visibility))?,
            }))
        }
        (kind, ..) => Err(corrupt("conversations.kind", kind)),
    }
}
