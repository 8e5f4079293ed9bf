//! Making an account, signing in, and what only the signed-in person sees.

use super::caller::ContextExt as _;
use super::code::CodeLogin;
use super::connection::SocketEnd;
use super::conversation::{Conversation, ConversationKind};
use super::errors::{Payload, Result, UserError, answer, nullable};
use super::external::ExternalLogin;
use super::eyes::Eyes;
use super::notification::Notification;
use super::paging::Connection;
use super::scalars::DateTime;
use super::session::Session;
use super::user::User;
use crate::chat::{self, Chat, LoginAttempt, Registration, SignedIn, TokenPair};
use crate::domain::client::ClientAddress;
use crate::domain::contact::MobileNumber;
use crate::domain::conversation::ActivityPlace;
use crate::domain::notification as domain;
use crate::domain::page::PageArguments;
use crate::domain::user::{
    Email, Login, NamePlace, Password, Username, parse_avatar_url, parse_device_name, parse_display_name,
};
use crate::error::Error;
use async_graphql::{Context, ID, InputObject, Object, OneofObject, SimpleObject};
use std::sync::Arc;

/// The signed-in person, with what only that person may see.
#[derive(Clone)]
pub struct Viewer(pub chat::Viewer);

/// The signed-in person, with what only that person may see.
#[Object]
impl Viewer {
    /// The person's id.
    async fn id(&self) -> ID {
        self.0.user.into()
    }

    /// The person, as others see them.
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        User::load(ctx, Eyes::Of(self.0), self.0.user).await
    }

    /// The address that the person signs in by.
    async fn email(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let user = ctx.loaders().user(self.0.user).await;
        nullable(user.map(|user| user?.email))
    }

    /// Whether the address is proven to be the person's.
    async fn is_email_verified(&self, ctx: &Context<'_>) -> Result<bool> {
        let user = ctx.loaders().user(self.0.user).await?;
        Ok(user.is_some_and(|user| user.is_email_proven))
    }

    /// The mobile number that the person signs in by, as its country writes it.
    async fn mobile_number(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let user = ctx.loaders().user(self.0.user).await;
        nullable(user.map(|user| user?.mobile_number.map(|number| number.to_string())))
    }

    /// Whether the mobile number is proven to be the person's.
    async fn is_mobile_number_verified(&self, ctx: &Context<'_>) -> Result<bool> {
        let user = ctx.loaders().user(self.0.user).await?;
        Ok(user.is_some_and(|user| user.is_mobile_number_proven))
    }

    /// The sign-in by which the person is here. Null for one who came with a trusted issuer's token.
    async fn session(&self, ctx: &Context<'_>) -> Option<Result<Session>> {
        let session = ctx.chat().session(&self.0).await;
        nullable(session.map(|session| Some(Session::new(&self.0, session?))))
    }

    /// The person's sign-ins that count, the latest use first: so this one is the first of them.
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        let sessions = ctx.chat().own_sessions(&self.0).await?;
        Ok(sessions.into_iter().map(|session| Session::new(&self.0, session)).collect())
    }

    /// The conversations that the person is in or invited to, the latest activity first.
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        filter: Option<ConversationFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Option<Result<Connection<Conversation>>> {
        let page = async {
            let window = PageArguments { first, after, last, before }.parse()?;
            let filter = filter.map(Into::into).unwrap_or_default();
            let own = ctx.loaders().own_conversations(&self.0).await?;
            let page = ctx.chat().conversation_page(&own.states, filter, &window).await?;
            let place = |(place, _): &(ActivityPlace, _)| *place;
            Ok::<_, Error>(Connection::new(page, place, |(_, state)| Conversation::new(&self.0, state.clone())))
        };
        Some(page.await.map_err(Into::into))
    }

    /// Unread messages over all conversations that are not muted.
    async fn unread_count(&self, ctx: &Context<'_>) -> Option<Result<u32>> {
        let count = async {
            let own = ctx.loaders().own_conversations(&self.0).await?;
            own.unread(ctx.chat()).await
        };
        Some(count.await.map_err(Into::into))
    }

    /// The people whom the person blocks, by name.
    async fn blocked_users(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Option<Result<Connection<User>>> {
        let page = async {
            let window = PageArguments { first, after, last, before }.parse()?;
            let page = ctx.chat().blocked(&self.0, &window).await?;
            let place = |(place, _): &(NamePlace, _)| place.clone();
            Ok::<_, Error>(Connection::new(page, place, |(_, user)| User::new(&self.0, user)))
        };
        Some(page.await.map_err(Into::into))
    }

    /// What the person is notified of, the latest first.
    async fn notifications(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Option<Result<Connection<Notification>>> {
        let page = async {
            let window = PageArguments { first, after, last, before }.parse()?;
            let page = ctx.chat().notification_page(&self.0, &window).await?;
            let place = |notification: &domain::Notification| notification.place;
            Ok::<_, Error>(Connection::new(page, place, |notification| Notification::new(&self.0, notification)))
        };
        Some(page.await.map_err(Into::into))
    }

    /// How many of them the person has not seen, counted up to 1,000.
    async fn unseen_notification_count(&self, ctx: &Context<'_>) -> Option<Result<u32>> {
        let standing = ctx.chat().notifications_standing(self.0.user).await;
        Some(standing.map(|standing| standing.unseen).map_err(Into::into))
    }
}

/// Which of one's conversations a list is of.
#[derive(InputObject)]
pub struct ConversationFilter {
    /// Those of this kind.
    kind: Option<ConversationKind>,
    /// Those in which anything is unread, or those in which nothing is.
    has_unread: Option<bool>,
}

impl From<ConversationFilter> for chat::ConversationFilter {
    fn from(filter: ConversationFilter) -> Self {
        Self { kind: filter.kind.map(Into::into), has_unread: filter.has_unread }
    }
}

/// The signed-in person.
#[derive(Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Null when no one is signed in.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Result<Viewer>> {
        nullable(ctx.viewer_if_any().map(|viewer| viewer.map(Viewer)))
    }
}

