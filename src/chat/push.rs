//! Notifications that their people have not seen, posted to where the operator wants them: at once where the person is
//! known to be offline, else after a while. Each at least once, under its id, over crashes and restarts.

use super::Chat;
use crate::domain::ids::{NotificationId, UserId};
use crate::domain::notification::{NewNotification, Notification, PushPlan};
use crate::domain::user::User;
use crate::error::{Code, Result};
use crate::store::pushes::Push;
use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

/// How often it is looked for what is due.
const PERIOD: Duration = Duration::from_millis(500);
/// How long one post may take.
pub const POST_LIMIT: Duration = Duration::from_secs(5);
/// Pushes that are taken at a time, and that are posted at once.
const AT_A_TIME: u32 = 32;
const AT_ONCE: usize = 8;
/// After so long another node may post what this one has taken: longer than this one takes for all of them. Nodes' clocks
/// may differ by less than that; where they differ by more, some are posted twice.
const LEASE: Duration = Duration::from_mins(1);
/// How long to wait after the first failure; after each further one twice as long, give or take a half.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(10);
/// After so long nobody wants to be told any more.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(24);
/// How long a node that stops waits until the others may post what it has taken.
const RETURN_LIMIT: Duration = Duration::from_secs(2);

/// Where notifications are posted to.
#[async_trait]
pub trait PushGateway: Send + Sync {
    /// Posts one, under its id. Goes well once the other side has taken it, and ends in a set time.
    async fn post(&self, id: NotificationId, body: &PushBody) -> Result<(), String>;
}

/// Whether and when notifications are posted.
pub struct PushSettings {
    /// How long one may be unseen before.
    pub after: Duration,
}

/// What is posted of a notification.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PushBody {
    /// Of the notification: what has it already need not show it again.
    pub id: String,
    /// Its kind in GraphQL.
    pub kind: &'static str,
    /// Whose it is.
    pub user_id: String,
    /// When it happened, RFC 3339.
    pub created_at: String,
    /// Who has done it.
    pub actor: Option<PushActor>,
    /// Where.
    pub conversation: Option<PushConversation>,
    /// What it is about.
    pub message_id: Option<String>,
    /// What the message says, or the announcement.
    pub text: Option<String>,
    /// How many notifications the person has not seen, this one among them.
    pub unseen_count: u32,
}

/// Who has done it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PushActor {
    /// Their id.
    pub id: String,
    /// What to call them.
    pub display_name: String,
    /// Where a picture of them is.
    pub avatar_url: Option<String>,
}

/// Where it has happened.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PushConversation {
    /// Its id.
    pub id: String,
    /// A group's name.
    pub name: Option<String>,
}

impl Chat {
    /// Says when these are to be posted, where any are.
    pub(super) async fn plan_pushes(&self, made: &mut [NewNotification]) {
        let Some(settings) = self.push.as_ref().filter(|_| !made.is_empty()) else { return };
        let people: BTreeSet<UserId> = made.iter().map(|new| new.user).collect();
        let presences = self.presence.presences(&people.into_iter().collect::<Vec<_>>()).await;
        let presences = presences.unwrap_or_else(|error| {
            debug!(%error, "nobody is known to be offline");
            HashMap::new()
        });
        let is_offline = |user| presences.get(user).is_some_and(|presence| !presence.is_online);
        let made_at = self.clock.now();
        for new in made {
            let due_at = if is_offline(&new.user) { made_at } else { made_at.plus(settings.after) };
            new.push = Some(PushPlan { made_at, due_at });
        }
    }

    /// Posts what is due, until it is told to stop; then lets the other nodes do it.
    pub async fn push(self: Arc<Self>, gateway: Arc<dyn PushGateway>, stop: CancellationToken) {
        let taken = Mutex::new(BTreeSet::new());
        let work = async {
            loop {
                match self.push_some(&*gateway, &taken).await {
                    Ok(count) if count == AT_A_TIME as usize => {}
                    Ok(_) => sleep(PERIOD).await,
                    Err(error) => {
                        warn!(%error, "pushes wait for a store");
                        sleep(FIRST_PAUSE).await;
                    }
                }
            }
        };
        stop.run_until_cancelled(work).await;
        let rest: Vec<_> = taken.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect();
        if !rest.is_empty() && timeout(RETURN_LIMIT, self.pushes.put_off(&rest, self.clock.now())).await.is_err() {
            warn!("what was about to be pushed is pushed later");
        }
    }

