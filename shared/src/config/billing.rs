//! Settings of billing: the app's tables and columns, the organisation's day, the gateways.

use super::{Calls, Reader};
use crate::billing::day;
use crate::model::Kind;
use crate::systems::http::Base;
use jiff::tz::Offset;
use secrecy::SecretString;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The app's column names that differ from ours: by kind, then by field.
pub type Columns = BTreeMap<String, BTreeMap<String, String>>;

/// The columns of the app's tables that show how a row stands in Zoho Billing; none: not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatusColumns {
    /// Zoho's id of it.
    pub remote_id: Option<String>,
    /// `pending`, `synced`, `skipped`, `held` or `failed`.
    pub status: Option<String>,
    /// When Zoho last agreed.
    pub last_synced: Option<String>,
    /// What last went wrong.
    pub last_error: Option<String>,
}

impl StatusColumns {
    /// Whether nothing is written back.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What is configured of billing beside Zoho's own settings.
#[derive(Clone, Debug)]
pub struct BillingConfig {
    /// The organisation's offset from UTC: it decides which day it is.
    pub offset: Offset,
    /// The app's column names that differ from ours.
    pub columns: Columns,
    /// The app's tables, by kind; a kind without one comes by the API only.
    pub tables: Vec<(Kind, String)>,
    /// The columns that are written back into those tables.
    pub status_columns: StatusColumns,
    /// How many calls Zoho Billing takes.
    pub calls: Calls,
    /// Secret of the app's database webhooks.
    pub app_webhook_secret: Option<SecretString>,
    /// Secret header of Zoho Billing's webhooks.
    pub zoho_webhook_secret: Option<SecretString>,
    /// Secrets of Stripe's webhooks, comma-joined while one is replaced.
    pub stripe_webhook_secret: Option<SecretString>,
    /// Where Netcash is asked for a transaction.
    pub netcash: Option<Base>,
    /// Where a buyer's browser is sent that comes with Netcash's postback.
    pub return_url: Option<String>,
}

/// The tables' names where nothing else is set. Products and plans have none: they come by the API.
const TABLES: [(Kind, &str); 6] = [
    (Kind::CUSTOMER, "customers"),
    (Kind::PRODUCT, ""),
    (Kind::PLAN, ""),
    (Kind::SERVICE, "customer_services"),
    (Kind::INVOICE, "customer_invoices"),
    (Kind::PAYMENT, "payment_transactions"),
];

impl BillingConfig {
    /// The app's table of a kind.
    #[must_use]
    pub fn table(&self, kind: &Kind) -> Option<&str> {
        let found = self.tables.iter().find(|it| it.0 == *kind);
        found.map(|it| it.1.as_str())
    }

    /// The kind that one of the app's tables holds.
    #[must_use]
    pub fn kind_of(&self, table: &str) -> Option<&Kind> {
        self.tables.iter().find(|it| it.1 == table).map(|it| &it.0)
    }
}

impl Reader<'_> {
    pub(super) fn billing(&mut self) -> BillingConfig {
        BillingConfig {
            offset: self
                .parsed("BILLING_UTC_OFFSET", "+02:00", day::offset)
                .unwrap_or(Offset::UTC),
            columns: self.columns(),
            tables: self.tables(),
            status_columns: self.status_columns(),
            calls: self.billing_calls(),
            app_webhook_secret: self.secret("APP_WEBHOOK_SECRET"),
            zoho_webhook_secret: self.secret("ZOHO_BILLING_WEBHOOK_SECRET"),
            stripe_webhook_secret: self.secret("STRIPE_WEBHOOK_SECRET"),
            netcash: self.netcash(),
            return_url: self.get("NETCASH_RETURN_URL"),
        }
    }

    fn tables(&mut self) -> Vec<(Kind, String)> {
        const NAME: &str = "APP_TABLES";
        let own: BTreeMap<String, String> = match self.get(NAME).map(|it| serde_json::from_str(&it)) {
            None => BTreeMap::new(),
            Some(Ok(own)) => own,
            Some(Err(why)) => {
                self.mistake(NAME, &format!("is no JSON object of tables by kind: {why}"));
                BTreeMap::new()
            }
        };
        if let Some(other) = own
            .keys()
            .find(|it| TABLES.iter().all(|known| known.0.as_str() != it.as_str()))
        {
            self.mistake(NAME, &format!("{other:?} is no kind that is billed"));
        }
        let table = |(kind, usual): &(Kind, &str)| {
            let table = own.get(kind.as_str()).map_or(*usual, String::as_str);
            (!table.is_empty()).then(|| (kind.clone(), table.to_owned()))
        };
        TABLES.iter().filter_map(table).collect()
    }

    fn netcash(&mut self) -> Option<Base> {
        const NAME: &str = "NETCASH_URL";
        let url = self.or(NAME, "https://ws.netcash.co.za");
        self.base(NAME, &url)
    }

    fn status_columns(&mut self) -> StatusColumns {
        const NAME: &str = "APP_STATUS_COLUMNS";
        let Some(columns) = self.get(NAME) else {
            return StatusColumns::default();
        };
        serde_json::from_str(&columns).unwrap_or_else(|why| {
            self.mistake(NAME, &format!("is no JSON object of columns: {why}"));
            StatusColumns::default()
        })
    }

    fn columns(&mut self) -> Columns {
        const NAME: &str = "APP_COLUMNS";
        let Some(table) = self.get(NAME) else {
            return Columns::new();
        };
        serde_json::from_str(&table).unwrap_or_else(|why| {
            self.mistake(
                NAME,
                &format!("is no JSON object of kinds, each with names of columns: {why}"),
            );
            Columns::new()
        })
    }
}
