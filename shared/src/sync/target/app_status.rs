//! What the app's own tables are told of their rows: the columns in which they show how they stand in Zoho Billing.
//!
//! Only rows that are there are written to: a record that came by the API may have none.

use super::{Job, Results, Target, WriteClass, rows};
use crate::app::App;
use crate::model::{Kind, System};
use crate::sync::budget::Limits;
use crate::sync::fields::APP_ID;
use crate::sync::pull::app_table;
use crate::systems::supabase::{Row, Supabase, Table};
use crate::systems::{CallError, Seen, Written};
use futures_util::future::BoxFuture;

/// Postgres's "invalid text representation" (docs/vendors.md §4.4).
const NOT_OF_THE_TYPE: &str = "22P02";

/// One kind's rows in the app.
#[derive(Debug)]
pub struct AppStatus {
    app: App,
    client: Supabase,
    kind: Kind,
}

impl AppStatus {
    /// One for each kind that has a table; none while nothing is written back.
    #[must_use]
    pub fn all(app: &App) -> Vec<Self> {
        let client = app.app.clone().filter(|_| app.is_configured(&System::APP_STATUS));
        let Some(client) = client else { return Vec::new() };
        let of = |(kind, _): &(Kind, String)| Self {
            app: app.clone(),
            client: client.clone(),
            kind: kind.clone(),
        };
        app.config.billing.tables.iter().map(of).collect()
    }

    fn table(&self) -> Result<Table<'_>, CallError> {
        let found = app_table(&self.app, &self.kind);
        found.ok_or_else(|| CallError::Rejected("the app has no table of this kind".to_owned()))
    }

    fn columns(&self) -> Vec<&str> {
        let spec = self.app.kind(&self.kind).ok();
        spec.map(|it| it.columns(&System::APP_STATUS)).unwrap_or_default()
    }

    /// All of the columns: they may be called otherwise since they were last written.
    fn row(&self, job: &Job) -> Row {
        let spec = self.app.kind(&self.kind).ok();
        let column = |name: &str| spec?.field(name)?.column(&System::APP_STATUS).map(str::to_owned);
        let shown = job.wanted.iter();
        shown
            .filter_map(|(name, value)| Some((column(name)?, value.to_json())))
            .collect()
    }

    async fn patch(&self, job: &Job) -> Result<Written, CallError> {
        let id = job.link.remote_id.as_deref().unwrap_or_default();
        self.client.update(&self.table()?, id, &self.row(job)).await
    }
}

impl Target for AppStatus {
    fn kind(&self) -> Kind {
        self.kind.clone()
    }

    fn system(&self) -> System {
        System::APP_STATUS
    }

    fn limits(&self) -> Limits {
        rows::limits()
    }

    /// As many as go at once, so that each such call has a slot and time of its own.
    fn alone(&self, _job: &Job) -> bool {
        false
    }

    fn batch(&self) -> usize {
        rows::AT_ONCE
    }

    fn create_class(&self) -> WriteClass {
        WriteClass::Findable
    }

    fn units(&self, _count: usize, _writes: bool) -> u64 {
        1
    }

    async fn find(&self, jobs: &[Job]) -> Result<Vec<Vec<Seen>>, CallError> {
        let table = self.table()?;
        let ids: Vec<String> = jobs.iter().filter_map(own_id).cloned().collect();
        let found = match self.client.by_id(&table, &self.columns(), &ids).await {
            // An id of ours that is none of that column's type: no row has it. Asked with others it fails them all, and
            // each is asked for alone.
            Err(CallError::Rejected(why)) if ids.len() == 1 && why.contains(NOT_OF_THE_TYPE) => Vec::new(),
            found => found?,
        };
        let seen = found.iter().map(|row| rows::seen(&table, row));
        let seen = seen.collect::<Result<Vec<Seen>, CallError>>()?;
        let of = |job: &Job| seen.iter().filter(|it| own_id(job) == Some(&it.id)).cloned().collect();
        Ok(jobs.iter().map(of).collect())
    }

    async fn read(&self, id: &str) -> Result<Option<Seen>, CallError> {
        rows::read(&self.client, &self.table()?, &self.columns(), id).await
    }

    /// The rows are the app's to make.
    async fn create(&self, jobs: &[Job]) -> Results {
        let none = |_: &Job| Err(CallError::Gone("no row has this id".to_owned()));
        Ok(jobs.iter().map(none).collect())
    }

    async fn update(&self, jobs: &[Job]) -> Results {
        rows::each(jobs.iter().map(|it| Box::pin(self.patch(it)) as BoxFuture<'_, _>)).await
    }
}

/// The row's own id.
fn own_id(job: &Job) -> Option<&String> {
    job.record.keys.get(APP_ID)
}
