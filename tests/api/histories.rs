//! An old snapshot with the events on top of it is what a new query says, whatever has happened in between.

mod replica;
mod world;

use crate::support::backend::{Backend, is_long_run, on_every_backend};
use crate::support::stores::url_of;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::runtime::Handle;
use world::World;

on_every_backend! {
    a_snapshot_and_the_events_since_are_what_a_new_query_says
    a_mute_that_is_taken_back_while_a_client_comes_is_told
}

/// One thing that somebody does. Numbers choose among what there is, modulo how much there is; `by` is who tries first
/// where not everybody may.
#[derive(Clone, Debug)]
enum Step {
    /// The direct conversation of a pair of the first three begins, where it has not.
    Open(usize),
    /// A group is made. The bits of the two numbers say who is in it and who is invited.
    Make {
        by: usize,
        members: u8,
        invited: u8,
        is_public: bool,
    },
    /// A group is changed, or who is in it.
    Change {
        by: usize,
        group: usize,
        change: Change,
    },
    Send {
        by: usize,
        place: usize,
        extras: Extras,
    },
    /// By its author.
    Edit {
        message: usize,
        text: u8,
    },
    /// By its author, or by one who runs its group.
    Delete {
        by: usize,
        message: usize,
    },
    React {
        by: usize,
        message: usize,
        emoji: &'static str,
    },
    /// A reaction that somebody had is taken back.
    TakeBack {
        reaction: usize,
    },
    Pin {
        by: usize,
        message: usize,
        is_pinned: bool,
    },
    Read {
        by: usize,
        message: usize,
    },
    Deliver {
        by: usize,
        message: usize,
    },
    Type {
        by: usize,
        place: usize,
        is_typing: bool,
    },
    /// By the watcher: of others' mutes it is told nothing.
    Mute {
        place: usize,
        is_muted: bool,
    },
    /// The watcher takes its snapshot, where it has none.
    Look,
    /// The watcher's socket breaks; it comes back to the other node.
    Cut,
}

/// What a message holds beside its words.
#[derive(Clone, Copy, Debug)]
struct Extras {
    /// The message of the same conversation that it answers.
    reply_to: Option<usize>,
    /// Who is mentioned: where that is no member, the message is refused.
    mention: Option<usize>,
    metadata: Option<u8>,
    attachment: Option<u8>,
}

/// What becomes of a group. The numbers are people, but for that of the name.
#[derive(Clone, Copy, Debug)]
enum Change {
    Join,
    Leave,
    Add(usize),
    Invite(usize),
    Remove(usize),
    Role(usize, &'static str),
    Name(u8),
    Visibility(&'static str),
    Delete,
}

fn number() -> impl Strategy<Value = usize> {
    any::<u8>().prop_map(usize::from)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        1 => number().prop_map(Step::Open),
        3 => (number(), any::<u8>(), any::<u8>(), any::<bool>())
            .prop_map(|(by, members, invited, is_public)| Step::Make { by, members, invited, is_public }),
        12 => (number(), number(), change()).prop_map(|(by, group, change)| Step::Change { by, group, change }),
        6 => (number(), number(), extras()).prop_map(|(by, place, extras)| Step::Send { by, place, extras }),
        3 => (number(), any::<u8>()).prop_map(|(message, text)| Step::Edit { message, text }),
        2 => (number(), number()).prop_map(|(by, message)| Step::Delete { by, message }),
        4 => (number(), number(), emoji()).prop_map(|(by, message, emoji)| Step::React { by, message, emoji }),
        2 => number().prop_map(|reaction| Step::TakeBack { reaction }),
        3 => (number(), number(), any::<bool>())
            .prop_map(|(by, message, is_pinned)| Step::Pin { by, message, is_pinned }),
        3 => (number(), number()).prop_map(|(by, message)| Step::Read { by, message }),
        1 => (number(), number()).prop_map(|(by, message)| Step::Deliver { by, message }),
        1 => (number(), number(), any::<bool>()).prop_map(|(by, place, is_typing)| Step::Type { by, place, is_typing }),
        2 => (number(), any::<bool>()).prop_map(|(place, is_muted)| Step::Mute { place, is_muted }),
        4 => Just(Step::Look),
        1 => Just(Step::Cut),
    ];
    vec(step, 5..60)
}

fn extras() -> impl Strategy<Value = Extras> {
    let some = |likely| (weighted(likely, number()), weighted(likely, any::<u8>()));
    (some(0.3), some(0.2)).prop_map(|((reply_to, metadata), (mention, attachment))| Extras {
        reply_to,
        mention,
        metadata,
        attachment,
    })
}

fn emoji() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("👍"), Just("❤️"), Just("🐸")]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => Just(Change::Join),
        2 => Just(Change::Leave),
        4 => number().prop_map(Change::Add),
        2 => number().prop_map(Change::Invite),
        3 => number().prop_map(Change::Remove),
        3 => (number(), prop_oneof![Just("ADMIN"), Just("MEMBER"), Just("OWNER")])
            .prop_map(|(whom, role)| Change::Role(whom, role)),
        3 => any::<u8>().prop_map(Change::Name),
        1 => prop_oneof![Just("PUBLIC"), Just("PRIVATE")].prop_map(Change::Visibility),
        1 => Just(Change::Delete),
    ]
}

async fn a_snapshot_and_the_events_since_are_what_a_new_query_says(backend: Backend) {
    let Some(nats) = url_of("TEST_NATS_URL") else { return };
    // All that is there, in one query: far more than an app would ask for.
    let backend = backend.with("NATS_URL", nats).with("NATTERJACK_MAX_COMPLEXITY", "10000000");
    let nodes = Arc::new([backend.node().await, backend.node().await]);
    let cases = if is_long_run() { 200 } else { 12 };
    let runtime = Handle::current();
    // Shrinking a history runs it again: not for long.
    let config = Config { cases, max_shrink_iters: 30, failure_persistence: None, ..Config::default() };
    let checked = tokio::task::spawn_blocking(move || {
        let played = AtomicUsize::new(0);
        TestRunner::new(config).run(&steps(), |steps| {
            runtime.block_on(async {
                let mut world = World::new(&nodes, played.fetch_add(1, Ordering::Relaxed)).await;
                world.play(&steps).await
            })
        })
    });
    if let Err(failure) = checked.await.unwrap() {
        panic!("{failure}");
    }
}

/// What `Synced` shows of a mute may be over before anybody looks what has changed.
async fn a_mute_that_is_taken_back_while_a_client_comes_is_told(backend: Backend) {
    let Some(nats) = url_of("TEST_NATS_URL") else { return };
    let backend = backend.with("NATS_URL", nats).with("NATTERJACK_MAX_COMPLEXITY", "10000000");
    let nodes = Arc::new([backend.node().await, backend.node().await]);
    for round in 0..20 {
        let mut world = World::new(&nodes, round).await;
        let mute = |is_muted| Step::Mute { place: 0, is_muted };
        let played = world.play(&[Step::Look, mute(true), mute(false)]).await;
        played.unwrap_or_else(|error| panic!("in round {round}: {error}"));
    }
}
