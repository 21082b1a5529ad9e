//! The words that are no name of their own: titles, suffixes, particles.
//!
//! Drawn up by hand from the forms of address in use in Malta and among its residents (Maltese, English,
//! Italian, Dutch, German, French, Spanish, Portuguese, Arabic); no list of this kind is complete. A word goes
//! in only if it is rarely a name, since dropping a name is worse than keeping a title.

use unicode_normalization::UnicodeNormalization;

/// Titles, with or without dots. Stored as [`plain`] makes them.
const TITLES: &[&str] = &[
    // English
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "messrs",
    "dr",
    "drs",
    "doctor",
    "prof",
    "professor",
    "profs",
    "rev",
    "revd",
    "sir",
    "dame",
    "capt",
    "lt",
    "sgt",
    "notary",
    "architect",
    "engineer",
    // Maltese, with the article too
    "sur",
    "is-sur",
    "sinjura",
    "is-sinjura",
    "sinjorina",
    "is-sinjorina",
    "sinj",
    "dott",
    "id-dott",
    "tabib",
    "it-tabib",
    "tabiba",
    "it-tabiba",
    "perit",
    "il-perit",
    "periti",
    "avv",
    "avukat",
    "l-avukat",
    "avukata",
    "l-avukata",
    "nutar",
    "in-nutar",
    "nutara",
    "in-nutara",
    "inġ",
    "inġinier",
    "l-inġinier",
    "il-prof",
    "professur",
    "il-professur",
    "dun",
    "patri",
    "mons",
    "monsinjur",
    "onor",
    "l-onor",
    // Italian
    "sig",
    "sigg",
    "sigra",
    "sigrina",
    "signa",
    "signor",
    "signore",
    "signora",
    "signorina",
    "dottssa",
    "drssa",
    "dottore",
    "dottoressa",
    "profssa",
    "professore",
    "professoressa",
    "avvocato",
    "avvocata",
    "avvssa",
    "ing",
    "ingegnere",
    "ingg",
    "architetto",
    "geometra",
    "notaio",
    "don",
    // Dutch
    "dhr",
    "heer",
    "mevr",
    "mevrouw",
    "mw",
    "mej",
    "ir",
    // German
    "herr",
    "herrn",
    "frau",
    "fräulein",
    "frl",
    "dipl-ing",
    // French
    "mme",
    "mlle",
    "monsieur",
    "madame",
    "mademoiselle",
    // Spanish and Portuguese
    "sr",
    "sra",
    "srta",
    "sres",
    "señor",
    "señora",
    "señorita",
    "doña",
    "dña",
    "dra",
    "senhor",
    "senhora",
];

/// Titles only when written with a dot: without one they are names or other words ("Per Hansen", "Eng Wei").
const DOTTED_TITLES: &[&str] = &[
    "arch", "cav", "col", "comm", "drin", "eng", "fr", "geom", "hon", "kan", "lic", "mag", "maj", "not", "on", "per",
    "rag",
];

/// What follows a name and is none.
const SUFFIXES: &[&str] = &[
    "jr", "jnr", "sr", "snr", "ii", "iii", "iv", "esq", "phd", "dphil", "md", "mba", "msc", "bsc", "lld", "mep", "mp",
];

/// Between two titles: "Mr & Mrs", "Is-Sur u s-Sinjura", "Herr und Frau", "Sig. e Sig.ra", "Sr. y Sra.".
const JOINERS: &[&str] = &["&", "+", "/", "and", "u", "e", "ed", "en", "und", "et", "y"];

/// Words that stay with the last name.
const PARTICLES: &[&str] = &[
    // Italian, French, Spanish, Portuguese
    "de", "de'", "del", "della", "dello", "dei", "degli", "delle", "dell'", "di", "da", "dal", "dalla", "dalle",
    "dall'", "dai", "d'", "du", "des", "la", "le", "lo", "l'", "los", "las", "el", "do", "dos", "das",
    // Dutch, German, Scandinavian
    "van", "vande", "vander", "vanden", "von", "vom", "zu", "zum", "zur", "und", "der", "den", "dem", "het", "'t", "'s",
    "ten", "ter", "te", "tot", "op", "vd", "af", "av", // Arabic
    "al", "ul", "bin", "bint", "ibn", "abu", "abou", "abd", "abdel", "abdul", "ben",
    // Irish, Scottish, English
    "mc", "o'", "st",
];

/// Particles that are also given names: they belong to the last name only after another word.
const GIVEN_NAMES_TOO: &[&str] = &["ben", "abdel", "abdul"];

/// Whether `word` is a form of address or an academic or professional title.
pub(super) fn is_title(word: &str) -> bool {
    let plain = plain(word);
    TITLES.contains(&plain.as_str()) || (word.contains('.') && DOTTED_TITLES.contains(&plain.as_str()))
}

/// Whether `word`, behind a name, is a generation or a degree.
pub(super) fn is_suffix(word: &str) -> bool {
    SUFFIXES.contains(&plain(word).as_str())
}

/// Whether `word` joins two titles.
pub(super) fn is_joiner(word: &str) -> bool {
    JOINERS.contains(&plain(word).as_str())
}

/// Whether `word` stays with the last name that follows it.
pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&plain(word).as_str())
}

/// Whether `word` is a particle that can be a given name too.
pub(super) fn is_given_name_too(word: &str) -> bool {
    GIVEN_NAMES_TOO.contains(&plain(word).as_str())
}

/// `word` in lower case without dots and with a straight apostrophe.
fn plain(word: &str) -> String {
    let straight = word.replace('.', "").replace(['’', '‘', '`'], "'");
    straight.to_lowercase().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_in_plain_form_and_stands_once() {
        for list in [TITLES, DOTTED_TITLES, SUFFIXES, JOINERS, PARTICLES, GIVEN_NAMES_TOO] {
            for (index, entry) in list.iter().enumerate() {
                assert_eq!(plain(entry), *entry);
                assert!(!list[..index].contains(entry), "{entry} stands twice");
            }
        }
        assert!(GIVEN_NAMES_TOO.iter().all(|name| PARTICLES.contains(name)));
        assert!(!PARTICLES.iter().any(|word| is_title(word) || is_suffix(word)));
    }
}
