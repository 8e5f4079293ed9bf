//! How one-time codes come to whom they are for, as the settings say.

use super::named;
use crate::carrier::{Apart, LogCarrier, SmtpCarrier, WebhookCarrier};
use crate::chat::Delivery;
use crate::config::{CodeDelivery, Config, Switch};
use crate::domain::clock::SystemClock;
use crate::error::Result;
use crate::webhook::Webhook;
use std::sync::Arc;

/// The delivery that the settings name. Fails where they would have everybody read codes that prove nothing then, or leave something
/// out.
pub(super) fn of(config: &Config) -> Result<Delivery> {
    Ok(match config.code_delivery {
        CodeDelivery::Echo if config.listen.ip().is_loopback() || config.development == Switch::On => Delivery::Echo,
        CodeDelivery::Echo => {
            let refused = "echo lets everybody sign in as anybody: it is for a server that listens on this machine alone, or has \
                NATTERJACK_DEVELOPMENT=on";
            return Err(named("NATTERJACK_CODE_DELIVERY (--code-delivery)", refused));
        }
        CodeDelivery::Log => Delivery::By(Arc::new(LogCarrier)),
        CodeDelivery::Smtp => Delivery::By(Arc::new(Apart { emails: smtp(config)?, numbers: webhook(config)? })),
        CodeDelivery::Webhook => {
            let missing =
                || named("NATTERJACK_CODE_WEBHOOK_URL (--code-webhook-url)", "must be set for codes by webhook");
            Delivery::By(Arc::new(webhook(config)?.ok_or_else(missing)?))
        }
    })
}

fn smtp(config: &Config) -> Result<SmtpCarrier> {
    let (url, sender) = ("NATTERJACK_CODE_SMTP_URL (--code-smtp-url)", "NATTERJACK_CODE_SENDER (--code-sender)");
    let missing = |setting| named(setting, "must be set for codes by smtp");
    let address = config.code_smtp_url.as_ref().ok_or_else(|| missing(url))?;
    let from = config.code_sender.as_ref().ok_or_else(|| missing(sender))?;
    let from = from.parse().map_err(|_| named(sender, "must be an address, or `Name <address>`"))?;
    SmtpCarrier::new(address.as_str(), from).map_err(|error| named(url, error))
}

fn webhook(config: &Config) -> Result<Option<WebhookCarrier>> {
    let Some(url) = &config.code_webhook_url else { return Ok(None) };
    let missing = || {
        named(
            "NATTERJACK_CODE_WEBHOOK_SECRET (--code-webhook-secret)",
            "must be set where NATTERJACK_CODE_WEBHOOK_URL is",
        )
    };
    let secret = config.code_webhook_secret.as_ref().ok_or_else(missing)?;
    let webhook = Webhook::new(url.as_str(), secret.as_bytes(), Arc::new(SystemClock));
    let webhook = webhook.map_err(|error| named("NATTERJACK_CODE_WEBHOOK_URL (--code-webhook-url)", error))?;
    Ok(Some(WebhookCarrier(webhook)))
}
