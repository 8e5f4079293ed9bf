//! [`Codes`]: a code is spent once, five are tried for it, and whoever has the right one gets the contact that it was sent to.

use crate::support::make::{account, account_of_email, at, number, register, session, token};
use crate::support::stores::TestSql;
use futures_util::stream::{self, StreamExt as _};
use natterjack::domain::clock::Timestamp;
use natterjack::domain::contact::{CodeHash, Contact, NewCode, Proof};
use natterjack::domain::ids::{SessionId, UserId};
use natterjack::domain::user::{Email, Login, NewAccount, Session, User};
use natterjack::store::accounts::{CredentialsVersion, Registered};
use natterjack::store::codes::{ContactSet, SignIn, Tried};
use natterjack::store::sessions::Begun;
use natterjack::store::sql::Sql;
use natterjack::store::{Accounts, Codes, Sessions};
use tokio::task::JoinSet;

crate::on_each_sql! {
    a_code_is_spent_once
    a_code_has_five_tries_and_then_none
    of_a_thousand_guesses_at_once_five_are_looked_at
    of_many_with_the_right_code_at_once_one_gets_in
    a_code_runs_out
    a_new_code_takes_the_place_of_the_old_and_its_tries
    a_code_for_one_contact_is_none_for_another
    one_right_code_among_several_contacts_is_right
    what_has_run_out_is_removed_and_what_has_not_is_not
    a_code_begins_an_account_and_then_finds_it
    who_proves_what_was_only_given_gets_the_account_and_what_was_set_on_it_is_void
    a_sign_in_by_a_password_that_becomes_void_meanwhile_begins_nothing
    a_contact_given_beside_a_proven_one_does_not_give_away_the_account
    a_suspended_account_keeps_nobody_from_what_it_has_only_given
    one_who_is_suspended_does_not_get_in_by_code
    one_registers_with_what_another_has_only_given
    a_registration_that_is_refused_takes_nothing_and_spends_nothing
    a_contact_that_is_proven_is_taken
    a_contact_is_set_and_replaces_the_one_of_its_kind
    a_contact_is_set_though_another_has_given_it
    of_many_who_set_one_contact_at_once_the_last_ones_are_told
    who_gives_a_contact_while_another_proves_it_does_not_keep_it
}

const EMAIL: &str = "ada@example.org";

fn email(text: &str) -> Contact {
    Contact::Email(Email::parse(text).unwrap())
}

fn mobile(text: &str) -> Contact {
    Contact::MobileNumber(number(text))
}

/// What is known of a code to that contact. As in the server, but without a key.
fn proof(contact: &Contact, code: u8) -> Proof {
    let mut of_contact = [0; 32];
    for (n, byte) in contact.key().bytes().enumerate() {
        of_contact[n % 32] ^= byte;
    }
    Proof { contact: contact.clone(), hash: CodeHash { contact: of_contact, code: [code; 32] } }
}

/// Sends that code there, to count until one second after the beginning.
async fn send(sql: &Sql, contact: &Contact, code: u8) {
    let code = NewCode { hash: proof(contact, code).hash, expires_at: at(1_000) };
    Codes::insert(sql, &code).await.unwrap();
}

async fn spend(sql: &Sql, contact: &Contact, code: u8, when: Timestamp) -> Tried<()> {
    sql.spend(&[proof(contact, code)], when).await.unwrap()
}

/// Signs in with that code, whoever that is then.
async fn sign_in(sql: &Sql, contact: &Contact, code: u8) -> Tried<SignIn> {
    let account = NewAccount::of_contact(UserId::new(at(0)), contact.clone(), at(0));
    sql.sign_in(&proof(contact, code), &account, &session(account.id), token(9)).await.unwrap()
}

