//! People whose accounts are gone. Their rows stay, since messages and notices name them, and hold nothing of them but their
//! ids and when the account was made.

use super::entity::{block, departure, member, notification, presence, push, refresh_trade, report, session, user};
use super::{Tx, hold, identities, moving, people_head};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ConversationId, SessionId, UserId};
use crate::domain::presence::PeopleVersion;
use crate::domain::text::fold;
use crate::domain::user::DELETED_NAME;
use crate::error::{Code, Error, Result};
use sea_orm::prelude::{DateTimeUtc, Expr, Uuid};
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use sea_orm::{QuerySelect as _, QueryTrait as _};

/// [`Accounts::delete`](crate::store::Accounts::delete).
pub(super) async fn delete(tx: &Tx, id: UserId, at: Timestamp) -> Result<Option<Vec<SessionId>>> {
    hold::names_of(tx, vec![id.uuid()]).await?;
    if living(tx, vec![id.uuid()]).await?.is_empty() {
        return Ok(None);
    }
    let ended = super::sessions::end_of_user(tx, id, None, at).await?;
    // Whoever shared a conversation with them is told by these, and so those alone that they have not left before.
    departure::Entity::delete_many().filter(departure::Column::UserId.eq(id.uuid())).exec(tx).await?;
    erase_belongings(tx, id, at).await?;
    erase_person(tx, id, at).await?;
    identities::close(tx, id, at).await?;
    moving::forget(tx, id).await?;
    Ok(Some(ended))
}

/// Everything by which the row tells who the person was. A column that is added and tells something goes here too.
async fn erase_person(tx: &Tx, id: UserId, at: Timestamp) -> Result<()> {
    use user::Column;
    let PeopleVersion(version) = people_head::take(tx, 2).await?;
    let mut erase = user::Entity::update_many().filter(Column::Id.eq(id.uuid()));
    let texts = [
        Column::Username,
        Column::UsernameKey,
        Column::UsernameSkeleton,
        Column::Email,
        Column::EmailKey,
        Column::ChosenName,
        Column::AvatarUrl,
        Column::MobileNumber,
        Column::PasswordHash,
        Column::About,
    ];
    for column in texts {
        erase = erase.col_expr(column, Expr::value(None::<String>));
    }
    for column in [Column::SuspendedAt, Column::LastSeenAt] {
        erase = erase.col_expr(column, Expr::value(None::<DateTimeUtc>));
    }
    for column in [Column::IsEmailProven, Column::IsMobileNumberProven] {
        erase = erase.col_expr(column, Expr::value(false));
    }
    for column in [Column::DeletedAt, Column::LeavingSince] {
        erase = erase.col_expr(column, Expr::value(DateTimeUtc::from(at)));
    }
    let erase = erase
        .col_expr(Column::NameKey, Expr::value(fold(DELETED_NAME)))
        .col_expr(Column::PresenceVersion, Expr::value(version + 1))
        .col_expr(Column::ProfileVersion, Expr::value(version + 2));
    erase.exec(tx).await?;
    Ok(())
}

/// What is theirs and stands in rows of its own, but for their memberships.
async fn erase_belongings(tx: &Tx, id: UserId, at: Timestamp) -> Result<()> {
    let id = id.uuid();
    let sessions = || session::Entity::find().select_only().column(session::Column::Id);
    let theirs = sessions().filter(session::Column::UserId.eq(id)).into_query();
    let of_theirs = refresh_trade::Column::SessionId.in_subquery(theirs);
    refresh_trade::Entity::delete_many().filter(of_theirs).exec(tx).await?;
    // The sockets of sessions that have ended are found by these rows, which are forgotten soon: until then they say no
    // more than that.
    let at = DateTimeUtc::from(at);
    let mut bare = session::Entity::update_many()
        .col_expr(session::Column::DeviceName, Expr::value(None::<String>))
        .col_expr(session::Column::RefreshHash, Expr::value(Vec::<u8>::new()))
        .filter(session::Column::UserId.eq(id));
    for column in [session::Column::CreatedAt, session::Column::LastUsedAt, session::Column::IssuedAt] {
        bare = bare.col_expr(column, Expr::value(at));
    }
    bare.exec(tx).await?;

    let is_around = Condition::any().add(block::Column::ById.eq(id)).add(block::Column::OfId.eq(id));
    block::Entity::delete_many().filter(is_around).exec(tx).await?;
    let notifications = notification::Entity::find()
        .select_only()
        .column(notification::Column::Id)
        .filter(notification::Column::UserId.eq(id));
    let of_these = push::Column::NotificationId.in_subquery(notifications.into_query());
    push::Entity::delete_many().filter(of_these).exec(tx).await?;
    notification::Entity::delete_many().filter(notification::Column::UserId.eq(id)).exec(tx).await?;
    report::Entity::delete_many().filter(report::Column::ById.eq(id)).exec(tx).await?;
    presence::Entity::delete_many().filter(presence::Column::UserId.eq(id)).exec(tx).await?;
    Ok(())
}

