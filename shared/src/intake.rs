//! Inbound webhooks: raw bytes → verified → stored → enqueued → acknowledged. Bodies of unsigned sources are hints.

pub mod stripe;

use crate::app::App;
use crate::job::Message;
use crate::model::Class;
use crate::planted::{Bug, planted};
use crate::store::{DueIndex, Item, Places, Put, keys};
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

/// A stored webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Intake {
    /// Whose webhook it is: `portal`, `zoho_crm`.
    pub source: String,
    /// The event's id.
    pub id: String,
    /// The body as it came.
    pub body: String,
    /// When it came.
    pub received_at: Timestamp,
    /// When it was applied.
    pub processed_at: Option<Timestamp>,
    /// What went wrong last.
    pub error: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
}

/// A body whose sender has proved itself. Comes only from [`verify`] and [`verify_stripe`].
#[derive(Debug)]
pub struct Verified<'a>(&'a [u8]);

/// A verified body that is JSON. Comes only from [`Verified::json`].
#[derive(Debug)]
pub struct Readable(String);

impl Verified<'_> {
    /// The body as it came, if it is JSON.
    #[must_use]
    pub fn json(self) -> Option<Readable> {
        serde_json::from_slice::<serde::de::IgnoredAny>(self.0).ok()?;
        String::from_utf8(self.0.to_vec()).ok().map(Readable)
    }
}

/// Kept 30 days after it was applied, in seconds.
const KEPT: i64 = 30 * 24 * 3600;
/// Own cap, below the gateway's ten megabytes.
pub const LARGEST_BODY: usize = 256 * 1024;

/// Verifies a shared secret, in constant time. Fails closed: nothing configured is nothing verified.
#[must_use]
pub fn verify<'a>(body: &'a [u8], shown: Option<&str>, secret: Option<&SecretString>) -> Option<Verified<'a>> {
    let (shown, secret) = shown.zip(secret)?;
    same(secret.expose_secret(), shown).then_some(Verified(body))
}

/// Verifies Stripe's signature over the body as it came (the header `Stripe-Signature`). `secrets` is one signing secret,
/// or several with commas between them. Fails closed; the log says why, without header or body.
#[must_use]
pub fn verify_stripe<'a>(
    body: &'a [u8],
    header: Option<&str>,
    secrets: Option<&SecretString>,
    now: Timestamp,
) -> Option<Verified<'a>> {
    match stripe::check(body, header, secrets, now) {
        Ok(()) => Some(Verified(body)),
        Err(why) => {
            tracing::warn!(source = "stripe", why = %why, "webhook refused");
            None
        }
    }
}

/// Compares without telling by its time how much was right.
#[must_use]
pub fn same(ours: &str, theirs: &str) -> bool {
    keys::sha256(ours.as_bytes())
        .as_bytes()
        .ct_eq(keys::sha256(theirs.as_bytes()).as_bytes())
        .into()
}

/// Stores a webhook and enqueues it. Only after this may it be acknowledged.
///
/// # Errors
/// When it could not be stored. Not being enqueued is no error: the sweep finds it.
pub async fn store(app: &App, source: &str, body: Readable) -> Result<String> {
    let named = (source == "zoho_billing").then(|| event_id(&body.0)).flatten();
    let id = named.map_or_else(|| app.random.ulid(&app.clock), |it| event_name(&it));
    hint(app, source, &id, body.0).await?;
    Ok(id)
}

/// Under which id an event of Zoho Billing is stored, whether a webhook told of it or its list of events.
#[must_use]
pub fn event_name(id: &str) -> String {
    format!("event.{id}")
}

/// The id that Zoho Billing gives an event: a number (docs/vendors.md §2.5). A webhook that is set up without it has none.
fn event_id(body: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    let id = body.get("event_id")?;
    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    let is_number = !id.is_empty() && id.bytes().all(|it| it.is_ascii_digit());
    is_number.then_some(id)
}

/// Stores a webhook under its sender's own id of the event and enqueues it: a second delivery is the same one.
///
/// # Errors
/// When it could not be stored.
pub async fn store_as(app: &App, source: &str, id: &str, body: Readable) -> Result<()> {
    hint(app, source, id, body.0).await
}

/// Stores a note of our own to read something again, as if it had been announced.
///
/// # Errors
/// When it could not be stored.
pub async fn hint(app: &App, source: &str, id: &str, body: String) -> Result<()> {
    let now = app.clock.now();
    let intake = Intake {
        source: source.to_owned(),
        id: id.to_owned(),
        body,
        received_at: now,
        processed_at: None,
        error: None,
        attempts: 0,
    };
    let places = stands("open", now + SignedDuration::from_secs(60));
    let stored = app.store.put(&keys::intake(source, id), &intake, None, &places).await;
    if !planted(Bug::AckBeforeStore) {
        stored?;
    }
    let message = Message::Intake(source.to_owned(), id.to_owned());
    if let Err(error) = app.queues.send("intake", &[message]).await {
        tracing::warn!(source, id, error = format!("{error:#}"), "not enqueued; the sweep will");
    }
    Ok(())
}

/// Stores a note of our own to read one object again, as if it had been announced; `table` where a source has several.
///
/// # Errors
/// When it could not be stored.
pub async fn read_again(app: &App, source: &str, table: Option<&str>, id: &str) -> Result<()> {
    let body = match table {
        Some(table) => serde_json::json!({ "read_again": [id], "table": table }).to_string(),
        None => serde_json::json!({ "read_again": [id] }).to_string(),
    };
    hint(app, source, &app.random.ulid(&app.clock), body).await
}

/// In which bucket an intake stands.
pub(crate) fn stands(bucket: &'static str, at: Timestamp) -> Places {
    let due = DueIndex {
        system: "intake".into(),
        bucket,
        class: Class::LIVE,
        at,
    };
    Places {
        due: Some(due),
        ..Places::default()
    }
}

/// Reads a stored webhook.
///
/// # Errors
/// When the table does not answer.
pub async fn read(app: &App, source: &str, id: &str) -> Result<Option<Item<Intake>>> {
    app.store.get(&keys::intake(source, id)).await
}

/// Takes down how applying it ended: done, to be tried again, or (an unreadable one) set aside for a person.
///
/// # Errors
/// When the table does not answer.
pub async fn settle(app: &App, stored: Item<Intake>, ended: Ended) -> Result<()> {
    let now = app.clock.now();
    let Item { body: mut intake, rev } = stored;
    intake.attempts += 1;
    let places = match &ended {
        Ended::Applied => {
            intake.processed_at = Some(now);
            intake.error = None;
            Places {
                ttl: Some(now.as_second() + KEPT),
                ..Places::default()
            }
        }
        Ended::Later(why) => {
            intake.error = Some(why.clone());
            stands("open", now + SignedDuration::from_secs(60 << intake.attempts.min(6)))
        }
        Ended::Unreadable(why) => {
            intake.error = Some(why.clone());
            stands("attention", now)
        }
    };
    let put = app
        .store
        .put(&keys::intake(&intake.source, &intake.id), &intake, Some(&rev), &places)
        .await?;
    if put == Put::Conflict {
        tracing::info!(source = intake.source, id = intake.id, "another worker settled it");
    }
    Ok(())
}

/// How applying a webhook ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything it announced is in.
    Applied,
    /// Not yet.
    Later(String),
    /// Never: it waits for a person.
    Unreadable(String),
}
