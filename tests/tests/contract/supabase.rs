//! Tables over PostgREST.

use crate::transport::{http, now, start};
use serde_json::{Value as Json, json};
use shared::systems::http::Base;
use shared::systems::supabase::{Key, Row, Supabase, Table};
use shared::systems::{Action, CallError};
use std::time::Duration;
use twins::Effect;
use twins::supabase::Settings;

const LEADS: Table<'_> = Table {
    name: "leads",
    id: "id",
    modified: "updated_at",
    created: Some("created_at"),
};
const KEYS: [&str; 3] = ["zoho_lead_id", "portal_lead_id", "email"];

fn project(settings: Settings, key: &str) -> (twins::Supabase, Supabase) {
    let twin = twins::Supabase::new(settings, now());
    let base = Base::parse("https://abc.supabase.co").unwrap();
    let client = Supabase::new(http(twin.clone()), base, Key::new(key.into()));
    (twin, client)
}

fn back_office() -> (twins::Supabase, Supabase) {
    project(Settings::back_office(true), "sb_secret_backoffice")
}

fn row(value: Json) -> Row {
    value.as_object().unwrap().clone()
}

fn uuid(n: usize) -> String {
    format!("00000000-0000-4000-8000-{n:012}")
}

#[tokio::test(start_paused = true)]
async fn both_kinds_of_key_open_and_a_wrong_one_is_for_a_person() {
    for key in ["sb_secret_backoffice", "header.payload.backoffice"] {
        let (_, client) = project(Settings::back_office(true), key);
        assert_eq!(client.by_id(&LEADS, &[], &[uuid(1)]).await, Ok(vec![]), "{key}");
    }
    for key in ["sb_secret_other", "header.payload.other", "nonsense"] {
        let (_, client) = project(Settings::back_office(true), key);
        let refused = client.by_id(&LEADS, &[], &[uuid(1)]).await;
        assert!(matches!(refused, Err(CallError::Forbidden(_))), "{key}: {refused:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn pages_show_every_row_once_though_times_are_equal_and_pages_are_capped() {
    let settings = Settings {
        max_rows: 7,
        ..Settings::portal()
    };
    let (twin, client) = project(settings, "sb_secret_portal");
    for n in 0..40 {
        // Four rows share each microsecond.
        let time = format!("2026-11-20T10:00:00.{:06}+00:00", n / 4);
        twin.insert_row(
            "leads",
            json!({"id": uuid(n), "email": format!("{n}@x.mt"), "updated_at": time}),
        )
        .unwrap();
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let rows = client
            .page(&LEADS, &["email"], after.as_ref(), None, 500)
            .await
            .unwrap();
        let Some(last) = rows.last() else { break };
        assert!(rows.len() <= 7);
        after = LEADS.cursor(last);
        assert!(after.is_some());
        seen.extend(rows.iter().map(|row| LEADS.seen(row).unwrap().id));
    }
    assert_eq!(seen, (0..40).map(uuid).collect::<Vec<_>>());
    let since = Some("2026-11-20T10:00:00.000009Z".parse().unwrap());
    assert_eq!(client.page(&LEADS, &[], None, since, 500).await.unwrap().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_look_up_finds_by_any_key_whatever_signs_are_in_it() {
    let (twin, client) = back_office();
    for (n, email) in ["a@x.mt", "o\"n,e)il\\@x.mt", "c@x.mt"].into_iter().enumerate() {
        twin.insert_row(
            "leads",
            json!({"id": uuid(n), "portal_lead_id": uuid(100 + n), "email": email}),
        )
        .unwrap();
    }
    let by = [
        ("portal_lead_id", vec![uuid(100)]),
        ("email", vec!["o\"n,e)il\\@x.mt".to_owned(), "\"),id.gt.\"".to_owned()]),
    ];
    let mut found: Vec<String> = client
        .find(&LEADS, &["email"], &by)
        .await
        .unwrap()
        .iter()
        .map(|row| LEADS.seen(row).unwrap().id)
        .collect();
    found.sort();
    assert_eq!(found, [uuid(0), uuid(1)]);
    let poisoned = client
        .find(&LEADS, &[], &[("portal_lead_id", vec!["no uuid".to_owned()])])
        .await;
    assert!(matches!(poisoned, Err(CallError::Rejected(_))), "{poisoned:?}");
}

#[tokio::test(start_paused = true)]
async fn a_look_up_of_many_values_is_whole_though_answers_are_capped() {
    let settings = Settings {
        max_rows: 10,
        ..Settings::back_office(true)
    };
    let (twin, client) = project(settings, "sb_secret_backoffice");
    for n in 0..300 {
        twin.insert_row(
            "leads",
            json!({"id": uuid(n), "email": format!("person{n}@example.com")}),
        )
        .unwrap();
    }
    let emails = (0..300).map(|n| format!("person{n}@example.com")).collect();
    assert_eq!(
        client
            .find(&LEADS, &["email"], &[("email", emails)])
            .await
            .unwrap()
            .len(),
        300
    );
    let longest = twin.log().calls().iter().map(|call| call.query.len()).max().unwrap();
    assert!(longest < 6_000 - 200, "{longest}");
}

#[tokio::test(start_paused = true)]
async fn one_poisoned_row_does_not_take_the_others_along() {
    let (twin, client) = back_office();
    twin.insert_row("leads", json!({"email": "taken@x.mt"})).unwrap();
    let rows = [
        json!({"email": "a@x.mt", "portal_lead_id": uuid(1)}),
        json!({"email": "b@x.mt", "portal_lead_id": "no uuid"}),
        json!({"email": "taken@x.mt", "portal_lead_id": uuid(2)}),
        json!({"email": "d@x.mt", "city": "Mdina"}),
        json!({"email": "e@x.mt", "portal_lead_id": uuid(3)}),
    ]
    .map(row);
    let outcomes = client.insert(&LEADS, &rows, &KEYS).await.unwrap();
    for (place, email) in [(0, "a@x.mt"), (3, "d@x.mt"), (4, "e@x.mt")] {
        let written = outcomes[place].as_ref().unwrap();
        assert_eq!((written.action, written.modified), (Action::Inserted, Some(start())));
        assert_eq!(written.seen.as_ref().unwrap()["email"], email);
    }
    assert!(matches!(outcomes[1], Err(CallError::Rejected(_))), "{:?}", outcomes[1]);
    assert!(
        matches!(outcomes[2], Err(CallError::Exists { .. })),
        "{:?}",
        outcomes[2]
    );
    assert_eq!(twin.rows("leads").len(), 4);
}

#[tokio::test(start_paused = true)]
async fn columns_that_are_not_named_keep_their_defaults_and_values() {
    let (twin, client) = back_office();
    let rows = [row(
        json!({"email": "a@x.mt", "total_price": "12500.50", "is_gozo": false}),
    )];
    let made = client.insert(&LEADS, &rows, &KEYS).await.unwrap()[0].clone().unwrap();
    assert!(twin.rows("leads")[0]["created_at"].is_string());
    tokio::time::advance(Duration::from_secs(60)).await;
    let changed = client
        .update(&LEADS, &made.id, &row(json!({"city": "Mdina", "is_gozo": null})))
        .await
        .unwrap();
    assert_eq!(
        (changed.action, changed.modified),
        (Action::Updated, Some(start() + Duration::from_secs(60)))
    );
    let seen = changed.seen.unwrap();
    assert_eq!(
        (&seen["city"], &seen["is_gozo"], &seen["email"]),
        (&json!("Mdina"), &Json::Null, &json!("a@x.mt"))
    );
    assert_eq!(seen["total_price"].to_string(), "12500.50");
    let gone = client.update(&LEADS, &uuid(9), &row(json!({"city": "Mdina"}))).await;
    assert!(matches!(gone, Err(CallError::Gone(_))), "{gone:?}");
}

#[tokio::test(start_paused = true)]
async fn a_run_is_written_once_and_again_where_the_table_exists() {
    let (twin, client) = back_office();
    for read in [1, 2] {
        let run = row(json!({"id": "run-1", "job": "zoho_crm_pull", "read": read}));
        assert_eq!(client.upsert_row("sync_metadata", "id", &run).await, Ok(()));
    }
    assert_eq!(twin.rows("sync_metadata").len(), 1);
    assert_eq!(twin.rows("sync_metadata")[0]["read"], 2);
    let (_, without) = project(Settings::back_office(false), "sb_secret_backoffice");
    let missing = without
        .upsert_row("sync_metadata", "id", &row(json!({"id": "run-1"})))
        .await;
    assert!(matches!(missing, Err(CallError::Gone(_))), "{missing:?}");
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_is_lost_is_unknown_and_can_be_looked_up() {
    let (twin, client) = back_office();
    for (n, (effect, acted)) in [
        (Effect::LoseBefore, false),
        (Effect::LoseAfter, true),
        (Effect::Slow(Duration::from_secs(60)), false),
        (Effect::SlowAnswer(Duration::from_secs(60)), true),
        (Effect::Status(502), false),
    ]
    .into_iter()
    .enumerate()
    {
        twin.faults().next("insert", 1, effect.clone());
        let email = format!("{n}@x.mt");
        let rows = [row(json!({"email": email}))];
        let lost = client.insert(&LEADS, &rows, &KEYS).await;
        assert!(matches!(lost, Err(CallError::Unknown(_))), "{effect:?}: {lost:?}");
        let found = client.find(&LEADS, &[], &[("email", vec![email])]).await.unwrap();
        assert_eq!(found.len(), usize::from(acted), "{effect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_say_what_to_do_next() {
    let (twin, client) = back_office();
    let coded = |status, code: &str| Effect::Error {
        status,
        code: code.to_owned(),
    };
    for (effect, expected) in [
        (Effect::Status(429), "Wait"),
        (Effect::Status(503), "Later"),
        (Effect::Status(504), "Later"),
        (coded(500, "40001"), "Later"),
        (coded(409, "23503"), "Later"),
        (coded(500, "57014"), "Later"),
        (coded(403, "42501"), "Forbidden"),
        (coded(401, "PGRST301"), "Forbidden"),
        (coded(400, "PGRST204"), "Rejected"),
    ] {
        twin.faults().next("insert", 1, effect.clone());
        let refused = client
            .insert(&LEADS, &[row(json!({"email": "a@x.mt"}))], &KEYS)
            .await
            .unwrap_err();
        assert!(format!("{refused:?}").starts_with(expected), "{effect:?}: {refused:?}");
        twin.faults().next("select", 1, effect.clone());
        let refused = client.page(&LEADS, &[], None, None, 10).await.unwrap_err();
        assert!(format!("{refused:?}").starts_with(expected), "{effect:?}: {refused:?}");
    }
    assert!(twin.rows("leads").is_empty());
}
