//! Amounts in a currency's minor unit, as Stripe counts it (docs/vendors.md §7.4), which is not always ISO 4217's.

use rust_decimal::Decimal;

/// Currencies whose amounts are whole units. UGX stands in Stripe's list, too, but its special case (an amount of 500 is
/// 5 UGX) goes before; ISK has the same case and stands in no list.
const WHOLE: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
];

/// Currencies whose amounts are thousandths.
const THOUSANDTHS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// A three-letter code in capitals, if it is one.
pub(super) fn code(text: &str) -> Option<String> {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code.then(|| text.to_ascii_uppercase())
}

/// An amount in major units, exact. All currencies that Stripe does not set apart have two places.
pub(super) fn major(minor: i64, code: &str) -> Decimal {
    let places = match code {
        code if WHOLE.contains(&code) => 0,
        code if THOUSANDTHS.contains(&code) => 3,
        _ => 2,
    };
    Decimal::new(minor, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_currency() {
        for (minor, currency, expected) in [
            (1099, "USD", "10.99"),
            (1000, "USD", "10.00"),
            (59910, "ZAR", "599.10"),
            (1, "EUR", "0.01"),
            (500, "JPY", "500"),
            (500, "XOF", "500"),
            (500, "CLP", "500"),
            (5120, "KWD", "5.120"),
            (5120, "TND", "5.120"),
            // The special cases: two places, though both are currencies without any.
            (500, "ISK", "5.00"),
            (500, "UGX", "5.00"),
            // Without places in payouts only.
            (1045, "HUF", "10.45"),
            (80045, "TWD", "800.45"),
            (999_999_999_999, "IDR", "9999999999.99"),
            (0, "ZAR", "0.00"),
        ] {
            assert_eq!(major(minor, currency).to_string(), expected, "{minor} {currency}");
        }
    }

    #[test]
    fn a_code_has_three_letters() {
        for (text, expected) in [
            ("zar", Some("ZAR")),
            ("JPY", Some("JPY")),
            ("", None),
            ("rand", None),
            ("z4r", None),
            ("zä", None),
        ] {
            assert_eq!(code(text).as_deref(), expected, "{text}");
        }
    }
}
