//! The engine: one way in (`accept`), one write path (`push`), one read path (`pull`), one timer (`sweep`).

pub mod accept;
pub mod budget;
pub mod fields;
pub mod gone;
pub mod ledger;
pub mod merge;
mod metadata;
pub mod portal;
pub mod process;
pub mod pull;
pub mod push;
pub mod run;
pub mod target;
pub mod token;
