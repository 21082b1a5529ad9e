//! Services: a subscription once they are active, never a second one, never backdated.

use super::door::*;
use jiff::civil::date;
use local::world::World;
use serde_json::{Value, json};
use twins::billing::Kind;

async fn say(world: &World, parts: Value) {
    put(world, "/services", with(service(), parts)).await;
}

async fn subscription(world: &World) -> Value {
    one(world, Kind::Subscription)
}

#[tokio::test(start_paused = true)]
async fn one_that_is_not_active_is_skipped_until_it_is() {
    let world = world().await;
    shop(&world).await;
    for word in ["pending", "cancelled", "suspended"] {
        say(&world, json!({ "status": word })).await;
        assert_stands(&world, "service", "svc_1", "skipped", "not active").await;
    }
    assert_eq!(rows(&world, Kind::Subscription).len(), 0);
    say(&world, json!({"status": "active", "price": "549.95"})).await;
    assert_synced(&world, "service", "svc_1").await;
    let made = subscription(&world).await;
    assert_eq!(
        (&made["status"], &made["auto_collect"]),
        (&json!("live"), &json!(false))
    );
    assert_eq!(
        (&made["interval"], &made["interval_unit"]),
        (&json!(1), &json!("months"))
    );
    assert_eq!(money(&made["plan"]["price"]), dec("549.95"));
    assert_eq!(made["reference_id"], "svc_1");
    no_violations(&world);
}

#[tokio::test(start_paused = true)]
async fn without_a_price_of_its_own_it_has_the_plans() {
    let world = world().await;
    live(&world).await;
    assert_eq!(money(&subscription(&world).await["plan"]["price"]), dec("599"));
}

