//! The only way in, for the API, the webhooks' processing and the pulls: match, merge, one transaction.
//!
//! After it the work can't be forgotten, whatever happens to messages: record, aliases and open links stand together.

mod age;
mod decide;
mod hold;
mod plan;
mod read;
mod write;

pub(crate) use hold::hold;
pub use hold::{Choice, HeldArrival, choose, held_key, leave_out};
pub(crate) use plan::{hold_words, open as open_link};
pub(crate) use read::read_record;
pub(crate) use write::link_places;

use crate::app::App;
use crate::model::{Arrival, Class, Link, Patches, RecordKey};
use crate::planted::{Bug, planted};
use crate::sync::find::id_key;
use anyhow::{Result, bail};
use futures_util::future::BoxFuture;
use jiff::Timestamp;

/// What became of an arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// A new version of the record stands.
    Changed {
        /// The record.
        key: RecordKey,
        /// Its version.
        version: u64,
        /// Whether the record is new.
        new: bool,
    },
    /// The record is as it was.
    Same {
        /// The record.
        key: RecordKey,
        /// Its version.
        version: u64,
    },
    /// A person must choose; nothing was accepted, and the arrival is kept.
    Held {
        /// What there is to choose.
        why: String,
    },
    /// Read it again later: the record is being written in this source right now, or the row may be older than what is
    /// known.
    Later {
        /// The record.
        key: RecordKey,
        /// From when on a row tells for certain, if that is known: in a few seconds.
        from: Option<Timestamp>,
    },
}

/// How often a lost race is run again.
const ROUNDS: u32 = 12;

/// Accepts what a source says.
///
/// # Errors
/// When the table does not answer; nothing was accepted, or the same arrival finds it done.
pub fn accept<'a>(app: &'a App, arrival: &'a Arrival, class: Class) -> BoxFuture<'a, Result<Accepted>> {
    Box::pin(rounds(app, arrival, None, class))
}

/// Accepts what a source says as said of the record `id`: a person chose it, whatever the other keys mean.
///
/// # Errors
/// As [`accept`].
pub fn accept_into<'a>(
    app: &'a App,
    arrival: &'a Arrival,
    id: &'a str,
    class: Class,
) -> BoxFuture<'a, Result<Accepted>> {
    Box::pin(rounds(app, arrival, Some(id), class))
}

async fn rounds(app: &App, arrival: &Arrival, into: Option<&str>, class: Class) -> Result<Accepted> {
    // Fixed for all rounds, so that an answer lost in one round is recognised in the next.
    let arrival = &*decide::in_our_time(arrival, app.clock.now());
    let new_id = arrival.new_id.clone().unwrap_or_else(|| app.random.uuid());
    for round in 0..ROUNDS {
        let known = read::read(app, arrival, &new_id, into).await?;
        let arrival = &*decide::known_row(arrival, &known);
        let plan = match decide::decide(app, arrival, &known, class)? {
            decide::Plan::Write(plan) => plan,
            decide::Plan::Same => {
                hold::release(app, arrival, known.held.as_ref()).await?;
                return Ok(known.same());
            }
            decide::Plan::Later(from) => return Ok(Accepted::Later { key: known.key, from }),
            decide::Plan::Hold(why, candidates) => {
                if known.held.as_ref().is_some_and(|it| it.body.is_dropped(&candidates)) {
                    let why = format!("left out by a person: {why}");
                    return Ok(Accepted::Held { why });
                }
                if !planted(Bug::HeldForgotten) {
                    hold::hold(app, arrival, &why, candidates).await?;
                }
                return Ok(Accepted::Held { why });
            }
        };
        if let Some(accepted) = write::write(app, &known, *plan).await? {
            hold::release(app, arrival, known.held.as_ref()).await?;
            return Ok(accepted);
        }
        let most = std::time::Duration::from_millis(20 << round.min(6));
        app.clock.sleep(app.random.up_to(most)).await;
    }
    bail!("another writer was first {ROUNDS} times")
}

/// Accepts once more what a link's source showed of some fields (their words can be read now).
pub(crate) async fn again(app: &App, link: &Link, fields: Patches) -> Result<Option<Accepted>> {
    let Some(id) = link.remote_id.clone().filter(|_| !fields.is_empty()) else {
        return Ok(None);
    };
    let arrival = Arrival {
        source: link.system.clone(),
        kind: link.record.kind.clone(),
        source_id: Some(id.clone()),
        keys: vec![(id_key(link.system.as_str()), id)],
        fields,
        modified: None,
        made: None,
        asked: None,
        confirmed: true,
        new_id: None,
    };
    accept(app, &arrival, link.class).await.map(Some)
}
