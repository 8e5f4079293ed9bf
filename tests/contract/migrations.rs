//! A database of an earlier version keeps what it holds when it is brought up to date.

use super::groups::group;
use crate::support::make::at;
use crate::support::stores::{TestDatabase, TestSql};
use migration::{Migrator, MigratorTrait as _};
use natterjack::domain::conversation::{Conversation, Marks, Member, Pair, Role};
use natterjack::domain::ids::{ConversationId, UserId};
use natterjack::domain::message::{MembershipVersion, Revision};
use natterjack::store::Conversations as _;
use natterjack::store::conversations::{NewDirect, ReadersOf};
use natterjack::store::sql::Sql;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::sea_query::Query;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

crate::on_each_sql! {
    direct_conversations_from_before_groups_stand_as_they_did
}

async fn insert<const N: usize>(db: &impl ConnectionTrait, table: &'static str, row: [(&'static str, Value); N]) {
    let (columns, values): (Vec<_>, Vec<_>) = row.into_iter().unzip();
    let mut insert = Query::insert();
    insert.into_table(table).columns(columns).values_panic(values.into_iter().map(Into::into));
    db.execute(&insert.take()).await.unwrap();
}

fn time(millis: i64) -> Value {
    DateTimeUtc::from(at(millis)).into()
}

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const ID: Uuid = Uuid::from_u128(3);

/// What version 6 kept of two people who talk.
async fn fill(db: &impl ConnectionTrait) {
    for id in [ADA, BOB] {
        let name = id.to_string();
        insert(
            db,
            "users",
            [
                ("id", id.into()),
                ("name_key", name.into()),
                ("created_at", time(0)),
                ("memberships_version", 1_i64.into()),
            ],
        )
        .await;
    }
    insert(
        db,
        "conversations",
        [
            ("id", ID.into()),
            ("kind", "DIRECT".into()),
            ("pair_low", ADA.into()),
            ("pair_high", BOB.into()),
            ("created_by", BOB.into()),
            ("created_at", time(1_000)),
            ("membership_version", 1_i64.into()),
            ("marks_version", 4_i64.into()),
        ],
    )
    .await;
    for (user, joined_at, read) in [(ADA, 1_000, 5_i64), (BOB, 1_001, 0)] {
        insert(
            db,
            "members",
            [
                ("conversation_id", ID.into()),
                ("user_id", user.into()),
                ("role", "MEMBER".into()),
                ("joined_at", time(joined_at)),
                ("delivered_seq", 5_i64.into()),
                ("read_seq", read.into()),
                ("read_at", time(2_000)),
                ("marks_version", 4_i64.into()),
            ],
        )
        .await;
    }
}

/// A database of that earlier version in which two people talk, brought up to date.
pub(crate) async fn of_two_who_talked(old: &TestDatabase) -> Sql {
    let sql: Sql = old.open().await;
    let raw = old.raw().await;
    Migrator::up(&raw, Some(6)).await.unwrap();
    fill(&raw).await;
    raw.close().await.unwrap();
    sql.migrate().await.unwrap();
    sql
}

async fn direct_conversations_from_before_groups_stand_as_they_did(sql: TestSql) {
    let old = sql.empty().await;
    let sql = of_two_who_talked(&old).await;
    let (ada, bob, id) = (UserId::from(ADA), UserId::from(BOB), ConversationId::from(ID));
    let stands = sql.find(&[id]).await.unwrap().pop().unwrap();
    let expected = Conversation {
        id,
        between: natterjack::domain::conversation::Between::Pair(Pair::new(ada, bob).unwrap()),
        created_by: bob,
        created_at: at(1_000),
        membership_version: MembershipVersion(1),
        member_count: 2,
        invited_count: 0,
    };
    assert_eq!(stands, expected);
    let seq = |number| Revision::new(number).unwrap();
    for (user, joined_at, read) in [(ada, 1_000, 5), (bob, 1_001, 0)] {
        let member = Member {
            marks: Marks { delivered_seq: seq(5), read_seq: seq(read) },
            read_at: Some(at(2_000)),
            ..Member::joined(id, user, Role::Member, at(joined_at), Revision::ZERO)
        };
        assert_eq!(sql.memberships(&[(id, user)]).await.unwrap(), [member]);
    }
    let of = ReadersOf { conversation: id, author: bob, seq: seq(1) };
    assert_eq!(sql.reader_counts(&[of]).await.unwrap()[&of], 1);

    // What is new stands beside it.
    let new = NewDirect { id, pair: Pair::new(ada, bob).unwrap(), created_by: ada, created_at: at(3_000) };
    assert!(!sql.open_direct(&new).await.unwrap().is_new);
    let group = group(&sql, &[ada], &[bob]).await.id;
    assert_eq!(sql.memberships(&[(group, bob)]).await.unwrap()[0].joined_at, None);
    sql.close().await.unwrap();
}
