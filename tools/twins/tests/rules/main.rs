//! The vendors' rules, one small test each: what the twins keep is what the product may rely on.
#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

mod billing;
mod billing_time;
mod common;
mod doors;
mod netcash;
mod supabase_access;
mod supabase_change;
mod supabase_read;
mod supabase_write;
mod zoho_access;
mod zoho_query;
mod zoho_read;
mod zoho_watch;
mod zoho_write;
