//! Customers that Zoho itself ties to Zoho CRM, as a person is told of them before a backfill.

use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;
use shared::app::App;
use shared::sync::tied::{self, Looked};

/// What is known, and what is to be said of it.
#[derive(Clone, Debug, Serialize)]
pub struct Look {
    /// Whether a look of the last two days told it.
    pub known: bool,
    /// The looks.
    #[serde(flatten)]
    pub looked: Looked,
    /// In words; none: there are no such customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

impl Look {
    /// What is known now.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn of(app: &App) -> Result<Self> {
        let (looked, now) = (tied::known(app).await?, app.clock.now());
        Ok(Self {
            known: looked.recent(now).is_some(),
            warning: warning(&looked, now),
            looked,
        })
    }
}

fn warning(looked: &Looked, now: Timestamp) -> Option<String> {
    let Some(tied) = looked.recent(now) else {
        let why = match (&looked.failed, &looked.found) {
            (Some(failed), _) => format!("the look of {} failed: {}", failed.at, failed.why),
            (None, Some(old)) => format!("the last look was at {}", old.at),
            (None, None) => "nobody has looked yet".to_owned(),
        };
        return Some(format!(
            "Whether Zoho itself ties customers to Zoho CRM is not known: {why}. Activate cron_renew, then ask again."
        ));
    };
    let count = tied.customers;
    let more = if tied.more { "more than " } else { "" };
    let and = if tied.more || count > tied.ids.len() {
        ", …"
    } else {
        ""
    };
    let ids = tied.ids.join(", ");
    (count > 0).then(|| {
        format!(
            "WARNING: customers of Zoho Billing that Zoho itself ties to Zoho CRM: {more}{count} (Zoho's ids {ids}{and}).\n\
             Two synchronisations of one pair make duplicates: switch one of them off first."
        )
    })
}
