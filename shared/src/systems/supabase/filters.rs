//! PostgREST's filters: quoting, and lists of values in slices that fit a URL.

use super::Cursor;
use crate::systems::http::escaped_len;

/// How long the filter of one call may be, in bytes as escaped: with host, path and columns the URL stays under 6 kB.
/// Gateways cut at 8 kB or less; what Supabase's allows is not documented.
const LONGEST_FILTER: usize = 4500;

/// One wanted value of one column.
pub(super) type Wanted<'a> = (&'a str, &'a str);

/// A value in double quotes, so that no sign in it is read as syntax; a quote or backslash takes a backslash
/// (PostgREST, "Reserved characters").
pub(super) fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What comes after this place in the order of (time, id).
pub(super) fn after(time: &str, id: &str, cursor: &Cursor) -> String {
    let (at, last) = (quoted(&cursor.time), quoted(&cursor.id));
    format!("({time}.gt.{at},and({time}.eq.{at},{id}.gt.{last}))")
}

/// Any of these values in their columns: `(a.in.("x"),b.in.("y","z"))`.
pub(super) fn any_of(wanted: &[Wanted<'_>]) -> String {
    let mut columns: Vec<(&str, Vec<String>)> = Vec::new();
    for (column, value) in wanted {
        match columns.iter_mut().find(|(name, _)| name == column) {
            Some((_, values)) => values.push(quoted(value)),
            None => columns.push((column, vec![quoted(value)])),
        }
    }
    let list = |(column, values): &(&str, Vec<String>)| format!("{column}.in.({})", values.join(","));
    format!("({})", columns.iter().map(list).collect::<Vec<_>>().join(","))
}

/// The wanted values in slices, each short enough for one call; a value that is too long alone is a slice alone.
pub(super) fn slices<'a>(any_of: &'a [(&str, Vec<String>)]) -> Vec<Vec<Wanted<'a>>> {
    let (mut slices, mut slice, mut length) = (Vec::new(), Vec::new(), 0);
    for (column, value) in any_of
        .iter()
        .flat_map(|(column, values)| values.iter().map(move |value| (*column, value)))
    {
        // As if the column were named for each value: a little too much, never too little.
        let more = escaped_len(&quoted(value)) + escaped_len(&format!("{column}.in.(),"));
        if length + more > LONGEST_FILTER && !slice.is_empty() {
            slices.push(std::mem::take(&mut slice));
            length = 0;
        }
        slice.push((column, value.as_str()));
        length += more;
    }
    if !slice.is_empty() {
        slices.push(slice);
    }
    slices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_leave_their_quotes() {
        for (value, expected) in [
            ("a@b.mt", r#""a@b.mt""#),
            ("a,b)", r#""a,b)""#),
            (r#"a"b"#, r#""a\"b""#),
            (r"a\b", r#""a\\b""#),
            (r#"a\",id.gt."#, r#""a\\\",id.gt.""#),
        ] {
            assert_eq!(quoted(value), expected);
        }
    }

    #[test]
    fn the_place_after_a_row() {
        let cursor = Cursor {
            time: "2026-01-02T03:04:05.123456+00:00".to_owned(),
            id: "7".to_owned(),
        };
        let at = "\"2026-01-02T03:04:05.123456+00:00\"";
        let expected = format!("(updated_at.gt.{at},and(updated_at.eq.{at},id.gt.\"7\"))");
        assert_eq!(after("updated_at", "id", &cursor), expected);
    }

    #[test]
    fn wanted_values_are_grouped_and_sliced() {
        assert_eq!(
            any_of(&[("a", "1"), ("b", "2"), ("a", "3")]),
            r#"(a.in.("1","3"),b.in.("2"))"#
        );
        let emails: Vec<String> = (0..300).map(|i| format!("person.{i}@example.com")).collect();
        let by = [
            ("email", emails),
            ("portal_lead_id", vec!["u".to_owned()]),
            ("none", vec![]),
        ];
        let slices = slices(&by);
        assert!(slices.len() > 1);
        assert_eq!(slices.concat().len(), 301);
        for slice in slices {
            assert!(escaped_len(&any_of(&slice)) <= LONGEST_FILTER);
        }
    }
}
