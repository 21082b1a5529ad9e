//! The engine: one way in (`accept`), one write path (`push`), one read path (`pull`), one timer (`sweep`).

pub mod accept;
pub mod budget;
pub mod dead;
pub mod fields;
pub mod gone;
pub mod ledger;
pub mod merge;
mod metadata;
pub mod portal;
pub mod pull;
pub mod push;
pub mod renew;
pub mod run;
pub mod sweep;
pub mod target;
pub mod token;
