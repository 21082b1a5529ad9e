//! Webhooks: nothing is believed before the sender has proved itself; what is believed is stored as it came.

use super::ask::{Answer, Ask, ask, items, stored};
use super::door::{ID, lead, world, world_with};
use super::heard::Heard;
use local::queues::message::Outgoing;
use local::world::World;
use serde_json::{Value, json};
use shared::job::Message;

pub const PORTAL: &str = "/webhooks/supabase/portal";
pub const ZOHO: &str = "/webhooks/zoho-crm";
const SECRET: &str = "local-portal-secret";
const TOKEN: &str = "local-zoho-token";

/// A row in the portal whose own webhook was lost, and the body that it would have had.
pub fn row(world: &World) -> Value {
    let mut row = lead();
    let name = row.as_object_mut().unwrap().remove("name").unwrap();
    row["full_name"] = name;
    let row = world.systems.portal.insert_row("leads", row).unwrap();
    world.systems.portal.take_webhooks();
    json!({ "type": "INSERT", "schema": "public", "table": "leads", "record": row, "old_record": null })
}

pub fn portal(body: &Value) -> Ask {
    ask("POST", PORTAL).header("x-webhook-secret", SECRET).json(body)
}

pub fn zoho(body: &Value) -> Ask {
    let mut body = body.clone();
    body["token"] = json!(TOKEN);
    ask("POST", ZOHO).json(&body)
}

/// Why the only webhook in the table was not applied.
fn set_aside(world: &World) -> String {
    let kept = items(world, "intake#");
    assert_eq!(kept.len(), 1, "{kept:#?}");
    assert_eq!(kept[0]["due_pk"]["S"], "intake#attention", "{kept:#?}");
    kept[0]["body"]["M"]["error"]["S"].as_str().unwrap().to_owned()
}

fn assert_refused(world: &World, answer: &Answer, of: &str) {
    answer.assert_problem(401, None, of);
    assert_eq!(stored(world, "intake#"), Vec::<String>::new(), "{of}");
    assert_eq!(world.aws.faults.count("sqs", "SendMessageBatch"), 0, "{of}");
}

