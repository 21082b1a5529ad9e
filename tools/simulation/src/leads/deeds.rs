//! What people do to leads.

use super::api;
use super::people::{FIELDS, Field, People, Person, Style};
use crate::chance::Chance;
use crate::flow::{Deed, Step};
use crate::history::Said;
use crate::sim::Sim;
use futures_util::future::BoxFuture;
use http::Request;
use serde_json::{Map, Value, json};
use shared::model::{Kind, RecordKey, System};
use shared::sync::budget::{Mode, set_mode};
use shared::sync::retry::retry;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone)]
enum What {
    /// The person fills in the portal's form, for the first time or anew.
    Fill(Vec<(Field, u64)>),
    /// The person has another e-mail address.
    Move(u64),
    /// The form is sent by the API with a key of the caller's.
    Send(usize, String),
    /// Sales changes a field in Zoho.
    Edit(Field, u64),
    /// Sales deletes the lead in Zoho.
    Delete,
    /// An operator asks for another try of all links of the lead.
    Retry,
}

#[derive(Clone)]
struct OfPerson {
    person: Arc<Person>,
    what: What,
}

#[derive(Clone, Debug)]
enum OfAll {
    /// Somebody starts a pull by hand.
    Pull(&'static str),
    /// An operator pauses a system for a while.
    Pause(&'static str, Duration),
    /// Somebody who does not know the secret calls a webhook.
    Forge,
    /// A watch asks how things stand.
    Health,
}

impl fmt::Debug for OfPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, style) = (self.person.name(), self.person.style);
        match &self.what {
            What::Fill(values) => {
                let told: Vec<String> = values.iter().map(|(field, number)| field.value(*number)).collect();
                write!(f, "{name} ({style:?}) fills in {}", told.join(", "))
            }
            What::Move(generation) => write!(f, "{name} moves to {}", self.person.email(*generation)),
            What::Send(caller, key) => write!(f, "caller {caller} sends {name} under {key}"),
            What::Edit(field, number) => write!(f, "sales writes {:?} for {name}", field.value(*number)),
            What::Delete => write!(f, "sales deletes {name}"),
            What::Retry => write!(f, "an operator tries {name} again"),
        }
    }
}

impl Deed for OfPerson {
    fn act(&self, sim: Sim) -> BoxFuture<'static, ()> {
        let OfPerson { person, what } = self.clone();
        Box::pin(async move {
            match what {
                What::Fill(values) => fill(&sim, &person, &values).await,
                What::Move(generation) => move_to(&sim, &person, generation).await,
                What::Send(caller, key) => send(&sim, &person, caller, &key).await,
                What::Edit(field, number) => edit(&sim, &person, field, number),
                What::Delete => delete(&sim, &person),
                What::Retry => try_again(&sim, &person).await,
            }
        })
    }
}

impl Deed for OfAll {
    fn act(&self, sim: Sim) -> BoxFuture<'static, ()> {
        let what = self.clone();
        Box::pin(async move {
            match what {
                OfAll::Pull(job) => pull(&sim, job).await,
                OfAll::Pause(system, length) => pause(&sim, system, length).await,
                OfAll::Forge => forge(&sim).await,
                OfAll::Health => health(&sim).await,
            }
        })
    }
}

/// Draws at most `most` people, and what is done to and about them.
pub(super) fn draw(people: &People, chance: &Chance, span: Duration, most: u64) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut numbers = 0;
    for _ in 0..chance.between(1, most) {
        let style = chance.pick(&[Style::Api, Style::Table, Style::Both, Style::Zoho]);
        let person = people.add(style);
        let came = chance.time(Duration::ZERO, span / 2);
        steps.push(step(came, &person, first(&person, chance, &mut numbers)));
        for _ in 0..chance.between(0, 4) {
            // Many edits come in bursts.
            let most = if chance.per_mille(400) {
                Duration::from_secs(5)
            } else {
                span - came
            };
            let at = came + chance.time(Duration::from_millis(1), most);
            steps.push(step(at, &person, later(&person, chance, &mut numbers)));
        }
    }
    for _ in 0..chance.between(0, 2) {
        let at = chance.time(Duration::ZERO, span);
        let length = chance.time(Duration::from_secs(20), Duration::from_secs(150));
        let system = chance.pick(&["zoho_crm", "backoffice"]);
        let pulls = [OfAll::Pull("zoho_crm_pull"), OfAll::Pull("portal_pull")];
        let rest = [OfAll::Pause(system, length), OfAll::Forge, OfAll::Health];
        let what = chance.pick(&[pulls.as_slice(), rest.as_slice(), pulls.as_slice()].concat());
        steps.push(Step {
            at,
            deed: Arc::new(what),
        });
    }
    steps
}

