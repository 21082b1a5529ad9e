//! The engine: one way in (`accept`), one write path (`push`), one read path (`pull`), one timer (`sweep`).

pub mod accept;
pub mod backfill;
pub mod billing;
pub mod budget;
pub mod dead;
pub mod deployment;
pub mod fields;
pub mod find;
pub mod gone;
pub mod ledger;
pub mod look_up;
pub mod merge;
mod metadata;
pub mod modes;
pub mod numbers;
pub mod portal;
pub mod pull;
pub mod push;
pub mod recount;
pub mod renew;
pub mod resolve;
pub mod retry;
pub mod run;
pub mod sweep;
pub mod target;
pub(crate) mod tell;
pub mod token;