/// The same with a code that was just sent: the session, whether the account is new, and whose sessions are void.
async fn signed_in(sql: &Sql, contact: &Contact) -> (Session, bool, Vec<SessionId>) {
    send(sql, contact, 7).await;
    match sign_in(sql, contact, 7).await {
        Tried::Right(SignIn::Done { session, is_new, ended }) => (session, is_new, ended),
        other => panic!("{other:?}"),
    }
}

async fn user(sql: &Sql, id: UserId) -> User {
    Accounts::find(sql, &[id]).await.unwrap().pop().unwrap()
}

async fn is_ended(sql: &Sql, id: SessionId) -> bool {
    Sessions::find(sql, &[id]).await.unwrap().pop().unwrap().ended_at.is_some()
}

/// Stores the account, and gives its session.
async fn stored(sql: &Sql, account: &NewAccount) -> Session {
    let session = session(account.id);
    assert_eq!(Accounts::register(sql, account, &session, token(0)).await.unwrap(), Registered::Done);
    session
}

async fn with_code(
    sql: &Sql,
    contact: &Contact,
    code: u8,
    account: &NewAccount,
) -> Tried<(Registered, Vec<SessionId>)> {
    let account = account.clone().proving(contact);
    let session = session(account.id);
    Codes::register(sql, &proof(contact, code), &account, &session, token(1)).await.unwrap()
}

async fn set(sql: &Sql, user: UserId, contact: &Contact, code: u8) -> Tried<ContactSet> {
    let by = sql.of_user(user, at(0)).await.unwrap().first().map(|session| session.id);
    sql.set_contact(user, by, &proof(contact, code), at(0)).await.unwrap()
}

// ---- codes ----

async fn a_code_is_spent_once(sql: TestSql) {
    let ada = email(EMAIL);
    assert_eq!(spend(&sql, &ada, 1, at(0)).await, Tried::Gone, "none was sent");
    send(&sql, &ada, 1).await;
    assert_eq!(spend(&sql, &ada, 2, at(0)).await, Tried::Wrong);
    assert_eq!(spend(&sql, &ada, 1, at(0)).await, Tried::Right(()));
    assert_eq!(spend(&sql, &ada, 1, at(0)).await, Tried::Gone);
}

async fn a_code_has_five_tries_and_then_none(sql: TestSql) {
    let ada = email(EMAIL);
    send(&sql, &ada, 1).await;
    for n in 0..5 {
        assert_eq!(spend(&sql, &ada, 2, at(0)).await, Tried::Wrong, "{n}");
    }
    assert_eq!(spend(&sql, &ada, 1, at(0)).await, Tried::Gone);
    send(&sql, &ada, 1).await;
    for _ in 0..4 {
        spend(&sql, &ada, 2, at(0)).await;
    }
    assert_eq!(spend(&sql, &ada, 1, at(0)).await, Tried::Right(()), "the fifth may be the right one");
}

async fn of_a_thousand_guesses_at_once_five_are_looked_at(sql: TestSql) {
    let ada = email(EMAIL);
    send(&sql, &ada, 0).await;
    let again = sql.open_again().await;
    let guesses = (0..1_000).map(|n| {
        let (node, ada) = (if n % 2 == 0 { (*sql).clone() } else { again.clone() }, ada.clone());
        async move {
            // Each by another way.
            match n % 3 {
                0 => spend(&node, &ada, 1, at(0)).await,
                1 => sign_in(&node, &ada, 2).await.map(drop),
                _ => with_code(&node, &ada, 3, &account(&format!("ada{n}"))).await.map(drop),
            }
        }
    });
    // As many at once as there are connections, twice over.
    let outcomes: Vec<_> = stream::iter(guesses).buffer_unordered(40).collect().await;
    let count = |outcome| outcomes.iter().filter(|each| **each == outcome).count();
    assert_eq!((count(Tried::Wrong), count(Tried::Gone)), (5, 995));
}

