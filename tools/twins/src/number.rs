//! Decimals in JSON: with their own digits, never through a float.

use rust_decimal::Decimal;
use serde_json::Value;

/// A decimal as a JSON number.
pub(crate) fn to_json(value: Decimal) -> Value {
    serde_json::from_str(&value.normalize().to_string()).unwrap_or(Value::Null)
}

/// The exact value of a JSON number, or of a text that is one.
pub(crate) fn of(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    text.parse().or_else(|_| Decimal::from_scientific(&text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept() {
        for (text, expected) in [("8450.10", "8450.1"), ("1e2", "100"), ("0.000001", "0.000001")] {
            let number: Value = serde_json::from_str(text).unwrap();
            assert_eq!(of(&number).map(to_json).unwrap().to_string(), expected);
        }
        assert_eq!(
            of(&Value::from("20.50")).map(|it| it.to_string()).as_deref(),
            Some("20.50")
        );
        assert_eq!(of(&Value::from("twenty")), None);
    }
}
