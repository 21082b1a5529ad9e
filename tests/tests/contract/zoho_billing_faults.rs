//! What the caller is told when Zoho Billing, or the way to it, misbehaves, and how what became of a write is found out.

use crate::transport::{http, now, start};
use crate::zoho_billing::{OURS, Org, at_once, customer, org, org_of, plan, roomy};
use crate::zoho_billing_money::{amount, shop};
use jiff::civil::date;
use shared::systems::http::Base;
use shared::systems::zoho_accounts::{Access, Credentials, refresh};
use shared::systems::zoho_billing::{Found, Match, PaymentKey, ZohoBilling};
use shared::systems::{CallError, zoho_crm};
use std::time::Duration;
use twins::billing::{Kind, Settings};
use twins::{Effect, ZohoCrm, accounts, zoho};

/// Ways to lose an answer, and whether the call was carried out.
fn losses() -> [(Effect, bool); 6] {
    let minute = Duration::from_secs(60);
    [
        (Effect::LoseBefore, false),
        (Effect::LoseAfter, true),
        (Effect::Slow(minute), false),
        (Effect::SlowAnswer(minute), true),
        (Effect::Status(500), false),
        (Effect::Status(502), false),
    ]
}

fn is_unknown<T: std::fmt::Debug>(result: &Result<T, CallError>) -> bool {
    matches!(result, Err(CallError::Unknown(_)))
}