async fn of_many_with_the_right_code_at_once_one_gets_in(sql: TestSql) {
    let ada = email(EMAIL);
    send(&sql, &ada, 1).await;
    let again = sql.open_again().await;
    let attempts = (0..40).map(|n| {
        let (node, ada) = (if n % 2 == 0 { (*sql).clone() } else { again.clone() }, ada.clone());
        async move { sign_in(&node, &ada, 1).await }
    });
    let outcomes = attempts.collect::<JoinSet<_>>().join_all().await;
    let done = outcomes.iter().filter(|each| matches!(each, Tried::Right(_))).count();
    let gone = outcomes.iter().filter(|each| **each == Tried::Gone).count();
    assert_eq!((done, gone), (1, 39));
}

async fn a_code_runs_out(sql: TestSql) {
    let ada = email(EMAIL);
    send(&sql, &ada, 1).await;
    assert_eq!(spend(&sql, &ada, 1, at(1_000)).await, Tried::Gone);
    assert_eq!(spend(&sql, &ada, 1, at(999)).await, Tried::Right(()));
}

async fn a_new_code_takes_the_place_of_the_old_and_its_tries(sql: TestSql) {
    let ada = email(EMAIL);
    send(&sql, &ada, 1).await;
    for _ in 0..5 {
        spend(&sql, &ada, 9, at(0)).await;
    }
    send(&sql, &ada, 2).await;
    assert_eq!(spend(&sql, &ada, 1, at(0)).await, Tried::Wrong);
    assert_eq!(spend(&sql, &ada, 2, at(0)).await, Tried::Right(()));
}

async fn a_code_for_one_contact_is_none_for_another(sql: TestSql) {
    send(&sql, &email(EMAIL), 1).await;
    assert_eq!(spend(&sql, &email("bob@example.org"), 1, at(0)).await, Tried::Gone);
}

async fn one_right_code_among_several_contacts_is_right(sql: TestSql) {
    let (mail, number) = (email(EMAIL), mobile("4915123456789"));
    send(&sql, &mail, 1).await;
    let both = |code| [proof(&number, code), proof(&mail, code)];
    assert_eq!(sql.spend(&both(2), at(0)).await.unwrap(), Tried::Wrong);
    assert_eq!(sql.spend(&both(1), at(0)).await.unwrap(), Tried::Right(()));
    assert_eq!(sql.spend(&both(1), at(0)).await.unwrap(), Tried::Gone);
    assert_eq!(sql.spend(&[], at(0)).await.unwrap(), Tried::Gone);
}

async fn what_has_run_out_is_removed_and_what_has_not_is_not(sql: TestSql) {
    for n in 0..3 {
        send(&sql, &email(&format!("ada{n}@example.org")), 1).await;
    }
    assert_eq!(sql.purge(at(1_000)).await.unwrap(), 0);
    let lasting = NewCode { hash: proof(&email(EMAIL), 1).hash, expires_at: at(2_000) };
    Codes::insert(&*sql, &lasting).await.unwrap();
    assert_eq!(sql.purge(at(1_001)).await.unwrap(), 3);
    assert_eq!(spend(&sql, &email(EMAIL), 1, at(1_001)).await, Tried::Right(()));
}

// ---- signing in ----

async fn a_code_begins_an_account_and_then_finds_it(sql: TestSql) {
    for contact in [email("Ada@Example.org"), mobile("+49 1512 3456789")] {
        let (first, is_new, _) = signed_in(&sql, &contact).await;
        assert!(is_new);
        let (second, is_new, ended) = signed_in(&sql, &contact).await;
        assert_eq!((second.user, is_new, ended), (first.user, false, vec![]));
        assert_ne!(second.id, first.id);
        assert!(!is_ended(&sql, first.id).await && !is_ended(&sql, second.id).await);
        assert_eq!(user(&sql, first.user).await.proven_contacts().unwrap(), [contact]);
    }
}

