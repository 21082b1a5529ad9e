//! One full name, as people type it into a portal, becomes first and last name.
//!
//! The rule: the last word is the last name, and only particles extend it. So a family name of
//! two words is cut ("Ġorġ Borg Olivier" is "Ġorġ Borg" and "Olivier", "Ana García López" is "Ana García" and
//! "López"): no rule can tell it from a second given name. Who means otherwise writes "Borg Olivier, Ġorġ".

mod vocabulary;

use super::words;
use unicode_normalization::UnicodeNormalization;
use vocabulary::{is_given_name_too, is_joiner, is_particle, is_suffix, is_title};

/// A person's name in two parts, in Unicode NFC, words joined by one space.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name {
    /// Given names; `None` where only one name was stated.
    pub first: Option<String>,
    /// The last name with its particles; `None` only if nothing at all was stated. Zoho CRM requires one.
    pub last: Option<String>,
}

impl Name {
    /// First and last name as one text; empty if there is neither.
    #[must_use]
    pub fn full(&self) -> String {
        let parts = [self.first.as_deref(), self.last.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Splits a full name.
///
/// - The last word is the last name; one word is the last name; particles before it belong to it.
/// - Titles in front and suffixes behind (Jr, III, PhD) are dropped, unless nothing else is there.
/// - With a comma the last name stands first: "Farrugia, Maria", "Berg, Jan van den". A part that holds only
///   titles or suffixes is no part: "Maria Farrugia, PhD".
/// - Nothing but gaps gives neither name.
///
/// [`Name::full`] of the result splits into the same text again.
#[must_use]
pub fn split(full: &str) -> Name {
    let text: String = full.nfc().collect();
    let parts: Vec<Vec<&str>> = text
        .split(',')
        .map(name_words)
        .filter(|part| !part.is_empty())
        .collect();
    let named: Vec<&[&str]> = parts
        .iter()
        .map(|part| bare(part))
        .filter(|part| !is_only_honours(part))
        .collect();
    match named.as_slice() {
        // Titles and suffixes only ("Dr"): better a strange last name than none.
        [] => Name {
            first: None,
            last: parts.concat().last().map(|word| (*word).to_owned()),
        },
        [only] => by_position(only),
        [last, first @ ..] => by_comma(last, &first.concat()),
    }
}

/// The words of one part, a title that is glued to a name by its dot ("Dr.Maria") being a word of its own.
fn name_words(part: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for mut word in words(part) {
        while let Some((title, rest)) = glued_title(word) {
            found.push(title);
            word = rest;
        }
        found.push(word);
    }
    found
}

fn glued_title(word: &str) -> Option<(&str, &str)> {
    let after_dot = word.find('.')? + 1;
    let (title, rest) = word.split_at(after_dot);
    (!rest.is_empty() && !is_title(word) && is_title(title)).then_some((title, rest))
}

fn is_only_honours(part: &[&str]) -> bool {
    part.iter().all(|word| is_title(word) || is_suffix(word))
}

/// `part` without the titles in front of it and the suffixes behind it.
fn bare<'a, 'b>(part: &'a [&'b str]) -> &'a [&'b str] {
    let mut rest = part;
    let mut titled = false;
    loop {
        rest = match rest {
            [word, others @ ..] if !others.is_empty() && is_title(word) => others,
            // "Mr & Mrs John Borg": the word between two titles goes with them.
            [joiner, title, ..] if titled && is_joiner(joiner) && is_title(title) => &rest[1..],
            _ => break,
        };
        titled = true;
    }
    while let [others @ .., word] = rest
        && !others.is_empty()
        && is_suffix(word)
    {
        rest = others;
    }
    rest
}

/// "Jan van den Berg": the last word and the particles before it.
fn by_position(words: &[&str]) -> Name {
    let mut start = words.len().saturating_sub(1);
    while start > 0 && is_particle(words[start - 1]) {
        start -= 1;
    }
    // "Ben Borg" has a first name, "Ahmed Ben Salah" a particle.
    if start == 0 && words.len() > 1 && is_given_name_too(words[0]) {
        start = 1;
    }
    let (first, last) = words.split_at(start);
    Name {
        first: joined(first),
        last: joined(last),
    }
}

/// "Berg, Jan van den": the last name, then the first; particles at the end belong to the last name.
fn by_comma(last: &[&str], first: &[&str]) -> Name {
    let is_lasting = |word: &&str| is_particle(word) && !is_given_name_too(word);
    let particles = first.iter().skip(1).rev().take_while(|word| is_lasting(word)).count();
    let (first, particles) = first.split_at(first.len() - particles);
    Name {
        first: joined(first),
        last: joined(&[particles, last].concat()),
    }
}

fn joined(words: &[&str]) -> Option<String> {
    (!words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
mod tests;
