//! What each event must bring about, in an order in which each function finds something to do.

use anyhow::{Context as _, Result, ensure};
use local::events::{BILLED, ROW, WEBHOOK, lead};
use local::world::World;
use serde_json::{Value, json};
use shared::api::billing::kind_of;
use shared::intake;
use shared::model::{Class, Patch, RecordKey};
use shared::sync::accept::accept;
use shared::sync::billing::{arrival, take_in};
use shared::sync::push::push;
use shared::sync::target::BillingTarget;
use std::time::Duration;
use twins::billing::Kind;

/// The row behind the lead of the sync events: not that of the portal's own.
const OTHER_ROW: &str = "3a8e1f52-0c4d-4b7e-9d16-5f2a7c8b9e01";

/// What must hold after a function has answered.
type Holds = fn(&World, &Value) -> Result<()>;

/// Every function, with what must hold after it.
pub(super) const ORDER: &[(&str, Holds)] = &[
    ("api_health", |_, answer| {
        http(answer, 200)?;
        ensure!(body(answer)["status"] == "healthy");
        Ok(())
    }),
    ("api_leads", |world, answer| {
        http(answer, 202)?;
        ensure!(body(answer)["portal_lead_id"] == ROW);
        ensure!(stored(world, "request#") == 1, "its Idempotency-Key is not known");
        Ok(())
    }),
    ("api_crons", |world, answer| {
        http(answer, 202)?;
        ensure!(waiting(world, "cron-zoho-crm-pull") == 1, "the pull was not started");
        Ok(())
    }),
    ("cron_renew", |world, answer| {
        none_failed(answer)?;
        let lead = json!({ "Last_Name": "Attard" });
        ensure!(world.systems.zoho.insert_lead(lead).is_ok(), "the twin refuses a lead");
        ensure!(world.systems.zoho.take_notifications().len() == 1, "Zoho tells nothing");
        Ok(())
    }),
    ("cron_zoho_crm_pull", |world, answer| {
        none_failed(answer)?;
        ended(world, "run#zoho_crm_pull")
    }),
    ("cron_portal_pull", |world, answer| {
        none_failed(answer)?;
        ended(world, "run#portal_pull")
    }),
    ("process_webhook", |world, answer| {
        none_failed(answer)?;
        let is_it = |it: &&Value| key(it).ends_with(WEBHOOK);
        let items = items(world);
        let intake = items.iter().find(is_it).context("the webhook is gone")?;
        ensure!(!content(intake)["processed_at"].is_null(), "it is not processed");
        Ok(())
    }),
    ("sync_zoho_crm_lead", |world, answer| {
        none_failed(answer)?;
        let leads = world.systems.zoho.leads();
        ensure!(
            leads.iter().any(|it| it["Last_Name"] == "Borg"),
            "the lead is not in Zoho"
        );
        Ok(())
    }),
    ("sync_backoffice_lead", |world, answer| {
        none_failed(answer)?;
        let rows = world.systems.backoffice.rows("leads");
        ensure!(rows.len() == 1, "the back office holds {} rows", rows.len());
        Ok(())
    }),
    ("cron_sweep", |_, answer| none_failed(answer)),
    ("dead_letters", |world, answer| {
        none_failed(answer)?;
        ensure!(stored(world, "note#dead_letter#") == 1, "the dead letter is not kept");
        Ok(())
    }),
    ("api_billing", |world, answer| {
        http(answer, 202)?;
        ensure!(stored(world, "customer#user_123abc") >= 1, "no customer stands");
        Ok(())
    }),
    ("api_sync", |_, answer| {
        http(answer, 200)?;
        ensure!(
            body(answer)["systems"]["zoho_billing"]["status"].is_string(),
            "nothing is told"
        );
        Ok(())
    }),
    ("sync_app_status", |world, answer| {
        none_failed(answer)?;
        let rows = world.systems.app.rows("customers");
        ensure!(!rows[0]["zoho_status"].is_null(), "the app is not told: {rows:?}");
        Ok(())
    }),
    ("sync_billing_customer", |world, answer| {
        made(world, answer, Kind::Customer, 1)
    }),
    // The product of the invoice's type stands already.
    ("sync_billing_product", |world, answer| {
        made(world, answer, Kind::Product, 2)
    }),
    ("sync_billing_plan", |world, answer| made(world, answer, Kind::Plan, 1)),
    ("sync_billing_subscription", |world, answer| {
        made(world, answer, Kind::Subscription, 1)
    }),
    ("sync_billing_invoice", |world, answer| {
        none_failed(answer)?;
        let invoices = world.systems.billing.rows(Kind::Invoice);
        ensure!(invoices.iter().any(|it| it["number"] == "inv_1"), "no invoice is there");
        Ok(())
    }),
    ("sync_billing_payment", |world, answer| {
        made(world, answer, Kind::Payment, 1)
    }),
    ("cron_billing_pull", |world, answer| {
        none_failed(answer)?;
        ended(world, "run#billing_pull")
    }),
    ("webhook_netcash", |world, answer| {
        http(answer, 200)?;
        ensure!(stored(world, "intake#netcash#") == 1, "it is not stored");
        Ok(())
    }),
    // Its event was signed long ago: a replay.
    ("webhook_stripe", |world, answer| {
        http(answer, 401)?;
        ensure!(stored(world, "intake#stripe#") == 0, "a replay is stored");
        Ok(())
    }),
    ("webhook_zoho_billing", announced),
    ("webhook_supabase", announced),
    ("webhook_zoho_crm", announced),
];

