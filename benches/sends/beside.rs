//! Two builds of the server, each on its own SQLite, in turns: whether a change costs anything.

use super::SENDERS;
use super::bench::figures::Spread;
use super::graphql::{Round, Sending};
use super::support::backend::Backend;
use std::path::PathBuf;

/// How often they take their turns: each goes first as often, since a store grows by what is sent.
const ROUNDS: usize = 8;

pub(crate) async fn run(build: PathBuf) {
    println!("through GraphQL over HTTP: this build in turns with another, {ROUNDS} rounds: means");
    // As many workers as the one core that both are pinned to, however many there were when each began.
    let backend = async || Backend::sqlite().await.unwrap().with("TOKIO_WORKER_THREADS", "1");
    let ours = Sending::on(backend().await).await;
    let its = Sending::on(backend().await.built(build)).await;
    for senders in SENDERS {
        let mut rounds: Vec<[Round; 2]> = Vec::new();
        for round in 0..ROUNDS {
            let pair = if round % 2 == 0 {
                let ours = ours.round(senders).await;
                [ours, its.round(senders).await]
            } else {
                let its = its.round(senders).await;
                [ours.round(senders).await, its]
            };
            rounds.push(pair);
        }
        for (name, of) in [("sends/s", (|round| round.rate) as fn(&Round) -> f64), ("CPU µs each", |round| round.cpu)]
        {
            let [ours, its] =
                [0, 1].map(|side: usize| rounds.iter().map(|pair| of(&pair[side])).sum::<f64>() / ROUNDS as f64);
            let (ratio, pairs) = (ours / its, Spread::of(rounds.iter().map(|[ours, its]| of(ours) / of(its))));
            println!(
                "{senders:>3} senders, {name:>11}: {ours:>6.0} and {its:>6.0}, ratio {ratio:.3}; of the rounds {pairs}"
            );
        }
    }
}
