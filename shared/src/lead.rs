//! What the business knows about a lead's values: how a full name splits, which island a house stands on,
//! what a status is called in each system, how an e-mail address is compared.
//!
//! Everything here is pure: text and numbers in, text and numbers out.
//! It does not know records, links, field names, who owns a field, or how a system is reached; those are
//! `model`, `sync::fields` and `systems`. A rule that cannot decide answers `None`, and never guesses.

pub mod contact;
pub mod gozo;
pub mod name;
pub mod status;

/// Whether `c` only separates what a person typed: white space, control characters, and the invisible
/// characters that copying from web pages and telephones leaves behind (zero-width space, byte order mark,
/// marks and embeddings of writing direction, the soft hyphen).
///
/// The zero-width joiners U+200C and U+200D are not gaps: Persian and Indic names are spelled with them.
fn is_gap(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'
                ..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// The words of `text`: runs of characters that are no gaps.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_gap).filter(|word| !word.is_empty())
}
