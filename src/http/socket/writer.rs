//! The connection's task: what watches the connection, those who are told of events on it, and the writing of all that is
//! to be said. Each is polled when it has been woken itself, so that a result costs what it takes and nothing beside.
//!
//! Who is told of events is polled until it has one result in hand, whether the client reads or not: what it does for that,
//! others may wait for. No other result of its own is begun before that one is written.

use super::closing::End;
use super::outbox::{Bell, Content, Frame, Frames, Inward};
use super::pulse::Pulse;
use axum::extract::ws::Message;
use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::{Sink, SinkExt as _, StreamExt as _};
use slab::Slab;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

/// The number of what watches the connection. Those of the streams follow.
const WATCH: usize = 0;

/// Writes what comes on an [`Outbox`](super::outbox::Outbox).
pub(super) struct Writer {
    inward: Inward,
    streams: Slab<Told>,
    /// Which of them have a frame in hand, in their turn.
    ready: VecDeque<usize>,
    /// Which of them are to be polled.
    due: Vec<usize>,
    woken: Vec<usize>,
    /// Whether something waits in the queues.
    has_queued: bool,
    /// Whose turn it is, where both have something to say.
    turn: Turn,
    flow: Flow,
}

/// How the writing stands.
#[derive(Default)]
struct Flow {
    owes_flush: bool,
    /// Whether the client was to take something before the next message could be written.
    waits_for_room: bool,
    /// Whether it was to take something before the last had gone out.
    waits_for_flush: bool,
}

#[derive(Clone, Copy)]
enum Turn {
    Queue,
    Streams,
}

/// One who is told of events.
struct Told {
    frames: Frames,
    /// What is to be written before it is polled again.
    frame: Option<Frame>,
    alarm: Alarm,
}

/// Wakes one of those that the task polls.
struct Alarm {
    bell: Arc<Bell>,
    waker: Waker,
}

impl Alarm {
    fn of(inward: &Inward, number: usize) -> Self {
        let bell = inward.bell(number);
        Self { waker: Arc::clone(&bell).into(), bell }
    }

    /// What it is polled with, from now on until it is woken again.
    fn context(&self) -> Context<'_> {
        self.bell.heard();
        Context::from_waker(&self.waker)
    }
}

impl Writer {
    /// Has nothing to write yet.
    pub(super) fn new(inward: Inward) -> Self {
        Self {
            inward,
            streams: Slab::new(),
            ready: VecDeque::new(),
            due: Vec::new(),
            woken: Vec::new(),
            has_queued: false,
            turn: Turn::Queue,
            flow: Flow::default(),
        }
    }

