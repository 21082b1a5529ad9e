use super::*;
use proptest::prelude::*;

const ON_GOZO: Option<bool> = Some(true);
const ON_MALTA: Option<bool> = Some(false);

#[test]
fn coordinates() {
    // Latitude and longitude to about 10 m, read off the map; villages as in GeoNames.
    let cases = [
        ("Victoria", 36.0444, 14.2397, ON_GOZO),
        ("Xagħra", 36.0500, 14.2644, ON_GOZO),
        ("Nadur", 36.0378, 14.2942, ON_GOZO),
        ("Għarb", 36.0600, 14.2089, ON_GOZO),
        ("Żebbuġ of Gozo", 36.0722, 14.2358, ON_GOZO),
        ("Marsalforn", 36.0720, 14.2590, ON_GOZO),
        ("Xlendi", 36.0290, 14.2160, ON_GOZO),
        ("Mġarr harbour", 36.0249, 14.2993, ON_GOZO),
        ("Ras il-Qala", 36.0270, 14.3350, ON_GOZO),
        ("Gozo's eastern end", 36.0342, 14.3363, ON_GOZO),
        ("San Dimitri Point", 36.0750, 14.1850, ON_GOZO),
        ("Gozo's western end", 36.0717, 14.1829, ON_GOZO),
        ("Gozo's northern end", 36.0821, 14.2233, ON_GOZO),
        ("Gozo's southern end", 36.0104, 14.2625, ON_GOZO),
        ("Ta' Ċenċ cliffs", 36.0190, 14.2540, ON_GOZO),
        ("Fungus Rock", 36.0469, 14.1886, ON_GOZO),
        ("Dwejra", 36.0490, 14.1920, ON_GOZO),
        ("Blue Lagoon", 36.0139, 14.3238, ON_GOZO),
        ("Comino's Santa Marija Bay", 36.0170, 14.3390, ON_GOZO),
        ("Comino's southern end", 36.0037, 14.3291, ON_GOZO),
        ("Comino's eastern end", 36.0100, 14.3521, ON_GOZO),
        ("Ċirkewwa ferry terminal", 35.9886, 14.3290, ON_MALTA),
        ("Paradise Bay", 35.9820, 14.3310, ON_MALTA),
        ("Marfa", 35.9868, 14.3420, ON_MALTA),
        ("Armier", 35.9905, 14.3590, ON_MALTA),
        ("Aħrax point", 35.9975, 14.3660, ON_MALTA),
        ("Malta's northern end", 35.9987, 14.3683, ON_MALTA),
        ("Selmun", 35.9590, 14.3830, ON_MALTA),
        ("Mellieħa", 35.9564, 14.3622, ON_MALTA),
        ("Mġarr, the village", 35.9206, 14.3664, ON_MALTA),
        ("Rabat of Malta", 35.8815, 14.3987, ON_MALTA),
        ("Valletta", 35.8997, 14.5147, ON_MALTA),
        ("Marsaskala's point", 35.8624, 14.5770, ON_MALTA),
        ("Filfla", 35.7866, 14.4075, ON_MALTA),
        ("in the sea north of Gozo, in the box", 36.0895, 14.3600, None),
        ("in the sea north-east of Aħrax", 36.0010, 14.3690, None),
        ("in the sea west of Malta", 35.9000, 14.2000, None),
        ("Null Island", 0.0, 0.0, None),
        ("longitude first", 14.2397, 36.0444, None),
        ("Catania", 37.5079, 15.0830, None),
        ("not a number", f64::NAN, f64::NAN, None),
        ("half a number", 36.0444, f64::NAN, None),
        ("infinite", f64::INFINITY, f64::NEG_INFINITY, None),
        ("infinite to the west", 36.0444, f64::NEG_INFINITY, None),
    ];
    for (place, latitude, longitude, expected) in cases {
        assert_eq!(is_gozo(Some((latitude, longitude)), None), expected, "{place}");
    }
}

#[test]
fn coordinates_come_first_where_they_say_something() {
    let cases = [
        (Some((36.0444, 14.2397)), Some("Sliema"), ON_GOZO),
        (Some((35.8997, 14.5147)), Some("Nadur"), ON_MALTA),
        (Some((0.0, 0.0)), Some("Nadur"), ON_GOZO),
        (Some((f64::NAN, 14.24)), Some("Sliema"), ON_MALTA),
        (Some((14.2397, 36.0444)), Some("Rabat"), None),
        (Some((37.5079, 15.0830)), None, None),
        (None, Some("Għajnsielem"), ON_GOZO),
        (None, None, None),
    ];
    for (coordinates, locality, expected) in cases {
        assert_eq!(is_gozo(coordinates, locality), expected, "{coordinates:?} {locality:?}");
    }
}

fn assert_all(expected: Option<bool>, localities: &[&str]) {
    for locality in localities {
        assert_eq!(is_gozo(None, Some(locality)), expected, "{locality:?}");
    }
}

