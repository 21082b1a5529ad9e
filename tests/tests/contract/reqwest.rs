//! The transport of the cloud, over a socket of this machine. TLS is not part of it.

use crate::transport::now;
use serde_json::json;
use shared::systems::CallError;
use shared::systems::http::{Base, Http, Reqwest};
use shared::systems::supabase::{Key, Row, Supabase, Table};
use std::sync::Arc;
use tokio::net::TcpListener;
use twins::Effect;
use twins::supabase::Settings;

const LEADS: Table<'_> = Table {
    name: "leads",
    id: "id",
    modified: "updated_at",
    created: None,
};

#[tokio::test]
async fn a_call_over_the_network_says_what_it_says_in_process() {
    let twin = twins::Supabase::new(Settings::back_office(true), now());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Base::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(twins::serve(listener, twin.clone()));
    let http = Http::new(Arc::new(Reqwest::new().unwrap()));
    let client = Supabase::new(http, base, Key::new("sb_secret_backoffice".into()));

    let row: Row = json!({"email": "o\"n+e il@x.mt"}).as_object().unwrap().clone();
    let made = client
        .insert(&LEADS, std::slice::from_ref(&row), &["email"])
        .await
        .unwrap()[0]
        .clone()
        .unwrap();
    let found = client
        .find(&LEADS, &[], &[("email", vec!["o\"n+e il@x.mt".to_owned()])])
        .await
        .unwrap();
    assert_eq!(LEADS.seen(&found[0]).unwrap().id, made.id);

    twin.faults().next("insert", 1, Effect::LoseAfter);
    let lost = client.insert(&LEADS, &[row], &["email"]).await;
    assert!(matches!(lost, Err(CallError::Unknown(_))), "{lost:?}");
    twin.faults().next("select", 1, Effect::LoseAfter);
    let lost = client.find(&LEADS, &[], &[("email", vec!["a".to_owned()])]).await;
    assert!(matches!(lost, Err(CallError::Silent(_))), "{lost:?}");
}