/// What the events take for granted.
///
/// # Errors
/// When the table or a twin refuses it.
pub(super) async fn prepare(world: &World) -> Result<()> {
    accept(world.app(), &lead(OTHER_ROW), Class::LIVE).await?;
    billed(world).await?;
    let row = json!({ "id": "user_123abc", "email": "nandi@example.com", "name": "Nandi Zulu" });
    let inserted = world.systems.app.insert_row("customers", row);
    inserted.map_err(|it| anyhow::anyhow!("the app's twin refuses the row: {it}"))?;
    let made = world.systems.zoho.insert_lead(json!({ "Last_Name": "Vella" }));
    let id = made.map_err(|it| anyhow::anyhow!("Zoho's twin refuses the lead: {it}"))?;
    let body = json!({ "module": "Leads", "operation": "insert", "ids": [id] }).to_string();
    intake::hint(world.app(), "zoho_crm", WEBHOOK, body).await
}

/// The records that the events of billing name; the product of a type of invoice is in Zoho Billing already.
async fn billed(world: &World) -> Result<()> {
    let app = world.app();
    for (path, body) in BILLED {
        let kind = kind_of(path).context("no kind")?;
        let row: serde_json::Map<String, Value> = serde_json::from_str(body)?;
        let id = row["id"].as_str().context("no id")?.to_owned();
        let mut arrival = arrival(app, &kind, &row, id).map_err(anyhow::Error::msg)?;
        if kind == shared::model::Kind::PAYMENT {
            let completed = Patch::Set(shared::model::Value::text("completed"));
            arrival.fields.insert("status".into(), completed);
        }
        take_in(app, arrival, Class::LIVE).await?;
    }
    let product = RecordKey::new(shared::model::Kind::PRODUCT, "invoice_type_installation");
    let target = BillingTarget::new(app, shared::model::Kind::PRODUCT).context("not configured")?;
    let now = app.until(world.clock.now() + Duration::from_secs(30));
    push(&now, &target, &[product]).await?;
    Ok(())
}

fn made(world: &World, answer: &Value, kind: Kind, count: usize) -> Result<()> {
    none_failed(answer)?;
    let rows = world.systems.billing.rows(kind);
    ensure!(rows.len() == count, "Zoho Billing holds {rows:?}");
    Ok(())
}

/// A run stands, and has come to its end.
fn ended(world: &World, run: &str) -> Result<()> {
    let items = items(world);
    let run = items.iter().find(|it| key(it) == run).context("no run stands")?;
    ensure!(!content(run)["finished_at"].is_null(), "the run has not ended");
    Ok(())
}

fn announced(world: &World, answer: &Value) -> Result<()> {
    http(answer, 200)?;
    let id = body(answer)["stored"].as_str().unwrap_or_default().to_owned();
    let is_there = items(world).iter().any(|it| key(it).ends_with(&id));
    ensure!(!id.is_empty() && is_there, "it is not stored");
    Ok(())
}

fn http(answer: &Value, status: u16) -> Result<()> {
    ensure!(answer["statusCode"] == status, "the status should be {status}");
    Ok(())
}

fn none_failed(answer: &Value) -> Result<()> {
    ensure!(answer["batchItemFailures"] == json!([]), "a message failed");
    Ok(())
}

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default()
}

fn waiting(world: &World, queue: &str) -> usize {
    world
        .aws
        .queues
        .depth(&format!("concord-{queue}"), world.clock.now_ms())
}

fn stored(world: &World, prefix: &str) -> usize {
    items(world).iter().filter(|it| key(it).starts_with(prefix)).count()
}

fn key(item: &Value) -> &str {
    item["pk"]["S"].as_str().unwrap_or_default()
}

/// What an item holds.
fn content(item: &Value) -> Value {
    let text = item["body"]["S"].as_str().unwrap_or_default();
    serde_json::from_str(text).unwrap_or_default()
}

/// All items; the table is small.
fn items(world: &World) -> Vec<Value> {
    let table = world.template.table.as_ref().map_or("", |it| it.name.as_str());
    let request = json!({ "TableName": table }).to_string();
    let (_, answer) = world.aws.dynamo.answer("DynamoDB_20120810.Scan", request.as_bytes());
    let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
    answer["Items"].as_array().cloned().unwrap_or_default()
}