async fn who_proves_what_was_only_given_gets_the_account_and_what_was_set_on_it_is_void(sql: TestSql) {
    let squatter = NewAccount {
        email: Some(Email::parse(EMAIL).unwrap()),
        mobile_number: Some(number("4915123456789")),
        ..account("squatter")
    };
    let squatters = stored(&sql, &squatter).await;
    let (adas, is_new, ended) = signed_in(&sql, &email(EMAIL)).await;
    assert_eq!((adas.user, is_new, ended), (squatter.id, false, vec![squatters.id]));
    assert!(is_ended(&sql, squatters.id).await && !is_ended(&sql, adas.id).await);
    for login in [EMAIL, "squatter", "4915123456789"] {
        assert_eq!(sql.credentials(&Login::parse(login).unwrap()).await.unwrap(), None, "{login}");
    }
    let ada = user(&sql, squatter.id).await;
    assert_eq!((ada.mobile_number.clone(), ada.proven_contacts().unwrap()), (None, vec![email(EMAIL)]));
    // What was proven so is nobody else's.
    let (other, is_new, _) = signed_in(&sql, &mobile("4915123456789")).await;
    assert!(is_new && other.user != ada.id);
}

async fn a_sign_in_by_a_password_that_becomes_void_meanwhile_begins_nothing(sql: TestSql) {
    let squatter = account_of_email(EMAIL);
    stored(&sql, &squatter).await;
    let shown = sql.credentials(&Login::parse(EMAIL).unwrap()).await.unwrap().unwrap();
    let begin = async |version| sql.insert_by_password(&session(squatter.id), token(3), version).await.unwrap();
    assert_eq!(begin(shown.version).await, Begun::Done);
    signed_in(&sql, &email(EMAIL)).await;
    assert_eq!(begin(shown.version).await, Begun::Void);
    assert_eq!(begin(CredentialsVersion(shown.version.0 + 1)).await, Begun::Done);
    sql.set_suspended(squatter.id, true, at(0)).await.unwrap();
    assert_eq!(begin(CredentialsVersion(shown.version.0 + 1)).await, Begun::Suspended);
}

async fn a_contact_given_beside_a_proven_one_does_not_give_away_the_account(sql: TestSql) {
    let (bobs, ..) = signed_in(&sql, &mobile("4915123456789")).await;
    let bob = NewAccount {
        email: Some(Email::parse(EMAIL).unwrap()),
        mobile_number: Some(number("4915123456780")),
        is_mobile_number_proven: true,
        ..account("bob")
    };
    let bob_at_home = stored(&sql, &bob).await;
    let (adas, is_new, ended) = signed_in(&sql, &email(EMAIL)).await;
    assert_eq!((is_new, ended), (true, vec![]));
    assert!(adas.user != bob.id && adas.user != bobs.user);
    assert!(!is_ended(&sql, bob_at_home.id).await);
    assert_eq!(user(&sql, bob.id).await.email, None);
    assert!(sql.credentials(&Login::parse("bob").unwrap()).await.unwrap().is_some());
}

async fn a_suspended_account_keeps_nobody_from_what_it_has_only_given(sql: TestSql) {
    let squatter = account_of_email(EMAIL);
    stored(&sql, &squatter).await;
    sql.set_suspended(squatter.id, true, at(0)).await.unwrap();
    let (adas, is_new, _) = signed_in(&sql, &email(EMAIL)).await;
    assert!(is_new && adas.user != squatter.id);
}

async fn one_who_is_suspended_does_not_get_in_by_code(sql: TestSql) {
    let (adas, ..) = signed_in(&sql, &email(EMAIL)).await;
    sql.set_suspended(adas.user, true, at(0)).await.unwrap();
    send(&sql, &email(EMAIL), 1).await;
    assert_eq!(sign_in(&sql, &email(EMAIL), 1).await, Tried::Right(SignIn::Suspended));
}

// ---- registering ----

