//! Leads in the back office: found by one of three keys and patched, else inserted; unique indexes guard the rest.

use super::lead_keys::{EMAIL, PORTAL_ID, has_one, may_be};
use super::rows::{self, seen};
use super::{Job, Results, Target, WriteClass};
use crate::app::App;
use crate::config::SameEmail;
use crate::model::{Fields, Kind, System};
use crate::sync::budget::Limits;
use crate::systems::supabase::{Row, Supabase, Table};
use crate::systems::{CallError, Seen, Written};
use futures_util::future::BoxFuture;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The three keys, in the order in which they count.
const KEYS: [&str; 3] = ["zoho_lead_id", PORTAL_ID, EMAIL];

/// Leads in the back office.
#[derive(Debug)]
pub struct BackofficeLead {
    app: App,
    client: Supabase,
}

impl BackofficeLead {
    /// `None` while the back office is not configured.
    #[must_use]
    pub fn new(app: &App) -> Option<Self> {
        Some(Self {
            app: app.clone(),
            client: app.backoffice.clone()?,
        })
    }

    fn table(&self) -> Table<'_> {
        Table {
            name: &self.app.config.leads_tables.1,
            id: "id",
            modified: "updated_at",
            created: None,
        }
    }

    fn column<'a>(&'a self, field: &'a str) -> &'a str {
        let spec = self.app.kind(&Kind::LEAD).ok().and_then(|it| it.field(field));
        spec.and_then(|it| it.column(&System::BACKOFFICE)).unwrap_or(field)
    }

    fn row(&self, fields: &Fields) -> Row {
        fields
            .iter()
            .map(|(name, value)| (self.column(name).to_owned(), value.to_json()))
            .collect()
    }

    fn columns(&self) -> Vec<&str> {
        let spec = self.app.kind(&Kind::LEAD).ok();
        spec.map(|it| it.columns(&System::BACKOFFICE)).unwrap_or_default()
    }

    fn keys(&self) -> &'static [&'static str] {
        if self.app.config.same_email == SameEmail::Separate {
            &KEYS[..2]
        } else {
            &KEYS
        }
    }

    /// The keys that a row shows.
    fn shown(&self, row: &Row) -> Vec<(String, String)> {
        let shown = |key: &&str| {
            let value = row.get(self.column(key)).and_then(Json::as_str)?;
            (!value.is_empty()).then(|| ((*key).to_owned(), value.to_lowercase()))
        };
        self.keys().iter().filter_map(shown).collect()
    }

    async fn patch(&self, job: &Job) -> Result<Written, CallError> {
        let id = job.link.remote_id.as_deref().unwrap_or_default();
        self.client.update(&self.table(), id, &self.row(&job.send)).await
    }
}

impl Target for BackofficeLead {
    fn kind(&self) -> Kind {
        Kind::LEAD
    }

    fn system(&self) -> System {
        System::BACKOFFICE
    }

    fn limits(&self) -> Limits {
        rows::limits()
    }

    fn alone(&self, _job: &Job) -> bool {
        false
    }

    fn batch(&self) -> usize {
        100
    }

    /// By any of three unique columns.
    fn create_class(&self) -> WriteClass {
        WriteClass::Findable
    }

    fn units(&self, _count: usize, _writes: bool) -> u64 {
        1
    }

    async fn find(&self, jobs: &[Job]) -> Result<Vec<Vec<Seen>>, CallError> {
        let values = |key: &str| jobs.iter().flat_map(|it| texts(it, key)).collect::<Vec<_>>();
        let by: Vec<(&str, Vec<String>)> = self.keys().iter().map(|it| (self.column(it), values(it))).collect();
        let by: Vec<_> = by.into_iter().filter(|it| !it.1.is_empty()).collect();
        if by.is_empty() {
            return Ok(vec![Vec::new(); jobs.len()]);
        }
        let table = self.table();
        let rows = self.client.find(&table, &self.columns(), &by).await?;
        let seen = |row: &Row| seen(&table, row);
        let mut found = Vec::new();
        for job in jobs {
            let of = |it: &&Row| {
                let shown = self.shown(it);
                may_be(job, &shown, |key| present(job, key), |key| lower(texts(job, key)))
            };
            let own: Result<Vec<Seen>, CallError> = rows.iter().filter(of).map(seen).collect();
            found.push(own?);
        }
        Ok(found)
    }

    fn has_its_key(&self, job: &Job, seen: &Seen) -> bool {
        has_one(job, &self.shown(&seen.fields), |key| present(job, key))
    }

    fn keys_of(&self, seen: &Seen) -> Vec<(String, String)> {
        self.shown(&seen.fields)
    }

    async fn read(&self, id: &str) -> Result<Option<Seen>, CallError> {
        rows::read(&self.client, &self.table(), &self.columns(), id).await
    }

    async fn create(&self, jobs: &[Job]) -> Results {
        let rows: Vec<Row> = jobs.iter().map(|it| self.row(&it.send)).collect();
        let keys: Vec<&str> = self.keys().iter().map(|it| self.column(it)).collect();
        self.client.insert(&self.table(), &rows, &keys).await
    }

    async fn update(&self, jobs: &[Job]) -> Results {
        rows::each(jobs.iter().map(|it| Box::pin(self.patch(it)) as BoxFuture<'_, _>)).await
    }
}

/// The value of a key that the record has now.
fn present(job: &Job, key: &str) -> BTreeSet<String> {
    lower(job.wanted.get(key).and_then(|it| it.as_text()).map(str::to_owned))
}

fn lower(values: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    values.into_iter().map(|it| it.to_lowercase()).collect()
}

/// The values under which a job's row may stand.
fn texts(job: &Job, key: &str) -> Vec<String> {
    let all = job.candidates(key).into_iter();
    all.filter_map(|it| it.as_text().map(str::to_owned)).collect()
}
