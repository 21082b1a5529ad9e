//! A vendor's own words, made fit for logs and for the attempts that are kept.

/// The longest text that is kept of an answer, in characters.
const LONGEST: usize = 300;

/// The vendor's code and message as one text of at most 300 characters, without e-mail addresses or phone
/// numbers: vendors like to quote the value that they refuse.
pub(crate) fn said(code: &str, message: &str) -> String {
    let text = match (code.trim(), message.trim()) {
        ("", message) => message.to_owned(),
        (code, "") => code.to_owned(),
        (code, message) => format!("{code}: {message}"),
    };
    let masked = mask_numbers(&mask_addresses(&text));
    masked.chars().take(LONGEST).collect()
}

fn mask_addresses(text: &str) -> String {
    let word = |word: &str| match word.contains('@') {
        true => "[e-mail]".to_owned(),
        false => word.to_owned(),
    };
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// Masks what may be a phone number: seven to fifteen digits (ITU E.164) with nothing but signs between them.
/// Zoho's ids have eighteen or nineteen.
fn mask_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit() || c == '+') {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !is_of_number(c)).unwrap_or(from.len());
        let (run, after) = from.split_at(end);
        let digits = run.chars().filter(char::is_ascii_digit).count();
        out.push_str(before);
        out.push_str(if (7..=15).contains(&digits) { "[number]" } else { run });
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.')
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn keeps_the_words_and_masks_people() {
        for (code, message, expected) in [
            ("INVALID_DATA", "invalid data", "INVALID_DATA: invalid data"),
            ("", "", ""),
            ("22P02", "", "22P02"),
            ("X", "bad \"jane.doe@example.com\"", "X: bad [e-mail]"),
            ("X", "phone +356 9912-3456, sorry", "X: phone [number], sorry"),
            ("X", "record 3652397000000186011", "X: record 3652397000000186011"),
            ("X", "at 12 of 200", "X: at 12 of 200"),
        ] {
            assert_eq!(said(code, message), expected);
        }
    }

    #[test]
    fn is_never_longer_than_300_characters() {
        assert_eq!(said("X", &"é".repeat(1000)).chars().count(), 300);
    }
}
