//! Calls to Zoho Billing, each under a slot: the push holds one for a write, a look-up takes one for each of its calls.

use super::BillingTarget;
use crate::model::{Class, System};
use crate::sync::budget::{self, NoSlot, Slot};
use crate::sync::target::{Job, Target as _};
use crate::systems::http::{READ_TIMEOUT, WRITE_TIMEOUT};
use crate::systems::zoho_accounts::Access;
use crate::systems::zoho_billing::{Pace, ZohoBilling};
use crate::systems::{CallError, Seen};
use futures_util::future::BoxFuture;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What a call of a look-up needs of an invocation: itself, the write that may follow, and its commit.
const NEEDS: Duration = READ_TIMEOUT
    .saturating_add(WRITE_TIMEOUT)
    .saturating_add(Duration::from_secs(2));

/// The slots of a look-up: taken before each of its calls, ended by the next one or by the end of all.
pub(super) struct Slots<'a> {
    target: &'a BillingTarget,
    class: Class,
    /// Whether a system that a person has paused is asked, too.
    though_paused: bool,
    held: Mutex<Option<Slot>>,
}

impl Slots<'_> {
    /// Takes the slot of the next call.
    pub(super) async fn next(&self) -> Result<(), CallError> {
        self.ended().await;
        let slot = self.target.slot(self.class, self.though_paused).await?;
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(slot);
        Ok(())
    }

    /// The last call was answered.
    async fn ended(&self) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(slot) = held {
            budget::ended_well(&self.target.app, &System::ZOHO_BILLING, &slot).await;
        }
    }
}

impl Pace for Slots<'_> {
    fn before(&self) -> BoxFuture<'_, Result<(), CallError>> {
        Box::pin(self.next())
    }
}

impl BillingTarget {
    /// Makes calls under slots of their own, each after [`Slots::next`].
    pub(super) async fn look<T>(
        &self,
        class: Class,
        calls: impl AsyncFnOnce(&ZohoBilling, &Access, &Slots<'_>) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        self.look_under(class, false, calls).await
    }

    /// The same behind all other calls, and though the system may be paused.
    pub(super) async fn glance<T>(
        &self,
        calls: impl AsyncFnOnce(&ZohoBilling, &Access, &Slots<'_>) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        self.look_under(Class::BACKFILL, true, calls).await
    }

    async fn look_under<T>(
        &self,
        class: Class,
        though_paused: bool,
        calls: impl AsyncFnOnce(&ZohoBilling, &Access, &Slots<'_>) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let live = self.billing.token().await?;
        let slots = Slots {
            target: self,
            class,
            though_paused,
            held: Mutex::default(),
        };
        let answer = calls(&self.billing.client, &live.access, &slots).await;
        if answer
            .as_ref()
            .err()
            .is_none_or(|it| !it.is_lost() && !matches!(it, CallError::Wait { .. }))
        {
            slots.ended().await;
        }
        self.judged(answer, live.version).await
    }

    /// Makes a write under the slot that the push holds.
    pub(super) async fn write<T>(
        &self,
        call: impl AsyncFnOnce(&ZohoBilling, &Access) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let live = self.billing.token().await?;
        let answer = call(&self.billing.client, &live.access).await;
        self.judged(answer, live.version).await
    }

    /// A refused token is replaced; the call is another one then, under a slot of its own.
    async fn judged<T>(&self, answer: Result<T, CallError>, version: u64) -> Result<T, CallError> {
        let Err(CallError::Unauthorised(why)) = answer else {
            return answer;
        };
        self.billing.renew(version).await?;
        Err(CallError::Later(format!("a new access token was asked for: {why}")))
    }

    /// One more slot for a write, beside the one that the push holds; it ends by itself.
    pub(super) async fn own_slot(&self, job: &Job) -> Result<(), CallError> {
        self.slot(job.link.class, false).await.map(|_| ())
    }

    /// One more slot, for one call.
    async fn slot(&self, class: Class, though_paused: bool) -> Result<Slot, CallError> {
        if self.app.time_left() < NEEDS {
            return Err(CallError::Unmade("no time left"));
        }
        let (system, limits) = (System::ZOHO_BILLING, self.limits());
        let taken = match though_paused {
            true => budget::slot_to_read(&self.app, &system, &limits, 1, class).await,
            false => budget::slot(&self.app, &system, &limits, 1, class, NEEDS).await,
        };
        match taken.map_err(|it| CallError::Later(format!("{it:#}")))? {
            Ok(slot) => Ok(slot),
            Err(NoSlot::Paused) => Err(CallError::Unmade("the system is paused")),
            Err(NoSlot::Until(..)) => Err(CallError::Unmade("no slot now")),
        }
    }

    /// One object of this kind, under a slot of its own.
    pub(super) async fn read_one(&self, id: &str) -> Result<Seen, CallError> {
        let kind = self.kind.clone();
        let read = async |client: &ZohoBilling, access: &Access, slots: &Slots<'_>| {
            slots.next().await?;
            match kind.as_str() {
                "customer" => client.customer(access, id).await,
                "product" => client.product(access, id).await,
                "plan" => client.plan(access, id).await,
                "service" => client.subscription(access, id).await,
                "invoice" => client.invoice(access, id).await,
                _ => client.payment(access, id).await,
            }
        };
        self.look(Class::LIVE, read).await
    }
}
