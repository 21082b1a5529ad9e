//! The HTTP API's own matters: keys and scopes, problems, bodies read and checked. Functions only route to it.

pub mod auth;
pub mod billing;
mod body;
mod fields;
pub mod gateways;
pub mod health;
pub mod keys;
pub mod leads;
pub mod once;
pub mod problem;
mod shown;
pub mod sync;
pub mod webhook;
