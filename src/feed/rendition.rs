//! How what is told comes out for those who want it in the same form: made once for all of them, by the first who needs
//! it, and kept beside what is told, for as long as that is.

use super::event::EventKind;
use super::herald::{Herald, Heralds};
use crate::domain::ids::UserId;
use crate::domain::message::Revision;
use crate::error::Code;
use serde_json::value::RawValue;
use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;
use tokio::time::Instant;

/// Forms in which one thing is kept. Who wants it in yet another has it made for themselves.
const MAX_FORMS: usize = 128;

/// Something that many are told of, with how it comes out for them. Cheap to clone.
pub struct Shared<T>(Arc<Inner<T>>);

struct Inner<T> {
    what: T,
    renditions: Renditions,
}

impl<T> Shared<T> {
    /// What has just been found.
    pub fn new(what: T) -> Self {
        Self::with(what, None)
    }

    /// What has just been found by a topic, and will be passed on by it.
    pub(super) fn in_topic(what: T, heralds: &Arc<Heralds>) -> Self {
        Self::with(what, Some(Arc::clone(heralds)))
    }

    fn with(what: T, heralds: Option<Arc<Heralds>>) -> Self {
        let renditions = Renditions { found: Instant::now(), made: Mutex::default(), heralds };
        Self(Arc::new(Inner { what, renditions }))
    }

    /// How it comes out.
    pub fn renditions(&self) -> &Renditions {
        &self.0.renditions
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.what
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.what.fmt(f)
    }
}

/// The forms in which something was wanted.
pub struct Renditions {
    found: Instant,
    made: Mutex<Vec<(Form, Arc<Making>)>>,
    /// Who make the next of its kind beforehand.
    heralds: Option<Arc<Heralds>>,
}

/// What two subscribers must have in common to be told the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The group of those who ask alike: same document, same operation, same variables.
    pub group: u64,
    /// Who looks, where that makes a difference.
    pub viewer: Option<UserId>,
    /// Where the client stands, where that makes a difference.
    pub place: Option<Revision>,
}

/// How something came out.
#[derive(Clone, Debug)]
pub enum Rendition {
    /// So, in JSON.
    Told(Arc<RawValue>),
    /// So, in JSON, by that fault of the server's; and nothing may be told after it, which would take the client past it.
    Lost(Arc<RawValue>, Code),
    /// It is about what the viewer may not see any more, and is passed over.
    Withheld,
}

/// How something comes out in one form.
pub(super) struct Making {
    /// Before anything was read for it.
    began: Instant,
    made: OnceCell<Rendition>,
    is_taken: AtomicBool,
}

impl Making {
    /// Whether anybody has wanted it.
    pub(super) fn is_taken(&self) -> bool {
        self.is_taken.load(Ordering::Relaxed)
    }

    /// Whether it is there.
    pub(super) fn is_made(&self) -> bool {
        self.made.get().is_some()
    }

    /// One that somebody wanted and nobody has made.
    #[cfg(test)]
    pub(super) fn taken() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), made: OnceCell::new(), is_taken: AtomicBool::new(true) })
    }

    fn take(&self) {
        // All who want it share this: it is written once.
        if !self.is_taken() {
            self.is_taken.store(true, Ordering::Relaxed);
        }
    }
}

impl Renditions {
    /// When it was found that this has happened.
    pub fn found(&self) -> Instant {
        self.found
    }

