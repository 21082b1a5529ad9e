//! `/sync`: how a record stands, what Zoho has of it, another try, everything once more.

use super::door::*;
use local::world::World;
use serde_json::{Value, json};
use twins::Effect;
use twins::billing::Kind;

async fn found(world: &World, kind: &str, id: &str) -> Value {
    let answer = get(world, &format!("/sync/{kind}?id={id}&action=find")).await;
    answer["found"]["zoho_billing"].clone()
}

#[tokio::test(start_paused = true)]
async fn status_and_find_tell_and_write_nothing() {
    let world = world().await;
    all(&world).await;
    world.settle().await;
    minutes(&world, 2).await;
    let writes = |world: &World| {
        world
            .systems
            .billing
            .calls()
            .iter()
            .filter(|it| it.method != "GET")
            .count()
    };
    let before = writes(&world);
    for (kind, id) in [
        ("customer", "user_123"),
        ("product", "fibre"),
        ("plan", "fibre-100"),
        ("service", "svc_1"),
        ("invoice", "inv_1"),
        ("payment", "pay_1"),
    ] {
        let status = get(&world, &format!("/sync/{kind}?id={id}&action=status")).await;
        assert_eq!(status, get(&world, &format!("/sync/{kind}?id={id}")).await);
        let remote = remote(&world, kind, id).await;
        assert_eq!(found(&world, kind, id).await, json!({"remote_ids": [remote]}), "{kind}");
    }
    assert_eq!(writes(&world), before);
}

