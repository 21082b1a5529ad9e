//! Instants as the vendors print them.

use jiff::{Timestamp, tz::Offset};

/// The whole seconds since 1970: Zoho's precision.
pub(crate) fn seconds(at: Timestamp) -> i64 {
    at.as_second()
}

/// `2026-01-02T03:04:05+01:00`: whole seconds with the org's offset, as Zoho's samples show it.
pub(crate) fn with_offset(seconds: i64, offset_seconds: i32) -> String {
    let at = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    let offset = Offset::from_seconds(offset_seconds).unwrap_or(Offset::UTC);
    at.display_with_offset(offset).to_string()
}

/// `2026-01-02T03:04:05+0100`: the same without the colon, as the samples of Zoho Billing show it.
pub(crate) fn without_colon(seconds: i64, offset_seconds: i32) -> String {
    let mut text = with_offset(seconds, offset_seconds);
    if let Some(colon) = text.rfind(':') {
        text.remove(colon);
    }
    text
}

/// Reads an ISO-8601 instant; one without an offset is refused, as both vendors' documents ask for one.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zoho_times_have_the_offset_and_no_fraction() {
        assert_eq!(with_offset(1_767_322_800, 3600), "2026-01-02T04:00:00+01:00");
        assert_eq!(without_colon(1_767_322_800, 3600), "2026-01-02T04:00:00+0100");
        assert_eq!(with_offset(0, 0), "1970-01-01T00:00:00+00:00");
        assert_eq!(parse("2026-01-02T04:00:00+01:00").map(seconds), Some(1_767_322_800));
        assert_eq!(parse("2026-01-02T04:00:00"), None);
    }
}
