//! Page tokens: stateless, so that they outlive a restart (docs/vendors.md §1.5).

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use serde_json::json;

use super::error::Failure;
use super::leads::Key;

/// A token lives 24 hours.
const LIFE_SECONDS: i64 = 24 * 3600;

/// Where a scan goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The last row that was shown; none at the start.
    pub(crate) after: Option<Key>,
    /// The number of the page to show, from 1.
    pub(crate) page: usize,
}

/// Makes the token of a place in a scan with these parameters.
pub(crate) fn write(place: &Place, params: &str, now: Timestamp) -> (String, i64) {
    let expiry = now.as_second() + LIFE_SECONDS;
    let after = place.after.map(|(key, id)| json!([key, id]));
    let content = json!([fingerprint(params), after, place.page, expiry]);
    (BASE64URL_NOPAD.encode(content.to_string().as_bytes()), expiry)
}

/// Reads a token; it must be young and from a scan with the very same parameters.
pub(crate) fn read(token: &str, params: &str, now: Timestamp) -> Result<Place, Failure> {
    let invalid = || Failure::param("INVALID_DATA", "page_token");
    let content = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| invalid())?;
    type Content = (String, Option<Key>, usize, i64);
    let (print, after, page, expiry): Content = serde_json::from_slice(&content).map_err(|_| invalid())?;
    if now.as_second() >= expiry {
        return Err(Failure::param("EXPIRED_VALUE", "page_token"));
    }
    if print != fingerprint(params) {
        return Err(Failure::param("TOKEN_BOUND_DATA_MISMATCH", "page_token"));
    }
    Ok(Place { after, page })
}

/// FNV-1a: the same in every build, which the standard hasher does not promise.
fn fingerprint(params: &str) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", params.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_bound_to_parameters_and_a_day() {
        let start = Timestamp::UNIX_EPOCH;
        let at = |seconds: i64| Timestamp::from_second(seconds).unwrap();
        let place = Place {
            after: Some((5, 7)),
            page: 3,
        };
        let (token, expiry) = write(&place, "fields=id&", start);
        assert_eq!(expiry, 86_400);
        assert_eq!(read(&token, "fields=id&", at(86_399)).unwrap(), place);
        assert_eq!(
            read(&token, "fields=id&", at(86_400)).unwrap_err().code,
            "EXPIRED_VALUE"
        );
        assert_eq!(
            read(&token, "fields=x&", start).unwrap_err().code,
            "TOKEN_BOUND_DATA_MISMATCH"
        );
        assert_eq!(read("x", "fields=id&", start).unwrap_err().code, "INVALID_DATA");
    }
}
