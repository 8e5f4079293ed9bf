//! What a person is notified of, as they see it; and what an operator tells people.

use super::Chat;
use super::access::Viewer;
use crate::domain::event::{Ring, Topic};
use crate::domain::ids::{NotificationId, UserId};
use crate::domain::message::MessageText;
use crate::domain::notification::{Cause, NewNotification, Notification, NotificationKind, NotificationPlace};
use crate::domain::page::{Page, Window};
use crate::error::{Code, Error, Result};
use crate::store::Notifications;
use crate::store::notifications::{Announcement, Standing};
use crate::store::questions::Question;
use async_trait::async_trait;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// People who are told something in one transaction.
const AT_ONCE: u32 = 500;

impl Chat {
    /// Where notifications are kept.
    pub fn notifications(&self) -> &dyn Notifications {
        &*self.notifications
    }

    /// The viewer's notifications, the latest first.
    pub async fn notification_page(
        &self,
        viewer: &Viewer,
        window: &Window<NotificationPlace>,
    ) -> Result<Page<Notification>> {
        self.notifications.page(viewer.user, window).await
    }

    /// How a person stands with their notifications.
    pub async fn notifications_standing(&self, user: UserId) -> Result<Standing> {
        self.standings.ask(user).await
    }

    /// Marks the viewer's notifications as seen, all or those up to that one. `NOT_FOUND` on `upToId` where that is none
    /// of the viewer's.
    pub async fn mark_notifications_seen(&self, viewer: &Viewer, up_to: Option<NotificationId>) -> Result<()> {
        let up_to = match up_to {
            Some(id) => {
                let found = self.notifications.find(&[(id, viewer.user)]).await?.pop();
                let missing = || Error::not_found("upToId", "there is no such notification");
                Some(found.ok_or_else(missing)?.place)
            }
            None => None,
        };
        if self.notifications.mark_seen(viewer.user, up_to, self.clock.now()).await? {
            self.tell_notified([viewer.user]);
        }
        Ok(())
    }

    /// Tells these people something, or all who have an account; how many were told now who had not been told before.
    /// Under one id one thing is told: again, it goes on with those who have not been told, and `CONFLICT` where it
    /// said something else.
    pub async fn announce(&self, id: &str, text: &MessageText, to: Option<&[UserId]>) -> Result<usize> {
        let new = Announcement { id: id.to_owned(), text: text.as_str().to_owned(), at: self.clock.now() };
        let announcement = self.notifications.announce(&new).await?;
        if announcement.text != new.text {
            return Err(Error::new(Code::Conflict, "something else was announced under this id"));
        }
        let mut told = 0;
        if let Some(to) = to {
            let to: BTreeSet<UserId> = to.iter().copied().collect();
            let to: Vec<UserId> = to.into_iter().collect();
            for some in to.chunks(AT_ONCE as usize) {
                told += self.announce_to(&announcement, some).await?;
            }
            return Ok(told);
        }
        let mut after = None;
        loop {
            let some = self.notifications.people(after, AT_ONCE).await?;
            let Some(last) = some.last() else { return Ok(told) };
            after = Some(*last);
            told += self.announce_to(&announcement, &some).await?;
        }
    }

    async fn announce_to(&self, announcement: &Announcement, people: &[UserId]) -> Result<usize> {
        let notification = |user: &UserId| NewNotification {
            user: *user,
            kind: NotificationKind::Announcement,
            cause: Cause::announcement(&announcement.id),
            actor: None,
            conversation: None,
            message: None,
            seq: None,
            text: Some(announcement.text.clone()),
            at: announcement.at,
            push: None,
        };
        let mut new: Vec<_> = people.iter().map(notification).collect();
        self.plan_pushes(&mut new).await;
        let told = self.notifications.make(&new).await?;
        let count = told.len();
        self.tell_notified(told);
        Ok(count)
    }

    pub(super) fn tell_notified(&self, people: impl IntoIterator<Item = UserId>) {
        for user in people {
            self.bus.publish(Topic::Person(user), Arc::new(Ring::Notifications(user)));
        }
    }
}

/// Every subscriber to `events` asks it, and every list that shows the number.
pub(super) struct StandingOf(pub(super) Arc<dyn Notifications>);

#[async_trait]
impl Question for StandingOf {
    type About = UserId;
    type Answer = Standing;

    async fn ask(&self, about: &[UserId]) -> Result<HashMap<UserId, Standing>> {
        self.0.standings(about).await
    }
}
