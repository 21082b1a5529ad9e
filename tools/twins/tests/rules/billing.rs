//! Zoho Billing: access, strictness, pages, faults, and that all comes back (docs/vendors.md §2.1 to §2.4).

use crate::common::{Answer, Clock, directory, request};
use serde_json::{Value, json};
use std::time::Duration;
use twins::billing::{Kind, Settings};
use twins::{Accounts, Effect, ZohoBilling, accounts};

const ORGANIZATION: &str = "X-com-zoho-subscriptions-organizationid";

/// An organisation with a client that holds a token.
pub(crate) struct Org {
    pub(crate) twin: ZohoBilling,
    pub(crate) clock: Clock,
    token: String,
}

impl Org {
    pub(crate) async fn new() -> Self {
        let clock = Clock::new();
        let accounts = Accounts::new(accounts::Settings::default());
        Self::of(ZohoBilling::new(Settings::default(), clock.now(), accounts), clock).await
    }

    pub(crate) async fn of(twin: ZohoBilling, clock: Clock) -> Self {
        let form = request(
            "POST",
            "https://accounts.zoho.eu/oauth/v2/token",
            &[],
            crate::common::REFRESH,
        );
        let answer = Answer::of(twin.call(form).await.unwrap());
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        Self { twin, clock, token }
    }

    async fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let uri = format!("https://www.zohoapis.eu/billing/v1{path}");
        Answer::of(self.twin.call(request(method, &uri, headers, body)).await.unwrap())
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let token = format!("Zoho-oauthtoken {}", self.token);
        let headers = [("authorization", token.as_str()), (ORGANIZATION, "10234695")];
        self.raw(method, path, &headers, &body.to_string()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &Value::Null).await
    }

    pub(crate) fn customer(&self) -> String {
        let fields = json!({"display_name": "Deli", "email": "a@example.com"});
        self.twin.insert(Kind::Customer, &fields).unwrap()
    }

    pub(crate) fn fibre(&self) -> String {
        let product = self.twin.insert(Kind::Product, &json!({"name": "Fibre"})).unwrap();
        let plan = json!({"plan_code": "f", "name": "F", "recurring_price": 100, "interval": 1, "product_id": product});
        self.twin.insert(Kind::Plan, &plan).unwrap();
        product
    }

    pub(crate) fn subscribe(&self, customer: &str) -> String {
        let body = json!({"customer_id": customer, "plan": {"plan_code": "f"}, "auto_collect": false});
        self.twin.insert(Kind::Subscription, &body).unwrap()
    }
}

#[tokio::test]
async fn token_organisation_and_scope_are_needed() {
    let org = Org::new().await;
    let token = format!("Zoho-oauthtoken {}", org.token);
    let token = ("authorization", token.as_str());
    let bearer = format!("Bearer {}", org.token);
    for (headers, status, code) in [
        (vec![(ORGANIZATION, "10234695")], 401, 14),
        (
            vec![("authorization", bearer.as_str()), (ORGANIZATION, "10234695")],
            401,
            14,
        ),
        (vec![token], 400, 999_999),
        (vec![token, (ORGANIZATION, "1")], 403, 999_999),
        (vec![token, (ORGANIZATION, "10234695")], 200, 0),
    ] {
        let answer = org.raw("GET", "/products", &headers, "").await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (status, &json!(code)),
            "{headers:?}"
        );
    }
    org.clock.pass(Duration::from_secs(3600));
    assert_eq!(org.get("/products").await.status, 401);
    let few = accounts::Settings {
        scopes: vec!["ZohoSubscriptions.products.READ".to_owned()],
        ..accounts::Settings::default()
    };
    let clock = Clock::new();
    let twin = ZohoBilling::new(Settings::default(), clock.now(), Accounts::new(few));
    let org = Org::of(twin, clock).await;
    assert_eq!(org.get("/products").await.status, 200);
    let refused = org.get("/plans").await;
    assert_eq!((refused.status, &refused.json()["code"]), (401, &json!(57)));
}

