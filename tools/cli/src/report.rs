//! Reports: one struct for both readers, people and programs.

use comfy_table::{Cell, CellAlignment, Table, presets};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

/// What a verb found or did. Its JSON is the struct itself.
pub trait Report: Serialize {
    /// The same for people: tables and sentences. Times are shown in `zone`.
    fn text(&self, zone: TimeZone) -> String;
}

/// The zone of the machine, for people; UTC where the machine has none.
#[must_use]
pub fn zone() -> TimeZone {
    TimeZone::try_system().unwrap_or(TimeZone::UTC)
}

/// A table; columns whose header begins with `#` hold numbers.
#[must_use]
pub fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(header.iter().map(|it| it.trim_start_matches('#')));
    for row in rows {
        let cells = row.into_iter().zip(header).map(|(text, header)| {
            let cell = Cell::new(text);
            if header.starts_with('#') {
                cell.set_alignment(CellAlignment::Right)
            } else {
                cell
            }
        });
        table.add_row(cells.collect::<Vec<_>>());
    }
    table.to_string()
}

/// A time, or a dash.
#[must_use]
pub fn time(at: Option<Timestamp>, zone: &TimeZone) -> String {
    let shown = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string();
    at.map_or_else(|| "–".to_owned(), shown)
}

/// How long something has lasted, in the largest unit and the next.
#[must_use]
pub fn lasted(from: Timestamp, to: Timestamp) -> String {
    let seconds = to.duration_since(from).as_secs().max(0);
    match (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, seconds) => format!("{seconds} s"),
        (0, 0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (0, hours, minutes, _) => format!("{hours} h {minutes} min"),
        (days, hours, ..) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_show_two_units_at_most() {
        let from = Timestamp::UNIX_EPOCH;
        let cases = [(5, "5 s"), (65, "1 min 5 s"), (7_380, "2 h 3 min"), (90_000, "1 d 1 h")];
        for (seconds, wanted) in cases {
            assert_eq!(lasted(from, Timestamp::from_second(seconds).unwrap()), wanted);
        }
        assert_eq!(lasted(Timestamp::from_second(9).unwrap(), from), "0 s");
    }
}
