//! SQL's `like`.

/// Matches `%` as any run and, where `one` is set, `_` as any one character; `\` takes the next one as it is.
pub(crate) fn like(pattern: &str, text: &str, one: bool) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // The usual two-pointer walk: on a mismatch the last `%` takes one character more.
    let (mut p, mut t, mut retry) = (0, 0, None);
    while t < text.len() {
        if pattern.get(p) == Some(&'%') {
            retry = Some((p + 1, t));
            p += 1;
            continue;
        }
        let escaped = pattern.get(p) == Some(&'\\') && p + 1 < pattern.len();
        let here = if escaped { pattern.get(p + 1) } else { pattern.get(p) };
        let any = one && !escaped && here == Some(&'_');
        if any || here == Some(&text[t]) {
            p += 1 + usize::from(escaped);
            t += 1;
        } else if let Some((after, from)) = retry {
            (p, t) = (after, from + 1);
            retry = Some((after, from + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_sql() {
        for (pattern, text, matches) in [
            ("%", "", true),
            ("a%", "abc", true),
            ("%c", "abc", true),
            ("%b%", "abc", true),
            ("a%b%c", "a-bb-c", true),
            ("abc", "abcd", false),
            ("a_c", "abc", true),
            ("a\\_c", "abc", false),
            ("a\\_c", "a_c", true),
            ("100\\%", "100%", true),
        ] {
            assert_eq!(like(pattern, text, true), matches, "{pattern} {text}");
        }
        assert!(!like("a_c", "abc", false));
    }
}
