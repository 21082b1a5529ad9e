//! What is not documented of Netcash's answers (docs/vendors.md §8.2): a client must bear either form.

/// The settings of a [`super::Netcash`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether yes and no are texts, else JSON's own.
    pub booleans_as_text: bool,
    /// Whether amounts are texts with two places, else numbers.
    pub amounts_as_text: bool,
    /// What is said of a trace that nobody knows.
    pub unknown: Unknown,
}

/// What is said of a trace that nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// A payment that is none, with the trace `0.0`: seen.
    Placeholder,
    /// A payment without a trace.
    NoTrace,
    /// Somebody else's payment.
    Another,
    /// A success without a body.
    Empty,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            booleans_as_text: false,
            amounts_as_text: true,
            unknown: Unknown::Placeholder,
        }
    }
}
