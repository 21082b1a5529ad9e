//! Names and places as a solar installer in Malta meets them. All invented; the mail domains are reserved ones.

/// Full names: Maltese, Italian, Dutch, German, Arabic and Spanish.
pub(super) const NAMES: [&str; 48] = [
    "Maria Borg",
    "Joseph Camilleri",
    "Carmen Vella",
    "Mario Farrugia",
    "Rita Zammit",
    "Emanuel Galea",
    "Doris Micallef",
    "Karmenu Grech",
    "Ġorġ Attard",
    "Ċensa Spiteri",
    "Ċetta Azzopardi",
    "Nazzareno Mifsud",
    "Dr. Stephanie Caruana",
    "Żeżu Buttigieg",
    "Giulia Rossi",
    "Marco De Luca",
    "Francesca Di Stefano",
    "Antonio D'Angelo",
    "Chiara Lo Monaco",
    "Lorenzo Esposito",
    "Sofia Della Valle",
    "Jan de Vries",
    "Sanne van den Berg",
    "Pieter van der Meer",
    "Anouk Bakker",
    "Willem ter Horst",
    "Femke de Groot",
    "Thomas Müller",
    "Anna-Lena Schröder",
    "Prof. Dr. Klaus von Hohenfels",
    "Jürgen Weiß",
    "Katharina zu Salm",
    "Friedrich Vom Stein",
    "Omar al-Sayed",
    "Fatima bint Khalid",
    "Youssef El Masri",
    "Layla Haddad",
    "Khalid ibn Rashid",
    "Noor Abdel Rahman",
    "Carlos García López",
    "María José Fernández",
    "Pablo de la Cruz",
    "Lucía del Río",
    "Javier Martínez",
    "Inés Ortega y Gasset",
    "Peppi",
    "Mrs Josephine Schembri",
    "Salvu Cassar-Torreggiani",
];

/// A locality, and where it is if the portal knows it.
pub(super) struct Locality {
    pub(super) name: &'static str,
    pub(super) at: Option<(&'static str, &'static str)>,
}

const fn known(name: &'static str, latitude: &'static str, longitude: &'static str) -> Locality {
    Locality {
        name,
        at: Some((latitude, longitude)),
    }
}

const fn unknown(name: &'static str) -> Locality {
    Locality { name, at: None }
}

/// Malta and Gozo, some with coordinates.
pub(super) const LOCALITIES: [Locality; 20] = [
    unknown("Sliema"),
    known("Valletta", "35.8989", "14.5146"),
    unknown("Birkirkara"),
    known("Mosta", "35.9097", "14.4261"),
    unknown("Ħaż-Żabbar"),
    known("Mellieħa", "35.9564", "14.3622"),
    unknown("Naxxar"),
    unknown("San Pawl il-Baħar"),
    known("Marsaxlokk", "35.8417", "14.5431"),
    unknown("Rabat"),
    unknown("Victoria"),
    known("Xagħra", "36.0508", "14.2675"),
    unknown("Nadur"),
    known("Għarb", "36.0603", "14.2092"),
    unknown("Xewkija"),
    known("Marsalforn", "36.0711", "14.2561"),
    unknown("Żebbuġ, Gozo"),
    known("Munxar", "36.0300", "14.2333"),
    unknown("San Ġwann"),
    unknown("Qormi"),
];

pub(super) const STREETS: [&str; 8] = [
    "Triq il-Kbira",
    "Triq San Ġorġ",
    "Triq ir-Repubblika",
    "Triq Santa Marija",
    "Triq il-Bajja",
    "Triq l-Imdina",
    "Triq it-Tempju",
    "Triq il-Wied",
];

/// The portal's words for a status that the shipped table knows.
pub(super) const STATUSES: [&str; 5] = ["new", "new", "open", "contacted", "qualified"];

pub(super) const SOURCES: [&str; 3] = ["website", "fair", "referral"];
