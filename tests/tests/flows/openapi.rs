//! What the real handlers answer is what `docs/openapi.yaml` says, for each of its operations.

use super::ask::{Answer, Ask, ask};
use super::door::{CRON, KEY, world_with};
use local::fault::{Failure, Verdict};
use local::world::World;
use serde_json::{Value, json};
use shared::api::auth::{Scope, store};
use shared::store::keys::sha256;
use std::collections::BTreeSet;
use std::time::Duration;
use tests::openapi::{OpenApi, Operation};

const BILLING: &str = "billing-key";

fn document() -> OpenApi {
    OpenApi::parse(include_str!("../../../docs/openapi.yaml")).unwrap()
}

async fn both_flows(variables: &[(&str, &str)]) -> World {
    let limits = [
        ("ZOHO_BILLING_CALLS_PER_MINUTE", "90"),
        ("ZOHO_BILLING_CALLS_PER_DAY", "900"),
    ];
    let world = world_with(&[&limits, variables].concat()).await;
    store(world.app(), BILLING, Scope::Billing, "tests").await.unwrap();
    world
}

/// The key that opens an operation; none where it has no scope.
fn key_of(of: &Operation<'_>) -> Option<&'static str> {
    Some(match of.says["security"][0]["key"][0].as_str()? {
        "leads" => KEY,
        "crons" => CRON,
        _ => BILLING,
    })
}

/// A request of an operation under its key, its path's parameters replaced.
fn to(of: &Operation<'_>, id: &str) -> Ask {
    let path = of.path.replace("{id}", id).replace("{kind}", "customer");
    let path = path.replace("{job}", "billing_pull").replace("{project}", "app");
    match key_of(of) {
        Some(key) => ask(of.method, &path).key(key),
        None => ask(of.method, &path),
    }
}

fn fits(document: &OpenApi, of: &Operation<'_>, status: u16, answer: &Answer) {
    assert_eq!(answer.status, status, "{} {}: {answer:?}", of.method, of.path);
    let wrong = document.wrong_answer(of, status, &answer.kind, &answer.body);
    assert_eq!(wrong, Vec::<String>::new(), "{answer:?}");
}

/// Answers that were seen, so that none of an operation is forgotten.
struct Seen<'a> {
    world: World,
    document: &'a OpenApi,
    seen: BTreeSet<String>,
}

impl Seen<'_> {
    async fn asked(&mut self, method: &str, path: &str, status: u16, request: Ask) -> Value {
        let of = self.document.operation(method, path);
        let of = of.unwrap_or_else(|| panic!("{method} {path}"));
        let answer = request.of(&self.world).await;
        fits(self.document, &of, status, &answer);
        self.seen.insert(format!("{method} {}", of.path));
        answer.body
    }

    /// Sends the document's own example.
    async fn example(&mut self, path: &str, key: &str) {
        let of = self.document.operation("POST", path).unwrap();
        let example = self.document.request(&of).unwrap()["example"].clone();
        let request = ask("POST", path).key(key).json(&example);
        self.asked("POST", path, 202, request).await;
    }

    async fn get(&mut self, path: &str, key: &str) -> Value {
        self.asked("GET", path, 200, ask("GET", path).key(key)).await
    }

    async fn webhook(&mut self, path: &str, header: (&str, &str), token: Option<&str>) {
        let of = self.document.operation("POST", path).unwrap();
        let mut body = self.document.request(&of).unwrap()["example"].clone();
        if let Some(token) = token {
            body["token"] = json!(token);
        }
        let request = ask("POST", path).header(header.0, header.1).json(&body);
        self.asked("POST", path, 200, request).await;
    }
}

