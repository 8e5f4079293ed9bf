//! Ports for servers that are to be found again where they were.

use std::sync::atomic::{AtomicU16, Ordering};

/// Below the ports that outgoing connections are given, so that a port stays free while its server is away.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A port of this machine that nobody listens on.
pub(crate) fn free_port() -> u16 {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let span = PORTS.end - PORTS.start;
    // Test programs that run at once begin at different places.
    let first = u16::try_from(std::process::id() % 1_000).unwrap() * 12;
    let mut ports = (0..span).map(|_| PORTS.start + (first + TAKEN.fetch_add(1, Ordering::Relaxed)) % span);
    ports.find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}
