//! What must hold of the deployed template: Flow 1 by each of its ways, Flow 2 from a customer to a paid invoice, a message
//! that can't be worked off, a schedule.

mod billing;

use crate::account::Account;
use crate::door::Door;
use crate::outside::{CRON_SECRET, Outside, POISON};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use shared::job::Message;
use shared::model::Outcome;
use std::time::{Duration, Instant};
use tokio::time::sleep;

const ID: &str = "0d9fe6c8-6a2b-4c3c-9f5e-3f6f5a1b2c01";
/// One request through the emulator takes a tenth of a second, a cold start of a debug build more.
const PATIENCE: Duration = Duration::from_secs(90);
/// The sweep fires once a minute.
const TWO_SWEEPS: Duration = Duration::from_secs(150);

/// All of them, in the order in which they build on each other.
///
/// # Errors
/// Names the first that does not hold.
pub(crate) async fn all(
    door: &Door,
    account: &Account,
    outside: &Outside,
    [key, billing]: [&str; 2],
    step: &(impl Fn(&str) + Sync),
) -> Result<()> {
    // The message that can't be worked off dies while the others are looked at.
    account.send("IntakeQueue", "no message of ours").await?;
    closed(door).await.context("without a key")?;
    step("without a key every route is closed");
    left_behind(door, account, outside, key)
        .await
        .context("a paused system")?;
    step("while Zoho CRM is paused nothing is written there: ten leads wait");
    by_api(door, outside, key).await.context("a lead by the API")?;
    step("a lead by the API stands in Zoho CRM and in the back office, linked");
    by_webhook(outside).await.context("a lead by the portal's webhook")?;
    step("a lead by the portal's webhook stands in both");
    edited(door, outside).await.context("an edit in Zoho CRM")?;
    step("an edit in Zoho CRM, brought by a pull that was asked for, stands in the back office");
    told(account, outside).await.context("Zoho CRM's notifications")?;
    step("Zoho CRM, asked to by cron_renew, tells of the next edit itself");
    billing::paid(door, outside, billing).await.context("a payment")?;
    step("a customer, by the app's webhook, activates a service and pays: linked in Zoho Billing, the invoice paid");
    buried(account).await.context("a message that can't be worked off")?;
    step("the message that can't be worked off came to its dead letters and is kept for a person");
    swept(door, account, outside, key)
        .await
        .context("the sweep's schedule")?;
    step("the sweep, fired by its schedule, took up the ten; one panicked and took none of the nine along");
    Ok(())
}

async fn closed(door: &Door) -> Result<()> {
    for (method, path) in [
        ("POST", "/leads"),
        ("GET", "/leads/x"),
        ("POST", "/crons/portal_pull"),
        ("GET", "/runs"),
        ("POST", "/customers"),
        ("GET", "/sync/customer"),
        ("POST", "/webhooks/stripe"),
    ] {
        let (status, _) = door.call(method, path, "nobody", None).await?;
        ensure!(status == 401, "{method} {path} answers {status}");
    }
    Ok(())
}

async fn by_api(door: &Door, outside: &Outside, key: &str) -> Result<()> {
    let lead = json!({
        "id": ID,
        "full_name": "Maria Borg",
        "email": "maria@example.com",
        "total_price": "8450.10",
        "city": "Xagħra",
    });
    let (status, answer) = door.call("POST", "/leads", key, Some(&lead)).await?;
    ensure!(status == 202, "answers {status}: {answer}");
    until(PATIENCE, "it is in both systems", async || {
        let there = zoho(outside, "maria@example.com");
        let here = backoffice(outside, "maria@example.com");
        Ok(there
            .zip(here)
            .is_some_and(|(there, here)| here["zoho_lead_id"] == there["id"]))
    })
    .await?;
    let lead = zoho(outside, "maria@example.com").context("gone")?;
    ensure!(
        lead["Quote_Amount"].as_f64() == Some(8450.1),
        "the amount is {}",
        lead["Quote_Amount"]
    );
    until(PATIENCE, "it is shown as synced", async || {
        let (_, shown) = door.call("GET", &format!("/leads/{ID}"), key, None).await?;
        let systems = &shown["systems"];
        Ok(["zoho_crm", "backoffice"]
            .iter()
            .all(|it| systems[it]["status"] == "synced"))
    })
    .await
}

async fn by_webhook(outside: &Outside) -> Result<()> {
    let row = json!({ "full_name": "Joe Vella", "email": "joe@example.com", "total_price": "100" });
    let inserted = outside.portal.insert_row("leads", row);
    inserted.map_err(|it| anyhow::anyhow!("the portal refuses the row: {it}"))?;
    until(PATIENCE, "it is in both systems", async || {
        Ok(zoho(outside, "joe@example.com").is_some() && backoffice(outside, "joe@example.com").is_some())
    })
    .await
}

