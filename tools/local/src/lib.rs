//! The AWS that Concord needs, inside one process: table, queues, gateway, schedules, and the template that wires them.
//!
//! Nothing here knows the product. Every part takes the time as an argument or from a [`Now`], so that the same models
//! serve `cargo run`, the tests and the simulation on a virtual clock.

pub mod arn;
pub mod aws;
pub mod crash;
pub mod demo;
pub mod dynamo;
pub mod events;
pub mod fault;
pub mod gateway;
pub mod ports;
pub mod queues;
pub mod run;
pub mod schedule;
pub mod secrets;
pub mod server;
pub mod template;
pub mod world;

use jiff::Timestamp;
use std::sync::Arc;

/// A fifth of a history's time, and of many tests', is memory taken and given back in small pieces.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tells the present instant; a virtual clock in tests and the simulation.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;
