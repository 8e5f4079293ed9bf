//! One measured run: the sockets of a plan, messages at their times, and how long after these times each was there.

use super::bench::figures::Times;
use super::bench::process::{cpu_seconds, resident_kib};
use super::plan::Plan;
use super::server::Server;
use super::wire::{Wire, mark};
use futures_util::stream::{self, StreamExt as _};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tokio::task::{JoinSet, spawn_local};
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// Sockets that are opened at once.
const AT_ONCE: usize = 64;
/// How long every socket may take until it hears, and the last delivery after the last message.
const PATIENCE: Duration = Duration::from_mins(2);
/// Between two tries whether all hear.
const PAUSE: Duration = Duration::from_secs(1);
/// Bytes of each message's text.
const TEXT: usize = 120;
/// The mark of messages that only find out who hears.
const TRIAL: u64 = u64::MAX;

/// How much is sent, for how long, and who does not read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Messages in a second, all conversations together.
    pub(crate) rate: f64,
    pub(crate) time: Duration,
    /// Of a hundred sockets, how many stop reading.
    pub(crate) stalled: usize,
}

/// What came of it.
pub(crate) struct Outcome {
    pub(crate) expected: u64,
    pub(crate) delivered: u64,
    /// CPU time of the server, in seconds.
    pub(crate) cpu: f64,
    /// What of it the same messages take where nobody subscribes.
    pub(crate) sending: f64,
    pub(crate) times: Times,
}

impl Outcome {
    pub(crate) fn per_cpu_second(&self) -> f64 {
        self.delivered as f64 / self.cpu
    }

    /// Of what telling takes alone, without what it takes to send and store.
    pub(crate) fn per_cpu_second_of_telling(&self) -> f64 {
        self.delivered as f64 / (self.cpu - self.sending).max(f64::MIN_POSITIVE)
    }
}

/// The sockets of a plan, open and heard on.
pub(crate) struct Listening {
    heard: Rc<Heard>,
    /// Whether each of them reads.
    readers: Vec<bool>,
    _tasks: JoinSet<()>,
}

struct Heard {
    times: RefCell<Times>,
    delivered: Cell<u64>,
    /// When the first message was to be sent, and how long after it the next.
    schedule: Cell<Option<(Instant, Duration)>>,
    /// Of which sockets it is known that they hear each of their conversations.
    awake: RefCell<Vec<usize>>,
    has_stalled: Cell<bool>,
}

impl Heard {
    fn note(&self, socket: usize, mark: u64) {
        if mark == TRIAL {
            self.awake.borrow_mut()[socket] += 1;
        } else if let Some((began, every)) = self.schedule.get() {
            let intended = began + every.mul_f64(mark as f64);
            self.times.borrow_mut().record(intended.elapsed());
            self.delivered.set(self.delivered.get() + 1);
        }
    }
}

impl Listening {
    /// Opens all sockets, and returns once each has heard something of each of its conversations.
    pub(crate) async fn open(server: &Server, plan: &Plan, stalled: usize) -> Self {
        let heard = Rc::new(Heard {
            times: RefCell::new(Times::new()),
            delivered: Cell::new(0),
            schedule: Cell::new(None),
            awake: RefCell::new(vec![0; plan.sockets.len()]),
            has_stalled: Cell::new(false),
        });
        let wires = stream::iter(&plan.sockets).map(async |socket| {
            let mut wire = Wire::open(server.address(), server.init(socket.person)).await.unwrap();
            if let Some(subscribe) = socket.subscribe(&server.conversations) {
                wire.say(subscribe).await.unwrap();
            }
            wire
        });
        let wires: Vec<_> = wires.buffered(AT_ONCE).collect().await;
        let readers: Vec<_> = (0..wires.len()).map(|n| n % 100 >= stalled).collect();
        let mut tasks = JoinSet::new();
        for (n, mut wire) in wires.into_iter().enumerate() {
            let (heard, reads) = (Rc::clone(&heard), readers[n]);
            tasks.spawn_local(async move {
                let counts = || reads || !heard.has_stalled.get();
                while counts() {
                    let see = |frame: &[u8]| {
                        // What is read by one who is about to stop counts no more.
                        if let Some(mark) = mark(frame).filter(|_| counts()) {
                            heard.note(n, mark);
                        }
                    };
                    wire.read(see).await.expect("the socket stays open");
                }
                std::future::pending::<()>().await;
            });
        }
        let listening = Self { heard, readers, _tasks: tasks };
        let all_hear = async {
            loop {
                for conversation in 0..plan.conversations.len() {
                    server.send(conversation, text(TRIAL)).await;
                }
                sleep(PAUSE).await;
                let awake = listening.heard.awake.borrow();
                if plan.sockets.iter().zip(&*awake).all(|(socket, times)| *times >= socket.hears.len()) {
                    return;
                }
            }
        };
        timeout(PATIENCE, all_hear).await.expect("every socket hears");
        sleep(PAUSE).await;
        listening.heard.has_stalled.set(true);
        listening
    }