#[tokio::test(start_paused = true)]
async fn find_says_that_nothing_is_there_or_why_nobody_asked() {
    let world = world().await;
    world
        .systems
        .billing
        .faults()
        .next("list_customers", 1, Effect::Status(503));
    post(&world, "/customers", customer()).await;
    assert!(found(&world, "customer", "user_123").await["not_asked"].is_string());
    assert_eq!(found(&world, "customer", "user_123").await, json!({"remote_ids": []}));
    assert_eq!(world.systems.billing.count("create_customer"), 0);
    post(&world, "/payments", payment()).await;
    assert!(
        found(&world, "payment", "pay_1").await["not_asked"].is_string(),
        "its customer is not there"
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_questions_are_refused_by_their_part() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    for (method, path, body, status, field) in [
        ("GET", "/sync/customer", None, 422, "id"),
        ("GET", "/sync/customer?id=user_123&action=delete", None, 422, "action"),
        ("GET", "/sync/customer?id=nobody", None, 404, "id"),
        ("GET", "/sync/dragon?id=1", None, 404, "kind"),
        ("POST", "/sync/customer/nobody", Some(json!({})), 404, "id"),
        ("POST", "/sync/dragon/1", Some(json!({})), 404, "kind"),
        (
            "POST",
            "/sync/customer/user_123",
            Some(json!({"force": "yes"})),
            422,
            "force",
        ),
        (
            "POST",
            "/sync/customer/user_123",
            Some(json!({"hard": true})),
            422,
            "hard",
        ),
        ("POST", "/sync/bulk", Some(json!({})), 422, "kinds"),
        ("POST", "/sync/bulk", Some(json!({"kinds": []})), 422, "kinds"),
        ("POST", "/sync/bulk", Some(json!({"kinds": ["dragon"]})), 422, "kinds"),
        ("POST", "/sync/bulk", Some(json!({"kinds": "customer"})), 422, "kinds"),
    ] {
        let (code, problem) = world.call(method, path, KEY, body.as_ref()).await.unwrap();
        assert_eq!(
            (code, &problem["field"]),
            (status, &json!(field)),
            "{method} {path}: {problem}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn another_try_sends_what_failed_and_leaves_what_agrees() {
    let world = world().await;
    world.systems.billing.faults().next(
        "create_customer",
        1,
        Effect::Error {
            status: 400,
            code: "1".into(),
        },
    );
    put(&world, "/customers", customer()).await;
    assert_stands(&world, "customer", "user_123", "failed", "refused").await;
    minutes(&world, 70).await;
    assert_eq!(
        world.systems.billing.count("create_customer"),
        1,
        "a permanent answer is not asked for again"
    );
    let (code, answer) = post(&world, "/sync/customer/user_123", json!({})).await;
    assert_eq!(
        (code, &answer["systems"]["zoho_billing"]["was"]),
        (202, &json!("failed")),
        "{answer}"
    );
    world.settle().await;
    assert_synced(&world, "customer", "user_123").await;
    let (_, answer) = post(&world, "/sync/customer/user_123", json!({})).await;
    assert_eq!(answer["systems"]["zoho_billing"]["syncs"], false, "{answer}");
}

#[tokio::test(start_paused = true)]
async fn force_puts_back_what_a_person_changed_there() {
    let world = world().await;
    all(&world).await;
    world.settle().await;
    minutes(&world, 2).await;
    let id = remote(&world, "customer", "user_123").await;
    world
        .systems
        .billing
        .edit(Kind::Customer, &id, &json!({"phone": "999", "notes": "theirs"}))
        .unwrap();
    for (kind, own) in [
        ("customer", "user_123"),
        ("plan", "fibre-100"),
        ("service", "svc_1"),
        ("product", "fibre"),
    ] {
        let (code, answer) = post(&world, &format!("/sync/{kind}/{own}"), json!({"force": true})).await;
        assert_eq!(
            (code, &answer["systems"]["zoho_billing"]["syncs"]),
            (202, &json!(true)),
            "{answer}"
        );
        world.settle().await;
        minutes(&world, 1).await;
        assert_synced(&world, kind, own).await;
    }
    let customer = one(&world, Kind::Customer);
    assert_eq!(
        (&customer["phone"], &customer["notes"]),
        (&json!("+27 21 555 0101"), &json!("theirs"))
    );
    super::first::is_paid(&world).await;
    assert_eq!(world.systems.billing.count("create_subscription"), 1);
}

#[tokio::test(start_paused = true)]
async fn bulk_reads_the_kinds_that_are_named_and_a_second_run_makes_no_call() {
    let world = world().await;
    for id in 0..12 {
        let row = json!({"id": format!("user_{id}"), "email": format!("{id}@example.com")});
        world.systems.app.insert_row("customers", row).unwrap();
    }
    world
        .systems
        .app
        .insert_row(
            "payment_transactions",
            with(payment(), json!({"customer_id": "user_1"})),
        )
        .unwrap();
    world.systems.app.take_webhooks();
    world.clock.sleep(std::time::Duration::from_secs(30)).await;
    let (code, begun) = post(&world, "/sync/bulk", json!({"kinds": ["customer"]})).await;
    assert_eq!(code, 202, "{begun}");
    minutes(&world, 5).await;
    let path = begun["status_url"].as_str().unwrap();
    let run = world.call("GET", path, CRON, None).await.unwrap().1;
    assert_eq!(
        (&run["counts"]["read"], run["finished_at"].is_string()),
        (&json!(12), true),
        "only what was asked for: {run:#}"
    );
    assert_eq!(rows(&world, Kind::Customer).len(), 12);
    let calls = world.systems.billing.calls().len();
    let (_, begun) = post(&world, "/sync/bulk", json!({"kinds": ["customer"]})).await;
    minutes(&world, 5).await;
    let run = world
        .call("GET", begun["status_url"].as_str().unwrap(), CRON, None)
        .await
        .unwrap()
        .1;
    assert_eq!(
        (&run["counts"]["created"], &run["counts"]["updated"]),
        (&json!(0), &json!(0)),
        "{run:#}"
    );
    assert_eq!(world.systems.billing.calls().len(), calls);
    let listed = world.call("GET", "/runs?job=billing_pull", CRON, None).await.unwrap().1;
    assert!(listed["runs"].as_array().unwrap().len() >= 2, "{listed:#}");
}

#[tokio::test(start_paused = true)]
async fn bulk_of_all_kinds_of_an_app_that_is_not_configured_is_refused() {
    let world = world_with(&[("APP_SUPABASE_URL", "")]).await;
    let (code, problem) = post(&world, "/sync/bulk", json!({"kinds": "all"})).await;
    assert_eq!(code, 409, "{problem}");
}

/// What waits of one kind says nothing of another.
#[tokio::test(start_paused = true)]
async fn each_kind_has_its_own_numbers() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let orphan = with(payment(), json!({"invoice_id": null, "customer_id": "nobody"}));
    put(&world, "/payments", orphan).await;
    minutes(&world, 2).await;
    let numbers = shared::sync::numbers::read(world.app()).await.unwrap();
    let of = |kind: &str| {
        let is_it =
            |it: &&shared::sync::numbers::Standing| it.kind.as_str() == kind && it.system.as_str() == "zoho_billing";
        let it = numbers.systems.iter().find(is_it).unwrap();
        (it.total, it.synced, it.open.number)
    };
    assert_eq!(of("customer"), (1, Some(1), 0));
    assert_eq!(of("payment"), (1, Some(0), 1));
    assert_eq!(of("invoice"), (0, Some(0), 0));
}

/// An id that records of several kinds have is nobody's: a person says which.
#[tokio::test(start_paused = true)]
async fn an_id_of_several_kinds_is_never_guessed() {
    let world = world().await;
    for (path, body) in [("/products", product()), ("/customers", customer())] {
        put(&world, path, with(body, json!({"id": "same"}))).await;
    }
    let error = shared::sync::find::find_record(world.app(), "same")
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("customer#same, product#same"), "{error}");
    let found = shared::sync::find::find_record(world.app(), "product#same")
        .await
        .unwrap();
    assert_eq!(found.to_string(), "product#same");
}
