//! Sign-ins.

use super::asked::{part, table};
use super::batches::batches;
use super::entity::{refresh_trade, session, user};
use super::{Sql, Tx, rotation};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::user::{Session, TokenHash};
use crate::error::Result;
use crate::store::accounts::CredentialsVersion;
use crate::store::sessions::{Begun, EndPlace, Rotated, Rotation, Sessions};
use async_trait::async_trait;
use sea_orm::prelude::{DateTimeUtc, Expr, Uuid};
use sea_orm::sea_query::{ExprTrait as _, LockType, Query};
use sea_orm::{ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _};
use sea_orm::{QueryFilter as _, QueryOrder as _, QuerySelect as _};

/// Sessions that a person has at the most: far more than devices, and few enough to be listed.
const MAX_SESSIONS: u64 = 100;

#[async_trait]
impl Sessions for Sql {
    async fn insert(&self, session: &Session, refresh: TokenHash) -> Result<bool> {
        self.transaction(async |tx| Ok(begin(tx, session, refresh, None).await? == Begun::Done)).await
    }

    async fn insert_by_password(
        &self,
        session: &Session,
        refresh: TokenHash,
        shown: CredentialsVersion,
    ) -> Result<Begun> {
        self.transaction(async |tx| begin(tx, session, refresh, Some(shown)).await).await
    }

    async fn find(&self, ids: &[SessionId]) -> Result<Vec<Session>> {
        let mut found = Vec::with_capacity(ids.len());
        for batch in batches(ids.iter().map(|id| id.uuid())) {
            let rows = session::Entity::find().filter(session::Column::Id.is_in(batch)).all(&self.reader).await?;
            found.extend(rows.into_iter().map(Session::from));
        }
        Ok(found)
    }

    async fn of_user(&self, user: UserId, at: Timestamp) -> Result<Vec<Session>> {
        let live = session::Entity::find()
            .filter(session::Column::UserId.eq(user.uuid()))
            .filter(session::Column::EndedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(DateTimeUtc::from(at)))
            .order_by_desc(session::Column::LastUsedAt)
            .order_by_desc(session::Column::Id);
        Ok(live.all(&self.reader).await?.into_iter().map(Session::from).collect())
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<Rotated> {
        self.transaction(async |tx| rotation::rotate(tx, rotation).await).await
    }

    async fn end(&self, id: SessionId, at: Timestamp) -> Result<bool> {
        let at = DateTimeUtc::from(at);
        let ended = session::Entity::update_many()
            .col_expr(session::Column::EndedAt, Expr::value(at))
            .filter(session::Column::Id.eq(id.uuid()))
            .filter(session::Column::EndedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(at))
            .exec(&self.writer)
            .await?;
        Ok(ended.rows_affected > 0)
    }

    async fn end_all(&self, user: UserId, at: Timestamp) -> Result<Vec<SessionId>> {
        self.transaction(async |tx| {
            // Held, so that none begins meanwhile which would not be ended: see `begin`.
            super::hold::users(tx, vec![user.uuid()]).await?;
            end_of_user(tx, user, None, at).await
        })
        .await
    }

    async fn ended_since(&self, after: EndPlace, limit: u32) -> Result<Vec<EndPlace>> {
        use session::Column::{EndedAt, Id};
        let (at, id) = (DateTimeUtc::from(after.at), after.session.uuid());
        let rows: Vec<(DateTimeUtc, Uuid)> = session::Entity::find()
            .select_only()
            .columns([EndedAt, Id])
            // As the index has it.
            .filter(EndedAt.is_not_null())
            .filter(Expr::tuple([EndedAt, Id].map(Expr::col)).gt(Expr::tuple([at.into(), id.into()])))
            .order_by_asc(EndedAt)
            .order_by_asc(Id)
            .limit(u64::from(limit))
            .into_tuple()
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().map(|(at, id)| EndPlace { at: at.into(), session: id.into() }).collect())
    }

    async fn note_uses(&self, uses: &[(SessionId, Timestamp)]) -> Result<()> {
        use session::Column::{Id, LastUsedAt};
        let uses = uses.iter().map(|(id, at)| (id.uuid(), DateTimeUtc::from(*at)));
        for batch in batches(uses) {
            let column = |column| Expr::col((session::Entity, column));
            let statement = Query::update()
                .table(session::Entity)
                .value(LastUsedAt, part(2))
                .from(table(batch))
                .and_where(column(Id).eq(part(1)))
                .and_where(column(LastUsedAt).lt(part(2)))
                .take();
            self.writer.execute(&statement).await?;
        }
        Ok(())
    }

