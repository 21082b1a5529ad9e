//! Zoho's upkeep: notification channels made and renewed before their week ends, the key field's uniqueness, what Zoho
//! Billing's webhooks left out, and whether Zoho itself ties its customers to the CRM.

use crate::alert;
use crate::app::App;
use crate::store::{Places, keys};
use crate::sync::gaps;
use crate::sync::target::ZohoLead;
use crate::sync::tied;
use crate::systems::CallError;
use crate::systems::zoho_crm::Channel;
use anyhow::{Result, anyhow};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;

/// Zoho's channels live a week at most (docs/vendors.md §1.8); daily renewal leaves six tries.
const LIFE: SignedDuration = SignedDuration::from_hours(6 * 24 + 12);
/// Our channel's number: client-chosen, unique per user.
const CHANNEL: u64 = 1_068_270_001;

/// Makes or renews the channel, checks the key field, closes the gaps that Zoho Billing's webhooks left, and looks for
/// customers that are tied to the CRM.
///
/// # Errors
/// What could not be done; the rest was done all the same.
pub async fn renew(app: &App) -> Result<()> {
    let crm = renew_crm(app).await;
    let gaps = gaps::close(app).await;
    let tied = tied::look(app).await;
    crm.and(gaps).and(tied)
}

async fn renew_crm(app: &App) -> Result<()> {
    let Some(zoho) = ZohoLead::new(app) else { return Ok(()) };
    let unique = zoho.renew_key().await;
    let unique = unique.and_then(|it| it.map_err(|it| anyhow!("read Zoho's fields: {it}")));
    let channel = renew_channel(app, &zoho).await;
    unique.and(channel)
}

async fn renew_channel(app: &App, zoho: &ZohoLead) -> Result<()> {
    let (Some(url), Some(token)) = (&app.config.public_url, &app.config.zoho_webhook_token) else {
        tracing::info!(
            "no notification channel: PUBLIC_URL or ZOHO_CRM_WEBHOOK_TOKEN is not set; the hourly pull does it"
        );
        return Ok(());
    };
    let expiry = app.clock.now() + LIFE;
    let channel = &Channel {
        channel_id: CHANNEL,
        events: vec!["Leads.all".to_owned()],
        notify_url: format!("{url}/webhooks/zoho-crm"),
        token: token.expose_secret().to_owned().into(),
        expiry,
    };
    let there = zoho
        .call(|client, access| async move { client.channels(&access).await })
        .await;
    let there = there.map_err(|it| anyhow!("list Zoho's channels: {it}"))?;
    let ours = there.iter().any(|it| it.channel_id == CHANNEL.to_string());
    let kept = zoho.call(|client, access| async move {
        if ours {
            client.renew(&access, channel).await
        } else {
            client.watch(&access, channel).await
        }
    });
    match kept.await {
        Ok(watched) => remember(app, watched.expiry).await,
        Err(error) => {
            alert::raise(app, "Zoho's notification channel is not renewed", &error.to_string()).await?;
            Err(CallError::into(error))
        }
    }
}

async fn remember(app: &App, expiry: Option<Timestamp>) -> Result<()> {
    let note = keys::note("zoho_crm.channel.expiry");
    let stored = app.store.get::<Option<Timestamp>>(&note).await?;
    app.store
        .put(
            &note,
            &expiry,
            stored.as_ref().map(|it| it.rev.as_str()),
            &Places::default(),
        )
        .await?;
    Ok(())
}
