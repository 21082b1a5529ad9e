//! Customers that Zoho's own synchronisation has tied to Zoho CRM. Two synchronisations of one pair make duplicates
//! (docs/vendors.md §2.6): a person is told before a backfill, and when the first one turns up.

use crate::alert;
use crate::app::App;
use crate::model::{Kind, System};
use crate::store::{Key, Places, keys};
use crate::sync::budget;
use crate::sync::target::{BillingTarget, Tied};
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// So many ids are named.
const NAMED: usize = 20;

/// What a look found.
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

/// A look that told nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// When that was.
    pub at: Timestamp,
    /// Zoho's words, or ours.
    pub why: String,
}

/// What is known of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// By the last look that told it; none: none did.
    pub found: Option<TiedCustomers>,
    /// The last look, if it failed.
    pub failed: Option<Failed>,
}

/// A look is made daily: what an older one told may be true no longer.
const LASTS: SignedDuration = SignedDuration::from_hours(48);

impl Looked {
    /// What a look told that is young enough to be believed.
    #[must_use]
    pub fn recent(&self, now: Timestamp) -> Option<&TiedCustomers> {
        self.found.as_ref().filter(|it| it.at + LASTS > now)
    }
}

/// What is known.
///
/// # Errors
/// When the table does not answer.
pub async fn known(app: &App) -> Result<Looked> {
    let stored = app.store.get::<Looked>(&at()).await?;
    Ok(stored.map(|it| it.body).unwrap_or_default())
}

fn at() -> Key {
    keys::note("zoho_billing.tied")
}

/// Looks once: one call, and one more if there are any. What goes wrong with Zoho is noted; tomorrow's look does it.
///
/// # Errors
/// When the table does not answer.
pub(crate) async fn look(app: &App) -> Result<()> {
    let Some(target) = BillingTarget::new(app, Kind::CUSTOMER) else {
        return Ok(());
    };
    let tied = target.tied().await;
    if let Err(error) = &tied {
        budget::heed(app, &System::ZOHO_BILLING, error).await?;
    }
    let stored = app.store.get::<Looked>(&at()).await?;
    let before = stored.as_ref().and_then(|it| it.body.found.clone());
    let looked = match tied {
        Ok(tied) => Looked {
            found: Some(told(app, tied, before.as_ref()).await?),
            failed: None,
        },
        Err(error) => {
            tracing::warn!(why = %error, "whether customers are tied to Zoho CRM is not known");
            let (at, why) = (app.clock.now(), error.to_string());
            Looked {
                found: before,
                failed: Some(Failed { at, why }),
            }
        }
    };
    let rev = stored.as_ref().map(|it| it.rev.as_str());
    app.store.put(&at(), &looked, rev, &Places::default()).await.map(|_| ())
}

async fn told(app: &App, tied: Tied, before: Option<&TiedCustomers>) -> Result<TiedCustomers> {
    let found = TiedCustomers {
        customers: tied.ids.len(),
        more: tied.more,
        ids: tied.ids.into_iter().take(NAMED).collect(),
        at: app.clock.now(),
    };
    if found.customers > 0 && before.is_none_or(|it| it.customers == 0) {
        let detail = format!("Zoho's ids: {}", found.ids.join(", "));
        alert::raise(app, "Zoho itself ties customers of Zoho Billing to Zoho CRM", &detail).await?;
    }
    Ok(found)
}
