//! Which island a lead's house stands on: Gozo and Comino, or Malta.
//!
//! Coordinates decide first, then the locality's name. Where neither does, the answer is "unknown": an
//! installer plans a ferry by this field, and a wrong "no" costs more than an open question.

mod coast;
mod locality;
mod places;

/// Whether the house is on Gozo or Comino; `None` if that cannot be said.
///
/// `coordinates` are (latitude, longitude) in degrees, WGS 84. They are passed over in favour of `locality`
/// when they lie on no Maltese island: not a number, (0, 0), the wrong way round, another country, open sea.
/// `locality` is a town's or village's name in Maltese or English, with or without diacritics, alone or with
/// the rest of an address around it, divided by commas.
#[must_use]
pub fn is_gozo(coordinates: Option<(f64, f64)>, locality: Option<&str>) -> Option<bool> {
    let located = coordinates.and_then(|(latitude, longitude)| coast::is_gozo(latitude, longitude));
    located.or_else(|| locality.and_then(locality::is_gozo))
}

#[cfg(test)]
mod tests;
