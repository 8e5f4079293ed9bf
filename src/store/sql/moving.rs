//! People who are moved in from another system.

use super::accounts::taken;
use super::entity::{moved_in, user};
use super::insert::insert_if_new;
use super::{Sql, Tx, undo};
use crate::domain::ids::UserId;
use crate::domain::user::NewAccount;
use crate::error::{Error, Result};
use crate::store::Moving;
use crate::store::accounts::Registered;
use crate::store::moving::{Earnest, MovedIn, Origin};
use async_trait::async_trait;
use sea_orm::prelude::{Expr, Uuid};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

#[async_trait]
impl Moving for Sql {
    async fn move_in(&self, people: &[(Origin, NewAccount)], earnest: Earnest) -> Result<Vec<MovedIn>> {
        let tx = self.writer.begin().await?;
        match (all(&tx, people).await, earnest) {
            (Ok(moved), Earnest::Done) => {
                tx.commit().await?;
                Ok(moved)
            }
            (tried, _) => {
                undo(tx).await;
                tried
            }
        }
    }
}

/// Part of the transaction that deletes an account: that somebody was moved in stays, and not who that was.
pub(super) async fn forget(tx: &Tx, user: UserId) -> Result<()> {
    use moved_in::Column::UserId as User;
    let forget = moved_in::Entity::update_many().col_expr(User, Expr::value(Uuid::nil()));
    forget.filter(User.eq(user.uuid())).exec(tx).await?;
    Ok(())
}

async fn all(tx: &Tx, people: &[(Origin, NewAccount)]) -> Result<Vec<MovedIn>> {
    let mut moved = Vec::with_capacity(people.len());
    for (origin, account) in people {
        moved.push(one(tx, *origin, account).await?);
    }
    Ok(moved)
}

async fn one(tx: &Tx, Origin(origin): Origin, account: &NewAccount) -> Result<MovedIn> {
    let user = user::Model::from(account);
    let row = moved_in::Model { origin: origin.to_vec(), user_id: user.id };
    // First, so that of two who do the same at once one waits here for the other.
    if !insert_if_new(tx, row).await? {
        let before = moved_in::Entity::find_by_id(origin.to_vec()).one(tx).await?;
        let before = before.ok_or_else(|| Error::internal("one who was moved in is gone"))?;
        return Ok(MovedIn::Before((!before.user_id.is_nil()).then(|| before.user_id.into())));
    }
    if insert_if_new(tx, user.clone()).await? {
        return Ok(MovedIn::Done(account.id));
    }
    moved_in::Entity::delete_by_id(origin.to_vec()).exec(tx).await?;
    match taken(tx, &user).await? {
        Some(Registered::UsernameTaken) => Ok(MovedIn::UsernameTaken),
        Some(Registered::EmailTaken) => Ok(MovedIn::EmailTaken),
        Some(Registered::MobileNumberTaken) => Ok(MovedIn::MobileNumberTaken),
        Some(Registered::Done) | None => Err(Error::internal("an account is there that could not be made")),
    }
}