/// A username or an email with a password; or a mobile number or an email with the code that was sent there.
#[derive(InputObject)]
pub struct RegisterInput {
    /// 3 to 32 letters, digits, `.`, `_` or `-`; unique whatever its case, not reserved, and not like another's.
    username: Option<String>,
    /// What to show instead of the username.
    display_name: Option<String>,
    /// An address to sign in by.
    email: Option<String>,
    /// 10 to 15 digits with the country's code; spaces, dashes, parentheses and a plus do not count.
    mobile_number: Option<String>,
    /// The https address of a picture.
    avatar_url: Option<String>,
    /// At least 8 characters, at most 256 bytes.
    password: Option<String>,
    /// The code that was sent to the mobile number or, where none counts there, to the email.
    code: Option<String>,
    /// What the device calls itself.
    device_name: Option<String>,
}

impl RegisterInput {
    fn parse(self) -> Result<Registration, Error> {
        Ok(Registration {
            username: self.username.map(Username::parse_new).transpose()?,
            email: self.email.map(|email| Email::parse(&email)).transpose()?,
            display_name: self.display_name.map(|name| parse_display_name(&name)).transpose()?,
            avatar_url: self.avatar_url.map(|url| parse_avatar_url(&url)).transpose()?,
            mobile_number: self.mobile_number.map(|number| MobileNumber::parse(&number)).transpose()?,
            password: self.password.map(Password::parse_new).transpose()?,
            code: self.code,
            device_name: self.device_name.map(|name| parse_device_name(&name)).transpose()?,
        })
    }
}

/// How one signs in.
#[derive(OneofObject)]
pub enum LoginInput {
    /// By a password.
    Password(PasswordLogin),
    /// By a code that was sent; begins an account where there is none yet.
    Code(CodeLogin),
    /// By a token of an issuer that this server trusts. Begins an account where there is none yet.
    External(ExternalLogin),
}