/// [`Accounts::leaving`](crate::store::Accounts::leaving).
pub(super) async fn leaving(
    db: &impl ConnectionTrait,
    after: Option<(UserId, Timestamp)>,
    limit: u32,
) -> Result<Vec<(UserId, Timestamp)>> {
    use user::Column::{Id, LeavingSince};
    let place = || Expr::tuple([LeavingSince, Id].map(Expr::col));
    let after = after.map(|(id, since)| place().gt(Expr::tuple([DateTimeUtc::from(since).into(), id.uuid().into()])));
    let leaving = user::Entity::find()
        .select_only()
        .columns([Id, LeavingSince])
        .filter(LeavingSince.is_not_null())
        .filter(Condition::all().add_option(after))
        .order_by_asc(LeavingSince)
        .order_by_asc(Id)
        .limit(u64::from(limit));
    let leaving: Vec<(Uuid, DateTimeUtc)> = leaving.into_tuple().all(db).await?;
    Ok(leaving.into_iter().map(|(id, since)| (id.into(), since.into())).collect())
}

/// [`Accounts::finish_leaving`](crate::store::Accounts::finish_leaving).
pub(super) async fn finish(tx: &Tx, id: UserId, at: Timestamp) -> Result<()> {
    use user::Column;
    hold::users(tx, vec![id.uuid()]).await?;
    erase_belongings(tx, id, at).await?;
    let memberships = member::Entity::find()
        .select_only()
        .column(member::Column::UserId)
        .filter(member::Column::UserId.eq(id.uuid()))
        .into_query();
    let finish = user::Entity::update_many()
        .col_expr(Column::LeavingSince, Expr::value(None::<DateTimeUtc>))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::DeletedAt.is_not_null())
        .filter(Expr::exists(memberships).not());
    finish.exec(tx).await?;
    Ok(())
}

/// Those of the people who have an account.
pub(super) async fn living(db: &impl ConnectionTrait, among: Vec<Uuid>) -> Result<Vec<Uuid>> {
    use user::Column::{DeletedAt, Id};
    let living = user::Entity::find().select_only().column(Id).filter(Id.is_in(among)).filter(DeletedAt.is_null());
    Ok(living.into_tuple().all(db).await?)
}

/// Fails with `NOT_FOUND` where one of these people, whose rows are held, has no account any more: whoever comes into a
/// conversation was looked up before.
pub(super) async fn refuse(tx: &Tx, people: &[UserId]) -> Result<()> {
    use user::Column::{DeletedAt, Id};
    for batch in super::batches::batches(people.iter().map(|user| user.uuid())) {
        let gone = user::Entity::find().filter(Id.is_in(batch)).filter(DeletedAt.is_not_null());
        if gone.one(tx).await?.is_some() {
            return Err(Error::new(Code::NotFound, "one of these people has no account any more"));
        }
    }
    Ok(())
}

/// In which conversations those of these people were whose accounts are gone.
pub(super) async fn left_by(
    db: &impl ConnectionTrait,
    people: Vec<Uuid>,
) -> Result<impl Iterator<Item = (UserId, ConversationId)>> {
    use departure::Column::{ConversationId as Conversation, UserId as User};
    let gone = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::Id.is_in(people))
        .filter(user::Column::DeletedAt.is_not_null())
        .into_query();
    let left = departure::Entity::find().select_only().columns([User, Conversation]).filter(User.in_subquery(gone));
    let left: Vec<(Uuid, Uuid)> = left.into_tuple().all(db).await?;
    Ok(left.into_iter().map(|(user, conversation)| (user.into(), conversation.into())))
}
