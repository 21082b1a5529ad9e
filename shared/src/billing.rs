//! What is known of billing as such: lines of invoices, words of payments, days. Pure.

pub mod day;
pub mod lines;
pub mod rules;
pub mod words;
