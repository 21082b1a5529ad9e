//! Concord's library: everything the functions share. Its modules are layers, and arrows point one way.
//!
//! `lambda → everything`; `api`, `worker → sync, intake`; `sync → intake, alert, store, queue, systems, lead, model`;
//! `intake`, `alert → store, queue, job, model`; `app` builds what they all work with; `systems::x → systems::http`;
//! `store, queue → model`; `lead`, `model → nothing of ours`; any of them may ask `planted`. `tests/tidy` holds them.

pub mod alert;
pub mod api;
pub mod app;
pub mod aws;
pub mod billing;
pub mod clock;
pub mod config;
pub mod intake;
pub mod job;
pub mod lambda;
pub mod lead;
pub mod model;
pub mod planted;
pub mod queue;
pub mod random;
pub mod secrets;
pub mod store;
pub mod sync;
pub mod systems;
pub mod worker;
