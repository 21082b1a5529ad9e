//! What happened in the organisation, read behind all other calls.

use super::BillingTarget;
use super::calls::Slots;
use crate::model::Class;
use crate::systems::CallError;
use crate::systems::zoho_accounts::Access;
use crate::systems::zoho_billing::{Event, Page, ZohoBilling};

impl BillingTarget {
    /// A page of events.
    ///
    /// # Errors
    /// `Unmade` where there is no slot for it; else as any read.
    pub(crate) async fn events(&self, page: u32) -> Result<Page, CallError> {
        let read = async |client: &ZohoBilling, access: &Access, slots: &Slots<'_>| {
            slots.next().await?;
            client.events(access, page).await
        };
        self.look(Class::BACKFILL, read).await
    }

    /// One event, with what it is about.
    ///
    /// # Errors
    /// As [`BillingTarget::events`]; `Gone` or `Rejected` where it can't be had.
    pub(crate) async fn event(&self, id: &str) -> Result<Event, CallError> {
        let read = async |client: &ZohoBilling, access: &Access, slots: &Slots<'_>| {
            slots.next().await?;
            client.event(access, id).await
        };
        self.look(Class::BACKFILL, read).await
    }
}
