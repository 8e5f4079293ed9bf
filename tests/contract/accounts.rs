//! [`Accounts`]: names are unique, both halves of a registration are stored or none, and lists are in order.

use crate::support::make::{account, account_of_email, at, number, person, register, session, token};
use crate::support::stores::TestSql;
use natterjack::domain::contact::Contact;
use natterjack::domain::ids::{SessionId, UserId};
use natterjack::domain::page::{Take, Window};
use natterjack::domain::user::{Email, Login, Matching, NamePlace, NewAccount, Session, User, Username};
use natterjack::store::Accounts as _;
use natterjack::store::accounts::{Credentials, CredentialsVersion, PeopleFilter, Registered};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::timeout;
use uuid::Uuid;

crate::on_each_sql! {
    an_account_reads_back_as_it_was_stored
    a_registration_begins_its_session
    a_username_is_taken_whatever_its_case
    an_email_is_taken_whatever_its_case
    a_mobile_number_is_taken_however_it_is_written
    accounts_without_a_username_or_email_do_not_take_each_others
    of_many_who_want_one_username_one_gets_it
    a_refused_registration_leaves_nothing
    a_session_that_cannot_be_stored_takes_the_account_with_it
    a_registration_dropped_half_way_is_stored_whole_or_not_at_all
    one_signs_in_by_any_name
    those_who_exist_are_found_each_once
    more_people_than_one_statement_takes_are_found
    people_are_listed_by_name_and_then_by_id
    a_list_is_read_from_both_ends_and_between_two_places
    names_are_sorted_by_their_bytes
    the_one_who_asks_is_not_in_the_list
    names_match_in_any_case_with_or_without_accents
    usernames_match_too
    a_contact_finds_the_one_who_has_proven_it
    nothing_in_a_text_to_match_is_a_wildcard
}

async fn stored_session(sql: &TestSql, id: SessionId) -> Option<Session> {
    natterjack::store::Sessions::find(&**sql, &[id]).await.unwrap().pop()
}

async fn an_account_reads_back_as_it_was_stored(sql: TestSql) {
    let account = NewAccount {
        email: Some(Email::parse("Ada@Example.org").unwrap()),
        mobile_number: Some(number("4915123456789")),
        display_name: Some("Ada Lovelace 🐸".to_owned()),
        avatar_url: Some("https://example.org/ada.png".to_owned()),
        created_at: at(7),
        ..account("Ada.L")
    };
    register(&*sql, &account).await;
    let stored = User {
        id: account.id,
        username: Some("Ada.L".to_owned()),
        chosen_name: Some("Ada Lovelace 🐸".to_owned()),
        about: None,
        avatar_url: account.avatar_url,
        email: Some("Ada@Example.org".to_owned()),
        is_email_proven: false,
        mobile_number: Some(number("+49 1512 3456789")),
        is_mobile_number_proven: false,
        created_at: at(7),
        is_deleted: false,
    };
    assert_eq!(sql.find_by_username("ada.l").await.unwrap().as_ref(), Some(&stored));
    assert_eq!(sql.find(&[account.id]).await.unwrap(), [stored]);
    assert_eq!(sql.find_by_username("Ada.L").await.unwrap(), None);
}

async fn a_registration_begins_its_session(sql: TestSql) {
    let account = account("ada");
    let session = session(account.id);
    assert_eq!(sql.register(&account, &session, token(1)).await.unwrap(), Registered::Done);
    assert_eq!(stored_session(&sql, session.id).await, Some(session));
}

async fn a_username_is_taken_whatever_its_case(sql: TestSql) {
    assert_eq!(register(&*sql, &account("Ada")).await, Registered::Done);
    assert_eq!(register(&*sql, &account("aDA")).await, Registered::UsernameTaken);
}

async fn an_email_is_taken_whatever_its_case(sql: TestSql) {
    assert_eq!(register(&*sql, &account_of_email("ada@example.org")).await, Registered::Done);
    assert_eq!(register(&*sql, &account_of_email("ADA@EXAMPLE.ORG")).await, Registered::EmailTaken);
}

async fn a_mobile_number_is_taken_however_it_is_written(sql: TestSql) {
    let of = |name, text| NewAccount { mobile_number: Some(number(text)), ..account(name) };
    assert_eq!(register(&*sql, &of("ada", "+49 1512 3456789")).await, Registered::Done);
    assert_eq!(register(&*sql, &of("bob", "4915123456789")).await, Registered::MobileNumberTaken);
}

