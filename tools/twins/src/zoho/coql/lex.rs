//! The words of a COQL query.

/// A word and the column where it starts, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) column: usize,
}

/// What a word is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A keyword, a field or a module.
    Name(String),
    /// Text in single or double quotes.
    Text(String),
    /// A number.
    Number(String),
    /// An operator or a bracket.
    Sign(&'static str),
    /// Nothing more.
    End,
}

const SIGNS: [&str; 10] = ["!=", ">=", "<=", "<>", "=", ">", "<", "(", ")", ","];

/// Splits a query into words; `Err` is the column of what is no word.
pub(crate) fn tokens(query: &str) -> Result<Vec<Token>, usize> {
    let (mut rest, mut tokens) = (query, Vec::new());
    loop {
        rest = rest.trim_start();
        let column = query.len() - rest.len() + 1;
        let (kind, length) = next(rest).ok_or(column)?;
        let end = kind == TokenKind::End;
        tokens.push(Token { kind, column });
        if end {
            return Ok(tokens);
        }
        rest = &rest[length..];
    }
}

fn next(rest: &str) -> Option<(TokenKind, usize)> {
    let Some(first) = rest.chars().next() else {
        return Some((TokenKind::End, 0));
    };
    if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
        return Some((TokenKind::Sign(sign), sign.len()));
    }
    if first == '\'' || first == '"' {
        return text(rest, first);
    }
    if first.is_ascii_digit() || first == '-' {
        let length = rest.len()
            - rest[1..]
                .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
                .len();
        return Some((TokenKind::Number(rest[..length].to_owned()), length));
    }
    let name = |c: char| c.is_alphanumeric() || "_.$".contains(c);
    let length = rest.len() - rest.trim_start_matches(name).len();
    (length > 0).then(|| (TokenKind::Name(rest[..length].to_owned()), length))
}

/// A quoted text; a backslash takes the next character as it is.
fn text(rest: &str, quote: char) -> Option<(TokenKind, usize)> {
    let (mut text, mut escaped) = (String::new(), false);
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            c if escaped => {
                text.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            c if c == quote => return Some((TokenKind::Text(text), at + c.len_utf8())),
            c => text.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_signs_and_quotes() {
        let kinds: Vec<TokenKind> = tokens(r"where a>=-1.5 and b='O\'Neil'")
            .unwrap()
            .into_iter()
            .map(|t| t.kind)
            .collect();
        let name = |n: &str| TokenKind::Name(n.to_owned());
        let expected = [
            name("where"),
            name("a"),
            TokenKind::Sign(">="),
            TokenKind::Number("-1.5".to_owned()),
            name("and"),
            name("b"),
            TokenKind::Sign("="),
            TokenKind::Text("O'Neil".to_owned()),
            TokenKind::End,
        ];
        assert_eq!(kinds, expected);
        assert_eq!(tokens("a = 'open"), Err(5));
        assert_eq!(tokens("a ; b"), Err(3));
    }
}
