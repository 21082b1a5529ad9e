//! What an organisation of Zoho Billing looks like.

/// The settings of a [`super::ZohoBilling`]. [`Settings::default`] is an organisation in South Africa on the plan
/// "Standard".
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its number, which each call names.
    pub organization: String,
    /// Its offset from UTC, in seconds: it decides which day it is.
    pub offset_seconds: i32,
    /// Its currency.
    pub currency_code: String,
    /// The sign of its currency.
    pub currency_symbol: String,
    /// Places that an amount is rounded to.
    pub price_precision: u32,
    /// Labels of the custom fields of customers.
    pub customer_fields: Vec<String>,
    /// Calls in any minute.
    pub calls_per_minute: usize,
    /// Calls in any 24 hours.
    pub calls_per_day: usize,
    /// Calls in flight at once.
    pub concurrency: usize,
    /// Calls in any minute, refused ones too, that bring the block of an hour; `None`: nothing does.
    pub block_after: Option<usize>,
    /// Status of the answer to an id that is not there: not documented.
    pub missing_status: u16,
    /// Under which of a transaction's ids its payment is read: not documented.
    pub transaction_ids: TransactionIds,
}

/// What the ids of a payment's transaction are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionIds {
    /// `transaction_id` is the payment's id, `reference_id` its reference number.
    Payment,
    /// `transaction_id` is an id of its own, `reference_id` the payment's.
    Own,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            organization: "10234695".to_owned(),
            offset_seconds: 2 * 3600,
            currency_code: "ZAR".to_owned(),
            currency_symbol: "R".to_owned(),
            price_precision: 2,
            customer_fields: vec!["App Customer ID".to_owned()],
            calls_per_minute: 100,
            calls_per_day: 1_000,
            concurrency: 5,
            block_after: Some(1_000),
            missing_status: 404,
            transaction_ids: TransactionIds::Payment,
        }
    }
}
