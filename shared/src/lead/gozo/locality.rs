//! What a locality's name says of its island.

use super::places::{AMBIGUOUS, GOZO, GOZO_WORDS, MALTA};
use crate::lead::words;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What one part of an address says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Gozo,
    Malta,
    Nothing,
}

/// `Some(true)` if the text names Gozo or a place only there, `Some(false)` if it names a place only in Malta;
/// `None` if it names neither, both ("Triq Għawdex, Mosta"), or a name that both islands have.
///
/// The word "Malta" says nothing: it is the country too ("Nadur, Malta").
pub(super) fn is_gozo(text: &str) -> Option<bool> {
    let parts: Vec<Says> = parts(text).map(island_of).collect();
    match (parts.contains(&Says::Gozo), parts.contains(&Says::Malta)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// The parts of an address: between commas, brackets, lines and dashes with room around them.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let dividers = [',', ';', '/', '|', '(', ')', '\n', '–', '—'];
    text.split(dividers).flat_map(|part| part.split(" - "))
}

fn island_of(part: &str) -> Says {
    let plain = plain(part);
    let words: Vec<&str> = words(&plain).collect();
    if words.iter().any(|word| GOZO_WORDS.contains(word)) {
        return Says::Gozo;
    }
    // With its article first: "Ħaż-Żebbuġ" is Malta's, "Żebbuġ" either.
    let mut name = without_country(&words);
    loop {
        if let Some(says) = listed(&name.join(" ")) {
            return says;
        }
        name = match name {
            [article, rest @ ..] if is_article(article) => rest,
            _ => return Says::Nothing,
        };
    }
}

/// What the lists of places say of `name`; `None` if they lack it.
fn listed(name: &str) -> Option<Says> {
    let lists = [(GOZO, Says::Gozo), (MALTA, Says::Malta), (AMBIGUOUS, Says::Nothing)];
    lists
        .into_iter()
        .find(|(places, _)| places.contains(&name))
        .map(|(_, says)| says)
}

/// `words` without what may follow a locality: the country and a postcode ("NXR 1234", "NXR1234").
fn without_country<'a, 'b>(mut words: &'a [&'b str]) -> &'a [&'b str] {
    loop {
        words = match words {
            [rest @ .., "malta" | "mt"] => rest,
            [rest @ .., area, number] if is_postcode(&format!("{area}{number}")) => rest,
            [rest @ .., code] if is_postcode(code) => rest,
            _ => return words,
        };
    }
}

/// A Maltese postcode is three letters for the locality and four digits.
fn is_postcode(word: &str) -> bool {
    word.len() == 7
        && word.bytes().take(3).all(|byte| byte.is_ascii_lowercase())
        && word.bytes().skip(3).all(|byte| byte.is_ascii_digit())
}

/// Maltese articles before a place ("Il-Mosta", "Ix-Xagħra", "L-Iklin", "Tas-Sliema", "Ħal Qormi"), and the
/// "limits of" that Maltese addresses have outside a village.
fn is_article(word: &str) -> bool {
    const ARTICLES: &[&str] = &[
        "il", "l", "ic", "id", "in", "ir", "is", "it", "ix", "iz", "ta", "tal", "tas", "tar", "tan", "hal", "h", "had",
        "haz", "limits", "of",
    ];
    ARTICLES.contains(&word)
}

/// Lower case, without diacritics, hyphens and apostrophes as gaps (an English "'s" as "s"), "saint" as "st".
fn plain(text: &str) -> String {
    let straight = text.to_lowercase().replace(['’', '‘', '`', 'ʼ', '´'], "'");
    let owned = words(&straight).map(|word| match word.strip_suffix("'s") {
        Some(owner) => format!("{owner}s "),
        None => format!("{word} "),
    });
    let letters: String = owned
        .collect::<String>()
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(plain_char)
        .collect();
    let saints = words(&letters).map(|word| if word == "saint" { "st" } else { word });
    saints.collect::<Vec<_>>().join(" ")
}

fn plain_char(c: char) -> char {
    match c {
        // Ħ has no decomposition in Unicode.
        'ħ' => 'h',
        c if c.is_alphanumeric() => c,
        _ => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_in_plain_form_and_stands_once() {
        let mut seen = std::collections::BTreeSet::new();
        for place in [GOZO, GOZO_WORDS, MALTA, AMBIGUOUS].concat() {
            assert_eq!(plain(place), place);
            assert!(seen.insert(place), "{place} stands twice");
        }
    }
}
