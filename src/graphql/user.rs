//! People.
#![expect(clippy::too_many_arguments, reason = "a list that is filtered has as many, and GraphQL no fewer")]

use super::ambience::IdentityStability;
use super::caller::ContextExt as _;
use super::conversation::Conversation;
use super::errors::{Result, nullable};
use super::eyes::Eyes;
use super::paging::Connection;
use super::presence::Presence;
use super::scalars::{DateTime, lookup};
use crate::chat::{Person, Sight};
use crate::domain::ambience::Stability;
use crate::domain::contact::{Contact, MobileNumber};
use crate::domain::ids::UserId;
use crate::domain::page::PageArguments;
use crate::domain::user::{self as domain, Email, Matching, Username};
use crate::error::Error;
use crate::store::blocks::Block;
use async_graphql::{Context, ID, Object, OneofObject};

/// A person, as the viewer sees them.
#[derive(Clone)]
pub struct User {
    eyes: Eyes,
    user: domain::User,
}

impl User {
    /// That person in the eyes of the viewer.
    pub fn new(eyes: impl Into<Eyes>, user: domain::User) -> Self {
        Self { eyes: eyes.into(), user }
    }

    /// A person whom something that is stored names, and who therefore has an account.
    pub async fn load(ctx: &Context<'_>, eyes: Eyes, id: UserId) -> Result<Self> {
        let user = ctx.loaders().user(id).await?;
        let gone = || Error::internal("somebody is named who has no account");
        Ok(Self::new(eyes, user.ok_or_else(gone)?))
    }
}

/// A person.
#[Object]
impl User {
    /// Unique in the whole server; never changes.
    #[graphql(tag = "for all")]
    pub async fn id(&self) -> ID {
        self.user.id.into()
    }

    /// What the person signs in by and is found by.
    #[graphql(tag = "for all")]
    async fn username(&self) -> Option<&str> {
        self.user.username.as_deref()
    }

    /// What to show: the chosen name, else the username, else `Guest` and four characters of the id; `Deleted User` once the
    /// account is gone.
    #[graphql(tag = "for all")]
    async fn display_name(&self, ctx: &Context<'_>) -> String {
        let name = self.user.display_name();
        match ctx.chat().ambience() {
            Some(ambience) if !self.user.is_deleted => ambience.name(self.user.id, name),
            _ => name,
        }
    }

    /// Where a picture of the person is.
    #[graphql(tag = "for all")]
    async fn avatar_url(&self) -> Option<&str> {
        self.user.avatar_url.as_deref()
    }

    /// When the account was made.
    #[graphql(tag = "for all")]
    async fn created_at(&self) -> DateTime {
        self.user.created_at.into()
    }

    /// What the person says of themselves.
    #[graphql(tag = "for all")]
    async fn about(&self) -> Option<&str> {
        self.user.about.as_deref()
    }

    /// Whether the account is gone: what the person has said stays, under no name.
    #[graphql(tag = "for all")]
    async fn is_deleted(&self) -> bool {
        self.user.is_deleted
    }

    /// Whether the person is online, as far as the viewer may see it.
    #[graphql(tag = "for viewer")]
    async fn presence(&self, ctx: &Context<'_>) -> Result<Presence> {
        Ok(ctx.loaders().presence(Sight { by: self.eyes.viewer()?.user, of: self.user.id }).await?.into())
    }

    /// See the server's ambience: STABLE unless identity drift is on.
    #[graphql(tag = "for all")]
    async fn stability(&self, ctx: &Context<'_>) -> IdentityStability {
        ctx.chat().ambience().map_or(Stability::Stable, |ambience| ambience.stability(self.user.id)).into()
    }

    /// Whether the viewer blocks this person.
    #[graphql(tag = "for viewer")]
    async fn is_blocked_by_viewer(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(ctx.loaders().is_blocked(Block { by: self.eyes.viewer()?.user, of: self.user.id }).await?)
    }

    /// The viewer's direct conversation with this person, once there is one.
    #[graphql(tag = "for viewer")]
    async fn direct_conversation(&self, ctx: &Context<'_>) -> Option<Result<Conversation>> {
        let state = async { ctx.loaders().direct_conversation(self.eyes.viewer()?, self.user.id).await };
        nullable(state.await.map(|state| state.map(|state| Conversation::new(self.eyes, state))))
    }
}

/// Whom to look up.
#[derive(OneofObject)]
pub enum UserLookup {
    /// The one with this id.
    Id(ID),
    /// The one with this username, whatever its case.
    Username(String),
    /// The one who has proven this email.
    Email(String),
    /// The one who has proven this mobile number.
    MobileNumber(String),
}

impl UserLookup {
    /// The person that is meant; `None` where what names them is malformed, and so nobody's.
    pub fn person(self) -> Option<Person> {
        match self {
            Self::Id(id) => lookup(&id).map(Person::Id),
            Self::Username(name) => Username::parse(name).ok().map(Person::Username),
            Self::Email(email) => Email::parse(&email).ok().map(|email| Person::Contact(Contact::Email(email))),
            Self::MobileNumber(number) => {
                MobileNumber::parse(&number).ok().map(|number| Person::Contact(Contact::MobileNumber(number)))
            }
        }
    }

    /// The name of the field that is given.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Id(_) => "id",
            Self::Username(_) => "username",
            Self::Email(_) => "email",
            Self::MobileNumber(_) => "mobileNumber",
        }
    }
}

/// Looking people up.
#[derive(Default)]
pub struct UserQuery;

#[Object]
impl UserQuery {
    /// One person; null where there is none.
    async fn user(&self, ctx: &Context<'_>, by: UserLookup) -> Option<Result<User>> {
        let found = async {
            let viewer = ctx.viewer()?;
            let user = match by.person() {
                Some(Person::Id(id)) => ctx.loaders().user(id).await?,
                Some(Person::Username(name)) => ctx.chat().user_by_username(&name).await?,
                Some(Person::Contact(contact)) => {
                    ctx.seeker()?;
                    ctx.chat().user_by_contact(&contact).await?
                }
                None => None,
            };
            Ok::<_, Error>(user.map(|user| User::new(&viewer, user)))
        };
        nullable(found.await)
    }

    /// Everyone who has an account but the viewer, by name; `matching` looks in usernames and names and, for an exact match,
    /// proven emails and mobile numbers, `isOnline` gives those alone who are online in the viewer's eyes, or who are not.
    async fn users(
        &self,
        ctx: &Context<'_>,
        matching: Option<String>,
        is_online: Option<bool>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Option<Result<Connection<User>>> {
        let page = async {
            let matching = matching.unwrap_or_default();
            let viewer = if matching.is_empty() { ctx.viewer()? } else { ctx.seeker()? };
            let window = PageArguments { first, after, last, before }.parse()?;
            let matching = Matching::parse(&matching)?;
            let page = ctx.chat().people(&viewer, matching, is_online, &window).await?;
            let place = |(place, _): &(domain::NamePlace, _)| place.clone();
            Ok::<_, Error>(Connection::new(page, place, |(_, user)| User::new(&viewer, user)))
        };
        Some(page.await.map_err(Into::into))
    }
}