async fn records(seen: &mut Seen<'_>) {
    seen.example("/leads", KEY).await;
    for path in ["customers", "products", "plans", "services", "invoices", "payments"] {
        seen.example(&format!("/{path}"), BILLING).await;
    }
    seen.example("/services/svc_1/activate", BILLING).await;
    seen.world.settle().await;
    seen.world.pass(Duration::from_secs(300)).await.unwrap();
    seen.get("/leads/7d0f6c2e-93b4-4c1a-8f57-2b1e6a40c9d3", KEY).await;
    for path in [
        "/customers/user_123",
        "/products/fibre",
        "/plans/fibre-100",
        "/services/svc_1",
        "/invoices/inv_1",
        "/payments/pay_1",
    ] {
        let shown = seen.get(path, BILLING).await;
        assert_eq!(
            shown["systems"]["zoho_billing"]["status"], "synced",
            "{path}: {shown:#}"
        );
    }
}

async fn sync_and_runs(seen: &mut Seen<'_>) {
    for path in ["/sync/invoice?id=inv_1", "/sync/customer?id=user_123&action=find"] {
        seen.get(path, BILLING).await;
    }
    seen.example("/sync/invoice/inv_1", BILLING).await;
    seen.asked(
        "POST",
        "/sync/payment/pay_1",
        202,
        ask("POST", "/sync/payment/pay_1").key(BILLING),
    )
    .await;
    seen.example("/sync/bulk", BILLING).await;
    let run = seen
        .asked(
            "POST",
            "/crons/billing_pull",
            202,
            ask("POST", "/crons/billing_pull").key(CRON),
        )
        .await;
    seen.world.settle().await;
    seen.get(run["status_url"].as_str().unwrap(), CRON).await;
    seen.get("/runs?job=billing_pull", CRON).await;
    seen.get("/health", "").await;
}

async fn webhooks(seen: &mut Seen<'_>) {
    let secret = |it| ("x-webhook-secret", it);
    seen.webhook("/webhooks/supabase/app", secret("local-app-secret"), None)
        .await;
    seen.webhook("/webhooks/zoho-billing", secret("local-zoho-billing-secret"), None)
        .await;
    seen.webhook("/webhooks/zoho-crm", ("accept", "*/*"), Some("local-zoho-token"))
        .await;
    let of = seen.document.operation("POST", "/webhooks/stripe").unwrap();
    let body = seen.document.request(&of).unwrap()["example"].to_string();
    let signature = signed(&body, seen.world.clock.now().as_second());
    let event = ask("POST", "/webhooks/stripe").header("stripe-signature", signature);
    seen.asked("POST", "/webhooks/stripe", 200, event.bytes(body)).await;
    let form = "RequestTrace=114.2&TransactionAccepted=true&Reference=pay_1&Reason=";
    seen.asked(
        "POST",
        "/webhooks/netcash",
        200,
        ask("POST", "/webhooks/netcash").bytes(form),
    )
    .await;
    let browser = ask("GET", &format!("/webhooks/netcash?{form}")).header("accept", "text/html");
    seen.asked("GET", "/webhooks/netcash", 303, browser).await;
}

/// A header as Stripe makes it: HMAC-SHA256 of time and body under the endpoint's secret.
fn signed(body: &str, at: i64) -> String {
    let mut key = [0_u8; 64];
    key[.."whsec_local".len()].copy_from_slice(b"whsec_local");
    let pad = |by: u8| key.map(|it| it ^ by).to_vec();
    let inner = sha256(&[pad(0x36), format!("{at}.{body}").into_bytes()].concat());
    let digits = (0..inner.len()).step_by(2);
    let inner: Vec<u8> = digits
        .map(|it| u8::from_str_radix(&inner[it..it + 2], 16).unwrap())
        .collect();
    format!("t={at},v1={}", sha256(&[pad(0x5c), inner].concat()))
}

