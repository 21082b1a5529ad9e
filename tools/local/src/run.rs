//! `cargo run`: the bundle for people, and what it can show of itself.

pub mod engine;
mod poller;
pub mod settings;
