//! The largest that is promised.

use super::bench::figures::Times;
use super::bench::process::pin;
use super::support::backend::Backend;
use super::support::size::{Size, Taken, of_a_large_group, of_many_conversations};

pub(crate) async fn run(backend: &Backend) {
    let node = backend.node().await;
    pin(&[&node]).await;
    for (title, taken) in [
        ("a group of 10,000, of whom 200 listen", of_a_large_group(backend, &node, Size::FULL).await),
        ("a person in 1,000 conversations", of_many_conversations(backend, &node, Size::FULL).await),
    ] {
        println!("\n{title}");
        Times::show_head();
        for Taken { what, times } in taken {
            let mut all = Times::new();
            for time in times {
                all.record(time);
            }
            all.show(what);
        }
    }
}
