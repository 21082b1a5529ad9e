//! The doors that both twins share: HTTP, disk, and their speed.

use crate::common::{Base, Clock, Zoho, directory};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use twins::{Effect, Supabase, ZohoCrm, serve, supabase, zoho};

async fn over_http(address: std::net::SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "GET /rest/v1/leads?select=email HTTP/1.1\r\nHost: x\r\napikey: sb_secret_portal\r\n\
                   Connection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    // A reset is what a broken connection looks like.
    drop(stream.read_to_string(&mut text).await);
    text
}

#[tokio::test]
async fn the_same_code_answers_over_http_and_breaks_connections() {
    let base = Base::portal();
    base.twin.insert_row("leads", json!({ "email": "a@b.mt" })).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(listener, base.twin.clone()));
    let answer = over_http(address).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with(r#"[{"email":"a@b.mt"}]"#), "{answer}");
    base.twin.faults().next("select", 1, Effect::LoseAfter);
    assert_eq!(over_http(address).await, "");
    server.abort();
}

#[tokio::test]
async fn an_org_comes_back_from_disk() {
    let (dir, clock) = (directory("zoho"), Clock::new());
    let open = || ZohoCrm::open(zoho::Settings::default(), clock.now(), &dir).unwrap();
    let zoho = Zoho::client(open(), clock.clone()).await;
    let ids: Vec<String> = (0..3)
        .map(|n| zoho.twin.insert_lead(json!({ "Last_Name": format!("L{n}") })).unwrap())
        .collect();
    let watch = json!({ "watch": [{ "channel_id": 7, "events": ["Leads.all"], "notify_url": "https://h.example" }] });
    zoho.post("/actions/watch", watch).await;
    zoho.twin
        .edit(&ids[0], json!({ "City": "Gozo", "System_Size": 5.25 }))
        .unwrap();
    zoho.twin.delete(&ids[1]).unwrap();
    let first = zoho.get("/Leads?fields=Last_Name&per_page=1").await.json();
    let before = zoho.twin.leads();
    let again = Zoho {
        twin: open(),
        ..zoho.clone()
    };
    drop(zoho);
    assert_eq!(again.twin.leads(), before);
    assert_eq!(again.twin.take_notifications().len(), 2);
    assert_eq!(
        again.get("/Leads/deleted?type=all").await.json()["data"][0]["id"],
        ids[1].as_str()
    );
    let token = first["info"]["next_page_token"].as_str().unwrap();
    let next = again
        .get(&format!("/Leads?fields=Last_Name&per_page=1&page_token={token}"))
        .await;
    assert_eq!(next.json()["data"][0]["id"], ids[0].as_str());
    assert_eq!(open().take_notifications().len(), 0);
    std::fs::remove_dir_all(dir).unwrap();
}

#[tokio::test]
async fn a_project_comes_back_from_disk() {
    let (dir, clock) = (directory("supabase"), Clock::new());
    let settings = || supabase::Settings::portal().webhook("leads", "https://h.example", "x-secret", "s");
    let open = || Supabase::open(settings(), clock.now(), &dir).unwrap();
    let twin = open();
    let row = twin
        .insert_row("leads", json!({ "email": "a@b.mt", "total_price": 12.50 }))
        .unwrap();
    twin.insert_row("leads", json!({ "email": "b@b.mt" })).unwrap();
    twin.update_row("leads", row["id"].as_str().unwrap(), json!({ "city": "x" }))
        .unwrap();
    let before = twin.rows("leads");
    drop(twin);
    let twin = open();
    assert_eq!(twin.rows("leads"), before);
    assert_eq!(twin.take_webhooks().len(), 3);
    let third = twin.insert_row("leads", json!({})).unwrap();
    assert!(before.iter().all(|row| row["id"] != third["id"]));
    std::fs::remove_dir_all(dir).unwrap();
}

fn batch(number: usize, size: usize) -> Value {
    let lead = |n: usize| {
        json!({
            "Last_Name": format!("Lead {n}"), "Email": format!("lead{n}@b.mt"), "City": "Sliema",
            "Portal_Lead_ID": format!("00000000-0000-4000-8000-{n:012}"), "Quote_Amount": 12_345,
        })
    };
    let data: Vec<Value> = (0..size).map(|n| lead(number * size + n)).collect();
    json!({ "data": data, "duplicate_check_fields": ["Portal_Lead_ID", "Email"], "trigger": [] })
}

#[tokio::test]
async fn ten_thousand_leads_in_a_hundred_calls() {
    let settings = zoho::Settings {
        credits: 1_000_000,
        ..zoho::Settings::default()
    };
    let zoho = Zoho::with(settings).await;
    let started = std::time::Instant::now();
    for number in (0..100).chain(0..100) {
        assert_eq!(zoho.post("/Leads/upsert", batch(number, 100)).await.status, 200);
    }
    assert_eq!(zoho.twin.leads().len(), 10_000);
    let keys: Vec<String> = (0..50).map(|n| format!("'00000000-0000-4000-8000-{n:012}'")).collect();
    let query = format!("select id from Leads where Portal_Lead_ID in ({})", keys.join(","));
    for _ in 0..100 {
        assert_eq!(zoho.coql(&query).await.json()["info"]["count"], 50);
    }
    let (mut path, mut rows) = ("/Leads?fields=Email&sort_by=Modified_Time&sort_order=asc".to_owned(), 0);
    loop {
        let body = zoho.get(&path).await.json();
        rows += body["data"].as_array().unwrap().len();
        let Some(token) = body["info"]["next_page_token"].as_str() else {
            break;
        };
        path = format!("/Leads?fields=Email&sort_by=Modified_Time&sort_order=asc&page_token={token}");
    }
    assert_eq!(rows, 10_000);
    assert!(started.elapsed().as_secs() < 60);
}

#[tokio::test]
async fn a_hundred_thousand_rows_are_read_page_by_page() {
    let base = Base::back_office();
    let started = std::time::Instant::now();
    for number in 0..100 {
        let row = |n: usize| json!({ "email": format!("{:06}@b.mt", number * 1000 + n), "city": "Rabat" });
        let rows: Vec<Value> = (0..1000).map(row).collect();
        assert_eq!(base.post("/leads", "", json!(rows)).await.status, 201);
    }
    let (mut last, mut rows) = (String::new(), 0);
    loop {
        let page = base
            .get(&format!("/leads?select=email&order=email&email=gt.{last}"))
            .await
            .json();
        let page = page.as_array().unwrap();
        let Some(row) = page.last() else { break };
        row["email"].as_str().unwrap().clone_into(&mut last);
        rows += page.len();
    }
    assert_eq!(rows, 100_000);
    assert!(started.elapsed().as_secs() < 60);
}

#[tokio::test]
async fn a_chain_of_page_tokens_ends_at_a_hundred_thousand() {
    let zoho = Zoho::new().await;
    for n in 0..100_001 {
        let fields = json!({ "Last_Name": "Borg", "Portal_Lead_ID": n.to_string() });
        zoho.twin.insert_lead(fields).unwrap();
    }
    let base = "/Leads?fields=id&sort_by=Modified_Time&sort_order=asc".to_owned();
    let (mut path, mut rows) = (base.clone(), 0);
    let end = loop {
        let answer = zoho.get(&path).await;
        if answer.status != 200 {
            break answer;
        }
        let body = answer.json();
        rows += body["data"].as_array().unwrap().len();
        path = format!(
            "{base}&page_token={}",
            body["info"]["next_page_token"].as_str().unwrap()
        );
    };
    assert_eq!((rows, end.code().as_str()), (100_000, "PAGINATION_LIMIT_EXCEEDED"));
}
