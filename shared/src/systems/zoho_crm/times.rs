//! Zoho's times: ISO 8601 with an offset, to the second (docs/vendors.md §1.3).

use jiff::Timestamp;

/// Writes a time for a header or body. Parts of a second are dropped, as Zoho does.
pub(super) fn write(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// Reads a time; one without an offset is none, since its zone would be a guess.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_instant() {
        let time = read("2024-01-15T15:26:49+05:30").unwrap();
        assert_eq!(write(time), "2024-01-15T09:56:49+00:00");
        assert_eq!(read(&write(time)), Some(time));
        assert_eq!(
            write("2024-01-15T09:56:49.999Z".parse().unwrap()),
            "2024-01-15T09:56:49+00:00"
        );
        assert_eq!(read("2024-01-15T15:26:49"), None);
        assert_eq!(read("2024-01-15"), None);
    }
}
