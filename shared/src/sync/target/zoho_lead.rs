//! Leads in Zoho CRM: bulk look-up by COQL, upsert of up to 100 with an explicit duplicate check, update by id.

mod key;
mod values;

use super::lead_keys::{EMAIL, PORTAL_ID, has_one, may_be};
use super::{Job, Results, Standing, Target, WriteClass};
use crate::app::App;
use crate::config::SameEmail;
use crate::lead::contact;
use crate::model::{Arrival, Fields, Kind, Patch, System, Value};
use crate::sync::budget::{Limit, Limits};
use crate::sync::fields::{Origin, Owner, read_row};
use crate::sync::token::Tokens;
use crate::systems::zoho_accounts::Access;
use crate::systems::zoho_crm::ZohoCrm;
use crate::systems::zoho_crm::limits::{READ_CREDITS, RECORDS_PER_CALL, VALUES_PER_QUERY, write_credits};
use crate::systems::{CallError, Seen, Write};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::time::Duration;
use values::{as_key, possible, present};

const MODULE: &str = "Leads";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Leads in Zoho CRM.
#[derive(Debug)]
pub struct ZohoLead {
    pub(super) app: App,
    pub(super) client: ZohoCrm,
    pub(super) tokens: Tokens,
}

impl ZohoLead {
    /// `None` while Zoho CRM is not configured.
    #[must_use]
    pub fn new(app: &App) -> Option<Self> {
        let (client, tokens) = app.zoho_crm.clone()?;
        Some(Self {
            app: app.clone(),
            client,
            tokens,
        })
    }

    /// Zoho's names of the fields that we read.
    pub(crate) fn columns(&self) -> Vec<String> {
        let spec = self.app.kind(&Kind::LEAD).ok();
        spec.map(|it| it.columns(&System::ZOHO_CRM))
            .unwrap_or_default()
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    fn column(&self, field: &str) -> String {
        let spec = self.app.kind(&Kind::LEAD).ok().and_then(|it| it.field(field));
        spec.and_then(|it| it.column(&System::ZOHO_CRM))
            .unwrap_or(field)
            .to_owned()
    }

    fn row(&self, fields: &Fields) -> Map<String, Json> {
        fields
            .iter()
            .map(|(name, value)| (self.column(name), value.to_json()))
            .collect()
    }

    fn writes(&self, jobs: &[Job]) -> Vec<Write> {
        jobs.iter()
            .map(|it| Write {
                id: it.link.remote_id.clone(),
                fields: self.row(&it.send),
            })
            .collect()
    }

    /// The keys by which leads are looked up.
    fn key_names(&self) -> &'static [&'static str] {
        match self.app.config.same_email == SameEmail::Separate {
            true => &[PORTAL_ID],
            false => &[PORTAL_ID, EMAIL],
        }
    }

    fn lookup(&self, jobs: &[Job]) -> Vec<(String, Vec<String>)> {
        let values = |key: &str| jobs.iter().flat_map(|it| possible(it, key)).collect::<Vec<_>>();
        let mut by: Vec<_> = self
            .key_names()
            .iter()
            .map(|it| (self.column(it), values(it)))
            .collect();
        by.retain(|it| !it.1.is_empty());
        by
    }
}

impl Target for ZohoLead {
    fn kind(&self) -> Kind {
        Kind::LEAD
    }

    fn system(&self) -> System {
        System::ZOHO_CRM
    }

    fn limits(&self) -> Limits {
        let day = |allowed| Limit {
            name: "day",
            window: DAY,
            allowed,
        };
        let windows = self.app.config.zoho_daily_credits.map(day).into_iter().collect();
        Limits {
            windows,
            concurrency: self.app.config.zoho_concurrency,
        }
    }

    fn batch(&self) -> usize {
        RECORDS_PER_CALL
    }

    /// Upsert on `Portal_Lead_ID`, which is ours and unique, or on the e-mail (docs/vendors.md §1.9).
    fn create_class(&self) -> WriteClass {
        WriteClass::Keyed
    }

    fn units(&self, count: usize, writes: bool) -> u64 {
        if writes {
            return write_credits(count);
        }
        // One query per so many values of each of two keys.
        READ_CREDITS * 2 * u64::try_from(count.div_ceil(VALUES_PER_QUERY)).unwrap_or(1)
    }

    async fn find(&self, jobs: &[Job]) -> Result<Vec<Vec<Seen>>, CallError> {
        let (columns, by) = (self.columns(), self.lookup(jobs));
        if by.is_empty() {
            return Ok(vec![Vec::new(); jobs.len()]);
        }
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let by: Vec<(&str, Vec<String>)> = by
            .iter()
            .map(|(name, values)| (name.as_str(), values.clone()))
            .collect();
        let (columns, by, asked) = (&columns, &by, self.app.clock.now());
        let rows = self
            .ask(|client, access| async move { client.find(&access, MODULE, columns, by).await })
            .await?;
        let rows: Vec<Seen> = rows.into_iter().map(|it| it.asked_at(asked)).collect();
        let is_of = |job: &Job, seen: &Seen| {
            let shown = self.keys_of(seen);
            may_be(job, &shown, |key| present(job, key), |key| possible(job, key))
        };
        let of = |job| rows.iter().filter(move |it| is_of(job, it)).cloned();
        Ok(jobs.iter().map(|job| of(job).collect()).collect())
    }

