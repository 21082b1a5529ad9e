//! Zoho Billing: customers, while Zoho behaves.

use crate::transport::{http, now, start};
use serde_json::{Map, Value as Json, json};
use shared::systems::http::Base;
use shared::systems::zoho_accounts::{Access, Credentials, refresh};
use shared::systems::zoho_billing::values::{custom_value, is_linked_with_crm};
use shared::systems::zoho_billing::{CustomField, Found, Match, NewPlan, ZohoBilling};
use shared::systems::{Action, CallError};
use std::time::Duration;
use twins::billing::{Kind, Settings};
use twins::{Accounts, accounts};

pub const OURS: CustomField<'_> = CustomField {
    label: "App Customer ID",
    value: "user_1",
};

/// An organisation with our client and a fresh token.
pub struct Org {
    pub twin: twins::ZohoBilling,
    pub billing: ZohoBilling,
    pub access: Access,
}

/// No look-up waits for anything here.
pub async fn at_once() -> Result<(), CallError> {
    Ok(())
}

/// An organisation that takes as many calls as a test makes.
pub fn roomy() -> Settings {
    Settings {
        calls_per_minute: 10_000,
        calls_per_day: 10_000,
        block_after: None,
        ..Settings::default()
    }
}

pub async fn org(settings: Settings) -> Org {
    org_of(settings, accounts::Settings::default()).await
}

pub async fn org_of(settings: Settings, accounts: accounts::Settings) -> Org {
    let number = settings.organization.clone();
    let twin = twins::ZohoBilling::new(settings, now(), Accounts::new(accounts));
    let http = http(twin.clone());
    let credentials = Credentials {
        client_id: "1000.TWIN".to_owned(),
        client_secret: "twin-client-secret".into(),
        refresh_token: "1000.twin.refresh".into(),
    };
    let host = Base::parse("https://accounts.zoho.eu").unwrap();
    let minted = refresh(&http, &host, &credentials).await.unwrap();
    let base = Base::parse("https://www.zohoapis.eu").unwrap();
    Org {
        twin,
        billing: ZohoBilling::new(http, base, number),
        access: Access {
            token: minted.access_token,
            api_domain: minted.api_domain,
        },
    }
}

pub fn fields(value: Json) -> Map<String, Json> {
    value.as_object().unwrap().clone()
}

pub fn customer(email: &str) -> Map<String, Json> {
    fields(json!({
        "display_name": "Nandi Dlamini",
        "email": email,
        "company_name": "Dlamini Deli",
        "billing_address": {"street": "1 Main Road", "city": "Paarl", "zip": "7646", "country": "South Africa"},
        "custom_fields": [OURS.to_json()],
    }))
}