async fn one_registers_with_what_another_has_only_given(sql: TestSql) {
    let (alone, named) = (account_of_email(EMAIL), account("bob"));
    let mobile_of_bob = NewAccount { mobile_number: Some(number("4915123456789")), ..named };
    let (alones, bobs) = (stored(&sql, &alone).await, stored(&sql, &mobile_of_bob).await);

    send(&sql, &email(EMAIL), 1).await;
    let ada = NewAccount { email: Some(Email::parse(EMAIL).unwrap()), ..account("ada") };
    assert_eq!(with_code(&sql, &email(EMAIL), 2, &ada).await, Tried::Wrong);
    let registered = with_code(&sql, &email(EMAIL), 1, &ada).await;
    assert_eq!(registered, Tried::Right((Registered::Done, vec![alones.id])), "nothing else leads to that account");
    assert!(is_ended(&sql, alones.id).await);
    assert_eq!(user(&sql, ada.id).await.proven_contacts().unwrap(), [email(EMAIL)]);
    assert_eq!(user(&sql, alone.id).await.email, None);

    send(&sql, &mobile("4915123456789"), 1).await;
    let eve = NewAccount { mobile_number: Some(number("4915123456789")), ..account("eve") };
    let registered = with_code(&sql, &mobile("4915123456789"), 1, &eve).await;
    assert_eq!(registered, Tried::Right((Registered::Done, vec![])), "bob has his name to sign in by");
    assert!(!is_ended(&sql, bobs.id).await);
    assert!(sql.credentials(&Login::parse("bob").unwrap()).await.unwrap().is_some());
}

async fn a_registration_that_is_refused_takes_nothing_and_spends_nothing(sql: TestSql) {
    let squatter = NewAccount { email: Some(Email::parse(EMAIL).unwrap()), ..account("ada") };
    stored(&sql, &squatter).await;
    send(&sql, &email(EMAIL), 1).await;
    let again = NewAccount { email: Some(Email::parse(EMAIL).unwrap()), ..account("Ada") };
    let refused = with_code(&sql, &email(EMAIL), 1, &again).await;
    assert_eq!(refused, Tried::Right((Registered::UsernameTaken, vec![])));
    assert_eq!(user(&sql, squatter.id).await.email.as_deref(), Some(EMAIL));
    let other = NewAccount { email: Some(Email::parse(EMAIL).unwrap()), ..account("countess") };
    assert_eq!(with_code(&sql, &email(EMAIL), 1, &other).await, Tried::Right((Registered::Done, vec![])));
}

async fn a_contact_that_is_proven_is_taken(sql: TestSql) {
    signed_in(&sql, &email(EMAIL)).await;
    signed_in(&sql, &mobile("4915123456789")).await;
    assert_eq!(register(&*sql, &account_of_email(EMAIL)).await, Registered::EmailTaken);
    send(&sql, &email(EMAIL), 1).await;
    let ada = NewAccount { email: Some(Email::parse(EMAIL).unwrap()), ..account("ada") };
    assert_eq!(with_code(&sql, &email(EMAIL), 1, &ada).await, Tried::Right((Registered::EmailTaken, vec![])));
    let bob = account("bob");
    register(&*sql, &bob).await;
    assert_eq!(set(&sql, bob.id, &email(EMAIL), 1).await, Tried::Right(ContactSet::Taken));
    send(&sql, &mobile("4915123456789"), 1).await;
    assert_eq!(set(&sql, bob.id, &mobile("4915123456789"), 1).await, Tried::Right(ContactSet::Taken));
    assert_eq!(spend(&sql, &email(EMAIL), 1, at(0)).await, Tried::Right(()), "what was refused has not spent it");
}

// ---- setting ----

