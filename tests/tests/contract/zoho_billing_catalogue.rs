//! Zoho Billing: products, plans and events, while Zoho behaves.

use crate::transport::start;
use crate::zoho_billing::{Org, at_once, customer, org, plan, roomy};
use serde_json::json;
use shared::systems::zoho_billing::Found;
use shared::systems::zoho_billing::values::money;
use shared::systems::{Action, CallError};
use std::collections::BTreeSet;
use std::time::Duration;
use twins::billing::{Kind, Settings};

#[tokio::test(start_paused = true)]
async fn products_are_found_by_name_and_plans_by_code() {
    let Org { twin, billing, access } = org(Settings::default()).await;
    assert_eq!(
        billing.find_product(&access, "Fibre", &at_once).await,
        Ok(Found::Absent)
    );
    let product = billing.create_product(&access, "Fibre", "Internet").await.unwrap();
    billing
        .create_product(&access, "Fibre plus", "More of it")
        .await
        .unwrap();
    assert!(
        matches!(billing.find_product(&access, "Fibre", &at_once).await, Ok(Found::One(it)) if it.id == product.id)
    );
    let second = twin.insert(Kind::Product, &json!({"name": "Fibre"})).unwrap();
    let both = billing.find_product(&access, "Fibre", &at_once).await;
    assert_eq!(both, Ok(Found::Several(vec![second, product.id.clone()])));
    let renamed = billing
        .update_product(&access, &product.id, "Fibre home", "Internet")
        .await
        .unwrap();
    assert_eq!(renamed.seen.unwrap()["name"], "Fibre home");

    assert_eq!(
        billing.find_plan(&access, "fibre-100", &at_once).await,
        Ok(Found::Absent)
    );
    let mut fibre = plan("fibre-100", &product.id);
    let made = billing.create_plan(&access, &fibre).await.unwrap();
    assert_eq!(made.id, "fibre-100");
    fibre.price = "649.00".parse().unwrap();
    assert_eq!(
        billing.update_plan(&access, &fibre).await.unwrap().action,
        Action::Updated
    );
    let Ok(Found::One(seen)) = billing.find_plan(&access, "fibre-100", &at_once).await else {
        panic!("the plan is there")
    };
    assert_eq!(money(&seen, "recurring_price"), Some("649".parse().unwrap()));
    assert_eq!(
        (&seen.fields["interval_unit"], &seen.fields["billing_cycles"]),
        (&json!("months"), &json!(-1))
    );
    let again = billing.create_plan(&access, &fibre).await;
    assert!(matches!(again, Err(CallError::Rejected(_))), "{again:?}");
    let orphan = billing.create_plan(&access, &plan("other", "903000000999999")).await;
    assert!(matches!(orphan, Err(CallError::Rejected(_))), "{orphan:?}");
}

#[tokio::test(start_paused = true)]
async fn events_close_the_gap_and_carry_what_happened() {
    let Org { twin, billing, access } = org(roomy()).await;
    let customer = billing
        .create_customer(&access, &customer("a@example.com"))
        .await
        .unwrap();
    for n in 0..201 {
        let paid = json!({"customer_id": customer.id, "payment_mode": "cash", "amount": 5, "reference_number": format!("p-{n}")});
        twin.insert(Kind::Payment, &paid).unwrap();
    }
    let (mut ids, mut next) = (BTreeSet::new(), Some(1));
    while let Some(page) = next {
        let page = billing.events(&access, page).await.unwrap();
        next = page.next;
        ids.extend(page.whole().unwrap().into_iter().map(|event| event.id));
    }
    assert_eq!(ids.len(), 201);
    let event = billing.event(&access, ids.last().unwrap()).await.unwrap();
    assert_eq!((event.kind.as_str(), event.at), ("payment_thankyou", start()));
    assert_eq!(event.payload["data"]["payment"]["reference_number"], "p-200");
    tokio::time::advance(Duration::from_secs(181 * 24 * 3600)).await;
    assert!(matches!(
        billing.event(&access, ids.last().unwrap()).await,
        Err(CallError::Unauthorised(_))
    ));
}
