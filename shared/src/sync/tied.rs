//! Customers that Zoho's own synchronisation has tied to Zoho CRM. Two synchronisations of one pair make duplicates
//! (docs/vendors.md §2.6): a person is told before a backfill, and when the first one turns up.

use crate::alert;
use crate::app::App;
use crate::model::{Kind, System};
use crate::store::{Places, keys};
use crate::sync::budget;
use crate::sync::target::{BillingTarget, Tied};
use crate::systems::CallError;
use anyhow::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// So many ids are named.
const NAMED: usize = 20;

/// What the last look found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TiedCustomers {
    /// How many there are; at least so many, where there are more than a page of Zoho's list has.
    pub customers: usize,
    /// Whether there are more.
    pub more: bool,
    /// Zoho's ids of the first ones.
    pub ids: Vec<String>,
    /// When that was.
    pub at: Timestamp,
}

/// What the last look found; `None`: nobody has looked yet.
///
/// # Errors
/// When the table does not answer.
pub async fn known(app: &App) -> Result<Option<TiedCustomers>> {
    let stored = app.store.get::<TiedCustomers>(&keys::note("zoho_billing.tied")).await?;
    Ok(stored.map(|it| it.body))
}

/// Looks once: one call, and one more if there are any. What goes wrong with Zoho is logged; tomorrow's look does it.
///
/// # Errors
/// When the table does not answer.
pub(crate) async fn look(app: &App) -> Result<()> {
    let Some(target) = BillingTarget::new(app, Kind::CUSTOMER) else {
        return Ok(());
    };
    match target.tied().await {
        Ok(tied) => note(app, tied).await,
        Err(CallError::Wait { wait, why }) => {
            budget::open_breaker(app, &System::ZOHO_BILLING, wait, &why).await?;
            Ok(())
        }
        Err(error) => {
            tracing::warn!(why = %error, "whether customers are tied to Zoho CRM is not known");
            Ok(())
        }
    }
}

async fn note(app: &App, tied: Tied) -> Result<()> {
    let at = keys::note("zoho_billing.tied");
    let stored = app.store.get::<TiedCustomers>(&at).await?;
    let found = TiedCustomers {
        customers: tied.ids.len(),
        more: tied.more,
        ids: tied.ids.into_iter().take(NAMED).collect(),
        at: app.clock.now(),
    };
    let are_new = found.customers > 0 && stored.as_ref().is_none_or(|it| it.body.customers == 0);
    if are_new {
        let detail = format!("Zoho's ids: {}", found.ids.join(", "));
        alert::raise(app, "Zoho itself ties customers of Zoho Billing to Zoho CRM", &detail).await?;
    }
    let rev = stored.as_ref().map(|it| it.rev.as_str());
    app.store.put(&at, &found, rev, &Places::default()).await.map(|_| ())
}
