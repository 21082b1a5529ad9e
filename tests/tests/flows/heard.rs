//! Everything that is logged on this thread, as text.
//!
//! One subscriber for all tests: what a subscriber of one thread is asked about a log line for the first time may be
//! answered by another thread, and that answer is kept.

use std::cell::RefCell;
use std::fmt::{Debug, Write as _};
use std::sync::Once;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

thread_local! {
    static HEARD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What was logged since [`Heard::listen`]: our own lines of every level, those of others from `info` on.
pub struct Heard(());

impl Heard {
    pub fn listen() -> Self {
        static EAR: Once = Once::new();
        EAR.call_once(|| {
            tracing::subscriber::set_global_default(Ear).unwrap();
            // Lines of other tests that were met while it was being set know of nobody.
            tracing::callsite::rebuild_interest_cache();
        });
        HEARD.set(Some(String::new()));
        Self(())
    }

    pub fn text(&self) -> String {
        HEARD.with_borrow(|it| it.clone().unwrap_or_default())
    }

    /// The lines that hold `part`.
    pub fn lines(&self, part: &str) -> Vec<String> {
        let text = self.text();
        text.lines().filter(|it| it.contains(part)).map(str::to_owned).collect()
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        HEARD.set(None);
    }
}

struct Ear;

fn write(of: &Metadata<'_>, record: impl FnOnce(&mut Line)) {
    HEARD.with_borrow_mut(|heard| {
        let Some(heard) = heard else { return };
        let mut line = Line(format!("{} {}", of.level(), of.target()));
        record(&mut line);
        heard.push_str(&line.0);
        heard.push('\n');
    });
}

impl Subscriber for Ear {
    fn enabled(&self, of: &Metadata<'_>) -> bool {
        let ours = ["shared", "functions"].iter().any(|it| of.target().starts_with(it));
        ours || *of.level() <= Level::INFO
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        write(span.metadata(), |line| span.record(line));
        Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        write(event.metadata(), |line| event.record(line));
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line(String::new());
        values.record(&mut line);
        HEARD.with_borrow_mut(|heard| heard.iter_mut().for_each(|it| it.push_str(&line.0)));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}
