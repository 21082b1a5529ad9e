//! How a payment was made (docs/vendors.md §8.3). Pure; one table.

/// How a payment was made, as far as books care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaidBy {
    /// A card, or the wallet of a card scheme.
    CreditCard,
    /// A transfer between banks, instant or not.
    BankTransfer,
    /// Cash, at the till of a shop.
    Cash,
    /// By a way that Netcash has not documented: to be noted beside the payment.
    Other,
}

impl PaidBy {
    /// The word for it: `creditcard`, `banktransfer`, `cash`, `other`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::CreditCard => "creditcard",
            Self::BankTransfer => "banktransfer",
            Self::Cash => "cash",
            Self::Other => "other",
        }
    }
}

/// Reads the code in [`Transaction::method`](super::Transaction::method).
#[must_use]
pub fn paid_by(method: &str) -> PaidBy {
    match method.trim() {
        // Card, MasterPass, Visa Click to Pay, Masterpass Scan to Pay.
        "1" | "5" | "6" | "7" => PaidBy::CreditCard,
        // Bank EFT, instant EFT.
        "2" | "4" => PaidBy::BankTransfer,
        // Retail.
        "3" => PaidBy::Cash,
        _ => PaidBy::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code() {
        for (method, expected) in [
            ("1", "creditcard"),
            ("2", "banktransfer"),
            ("3", "cash"),
            ("4", "banktransfer"),
            ("5", "creditcard"),
            ("6", "creditcard"),
            ("7", "creditcard"),
            (" 1 ", "creditcard"),
            ("8", "other"),
            ("10", "other"),
            ("", "other"),
            ("EFT", "other"),
        ] {
            assert_eq!(paid_by(method).word(), expected, "{method:?}");
        }
    }
}
