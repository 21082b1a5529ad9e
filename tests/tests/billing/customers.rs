//! Customers: found by their e-mail and confirmed by the custom field that carries our id; owned fields filled, the rest
//! left alone.

use super::door::*;
use local::world::World;
use serde_json::{Value, json};
use shared::model::Kind as Ours;
use shared::sync::resolve::Decision;
use twins::billing::Kind;

/// A customer that people made in Zoho, with this id of the app's.
fn there(world: &World, own: Option<&str>) -> String {
    let mut fields = json!({
        "display_name": "Old name", "email": "nandi@example.com", "phone": "000", "website": "https://zulu.example",
        "notes": "pays late", "billing_address": {"attention": "Mr Zulu", "city": "Durban", "fax": "1"},
    });
    if let Some(own) = own {
        fields["custom_fields"] = json!([{"label": "App Customer ID", "value": own}]);
    }
    world.systems.billing.insert(Kind::Customer, &fields).unwrap()
}

fn own_id(row: &Value) -> &Value {
    &row["custom_fields"][0]["value"]
}

#[tokio::test(start_paused = true)]
async fn one_that_carries_our_id_is_adopted_its_owned_fields_filled_and_the_rest_left_alone() {
    let world = world().await;
    let id = there(&world, Some("user_123"));
    put(&world, "/customers", with(customer(), json!({"phone": null}))).await;
    assert_synced(&world, "customer", "user_123").await;
    let found = one(&world, Kind::Customer);
    assert_eq!(found["customer_id"], json!(id));
    assert_eq!(found["display_name"], "Zulu Traders");
    assert_eq!(found["billing_address"]["city"], "Cape Town");
    assert_eq!(found["phone"], "000", "the app says nothing of it");
    assert_eq!(
        (&found["notes"], &found["website"]),
        (&json!("pays late"), &json!("https://zulu.example"))
    );
    assert_eq!(world.systems.billing.count("create_customer"), 0);
    no_violations(&world);
}

#[tokio::test(start_paused = true)]
async fn one_with_its_email_and_anothers_id_is_somebody_else_and_stays_as_it_is() {
    let world = world().await;
    let other = there(&world, Some("user_999"));
    put(&world, "/customers", customer()).await;
    assert_synced(&world, "customer", "user_123").await;
    assert_ne!(remote(&world, "customer", "user_123").await, other);
    let rows = rows(&world, Kind::Customer);
    assert_eq!((rows.len(), &rows[0]["display_name"]), (2, &json!("Old name")));
    assert_eq!(own_id(&rows[1]), "user_123");
}

#[tokio::test(start_paused = true)]
async fn one_with_its_email_and_nobodys_id_is_held_until_a_person_says_that_it_is_this_one() {
    let world = world().await;
    let id = there(&world, None);
    put(&world, "/customers", customer()).await;
    assert_stands(&world, "customer", "user_123", "held", &id).await;
    minutes(&world, 5).await;
    assert_eq!(
        one(&world, Kind::Customer)["display_name"],
        "Old name",
        "nothing was written"
    );

    decide(&world, Ours::CUSTOMER, "user_123", Decision::As(id.clone()))
        .await
        .unwrap();
    assert_eq!(remote(&world, "customer", "user_123").await, id);
    let found = one(&world, Kind::Customer);
    assert_eq!(
        (own_id(&found), &found["display_name"]),
        (&json!("user_123"), &json!("Zulu Traders"))
    );
    assert_eq!(found["notes"], "pays late");
}

