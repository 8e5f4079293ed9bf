//! Making what is passed on before anybody asks for it. Else each of the thousands who hear of it would find that it is not
//! made yet, wait for the first of them, and be woken a second time.
//!
//! In which forms it will be wanted is seen from what was wanted before: whoever finds a form missing leaves word of how it is
//! made, for as long as somebody takes it.

use super::event::{Event, EventKind};
use super::rendition::{Form, Making, Rendition};
use crate::error::Result;
use futures_util::future::BoxFuture;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, timeout};

/// Forms that are made beforehand, for one topic.
const MAX_FORMS: usize = 32;
/// What is being made at once, for one topic. Beyond that it is left to those who want it.
const MAX_TASKS: usize = 256;
/// For how long what is passed on waits to be made.
const PATIENCE: Duration = Duration::from_millis(50);
/// After how long without anybody who takes it a form is not made beforehand any more.
const KEPT: Duration = Duration::from_secs(10);

/// How things come out in one form, for anybody.
pub trait Herald: Send + Sync {
    /// By which it is known again: those who ask alike have the same.
    fn group(&self) -> u64;

    /// The form in which that comes out for all who ask alike, and how it is made; `None` where it depends on who of them
    /// looks.
    fn make(&self, event: &Event) -> Option<(Form, BoxFuture<'static, Result<Rendition>>)>;
}

/// Those of one topic.
#[derive(Default)]
pub(super) struct Heralds(Mutex<Vec<Known>>);

struct Known {
    /// Of which kind of events: those who ask alike may hear of others as well, or not at all.
    kind: EventKind,
    herald: Arc<dyn Herald>,
    /// What it has made last.
    last: Option<Arc<Making>>,
    /// When it was last seen that somebody has taken it.
    taken: Instant,
}

impl Known {
    fn is(&self, kind: EventKind, group: u64) -> bool {
        self.kind == kind && self.herald.group() == group
    }
}

impl Heralds {
    /// Has things made so beforehand from now on.
    pub(super) fn know(&self, kind: EventKind, group: u64, herald: impl FnOnce() -> Arc<dyn Herald>) {
        let mut known = self.lock();
        if known.len() < MAX_FORMS && !known.iter().any(|known| known.is(kind, group)) {
            known.push(Known { kind, herald: herald(), last: None, taken: Instant::now() });
        }
    }

    /// Makes what is about to be passed on, in these tasks. What is not done in time goes on: whoever wants it waits for it.
    pub(super) async fn make(&self, events: impl FnOnce() -> Vec<Event>, tasks: &mut JoinSet<()>) {
        if self.lock().is_empty() {
            return;
        }
        let mut begun = HashSet::new();
        for event in events() {
            self.begin(&event, tasks, &mut begun);
        }
        let all = async {
            while !begun.is_empty() {
                match tasks.join_next_with_id().await {
                    Some(Ok((id, ()))) => begun.remove(&id),
                    // Not even a panic matters: whoever wants it tries again.
                    Some(Err(error)) => begun.remove(&error.id()),
                    None => return,
                };
            }
        };
        let _ = timeout(PATIENCE, all).await;
    }