#[tokio::test(start_paused = true)]
async fn without_the_right_secret_nothing_is_stored_and_nothing_of_it_is_logged() {
    let world = world().await;
    let body = row(&world);
    let heard = Heard::listen();
    let wrong = [
        "",
        "guess-canary",
        "local-portal-secre",
        "local-portal-secret2",
        "LOCAL-PORTAL-SECRET",
    ];
    for secret in wrong {
        let answer = ask("POST", PORTAL)
            .header("x-webhook-secret", secret)
            .json(&body)
            .of(&world)
            .await;
        assert_refused(&world, &answer, secret);
        let answer = ask("POST", ZOHO)
            .json(&json!({ "token": secret, "ids": ["1"] }))
            .of(&world)
            .await;
        assert_refused(&world, &answer, secret);
    }
    let unproved = [
        (
            "Zoho's token",
            ask("POST", PORTAL).header("x-webhook-secret", TOKEN).json(&body),
        ),
        (
            "the portal's secret",
            ask("POST", ZOHO).json(&json!({ "token": SECRET, "ids": ["1"] })),
        ),
        ("no secret", ask("POST", PORTAL).json(&body)),
        (
            "in the address",
            ask("POST", &format!("{PORTAL}?secret={SECRET}&x-webhook-secret={SECRET}")).json(&body),
        ),
        ("as a key", ask("POST", PORTAL).key(SECRET).json(&body)),
        (
            "another project",
            ask("POST", "/webhooks/supabase/backoffice")
                .header("x-webhook-secret", SECRET)
                .json(&body),
        ),
        ("no token", ask("POST", ZOHO).json(&json!({ "ids": ["1"] }))),
        (
            "in Zoho's address",
            ask("POST", &format!("{ZOHO}?token={TOKEN}")).json(&json!({ "ids": ["1"] })),
        ),
        (
            "a list",
            ask("POST", ZOHO).json(&json!({ "token": [TOKEN], "ids": ["1"] })),
        ),
        ("no JSON", ask("POST", ZOHO).bytes(format!("token={TOKEN}"))),
        ("no body", ask("POST", ZOHO)),
    ];
    for (what, asked) in unproved {
        assert_refused(&world, &asked.of(&world).await, what);
    }
    for canary in ["canary", "Borg", "maria", "9912", SECRET, TOKEN] {
        assert_eq!(heard.lines(canary), Vec::<String>::new());
    }
    assert!(
        !heard.lines("webhook refused").is_empty(),
        "a person can see that somebody tries"
    );
    world.settle().await;
    assert_eq!(world.systems.zoho.leads(), Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn a_broken_body_of_a_proved_sender_is_refused_clearly_and_not_stored() {
    let world = world().await;
    for body in [
        &b""[..],
        b"{",
        b"{\"type\": \"INSERT\" \"table\": 1}",
        b"\xff\xfe",
        b"{\"a\": \"\xff\"}",
    ] {
        let asked = ask("POST", PORTAL).header("x-webhook-secret", SECRET);
        let answer = asked
            .header("content-type", "application/json")
            .bytes(body)
            .of(&world)
            .await;
        answer.assert_problem(400, None, &String::from_utf8_lossy(body));
    }
    let large = json!({ "type": "INSERT", "table": "leads", "record": { "notes": "x".repeat(256 * 1024) } });
    portal(&large).of(&world).await.assert_problem(413, None, "portal");
    zoho(&large).of(&world).await.assert_problem(413, None, "zoho");
    assert_eq!(stored(&world, "intake#"), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_notice_that_says_nothing_usable_is_kept_for_a_person_and_calls_nobody() {
    let cases = [
        (
            zoho(&json!({ "module": "Contacts", "operation": "update", "ids": ["1"] })),
            "module",
        ),
        (
            zoho(&json!({ "module": "Leads", "operation": "update", "ids": [] })),
            "ids",
        ),
        (zoho(&json!({ "module": "Leads", "operation": "delete" })), "ids"),
        (zoho(&json!({ "module": "Leads", "ids": [null, {}] })), "ids"),
        (
            portal(&json!({ "type": "INSERT", "table": "orders", "record": { "id": ID } })),
            "table",
        ),
        (
            portal(&json!({ "type": "INSERT", "table": "leads", "record": null })),
            "record.id",
        ),
        (
            portal(&json!({ "type": "DELETE", "table": "leads", "record": null })),
            "old_record.id",
        ),
        (portal(&json!([1, 2])), "record.id"),
    ];
    for (asked, names) in cases {
        let world = world().await;
        assert_eq!(asked.of(&world).await.status, 200);
        world.settle().await;
        let why = set_aside(&world);
        assert!(why.starts_with(names), "{names}: {why}");
        assert_eq!(
            (world.systems.zoho.count("*"), world.systems.portal.calls().len()),
            (0, 0),
            "{names}"
        );
        assert_eq!(stored(&world, "lead#"), Vec::<String>::new());
        let health = ask("GET", "/health").of(&world).await;
        assert_eq!(health.body["checks"]["intake"]["detail"], "1 wait for a person");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_is_kept_as_it_came() {
    let world = world().await;
    let raw = format!(
        "\n{{ \"ids\":[\"1\"],\t\"module\" : \"Leads\", \"token\":\"{TOKEN}\", \"x\":\"Xag\\u0127ra \u{126}al\" , \"ids2\":1.0 }}  "
    );
    let answer = ask("POST", ZOHO)
        .header("content-type", "application/json")
        .bytes(raw.clone())
        .of(&world)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(items(&world, "intake#zoho_crm#")[0]["body"]["M"]["body"]["S"], raw);
}

#[tokio::test(start_paused = true)]
async fn a_second_delivery_of_a_processed_one_stops_at_the_door() {
    let world = world().await;
    let answer = portal(&row(&world)).of(&world).await;
    world.settle().await;
    let (reads, writes) = (
        world.systems.portal.calls().len(),
        world.aws.faults.count("dynamodb", "PutItem"),
    );
    let message = Message::Intake("portal".into(), answer.body["stored"].as_str().unwrap().into());
    let message = Outgoing::new(message.write());
    world
        .aws
        .queues
        .send("local-intake", message, world.clock.now_ms())
        .unwrap();
    world.settle().await;
    assert_eq!(
        world.systems.portal.calls().len(),
        reads,
        "the portal was not asked again"
    );
    assert_eq!(
        world.aws.faults.count("dynamodb", "PutItem"),
        writes,
        "nothing was written"
    );
}

#[tokio::test(start_paused = true)]
async fn two_concurrent_deliveries_of_one_webhook_have_one_effect() {
    let world = world().await;
    let answer = portal(&row(&world)).of(&world).await;
    let message = Message::Intake("portal".into(), answer.body["stored"].as_str().unwrap().into());
    let event = |id: &str| {
        json!({ "Records": [{ "messageId": id, "body": message.write(), "attributes": { "SentTimestamp": "1" },
            "eventSourceARN": "arn:aws:sqs:eu-south-1:000000000000:concord-intake" }] })
    };
    let process = world
        .template
        .functions
        .iter()
        .find(|it| it.name == "process_webhook")
        .unwrap();
    let (one, other) = tokio::join!(world.invoke(process, event("1")), world.invoke(process, event("2")));
    assert_eq!(one.unwrap()["batchItemFailures"], json!([]));
    assert_eq!(other.unwrap()["batchItemFailures"], json!([]));
    world.settle().await;
    assert_eq!(world.systems.zoho.leads().len(), 1);
    assert_eq!(world.systems.backoffice.rows("leads").len(), 1);
    assert_eq!(super::door::show(&world, ID).await["version"], 1);
}

#[tokio::test(start_paused = true)]
async fn equal_bodies_are_not_taken_for_duplicates() {
    let world = world().await;
    let body = row(&world);
    portal(&body).of(&world).await;
    world.settle().await;
    world
        .systems
        .portal
        .update_row("leads", ID, json!({ "city": "Nadur" }))
        .unwrap();
    world.systems.portal.take_webhooks();
    portal(&body).of(&world).await;
    world.settle().await;
    assert_eq!(
        stored(&world, "intake#portal#").len(),
        2,
        "each is kept under its own id"
    );
    assert_eq!(
        world.systems.backoffice.rows("leads")[0]["city"],
        "Nadur",
        "the second was acted upon"
    );
}

#[tokio::test(start_paused = true)]
async fn one_unreadable_lead_of_a_notice_leaves_the_others_alone() {
    let world = world_with(&[("ZOHO_CRM_LEAD_FIELDS", r#"{"loan_term": "Company"}"#)]).await;
    let insert = |name: &str, term: &str| {
        let fields = json!({ "Last_Name": name, "Email": format!("{name}@example.com"), "Company": term });
        world.systems.zoho.insert_lead(fields).unwrap()
    };
    let ids = [insert("poisoned", "ten years"), insert("sound", "120")];
    super::ask::wait(&world, 10).await;
    let answer = zoho(&json!({ "module": "Leads", "operation": "insert", "ids": ids }))
        .of(&world)
        .await;
    assert_eq!(answer.status, 200);
    world.settle().await;
    let rows = world.systems.backoffice.rows("leads");
    assert_eq!((rows.len(), &rows[0]["last_name"]), (1, &json!("sound")), "{rows:#?}");
    let why = set_aside(&world);
    assert!(why.contains(&ids[0]) && why.contains("Company"), "{why}");
}
