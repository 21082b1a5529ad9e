//! The gaps that lost webhooks of Zoho Billing leave. Once a day its list of events is read; an event that no webhook told
//! of is taken in as if it had been announced. Where no webhook is set up none is missed.

use crate::app::App;
use crate::intake;
use crate::model::{Kind, System};
use crate::store::{Item, Places, keys};
use crate::sync::budget;
use crate::sync::target::BillingTarget;
use crate::systems::CallError;
use crate::systems::zoho_billing::event_time;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

const SOURCE: &str = "zoho_billing";
/// So much of what was looked at is looked at again: clocks differ, and an event may be listed late.
const OVERLAP: SignedDuration = SignedDuration::from_hours(2);
/// A look reads no more pages, of 200 events each.
const PAGES: usize = 10;

/// Takes in what was missed since the last look. What goes wrong with Zoho is logged, and made good by the next look.
///
/// # Errors
/// When the table does not answer.
pub(crate) async fn close(app: &App) -> Result<()> {
    let hears = app.config.billing.zoho_webhook_secret.is_some();
    // The kind is of no matter: events are of all kinds.
    let Some(target) = BillingTarget::new(app, Kind::CUSTOMER).filter(|_| hears) else {
        return Ok(());
    };
    let note = keys::note("zoho_billing.events");
    let (stored, now) = (app.store.get::<Timestamp>(&note).await?, app.clock.now());
    if let Some(since) = stored.as_ref().and_then(|it| it.body.checked_sub(OVERLAP).ok()) {
        match missed(app, &target, since).await? {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "events of Zoho Billing that no webhook told of"),
            Err(error) => return failed(app, &error).await,
        }
    }
    let rev = stored.as_ref().map(|it: &Item<Timestamp>| it.rev.as_str());
    app.store.put(&note, &now, rev, &Places::default()).await.map(|_| ())
}

/// Takes in the events since a time that are not known; how many those are. The newest are listed first, as far as is known
/// (docs/vendors.md §2.1): a page that shows only older ones is the last to be read.
async fn missed(app: &App, target: &BillingTarget, since: Timestamp) -> Result<Result<usize, CallError>> {
    let (mut page, mut count) = (Some(1), 0);
    for _ in 0..PAGES {
        let Some(number) = page else { break };
        let listed = match target.events(number).await {
            Ok(listed) => listed,
            Err(error) => return Ok(Err(error)),
        };
        let rows = listed.rows.iter().flatten();
        let recent: Vec<_> = rows.filter(|it| event_time(it).is_none_or(|at| at >= since)).collect();
        page = listed.next.filter(|_| !recent.is_empty());
        for row in recent {
            let id = intake::event_name(&row.id);
            if intake::read(app, SOURCE, &id).await?.is_some() {
                continue;
            }
            match target.event(&row.id).await {
                Ok(event) => intake::hint(app, SOURCE, &id, event.payload.to_string()).await?,
                // Nobody could read it tomorrow either.
                Err(CallError::Gone(why) | CallError::Rejected(why)) => {
                    tracing::warn!(event = row.id, why, "left out");
                    continue;
                }
                Err(error) => return Ok(Err(error)),
            }
            count += 1;
        }
    }
    Ok(Ok(count))
}

async fn failed(app: &App, error: &CallError) -> Result<()> {
    budget::heed(app, &System::ZOHO_BILLING, error).await?;
    tracing::warn!(why = %error, "the events of Zoho Billing are not read; tomorrow's look does it");
    Ok(())
}
