//! `concord resolve`: settle what is held.

use crate::report::Report;
use anyhow::{Context as _, Result, bail};
use jiff::tz::TimeZone;
use serde::Serialize;
use shared::app::App;
use shared::model::{Link, RecordKey, System};
use shared::sync::find::{find, find_record};
use shared::sync::resolve::{Decision, FieldChoice, Placed, decide, place, settle, waiting};

/// What to settle, and how.
#[derive(Clone, Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("decision").required(true).args(["chosen", "new", "drop"]))]
pub struct Args {
    /// A record (its id, KIND#ID, the portal's lead id, an id of Zoho's), or a held arrival: the source's row id, or
    /// SOURCE/ROW.
    pub record: String,
    /// The system in which the record waits.
    #[arg(long)]
    pub system: Option<String>,
    /// A link: it is the object with this id there. An arrival: it is this record. A field: ours, theirs, or a value.
    #[arg(long = "as", value_name = "ID")]
    pub chosen: Option<String>,
    /// It is none of those that were found: make a new one.
    #[arg(long, conflicts_with = "field")]
    pub new: bool,
    /// Leave it out.
    #[arg(long, conflicts_with = "field")]
    pub drop: bool,
    /// An arrival of a payment gateway: take its sum where the payment's is another, after both were shown.
    #[arg(long, requires = "chosen", conflicts_with_all = ["field", "system"])]
    pub yes: bool,
    /// Settle this held field of the record in --system.
    #[arg(long, requires = "system", requires = "chosen")]
    pub field: Option<String>,
}

/// What was settled.
#[derive(Clone, Debug, Serialize)]
pub struct Resolved {
    /// `link`, `arrival` or `field`.
    pub what: &'static str,
    /// The record, if there is one now.
    pub record: Option<String>,
    /// The system, or the source of the arrival.
    pub system: String,
    /// How it stands now.
    pub now: String,
    /// What happens next, in words.
    pub next: String,
}

/// Settles it.
///
/// # Errors
/// When nothing of that name is held, or the decision contradicts what is known: one line.
pub async fn run(app: &App, args: &Args) -> Result<Resolved> {
    if let Some(field) = &args.field {
        return of_field(app, args, field).await;
    }
    let decision = match &args.chosen {
        Some(id) => Decision::As(id.clone()),
        None if args.new => Decision::New,
        None => Decision::Drop,
    };
    let found = find(app, &args.record).await?;
    match (&args.system, found.arrival, found.record) {
        (None, Some((source, row)), _) | (Some(_), Some((source, row)), None) => {
            of_arrival(app, &source, &row, &decision, args.yes).await
        }
        (Some(system), _, Some(record)) => of_link(app, &record, &System::read(system), &decision).await,
        (None, None, Some(record)) => {
            let system = the_one(app, &record).await?;
            of_link(app, &record, &system, &decision).await
        }
        (Some(_), None, None) | (None, None, None) => bail!("{}: is not known", args.record),
    }
}

/// The one system in which the record waits.
async fn the_one(app: &App, record: &RecordKey) -> Result<System> {
    let mut systems = waiting(app, record).await?;
    if systems.len() > 1 {
        let names: Vec<&str> = systems.iter().map(System::as_str).collect();
        bail!("{record}: waits in {}; say --system", names.join(" and "));
    }
    match systems.pop() {
        Some(system) => Ok(system),
        None => bail!(
            "{record}: nothing of it waits for a decision{}",
            fields(app, record).await?
        ),
    }
}

/// A held field is settled in another way: it is said how.
async fn fields(app: &App, record: &RecordKey) -> Result<String> {
    let links = app.store.list::<Link>(&record.to_string(), "link#", 100).await?;
    let held = links.iter().find_map(|it| {
        let field = it.1.body.held_fields.keys().next()?;
        Some((it.1.body.system.clone(), field.clone()))
    });
    Ok(held.map_or_else(String::new, |(system, field)| {
        format!("; its field {field} does: --system {system} --field {field} --as ours, theirs or a value")
    }))
}

async fn of_link(app: &App, record: &RecordKey, system: &System, decision: &Decision) -> Result<Resolved> {
    let link = decide(app, record, system, decision).await?;
    let next = match decision {
        Decision::As(id) => format!("{id} is read, then brought up to the record, within a minute"),
        Decision::New => "a new one is made within a minute".to_owned(),
        Decision::Drop => "it stays out, whatever changes, until another decision".to_owned(),
    };
    Ok(Resolved {
        what: "link",
        record: Some(record.to_string()),
        system: system.to_string(),
        now: link.status.as_str().to_owned(),
        next,
    })
}

async fn of_arrival(app: &App, source: &str, row: &str, decision: &Decision, sure: bool) -> Result<Resolved> {
    let placed = place(app, source, row, decision, sure).await?;
    let (record, now, next) = match placed {
        Placed::Accepted { record, new: true } => (Some(record), "accepted", "a new record; its later versions follow"),
        Placed::Accepted { record, .. } => (Some(record), "accepted", "its later versions go to the same record"),
        Placed::Later { record } => (
            Some(record),
            "waits",
            "it is read again when the call under way has ended",
        ),
        Placed::Dropped => (
            None,
            "dropped",
            "its later versions are left out while they ask the same question",
        ),
    };
    Ok(Resolved {
        what: "arrival",
        record,
        system: source.to_owned(),
        now: now.to_owned(),
        next: next.to_owned(),
    })
}

async fn of_field(app: &App, args: &Args, field: &str) -> Result<Resolved> {
    let record = find_record(app, &args.record).await?;
    let system = System::read(args.system.as_deref().context("--system: is missing")?);
    let choice = match args.chosen.as_deref().context("--as: is missing")? {
        "ours" => FieldChoice::Ours,
        "theirs" => FieldChoice::Theirs,
        value => FieldChoice::Is(value.to_owned()),
    };
    let settled = settle(app, &record, &system, field, &choice).await?;
    Ok(Resolved {
        what: "field",
        record: Some(record.to_string()),
        system: system.to_string(),
        now: format!("{field} is {}", settled.value),
        next: "systems that show another value are sent this one within a minute".to_owned(),
    })
}

impl Report for Resolved {
    fn text(&self, _: TimeZone) -> String {
        let record = self.record.as_deref().unwrap_or("no record");
        format!(
            "{} of {record} in {}: {}; {}",
            self.what, self.system, self.now, self.next
        )
    }
}
