//! The three lines that are printed at the start, done as a shell would do them.

use super::world;
use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http::{Request, Response};
use local::run::banner::{Place, Places, curls, text, webhooks};
use local::run::engine::Engine;
use local::run::keys::Keys;
use local::world::World;
use serde_json::Value;
use shared::model::System;
use std::collections::BTreeMap;
use std::time::Duration;

/// The words of a command line, quotes taken off.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.iter_mut().next_back().into_iter().for_each(|it| it.push(c)),
        }
    }
    words
}

/// Does what the line would do in a shell.
async fn paste(world: &World, line: &str) -> Result<Value> {
    let mut method = "GET";
    let (mut url, mut headers, mut body) = (String::new(), Vec::new(), String::new());
    let line = match line.split_once("; ") {
        Some((wait, line)) => {
            let seconds = wait.strip_prefix("sleep ").context("not a wait")?.parse()?;
            world.clock.sleep(Duration::from_secs(seconds)).await;
            line
        }
        None => line,
    };
    let mut words = words(line).into_iter();
    anyhow::ensure!(words.next().as_deref() == Some("curl"), "not curl: {line}");
    while let Some(word) = words.next() {
        let mut value = || words.next().context("an option without its value");
        match word.as_str() {
            "-sS" => {}
            "-w" => drop(value()?),
            "-X" => method = if value()? == "POST" { "POST" } else { bail!("{line}") },
            "-H" => headers.push(value()?),
            "-d" => (method, body) = ("POST", value()?),
            _ => url = word,
        }
    }
    let mut request = Request::builder().method(method).uri(&url);
    for header in &headers {
        let (name, value) = header.split_once(": ").context("not a header")?;
        request = request.header(name, value);
    }
    let request = request.body(Bytes::from(body))?;
    let answer: Response<Bytes> = match url.contains(":4602/") {
        true => world.systems.backoffice.call(request).await?,
        false => world.request(request, "127.0.0.1").await,
    };
    anyhow::ensure!(answer.status().is_success(), "{line}: {answer:?}");
    Ok(serde_json::from_slice(answer.body())?)
}

fn places(backoffice: Place) -> Places {
    Places {
        api: "http://127.0.0.1:3000".into(),
        aws: "http://127.0.0.1:4599".into(),
        table: "concord-records".into(),
        systems: vec![(System::BACKOFFICE, backoffice)],
        webhooks: webhooks(&BTreeMap::new()),
        data: None,
    }
}

#[tokio::test(start_paused = true)]
async fn the_three_lines_work_as_they_are_printed() {
    let world = world().unwrap();
    let keys = Keys::mint(world.app(), None).await.unwrap();
    let engine = Engine::start(&world).unwrap();
    let [send, ask, result] = curls(&places(Place::Twin("http://127.0.0.1:4602".into())), &keys);
    let sent = paste(&world, &send).await.unwrap();
    let shown = paste(&world, &ask).await.unwrap();
    assert_eq!(shown["id"], sent["id"]);
    let said = text(&places(Place::Twin(String::new())), &keys);
    assert!(said.contains("whsec_local   STRIPE_WEBHOOK_SECRET"), "{said}");
    let rows = paste(&world, &result).await.unwrap();
    assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
    assert_eq!(rows[0]["zoho_lead_id"], world.systems.zoho.leads()[0]["id"], "{rows}");
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_third_line_starts_a_pull_where_the_back_office_is_real() {
    let world = world().unwrap();
    let keys = Keys::mint(world.app(), None).await.unwrap();
    let [_, _, result] = curls(&places(Place::Real("x.supabase.co".into())), &keys);
    let run = paste(&world, &result).await.unwrap();
    assert!(
        run["run"].as_str().is_some_and(|it| it.starts_with("zoho_crm_pull.")),
        "{run}"
    );
}
