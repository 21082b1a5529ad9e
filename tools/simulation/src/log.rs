//! The timeline of a history: every line goes into the trace hash, and is kept only where somebody reads it.

use std::fmt;

/// The timeline, or only its hash.
#[derive(Clone, Debug)]
pub struct Log {
    hash: u64,
    lines: u64,
    kept: Option<Vec<String>>,
}

impl Log {
    /// Keeps the lines, or only hashes them.
    #[must_use]
    pub fn new(keep: bool) -> Self {
        Self {
            hash: 0xcbf2_9ce4_8422_2325,
            lines: 0,
            kept: keep.then(Vec::new),
        }
    }

    /// One line, at so many milliseconds since the beginning.
    pub fn line(&mut self, at_ms: u64, actor: impl fmt::Display, what: impl fmt::Display) {
        let text = format!("{:>5}.{:03} {actor:<28} {what}", at_ms / 1000, at_ms % 1000);
        // FNV-1a: not against forgery, only to tell two runs apart.
        self.hash = text.bytes().fold(self.hash, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        self.lines += 1;
        if let Some(kept) = &mut self.kept {
            kept.push(text);
        }
    }

    /// The hash of all lines so far.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// How many lines there were.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.lines
    }

    /// Whether nothing has happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines == 0
    }

    /// The lines, if they were kept.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        self.kept.as_deref().unwrap_or_default()
    }
}
