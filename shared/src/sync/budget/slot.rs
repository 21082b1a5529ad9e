//! Slots: the permission to make one call now, taken from the budget and given back with the answer.

use super::{Budget, Limits, Mode, change, try_change};
use crate::app::App;
use crate::model::{Class, System};
use crate::planted::{Bug, planted};
use crate::sync::token::instant;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// A granted slot: one call, to be begun within 200 ms. It is ended with its call; without an answer it ends by itself.
#[derive(Clone, Debug)]
pub struct Slot {
    name: String,
    /// When it was taken.
    at: Timestamp,
}

impl Slot {
    /// Whether a call may still begin with it.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) <= LIFE
    }
}

/// Why there is no slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSlot {
    /// Free again at this time.
    Until(Timestamp, String),
    /// The system is paused or not configured.
    Paused,
}

/// A slot that is older when its call begins counts for a time at which nothing was sent: it is taken anew.
const LIFE: SignedDuration = SignedDuration::from_millis(200);
/// A slot that frees within this is waited for in the call.
const PATIENCE: Duration = Duration::from_secs(10);
/// What waking up and taking it may cost beyond that.
const SPARE: Duration = Duration::from_millis(500);

/// Takes a slot for one call of `units` in a push, if the system is on; waits for one that frees soon, as long as this
/// invocation then still has the time that the call and what follows `needs`.
///
/// # Errors
/// When the table does not answer.
pub async fn slot(
    app: &App,
    system: &System,
    limits: &Limits,
    units: u64,
    class: Class,
    needs: Duration,
) -> Result<Result<Slot, NoSlot>> {
    if !app.is_configured(system) {
        return Ok(Err(NoSlot::Paused));
    }
    let wish = Wish {
        limits,
        units,
        class,
        only_reads: false,
    };
    let patience = PATIENCE.min(app.time_left().saturating_sub(needs + SPARE));
    take(app, system, &wish, patience).await
}

/// Takes a slot for one call that only reads: a paused system is still listened to.
///
/// # Errors
/// When the table does not answer.
pub async fn slot_to_read(
    app: &App,
    system: &System,
    limits: &Limits,
    units: u64,
    class: Class,
) -> Result<Result<Slot, NoSlot>> {
    let wish = Wish {
        limits,
        units,
        class,
        only_reads: true,
    };
    take(app, system, &wish, PATIENCE).await
}

/// What a slot is asked for.
struct Wish<'a> {
    limits: &'a Limits,
    units: u64,
    class: Class,
    only_reads: bool,
}

impl Budget {
    /// Mode, breaker and limits are one decision on one item: a pause that was just set is never overlooked.
    fn grant(&mut self, wish: &Wish<'_>, name: &str, reserve: bool, now: Timestamp) -> Result<(), NoSlot> {
        if self.mode != Mode::On && !wish.only_reads && !planted(Bug::ModeIgnored) {
            return Err(NoSlot::Paused);
        }
        self.take(wish.limits, name, wish.units, reserve, now.as_millisecond())
            .map_err(|at| NoSlot::Until(instant(at), self.open_why.clone()))
    }
}

async fn take(app: &App, system: &System, wish: &Wish<'_>, patience: Duration) -> Result<Result<Slot, NoSlot>> {
    let reserve = must_leave_the_reserve(app, system, wish.class).await?;
    let give_up = app.clock.now() + patience;
    let name = app.random.ulid(&app.clock);
    loop {
        let taken = try_change(app, system, |it| {
            let now = app.clock.now();
            it.grant(wish, &name, reserve, now).map(|()| now)
        });
        let (free, why) = match taken.await? {
            Ok(at) => {
                let slot = Slot { name: name.clone(), at };
                if slot.is_fresh(app.clock.now()) {
                    return Ok(Ok(slot));
                }
                // The table was slow to book it: what was booked counts as used.
                give_back(app, system, &slot).await;
                (app.clock.now(), "the table is slow".to_owned())
            }
            Err(NoSlot::Paused) => return Ok(Err(NoSlot::Paused)),
            Err(NoSlot::Until(free, why)) => (free, why),
        };
        if free > give_up {
            return Ok(Err(NoSlot::Until(free, why)));
        }
        app.clock
            .sleep(app.clock.until(free) + app.random.up_to(Duration::from_millis(10)))
            .await;
    }
}

/// A lower class leaves the reserve only while a higher one has open work.
async fn must_leave_the_reserve(app: &App, system: &System, class: Class) -> Result<bool> {
    if class == Class::LIVE {
        return Ok(false);
    }
    app.store.any_before(system.as_str(), "open", class).await
}

/// Ends a slot whose call has ended well, and with it the doubling of unstated waits.
pub async fn ended_well(app: &App, system: &System, slot: &Slot) {
    end(app, system, slot, true).await;
}

/// Gives a slot back under which no call was made.
pub async fn give_back(app: &App, system: &System, slot: &Slot) {
    end(app, system, slot, false).await;
}

/// A failure to do so is forgotten after a lease.
async fn end(app: &App, system: &System, slot: &Slot, well: bool) {
    let ended = change(app, system, |it| {
        it.flying.remove(&slot.name);
        if well {
            it.refusals = 0;
        }
    });
    if let Err(error) = ended.await {
        tracing::warn!(%system, error = format!("{error:#}"), "slot not given back; it ends by itself");
    }
}
