//! What an event says of money (docs/vendors.md §7.3). Pure; one table.

use super::currency::{code, major};
use super::event::{Event, text};
use rust_decimal::Decimal;
use serde_json::Value as Json;

/// Keys of `metadata` under which the app puts its own id of a payment, in this order.
const REFERENCES: [&str; 2] = ["payment_id", "transaction_id"];

/// Money that moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Stripe's id of the payment: that of its PaymentIntent, so that all events of one payment name the same; a charge
    /// without one is named by its own (`ch_…`).
    pub transaction: String,
    /// How much, in major units (rand, not cents), exact.
    pub amount: Decimal,
    /// The currency's code in capitals, such as `ZAR`.
    pub currency: String,
    /// Our id of it: `payment_id` or `transaction_id` of the metadata, else the session's `client_reference_id`.
    pub reference: Option<String>,
}

/// What an event means for our payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The money was collected.
    Paid(Payment),
    /// Given back: the amount is all that was so far, not what this event added.
    Refunded(Payment),
    /// The bank of whoever paid takes it back, or asks.
    Disputed(Payment),
    /// Nothing for us, and why. All kinds that are not named in [`meaning`] are.
    Ignored(&'static str),
}

/// What an event says of money. Used are `payment_intent.succeeded`, `charge.succeeded`, `checkout.session.completed` with
/// `checkout.session.async_payment_succeeded`, `charge.refunded` and `charge.dispute.created`.
///
/// # Errors
/// Which field of such an event can't be read; never its value.
pub fn meaning(event: &Event) -> Result<Meaning, String> {
    let Some(object) = &event.object else {
        return Ok(Meaning::Ignored("a thin event: it only names its object"));
    };
    match event.kind.as_str() {
        "payment_intent.succeeded" => moved(object, text(object, "id")?, "amount_received").map(Meaning::Paid),
        "charge.succeeded" => charge(object),
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => session(object),
        "charge.refunded" => moved(object, of_charge(object, "id")?, "amount_refunded").map(Meaning::Refunded),
        "charge.dispute.created" => moved(object, of_charge(object, "charge")?, "amount").map(Meaning::Disputed),
        _ => Ok(Meaning::Ignored("a kind of event that is not used")),
    }
}

/// A charge succeeds, too, when the money is only reserved.
fn charge(object: &Json) -> Result<Meaning, String> {
    match object["captured"].as_bool() {
        Some(true) => moved(object, of_charge(object, "id")?, "amount_captured").map(Meaning::Paid),
        Some(false) => Ok(Meaning::Ignored("a charge that is not captured")),
        None => Err("captured is missing".to_owned()),
    }
}

/// A session completes, too, before a slow way of paying has brought the money, and where nothing is to be paid.
fn session(object: &Json) -> Result<Meaning, String> {
    match object["payment_status"].as_str() {
        Some("paid") => {}
        Some(_) => return Ok(Meaning::Ignored("a session that is not paid")),
        None => return Err("payment_status is missing".to_owned()),
    }
    match object["payment_intent"].as_str() {
        Some(intent) => moved(object, intent.to_owned(), "amount_total").map(Meaning::Paid),
        // A subscription's: the payment of its first invoice comes with its own event.
        None => Ok(Meaning::Ignored("a session without a payment of its own")),
    }
}

/// The payment's id: the PaymentIntent's, else the charge's, which stands under `name`.
fn of_charge(object: &Json, name: &str) -> Result<String, String> {
    match object["payment_intent"].as_str() {
        Some(intent) => Ok(intent.to_owned()),
        None => text(object, name),
    }
}

fn moved(object: &Json, transaction: String, amount: &str) -> Result<Payment, String> {
    let currency = code(&text(object, "currency")?).ok_or("currency is not a code of three letters")?;
    let minor = object[amount].as_i64().filter(|minor| *minor >= 0);
    let minor = minor.ok_or_else(|| format!("{amount} is not a whole number"))?;
    Ok(Payment {
        transaction,
        amount: major(minor, &currency),
        currency,
        reference: reference(object),
    })
}

fn reference(object: &Json) -> Option<String> {
    let named = REFERENCES.iter().find_map(|key| text(&object["metadata"], key).ok());
    named.or_else(|| text(object, "client_reference_id").ok())
}