fn step(at: Duration, person: &Arc<Person>, what: What) -> Step {
    Step {
        at,
        deed: Arc::new(OfPerson {
            person: person.clone(),
            what,
        }),
    }
}

fn first(person: &Person, chance: &Chance, numbers: &mut u64) -> What {
    match person.style {
        Style::Api => What::Send(0, "1".to_owned() + &person.number.to_string()),
        _ => What::Fill(values(chance, numbers)),
    }
}

fn values(chance: &Chance, numbers: &mut u64) -> Vec<(Field, u64)> {
    let some = FIELDS.into_iter().filter(|_| chance.per_mille(600));
    some.map(|field| {
        *numbers += 1;
        (field, *numbers)
    })
    .collect()
}

fn later(person: &Person, chance: &Chance, numbers: &mut u64) -> What {
    *numbers += 1;
    let number = *numbers;
    let edit = || What::Edit(chance.pick(&FIELDS), number);
    match chance.between(0, 19) {
        0 => What::Delete,
        1 => What::Retry,
        2 if person.style != Style::Zoho => What::Move(number),
        3..=9 => edit(),
        _ if person.style == Style::Zoho => edit(),
        // A caller's keys are numbers; the other caller's begin with a one (see `CALLERS`).
        10..=13 if person.style == Style::Both => What::Send(1, number.to_string()),
        _ if person.style == Style::Api => What::Send(1, number.to_string()),
        _ => What::Fill(values(chance, numbers)),
    }
}

/// Changes the form; the table's row with it, if the person has one.
async fn fill(sim: &Sim, person: &Person, values: &[(Field, u64)]) {
    let mut form = person.form.lock().await;
    if person.style == Style::Zoho {
        return make_in_zoho(sim, person, values, &mut form);
    }
    begin(person, &mut form);
    for (field, number) in values {
        let value = field.value(*number);
        let before = form.insert(field.name.to_owned(), field.json(&value));
        say(
            sim,
            person,
            "portal",
            *field,
            value,
            before.and_then(|it| field.text(&it)),
        );
    }
    put_row(sim, person, &form);
}

fn begin(person: &Person, form: &mut Map<String, Value>) {
    if form.is_empty() {
        form.insert("id".into(), json!(person.portal_id));
        form.insert("full_name".into(), json!(format!("Maria {}", person.name())));
        form.insert("email".into(), json!(person.email(0)));
    }
}

async fn move_to(sim: &Sim, person: &Person, generation: u64) {
    let mut form = person.form.lock().await;
    begin(person, &mut form);
    form.insert("email".into(), json!(person.email(generation)));
    put_row(sim, person, &form);
}

fn put_row(sim: &Sim, person: &Person, form: &Map<String, Value>) {
    if person.style == Style::Api {
        return;
    }
    let portal = &sim.world.systems.portal;
    let row = Value::Object(form.clone());
    let done = match portal.update_row("leads", &person.portal_id, row.clone()) {
        Err(missing) if missing["code"] == "PGRST116" => portal.insert_row("leads", row),
        done => done,
    };
    if let Err(refusal) = done {
        sim.breach(format!("the portal refuses a row of the workload: {refusal}"));
    }
    sim.wake.notify_one();
}

fn make_in_zoho(sim: &Sim, person: &Person, values: &[(Field, u64)], form: &mut Map<String, Value>) {
    if !form.is_empty() {
        return;
    }
    let mut lead = Map::from_iter([
        ("Last_Name".to_owned(), json!(person.name())),
        ("Email".to_owned(), json!(person.email(0))),
    ]);
    for (field, number) in values {
        lead.insert(field.zoho.to_owned(), field.json(&field.value(*number)));
        say(sim, person, "zoho_crm", *field, field.value(*number), None);
    }
    form.insert("email".into(), lead["Email"].clone());
    if let Err(refusal) = sim.world.systems.zoho.insert_lead(Value::Object(lead)) {
        sim.breach(format!("Zoho refuses a lead of the workload: {refusal}"));
    }
    sim.wake.notify_one();
}