async fn accounts_without_a_username_or_email_do_not_take_each_others(sql: TestSql) {
    for n in 0..3 {
        assert_eq!(register(&*sql, &account(&format!("ada{n}"))).await, Registered::Done);
        assert_eq!(register(&*sql, &account_of_email(&format!("ada{n}@example.org"))).await, Registered::Done);
    }
}

async fn of_many_who_want_one_username_one_gets_it(sql: TestSql) {
    let again = sql.open_again().await;
    let attempts = (0..20).map(|n| {
        let node = if n % 2 == 0 { (*sql).clone() } else { again.clone() };
        let name = if n % 3 == 0 { "ada" } else { "Ada" };
        async move { register(&node, &account(name)).await }
    });
    let outcomes = attempts.collect::<JoinSet<_>>().join_all().await;
    let count = |outcome| outcomes.iter().filter(|each| **each == outcome).count();
    assert_eq!((count(Registered::Done), count(Registered::UsernameTaken)), (1, 19), "{outcomes:?}");
}

async fn a_refused_registration_leaves_nothing(sql: TestSql) {
    person(&*sql, "ada").await;
    let refused = NewAccount { email: Some(Email::parse("late@example.org").unwrap()), ..account("ada") };
    let session = session(refused.id);
    assert_eq!(sql.register(&refused, &session, token(1)).await.unwrap(), Registered::UsernameTaken);
    assert_eq!(sql.find(&[refused.id]).await.unwrap(), []);
    assert_eq!(stored_session(&sql, session.id).await, None);
    assert_eq!(register(&*sql, &account_of_email("late@example.org")).await, Registered::Done);
}

async fn a_session_that_cannot_be_stored_takes_the_account_with_it(sql: TestSql) {
    let first = account("ada");
    let taken = session(first.id);
    sql.register(&first, &taken, token(1)).await.unwrap();
    let second = account("bob");
    let same_id = Session { id: taken.id, ..session(second.id) };
    sql.register(&second, &same_id, token(1)).await.unwrap_err();
    assert_eq!(sql.find(&[second.id]).await.unwrap(), []);
    assert_eq!(register(&*sql, &account("bob")).await, Registered::Done);
}

async fn a_registration_dropped_half_way_is_stored_whole_or_not_at_all(sql: TestSql) {
    let mut tried = Vec::new();
    for n in 0..60 {
        let account = account(&format!("ada{n}"));
        let session = session(account.id);
        let patience = Duration::from_micros(100 * n);
        let _dropped = timeout(patience, sql.register(&account, &session, token(1))).await;
        tried.push((account, session));
    }
    for (account, session) in tried {
        let is_stored = !sql.find(&[account.id]).await.unwrap().is_empty();
        assert_eq!(stored_session(&sql, session.id).await.is_some(), is_stored);
        let again = NewAccount { id: UserId::new(at(0)), ..account };
        let outcome = if is_stored { Registered::UsernameTaken } else { Registered::Done };
        assert_eq!(register(&*sql, &again).await, outcome);
    }
}

async fn one_signs_in_by_any_name(sql: TestSql) {
    let account = NewAccount {
        email: Some(Email::parse("Ada@example.org").unwrap()),
        mobile_number: Some(number("4915123456789")),
        password_hash: Some("$argon2id$v=19$ada".to_owned()),
        ..account("Ada")
    };
    register(&*sql, &account).await;
    let credentials = Credentials {
        user: account.id,
        password_hash: account.password_hash.unwrap(),
        version: CredentialsVersion(0),
        is_suspended: false,
    };
    for login in ["ADA", "ada@EXAMPLE.org", "+49 (1512) 3456789"] {
        let login = Login::parse(login).unwrap();
        assert_eq!(sql.credentials(&login).await.unwrap(), Some(credentials.clone()), "{login:?}");
    }
    for login in ["bob", "bob@example.org", "+49 (1512) 3456780"] {
        assert_eq!(sql.credentials(&Login::parse(login).unwrap()).await.unwrap(), None);
    }
}