    /// Sends at the times that were set before, whatever becomes of the messages, and waits for all deliveries.
    pub(crate) async fn measure(&self, server: &Rc<Server>, plan: &Plan, load: Load) -> Outcome {
        let every = Duration::from_secs_f64(1.0 / load.rate);
        let messages = (load.rate * load.time.as_secs_f64()).ceil() as u64;
        let hearers = self.hearers(plan);
        let conversations = plan.conversations.len() as u64;
        let conversation = |n: u64| usize::try_from(n * 7 % conversations).unwrap();
        let expected = (0..messages).map(|n| hearers[conversation(n)]).sum();
        let began = Instant::now() + Duration::from_millis(100);
        let cpu = cpu_seconds(server.pid());
        self.heard.schedule.set(Some((began, every)));
        let mut sent = JoinSet::new();
        for n in 0..messages {
            sleep_until(began + every.mul_f64(n as f64)).await;
            let server = Rc::clone(server);
            let to = conversation(n);
            sent.spawn_local(async move { server.send(to, text(n)).await });
        }
        while let Some(one) = sent.join_next().await {
            one.unwrap();
        }
        let all = async {
            while self.heard.delivered.get() < expected {
                sleep(Duration::from_millis(20)).await;
            }
        };
        let _ = timeout(PATIENCE, all).await;
        let cpu = cpu_seconds(server.pid()) - cpu;
        let times = self.heard.times.replace(Times::new());
        Outcome { expected, delivered: self.heard.delivered.replace(0), cpu, sending: 0.0, times }
    }

    /// How many sockets that read hear each conversation.
    fn hearers(&self, plan: &Plan) -> Vec<u64> {
        let mut hearers = vec![0; plan.conversations.len()];
        let reading = plan.sockets.iter().zip(&self.readers).filter(|(_, reads)| **reads);
        reading.flat_map(|(socket, _)| &socket.hears).for_each(|conversation| hearers[*conversation] += 1);
        hearers
    }
}

/// The CPU time that the server takes for the messages alone, with as many sockets and nobody who subscribes, in seconds.
pub(crate) async fn sending(server: &Rc<Server>, plan: &Plan, load: Load) -> f64 {
    let plan = plan.unheard();
    Listening::open(server, &plan, 0).await.measure(server, &plan, load).await.cpu
}

/// What each of the plan's sockets holds resident while nothing is sent, in KiB.
pub(crate) async fn idle(server: &Server, plan: &Plan) -> f64 {
    let before = resident_kib(server.pid());
    let _listening = Listening::open(server, plan, 0).await;
    sleep(PAUSE * 2).await;
    (resident_kib(server.pid()) - before) / plan.sockets.len() as f64
}

fn text(mark: u64) -> String {
    format!("~{mark}~{:x<TEXT$}", "")
}

/// Lets what is left of one run end before the next.
pub(crate) async fn settle() {
    spawn_local(sleep(PAUSE)).await.unwrap();
}