#[tokio::test(start_paused = true)]
async fn each_operation_succeeds_as_the_document_says() {
    let document = document();
    let mut seen = Seen {
        world: both_flows(&[("NETCASH_RETURN_URL", "https://shop.example/thanks")]).await,
        document: &document,
        seen: BTreeSet::new(),
    };
    records(&mut seen).await;
    sync_and_runs(&mut seen).await;
    webhooks(&mut seen).await;
    let all = document.operations();
    let all = all.iter().map(|it| format!("{} {}", it.method, it.path));
    let forgotten: Vec<String> = all.filter(|it| !seen.seen.contains(it)).collect();
    assert_eq!(forgotten, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn each_operation_refuses_a_stranger_as_the_document_says() {
    let (world, document) = (both_flows(&[]).await, document());
    for of in document.operations() {
        if of.says["responses"].get("401").is_some() {
            let path = of.path.replace("{job}", "billing_pull").replace("{project}", "app");
            for request in [ask(of.method, &path), ask(of.method, &path).key("wrong")] {
                fits(&document, &of, 401, &request.bytes("{}").of(&world).await);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_operation_asks_to_send_again_as_the_document_says() {
    let (world, document) = (both_flows(&[]).await, document());
    world.aws.faults.set(|call| match call.service {
        "dynamodb" => Verdict::Fail(Failure::ServerError),
        _ => Verdict::Pass,
    });
    for of in document
        .operations()
        .iter()
        .filter(|it| key_of(it).is_some_and(|key| key != CRON))
    {
        fits(&document, of, 503, &to(of, "x").of(&world).await);
    }
    let health = document.operation("GET", "/health").unwrap();
    fits(&document, &health, 503, &ask("GET", "/health").of(&world).await);
}

#[tokio::test(start_paused = true)]
async fn each_operation_names_a_mistake_as_the_document_says() {
    let (world, document) = (both_flows(&[]).await, document());
    for of in document.operations().iter().filter(|it| key_of(it).is_some()) {
        if document.request(of).is_some() {
            let large = format!("{{\"x\":\"{}\"}}", "y".repeat(300_000));
            for (body, kind, status) in [
                ("{", "application/json", 400),
                ("[]", "application/json", 400),
                ("{}", "text/plain", 415),
                (large.as_str(), "application/json", 413),
                ("{\"colour\":\"red\"}", "application/json", 422),
            ] {
                let request = to(of, "x").header("content-type", kind).bytes(body.to_owned());
                fits(&document, of, status, &request.of(&world).await);
            }
        }
        let is_one = of.path.ends_with("{id}") || of.path.ends_with("/activate");
        if is_one {
            fits(&document, of, 404, &to(of, "none").of(&world).await);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn other_mistakes_are_as_the_document_says() {
    let (world, document) = (both_flows(&[("APP_SUPABASE_URL", "")]).await, document());
    let bulk = json!({"kinds": "all"});
    for (method, path, key, status, body) in [
        ("POST", "/sync/bulk", BILLING, 409, bulk.to_string()),
        ("GET", "/sync/colour?id=1", BILLING, 404, String::new()),
        ("GET", "/sync/invoice?id=none", BILLING, 404, String::new()),
        ("GET", "/sync/invoice", BILLING, 422, String::new()),
        ("POST", "/crons/colour", CRON, 404, String::new()),
        ("GET", "/runs", CRON, 422, String::new()),
        ("POST", "/webhooks/netcash", "", 400, "RequestTrace=1".to_owned()),
        ("GET", "/webhooks/netcash", "", 400, String::new()),
        ("POST", "/webhooks/netcash", "", 413, "x".repeat(300_000)),
    ] {
        let of = document.operation(method, path).unwrap();
        let answer = ask(method, path).key(key).bytes(body).of(&world).await;
        fits(&document, &of, status, &answer);
    }
    let invoice = json!({"id": "i", "customer_id": "c", "type": "deposit", "amount": 1});
    let twice = [
        (invoice, 422),
        (json!({"id": "i", "customer_id": "c", "type": "recurring"}), 202),
    ];
    let of = document.operation("POST", "/invoices").unwrap();
    for (body, status) in twice {
        let request = ask("POST", "/invoices").key(BILLING).header("idempotency-key", "one");
        fits(&document, &of, status, &request.json(&body).of(&world).await);
    }
}
