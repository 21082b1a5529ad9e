//! Zoho Billing's limits as data (docs/vendors.md §2.1, §2.3).

use std::time::Duration;

/// Rows in one page of a list (§2.1).
pub const ROWS_PER_PAGE: usize = 200;
/// Pages that a look-up reads before it gives up: so many rows are a person's matter.
pub const MOST_PAGES: u32 = 500;

/// The window of the limit by the minute (§2.3).
pub const MINUTE: Duration = Duration::from_secs(60);
/// Calls in any [`MINUTE`], where nothing else is set: Zoho's page names 100 and, for all APIs together, 30 (§2.3).
pub const CALLS_PER_MINUTE: u32 = 30;
/// The window of the day's limit. Whether Zoho's day rolls or begins at midnight is not documented; a rolling one
/// keeps either (§2.3).
pub const DAY: Duration = Duration::from_secs(24 * 3600);
/// Calls a day of the smallest paid plan (§2.3).
pub const CALLS_PER_DAY: u32 = 1_000;
/// Calls at once of the free plan; paid ones have 10 (§2.3).
pub const CALLS_AT_ONCE: u32 = 5;

/// How long nothing is sent once the day's calls are used up: when they come back is not documented, so that we ask
/// hourly, which costs 24 calls at most (§2.3).
pub const DAY_PAUSE: Duration = Duration::from_secs(3600);
/// The block that a burst brings, where the answer does not state its length (§2.3).
pub const BLOCK: Duration = Duration::from_secs(3600);

/// How long Zoho keeps events (§2.5): a gap that is older is not closed by them.
pub const EVENT_LIFE: Duration = Duration::from_secs(180 * 24 * 3600);
