//! The customers that Zoho's own synchronisation has tied to Zoho CRM.

use super::BillingTarget;
use crate::model::{Class, System};
use crate::sync::budget::{self, NoSlot, Slot};
use crate::sync::target::Target as _;
use crate::systems::zoho_accounts::Access;
use crate::systems::zoho_billing::ZohoBilling;
use crate::systems::zoho_billing::values::is_linked_with_crm;
use crate::systems::{CallError, Seen};

/// What is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tied {
    /// Zoho's ids of the customers, of one page.
    pub(crate) ids: Vec<String>,
    /// Whether there are more than a page has.
    pub(crate) more: bool,
}

impl BillingTarget {
    /// A page of them. A paused system is asked, too: it is mostly paused before its first backfill.
    ///
    /// # Errors
    /// `Unmade` where there is no slot for it; `Rejected` where the list shows who is not tied; else as any read.
    pub(crate) async fn tied(&self) -> Result<Tied, CallError> {
        // What this process used last may be of yesterday.
        self.billing.fetch_token().await;
        let page = self
            .glance(async |client, access| client.customers_of_crm(access, 1).await)
            .await?;
        let rows: Vec<Seen> = page.rows.into_iter().flatten().collect();
        if let Some(first) = rows.first() {
            let seen = self.glance(async |client, access| client.customer(access, &first.id).await);
            if !is_linked_with_crm(&seen.await?) {
                return Err(CallError::Rejected(format!("{} is listed, and not tied", first.id)));
            }
        }
        Ok(Tied {
            ids: rows.into_iter().map(|it| it.id).collect(),
            more: page.next.is_some(),
        })
    }

    /// A read behind all other calls, under a slot of its own.
    async fn glance<T>(
        &self,
        call: impl AsyncFnOnce(&ZohoBilling, &Access) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let slot = self.slot_to_glance().await?;
        let answer = self.write(call).await;
        if answer.is_ok() {
            budget::ended_well(&self.app, &System::ZOHO_BILLING, &slot).await;
        }
        answer
    }

    async fn slot_to_glance(&self) -> Result<Slot, CallError> {
        let limits = self.limits();
        let taken = budget::slot_to_read(&self.app, &System::ZOHO_BILLING, &limits, 1, Class::BACKFILL).await;
        match taken.map_err(|it| CallError::Later(format!("{it:#}")))? {
            Ok(slot) => Ok(slot),
            Err(NoSlot::Paused) => Err(CallError::Unmade("the system is paused")),
            Err(NoSlot::Until(..)) => Err(CallError::Unmade("no slot now")),
        }
    }
}