#[test]
#[rustfmt::skip]
fn localities_of_gozo() {
    assert_all(ON_GOZO, &[
        "Victoria", "victoria", " VICTORIA ", "Rabat, Gozo", "Rabat Għawdex", "Ir-Rabat (Għawdex)",
        "Victoria (Rabat)", "Rabat / Victoria", "Victoria, Malta", "Victoria VCT 1234", "VICTORIA VCT1234 MALTA",
        "Xagħra", "Xaghra", "Ix-Xagħra", "ix-xaghra", "Xag\u{127}ra", "Nadur", "In-Nadur", "Nadur, Malta",
        "Nadur - Malta", "Qala", "Il-Qala", "Għajnsielem", "Ghajnsielem", "GĦAJNSIELEM", "Għajn Sielem",
        "Għajnsielem and Comino", "Sannat", "Ta' Sannat", "Ta’ Sannat", "Ta'Sannat", "Xewkija", "Ix-Xewkija",
        "Żebbuġ, Gozo", "Iż-Żebbuġ, Għawdex", "Zebbug Gozo", "Żebbuġ (Gozo)", "Għarb", "Gharb", "L-Għarb",
        "San Lawrenz", "Saint Lawrence", "St. Lawrence", "Għasri", "L-Għasri", "Ghasri", "Kerċem", "Kercem",
        "Ta' Kerċem", "Munxar", "Il-Munxar", "Fontana", "Marsalforn", "Xlendi", "Mġarr, Għawdex", "Mgarr Gozo",
        "Santa Luċija, Għawdex", "Comino", "Kemmuna", "Gozo", "Għawdex", "G\u{127}awdex", "GHAWDEX",
        "z\u{307}ebbug\u{307}, gozo", "12, Triq il-Kbira, Nadur", "Limits of Qala", "Mġarr ix-Xini",
    ]);
}

#[test]
#[rustfmt::skip]
fn localities_of_malta() {
    assert_all(ON_MALTA, &[
        "Attard", "Ħ'Attard", "Balzan", "Ħal Balzan", "Birgu", "Il-Birgu", "Vittoriosa", "Birkirkara",
        "B'Kara", "Birżebbuġa", "Birzebbuga", "Bormla", "Cospicua", "Dingli", "Ħad-Dingli", "Fgura", "Il-Fgura",
        "Floriana", "Il-Furjana", "Għargħur", "Ħal Għargħur", "Gharghur", "Għaxaq", "Ħal Għaxaq", "Gudja",
        "Gżira", "Il-Gżira", "Gzira", "Ħamrun", "Il-Ħamrun", "Hamrun", "L-Iklin", "Iklin", "L-Isla", "Senglea",
        "Kalkara", "Kirkop", "Ħal Kirkop", "Lija", "Ħal Lija", "Luqa", "Ħal Luqa", "Marsa", "Il-Marsa",
        "Marsaskala", "Wied il-Għajn", "Marsaxlokk", "Mdina", "L-Imdina", "Mellieħa", "Il-Mellieħa",
        "Mellieha", "Mosta", "Il-Mosta", "Mqabba", "L-Imqabba", "Msida", "L-Imsida", "Mtarfa", "L-Imtarfa",
        "Naxxar", "In-Naxxar", "Paola", "Raħal Ġdid", "Pembroke", "Pietà", "Tal-Pietà", "Pieta", "Qormi",
        "Ħal Qormi", "Qrendi", "Il-Qrendi", "Safi", "Ħal Safi", "San Ġiljan", "St. Julian's", "St Julians",
        "Saint Julian’s", "San Ġwann", "San Gwann", "San Pawl il-Baħar", "St. Paul's Bay", "Saint Paul's Bay",
        "Santa Venera", "Siġġiewi", "Is-Siġġiewi", "Siggiewi", "Sliema", "Tas-Sliema", "Swieqi", "Is-Swieqi",
        "Ta' Xbiex", "Ta’ Xbiex", "Tarxien", "Ħal Tarxien", "Valletta", "Il-Belt Valletta", "Il-Belt",
        "Xgħajra", "Ix-Xgħajra", "Żabbar", "Ħaż-Żabbar", "Ħaż-Żebbuġ", "Haz-Zebbug", "Żejtun", "Iż-Żejtun",
        "Żurrieq", "Iż-Żurrieq", "Buġibba", "Bugibba", "Qawra", "Paceville", "Ċirkewwa", "Marfa",
        "Sliema, Malta", "Sliema SLM 1234", "Mosta, MST1234, Malta", "Triq Victoria Street, Sliema",
    ]);
}

#[test]
#[rustfmt::skip]
fn localities_that_say_nothing() {
    assert_all(None, &[
        "", "  ", ",", "Malta", "MT", "Rabat", "Ir-Rabat", "Rabat, Malta", "Żebbuġ", "Zebbug", "Iż-Żebbuġ",
        "Żebbuġ, Malta", "Mġarr", "L-Imġarr", "Mgarr", "Mġarr Harbour", "Santa Luċija", "Dwejra", "London",
        "Catania", "Unknown", "-", "Il-", "Gozo Street, Mosta", "Triq Għawdex, Ħal Qormi", "Victoria, Sliema",
        "Victoria Street", "Nadurian", "Malta or Nadur",
    ]);
}

proptest! {
    #[test]
    fn never_panics(latitude in any::<f64>(), longitude in any::<f64>(), locality in any::<String>()) {
        let _ = is_gozo(Some((latitude, longitude)), Some(&locality));
    }

    #[test]
    fn gozo_is_only_in_the_box_and_malta_only_south_of_it(
        latitude in 35.7_f64..36.2, longitude in 14.1_f64..14.7
    ) {
        let in_box = (36.00..=36.09).contains(&latitude) && (14.17..=14.37).contains(&longitude);
        match is_gozo(Some((latitude, longitude)), None) {
            Some(true) => prop_assert!(in_box),
            Some(false) => prop_assert!(!in_box),
            None => {}
        }
    }
}
