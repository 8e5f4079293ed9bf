//! People.
#![expect(clippy::too_many_arguments, reason = "a list that is filtered has as many, and GraphQL no fewer")]

use super::caller::ContextExt as _;
use super::conversation::Conversation;
use super::errors::{Result, nullable};
use super::paging::Connection;
use super::presence::Presence;
use super::scalars::{DateTime, lookup};
use crate::chat::{Person, Sight, Viewer};
use crate::domain::contact::{Contact, MobileNumber};
use crate::domain::ids::UserId;
use crate::domain::page::PageArguments;
use crate::domain::user::{self as domain, Email, Matching, Username};
use crate::error::Error;
use crate::store::blocks::Block;
use async_graphql::{Context, Enum, ID, Object, OneofObject};

/// How steady a person appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum IdentityStability {
    /// As they are.
    Stable,
    /// Wavering.
    Fluctuating,
    /// Hardly to be held.
    Unstable,
}

/// A person, as the viewer sees them.
#[derive(Clone)]
pub struct User {
    viewer: Viewer,
    user: domain::User,
}

impl User {
    /// That person in the eyes of the viewer.
    pub fn new(viewer: &Viewer, user: domain::User) -> Self {
        Self { viewer: *viewer, user }
    }

    /// A person whom something that is stored names, and who therefore has an account.
    pub async fn load(ctx: &Context<'_>, viewer: &Viewer, id: UserId) -> Result<Self> {
        let user = ctx.loaders().user(id).await?;
        let gone = || Error::internal("somebody is named who has no account");
        Ok(Self::new(viewer, user.ok_or_else(gone)?))
    }
}

/// A person.
#[Object]
impl User {
    /// Unique in the whole server; never changes.
    pub async fn id(&self) -> ID {
        self.user.id.into()
    }

    /// What the person signs in by and is found by.
    async fn username(&self) -> Option<&str> {
        self.user.username.as_deref()
    }

    /// What to show: the chosen name, else the username, else `Guest` and four characters of the id; `Deleted User` once the
    /// account is gone.
    async fn display_name(&self) -> String {
        self.user.display_name()
    }

    /// Where a picture of the person is.
    async fn avatar_url(&self) -> Option<&str> {
        self.user.avatar_url.as_deref()
    }

    /// When the account was made.
    async fn created_at(&self) -> DateTime {
        self.user.created_at.into()
    }

    /// What the person says of themselves.
    async fn about(&self) -> Option<&str> {
        self.user.about.as_deref()
    }

    /// Whether the account is gone: what the person has said stays, under no name.
    async fn is_deleted(&self) -> bool {
        self.user.is_deleted
    }

    /// Whether the person is online, as far as the viewer may see it.
    async fn presence(&self, ctx: &Context<'_>) -> Result<Presence> {
        Ok(ctx.loaders().presence(Sight { by: self.viewer.user, of: self.user.id }).await?.into())
    }

    /// How steady the person appears: STABLE, as no effect of the server's bends it.
    async fn stability(&self) -> IdentityStability {
        IdentityStability::Stable
    }

    /// Whether the viewer blocks this person.
    async fn is_blocked_by_viewer(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(ctx.loaders().is_blocked(Block { by: self.viewer.user, of: self.user.id }).await?)
    }

    /// The viewer's direct conversation with this person, once there is one.
    async fn direct_conversation(&self, ctx: &Context<'_>) -> Option<Result<Conversation>> {
        let state = ctx.loaders().direct_conversation(&self.viewer, self.user.id).await.transpose()?;
        Some(state.map(|state| Conversation::new(&self.viewer, state)).map_err(Into::into))
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
                Some(Person::Contact(contact)) => ctx.chat().user_by_contact(&contact).await?,
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
            let viewer = ctx.viewer()?;
            let window = PageArguments { first, after, last, before }.parse()?;
            let matching = Matching::parse(&matching.unwrap_or_default())?;
            let page = ctx.chat().people(&viewer, matching, is_online, &window).await?;
            let place = |(place, _): &(domain::NamePlace, _)| place.clone();
            Ok::<_, Error>(Connection::new(page, place, |(_, user)| User::new(&viewer, user)))
        };
        Some(page.await.map_err(Into::into))
    }
}
