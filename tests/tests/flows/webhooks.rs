//! Webhooks: nothing is believed before the sender has proved itself; what is believed is stored as it came.

use super::ask::{Answer, Ask, ask, items, stored};
use super::door::{ID, lead, world};
use super::heard::Heard;
use local::world::World;
use serde_json::{Value, json};

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
pub fn set_aside(world: &World) -> String {
    let kept = items(world, "intake#");
    assert_eq!(kept.len(), 1, "{kept:#?}");
    assert_eq!(kept[0]["due_pk"]["S"], "intake#attention", "{kept:#?}");
    kept[0]["body"]["error"].as_str().unwrap().to_owned()
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

/// Quotes are escaped where a body is kept as text: twice the length would be more than an item may hold.
#[tokio::test(start_paused = true)]
async fn the_largest_body_is_kept_whatever_is_in_it() {
    let world = world().await;
    let quotes = ["\"\""; 85_000].join(",");
    let body = format!("{{\"ids\":[\"1\"],\"module\":\"Leads\",\"token\":\"{TOKEN}\",\"x\":[{quotes}]}}");
    assert!(body.len() > 250_000 && body.len() <= 256 * 1024);
    let answer = ask("POST", ZOHO)
        .header("content-type", "application/json")
        .bytes(body)
        .of(&world)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(stored(&world, "intake#zoho_crm#").len(), 1);
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
    assert_eq!(items(&world, "intake#zoho_crm#")[0]["body"]["body"], raw);
}
