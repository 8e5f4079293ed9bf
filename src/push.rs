//! Posts notifications to a webhook, from which a push service (APNs, FCM, Web Push) is fed.

use crate::chat::{POST_LIMIT, PushBody, PushGateway};
use crate::domain::ids::NotificationId;
use crate::webhook::Webhook;
use async_trait::async_trait;

/// The gateway at that webhook.
pub struct PushWebhook(pub Webhook);

#[async_trait]
impl PushGateway for PushWebhook {
    async fn post(&self, id: NotificationId, body: &PushBody) -> Result<(), String> {
        self.0.post(&id.to_string(), body, POST_LIMIT).await
    }
}
