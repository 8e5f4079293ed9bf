//! Panics, as lines of the log: where, and by which thread.

use std::panic::{PanicHookInfo, set_hook};
use tracing::{debug, error};

/// From now on panics are logged, in place of what Rust itself prints of them.
pub(super) fn log() {
    set_hook(Box::new(note));
}

/// What a panic says of itself may quote what it stumbled over, a message's text among it, unless it is a text of the
/// program's own: it is for those alone who have asked for it.
fn note(panic: &PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or_default();
    if let Some(fixed) = panic.payload().downcast_ref::<&'static str>() {
        error!(at, thread, panic = fixed, "panicked");
    } else {
        error!(at, thread, "panicked; what it says is logged at the level debug");
        debug!(at, panic = panic.payload_as_str().unwrap_or_default(), "panicked");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use tracing::level_filters::LevelFilter;

    #[test]
    fn a_panic_is_logged_with_its_place_and_without_what_it_quotes() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let paper = Arc::clone(&lines);
        let writer = move || Paper(Arc::clone(&paper));
        let subscriber = tracing_subscriber::fmt().with_writer(writer).with_max_level(LevelFilter::INFO).finish();
        tracing::subscriber::with_default(subscriber, || {
            let before = std::panic::take_hook();
            log();
            let fixed = std::panic::catch_unwind(|| panic!("a fixed text"));
            let quoting = std::panic::catch_unwind(|| panic!("it stumbled over {:?}", "a secret"));
            set_hook(before);
            assert!(fixed.is_err() && quoting.is_err());
        });
        let lines = String::from_utf8(lines.lock().unwrap().clone()).unwrap();
        assert_eq!(lines.lines().filter(|line| line.contains("ERROR") && line.contains(file!())).count(), 2, "{lines}");
        assert!(lines.contains("a fixed text") && !lines.contains("secret"), "{lines}");
    }

    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
}
