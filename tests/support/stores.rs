//! Databases for tests: a new one for each, gone at its end.

use natterjack::domain::clock::Timestamp;
use natterjack::domain::conversation::{Member, Role};
use natterjack::domain::ids::{ConversationId, MessageId, UserId};
use natterjack::domain::message::Revision;
use natterjack::store::groups::{Ask, Change, Scene, Verdict};
use natterjack::store::reports::Report;
use natterjack::store::sql::{Sql, SqlOptions};
use natterjack::store::{Groups as _, Reports};
use sea_orm::prelude::DateTimeUtc;
use sea_orm::sea_query::{InsertStatement, Query};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, RuntimeErr, Statement};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::ops::Deref;
use std::sync::Mutex;
use std::time::{Duration, UNIX_EPOCH};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

use super::make;

/// Begins the names of all databases that tests make.
const PREFIX: &str = "natterjack_test_";
/// After so long a database is not a running test's any more.
const LEFTOVER_AGE: Duration = Duration::from_hours(1);

/// The address in that variable. Where there is none, says so on stderr, once; where CI runs, that is a failure.
#[expect(clippy::disallowed_methods, reason = "where the services are is told to tests by `scripts/services env`")]
pub(crate) fn url_of(var: &str) -> Option<String> {
    let url = std::env::var(var).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{var} is not set, and CI leaves no test out");
        tell_left_out(var);
    }
    url
}

fn tell_left_out(var: &str) {
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if TOLD.lock().unwrap().insert(var.to_owned()) {
        // Not by a macro: the test harness swallows what those print.
        let mut stderr = std::io::stderr();
        writeln!(stderr, "LEFT OUT: all tests that need {var}; see scripts/services env").unwrap();
    }
}

/// A database of which a test is the only user.
pub(crate) struct TestDatabase {
    url: String,
    keeper: Keeper,
}

enum Keeper {
    Folder(TempDir),
    Postgres(PostgresDatabase),
}

impl TestDatabase {
    /// Where it is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// One more handle, as another node's.
    pub(crate) async fn open(&self) -> Sql {
        Sql::connect(&self.url, &SqlOptions::default()).await.unwrap()
    }

    /// The plain connection, for what no store does.
    pub(crate) async fn raw(&self) -> DatabaseConnection {
        Database::connect(&self.url).await.unwrap()
    }
}

/// A database with its tables, and a handle on it.
pub(crate) struct TestSql {
    sql: Sql,
    database: TestDatabase,
}

impl TestSql {
    async fn on(database: TestDatabase) -> Self {
        let sql = database.open().await;
        sql.migrate().await.unwrap();
        Self { sql, database }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> &str {
        &self.database.url
    }

    /// One more handle on the same database, as another node's.
    pub(crate) async fn open_again(&self) -> Sql {
        self.database.open().await
    }

    /// Puts people into a conversation, as it stands before its first message.
    pub(crate) async fn add_members(&self, conversation: ConversationId, users: &[UserId]) {
        let joined = |user: &UserId| Member::joined(conversation, *user, Role::Member, make::at(0), Revision::ZERO);
        self.put(users.iter().map(joined).collect()).await;
    }

    /// Makes these memberships of one conversation so.
    pub(crate) async fn put(&self, members: Vec<Member>) {
        let ask = Ask { conversation: members[0].conversation, people: Vec::new(), heir_of: None };
        let put = |_: &Scene| Ok(Verdict::Change(Change { put: members.clone(), ..Change::default() }));
        self.change(&ask, make::at(0), &put).await.unwrap().unwrap();
    }

    /// So many people at once, who cannot sign in.
    pub(crate) async fn crowd(&self, count: u128) -> Vec<UserId> {
        let ids: Vec<Uuid> = (1..=count).map(Uuid::from_u128).collect();
        let raw = self.database.raw().await;
        for some in ids.chunks(1_000) {
            let mut insert = Query::insert();
            insert.into_table("users").columns(["id", "name_key", "created_at"]);
            for id in some {
                let joined_at = DateTimeUtc::from(make::at(0));
                insert.values_panic([(*id).into(), id.to_string().into(), joined_at.into()]);
            }
            raw.execute(&insert.take()).await.unwrap();
        }
        raw.close().await.unwrap();
        ids.into_iter().map(UserId::from).collect()
    }

    /// Waits until a transaction in this Postgres database does nothing and has done something.
    pub(crate) async fn stands_in_transaction(&self) {
        let raw = self.database.raw().await;
        let waiting =
            "SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()
            AND backend_xid IS NOT NULL";
        let waiting = Statement::from_string(DbBackend::Postgres, waiting);
        while raw.query_one_raw(waiting.clone()).await.unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        raw.close().await.unwrap();
    }

    /// Another database of the same kind, without tables.
    pub(crate) async fn empty(&self) -> TestDatabase {
        match &self.database.keeper {
            Keeper::Folder(_) => sqlite_file(),
            Keeper::Postgres(database) => postgres_without_tables(database.server.clone()).await,
        }
    }
}

impl Deref for TestSql {
    type Target = Sql;

    fn deref(&self) -> &Sql {
        &self.sql
    }
}

/// What makes a person a member.
pub(crate) fn insert_member(conversation: Uuid, user: Uuid) -> InsertStatement {
    let mut insert = Query::insert();
    insert
        .into_table("members")
        .columns(["conversation_id", "user_id", "role", "joined_at", "delivered_seq", "read_seq"])
        .values_panic([
            conversation.into(),
            user.into(),
            "MEMBER".into(),
            DateTimeUtc::from(make::at(0)).into(),
            0.into(),
            0.into(),
        ])
        .take()
}

/// A SQLite file with its tables.
pub(crate) async fn sqlite() -> TestSql {
    TestSql::on(sqlite_file()).await
}

/// A Postgres database with its tables, where `TEST_POSTGRES_URL` leads to one.
pub(crate) async fn postgres() -> Option<TestSql> {
    Some(TestSql::on(postgres_database().await?).await)
}

fn sqlite_file() -> TestDatabase {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("not there yet/natterjack.db").display());
    TestDatabase { url, keeper: Keeper::Folder(folder) }
}