#[tokio::test(start_paused = true)]
async fn a_person_may_ask_for_a_new_one_beside_it() {
    let world = world().await;
    let id = there(&world, None);
    put(&world, "/customers", customer()).await;
    decide(&world, Ours::CUSTOMER, "user_123", Decision::New).await.unwrap();
    assert_synced(&world, "customer", "user_123").await;
    assert_ne!(remote(&world, "customer", "user_123").await, id);
    let rows = rows(&world, Kind::Customer);
    assert_eq!((rows.len(), &rows[0]["display_name"]), (2, &json!("Old name")));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_one_stays_out_and_so_do_its_payments() {
    let world = world().await;
    there(&world, None);
    put(&world, "/customers", customer()).await;
    decide(&world, Ours::CUSTOMER, "user_123", Decision::Drop)
        .await
        .unwrap();
    put(&world, "/customers", with(customer(), json!({"phone": "1"}))).await;
    put(&world, "/payments", with(payment(), json!({"invoice_id": null}))).await;
    minutes(&world, 3).await;
    assert_eq!(one(&world, Kind::Customer)["phone"], "000");
    assert_ne!(status(&world, "payment", "pay_1").await, "synced");
    assert_eq!(rows(&world, Kind::Payment).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn two_with_our_id_are_held_with_both() {
    let world = world().await;
    let two = [there(&world, Some("user_123")), there(&world, Some("user_123"))];
    put(&world, "/customers", customer()).await;
    for id in &two {
        assert_stands(&world, "customer", "user_123", "held", id).await;
    }
    decide(&world, Ours::CUSTOMER, "user_123", Decision::As(two[1].clone()))
        .await
        .unwrap();
    assert_eq!(remote(&world, "customer", "user_123").await, two[1]);
    assert_eq!(rows(&world, Kind::Customer)[0]["display_name"], "Old name");
}

#[tokio::test(start_paused = true)]
async fn an_edit_updates_and_makes_no_second_one() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let id = remote(&world, "customer", "user_123").await;
    world
        .systems
        .billing
        .edit(Kind::Customer, &id, &json!({"notes": "a person's"}))
        .unwrap();
    for (name, value) in [
        ("phone", "+27 21 555 0199"),
        ("email", "new@example.com"),
        ("city", "Paarl"),
    ] {
        put(&world, "/customers", with(customer(), json!({ name: value }))).await;
    }
    let found = one(&world, Kind::Customer);
    assert_eq!(found["notes"], "a person's");
    assert_eq!(found["billing_address"]["city"], "Paarl");
    assert_eq!(
        found["billing_address"]["street"], "12 Long Street",
        "the address goes whole"
    );
    assert_eq!(world.systems.billing.count("create_customer"), 1);
    assert_synced(&world, "customer", "user_123").await;
}

#[tokio::test(start_paused = true)]
async fn the_same_again_calls_nobody() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let calls = world.systems.billing.calls().len();
    for _ in 0..3 {
        assert_eq!(put(&world, "/customers", customer()).await["version"], 1);
    }
    minutes(&world, 10).await;
    assert_eq!(world.systems.billing.calls().len(), calls);
}

/// What an edit does not say stays, what is derived of it, too.
#[tokio::test(start_paused = true)]
async fn an_edit_without_the_name_does_not_rename_the_customer() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let edit = json!({"id": "user_123", "email": "nandi@example.com", "phone": "+27 21 555 0199"});
    put(&world, "/customers", edit).await;
    let found = one(&world, Kind::Customer);
    assert_eq!(found["phone"], "+27 21 555 0199");
    assert_eq!(found["display_name"], "Zulu Traders");

    put(
        &world,
        "/customers",
        json!({"id": "user_123", "email": "nandi@example.com", "company_name": "Zulu & Sons"}),
    )
    .await;
    assert_eq!(
        one(&world, Kind::Customer)["display_name"],
        "Zulu & Sons",
        "it follows what it is derived of"
    );
    let named = json!({"id": "user_123", "email": "nandi@example.com", "name": "Nandi's"});
    put(&world, "/customers", named).await;
    put(
        &world,
        "/customers",
        json!({"id": "user_123", "email": "n@example.com", "company_name": "Other"}),
    )
    .await;
    assert_eq!(
        one(&world, Kind::Customer)["display_name"],
        "Nandi's",
        "a stated name stays"
    );
}

#[tokio::test(start_paused = true)]
async fn people_without_a_company_are_shown_by_their_name_and_nameless_ones_by_their_email() {
    let world = world().await;
    for (id, fields, name) in [
        (
            "1",
            json!({"email": "a@example.com", "first_name": "Thabo", "last_name": "Nkosi"}),
            "Thabo Nkosi",
        ),
        ("2", json!({"email": "b@example.com", "last_name": "Nkosi"}), "Nkosi"),
        ("3", json!({"email": "c@example.com"}), "c@example.com"),
    ] {
        put(&world, "/customers", with(fields, json!({ "id": id }))).await;
        let rows = rows(&world, Kind::Customer);
        assert_eq!(rows.last().unwrap()["display_name"], name);
    }
}

#[tokio::test(start_paused = true)]
async fn two_of_the_app_with_one_email_are_two_customers() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    put(&world, "/customers", with(customer(), json!({"id": "user_124"}))).await;
    assert_synced(&world, "customer", "user_124").await;
    let ids: Vec<Value> = rows(&world, Kind::Customer)
        .iter()
        .map(|it| own_id(it).clone())
        .collect();
    assert_eq!(ids, ["user_123", "user_124"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_people_deleted_is_not_made_again() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    let id = remote(&world, "customer", "user_123").await;
    world.systems.billing.delete(Kind::Customer, &id).unwrap();
    put(&world, "/customers", with(customer(), json!({"phone": "1"}))).await;
    minutes(&world, 5).await;
    assert_stands(&world, "customer", "user_123", "skipped", "gone").await;
    assert_eq!(rows(&world, Kind::Customer).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn another_currency_is_a_persons_matter_and_keeps_nothing_else_back() {
    let world = world().await;
    put(&world, "/customers", customer()).await;
    put(
        &world,
        "/customers",
        with(customer(), json!({"currency": "USD", "phone": "1"})),
    )
    .await;
    assert_stands(&world, "customer", "user_123", "held", "ours is USD").await;
    let found = one(&world, Kind::Customer);
    assert_eq!((&found["phone"], &found["currency_code"]), (&json!("1"), &json!("ZAR")));
}