#[tokio::test]
async fn what_is_not_documented_is_an_error() {
    let org = Org::new().await;
    let (customer, product) = (org.customer(), org.fibre());
    let line = json!([{"product_id": product, "quantity": 1, "price": 5}]);
    for (method, path, body, status) in [
        ("GET", "/customers?last_modified_time=2026-01-01", json!(null), 400),
        ("GET", "/customers?filter_by=Status.Rich", json!(null), 400),
        ("GET", "/customers?per_page=201", json!(null), 400),
        ("GET", "/customers?page=0", json!(null), 400),
        ("GET", "/products?filter_by=Status.All", json!(null), 400),
        ("GET", "/clients", json!(null), 404),
        ("GET", "/payments", json!(null), 405),
        ("DELETE", "/customers/1", json!(null), 501),
        ("POST", "/addons", json!({}), 501),
        ("POST", "/customers", json!(null), 400),
        ("POST", "/customers", json!({"display_name": "A"}), 400),
        (
            "POST",
            "/customers",
            json!({"display_name": "A", "email": "a@b.c", "rank": "1"}),
            400,
        ),
        ("POST", "/products?send=true", json!({"name": "A"}), 400),
        (
            "POST",
            "/invoices?ignore_auto_number_generation=true",
            json!({"customer_id": customer, "date": "2026-01-02", "invoice_items": line}),
            400,
        ),
        (
            "POST",
            "/invoices",
            json!({"customer_id": customer, "date": "2026-01-02", "invoice_items": line, "invoice_number": "A"}),
            400,
        ),
        (
            "POST",
            "/subscriptions",
            json!({"customer_id": customer, "plan": {"plan_code": "f"}}),
            501,
        ),
    ] {
        let answer = org.send(method, path, &body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        assert_ne!(answer.json()["code"], 0);
    }
    assert!(org.twin.rows(Kind::Invoice).is_empty());
}

#[tokio::test]
async fn rows_of_lists_show_less_than_objects() {
    let org = Org::new().await;
    let fields = json!({"display_name": "Deli", "email": "a@example.com", "billing_address": {"city": "Paarl"},
        "custom_fields": [{"label": "App Customer ID", "value": "7"}]});
    let made = org.send("POST", "/customers", &fields).await;
    assert_eq!((made.status, &made.json()["code"]), (201, &json!(0)));
    let id = made.json()["customer"]["customer_id"].as_str().unwrap().to_owned();
    let list = org.get("/customers").await.json();
    let row = &list["customers"][0];
    assert_eq!(
        (&row["customer_id"], &row["email"]),
        (&json!(id), &json!("a@example.com"))
    );
    assert!(row.get("custom_fields").is_none() && row.get("billing_address").is_none() && row.get("status").is_none());
    let context = json!({"page": 1, "per_page": 200, "has_more_page": false});
    assert_eq!(list["page_context"], context);
    let whole = org.get(&format!("/customers/{id}")).await.json();
    let field = json!({"index": 1, "label": "App Customer ID", "value": "7", "data_type": "text"});
    assert_eq!(whole["customer"]["custom_fields"], json!([field]));
    assert_eq!(whole["customer"]["created_time"], "2026-01-02T05:04:05+0200");
    assert_eq!(whole["customer"]["status"], "active");
}

#[tokio::test]
async fn pages_are_told_and_filters_kept() {
    let org = Org::new().await;
    for n in 0..5 {
        let fields = json!({"display_name": "C", "email": format!("c{n}@example.com")});
        org.twin.insert(Kind::Customer, &fields).unwrap();
    }
    let page = org.get("/customers?page=2&per_page=2").await.json();
    let emails: Vec<_> = page["customers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["email"].clone())
        .collect();
    assert_eq!(emails, ["c2@example.com", "c1@example.com"], "newest first");
    assert_eq!(page["page_context"]["has_more_page"], true);
    let last = org.get("/customers?page=3&per_page=2").await.json();
    assert_eq!(last["page_context"]["has_more_page"], false);
    let id = page["customers"][0]["customer_id"].as_str().unwrap().to_owned();
    let marked = org
        .send("POST", &format!("/customers/{id}/markasinactive"), &Value::Null)
        .await;
    assert_eq!(marked.status, 200);
    let count = async |path: &str| org.get(path).await.json()["customers"].as_array().unwrap().len();
    assert_eq!(count("/customers?filter_by=Status.Active").await, 4);
    assert_eq!(count("/customers?filter_by=Status.Inactive").await, 1);
    org.twin.link_with_crm(&id, "9030").unwrap();
    assert_eq!(count("/customers?filter_by=Status.Crm").await, 1);
    let of_crm = org
        .get("/customers/reference/9030?reference_id_type=zcrm_account_id")
        .await;
    assert_eq!(of_crm.json()["customer"]["customer_id"], json!(id));
    assert_eq!(org.get("/customers/reference/1").await.status, 404);
}

#[tokio::test]
async fn lost_calls_act_or_not_and_codes_can_be_asked_for() {
    let org = Org::new().await;
    let uri = "https://www.zohoapis.eu/billing/v1/products";
    let token = format!("Zoho-oauthtoken {}", org.token);
    let headers = [("authorization", token.as_str()), (ORGANIZATION, "10234695")];
    for (effect, made) in [(Effect::LoseBefore, 0), (Effect::LoseAfter, 1)] {
        org.twin.faults().next("create_product", 1, effect);
        let lost = org.twin.call(request("POST", uri, &headers, r#"{"name":"A"}"#)).await;
        assert!(lost.is_err());
        assert_eq!(org.twin.rows(Kind::Product).len(), made);
    }
    let blocked = Effect::Error {
        status: 429,
        code: "43".to_owned(),
    };
    org.twin.faults().next("list_products", 1, blocked);
    let answer = org.get("/products").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "3600"));
    org.twin.faults().next("list_products", 1, Effect::Status(429));
    let answer = org.get("/products").await;
    assert_eq!(
        (answer.json()["code"].clone(), answer.header("retry-after")),
        (json!(44), "")
    );
}

#[tokio::test]
async fn an_organisation_on_disk_comes_back() {
    let (dir, clock) = (directory("billing"), Clock::new());
    let open = || {
        let accounts = Accounts::open(accounts::Settings::default(), &dir).unwrap();
        ZohoBilling::open(Settings::default(), clock.now(), accounts, &dir).unwrap()
    };
    let org = Org::of(open(), clock.clone()).await;
    org.fibre();
    let id = org.subscribe(&org.customer());
    let before = org.twin.rows(Kind::Subscription);
    let again = Org {
        twin: open(),
        clock: clock.clone(),
        token: org.token.clone(),
    };
    assert_eq!(again.twin.rows(Kind::Subscription), before);
    assert_eq!(again.twin.happened(), org.twin.happened());
    let shown = again.get(&format!("/subscriptions/{id}")).await;
    assert_eq!(shown.status, 200, "its token is still good");
    std::fs::remove_dir_all(&dir).unwrap();
}
