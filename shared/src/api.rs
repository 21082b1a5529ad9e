//! The HTTP API's own matters: keys and scopes, problems, bodies read and checked. Functions only route to it.

pub mod auth;
pub mod health;
pub mod keys;
pub mod leads;
pub mod once;
pub mod problem;
pub mod webhook;
