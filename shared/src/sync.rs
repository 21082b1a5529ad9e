//! The engine: one way in (`accept`), one write path (`push`), one read path (`pull`), one timer (`sweep`).

pub mod accept;
pub mod budget;
pub mod fields;
pub mod ledger;
pub mod merge;
pub mod push;
pub mod target;
pub mod token;
