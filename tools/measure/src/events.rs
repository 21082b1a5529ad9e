//! The events that a function gets: the samples in `events/`, each made different, or real messages with work behind them.

use crate::around::{Around, local};
use crate::billing;
use anyhow::{Context as _, Result, ensure};
use local::arn;
use local::queues::mapping::sqs_event;
use serde_json::{Value, json};
use std::fs;

/// What must differ from one sample of a lead to the next, and a form of it that can hold a number.
const LEAD: &str = "7d0f6c2e-93b4-4c1a-8f57-2b1e6a40c9d3";
const EMAIL: &str = "maria.borg@";
const ONCE: &str = "d3f2a1b6e870";
const CUSTOMER: &str = "user_123abc";

/// So many events for a function.
///
/// # Errors
/// When its sample can't be read, or the work behind its messages can't be made.
pub(crate) async fn events(around: &Around, function: &str, count: usize) -> Result<Vec<String>> {
    let sample = fs::read_to_string(format!("events/{function}.json")).context("read the sample event")?;
    let key = match function {
        "api_crons" => local("CRON_SECRET"),
        "api_billing" | "api_sync" => &around.billing_key,
        _ => &around.key,
    };
    let samples = (0..count).map(|it| filled(&sample, function, key, it));
    match function {
        "sync_zoho_crm_lead" | "sync_backoffice_lead" => {
            accept(around, count).await?;
            messages(around, function, count)
        }
        "process_webhook" => {
            announce(around, count).await?;
            messages(around, function, count)
        }
        pusher if billing::pushes(pusher) => {
            billing::accept(around, pusher, count).await?;
            messages(around, pusher, count)
        }
        "api_sync" => {
            billing::customers(around, count).await?;
            Ok(samples.collect())
        }
        "sync_app_status" => {
            billing::rows(around, count)?;
            billing::customers(around, count).await?;
            messages(around, function, count)
        }
        "webhook_stripe" => {
            let now = around.world.clock.now().as_second();
            (0..count).map(|it| billing::stripe(&sample, it, now)).collect()
        }
        _ => Ok(samples.collect()),
    }
}

/// The sample with what this world expects, as the event of this number.
fn filled(sample: &str, function: &str, key: &str, number: usize) -> String {
    let secret = match function {
        "webhook_zoho_billing" => "ZOHO_BILLING_WEBHOOK_SECRET",
        _ => "PORTAL_WEBHOOK_SECRET",
    };
    sample
        .replace("demo-key", key)
        .replace("demo-secret", local(secret))
        .replace("demo-token", local("ZOHO_CRM_WEBHOOK_TOKEN"))
        .replace(CUSTOMER, &format!("user_{number}"))
        .replace(LEAD, &lead(number))
        .replace(EMAIL, &format!("maria.borg.{number}@"))
        .replace(ONCE, &format!("{number:012x}"))
}

fn lead(number: usize) -> String {
    format!("7d0f6c2e-93b4-4c1a-8f57-{number:012x}")
}

/// Leads posted to the API in this process: what they owe to the systems waits in the queues.
async fn accept(around: &Around, count: usize) -> Result<()> {
    let sample = fs::read_to_string("events/api_leads.json")?;
    for number in 0..count {
        let event: Value = serde_json::from_str(&filled(&sample, "api_leads", &around.key, number))?;
        let body = serde_json::from_str(event["body"].as_str().context("the sample has no body")?)?;
        around.post("/leads", &around.key, &body).await?;
    }
    Ok(())
}

/// Rows in the portal's table, and its database webhooks taken in: their intakes wait in the queue.
async fn announce(around: &Around, count: usize) -> Result<()> {
    for number in 0..count {
        let row = json!({
            "id": lead(number),
            "full_name": "Maria Borg",
            "email": format!("maria.borg.{number}@example.com"),
            "phone": "+356 7900 0000",
            "city": "Xagħra",
            "status": "new",
            "system_size_kw": "6.6",
            "total_price": "8450.00",
        });
        let made = around.world.systems.portal.insert_row("leads", row);
        made.map_err(|it| anyhow::anyhow!("the portal: {it}"))?;
    }
    while around.world.deliver_callbacks().await > 0 {}
    Ok(())
}

/// The messages that wait for a function, each as an event of its own.
fn messages(around: &Around, function: &str, count: usize) -> Result<Vec<String>> {
    let mapping = around.function(function)?.queues.first().context("it has no queue")?;
    let mut queues = around.world.template.queues.iter();
    let queue = queues
        .find(|it| it.logical_id == mapping.queue)
        .context("no such queue")?;
    let now = around.world.clock.now_ms();
    let mut events = Vec::new();
    while events.len() < count {
        let taken = around.world.aws.queues.receive(&queue.name, 1, now)?;
        ensure!(
            !taken.is_empty(),
            "{} messages wait for {function}, not {count}",
            events.len()
        );
        events.push(sqs_event(&arn::queue(&queue.name), &taken).to_string());
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_is_another_lead_under_a_key_that_holds() {
        let sample = format!("{{\"a\":\"Bearer demo-key\",\"id\":\"{LEAD}\",\"email\":\"maria.borg@example.com\"}}");
        let one = filled(&sample, "api_leads", "key", 7);
        assert!(one.contains("Bearer key") && one.contains("8f57-000000000007") && one.contains("maria.borg.7@"));
        assert_ne!(one, filled(&sample, "api_leads", "key", 8));
    }
}