    /// The one of that form where it is there, and nothing that went into it was read before that moment.
    pub fn ready(&self, form: Form, not_before: Instant) -> Option<Rendition> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, making) = made.iter().find(|(known, making)| *known == form && making.began >= not_before)?;
        making.take();
        making.made.get().cloned()
    }

    /// Has the next of its kind made in that form beforehand.
    pub fn herald(&self, kind: EventKind, group: u64, herald: impl FnOnce() -> Arc<dyn Herald>) {
        if let Some(heralds) = &self.heralds {
            heralds.know(kind, group, herald);
        }
    }

    /// The one of that form, to be made before anybody wants it. `None` where that is done already, or there are too many.
    pub(super) fn begin(&self, form: Form) -> Option<Arc<Making>> {
        self.making(form, self.found).filter(|making| making.made.get().is_none())
    }

    /// The one of that form, if nothing that went into it was read before that moment; otherwise it is made anew, and is
    /// from then on the one of that form. Whoever comes meanwhile waits for it; where the one who makes it gives up, the next
    /// does it. What could not be told for want of a store is not kept.
    pub async fn of<E>(
        &self,
        form: Form,
        not_before: Instant,
        make: impl Future<Output = Result<Rendition, E>>,
    ) -> Result<Rendition, E> {
        let Some(making) = self.making(form, not_before) else { return make.await };
        making.take();
        self.make(&making, make).await
    }

    /// Makes it, unless that was done already.
    pub(super) async fn make<E>(
        &self,
        making: &Arc<Making>,
        make: impl Future<Output = Result<Rendition, E>>,
    ) -> Result<Rendition, E> {
        let rendition = making.made.get_or_try_init(|| make).await?.clone();
        if matches!(rendition, Rendition::Lost(..)) {
            self.forget(making);
        }
        Ok(rendition)
    }

    fn making(&self, form: Form, not_before: Instant) -> Option<Arc<Making>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let known = made.iter().position(|(known, _)| *known == form);
        if let Some(known) = known
            && made[known].1.began >= not_before
        {
            return Some(Arc::clone(&made[known].1));
        }
        let making =
            Arc::new(Making { began: Instant::now(), made: OnceCell::new(), is_taken: AtomicBool::new(false) });
        match known {
            Some(known) => made[known].1 = Arc::clone(&making),
            None if made.len() < MAX_FORMS => made.push((form, Arc::clone(&making))),
            None => return None,
        }
        Some(making)
    }

    fn forget(&self, making: &Arc<Making>) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.retain(|(_, known)| !Arc::ptr_eq(known, making));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use serde_json::value::to_raw_value;
    use std::convert::Infallible;
    use std::future::pending;
    use std::pin::pin;

    const FORM: Form = Form { group: 1, viewer: None, place: None };

    fn told(what: u32) -> Rendition {
        Rendition::Told(to_raw_value(&what).unwrap().into())
    }

    async fn made(shared: &Shared<()>, form: Form, not_before: Instant, what: u32) -> String {
        let make = async { Ok::<_, Infallible>(told(what)) };
        match shared.renditions().of(form, not_before, make).await {
            Ok(Rendition::Told(json)) => json.get().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn what_is_wanted_in_one_form_is_made_once() {
        let shared = Shared::new(());
        let found = shared.renditions().found();
        assert!(shared.renditions().ready(FORM, found).is_none());
        assert_eq!(made(&shared, FORM, found, 1).await, "1");
        assert_eq!(made(&shared.clone(), FORM, found, 2).await, "1");
        assert!(shared.renditions().ready(FORM, found).is_some());
        for other in [
            Form { group: 2, ..FORM },
            Form { place: Some(Revision::ZERO), ..FORM },
            Form { viewer: Some(UserId::SYSTEM), ..FORM },
        ] {
            assert_eq!(made(&shared, other, found, 3).await, "3");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_too_old_for_one_is_made_anew_for_all() {
        let shared = Shared::new(());
        let found = shared.renditions().found();
        made(&shared, FORM, found, 1).await;
        tokio::time::advance(std::time::Duration::from_millis(1)).await;
        assert!(shared.renditions().ready(FORM, Instant::now()).is_none());
        assert_eq!(made(&shared, FORM, Instant::now(), 2).await, "2");
        assert_eq!(made(&shared, FORM, found, 3).await, "2");
    }

    #[tokio::test]
    async fn where_the_first_gives_up_the_next_makes_it() {
        let shared = Shared::new(());
        let found = shared.renditions().found();
        {
            let never = shared.renditions().of(FORM, found, pending::<Result<Rendition, Infallible>>());
            assert!(pin!(never).now_or_never().is_none());
        }
        let second = pin!(made(&shared, FORM, found, 2)).now_or_never();
        assert_eq!(second.as_deref(), Some("2"));
    }

    #[tokio::test]
    async fn what_was_lost_is_tried_again() {
        let shared = Shared::new(());
        let found = shared.renditions().found();
        let lost = Rendition::Lost(to_raw_value(&0).unwrap().into(), Code::Unavailable);
        shared.renditions().of(FORM, found, async { Ok::<_, Infallible>(lost) }).await.unwrap();
        assert_eq!(made(&shared, FORM, found, 1).await, "1");
    }

    #[tokio::test]
    async fn beyond_the_bound_everybody_has_it_made_for_themselves() {
        let shared = Shared::new(());
        let found = shared.renditions().found();
        for group in 0..=MAX_FORMS as u64 {
            made(&shared, Form { group, ..FORM }, found, 1).await;
        }
        assert_eq!(made(&shared, FORM, found, 2).await, "1");
        assert_eq!(made(&shared, Form { group: MAX_FORMS as u64, ..FORM }, found, 2).await, "2");
        assert_eq!(shared.renditions().made.lock().unwrap().len(), MAX_FORMS);
    }
}