async fn a_contact_is_set_and_replaces_the_one_of_its_kind(sql: TestSql) {
    let ada = account("ada");
    let adas = stored(&sql, &ada).await;
    for contact in [email(EMAIL), mobile("4915123456789"), email("countess@example.org"), email("countess@example.org")]
    {
        send(&sql, &contact, 1).await;
        assert_eq!(set(&sql, ada.id, &contact, 2).await, Tried::Wrong);
        assert_eq!(set(&sql, ada.id, &contact, 1).await, Tried::Right(ContactSet::Done(vec![])), "{contact:?}");
        assert_eq!(set(&sql, ada.id, &contact, 1).await, Tried::Gone);
    }
    let both = [mobile("4915123456789"), email("countess@example.org")];
    assert_eq!(user(&sql, ada.id).await.proven_contacts().unwrap(), both);
    assert!(!is_ended(&sql, adas.id).await);
    assert!(signed_in(&sql, &email(EMAIL)).await.1, "what she has given up is anybody's");
    let nobody = UserId::new(at(0));
    send(&sql, &email("nobody@example.org"), 1).await;
    assert_eq!(set(&sql, nobody, &email("nobody@example.org"), 1).await, Tried::Right(ContactSet::ShutOut));
    // Whoever had her session and has it no more, as one who was there before she proved that the account is hers.
    let session = sql.of_user(ada.id, at(0)).await.unwrap().remove(0).id;
    sql.end(session, at(0)).await.unwrap();
    let late = sql.set_contact(ada.id, Some(session), &proof(&email("nobody@example.org"), 1), at(0)).await.unwrap();
    assert_eq!(late, Tried::Right(ContactSet::ShutOut));
}

async fn a_contact_is_set_though_another_has_given_it(sql: TestSql) {
    let (alone, ada) = (account_of_email(EMAIL), account("ada"));
    let (alones, adas) = (stored(&sql, &alone).await, stored(&sql, &ada).await);
    send(&sql, &email(EMAIL), 1).await;
    let done = set(&sql, ada.id, &email(EMAIL), 1).await;
    assert_eq!(done, Tried::Right(ContactSet::Done(vec![alones.id])));
    assert!(is_ended(&sql, alones.id).await && !is_ended(&sql, adas.id).await);
    let of_email = sql.credentials(&Login::parse(EMAIL).unwrap()).await.unwrap().unwrap();
    assert_eq!(of_email.user, ada.id);
}

async fn of_many_who_set_one_contact_at_once_the_last_ones_are_told(sql: TestSql) {
    let again = sql.open_again().await;
    let ada = email(EMAIL);
    send(&sql, &ada, 1).await;
    let mut all = JoinSet::new();
    for n in 0..20 {
        let person = account(&format!("person{n}"));
        register(&*sql, &person).await;
        let (node, ada) = (if n % 2 == 0 { (*sql).clone() } else { again.clone() }, ada.clone());
        all.spawn(async move { set(&node, person.id, &ada, 1).await });
    }
    let outcomes = all.join_all().await;
    let done = outcomes.iter().filter(|each| **each == Tried::Right(ContactSet::Done(vec![]))).count();
    let gone = outcomes.iter().filter(|each| **each == Tried::Gone).count();
    assert_eq!((done, gone), (1, 19), "{outcomes:?}");
}

async fn who_gives_a_contact_while_another_proves_it_does_not_keep_it(sql: TestSql) {
    let again = sql.open_again().await;
    for round in 0..20 {
        let (text, name) = (format!("ada{round}@example.org"), format!("ada{round}"));
        let ada = email(&text);
        send(&sql, &ada, 1).await;
        let setter = account(&format!("setter{round}"));
        register(&*sql, &setter).await;
        let given = NewAccount { email: Some(Email::parse(&text).unwrap()), ..account(&name) };
        let typed = register(&again, &given);
        let holder = if round % 2 == 0 {
            let (_, proven) = tokio::join!(typed, sign_in(&sql, &ada, 1));
            let Tried::Right(SignIn::Done { session, .. }) = proven else { panic!("{proven:?}") };
            session.user
        } else {
            let (_, proven) = tokio::join!(typed, set(&sql, setter.id, &ada, 1));
            assert!(matches!(proven, Tried::Right(ContactSet::Done(_))), "{proven:?}");
            setter.id
        };
        assert_eq!(user(&sql, holder).await.proven_contacts().unwrap(), [ada]);
    }
}
