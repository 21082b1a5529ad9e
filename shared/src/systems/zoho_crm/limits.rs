//! Zoho CRM's limits as data (docs/vendors.md §1.3, §1.5 to §1.8).

use std::time::Duration;

/// Records in one insert, update or upsert (§1.3).
pub const RECORDS_PER_CALL: usize = 100;
/// Ids in one list call (§1.3).
pub const IDS_PER_CALL: usize = 100;
/// Fields that one list call may ask for (§1.3). A record has four more that we always ask for.
pub const FIELDS_PER_CALL: usize = 50;
/// Rows in one page of a list (§1.5).
pub const ROWS_PER_PAGE: usize = 200;
/// How old a page token may be (§1.5); it is bound to the user and to identical parameters.
pub const PAGE_TOKEN_LIFE: Duration = Duration::from_secs(24 * 3600);
/// Values in one COQL `in (…)` list. 50 up to v6 ("COQL Limitations"), 100 since v7 (Kaizen #183); the smaller
/// until a live organisation confirms the larger.
pub const VALUES_PER_QUERY: usize = 50;
/// Rows asked for in one COQL call: v8 is said to take 2,000, its own schema says 200 (§1.6), and 200 is also
/// what one credit pays for.
pub const ROWS_PER_QUERY: usize = 200;
/// Rows that a look-up pages through before it gives up: so many duplicates are a person's matter.
pub const ROWS_PER_LOOK_UP: usize = 2000;
/// The longest life of a notification channel (§1.8): a week; without a stated expiry it would be an hour.
pub const CHANNEL_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);
/// The longest token of a channel that every source allows, in characters (§1.8).
pub const CHANNEL_TOKEN_LENGTH: usize = 50;

/// The credits of a read by list or of a channel's call (§1.7).
pub const READ_CREDITS: u64 = 1;
/// The credits of a page of deleted records (§1.7; from an older page).
pub const DELETED_CREDITS: u64 = 2;

/// The credits of an update or upsert of so many records: one for each ten (§1.7).
#[must_use]
pub fn write_credits(records: usize) -> u64 {
    u64::try_from(records.div_ceil(10)).unwrap_or(u64::MAX)
}

/// What an organisation may do, by what it pays for (§1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edition {
    /// Its name in lower case.
    pub name: &'static str,
    /// Calls at a time, per organisation and client.
    pub concurrency: u32,
    base: u64,
    per_user: u64,
    cap: Option<u64>,
}

const fn edition(name: &'static str, concurrency: u32, base: u64, per_user: u64, cap: Option<u64>) -> Edition {
    Edition {
        name,
        concurrency,
        base,
        per_user,
        cap,
    }
}

/// All editions.
pub const EDITIONS: [Edition; 5] = [
    edition("free", 5, 5_000, 0, Some(5_000)),
    edition("standard", 10, 50_000, 250, Some(100_000)),
    edition("professional", 15, 50_000, 500, Some(3_000_000)),
    edition("enterprise", 20, 50_000, 1_000, Some(5_000_000)),
    edition("ultimate", 25, 50_000, 2_000, None),
];

impl Edition {
    /// The edition of this name; Starter is Standard, Zoho One is Enterprise, CRM Plus is Ultimate.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        let name = match name.trim().to_lowercase().as_str() {
            "starter" => "standard".to_owned(),
            "zoho one" => "enterprise".to_owned(),
            "crm plus" => "ultimate".to_owned(),
            name => name.to_owned(),
        };
        EDITIONS.iter().find(|edition| edition.name == name)
    }

    /// Credits in any 24 hours, without bought add-ons.
    #[must_use]
    pub fn daily_credits(&self, users: u32) -> u64 {
        let credits = self.base + self.per_user * u64::from(users);
        self.cap.map_or(credits, |cap| credits.min(cap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_by_records_and_by_edition() {
        for (records, credits) in [(0, 0), (1, 1), (10, 1), (11, 2), (100, 10)] {
            assert_eq!(write_credits(records), credits);
        }
        for (name, users, credits, concurrency) in [
            ("Free", 3, 5_000, 5),
            ("Starter", 10, 52_500, 10),
            ("standard", 1000, 100_000, 10),
            ("Zoho One", 10, 60_000, 20),
            ("ultimate", 10, 70_000, 25),
        ] {
            let edition = Edition::named(name).unwrap();
            assert_eq!(
                (edition.daily_credits(users), edition.concurrency),
                (credits, concurrency)
            );
        }
        assert_eq!(Edition::named("gold"), None);
    }
}
