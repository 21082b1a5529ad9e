//! What was measured, as JSON shows it.

use crate::handshake::Handshake;
use serde::Serialize;
use std::path::Path;

/// All of it.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// What it was measured on.
    pub(crate) machine: String,
    /// The functions, alphabetical.
    pub(crate) functions: Vec<Function>,
    /// The same work in Node.js, against ours.
    pub(crate) twin: Option<Pair>,
    /// The first TLS handshake.
    pub(crate) handshake: Option<Handshake>,
}

/// One function.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// What is uploaded, in bytes.
    pub(crate) zip: u64,
    /// What is in there.
    pub(crate) raw: u64,
    /// Entries of Secrets Manager that it reads when it starts.
    pub(crate) secrets: usize,
    /// Instructions until it asks for an event, its secrets fetched; twice.
    pub(crate) instructions: [u64; 2],
    /// The same with its secrets in the environment.
    pub(crate) without_secrets: u64,
    /// Instructions of one event, once the first has been seen.
    pub(crate) warm: u64,
    /// How long it takes to start.
    pub(crate) init: Init,
    /// The most memory that it held after the events, in kB.
    pub(crate) peak: Option<u64>,
}

/// Milliseconds from the start of a process until it asks for an event.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Init {
    /// With a processor of its own.
    pub(crate) full: f64,
    /// With the share of 128 MB.
    pub(crate) quota: Option<f64>,
    /// As AWS's emulator reports it.
    pub(crate) emulator: Option<f64>,
    /// The same with the share of 128 MB.
    pub(crate) emulator_quota: Option<f64>,
}

/// Ours and Node.js's, at the same work.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Pair {
    /// Which version of Node.js.
    pub(crate) node: String,
    /// Which function of ours.
    pub(crate) function: String,
    /// Ours.
    pub(crate) ours: Side,
    /// Node.js's.
    pub(crate) theirs: Side,
}

/// One of the two.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Side {
    /// What is uploaded, in bytes.
    pub(crate) zip: u64,
    /// Its start with its secret fetched.
    pub(crate) fetched: Init,
    /// Its start with its secret in the environment.
    pub(crate) given: Init,
    /// The most memory that it held after the events, in kB.
    pub(crate) peak: u64,
}

/// The length of a file; zero where there is none.
pub(crate) fn length(path: &Path) -> u64 {
    path.metadata().map_or(0, |it| it.len())
}
