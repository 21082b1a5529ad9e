//! A payment gateway's word: it confirms a payment of the app, and alone is held until the app knows the payment, too.

use crate::app::App;
use crate::billing::words::{COMPLETED, REFUNDED};
use crate::model::{Arrival, Class, Fields, Kind, Patch, Patches, Record, RecordKey, System, Value};
use crate::store::{Item, keys};
use crate::sync::accept::{Accepted, HeldArrival, accept, held_key, hold};
use crate::sync::fields::{APP_ID, GATEWAY_KEY};
use anyhow::Result;
use rust_decimal::Decimal;

/// What a sum is.
const SUM: [&str; 2] = ["amount", "currency"];

/// What a gateway says of a payment, as it was verified.
#[derive(Clone, Debug)]
pub struct Word {
    /// Which gateway.
    pub gateway: System,
    /// Its own id of the payment.
    pub transaction: String,
    /// The app's id of it.
    pub payment: String,
    /// What was paid; none where the gateway tells of something else (what was given back).
    pub amount: Option<Decimal>,
    /// In which currency, if it says so.
    pub currency: Option<String>,
    /// How it was paid, in Zoho's words, if it says so.
    pub method: Option<String>,
    /// How it stands now.
    pub status: &'static str,
}

/// Takes a gateway's word in.
///
/// # Errors
/// When the table does not answer.
pub async fn take_word(app: &App, word: Word) -> Result<Accepted> {
    apply(app, &arrival(word)).await
}

/// What gateways said of a payment before the app did.
///
/// # Errors
/// When the table does not answer.
pub(super) async fn take_held(app: &App, payment: &str) -> Result<()> {
    let row = format!("{}/{payment}", Kind::PAYMENT);
    for gateway in System::GATEWAYS {
        let held = app.store.get::<HeldArrival>(&held_key(gateway.as_str(), &row)).await?;
        if let Some(arrival) = held.and_then(|it| it.body.arrival) {
            apply(app, &arrival).await?;
        }
    }
    Ok(())
}

fn arrival(word: Word) -> Arrival {
    let text = |it: &str| Patch::from(Value::text(it));
    let mut fields = Patches::from([("status".to_owned(), text(word.status))]);
    fields.extend(
        word.amount
            .map(|it| ("amount".to_owned(), Patch::Set(Value::Decimal(it)))),
    );
    fields.extend(word.currency.map(|it| ("currency".to_owned(), text(&it))));
    fields.extend(word.method.map(|it| ("method".to_owned(), text(&it))));
    let known_as = format!("{}:{}", word.gateway, word.transaction);
    Arrival {
        source: word.gateway,
        kind: Kind::PAYMENT,
        source_id: Some(word.payment.clone()),
        keys: vec![
            (APP_ID.to_owned(), word.payment.clone()),
            (GATEWAY_KEY.to_owned(), known_as),
        ],
        fields,
        modified: None,
        made: None,
        asked: None,
        confirmed: true,
        new_id: Some(word.payment),
    }
}

async fn apply(app: &App, arrival: &Arrival) -> Result<Accepted> {
    let record = payment_of(app, arrival).await?;
    let why = match &record {
        None => Some(unknown(arrival)),
        Some(record) => differs(arrival, &record.body),
    };
    match why {
        None => {
            let mut arrival = arrival.clone();
            confirms(&mut arrival, record.as_ref().map(|it| &it.body.fields));
            accept(app, &arrival, Class::LIVE).await
        }
        Some(why) => {
            let known = record.map(|it| it.body.key.id);
            hold(app, arrival, &why, known.into_iter().collect()).await?;
            Ok(Accepted::Held { why })
        }
    }
}

/// The payment that a gateway's word names, or else the one whose transaction it is known to be.
async fn payment_of(app: &App, arrival: &Arrival) -> Result<Option<Item<Record>>> {
    let of = |id: String| keys::record(&RecordKey::new(Kind::PAYMENT, id));
    let named = arrival.source_id.clone().unwrap_or_default();
    if let Some(found) = app.store.get(&of(named)).await? {
        return Ok(Some(found));
    }
    let Some((name, transaction)) = arrival.keys.iter().find(|it| it.0 == GATEWAY_KEY) else {
        return Ok(None);
    };
    let alias = keys::alias(&Kind::PAYMENT, name, transaction);
    match app.store.get::<String>(&alias).await? {
        Some(owner) => app.store.get(&of(owner.body)).await,
        None => Ok(None),
    }
}

/// With the sum, by which a person finds the payment.
fn unknown(arrival: &Arrival) -> String {
    let id = arrival.source_id.as_deref().unwrap_or_default();
    let gateways_own = format!("{}:{id}", arrival.source);
    let why = match arrival.keys.iter().any(|it| it.1 == gateways_own) {
        true => "it names no payment of the app",
        false => "the app has told of no such payment",
    };
    let said = |name: &str| arrival.fields.get(name).and_then(Patch::value);
    let sum: Vec<String> = SUM.into_iter().filter_map(said).map(|it| words(&it)).collect();
    match sum.is_empty() {
        true => why.to_owned(),
        false => format!("{why}: {}", sum.join(" ")),
    }
}

/// A gateway confirms and changes nothing that the app has said: how it was paid counts only where the app has no word for
/// it and the payment is not on its way yet. Gateways promise no order: what was given back is not paid again by an older
/// word that comes late.
fn confirms(arrival: &mut Arrival, known: Option<&Fields>) {
    let Some(known) = known else { return };
    let is = |name: &str, word: &str| known.get(name).and_then(Value::as_text) == Some(word);
    let says_how = known.get("method").is_some_and(|it| !it.is_empty()) && !is("method", "others");
    if says_how || is("status", COMPLETED) || is("status", REFUNDED) {
        arrival.fields.remove("method");
    }
    let says_paid = arrival.fields.get("status") == Some(&Patch::from(Value::text(COMPLETED)));
    if is("status", REFUNDED) && says_paid {
        arrival.fields.remove("status");
    }
}

/// Whether a gateway speaks of other money than the payment's, which nobody may say is the same.
pub(crate) fn is_other_money(arrival: &Arrival, record: &Record) -> bool {
    let said = arrival.fields.get("currency").and_then(Patch::value);
    let known = record.fields.get("currency");
    said.zip(known).is_some_and(|(said, known)| said != *known)
}

/// A sum as people write it, with its cents; else the value's own words.
fn words(value: &Value) -> String {
    match value {
        Value::Decimal(number) if number.scale() < 2 => format!("{number:.2}"),
        Value::Decimal(number) => number.to_string(),
        other => other.as_text().unwrap_or("none").to_owned(),
    }
}

/// In what a gateway's word and the payment differ. Money is confirmed to the cent, or by a person who was shown both sums.
pub(crate) fn differs(arrival: &Arrival, record: &Record) -> Option<String> {
    let differs = |name: &str| {
        let said = arrival.fields.get(name).and_then(Patch::value)?;
        let known = record.fields.get(name)?;
        let (theirs, ours) = (words(&said), words(known));
        (said != *known).then(|| format!("{name}: {} says {theirs}, and the app {ours}", arrival.source))
    };
    let all: Vec<String> = SUM.into_iter().filter_map(differs).collect();
    (!all.is_empty()).then(|| all.join("; "))
}
