//! Lists that are asked for once and then kept: a page costs a call, and a day has few. What was made since by somebody
//! else is not in them, so that after a call without an answer only a list that is younger than the call tells.

use crate::model::Kind;
use crate::sync::target::Job;
use crate::systems::Seen;
use crate::systems::zoho_billing::CustomerMap;
use jiff::{SignedDuration, Timestamp};

/// How long a list is believed where nothing is in doubt.
const LIFE: SignedDuration = SignedDuration::from_hours(6);
/// A call without an answer may act this long after it was begun: its lease, and the time to settle.
const MAY_ACT: SignedDuration = SignedDuration::from_secs(45);

/// The lists.
#[derive(Debug, Default)]
pub(super) struct Maps {
    pub(super) customers: Option<CustomerMap>,
    pub(super) products: Option<Listed>,
    pub(super) plans: Option<Listed>,
}

impl Maps {
    /// The list of products, or that of plans.
    pub(super) fn of(&mut self, kind: &Kind) -> &mut Option<Listed> {
        match *kind == Kind::PRODUCT {
            true => &mut self.products,
            false => &mut self.plans,
        }
    }
}

/// All objects of a kind.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) rows: Vec<Seen>,
    pub(super) asked: Timestamp,
}

/// Whether a list of `asked` tells whether a job's object is there.
pub(super) fn tells(job: &Job, asked: Timestamp, now: Timestamp) -> bool {
    let unsure = job.link.receipt.unsure.values().map(|it| it.since);
    let last = unsure.chain(job.link.intent.as_ref().map(|it| it.at)).max();
    asked + LIFE > now && last.is_none_or(|it| asked > it + MAY_ACT)
}