    /// Whatever somebody has taken of the last of that kind. One that is not made yet was too slow for the next.
    fn begin(&self, event: &Event, tasks: &mut JoinSet<()>, begun: &mut HashSet<Id>) {
        let (Some(kind), Some(renditions)) = (event.kind(), event.renditions()) else { return };
        let now = Instant::now();
        let mut known = self.lock();
        known.retain_mut(|known| {
            if known.last.take_if(|making| making.is_taken()).is_some() {
                known.taken = now;
            }
            now - known.taken < KEPT
        });
        for known in known.iter_mut().filter(|known| known.kind == kind) {
            if tasks.len() < MAX_TASKS
                && known.last.as_ref().is_none_or(|last| last.is_made())
                && let Some((form, make)) = known.herald.make(event)
                && let Some(making) = renditions.begin(form)
            {
                known.last = Some(Arc::clone(&making));
                let event = event.clone();
                let task = tasks.spawn(async move {
                    if let Some(renditions) = event.renditions() {
                        drop(renditions.make(&making, make).await);
                    }
                });
                begun.insert(task.id());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::ProfileTurn;
    use super::super::rendition::{Renditions, Shared};
    use super::*;
    use crate::domain::clock::Timestamp;
    use crate::domain::ids::UserId;
    use crate::error::Code;
    use futures_util::future::FutureExt as _;
    use serde_json::value::to_raw_value;
    use std::future::pending;
    use tokio::time::advance;

    const FORM: Form = Form { group: 1, viewer: None, place: None };

    /// Makes everything so; nothing, where it never comes to an end.
    struct Always(Option<Rendition>);

    /// Has nobody left for whom it could make anything.
    struct Dead;

    impl Herald for Dead {
        fn group(&self) -> u64 {
            FORM.group + 1
        }

        fn make(&self, _: &Event) -> Option<(Form, BoxFuture<'static, Result<Rendition>>)> {
            None
        }
    }

    impl Herald for Always {
        fn group(&self) -> u64 {
            FORM.group
        }

        fn make(&self, _: &Event) -> Option<(Form, BoxFuture<'static, Result<Rendition>>)> {
            let make = match self.0.clone() {
                Some(rendition) => async { Ok(rendition) }.boxed(),
                None => pending().boxed(),
            };
            Some((FORM, make))
        }
    }

    fn knowing(kind: EventKind, rendition: Option<Rendition>) -> Arc<Heralds> {
        let heralds = Arc::<Heralds>::default();
        heralds.know(kind, FORM.group, || Arc::new(Always(rendition)));
        heralds
    }

    fn told() -> Rendition {
        Rendition::Told(to_raw_value(&1).unwrap().into())
    }

    fn event(heralds: &Arc<Heralds>) -> Event {
        Event::User(Shared::in_topic(
            ProfileTurn { user: UserId::SYSTEM, at: Timestamp::from_unix_millis(0).unwrap() },
            heralds,
        ))
    }

    /// What is being made still, then.
    async fn make(heralds: &Heralds, event: &Event) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        heralds.make(|| vec![event.clone()], &mut tasks).await;
        tasks
    }

    fn ready(event: &Event) -> Option<Rendition> {
        let renditions: &Renditions = event.renditions().unwrap();
        renditions.ready(FORM, renditions.found())
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_passed_on_is_made_as_long_as_somebody_takes_it() {
        let heralds = knowing(EventKind::User, Some(told()));
        for _ in 0..3 {
            let event = event(&heralds);
            make(&heralds, &event).await;
            assert!(ready(&event).is_some());
            advance(KEPT / 2).await;
        }
        let not_taken = event(&heralds);
        make(&heralds, &not_taken).await;
        advance(KEPT).await;
        let late = event(&heralds);
        make(&heralds, &late).await;
        assert!(ready(&late).is_none());
    }

    #[tokio::test]
    async fn what_is_of_another_kind_is_left_alone() {
        let heralds = knowing(EventKind::Message, Some(told()));
        let event = event(&heralds);
        make(&heralds, &event).await;
        assert!(ready(&event).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_made_in_time_is_passed_on_all_the_same() {
        let heralds = knowing(EventKind::User, None);
        let event = event(&heralds);
        let began = Instant::now();
        let tasks = make(&heralds, &event).await;
        assert!((PATIENCE..PATIENCE * 2).contains(&began.elapsed()), "{:?}", began.elapsed());
        assert!(ready(&event).is_none());
        assert_eq!(tasks.len(), 1, "it goes on");
        drop(tasks);
        let renditions = event.renditions().unwrap();
        let made = renditions.of(FORM, renditions.found(), async { Ok::<_, crate::error::Error>(told()) });
        assert!(matches!(made.await, Ok(Rendition::Told(_))), "whoever wants it makes it");
    }

    #[tokio::test]
    async fn what_is_lost_is_not_kept() {
        let lost = Rendition::Lost(to_raw_value(&0).unwrap().into(), Code::Unavailable);
        let heralds = knowing(EventKind::User, Some(lost));
        let event = event(&heralds);
        make(&heralds, &event).await;
        assert!(ready(&event).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_twice_for_what_is_slow() {
        let heralds = knowing(EventKind::User, None);
        let mut tasks = JoinSet::new();
        for waits in [true, false] {
            let began = Instant::now();
            heralds.make(|| vec![event(&heralds)], &mut tasks).await;
            assert_eq!(!began.elapsed().is_zero(), waits);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn of_those_who_are_gone_none_is_kept() {
        let heralds = knowing(EventKind::User, Some(told()));
        heralds.know(EventKind::User, FORM.group + 1, || Arc::new(Dead));
        heralds.lock()[1].last = Some(Making::taken());
        for left in [2, 1] {
            let event = event(&heralds);
            make(&heralds, &event).await;
            assert!(ready(&event).is_some());
            assert_eq!(heralds.lock().len(), left);
            advance(KEPT / 2).await;
            let event = self::event(&heralds);
            make(&heralds, &event).await;
            assert!(ready(&event).is_some());
            advance(KEPT / 2).await;
        }
    }
}
