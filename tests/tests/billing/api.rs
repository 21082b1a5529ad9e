//! The API's manners: keys, problems that name their field, the same answer to the same request.

use super::door::*;
use bytes::Bytes;
use http::Request;
use local::world::World;
use serde_json::{Value, json};
use twins::billing::Kind;

async fn once(world: &World, path: &str, key: &str, body: &Value) -> (u16, Value) {
    let request = Request::post(path)
        .header("authorization", format!("Bearer {KEY}"))
        .header("content-type", "application/json")
        .header("idempotency-key", key);
    let answer = world
        .request(request.body(Bytes::from(body.to_string())).unwrap(), "127.0.0.1")
        .await;
    let body = serde_json::from_slice(answer.body()).unwrap_or_default();
    (answer.status().as_u16(), body)
}

#[tokio::test(start_paused = true)]
async fn without_a_key_of_its_scope_nothing_is_told_and_nothing_taken() {
    let world = world().await;
    for (method, path) in [
        ("POST", "/customers"),
        ("GET", "/customers/user_123"),
        ("POST", "/payments"),
        ("POST", "/services/svc_1/activate"),
        ("GET", "/sync/customer?id=user_123"),
        ("POST", "/sync/customer/user_123"),
        ("POST", "/sync/bulk"),
        ("POST", "/crons/billing_pull"),
        ("GET", "/runs?job=billing_pull"),
    ] {
        for key in [
            "",
            "guess",
            if path.starts_with("/crons") || path.starts_with("/runs") {
                KEY
            } else {
                CRON
            },
        ] {
            let body = customer();
            let (status, answer) = world.call(method, path, key, Some(&body)).await.unwrap();
            assert_eq!(status, 401, "{method} {path} {key}: {answer}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_key_and_body_have_the_same_answer_and_another_body_is_refused() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let body = with(payment(), json!({"id": null, "invoice_id": null}));
    let first = once(&world, "/payments", "a", &body).await;
    world.settle().await;
    let second = once(&world, "/payments", "a", &body).await;
    assert_eq!((first.0, &first), (202, &second));
    world.settle().await;
    assert_eq!(rows(&world, Kind::Payment).len(), 1, "an id of ours, and one payment");
    let other = with(body, json!({"amount": "5"}));
    let (status, problem) = once(&world, "/payments", "a", &other).await;
    assert_eq!(
        (status, &problem["field"]),
        (422, &json!("Idempotency-Key")),
        "{problem}"
    );
    world.settle().await;
    assert_eq!(rows(&world, Kind::Payment).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_body_takes_no_key() {
    let world = world().await;
    assert_eq!(once(&world, "/customers", "a", &json!({"email": "x"})).await.0, 422);
    assert_eq!(once(&world, "/customers", "a", &customer()).await.0, 202);
}

#[tokio::test(start_paused = true)]
async fn two_at_once_are_one_payment() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let body = with(payment(), json!({"id": null, "invoice_id": null}));
    let (one, other) = tokio::join!(
        once(&world, "/payments", "a", &body),
        once(&world, "/payments", "a", &body)
    );
    assert_eq!((one.0, one.1), (202, other.1));
    world.settle().await;
    assert_eq!(rows(&world, Kind::Payment).len(), 1);
}

/// Each mistake, and the field that it names.
fn mistakes() -> Vec<(&'static str, Value, &'static str)> {
    let of = |path, body: Value, parts: Value, field| (path, with(body, parts), field);
    vec![
        of("/customers", customer(), json!({"email": null}), "email"),
        of("/customers", customer(), json!({"email": " "}), "email"),
        of("/customers", customer(), json!({"email": "nandi"}), "email"),
        of("/customers", customer(), json!({"phone": 5}), "phone"),
        of("/customers", customer(), json!({"nickname": "N"}), "nickname"),
        of("/customers", customer(), json!({"currency": "rand"}), "currency"),
        of("/customers", customer(), json!({"id": "a#b"}), "id"),
        of("/customers", customer(), json!({"id": ""}), "id"),
        of("/customers", customer(), json!({"id": "x".repeat(201)}), "id"),
        of("/customers", customer(), json!({"id": ["1"]}), "id"),
        of("/customers", customer(), json!({"app_id": "1"}), "app_id"),
        of(
            "/customers",
            customer(),
            json!({"street": "x".repeat(32_001)}),
            "street",
        ),
        of(
            "/customers",
            customer(),
            json!({"updated_at": "2030-01-01T00:00:00Z"}),
            "updated_at",
        ),
        of(
            "/customers",
            customer(),
            json!({"updated_at": "yesterday"}),
            "updated_at",
        ),
        of("/products", product(), json!({"name": null}), "name"),
        of("/products", product(), json!({"published": "perhaps"}), "published"),
        of("/plans", plan(), json!({"price": null}), "price"),
        of("/plans", plan(), json!({"price": "R 599"}), "price"),
        of("/plans", plan(), json!({"price": "-1"}), "price"),
        of("/plans", plan(), json!({"product_id": null}), "product_id"),
        of("/services", service(), json!({"customer_id": null}), "customer_id"),
        of("/services", service(), json!({"plan_id": null}), "plan_id"),
        of(
            "/services",
            service(),
            json!({"start_date": "2026-02-30"}),
            "start_date",
        ),
        of(
            "/services",
            service(),
            json!({"next_billing_date": 5}),
            "next_billing_date",
        ),
        of("/invoices", invoice(), json!({"type": null}), "type"),
        of("/invoices", invoice(), json!({"type": "deposit"}), "type"),
        of("/invoices", invoice(), json!({"customer_id": null}), "customer_id"),
        of("/invoices", invoice(), json!({"amount": null}), "amount"),
        of("/invoices", invoice(), json!({"amount": "1e400"}), "amount"),
        of("/invoices", invoice(), json!({"date": "21/11/2026"}), "date"),
        of("/invoices", invoice(), json!({"lines": [{"name": "x"}]}), "lines"),
        of(
            "/invoices",
            invoice(),
            json!({"lines": [{"price": 1, "quantity": 0}]}),
            "lines",
        ),
        of("/invoices", invoice(), json!({"product_id": "x"}), "product_id"),
        of("/payments", payment(), json!({"amount": null}), "amount"),
        of("/payments", payment(), json!({"amount": "-5"}), "amount"),
        of("/payments", payment(), json!({"amount": "1.0000001"}), "amount"),
        of("/payments", payment(), json!({"amount": true}), "amount"),
        of("/payments", payment(), json!({"customer_id": null}), "customer_id"),
        of("/payments", payment(), json!({"gateway": "stripe:pi_1"}), "gateway"),
    ]
}

#[tokio::test(start_paused = true)]
async fn each_mistake_is_refused_by_its_field_and_nothing_is_stored() {
    let world = world().await;
    for (path, body, field) in mistakes() {
        let (status, problem) = post(&world, path, body.clone()).await;
        assert_eq!(status, 422, "{path} {body}: {problem}");
        assert_eq!(problem["field"], field, "{path} {body}: {problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(field), "{path}: {detail}");
        if let Some(id) = body["id"]
            .as_str()
            .filter(|it| !it.is_empty() && it.len() < 200 && !it.contains('#'))
        {
            assert_eq!(
                get(&world, &format!("{path}/{id}")).await["status"],
                404,
                "{path} {body}"
            );
        }
    }
    for text in ["", "[]", "nonsense", "5"] {
        let request = Request::post("/customers").header("authorization", format!("Bearer {KEY}"));
        let answer = world
            .request(request.body(Bytes::from(text)).unwrap(), "127.0.0.1")
            .await;
        assert!(
            [400, 422].contains(&answer.status().as_u16()),
            "{text:?}: {:?}",
            answer.status()
        );
    }
    world.settle().await;
    assert_eq!(world.systems.billing.calls().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn ids_are_the_apps_own_numbers_too_and_one_is_made_where_none_is_given() {
    let world = world().await;
    for (id, expected) in [
        (json!(17), Some("17")),
        (json!(" 18 "), Some("18")),
        (Value::Null, None),
    ] {
        let mut body = customer();
        body["id"] = id;
        let (status, answer) = post(&world, "/customers", body).await;
        assert_eq!(status, 202, "{answer}");
        let made = answer["id"].as_str().unwrap();
        assert!(expected.is_none_or(|it| it == made), "{answer}");
        let shown = get(&world, answer["status_url"].as_str().unwrap()).await;
        assert_eq!(shown["id"], made);
    }
    put(
        &world,
        "/payments",
        with(payment(), json!({"customer_id": 17, "invoice_id": null})),
    )
    .await;
    assert_synced(&world, "payment", "pay_1").await;
}

#[tokio::test(start_paused = true)]
async fn what_nobody_told_of_is_not_found() {
    let world = world().await;
    for path in [
        "/customers",
        "/products",
        "/plans",
        "/services",
        "/invoices",
        "/payments",
    ] {
        let (status, problem) = world.call("GET", &format!("{path}/nobody"), KEY, None).await.unwrap();
        assert_eq!((status, &problem["field"]), (404, &json!("id")), "{problem}");
        for odd in ["a%23b", "%20", "a%00b"] {
            let (status, _) = world.call("GET", &format!("{path}/{odd}"), KEY, None).await.unwrap();
            assert_eq!(status, 404, "{path}/{odd}");
        }
    }
    let (status, _) = post(&world, "/services/nobody/activate", json!({})).await;
    assert_eq!(status, 404);
    let (status, problem) = post(&world, "/services/nobody/activate", json!({"price": 1})).await;
    assert_eq!((status, &problem["field"]), (422, &json!("price")));
}

#[tokio::test(start_paused = true)]
async fn each_is_shown_with_its_fields_its_parents_and_its_systems() {
    let world = world().await;
    all(&world).await;
    world.settle().await;
    minutes(&world, 2).await;
    for (path, field, value) in [
        ("/customers/user_123", "email", json!("nandi@example.com")),
        ("/products/fibre", "name", json!("Fibre")),
        ("/plans/fibre-100", "name", json!("Fibre 100")),
        ("/services/svc_1", "status", json!("active")),
        ("/invoices/inv_1", "number", json!("A-1001")),
        ("/payments/pay_1", "method", json!("banktransfer")),
    ] {
        let shown = get(&world, path).await;
        assert_eq!(shown["fields"][field], value, "{shown:#}");
        assert_eq!(shown["systems"]["zoho_billing"]["status"], "synced", "{shown:#}");
        assert!(shown["version"].as_u64() >= Some(1) && shown["changed_at"].is_string());
    }
    let payment = get(&world, "/payments/pay_1").await;
    assert_eq!(payment["of"], json!({"customer_id": "user_123", "invoice_id": "inv_1"}));
    assert_eq!(money(&payment["fields"]["amount"]), dec("1499.90"));
    let lines = get(&world, "/invoices/inv_1").await["fields"]["lines"].clone();
    assert_eq!(lines.as_array().map(Vec::len), Some(1), "lines are a list: {lines}");
}

#[tokio::test(start_paused = true)]
async fn an_older_version_that_comes_late_changes_nothing() {
    let world = world().await;
    let at = |time: &str, phone: &str| with(customer(), json!({"updated_at": time, "phone": phone}));
    put(&world, "/customers", at("2026-11-21T09:50:00Z", "new")).await;
    put(&world, "/customers", at("2026-11-21T09:40:00Z", "old")).await;
    assert_eq!(one(&world, Kind::Customer)["phone"], "new");
}