    fn has_its_key(&self, job: &Job, seen: &Seen) -> bool {
        has_one(job, &self.keys_of(seen), |key| present(job, key))
    }

    fn keys_of(&self, seen: &Seen) -> Vec<(String, String)> {
        let shown = |key: &&str| {
            let value = seen.fields.get(&self.column(key)).and_then(Json::as_str)?;
            Some(((*key).to_owned(), as_key(key, value)?))
        };
        self.key_names().iter().filter_map(shown).collect()
    }

    async fn read(&self, id: &str) -> Result<Option<Seen>, CallError> {
        let (columns, ids) = (self.columns(), [id.to_owned()]);
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let (columns, ids, asked) = (&columns, &ids, self.app.clock.now());
        let rows = self
            .ask(|client, access| async move { client.read(&access, MODULE, columns, ids).await })
            .await?;
        Ok(rows.into_iter().next().map(|it| it.asked_at(asked)))
    }

    async fn create(&self, jobs: &[Job]) -> Results {
        let checks = [self.column(PORTAL_ID), self.column(EMAIL)];
        let checks: Vec<&str> = checks.iter().map(String::as_str).collect();
        let by_email = jobs.iter().all(Job::by_email) && self.app.config.same_email != SameEmail::Separate;
        let checks = if by_email { &checks[..] } else { &checks[..1] };
        let trigger = self.app.config.new_lead_triggers.as_deref();
        let writes = &self.writes(jobs);
        self.ask(|client, access| async move { client.upsert(&access, MODULE, writes, checks, trigger).await })
            .await
    }

    async fn update(&self, jobs: &[Job]) -> Results {
        let writes = &self.writes(jobs);
        if let [job] = jobs
            && self.alone(job)
        {
            let since = job.link.receipt.modified;
            let write = &writes[0];
            let call = |client: ZohoCrm, access: Access| async move {
                client.update_one(&access, MODULE, write, since, Some(&[])).await
            };
            return Ok(vec![self.ask(call).await]);
        }
        self.ask(|client, access| async move { client.update(&access, MODULE, writes, Some(&[])).await })
            .await
    }

    /// Fields that people change in Zoho, too, go under `If-Unmodified-Since`.
    fn alone(&self, job: &Job) -> bool {
        let shared_field = |name: &String| {
            let spec = self.app.kind(&Kind::LEAD).ok().and_then(|it| it.field(name));
            spec.is_some_and(|it| it.origin == Origin::Field && it.owner != Owner::Is(System::PORTAL))
        };
        job.link.remote_id.is_some() && job.send.keys().any(shared_field)
    }

    async fn standing(&self) -> anyhow::Result<Standing> {
        self.key_standing().await
    }

    async fn check(&self) -> anyhow::Result<Result<(), CallError>> {
        self.check_key().await
    }
}

/// What Zoho's row says, as an arrival.
///
/// # Errors
/// Names the field that can't be read.
pub fn arrival(app: &App, seen: &Seen) -> Result<Arrival, String> {
    let spec = app.kind(&Kind::LEAD).map_err(|it| it.to_string())?;
    let fields = read_row(spec, &System::ZOHO_CRM, &seen.fields)?;
    let column = |name: &str| {
        spec.field(name)
            .and_then(|it| it.column(&System::ZOHO_CRM))
            .unwrap_or_default()
            .to_owned()
    };
    let shown = |name: &str| {
        seen.fields
            .get(&column(name))
            .and_then(Json::as_str)
            .map(str::trim)
            .filter(|it| !it.is_empty())
    };
    let mut keys = vec![("zoho_lead_id".to_owned(), seen.id.clone())];
    keys.extend(shown("portal_lead_id").map(|it| ("portal_lead_id".to_owned(), it.to_lowercase())));
    keys.extend(
        shown("email")
            .and_then(contact::email)
            .map(|it| ("email".to_owned(), it)),
    );
    Ok(Arrival {
        source: System::ZOHO_CRM,
        kind: Kind::LEAD,
        source_id: Some(seen.id.clone()),
        keys,
        fields: with_key_shown(fields, shown("portal_lead_id")),
        modified: seen.modified,
        made: seen.created,
        asked: seen.asked,
        confirmed: true,
        new_id: None,
    })
}

/// The portal's id as Zoho shows it belongs to the receipt, though it is no field of the record.
fn with_key_shown(mut fields: BTreeMap<String, Patch>, shown: Option<&str>) -> BTreeMap<String, Patch> {
    let value = shown.map_or(Value::Empty, Value::text);
    fields.insert("portal_lead_id".to_owned(), Patch::from(value));
    fields
}