    /// Posts some of what is due; how many that were.
    async fn push_some(&self, gateway: &dyn PushGateway, taken: &Mutex<BTreeSet<NotificationId>>) -> Result<usize> {
        let now = self.clock.now();
        let some = self.pushes.take(now, now.plus(LEASE), AT_A_TIME).await?;
        let lock = || taken.lock().unwrap_or_else(PoisonError::into_inner);
        lock().extend(some.iter().map(|push| push.id));
        let count = some.len();
        let posts = stream::iter(some).map(async |push| {
            let id = push.id;
            let settled = self.push_one(gateway, push).await;
            lock().remove(&id);
            // What could not be settled is taken again after its time.
            settled.inspect_err(|error| warn!(notification = %id, %error, "a push is not settled"))
        });
        posts.buffer_unordered(AT_ONCE).for_each(async |_| ()).await;
        Ok(count)
    }

    async fn push_one(&self, gateway: &dyn PushGateway, push: Push) -> Result<()> {
        let Push { id, notification, made_at, attempts } = push;
        let unseen = notification.filter(|notification| notification.seen_at.is_none());
        let Some(notification) = unseen else { return self.pushes.done(&[id]).await };
        // Also where nobody has tried: the setting may have been away for a while.
        if self.clock.now().since(made_at) > GIVEN_UP_AFTER {
            warn!(notification = %id, attempts, "a push is given up");
            return self.pushes.done(&[id]).await;
        }
        let posted = match self.push_body(notification).await {
            Ok(Some(body)) => gateway.post(id, &body).await,
            Ok(None) => Ok(()),
            Err(error) if error.code() == Code::Unavailable => Err(error.to_string()),
            Err(error) => return Err(error),
        };
        let Err(reason) = posted else { return self.pushes.done(&[id]).await };
        let pause = pause(attempts);
        warn!(notification = %id, attempts, reason, again_in = ?pause, "a push has failed");
        self.pushes.put_off(&[id], self.clock.now().plus(pause)).await
    }

    /// What is said of it now; `None` where there is nothing to say, as of a message that was deleted meanwhile.
    async fn push_body(&self, notification: Notification) -> Result<Option<PushBody>> {
        let people: Vec<UserId> = notification.actor.into_iter().collect();
        let actor = self.users(&people).await?.pop();
        let conversations: Vec<_> = notification.conversation.into_iter().collect();
        let conversation = self.conversations.find(&conversations).await?.pop();
        let seen: Vec<_> = notification.message.map(|message| (message, notification.user)).into_iter().collect();
        let message = self.messages_seen(&seen).await?.into_values().next();
        if message.as_ref().is_some_and(|message| message.deleted_at.is_some()) {
            return Ok(None);
        }
        let standings = self.notifications.standings(&[notification.user]).await?;
        let standing = standings.get(&notification.user).copied().unwrap_or_default();
        Ok(Some(PushBody {
            id: notification.id.to_string(),
            kind: notification.kind.name(),
            user_id: notification.user.to_string(),
            created_at: notification.created_at.to_string(),
            actor: actor.map(|user: User| PushActor {
                id: user.id.to_string(),
                display_name: user.display_name(),
                avatar_url: user.avatar_url,
            }),
            conversation: conversation.map(|conversation| PushConversation {
                id: conversation.id.to_string(),
                name: conversation.face().map(|face| face.name.as_str().to_owned()),
            }),
            message_id: notification.message.map(|id| id.to_string()),
            text: notification.text.or_else(|| message.and_then(|message| message.text)),
            unseen_count: standing.unseen,
        }))
    }
}

/// How long to wait after so many failures.
pub(super) fn pause(attempts: u32) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(LONGEST_PAUSE);
    doubled.mul_f64(rand::random_range(0.5..1.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        for (attempts, seconds) in [(0, 1), (1, 1), (2, 2), (5, 16), (11, 600), (u32::MAX, 600)] {
            let (whole, pause) = (Duration::from_secs(seconds), pause(attempts));
            assert!(pause >= whole / 2 && pause <= whole * 3 / 2, "{attempts}: {pause:?}");
        }
    }
}