async fn send(sim: &Sim, person: &Person, caller: usize, key: &str) {
    let mut form = person.form.lock().await;
    if person.style == Style::Zoho {
        return;
    }
    begin(person, &mut form);
    if person.style == Style::Api {
        let field = FIELDS[key.len() % FIELDS.len()];
        let number = key.parse::<u64>().unwrap_or(0) + 5_000 * (caller as u64 + 1);
        let before = form.insert(field.name.to_owned(), field.json(&field.value(number)));
        say(
            sim,
            person,
            "portal",
            field,
            field.value(number),
            before.and_then(|it| field.text(&it)),
        );
    }
    // What is sent is the form as it is now; nobody changes it while it is sent.
    api::post(sim, caller, key, &Value::Object(form.clone())).await;
}

fn in_zoho(sim: &Sim, person: &Person) -> Option<Value> {
    let leads = sim.world.systems.zoho.leads().into_iter();
    leads
        .filter(|it| it["Email"].as_str().and_then(super::people::of_email) == Some(person.name()))
        .last()
}

/// Sales changes what it sees; what is not there can't be changed.
fn edit(sim: &Sim, person: &Person, field: Field, number: u64) {
    let Some(lead) = in_zoho(sim, person) else {
        return sim.line("person", "finds no such lead");
    };
    let (value, before) = (field.value(number), field.text(&lead[field.zoho]));
    let mut changes = Map::new();
    changes.insert(field.zoho.to_owned(), field.json(&value));
    let id = lead["id"].as_str().unwrap_or_default();
    match sim.world.systems.zoho.edit(id, Value::Object(changes)) {
        Ok(()) => say(sim, person, "zoho_crm", field, value, before),
        Err(refusal) => sim.breach(format!("Zoho refuses an edit of the workload: {refusal}")),
    }
    sim.wake.notify_one();
}

fn delete(sim: &Sim, person: &Person) {
    let Some(lead) = in_zoho(sim, person) else {
        return sim.line("person", "finds no such lead");
    };
    if sim
        .world
        .systems
        .zoho
        .delete(lead["id"].as_str().unwrap_or_default())
        .is_ok()
    {
        sim.history().deleted.insert(("lead", person.name()));
    }
    sim.wake.notify_one();
}

async fn try_again(sim: &Sim, person: &Person) {
    let Ok(app) = sim.operator() else { return };
    let places = lead_of(sim, person);
    for system in [System::ZOHO_CRM, System::BACKOFFICE] {
        for id in &places {
            // There may be no such link.
            let _ = retry(&app, &RecordKey::new(Kind::LEAD, id.clone()), &system).await;
        }
    }
    sim.wake.notify_one();
}

/// The records that have the person's e-mail.
fn lead_of(sim: &Sim, person: &Person) -> Vec<String> {
    let history = sim.history();
    let records = history
        .table
        .now()
        .filter(|(key, _)| key.1 == "record" && key.0.starts_with("lead#"));
    let theirs = records.filter(|(_, item)| {
        let record = crate::table::plain(&item["body"]);
        record["keys"]["email"].as_str().and_then(super::people::of_email) == Some(person.name())
    });
    theirs
        .map(|(key, _)| key.0.trim_start_matches("lead#").to_owned())
        .collect()
}

fn say(sim: &Sim, person: &Person, door: &'static str, field: Field, value: String, instead_of: Option<String>) {
    let about = ("lead", person.name());
    let said = Said {
        at_ms: sim.now_ms(),
        about,
        door,
        field: field.name,
        value,
        instead_of,
    };
    sim.history().said.push(said);
}

async fn pull(sim: &Sim, job: &str) {
    let request = Request::post(format!("/crons/{job}")).header("authorization", "Bearer local-cron-secret");
    if let Some(status @ 400..=428) = api::once(sim, request, "").await {
        sim.breach(format!("a pull by hand was refused with {status}"));
    }
}

async fn pause(sim: &Sim, system: &str, length: Duration) {
    let Ok(app) = sim.operator() else { return };
    let system = System::read(system);
    let switched = set_mode(&app, &system, Mode::Paused).await;
    tokio::time::sleep(length).await;
    if switched.is_err() || set_mode(&app, &system, Mode::On).await.is_err() {
        sim.breach(format!("{system} can't be paused"));
    }
}

async fn forge(sim: &Sim) {
    let request = Request::post("/webhooks/supabase/portal").header("x-webhook-secret", "guess");
    let body = r#"{"type":"INSERT","table":"leads","record":{"id":"f0000000-0000-4000-8000-000000000000"}}"#;
    match api::once(sim, request.header("content-type", "application/json"), body).await {
        None | Some(401 | 429 | 503) => {}
        Some(status) => sim.breach(format!("a forged webhook was answered with {status}")),
    }
}

async fn health(sim: &Sim) {
    let _ = api::once(sim, Request::get("/health"), "").await;
}
