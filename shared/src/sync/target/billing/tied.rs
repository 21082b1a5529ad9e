//! The customers that Zoho's own synchronisation has tied to Zoho CRM.

use super::BillingTarget;
use super::calls::Slots;
use crate::systems::CallError;
use crate::systems::zoho_accounts::Access;
use crate::systems::zoho_billing::ZohoBilling;
use crate::systems::zoho_billing::values::is_linked_with_crm;

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
        let look = async |client: &ZohoBilling, access: &Access, slots: &Slots<'_>| {
            slots.next().await?;
            let page = client.customers_of_crm(access, 1).await?;
            let more = page.next.is_some();
            let ids: Vec<String> = page.whole()?.into_iter().map(|it| it.id).collect();
            if let Some(first) = ids.first() {
                slots.next().await?;
                if !is_linked_with_crm(&client.customer(access, first).await?) {
                    return Err(CallError::Rejected(format!("{first} is listed, and not tied")));
                }
            }
            Ok(Tied { ids, more })
        };
        self.glance(look).await
    }
}