fn count(found: &Found) -> usize {
    match found {
        Found::Absent => 0,
        Found::One(_) => 1,
        Found::Several(ids) => ids.len(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_customer_whose_answer_was_lost_is_found_or_surely_absent() {
    for (effect, acted) in losses() {
        let Org { twin, billing, access } = org(roomy()).await;
        let old = billing.customer_map(&access, start(), &at_once).await.unwrap();
        twin.faults().next("create_customer", 1, effect.clone());
        let lost = billing.create_customer(&access, &customer("a@example.com")).await;
        assert!(is_unknown(&lost), "{effect:?}: {lost:?}");
        let find = async |map| match billing
            .find_customer(&access, map, "a@example.com", OURS, &at_once)
            .await
        {
            Ok(Match::Confirmed(found)) => count(&found),
            other => panic!("{other:?}"),
        };
        assert_eq!(find(&old).await, 0, "an older map knows nothing of it");
        let later = start() + Duration::from_secs(70);
        let map = billing.customer_map(&access, later, &at_once).await.unwrap();
        assert!(map.asked() > old.asked());
        assert_eq!(find(&map).await, usize::from(acted), "{effect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_other_kind_is_found_again_too() {
    for (effect, acted) in losses() {
        let shop = shop(roomy()).await;
        let Org { twin, billing, access } = &shop.org;
        let today = date(2026, 11, 21);
        let wanted = usize::from(acted);
        let fails = |operation: &str| twin.faults().next(operation, 1, effect.clone());

        fails("create_product");
        assert!(is_unknown(&billing.create_product(access, "New", "").await));
        assert_eq!(
            count(&billing.find_product(access, "New", &at_once).await.unwrap()),
            wanted
        );

        fails("create_plan");
        assert!(is_unknown(
            &billing.create_plan(access, &plan("new", &shop.product)).await
        ));
        assert_eq!(
            count(&billing.find_plan(access, "new", &at_once).await.unwrap()),
            wanted
        );

        fails("create_subscription");
        assert!(is_unknown(
            &billing.create_subscription(access, &shop.service("s", today)).await
        ));
        assert_eq!(
            count(&billing.find_subscription(access, "s", &at_once).await.unwrap()),
            wanted
        );

        fails("create_invoice");
        assert!(is_unknown(
            &billing.create_invoice(access, &shop.invoice("INV-1", &["9.00"])).await
        ));
        let found = billing.find_invoice(access, &shop.customer, "INV-1", &at_once).await;
        assert_eq!(count(&found.unwrap()), wanted);

        fails("create_payment");
        assert!(is_unknown(
            &billing.create_payment(access, &shop.payment("p", "9.00", &[])).await
        ));
        let key = PaymentKey {
            customer_id: &shop.customer,
            reference: "p",
            amount: amount("9"),
            date: today,
        };
        assert_eq!(
            count(&billing.find_payment(access, key, None, &at_once).await.unwrap()),
            wanted,
            "{effect:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_say_what_to_do_next() {
    let Org { twin, billing, access } = org(roomy()).await;
    let coded = |status, code: &str| Effect::Error {
        status,
        code: code.to_owned(),
    };
    for (effect, of_a_write, of_a_read) in [
        (Effect::Status(429), "Wait", "Wait"),
        (coded(429, "43"), "Wait", "Wait"),
        (coded(429, "45"), "Wait", "Wait"),
        (coded(429, "1070"), "Wait", "Wait"),
        (Effect::Status(500), "Unknown", "Later"),
        (Effect::Status(503), "Unknown", "Later"),
        (Effect::LoseBefore, "Unknown", "Silent"),
        (coded(401, "14"), "Unauthorised", "Unauthorised"),
        (coded(401, "57"), "Forbidden", "Forbidden"),
        (coded(400, "9"), "Forbidden", "Forbidden"),
        (Effect::Status(403), "Forbidden", "Forbidden"),
        (coded(400, "15"), "Rejected", "Rejected"),
        // A success in HTTP's eyes only.
        (coded(200, "15"), "Rejected", "Rejected"),
        (Effect::Status(404), "Rejected", "Rejected"),
    ] {
        twin.faults().next("*", 2, effect.clone());
        let kind = |error: CallError| {
            format!("{error:?}")
                .split(['(', ' '])
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        let written = billing.create_customer(&access, &customer("a@example.com")).await;
        assert_eq!(kind(written.unwrap_err()), of_a_write, "{effect:?}");
        let read = billing.products(&access, 1).await;
        assert_eq!(kind(read.unwrap_err()), of_a_read, "{effect:?}");
    }
    assert!(twin.rows(Kind::Customer).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_gone_only_where_zoho_says_so_of_an_object() {
    for (missing_status, expected) in [(404, "gone"), (400, "refused")] {
        let Org { twin, billing, access } = org(Settings {
            missing_status,
            ..roomy()
        })
        .await;
        let id = "903000000999999";
        let said = [
            billing.customer(&access, id).await.map(|_| ()),
            billing.subscription(&access, id).await.map(|_| ()),
            billing.open_invoice(&access, id).await,
            billing.plan(&access, "none").await.map(|_| ()),
        ];
        for error in said.map(Result::unwrap_err) {
            assert!(error.to_string().starts_with(expected), "{missing_status}: {error}");
        }
        twin.faults().next("get_customer", 1, Effect::Status(502));
        assert!(matches!(billing.customer(&access, id).await, Err(CallError::Later(_))));
    }
}

#[tokio::test(start_paused = true)]
async fn token_scope_and_organisation_are_told_apart() {
    let Org { twin, billing, access } = org(roomy()).await;
    twin.faults().next("list_products", 1, Effect::RevokeTokens);
    assert!(matches!(
        billing.products(&access, 1).await,
        Err(CallError::Unauthorised(_))
    ));

    let granted = accounts::Settings {
        scopes: vec!["ZohoSubscriptions.products.READ".to_owned()],
        ..accounts::Settings::default()
    };
    let Org { twin, billing, access } = org_of(roomy(), granted).await;
    assert!(billing.products(&access, 1).await.is_ok());
    let refused = billing.create_product(&access, "A", "").await;
    assert!(matches!(refused, Err(CallError::Forbidden(_))), "{refused:?}");

    let base = Base::parse("https://www.zohoapis.eu").unwrap();
    let other = ZohoBilling::new(http(twin), base, "1".to_owned());
    assert!(matches!(other.products(&access, 1).await, Err(CallError::Forbidden(_))));
}

#[tokio::test(start_paused = true)]
async fn one_token_opens_both_products() {
    let crm_twin = ZohoCrm::new(zoho::Settings::default(), now());
    let twin = twins::ZohoBilling::new(Settings::default(), now(), crm_twin.accounts().clone());
    let credentials = Credentials {
        client_id: "1000.TWIN".to_owned(),
        client_secret: "twin-client-secret".into(),
        refresh_token: "1000.twin.refresh".into(),
    };
    let host = Base::parse("https://accounts.zoho.eu").unwrap();
    let minted = refresh(&http(crm_twin.clone()), &host, &credentials).await.unwrap();
    let access = Access {
        token: minted.access_token,
        api_domain: minted.api_domain,
    };
    let base = Base::parse("https://www.zohoapis.eu").unwrap();
    let crm = zoho_crm::ZohoCrm::new(http(crm_twin), base.clone());
    let billing = ZohoBilling::new(http(twin), base, "10234695".to_owned());
    assert!(crm.fields(&access, "Leads").await.is_ok());
    assert!(billing.products(&access, 1).await.is_ok());
}