    /// Writes whatever comes, until it cannot or the watch comes to an end.
    pub(super) async fn run<S>(&mut self, mut watch: BoxFuture<'_, End>, sink: &mut S, pulse: &Pulse) -> End
    where
        S: Sink<Message> + Unpin,
    {
        let alarm = Alarm::of(&self.inward, WATCH);
        let mut has_begun = false;
        let end = poll_fn(|cx| {
            self.has_queued |= self.inward.look(cx.waker(), &mut self.woken);
            let mut is_watch_due = !mem::replace(&mut has_begun, true);
            for number in self.woken.drain(..) {
                match number.checked_sub(WATCH + 1) {
                    Some(stream) => self.due.push(stream),
                    None => is_watch_due = true,
                }
            }
            // First, since a client that says much must not use up the turn: others may wait for what the streams do.
            self.hear();
            if is_watch_due && let Poll::Ready(end) = watch.poll_unpin(&mut alarm.context()) {
                return Poll::Ready(end);
            }
            match ready!(self.poll_burst(sink, pulse, cx)) {
                Ok(()) => Poll::Pending,
                Err(_) => Poll::Ready(End::Gone),
            }
        });
        let end = end.await;
        // Nobody polls them any more, and others may wait for what they do.
        self.streams.clear();
        end
    }

    /// What waits about the connection and can be written at once, before it is closed.
    pub(super) fn last_words(&self) -> Option<Message> {
        self.inward.control()
    }

    /// Takes what those streams have to say next that are due.
    fn hear(&mut self) {
        while let Some(number) = self.due.pop() {
            let Some(told) = self.streams.get_mut(number) else { continue };
            if let Some(frame) = &told.frame {
                // Whatever it was: the client's word is to wake it still.
                told.alarm.bell.heard();
                if frame.ticket.has_ended() {
                    self.ready.retain(|ready| *ready != number);
                    self.streams.remove(number);
                }
                continue;
            }
            match told.frames.poll_next_unpin(&mut told.alarm.context()) {
                Poll::Ready(Some(frame)) => {
                    told.frame = Some(frame);
                    self.ready.push_back(number);
                }
                Poll::Ready(None) => drop(self.streams.remove(number)),
                Poll::Pending => {}
            }
        }
    }

    fn follow(&mut self, frames: Frames) {
        let place = self.streams.vacant_entry();
        let number = place.key();
        place.insert(Told { frames, frame: None, alarm: Alarm::of(&self.inward, number + WATCH + 1) });
        self.due.push(number);
    }

    /// Everything that waits goes out in one flush.
    fn poll_burst<S>(&mut self, sink: &mut S, pulse: &Pulse, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>>
    where
        S: Sink<Message> + Unpin,
    {
        loop {
            ready!(noticing(&mut self.flow.waits_for_room, sink.poll_ready_unpin(cx), pulse))?;
            let Some(message) = self.next() else { break };
            sink.start_send_unpin(message)?;
            self.flow.owes_flush = true;
        }
        if self.flow.owes_flush {
            ready!(noticing(&mut self.flow.waits_for_flush, sink.poll_flush_unpin(cx), pulse))?;
            self.flow.owes_flush = false;
        }
        Poll::Ready(Ok(()))
    }

    fn next(&mut self) -> Option<Message> {
        loop {
            if self.has_queued
                && let Some(message) = self.inward.control()
            {
                return Some(message);
            }
            if let Some(frame) = self.next_frame() {
                if let Content::Stream(frames) = frame.content {
                    self.follow(frames);
                } else if let Some(message) = frame.into_message() {
                    return Some(message);
                }
            } else {
                self.has_queued = false;
                self.hear();
                if self.ready.is_empty() {
                    return None;
                }
            }
        }
    }

    fn next_frame(&mut self) -> Option<Frame> {
        let (frame, next) = match self.turn {
            Turn::Queue => (self.next_queued().or_else(|| self.next_told()), Turn::Streams),
            Turn::Streams => (self.next_told().or_else(|| self.next_queued()), Turn::Queue),
        };
        self.turn = next;
        frame
    }

    fn next_queued(&self) -> Option<Frame> {
        if self.has_queued { self.inward.frame() } else { None }
    }

    fn next_told(&mut self) -> Option<Frame> {
        let number = self.ready.pop_front()?;
        self.due.push(number);
        self.streams.get_mut(number)?.frame.take()
    }
}

/// Where writing had to wait and could go on, the client has taken something: it lives, however slowly it reads.
fn noticing<T>(has_waited: &mut bool, polled: Poll<T>, pulse: &Pulse) -> Poll<T> {
    if mem::replace(has_waited, polled.is_pending()) && polled.is_ready() {
        pulse.beat();
    }
    polled
}

#[cfg(test)]
mod tests {
    use super::super::operations::Ticket;
    use super::super::outbox::{self, Outbox};
    use super::*;
    use crate::http::SocketSettings;
    use futures_util::poll;
    use futures_util::stream;
    use futures_util::task::AtomicWaker;
    use serde_json::value::RawValue;
    use std::cell::Cell;
    use std::convert::Infallible;
    use std::future::pending;
    use std::pin::{Pin, pin};
    use std::rc::Rc;
    use std::time::Duration;
    use tokio::sync::mpsc;
    use tokio::task::{coop, yield_now};
    use tokio::time::{advance, timeout};
    use tokio_stream::wrappers::ReceiverStream;

    /// The way to a client.
    #[derive(Clone)]
    struct Client(Rc<State>);

    struct State {
        /// For so many more messages the system has room.
        room: Cell<usize>,
        /// Whether the client takes nothing of what the system holds.
        is_stalled: Cell<bool>,
        told: Cell<usize>,
    }

    impl Client {
        fn with_room(room: usize) -> Self {
            Self(Rc::new(State { room: Cell::new(room), is_stalled: Cell::new(false), told: Cell::new(0) }))
        }
    }

    impl Sink<Message> for Client {
        type Error = Infallible;

        fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            if self.0.room.get() == 0 { Poll::Pending } else { Poll::Ready(Ok(())) }
        }

        fn start_send(self: Pin<&mut Self>, _: Message) -> Result<(), Infallible> {
            self.0.room.update(|room| room - 1);
            self.0.told.update(|told| told + 1);
            Ok(())
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            if self.0.is_stalled.get() { Poll::Pending } else { Poll::Ready(Ok(())) }
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }
    }

    fn result(ticket: &Arc<Ticket>) -> Frame {
        Frame { ticket: Arc::clone(ticket), content: Content::Next(RawValue::NULL.to_owned().into()) }
    }

    async fn hand_over(outbox: &Outbox, ticket: &Arc<Ticket>, frames: Frames) {
        let frame = Frame { ticket: Arc::clone(ticket), content: Content::Stream(frames) };
        outbox.place().await.unwrap().send(frame);
    }

    /// Whether there was no sign of life for that long.
    async fn is_silent(pulse: &Pulse, outbox: &Outbox, limit: Duration) -> bool {
        let settings = SocketSettings { silence_limit: limit, ..SocketSettings::default() };
        poll!(pin!(pulse.watch(outbox, &settings))).is_ready()
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_takes_nothing_does_not_live_by_what_it_is_told() {
        const SECOND: Duration = Duration::from_secs(1);
        let (outbox, inward) = outbox::channel(100);
        let (mut writer, pulse, ticket) = (Writer::new(inward), Pulse::new(), Ticket::alone());
        let client = Client::with_room(10);
        let mut sink = client.clone();
        let mut run = pin!(writer.run(pending().boxed(), &mut sink, &pulse));
        client.0.is_stalled.set(true);
        for sent in 1..=20 {
            outbox.place().await.unwrap().send(result(&ticket));
            assert!(poll!(run.as_mut()).is_pending());
            assert_eq!(client.0.told.get(), sent.min(10));
            advance(SECOND).await;
        }
        assert!(is_silent(&pulse, &outbox, 20 * SECOND).await);

        client.0.room.set(100);
        assert!(poll!(run.as_mut()).is_pending());
        assert_eq!(client.0.told.get(), 20);
        assert!(!is_silent(&pulse, &outbox, SECOND).await, "there is room again");
        advance(SECOND).await;
        assert!(is_silent(&pulse, &outbox, SECOND).await);
        client.0.is_stalled.set(false);
        assert!(poll!(run.as_mut()).is_pending());
        assert!(!is_silent(&pulse, &outbox, SECOND).await, "it has taken all");
    }

    #[tokio::test]
    async fn what_its_client_ends_is_let_go_though_a_result_of_it_waits() {
        let (outbox, inward) = outbox::channel(1);
        let (mut writer, pulse, ticket) = (Writer::new(inward), Pulse::new(), Ticket::alone());
        let client = Client::with_room(1);
        let mut sink = client.clone();
        let mut run = pin!(writer.run(pending().boxed(), &mut sink, &pulse));
        let (held, of_stream) = (Arc::new(()), Arc::clone(&ticket));
        let (guard, events) = (Arc::clone(&held), Arc::new(AtomicWaker::new()));
        let of_events = Arc::clone(&events);
        let frames = stream::poll_fn(move |cx| {
            let _ = &guard;
            of_events.register(cx.waker());
            let has_ended = of_stream.poll_end(cx).is_ready();
            Poll::Ready((!has_ended).then(|| result(&of_stream)))
        });
        hand_over(&outbox, &ticket, frames.boxed()).await;
        for _ in 0..2 {
            assert!(poll!(run.as_mut()).is_pending());
            assert_eq!((client.0.told.get(), Arc::strong_count(&held)), (1, 2), "the second has no room");
        }
        events.wake();
        assert!(poll!(run.as_mut()).is_pending());
        ticket.end();
        assert!(poll!(run.as_mut()).is_pending());
        assert_eq!((client.0.told.get(), Arc::strong_count(&held)), (1, 1));
    }

    #[tokio::test]
    async fn one_who_says_much_does_not_keep_what_is_told_waiting() {
        let (outbox, inward) = outbox::channel(1);
        let (mut writer, pulse, ticket) = (Writer::new(inward), Pulse::new(), Ticket::alone());
        let client = Client::with_room(100);
        let mut sink = client.clone();
        // Uses up every turn of the task's.
        let watch = async {
            loop {
                coop::consume_budget().await;
            }
        };
        let (events, heard) = mpsc::channel(1);
        let of_stream = Arc::clone(&ticket);
        let frames = ReceiverStream::new(heard).map(move |()| result(&of_stream));
        hand_over(&outbox, &ticket, frames.boxed()).await;
        let telling = async {
            for told in 1..=3 {
                events.try_send(()).unwrap();
                while client.0.told.get() < told {
                    yield_now().await;
                }
            }
        };
        let told = async {
            tokio::select! {
                _ = writer.run(watch.boxed(), &mut sink, &pulse) => unreachable!("the watch has no end"),
                () = telling => {}
            }
        };
        timeout(Duration::from_secs(20), told).await.expect("it is told");
    }
}