#[tokio::test(start_paused = true)]
async fn it_starts_at_the_next_billing_date_if_it_was_active_before_and_never_in_the_past() {
    for (said, starts) in [
        (json!({"start_date": "2026-03-05"}), "2026-12-05"),
        (
            json!({"start_date": "2026-03-05", "next_billing_date": "2026-12-15"}),
            "2026-12-15",
        ),
        (
            json!({"start_date": "2026-03-05", "next_billing_date": "2026-11-05"}),
            "2026-12-05",
        ),
        (json!({"start_date": "2026-12-01"}), "2026-12-01"),
        (json!({"start_date": "2026-11-21"}), "2026-11-21"),
        (json!({}), "2026-11-21"),
    ] {
        let world = world().await;
        shop(&world).await;
        say(&world, with(said.clone(), json!({"status": "active"}))).await;
        assert_synced(&world, "service", "svc_1").await;
        let made = subscription(&world).await;
        let first = made["current_term_starts_at"]
            .as_str()
            .or(made["next_billing_at"].as_str());
        assert_eq!(first, Some(starts), "{said}");
        let is_future = starts > "2026-11-21";
        assert_eq!(made["status"], if is_future { "future" } else { "live" }, "{said}");
        assert_eq!(
            rows(&world, Kind::Invoice).len(),
            usize::from(!is_future),
            "{said}: no term is billed twice"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_day_that_only_an_outage_let_pass_does_not_skip_a_term() {
    let world = world().await;
    shop(&world).await;
    world.systems.billing.block();
    say(&world, json!({"status": "active", "start_date": "2026-11-21"})).await;
    days(&world, 2).await;
    minutes(&world, 70).await;
    let made = subscription(&world).await;
    assert_eq!(made["current_term_starts_at"], "2026-11-23", "{made:#}");
}

#[tokio::test(start_paused = true)]
async fn the_activation_makes_it_run_from_today_whatever_the_day_on_which_it_was_ordered() {
    let world = world().await;
    shop(&world).await;
    say(&world, json!({})).await;
    days(&world, 10).await;
    let (code, _) = post(&world, "/services/svc_1/activate", json!({})).await;
    assert_eq!(code, 202);
    world.settle().await;
    assert_eq!(
        subscription(&world).await["current_term_starts_at"],
        date(2026, 12, 1).to_string()
    );
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_one_ends_with_its_term_and_is_reactivated_never_made_anew() {
    let world = world().await;
    live(&world).await;
    for _ in 0..2 {
        say(&world, json!({"status": "cancelled"})).await;
        assert_eq!(subscription(&world).await["status"], "non_renewing");
        assert_synced(&world, "service", "svc_1").await;
        say(&world, json!({"status": "active"})).await;
        assert_eq!(subscription(&world).await["status"], "live");
    }
    assert_eq!(world.systems.billing.count("create_subscription"), 1);
    assert_eq!(
        (
            world.systems.billing.count("cancel"),
            world.systems.billing.count("reactivate")
        ),
        (2, 2)
    );
}

#[tokio::test(start_paused = true)]
async fn what_has_ended_keeps_its_price_and_gets_the_new_one_when_it_runs_again() {
    let world = world().await;
    live(&world).await;
    say(&world, json!({"status": "cancelled"})).await;
    say(&world, json!({"status": "cancelled", "price": "649.00"})).await;
    assert_stands(&world, "service", "svc_1", "skipped", "it has ended").await;
    assert_eq!(money(&subscription(&world).await["plan"]["price"]), dec("599"));
    say(&world, json!({"status": "active", "price": "649.00"})).await;
    assert_synced(&world, "service", "svc_1").await;
    // A new price holds from the next term on.
    days(&world, 40).await;
    let there = subscription(&world).await;
    assert_eq!(
        (&there["status"], money(&there["plan"]["price"])),
        (&json!("live"), dec("649.00"))
    );
    no_violations(&world);
}

#[tokio::test(start_paused = true)]
async fn one_that_has_ended_for_good_is_held_when_it_is_active_again() {
    let world = world().await;
    live(&world).await;
    say(&world, json!({"status": "cancelled"})).await;
    days(&world, 40).await;
    assert_eq!(subscription(&world).await["status"], "cancelled");
    say(&world, json!({"status": "active"})).await;
    minutes(&world, 5).await;
    assert_stands(&world, "service", "svc_1", "held", "ended in Zoho Billing").await;
    assert_eq!(rows(&world, Kind::Subscription).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_that_a_person_ended_there_already_has_nothing_more_to_end() {
    let world = world().await;
    live(&world).await;
    // What Zoho's page does: the subscription ends with its term.
    let id = remote(&world, "service", "svc_1").await;
    by_hand(
        &world,
        &format!("/billing/v1/subscriptions/{id}/cancel?cancel_at_end=true"),
    )
    .await;
    assert_eq!(subscription(&world).await["status"], "non_renewing");
    say(&world, json!({"status": "cancelled"})).await;
    assert_synced(&world, "service", "svc_1").await;
}

#[tokio::test(start_paused = true)]
async fn a_suspended_one_is_held_in_that_field_only_and_goes_on_when_it_is_active_again() {
    let world = world().await;
    live(&world).await;
    say(&world, json!({"status": "suspended", "price": "499"})).await;
    let held = standing(&world, "service", "svc_1").await;
    assert_eq!(held["held_fields"], json!({"status": "no word"}), "{held:#}");
    assert_eq!(held["status"], "synced", "{held:#}");
    days(&world, 40).await;
    let there = subscription(&world).await;
    assert_eq!(
        (&there["status"], money(&there["plan"]["price"])),
        (&json!("live"), dec("499"))
    );
    say(&world, json!({"status": "active", "price": "499"})).await;
    let free = standing(&world, "service", "svc_1").await;
    assert_eq!(
        (&free["held_fields"], &free["status"]),
        (&json!({}), &json!("synced")),
        "{free:#}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_mapped_suspension_is_carried_out_by_the_sweep() {
    let world = world().await;
    live(&world).await;
    say(&world, json!({"status": "suspended"})).await;
    assert_eq!(subscription(&world).await["status"], "live");
    let table = json!([
        {"status": "active", "app": ["active"], "zoho_billing": ["live"]},
        {"status": "suspended", "app": ["suspended"], "zoho_billing": ["cancelled"]},
        {"status": "cancelled", "app": ["cancelled"], "zoho_billing": ["cancelled"]},
    ]);
    let table = table.to_string();
    let world = restarted(&world, &[("SERVICE_STATUS_MAP", &table)]);
    minutes(&world, 2).await;
    assert_eq!(
        subscription(&world).await["status"],
        "non_renewing",
        "{:#}",
        standing(&world, "service", "svc_1").await
    );
    assert_synced(&world, "service", "svc_1").await;
}

#[tokio::test(start_paused = true)]
async fn a_subscription_with_our_reference_is_adopted() {
    let world = world().await;
    shop(&world).await;
    let customer = remote(&world, "customer", "user_123").await;
    let fields = json!({
        "customer_id": customer, "plan": {"plan_code": "fibre-100", "price": 500}, "reference_id": "svc_1",
        "auto_collect": false,
    });
    let id = world.systems.billing.insert(Kind::Subscription, &fields).unwrap();
    say(&world, json!({"status": "active", "price": "549"})).await;
    assert_eq!(remote(&world, "service", "svc_1").await, id);
    assert_synced(&world, "service", "svc_1").await;
    assert_eq!(world.systems.billing.count("create_subscription"), 0);
    days(&world, 31).await;
    assert_eq!(
        money(&subscription(&world).await["plan"]["price"]),
        dec("549"),
        "from the next term on"
    );
}

#[tokio::test(start_paused = true)]
async fn another_plan_or_price_changes_the_same_subscription_from_the_next_term_on() {
    let world = world().await;
    live(&world).await;
    put(
        &world,
        "/plans",
        with(plan(), json!({"id": "fibre-200", "name": "Fibre 200", "price": "799"})),
    )
    .await;
    say(
        &world,
        json!({"status": "active", "plan_id": "fibre-200", "price": "750"}),
    )
    .await;
    assert_synced(&world, "service", "svc_1").await;
    let now = subscription(&world).await;
    assert_eq!(
        (&now["plan"]["plan_code"], &now["end_of_term"]),
        (&json!("fibre-100"), &json!(true))
    );
    days(&world, 31).await;
    let then = subscription(&world).await;
    assert_eq!(
        (&then["plan"]["plan_code"], money(&then["plan"]["price"])),
        (&json!("fibre-200"), dec("750"))
    );
    assert_eq!(world.systems.billing.count("update_subscription"), 1);
    assert_eq!(world.systems.billing.count("create_subscription"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_price_that_is_taken_back_before_it_counts_is_sent_again() {
    let world = world().await;
    live(&world).await;
    for price in ["649.00", "599.00"] {
        say(&world, json!({"status": "active", "price": price})).await;
        minutes(&world, 1).await;
        assert_synced(&world, "service", "svc_1").await;
    }
    days(&world, 40).await;
    assert_eq!(money(&subscription(&world).await["plan"]["price"]), dec("599"));
    no_violations(&world);
}