    async fn forget(&self, before: Timestamp, limit: u32) -> Result<usize> {
        use session::Column::{EndedAt, ExpiresAt, Id};
        let before = DateTimeUtc::from(before);
        let over = session::Entity::find()
            .select_only()
            .column(Id)
            .filter(Condition::any().add(EndedAt.lt(before)).add(ExpiresAt.lt(before)))
            .limit(u64::from(limit));
        let over: Vec<Uuid> = over.into_tuple().all(&self.reader).await?;
        for batch in batches(over.iter().copied()) {
            self.transaction(async |tx| {
                let of_them = refresh_trade::Column::SessionId.is_in(batch.clone());
                refresh_trade::Entity::delete_many().filter(of_them).exec(tx).await?;
                session::Entity::delete_many().filter(Id.is_in(batch)).exec(tx).await?;
                Ok(())
            })
            .await?;
        }
        Ok(over.len())
    }
}

async fn begin(tx: &Tx, session: &Session, refresh: TokenHash, shown: Option<CredentialsVersion>) -> Result<Begun> {
    // Whoever suspends the person meanwhile, or makes their credentials void, waits, and then ends this session too.
    let person = user::Entity::find_by_id(session.user.uuid())
        .filter(user::Column::DeletedAt.is_null())
        .lock(LockType::Share)
        .one(tx)
        .await?;
    let is_good = |user: &user::Model| shown.is_none_or(|shown| shown.0 == user.credentials_version);
    let Some(person) = person.filter(is_good) else { return Ok(Begun::Void) };
    if person.suspended_at.is_some() {
        return Ok(Begun::Suspended);
    }
    insert(tx, session, refresh).await?;
    Ok(Begun::Done)
}

/// Whether one who came by that session, or by a trusted issuer where there is none, is let in still: whoever ends it holds the
/// person too.
pub(super) async fn lets_in(tx: &Tx, user: UserId, by: Option<SessionId>, at: Timestamp) -> Result<bool> {
    let Some(session) = by else { return super::identities::lets_in(tx, user).await };
    let live = session::Entity::find_by_id(session.uuid())
        .filter(session::Column::UserId.eq(user.uuid()))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(DateTimeUtc::from(at)));
    Ok(live.one(tx).await?.is_some())
}

/// Begins the session of one who is held. Of more than [`MAX_SESSIONS`] those end that were not used for longest; their sockets
/// find out by a look.
pub(super) async fn insert(tx: &Tx, session: &Session, refresh: TokenHash) -> Result<()> {
    use session::Column::{EndedAt, Id, LastUsedAt, UserId as User};
    let row = session::Model::begun(session, refresh).into_active_model();
    session::Entity::insert(row).exec_without_returning(tx).await?;
    let live = session::Entity::find().filter(User.eq(session.user.uuid())).filter(EndedAt.is_null());
    let too_many = live
        .select_only()
        .column(Id)
        .order_by_desc(LastUsedAt)
        .order_by_desc(Id)
        .offset(MAX_SESSIONS)
        .limit(MAX_SESSIONS);
    let too_many: Vec<Uuid> = too_many.into_tuple().all(tx).await?;
    if !too_many.is_empty() {
        let end = session::Entity::update_many().col_expr(EndedAt, Expr::value(DateTimeUtc::from(session.created_at)));
        end.filter(Id.is_in(too_many)).exec(tx).await?;
    }
    Ok(())
}

/// Ends a person's sessions, whose row is held, all but that one; those that this has ended.
pub(super) async fn end_of_user(
    tx: &Tx,
    user: UserId,
    but: Option<SessionId>,
    at: Timestamp,
) -> Result<Vec<SessionId>> {
    let live = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::UserId.eq(user.uuid()))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(DateTimeUtc::from(at)))
        .filter(Condition::all().add_option(but.map(|but| session::Column::Id.ne(but.uuid()))));
    let live: Vec<Uuid> = live.into_tuple().all(tx).await?;
    for batch in batches(live.iter().copied()) {
        let end = session::Entity::update_many()
            .col_expr(session::Column::EndedAt, Expr::value(DateTimeUtc::from(at)))
            .filter(session::Column::Id.is_in(batch));
        end.exec(tx).await?;
    }
    Ok(live.into_iter().map(SessionId::from).collect())
}
