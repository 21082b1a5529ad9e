//! The events of billing, in a world of their own: its caller has another key, and its bodies another time.

use super::ask::{ask, stored};
use super::events::{http_body, nothing_failed, run, thrown_away, waiting};
use local::events::{BILLED, KEY, SECRETS, SIGNED};
use local::world::{Options, STATUS_COLUMNS, World};
use serde_json::{Value, json};
use shared::api::auth::{Scope, store};
use twins::billing::Kind;

/// In which order the sync functions of billing find their parents.
const ORDER: [(&str, Kind); 6] = [
    ("sync_billing_customer", Kind::Customer),
    ("sync_billing_product", Kind::Product),
    ("sync_billing_plan", Kind::Plan),
    ("sync_billing_subscription", Kind::Subscription),
    ("sync_billing_invoice", Kind::Invoice),
    ("sync_billing_payment", Kind::Payment),
];

pub(super) async fn check(name: &str) {
    let world = shop().await;
    if let Some(place) = ORDER.iter().position(|it| it.0 == name) {
        billed(&world).await;
        for (function, kind) in &ORDER[..=place] {
            assert_eq!(ours(&world, *kind), 0, "{function}");
            nothing_failed(&run(&world, function).await);
            if *kind == Kind::Invoice {
                // The product of its type is made first.
                world.settle().await;
            }
            assert_eq!(ours(&world, *kind), 1, "{function}");
        }
        return;
    }
    if name == "cron_billing_pull" {
        insert_customer(&world);
        super::ask::wait(&world, 10).await;
        nothing_failed(&run(&world, name).await);
        assert_eq!(waiting(&world, "concord-sync-billing-customer"), 1);
        return;
    }
    if name == "sync_app_status" {
        billed(&world).await;
        insert_customer(&world);
        nothing_failed(&run(&world, name).await);
        assert_eq!(world.systems.app.rows("customers")[0]["zoho_status"], "pending");
        return;
    }
    if name == "api_sync" {
        billed(&world).await;
    }
    let answer = run(&world, name).await;
    match name {
        "api_billing" => {
            assert_eq!(answer["statusCode"], 202, "{answer}");
            world.settle().await;
            let customer = &world.systems.billing.rows(Kind::Customer)[0];
            assert_eq!(customer["display_name"], "Zulu Traders", "{customer:#}");
        }
        "api_sync" => {
            assert_eq!(answer["statusCode"], 200, "{answer}");
            assert_eq!(http_body(&answer)["systems"]["zoho_billing"]["status"], "pending");
        }
        _ => {
            assert_eq!(answer["statusCode"], 200, "{answer}");
            let source = name.trim_start_matches("webhook_");
            assert!(stored(&world, "intake#")[0].starts_with(&format!("intake#{source}#")));
            assert_eq!(waiting(&world, "concord-intake"), 1);
        }
    }
}

fn insert_customer(world: &World) {
    let row = json!({ "id": "user_123abc", "email": "nandi@example.com", "name": "Nandi Zulu" });
    world.systems.app.insert_row("customers", row).unwrap();
}

/// How many objects of a kind are there; of invoices and products those that our records became.
fn ours(world: &World, kind: Kind) -> usize {
    let named = |it: &Value| match kind {
        Kind::Product => it["name"] == "Fibre",
        Kind::Invoice => it["number"] == "inv_1" || it["invoice_number"] == "inv_1",
        _ => true,
    };
    world.systems.billing.rows(kind).into_iter().filter(named).count()
}

/// The same for the events of billing, whose caller has another key there; at the time at which Stripe signed its event.
async fn shop() -> World {
    let mut options = Options::test(SIGNED.parse().unwrap());
    let own = |it: &(&str, &str)| (it.0.to_owned(), it.1.to_owned());
    let columns = ("APP_STATUS_COLUMNS", STATUS_COLUMNS);
    options.variables = SECRETS.iter().chain([&columns]).map(own).collect();
    let world = World::new(options).unwrap();
    store(world.app(), KEY, Scope::Billing, "tests").await.unwrap();
    world
}

/// Accepts what the events of billing name; its messages are thrown away.
async fn billed(world: &World) {
    for (path, body) in BILLED {
        let answer = ask("POST", path)
            .key(KEY)
            .json(&serde_json::from_str(body).unwrap())
            .of(world)
            .await;
        assert_eq!(answer.status, 202, "{path}: {}", answer.text);
    }
    thrown_away(world);
}