/// A login and its password.
#[derive(InputObject)]
pub struct PasswordLogin {
    /// A username, an email or a mobile number.
    login: String,
    /// The password.
    password: String,
    /// What the device calls itself.
    device_name: Option<String>,
}

impl PasswordLogin {
    fn parse(self) -> Result<LoginAttempt, Error> {
        let Self { login, password, device_name } = self;
        Ok(LoginAttempt {
            login: Login::parse(&login),
            password: Password::attempt(password),
            device_name: device_name.map(|name| parse_device_name(&name)).transpose()?,
        })
    }
}

impl LoginInput {
    async fn sign_in(self, chat: &Chat, by: ClientAddress) -> Result<SignedIn, Error> {
        match self {
            Self::Password(login) => {
                let attempt = login.parse().map_err(|error| error.within("password"))?;
                chat.login(attempt, by).await
            }
            Self::Code(login) => login.sign_in(chat, by).await.map_err(|error| error.beneath("code")),
            Self::External(login) => chat.login_external(login.parse()?).await,
        }
    }
}

/// A refresh token to be traded.
#[derive(InputObject)]
pub struct RefreshSessionInput {
    /// As it was handed out.
    refresh_token: String,
}

/// What a device goes on with after signing in.
#[derive(Clone, SimpleObject)]
pub struct AuthTokens {
    /// A JWT for `Authorization: Bearer` and for `connection_init`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// When the access token runs out.
    expires_at: DateTime,
    /// Trades for the next pair of tokens, once.
    refresh_token: String,
    /// When the refresh token runs out.
    refresh_expires_at: DateTime,
}

impl From<TokenPair> for AuthTokens {
    fn from(pair: TokenPair) -> Self {
        Self {
            access_token: pair.access,
            token_type: "Bearer",
            expires_at: pair.access_expires_at.into(),
            refresh_token: pair.refresh,
            refresh_expires_at: pair.refresh_expires_at.into(),
        }
    }
}

/// Someone signed in, or why not.
#[derive(Default, SimpleObject)]
pub struct AuthPayload {
    /// Who is now signed in.
    viewer: Option<Viewer>,
    /// What the device goes on with.
    tokens: Option<AuthTokens>,
    /// Whether the account has just been made.
    is_new_account: bool,
    /// Why nobody is signed in.
    errors: Vec<UserError>,
}

impl Payload for AuthPayload {
    fn refused(errors: Vec<UserError>) -> Self {
        Self { errors, ..Self::default() }
    }
}

impl From<SignedIn> for AuthPayload {
    fn from(SignedIn { viewer, tokens, is_new }: SignedIn) -> Self {
        let (viewer, tokens) = (Some(Viewer(viewer)), Some(tokens.into()));
        Self { viewer, tokens, is_new_account: is_new, errors: Vec::new() }
    }
}

/// Signing in.
#[derive(Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Makes an account and signs in.
    async fn register(&self, ctx: &Context<'_>, input: RegisterInput) -> Option<Result<AuthPayload>> {
        let registered = async {
            let registration = input.parse()?;
            Ok(ctx.chat().register(registration, ctx.client()).await?.into())
        };
        answer(registered.await)
    }

    /// Signs in.
    async fn login(&self, ctx: &Context<'_>, input: LoginInput) -> Option<Result<AuthPayload>> {
        answer(input.sign_in(ctx.chat(), ctx.client()).await.map(Into::into))
    }

    /// Trades a refresh token for its one successor pair; repeated within 10 s, the same pair comes back; used later
    /// again, its session ends everywhere. Sent over a socket of that session, it moves that socket's end.
    async fn refresh_session(&self, ctx: &Context<'_>, input: RefreshSessionInput) -> Option<Result<AuthPayload>> {
        let renewed = async {
            let signed_in = ctx.chat().refresh_session(&input.refresh_token).await?;
            if let Some(end) = ctx.data_opt::<Arc<SocketEnd>>() {
                end.renew(&signed_in.viewer);
            }
            Ok(signed_in.into())
        };
        answer(renewed.await)
    }
}
