//! An arrival that could mean several records: a person says which, or that it is a new one, or none.

use super::Decision;
use crate::app::App;
use crate::intake;
use crate::model::{Arrival, Class, Kind, Link, Record, RecordKey, System};
use crate::store::{Item, Key, keys};
use crate::sync::accept::{Accepted, Choice, HeldArrival, accept, choose, held_key, leave_out};
use crate::sync::billing::{differs, is_other_money};
use crate::sync::find::{alias_owner, find_record};
use crate::sync::ledger;
use anyhow::{Context as _, Result, bail};
use serde::Serialize;

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "arrival")]
pub enum Placed {
    /// It is in.
    Accepted {
        /// The record that has it.
        record: String,
        /// Whether the record is new.
        new: bool,
    },
    /// The choice stands; the row is read again when the call under way has ended.
    Later {
        /// The record that will have it.
        record: String,
    },
    /// It is left out.
    Dropped,
}

/// Carries out a decision about the arrival that is held under a row of a source. Another sum than the payment's is taken
/// only if the person is `sure`.
///
/// # Errors
/// When the decision contradicts what is known (one line that says why), or the table does not answer.
pub async fn place(app: &App, source: &str, row: &str, decision: &Decision, sure: bool) -> Result<Placed> {
    let at = held_key(source, row);
    loop {
        let held: Option<Item<HeldArrival>> = app.store.get(&at).await?;
        let Some((held, arrival)) = held.and_then(|it| Some((it.clone(), it.body.arrival?))) else {
            bail!("{source}/{row}: nothing is held under it");
        };
        let choice = choice(app, &held, &arrival, decision).await?;
        let sum = money(app, &arrival, &choice).await?;
        if let Some(why) = sum.as_ref().filter(|_| !sure) {
            bail!("{source}/{row}: {why}. To take what {source} says: --yes");
        }
        if !choose(app, &at, &held, choice.clone()).await? {
            continue;
        }
        return match choice {
            Choice::Drop => Ok(Placed::Dropped),
            Choice::Into(id) => {
                if let Some(why) = sum {
                    let key = RecordKey::new(arrival.kind.clone(), &id);
                    let note = format!("a person took what the gateway says: {why}");
                    ledger::note(app, &key, &arrival.source, &note).await?;
                }
                take_in(app, &at, &arrival, id).await
            }
        };
    }
}

async fn choice(app: &App, held: &Item<HeldArrival>, arrival: &Arrival, decision: &Decision) -> Result<Choice> {
    let (source, row) = (&arrival.source, arrival.source_id.as_deref().unwrap_or_default());
    let owner = alias_owner(app, &arrival.kind, source.as_str(), row).await?;
    let id = match decision {
        Decision::Drop => return Ok(Choice::Drop),
        Decision::As(id) => chosen(app, arrival, id).await?,
        // Its id would be ours, and the app's own payment would come to that record ever after.
        Decision::New if System::GATEWAYS.contains(source) => {
            bail!(
                "{source}/{row}: payments are the app's to make. Send this one and it is confirmed, or say --as PAYMENT or --drop"
            )
        }
        // A choice of a new record that was not carried out whole is gone on with.
        Decision::New => match &held.body.choice {
            Some(Choice::Into(id)) if !held.body.candidates.contains(id) => id.clone(),
            _ => app.random.uuid(),
        },
    };
    // A source's own id is never released: it says which record the row is.
    if let Some(owner) = owner.filter(|it| *it != id) {
        bail!("{source}/{row} is {}#{owner}: say --as {owner} or --drop", arrival.kind);
    }
    Ok(Choice::Into(id))
}

/// In what the sum of a gateway's word is not the payment's that it is to be.
async fn money(app: &App, arrival: &Arrival, choice: &Choice) -> Result<Option<String>> {
    let Choice::Into(id) = choice else { return Ok(None) };
    if !System::GATEWAYS.contains(&arrival.source) {
        return Ok(None);
    }
    let key = RecordKey::new(arrival.kind.clone(), id);
    let Some(record) = app.store.get::<Record>(&keys::record(&key)).await? else {
        return Ok(None);
    };
    let why = differs(arrival, &record.body);
    if let Some(why) = why.as_ref().filter(|_| is_other_money(arrival, &record.body)) {
        bail!("{why}. Another currency is never taken: correct the app's payment, or say --drop");
    }
    Ok(why)
}

/// The id of the record that a person names.
async fn chosen(app: &App, arrival: &Arrival, named: &str) -> Result<String> {
    let record = find_record(app, named).await?;
    if record.kind != arrival.kind {
        bail!("{record}: what is held is no {}, it is a {}", record.kind, arrival.kind);
    }
    Ok(record.id)
}

async fn take_in(app: &App, at: &Key, arrival: &Arrival, id: String) -> Result<Placed> {
    replace(app, arrival, &id).await?;
    match accept(app, arrival, Class::LIVE).await? {
        Accepted::Changed { key, new, .. } => Ok(Placed::Accepted { record: key.id, new }),
        Accepted::Same { key, .. } => Ok(Placed::Accepted {
            record: key.id,
            new: false,
        }),
        Accepted::Held { why } => bail!("still held: {why}"),
        Accepted::Later { .. } => {
            let row = arrival.source_id.as_deref().context("a row without an id")?;
            let table = app.config.billing.table(&arrival.kind);
            intake::read_again(app, arrival.source.as_str(), table, row).await?;
            tracing::debug!(%at, "taken in when it has been read again");
            Ok(Placed::Later { record: id })
        }
    }
}

/// Another object of a written system takes the place of the one that the record had there.
async fn replace(app: &App, arrival: &Arrival, id: &str) -> Result<()> {
    let key = RecordKey::new(arrival.kind.clone(), id);
    let link: Option<Item<Link>> = app.store.get(&keys::link(&key, &arrival.source)).await?;
    let old = link.and_then(|it| it.body.remote_id);
    let another = old.filter(|it| Some(it) != arrival.source_id.as_ref());
    match another.filter(|_| arrival.source != System::PORTAL) {
        Some(old) => leave_out(app, arrival.source.as_str(), &old, id).await,
        None => Ok(()),
    }
}

/// Whether there is such a record.
pub(super) async fn record(app: &App, kind: &Kind, id: &str) -> Result<Item<Record>> {
    let key = RecordKey::new(kind.clone(), id);
    let stored = app.store.get(&keys::record(&key)).await?;
    stored.with_context(|| format!("{key}: there is no such record"))
}
