//! One connection, from its beginning to its end.

use super::admission::{admit, session};
use super::closing::{Closing, End};
use super::inbox::Inbox;
use super::operations::Operations;
use super::outbox::{self, Outbox};
use super::protocol::ClientMessage;
use super::pulse::Pulse;
use super::writer::Writer;
use crate::domain::client::ClientAddress;
use crate::error::Result as OurResult;
use crate::graphql::SocketEnd;
use crate::http::asker::Asker;
use crate::http::lifetime::lifetime;
use crate::http::observer::Observer;
use crate::http::results::Ground;
use crate::http::trail::Trail;
use crate::http::{HttpState, SocketSettings};
use crate::measures::Transport;
use async_graphql::Executor;
use axum::extract::ws::{Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use serde_json::{Map, Value};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::time::{sleep, timeout};

/// A socket that has been opened.
pub(super) struct Connection<E> {
    pub(super) state: Arc<HttpState<E>>,
    /// The token of the request that opened it, for clients that cannot put one into `connection_init`.
    pub(super) token: OurResult<Option<String>>,
    /// Whence it was opened.
    pub(super) client: ClientAddress,
    /// That of the request that opened it.
    pub(super) trail: Trail,
}

impl<E: Executor> Connection<E> {
    /// Serves it until its end, which the client gets to read.
    pub(super) async fn run(self, socket: WebSocket) {
        let settings = &self.state.settings.socket;
        let measures = &self.state.measures.transport;
        let _counted = measures.socket();
        let speaks_ours = socket.protocol().is_some();
        let (mut sink, mut stream) = socket.split();
        let (outbox, inward) = outbox::channel(settings.queue);
        let mut writer = Writer::new(inward);
        let end = if speaks_ours {
            let pulse = Pulse::new();
            let mut inbox = Inbox { stream: &mut stream, pulse: &pulse };
            let watch = async {
                tokio::select! {
                    end = self.converse(&mut inbox, &outbox) => end,
                    end = pulse.watch(&outbox, settings) => end,
                    () = self.state.shutdown.cancelled() => Closing::GOING_AWAY.into(),
                }
            };
            writer.run(watch.boxed(), &mut sink, &pulse).await
        } else {
            Closing::OTHER_PROTOCOL.into()
        };
        measures.count_closed(end.told());
        // However slow the client is: what it does not take by then it does not get.
        let parting = Box::pin(part(end, sink, stream, writer, settings));
        let _ = timeout(settings.close_limit, parting).await;
    }

    async fn converse(&self, inbox: &mut Inbox<'_>, outbox: &Outbox) -> End {
        let Err(end) = self.try_converse(inbox, outbox).await;
        end
    }

    async fn try_converse(&self, inbox: &mut Inbox<'_>, outbox: &Outbox) -> Result<Infallible, End> {
        let HttpState { gate, settings, executor, documents, groups, measures, rates, .. } = &*self.state;
        let greeting = timeout(settings.socket.init_limit, greeting(inbox, outbox)).await;
        let mut payload = greeting.map_err(|_| Closing::INIT_TIMEOUT)??;
        let header = self.token.as_ref().map(Option::as_deref).map_err(crate::error::Error::code);
        let viewer = Box::pin(admit(&**gate, settings.authentication_limit, &mut payload, header)).await?;
        let of_viewer = viewer.map(|viewer| self.state.rates.socket(viewer.user)).transpose();
        let _place = of_viewer.map_err(|_| Closing::TOO_MANY_SOCKETS)?;
        let _attending = viewer.map(|viewer| gate.enter(&viewer));
        outbox.acknowledge().await?;
        let end = viewer.map(|viewer| Arc::new(SocketEnd::new(&viewer)));
        let session = Arc::new(session(viewer, self.client, payload, end.as_ref()));
        let ground = Ground {
            executor: executor.clone(),
            documents: Arc::clone(documents),
            groups: Arc::clone(groups),
            observer: Observer::new(measures, Transport::Socket, self.trail.clone()),
            session,
            asker: Asker::new(rates, viewer.as_ref(), self.client),
            run_limit: settings.run_limit,
        };
        let operations = Operations::new(ground, settings.socket.max_operations, outbox.clone());
        tokio::select! {
            served = serve(inbox, outbox, operations) => served,
            over = lifetime(&**gate, viewer, end.as_ref()) => Err(Closing::from(over).into()),
        }
    }
}

/// The payload of `connection_init`, before which nothing but pings may come.
async fn greeting(inbox: &mut Inbox<'_>, outbox: &Outbox) -> Result<Map<String, Value>, End> {
    loop {
        match inbox.next().await? {
            ClientMessage::ConnectionInit { payload } => return Ok(payload.unwrap_or_default()),
            ClientMessage::Ping { payload } => outbox.pong(payload).await?,
            ClientMessage::Pong {} | ClientMessage::Complete { .. } => {}
            ClientMessage::Subscribe { .. } => return Err(Closing::UNAUTHORIZED.into()),
        }
    }
}

/// Does what the client says. The operations end with it.
async fn serve<E: Executor>(
    inbox: &mut Inbox<'_>,
    outbox: &Outbox,
    mut operations: Operations<E>,
) -> Result<Infallible, End> {
    loop {
        let message = tokio::select! {
            // First, so that however many a client begins, none that has ended is held.
            biased;
            () = operations.reap() => continue,
            message = inbox.next() => message?,
        };
        match message {
            ClientMessage::Subscribe { id, payload } => operations.begin(id, payload.0).await?,
            // An id that is not in use is that of an operation whose end the client had not yet read.
            ClientMessage::Complete { id } => operations.end(&id),
            ClientMessage::Ping { payload } => outbox.pong(payload).await?,
            ClientMessage::Pong {} => {}
            ClientMessage::ConnectionInit { .. } => return Err(Closing::SECOND_INIT.into()),
        }
    }
}

/// Says why, and stays until the client has read it.
async fn part(
    end: End,
    mut sink: SplitSink<WebSocket, Message>,
    mut stream: SplitStream<WebSocket>,
    writer: Writer,
    settings: &SocketSettings,
) {
    let is_readable = !matches!(end, End::Break(_));
    match end {
        End::Close(closing) | End::Break(closing) => {
            while let Some(message) = writer.last_words() {
                if sink.feed(message).await.is_err() {
                    return;
                }
            }
            if sink.send(Message::Close(Some(closing.into()))).await.is_err() {
                return;
            }
        }
        End::Leave => {}
        End::Gone => return,
    }
    if is_readable {
        // Until the client has answered. A socket that is closed with something unread in it is reset, and the client
        // may never see why.
        while stream.next().await.is_some_and(|message| message.is_ok()) {}
    } else {
        sleep(settings.close_limit).await;
    }
}
