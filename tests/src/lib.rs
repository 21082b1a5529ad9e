//! What several of the tests share.

pub mod openapi;