async fn those_who_exist_are_found_each_once(sql: TestSql) {
    let (ada, bob) = (person(&*sql, "ada").await, person(&*sql, "bob").await);
    let nobody = UserId::from(Uuid::from_u128(7));
    let mut found: Vec<UserId> = sql.find(&[ada, nobody, bob, ada]).await.unwrap().iter().map(|user| user.id).collect();
    found.sort();
    let mut both = vec![ada, bob];
    both.sort();
    assert_eq!(found, both);
    assert_eq!(sql.find(&[]).await.unwrap(), []);
}

async fn more_people_than_one_statement_takes_are_found(sql: TestSql) {
    let mut ids: Vec<UserId> = (0..3_000).map(|n| UserId::from(Uuid::from_u128(n))).collect();
    ids.push(person(&*sql, "ada").await);
    assert_eq!(sql.find(&ids).await.unwrap().len(), 1);
}

// ---- lists ----

/// Stores a person of that display name, under an id that sorts by `n`.
async fn shown(sql: &TestSql, n: u128, name: &str) -> UserId {
    let account = NewAccount {
        id: UserId::from(Uuid::from_u128(n)),
        display_name: Some(name.to_owned()),
        ..account(&format!("user{n}"))
    };
    assert_eq!(register(&**sql, &account).await, Registered::Done);
    account.id
}

fn window(take: Take) -> Window<NamePlace> {
    Window { after: None, before: None, take }
}

fn place(name_key: &str, n: u128) -> NamePlace {
    NamePlace { name_key: name_key.to_owned(), user: UserId::from(Uuid::from_u128(n)) }
}

/// Everyone whose name matches, by the last digits of their ids, in the list's order.
async fn matching(sql: &TestSql, text: &str) -> Vec<u128> {
    let filter = PeopleFilter { except: UserId::SYSTEM, matching: Matching::parse(text).unwrap(), is_online: None };
    numbers(sql, &filter, &window(Take::First(100))).await
}

async fn numbers(sql: &TestSql, filter: &PeopleFilter, window: &Window<NamePlace>) -> Vec<u128> {
    let page = sql.page(filter, window).await.unwrap();
    for (place, user) in &page.items {
        assert_eq!(place.user, user.id);
    }
    page.items.iter().map(|(_, user)| user.id.uuid().as_u128()).collect()
}

fn everyone() -> PeopleFilter {
    PeopleFilter { except: UserId::SYSTEM, matching: Matching::default(), is_online: None }
}

async fn people_are_listed_by_name_and_then_by_id(sql: TestSql) {
    for (n, name) in [(3, "Bob"), (2, "bob"), (9, "Ada"), (1, "Zoë"), (4, "BÓB")] {
        shown(&sql, n, name).await;
    }
    let page = sql.page(&everyone(), &window(Take::First(10))).await.unwrap();
    let places: Vec<NamePlace> = page.items.into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, [place("ada", 9), place("bob", 2), place("bob", 3), place("bob", 4), place("zoe", 1)]);
    assert!(!page.has_next && !page.has_previous);
}

async fn a_list_is_read_from_both_ends_and_between_two_places(sql: TestSql) {
    for n in 1..=7 {
        shown(&sql, n, "Bob").await;
    }
    let page = async |take, after: Option<u128>, before: Option<u128>| {
        let window = Window { after: after.map(|n| place("bob", n)), before: before.map(|n| place("bob", n)), take };
        let page = sql.page(&everyone(), &window).await.unwrap();
        let ids: Vec<u128> = page.items.iter().map(|(_, user)| user.id.uuid().as_u128()).collect();
        (ids, page.has_previous, page.has_next)
    };
    assert_eq!(page(Take::First(3), None, None).await, (vec![1, 2, 3], false, true));
    assert_eq!(page(Take::First(3), Some(3), None).await, (vec![4, 5, 6], true, true));
    assert_eq!(page(Take::First(3), Some(6), None).await, (vec![7], true, false));
    assert_eq!(page(Take::Last(3), None, None).await, (vec![5, 6, 7], true, false));
    assert_eq!(page(Take::Last(3), None, Some(5)).await, (vec![2, 3, 4], true, true));
    assert_eq!(page(Take::Last(3), None, Some(2)).await, (vec![1], false, true));
    assert_eq!(page(Take::First(9), Some(2), Some(6)).await, (vec![3, 4, 5], true, false));
    assert_eq!(page(Take::Last(2), Some(2), Some(6)).await, (vec![4, 5], true, true));
    assert_eq!(page(Take::First(0), None, None).await, (vec![], false, true));
}

