//! Concord's library: everything the functions share. Its modules are layers, and arrows point one way.
//!
//! `lambda → app → everything`; `intake → store, queue, model`; `sync → store, queue, systems, lead, model`;
//! `systems::x → systems::http`; `store, queue → model`; `lead`, `model → nothing of ours`. `tests/tidy` holds them.

pub mod clock;
pub mod lead;
pub mod model;
pub mod random;
pub mod store;
pub mod systems;
