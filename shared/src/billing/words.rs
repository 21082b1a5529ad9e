//! Words: how a payment was made and stands, what an invoice is for. What the app calls them is known here; a word that
//! is not is kept as it came.

/// Types of invoice that are made by hand in the app, with the name of the product that each line of one carries.
const TYPES: [(&str, &str); 4] = [
    ("adjustment", "Adjustment"),
    ("equipment", "Equipment"),
    ("installation", "Installation"),
    ("pro_rata", "Pro-rata"),
];

/// The type of invoice that Zoho makes itself, of a subscription.
pub const RECURRING: &str = "recurring";

/// The type of an invoice, as it is compared: small, with `_` for what people put between words.
#[must_use]
pub fn invoice_type(said: &str) -> String {
    said.trim().to_lowercase().replace(['-', ' '], "_")
}

/// The product of a type: the id of its record, and its name. `None`: no such type is made by hand.
#[must_use]
pub fn product_of(kind: &str) -> Option<(String, &'static str)> {
    let found = TYPES.iter().find(|it| it.0 == kind)?;
    Some((format!("invoice_type_{kind}"), found.1))
}

/// A payment whose money has come.
pub const COMPLETED: &str = "completed";
/// A payment whose money has gone back, or partly.
pub const REFUNDED: &str = "refunded";

/// How a payment stands: `completed`, `refunded`, or the app's own word for anything else.
#[must_use]
pub fn payment_status(said: &str) -> String {
    let word = said.trim().to_lowercase().replace(['-', ' '], "_");
    match word.as_str() {
        "completed" | "complete" | "paid" | "success" | "successful" | "succeeded" => COMPLETED.to_owned(),
        "refunded" | "refund" | "partially_refunded" | "partial_refund" | "reversed" | "reversal" | "chargeback"
        | "charged_back" | "disputed" => REFUNDED.to_owned(),
        _ => word,
    }
}

/// How a payment was made, in Zoho's words; `None` for a way that Zoho has no word for.
#[must_use]
pub fn method(said: &str) -> Option<&'static str> {
    let word = said.trim().to_lowercase().replace(['_', ' '], "-");
    Some(match word.as_str() {
        // The numbers are Netcash's codes (docs/vendors.md §8).
        "1" | "5" | "6" | "7" | "card" | "credit-card" | "creditcard" | "debit-card" | "masterpass" | "visa" => {
            "creditcard"
        }
        "2" | "4" | "eft" | "instant-eft" | "bank-eft" | "bank-transfer" | "banktransfer" | "debit-order" => {
            "banktransfer"
        }
        "cash" => "cash",
        "check" | "cheque" => "check",
        "others" => "others",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_invoice() {
        for (said, kind, product) in [
            ("installation", "installation", Some("Installation")),
            ("pro-rata", "pro_rata", Some("Pro-rata")),
            (" Pro_Rata ", "pro_rata", Some("Pro-rata")),
            ("equipment", "equipment", Some("Equipment")),
            ("adjustment", "adjustment", Some("Adjustment")),
            ("recurring", RECURRING, None),
            ("deposit", "deposit", None),
        ] {
            assert_eq!(invoice_type(said), kind);
            assert_eq!(product_of(kind).map(|it| it.1), product, "{said}");
        }
    }

    #[test]
    fn how_a_payment_stands() {
        for (said, status) in [
            ("completed", COMPLETED),
            ("Paid", COMPLETED),
            ("refunded", REFUNDED),
            ("partially-refunded", REFUNDED),
            ("reversed", REFUNDED),
            ("Pending", "pending"),
            ("failed", "failed"),
        ] {
            assert_eq!(payment_status(said), status, "{said}");
        }
    }

    #[test]
    fn how_a_payment_was_made() {
        for (said, mode) in [
            ("1", Some("creditcard")),
            ("Credit Card", Some("creditcard")),
            ("EFT", Some("banktransfer")),
            ("instant_eft", Some("banktransfer")),
            ("2", Some("banktransfer")),
            ("cash", Some("cash")),
            ("check", Some("check")),
            ("cheque", Some("check")),
            ("3", None),
            ("bitcoin", None),
        ] {
            assert_eq!(method(said), mode, "{said}");
        }
    }
}
