//! Concord's library: everything the functions share. Its modules are layers, and arrows point one way.
//!
//! `lambda → app → everything`; `intake → store, queue, model`; `sync → store, queue, systems, lead, model`;
//! `systems::x → systems::http`; `store, queue → model`; `lead`, `model → nothing of ours`. `tests/tidy` holds them.

pub mod alert;
pub mod app;
pub mod auth;
pub mod aws;
pub mod clock;
pub mod config;
pub mod health;
pub mod intake;
pub mod job;
pub mod lambda;
pub mod lead;
pub mod model;
pub mod problem;
pub mod queue;
pub mod random;
pub mod secrets;
pub mod store;
pub mod sync;
pub mod systems;