async fn names_are_sorted_by_their_bytes(sql: TestSql) {
    // A collation of a language would put the signs aside, and æ beside a.
    let names = ["a b", "a-c", "ab", "a_a", "æ", "z", "яна", "~", "🐸"];
    for (n, name) in (1..).zip(names) {
        shown(&sql, n, name).await;
    }
    let page = sql.page(&everyone(), &window(Take::First(100))).await.unwrap();
    let mut sorted = names.map(str::to_owned);
    sorted.sort();
    assert_eq!(page.items.into_iter().map(|(place, _)| place.name_key).collect::<Vec<_>>(), sorted);
}

async fn the_one_who_asks_is_not_in_the_list(sql: TestSql) {
    let ada = shown(&sql, 1, "Ada").await;
    shown(&sql, 2, "Bob").await;
    let filter = PeopleFilter { except: ada, matching: Matching::default(), is_online: None };
    assert_eq!(numbers(&sql, &filter, &window(Take::First(10))).await, [2]);
}

async fn names_match_in_any_case_with_or_without_accents(sql: TestSql) {
    shown(&sql, 1, "Zoë Ångström").await;
    shown(&sql, 2, "Пётр").await;
    for text in ["zoe", "ZOË", "angstr", "e A", " Ångström "] {
        assert_eq!(matching(&sql, text).await, [1], "{text}");
    }
    assert_eq!(matching(&sql, "ПЕТ").await, [2]);
    assert_eq!(matching(&sql, "nobody").await, Vec::<u128>::new());
}

async fn usernames_match_too(sql: TestSql) {
    let account = NewAccount {
        id: UserId::from(Uuid::from_u128(1)),
        username: Some(Username::parse("Countess.L".to_owned()).unwrap()),
        display_name: Some("Ada".to_owned()),
        ..account("ada")
    };
    register(&*sql, &account).await;
    for text in ["ess.l", "COUNT", "ada"] {
        assert_eq!(matching(&sql, text).await, [1], "{text}");
    }
}

async fn a_contact_finds_the_one_who_has_proven_it(sql: TestSql) {
    let contacts =
        [Contact::Email(Email::parse("ada@example.org").unwrap()), Contact::MobileNumber(number("4915123456789"))];
    let ids = [1, 2].map(|n| UserId::from(Uuid::from_u128(n)));
    let mut given = NewAccount { email: Some(Email::parse("bob@example.org").unwrap()), ..account("bob") };
    given.mobile_number = Some(number("4915123456780"));
    register(&*sql, &given).await;
    for (id, contact) in ids.into_iter().zip(&contacts) {
        register(&*sql, &NewAccount::of_contact(id, contact.clone(), at(0))).await;
        assert_eq!(sql.find_by_contact(contact).await.unwrap().map(|user| user.id), Some(id));
    }
    for (text, found) in [("ADA@example.org", vec![1]), ("+49 1512 3456789", vec![2]), ("ada@example", vec![])] {
        assert_eq!(matching(&sql, text).await, found, "{text}");
    }
    // Only given, they find nobody.
    for text in ["bob@example.org", "4915123456780"] {
        assert_eq!(matching(&sql, text).await, Vec::<u128>::new(), "{text}");
        assert_eq!(sql.find_by_contact(&Contact::of_text(text).unwrap()).await.unwrap(), None);
    }
}

async fn nothing_in_a_text_to_match_is_a_wildcard(sql: TestSql) {
    let names = ["100% sure", "under_score", r"back\slash", "plain", "wow!", "a'quote"];
    for (n, name) in (1..).zip(names) {
        shown(&sql, n, name).await;
    }
    for (text, found) in
        [("%", 1), ("_", 2), (r"\", 3), ("!", 5), ("'", 6), ("0% s", 1), ("r_s", 2), (r"k\s", 3), ("w!", 5)]
    {
        assert_eq!(matching(&sql, text).await, [found], "{text}");
    }
    for text in ["1%e", "p_ain", r"\%", "%%", "__", "!!"] {
        assert_eq!(matching(&sql, text).await, Vec::<u128>::new(), "{text}");
    }
}