pub fn plan(code: &str, product_id: &str) -> NewPlan {
    NewPlan {
        code: code.to_owned(),
        name: "Fibre 100".to_owned(),
        product_id: product_id.to_owned(),
        price: "599.10".parse().unwrap(),
        description: "100 Mbit/s".to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_customer_is_made_and_found_again_by_e_mail_and_custom_field() {
    let Org { twin, billing, access } = org(Settings::default()).await;
    let made = billing
        .create_customer(&access, &customer("nandi@example.com"))
        .await
        .unwrap();
    assert_eq!((made.action, made.modified), (Action::Inserted, Some(start())));
    let map = billing.customer_map(&access, start(), &at_once).await.unwrap();
    let found = billing
        .find_customer(&access, &map, "Nandi@Example.com ", OURS, &at_once)
        .await;
    let Ok(Match::Confirmed(Found::One(seen))) = found else {
        panic!("{found:?}")
    };
    assert_eq!((&seen.id, seen.created), (&made.id, Some(start())));
    assert_eq!(custom_value(&seen, OURS.label), Some("user_1"));
    assert_eq!(seen.fields["billing_address"]["city"], "Paarl");
    assert_eq!(twin.rows(Kind::Customer).len(), 1);
    assert_eq!(twin.violations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn who_has_the_e_mail_is_not_always_ours() {
    let Org { twin, billing, access } = org(Settings::default()).await;
    let with = |ours: Option<&str>| {
        let mut fields = customer("same@example.com");
        fields.remove("custom_fields");
        if let Some(value) = ours {
            fields.insert(
                "custom_fields".to_owned(),
                json!([CustomField { value, ..OURS }.to_json()]),
            );
        }
        twin.insert(Kind::Customer, &Json::Object(fields)).unwrap()
    };
    let find = async || {
        let map = billing.customer_map(&access, start(), &at_once).await.unwrap();
        billing
            .find_customer(&access, &map, "same@example.com", OURS, &at_once)
            .await
            .unwrap()
    };
    assert_eq!(find().await, Match::Confirmed(Found::Absent));
    let others = with(Some("user_2"));
    assert_eq!(find().await, Match::Confirmed(Found::Absent), "another's");
    let nobodys = with(None);
    assert_eq!(find().await, Match::Unconfirmed(vec![nobodys.clone()]));
    let first = with(Some("user_1"));
    assert!(matches!(find().await, Match::Confirmed(Found::One(seen)) if seen.id == first));
    let second = with(Some("user_1"));
    assert_eq!(
        find().await,
        Match::Confirmed(Found::Several(vec![first.clone(), second.clone()]))
    );
    for id in [&others, &second] {
        twin.delete(Kind::Customer, id).unwrap();
    }
    assert!(matches!(find().await, Match::Confirmed(Found::One(seen)) if seen.id == first));
}

#[tokio::test(start_paused = true)]
async fn a_customer_that_went_while_the_map_was_kept_is_passed_over() {
    let Org { twin, billing, access } = org(Settings::default()).await;
    let made = billing
        .create_customer(&access, &customer("a@example.com"))
        .await
        .unwrap();
    let map = billing.customer_map(&access, start(), &at_once).await.unwrap();
    twin.delete(Kind::Customer, &made.id).unwrap();
    let found = billing
        .find_customer(&access, &map, "a@example.com", OURS, &at_once)
        .await;
    assert_eq!(found, Ok(Match::Confirmed(Found::Absent)));
    assert!(matches!(
        billing.customer(&access, &made.id).await,
        Err(CallError::Gone(_))
    ));
}

#[tokio::test(start_paused = true)]
async fn an_update_changes_what_it_names_and_needs_what_zoho_demands() {
    let Org { twin, billing, access } = org(Settings::default()).await;
    let made = billing
        .create_customer(&access, &customer("a@example.com"))
        .await
        .unwrap();
    tokio::time::advance(Duration::from_secs(5)).await;
    let change = fields(json!({"display_name": "Nandi D", "email": "n@example.com", "phone": "021 555 0100"}));
    let updated = billing.update_customer(&access, &made.id, &change).await.unwrap();
    assert_eq!((updated.action, &updated.id), (Action::Updated, &made.id));
    assert_eq!(updated.modified, Some(start() + Duration::from_secs(5)));
    let shown = twin.row(Kind::Customer, &made.id).unwrap();
    assert_eq!(
        (&shown["phone"], &shown["company_name"]),
        (&json!("021 555 0100"), &json!("Dlamini Deli"))
    );
    let less = fields(json!({"display_name": "Nandi"}));
    let calls = twin.calls().len();
    assert!(matches!(
        billing.update_customer(&access, &made.id, &less).await,
        Err(CallError::Rejected(_))
    ));
    assert_eq!(twin.calls().len(), calls, "it is not sent");
    let unknown = fields(json!({"display_name": "N", "email": "n@example.com", "nickname": "N"}));
    let refused = billing.update_customer(&access, &made.id, &unknown).await;
    assert!(matches!(refused, Err(CallError::Rejected(_))), "{refused:?}");
    let nobody = billing.update_customer(&access, "903000000999999", &change).await;
    assert!(matches!(nobody, Err(CallError::Gone(_))), "{nobody:?}");
}

#[tokio::test(start_paused = true)]
async fn a_map_of_many_pages_is_whole_and_asks_before_each() {
    let Org { twin, billing, access } = org(roomy()).await;
    for n in 0..401 {
        let who = json!({"display_name": "C", "email": format!("c{n}@example.com")});
        twin.insert(Kind::Customer, &who).unwrap();
    }
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let before = || {
        asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        std::future::ready(Ok(()))
    };
    let map = billing.customer_map(&access, start(), &before).await.unwrap();
    assert!((0..401).all(|n| map.ids(&format!("c{n}@example.com")).count() == 1));
    assert_eq!((asked.into_inner(), twin.count("list_customers")), (3, 3));
    let refused = billing.customer_map(&access, start(), &async || Err(CallError::Later("no slot".to_owned())));
    assert_eq!(refused.await, Err(CallError::Later("no slot".to_owned())));
    assert_eq!(twin.count("list_customers"), 3, "without leave nothing is sent");
}

#[tokio::test(start_paused = true)]
async fn zohos_own_link_to_the_crm_shows_on_the_customer() {
    let Org { twin, billing, access } = org(Settings::default()).await;
    let made = billing
        .create_customer(&access, &customer("a@example.com"))
        .await
        .unwrap();
    assert!(!is_linked_with_crm(&billing.customer(&access, &made.id).await.unwrap()));
    twin.link_with_crm(&made.id, "903000800069001").unwrap();
    assert!(is_linked_with_crm(&billing.customer(&access, &made.id).await.unwrap()));
}