/// A Postgres database with its tables, where `TEST_POSTGRES_URL` leads to one: a test's own node has them brought up to
/// date already.
pub(crate) async fn postgres_database() -> Option<TestDatabase> {
    Some(postgres_database_on(url_of("TEST_POSTGRES_URL")?).await)
}

/// The same on that server. It is a copy: making the tables anew for each of a thousand tests takes minutes.
pub(crate) async fn postgres_database_on(server: String) -> TestDatabase {
    let template = template();
    loop {
        let database = PostgresDatabase { server: server.clone(), name: new_name() };
        let copy = format!("CREATE DATABASE {} TEMPLATE {template} STRATEGY file_copy", database.name);
        match try_run(&server, &copy).await {
            Ok(()) => return database.into(),
            Err(error) if is_missing(&error) => make_template(&server, &template).await,
            Err(error) => panic!("{copy}: {error}"),
        }
    }
}

/// The database that others are copied from. Each build of the tests has its own, since it may have other tables; the
/// name tells its age as other databases' do.
fn template() -> String {
    let tests = std::env::current_exe().unwrap();
    let built_at = tests.metadata().unwrap().modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
    let name = tests.file_stem().unwrap().to_string_lossy().replace('-', "_");
    format!("{PREFIX}{}_{name}", built_at.as_millis())
}

/// Makes the database that others are copied from, unless somebody else does so first; what tests that were killed have
/// left goes meanwhile.
async fn make_template(server: &str, template: &str) {
    for name in databases(server).await.iter().filter(|name| is_leftover(name)) {
        drop_database(server, name).await;
    }
    let database = postgres_without_tables(server.to_owned()).await;
    let sql = database.open().await;
    sql.migrate().await.unwrap();
    sql.close().await.unwrap();
    let Keeper::Postgres(PostgresDatabase { name, .. }) = &database.keeper else {
        unreachable!("it is a Postgres one")
    };
    // Where that name is taken, this one is dropped as any test's is.
    let renamed = try_run(server, &format!("ALTER DATABASE {name} RENAME TO {template}")).await;
    assert!(renamed.is_ok() || databases(server).await.iter().any(|name| name == template), "{renamed:?}");
}

async fn postgres_without_tables(server: String) -> TestDatabase {
    let name = new_name();
    // Sorted by a language's rules, as servers often are: what is to be sorted by bytes must say so.
    let locale = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'und'";
    run(&server, &format!("CREATE DATABASE {name} {locale}")).await;
    PostgresDatabase { server, name }.into()
}

impl From<PostgresDatabase> for TestDatabase {
    fn from(database: PostgresDatabase) -> Self {
        let mut url = Url::parse(&database.server).unwrap();
        url.set_path(&database.name);
        Self { url: url.into(), keeper: Keeper::Postgres(database) }
    }
}

struct PostgresDatabase {
    server: String,
    name: String,
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        blocking(async move { drop_database(&server, &name).await });
    }
}

async fn drop_database(server: &str, name: &str) {
    run(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
}

async fn run(server: &str, statement: &str) {
    try_run(server, statement).await.unwrap();
}

async fn try_run(server: &str, statement: &str) -> Result<(), DbErr> {
    let connection = Database::connect(server).await?;
    let done = connection.execute_unprepared(statement).await;
    connection.close().await?;
    done.map(|_| ())
}

/// Whether the template is not there: Postgres' `undefined_database`.
fn is_missing(error: &DbErr) -> bool {
    let DbErr::Exec(RuntimeErr::SqlxError(error)) = error else { return false };
    error.as_database_error().is_some_and(|error| error.code().as_deref() == Some("3D000"))
}

/// A name for a database that nobody else has, and that tells its age.
pub(crate) fn new_name() -> String {
    format!("{PREFIX}{}_{:016x}", make::now().unix_millis(), rand::random::<u64>())
}

/// Whether the database of that name is one that a test has left.
pub(crate) fn is_leftover(name: &str) -> bool {
    let made_at = || name.strip_prefix(PREFIX)?.split('_').next()?.parse().ok();
    let made_at = made_at().and_then(Timestamp::from_unix_millis);
    made_at.is_some_and(|made_at| make::now().since(made_at) > LEFTOVER_AGE)
}

async fn databases(server: &str) -> Vec<String> {
    let connection = Database::connect(server).await.unwrap();
    let all = Statement::from_string(DbBackend::Postgres, "SELECT datname FROM pg_database");
    let rows = connection.query_all_raw(all).await.unwrap();
    connection.close().await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// Runs it to its end on a thread of its own: `Drop` cannot wait otherwise.
pub(crate) fn blocking(work: impl Future<Output = ()> + Send + 'static) {
    let thread = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(work);
    });
    let done = thread.join();
    // A second panic within one that is under way would abort the whole binary.
    assert!(done.is_ok() || std::thread::panicking(), "a test database could not be made or dropped");
}

/// The reports of that message, the latest first.
pub(crate) async fn reports_of(sql: &Sql, message: MessageId) -> Vec<Report> {
    let mut reports = Reports::latest(sql, u32::MAX).await.unwrap();
    reports.retain(|report| report.message == message);
    reports
}