/// An edit of sales. Nobody tells of it, since `cron_renew` has not run yet: a pull brings it.
async fn edited(door: &Door, outside: &Outside) -> Result<()> {
    let lead = zoho(outside, "maria@example.com").context("gone")?;
    let id = lead["id"].as_str().context("no id")?;
    let edited = outside.zoho.edit(id, json!({ "City": "Nadur" }));
    edited.map_err(|it| anyhow::anyhow!("Zoho refuses the edit: {it}"))?;
    let (status, answer) = door.call("POST", "/crons/zoho_crm_pull", CRON_SECRET, None).await?;
    ensure!(status == 202, "POST /crons/zoho_crm_pull answers {status}: {answer}");
    until(PATIENCE, "it is in the back office", async || {
        let row = backoffice(outside, "maria@example.com");
        Ok(row.is_some_and(|it| it["city"] == "Nadur"))
    })
    .await
}

/// Another edit, when `cron_renew` has looked for a channel and made one: the webhook brings it, with no pull.
async fn told(account: &Account, outside: &Outside) -> Result<()> {
    account.send("CronRenewQueue", &Message::Activate.write()).await?;
    until(PATIENCE, "Zoho CRM has a channel", async || {
        Ok(outside.zoho.count("watch") >= 2)
    })
    .await?;
    let lead = zoho(outside, "joe@example.com").context("gone")?;
    let id = lead["id"].as_str().context("no id")?;
    let edited = outside.zoho.edit(id, json!({ "City": "Qala" }));
    edited.map_err(|it| anyhow::anyhow!("Zoho refuses the edit: {it}"))?;
    until(PATIENCE, "it is in the back office", async || {
        let row = backoffice(outside, "joe@example.com");
        Ok(row.is_some_and(|it| it["city"] == "Qala"))
    })
    .await
}

/// The e-mails of those who wait; `stack.py` has planted poison for the last one.
fn waiting() -> [String; 10] {
    let poisoned = |it| it == 9;
    std::array::from_fn(|it| match poisoned(it) {
        true => POISON.to_owned(),
        false => format!("waits-{it}@example.com"),
    })
}

/// Posts ten leads while Zoho CRM is paused: their messages are gone when writing is allowed again.
async fn left_behind(door: &Door, account: &Account, outside: &Outside, key: &str) -> Result<()> {
    account.concord(&["pause", "zoho_crm"]).await?;
    for (place, email) in waiting().iter().enumerate() {
        let lead = json!({ "id": waiting_id(place), "full_name": "Ana Zammit", "email": email });
        let (status, answer) = door.call("POST", "/leads", key, Some(&lead)).await?;
        ensure!(status == 202, "answers {status}: {answer}");
    }
    until(PATIENCE, "they are in the back office", async || {
        Ok(waiting().iter().all(|it| backoffice(outside, it).is_some()))
    })
    .await?;
    // Their messages for Zoho wait two seconds for others, and are then left.
    sleep(Duration::from_secs(8)).await;
    ensure!(
        waiting().iter().all(|it| zoho(outside, it).is_none()),
        "Zoho CRM was written to though it is paused"
    );
    account.concord(&["resume", "zoho_crm"]).await?;
    Ok(())
}

fn waiting_id(place: usize) -> String {
    format!("0d9fe6c8-6a2b-4c3c-9f5e-3f6f5a1b2d{place:02}")
}

/// The sweep, which its schedule fires once a minute, takes up what was left behind: nine leads arrive, the tenth makes
/// the function panic, and is marked.
async fn swept(door: &Door, account: &Account, outside: &Outside, key: &str) -> Result<()> {
    until(TWO_SWEEPS, "nine are in Zoho CRM", async || {
        Ok(waiting().iter().filter(|it| zoho(outside, it).is_some()).count() == 9)
    })
    .await?;
    until(PATIENCE, "the tenth is marked", async || {
        let (_, shown) = door
            .call("GET", &format!("/leads/{}", waiting_id(9)), key, None)
            .await?;
        let link = &shown["systems"]["zoho_crm"];
        Ok(link["status"] == "failed"
            && link["last_error"]
                .as_str()
                .is_some_and(|it| it.contains(Outcome::PANIC)))
    })
    .await?;
    let status = account.concord(&["status"]).await?;
    let letters = &status["waiting"]["dead_letters"]["number"];
    ensure!(*letters == 1, "{letters} dead letters, one of them was expected");
    Ok(())
}

async fn buried(account: &Account) -> Result<()> {
    until(PATIENCE, "it is kept", async || {
        let status = account.concord(&["status"]).await?;
        Ok(status["waiting"]["dead_letters"]["number"] == 1)
    })
    .await
}

fn zoho(outside: &Outside, email: &str) -> Option<Value> {
    outside.zoho.leads().into_iter().find(|it| it["Email"] == email)
}

fn backoffice(outside: &Outside, email: &str) -> Option<Value> {
    let rows = outside.backoffice.rows("leads");
    rows.into_iter().find(|it| it["email"] == email)
}

/// Looks twice a second.
async fn until(patience: Duration, what: &str, holds: impl AsyncFn() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !holds().await? {
        ensure!(
            begun.elapsed() < patience,
            "after {} s not yet: {what}",
            patience.as_secs()
        );
        sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}
