use super::*;
use proptest::prelude::*;

/// Full name, first name, last name; an empty text stands for `None`.
type Case = (&'static str, &'static str, &'static str);

const PLAIN: &[Case] = &[
    ("", "", ""),
    (" \t\u{a0}\n", "", ""),
    (",", "", ""),
    (" , ,", "", ""),
    ("Maria Farrugia", "Maria", "Farrugia"),
    ("Farrugia", "", "Farrugia"),
    ("  Maria\u{a0}\u{a0}Farrugia\t", "Maria", "Farrugia"),
    ("\u{feff}Maria\u{200b} Farrugia", "Maria", "Farrugia"),
    ("Maria Dolores Vella", "Maria Dolores", "Vella"),
    ("Anne-Marie Zammit-Tabona", "Anne-Marie", "Zammit-Tabona"),
    ("J. P. Morgan", "J. P.", "Morgan"),
    ("x", "", "x"),
    ("李小龍", "", "李小龍"),
    ("Ольга Иванова", "Ольга", "Иванова"),
    ("محمد العربي", "محمد", "العربي"),
];

const MALTESE: &[Case] = &[
    // The rule at its limit: a family name of two words loses its first to the given names.
    ("Ġorġ Borg Olivier", "Ġorġ Borg", "Olivier"),
    ("Borg Olivier, Ġorġ", "Ġorġ", "Borg Olivier"),
    ("G\u{307}org\u{307} Z\u{307}ahra", "Ġorġ", "Żahra"),
    ("Ħanna Ċassar", "Ħanna", "Ċassar"),
    ("ĠUŻEPPI MICALLEF", "ĠUŻEPPI", "MICALLEF"),
    ("Guido de Marco", "Guido", "de Marco"),
    ("Fenech Adami, Eddie", "Eddie", "Fenech Adami"),
    ("Marie-Louise Coleiro Preca", "Marie-Louise Coleiro", "Preca"),
    ("Sur Joe Camilleri", "Joe", "Camilleri"),
    ("Is-Sinjura Carmen Grech", "Carmen", "Grech"),
    ("Perit Karl Azzopardi", "Karl", "Azzopardi"),
    ("Avv. Rita Mifsud", "Rita", "Mifsud"),
    ("In-Nutar Pawlu Spiteri", "Pawlu", "Spiteri"),
    ("Inġ. Mario Buttigieg", "Mario", "Buttigieg"),
    ("Ing\u{307}. Mario Buttigieg", "Mario", "Buttigieg"),
    ("Per. Karl Azzopardi", "Karl", "Azzopardi"),
    ("Dun Karm Psaila", "Karm", "Psaila"),
    ("Prof. Dr. Maria Farrugia", "Maria", "Farrugia"),
    ("Is-Sur u Is-Sinjura Borg", "", "Borg"),
];

const ITALIAN: &[Case] = &[
    ("Lucia Di Stefano", "Lucia", "Di Stefano"),
    ("Marco dell’ Acqua", "Marco", "dell’ Acqua"),
    ("Elena D'Amico", "Elena", "D'Amico"),
    ("Luca della Valle", "Luca", "della Valle"),
    ("Paolo degli Esposti", "Paolo", "degli Esposti"),
    ("Giovanni de' Medici", "Giovanni", "de' Medici"),
    ("Sig. Mario Rossi", "Mario", "Rossi"),
    ("Sig.ra Anna Lo Presti", "Anna", "Lo Presti"),
    ("Dott.ssa Chiara Bianchi", "Chiara", "Bianchi"),
    ("Egidio Dal Pozzo, Ing.", "Egidio", "Dal Pozzo"),
    ("Don Luigi Sturzo", "Luigi", "Sturzo"),
];

const DUTCH_AND_GERMAN: &[Case] = &[
    ("Vincent van Gogh", "Vincent", "van Gogh"),
    ("Jan van der Berg", "Jan", "van der Berg"),
    ("Berg, Jan van den", "Jan", "van den Berg"),
    ("van den Berg, Jan", "Jan", "van den Berg"),
    ("Kees van 't Hoff", "Kees", "van 't Hoff"),
    ("Piet v.d. Meer", "Piet", "v.d. Meer"),
    ("Corrie ten Boom", "Corrie", "ten Boom"),
    ("Mark ter Horst", "Mark", "ter Horst"),
    ("Dhr. Willem de Vries", "Willem", "de Vries"),
    ("Mevrouw Saskia de la Rey", "Saskia", "de la Rey"),
    ("VAN DIJK", "", "VAN DIJK"),
    ("Otto von Bismarck", "Otto", "von Bismarck"),
    ("Hans von und zu Stein", "Hans", "von und zu Stein"),
    ("Anna von der Leyen", "Anna", "von der Leyen"),
    ("Karl zu Guttenberg", "Karl", "zu Guttenberg"),
    ("Herr Prof. Dr. Jürgen Müller", "Jürgen", "Müller"),
    ("Frau Dipl.-Ing. Ulla Groß", "Ulla", "Groß"),
    ("Ju\u{308}rgen Mu\u{308}ller", "Jürgen", "Müller"),
];

const ARABIC: &[Case] = &[
    ("Ahmed Al Hassan", "Ahmed", "Al Hassan"),
    ("Ahmed Al-Hassan", "Ahmed", "Al-Hassan"),
    ("Nawal El Saadawi", "Nawal", "El Saadawi"),
    ("Omar bin Khalid", "Omar", "bin Khalid"),
    ("Salman bin Abd al Aziz", "Salman", "bin Abd al Aziz"),
    ("Muhammad ibn Musa", "Muhammad", "ibn Musa"),
    ("Yusuf Abu Bakr", "Yusuf", "Abu Bakr"),
    ("Mohamed Abdel Rahman", "Mohamed", "Abdel Rahman"),
    ("Ahmed Ben Salah", "Ahmed", "Ben Salah"),
    ("Ben Borg", "Ben", "Borg"),
    ("Abdul Rahman", "Abdul", "Rahman"),
];

const SPANISH: &[Case] = &[
    ("Juan de la Cruz", "Juan", "de la Cruz"),
    ("Ana García López", "Ana García", "López"),
    ("García López, Ana", "Ana", "García López"),
    ("Pedro de los Santos", "Pedro", "de los Santos"),
    ("Doña Carmen del Río", "Carmen", "del Río"),
    ("Sr. Luis Pérez", "Luis", "Pérez"),
    ("Sr. y Sra. Pérez", "", "Pérez"),
    ("María José da Silva", "María José", "da Silva"),
    ("João dos Santos", "João", "dos Santos"),
    ("NUN\u{303}EZ, Ana Mari\u{301}a", "Ana María", "NUÑEZ"),
];

const TITLES_AND_SUFFIXES: &[Case] = &[
    ("Mr John Borg", "John", "Borg"),
    ("MR. JOHN BORG", "JOHN", "BORG"),
    ("Mr Borg", "", "Borg"),
    ("Dr.Maria Farrugia", "Maria", "Farrugia"),
    ("Prof.Dr.Maria Farrugia", "Maria", "Farrugia"),
    ("Mr & Mrs John Borg", "John", "Borg"),
    ("Mr and Mrs Borg", "", "Borg"),
    ("Farrugia, Dr Maria", "Maria", "Farrugia"),
    ("Dr Farrugia, Maria", "Maria", "Farrugia"),
    ("Farrugia, Maria, Dr.", "Maria", "Farrugia"),
    ("Maria Farrugia, PhD", "Maria", "Farrugia"),
    ("Maria Farrugia, Ph.D., M.D.", "Maria", "Farrugia"),
    ("Joe Borg Jr.", "Joe", "Borg"),
    ("Joe Borg III", "Joe", "Borg"),
    ("Borg Jr, Joe", "Joe", "Borg"),
    ("Joe St. John", "Joe", "St. John"),
    ("Per Hansen", "Per", "Hansen"),
    ("Olga Dr Borg", "Olga Dr", "Borg"),
];

/// Words of no name keep something rather than nothing.
const NOTHING_BUT: &[Case] = &[
    ("Van", "", "Van"),
    ("de la", "", "de la"),
    ("van Gogh", "", "van Gogh"),
    ("Dr", "", "Dr"),
    ("Dr.", "", "Dr."),
    ("Mr Dr", "", "Dr"),
    ("Borg, Mr & Mrs", "", "Borg"),
    ("Mr, Dr", "", "Dr"),
    ("Dr Van", "", "Van"),
    ("Mr & Mrs", "", "Mrs"),
    ("Jr", "", "Jr"),
    ("Mr Jr", "", "Jr"),
    ("Borg,", "", "Borg"),
    (", Maria", "", "Maria"),
    ("Borg, van", "van", "Borg"),
    ("Ben", "", "Ben"),
];

#[test]
fn names() {
    let tables = [
        PLAIN,
        MALTESE,
        ITALIAN,
        DUTCH_AND_GERMAN,
        ARABIC,
        SPANISH,
        TITLES_AND_SUFFIXES,
        NOTHING_BUT,
    ];
    for (full, first, last) in tables.concat() {
        let name = split(full);
        let found = (name.first.as_deref().unwrap_or(""), name.last.as_deref().unwrap_or(""));
        assert_eq!(found, (first, last), "{full:?}");
        assert_ne!(name.first.as_deref(), Some(""));
        assert_eq!(split(&name.full()).full(), name.full(), "{full:?} again");
    }
}

/// Words that make every rule meet every other, and any text at all.
fn full_name() -> impl Strategy<Value = String> {
    let listed = |words: &'static [&'static str]| prop::sample::select(words).prop_map(str::to_owned);
    let word = prop_oneof![
        2 => listed(&["Maria", "Borg", "Ġorġ", "G\u{307}org\u{307}", "Ben", "X."]),
        2 => listed(&["Dr", "Prof.", "Sig.ra", "Mr", "Don", "Per.", "Dr.Maria"]),
        2 => listed(&["van", "de", "la", "Al", "'t", "v.d.", "ben"]),
        1 => listed(&["Jr", "III", "PhD", "Sr.", "&", "and", ",", "\u{301}"]),
        1 => "\\PC{1,4}",
    ];
    let gap = prop::sample::select(vec![" ", "  ", "\t", "\u{a0}", ",", ", ", "\u{200b}"]);
    prop::collection::vec((word, gap), 0..7)
        .prop_map(|pairs| pairs.into_iter().map(|(word, gap)| format!("{word}{gap}")).collect())
}

proptest! {
    #[test]
    fn never_panics(full in any::<String>()) {
        let name = split(&full);
        prop_assert!(name.last.is_some() || name.first.is_none());
    }

    #[test]
    fn the_joined_name_splits_into_itself(full in prop_oneof![full_name(), any::<String>()]) {
        let once = split(&full).full();
        prop_assert_eq!(split(&once).full(), once);
    }

    #[test]
    fn no_word_that_is_a_name_is_lost(full in prop_oneof![full_name(), any::<String>()]) {
        let joined = split(&full).full();
        let kept: Vec<&str> = words(&joined).collect();
        let text: String = full.nfc().collect();
        for word in text.split(',').flat_map(name_words) {
            let dropped = is_title(word) || is_suffix(word) || is_joiner(word);
            prop_assert!(dropped || kept.contains(&word), "{word:?} of {full:?} is not in {joined:?}");
        }
    }
}
