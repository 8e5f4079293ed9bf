//! What an operator does from the command line, beside the nodes that run or without any.

use super::Stores;
use super::keys::Authority;
use crate::chat::{Chat, Delivery};
use crate::config::{AdminCommand, Config, PersonName};
use crate::domain::ids::{NotificationId, UserId};
use crate::error::{Error, Result};
use crate::measures::Measures;
use crate::store::reports::Report;

/// Does it, and says what was done. The nodes hear of it at once where the settings name the bus, otherwise within
/// seconds.
pub async fn admin(config: &Config, command: &AdminCommand) -> Result<String> {
    let authority = Authority::of(config).await?;
    let measures = Measures::new();
    let stores = Stores::open(config, &measures.stores).await?;
    stores.migrate().await?;
    // Nobody asks for a code here.
    let (chat, bus) = super::chat(config, authority, &stores, Delivery::Echo, &measures).await?;
    let done = obey(&chat, command).await;
    chat.close().await;
    bus.close().await;
    stores.close().await?;
    done
}

async fn obey(chat: &Chat, command: &AdminCommand) -> Result<String> {
    match command {
        AdminCommand::Reports { limit } => Ok(chat.reports(*limit).await?.iter().map(told).collect()),
        AdminCommand::DeleteMessage { message } => {
            let message = chat.moderate(*message).await?;
            Ok(format!("deleted {} of {}\n", message.id, message.conversation))
        }
        AdminCommand::Announce { text, to, id } => {
            let mut people = Vec::with_capacity(to.len());
            for person in to {
                people.push(user(chat, person).await?);
            }
            let id = id.clone().unwrap_or_else(|| NotificationId::new(chat.clock().now()).to_string());
            let told = chat.announce(&id, text, (!people.is_empty()).then_some(&*people)).await?;
            Ok(format!("announced {id}; people told: {told}\n"))
        }
        AdminCommand::Suspend { person } => {
            let user = user(chat, person).await?;
            let ended = chat.set_suspended(user, true).await?;
            Ok(format!("suspended {user}; sessions ended: {ended}\n"))
        }
        AdminCommand::Restore { person } => {
            let user = user(chat, person).await?;
            chat.set_suspended(user, false).await?;
            Ok(format!("restored {user}, who may sign in again\n"))
        }
    }
}

/// One report in a paragraph. What people have written is quoted, so that it cannot pass for anything else.
fn told(report: &Report) -> String {
    let Report { message, conversation, author, by, reason, text, at } = report;
    let text = text.as_deref().unwrap_or_default();
    format!("{at} {message} of {author} in {conversation}, reported by {by}\n  reason: {reason:?}\n  text: {text:?}\n")
}

async fn user(chat: &Chat, person: &PersonName) -> Result<UserId> {
    match person {
        PersonName::Id(id) => Ok(*id),
        PersonName::Username(name) => {
            let user = chat.user_by_username(name).await?;
            Ok(user.ok_or_else(|| Error::not_found("person", "there is no such person"))?.id)
        }
    }
}
