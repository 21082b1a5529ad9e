//! Tables: columns, keys, defaults; and those of the portal and the back office.

/// A column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `uuid`
    Uuid,
    /// `text`
    Text,
    /// `numeric`, exact
    Numeric,
    /// `integer`, 32 bits
    Integer,
    /// `boolean`
    Boolean,
    /// `timestamptz`, to the microsecond
    Timestamp,
}

impl Kind {
    /// The name that Postgres uses in its messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Uuid => "uuid",
            Kind::Text => "text",
            Kind::Numeric => "numeric",
            Kind::Integer => "integer",
            Kind::Boolean => "boolean",
            Kind::Timestamp => "timestamp with time zone",
        }
    }
}

/// A column's default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// `gen_random_uuid()`; here from a counter.
    Uuid,
    /// `now()`
    Now,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// Whether it refuses nulls.
    pub not_null: bool,
    /// What it is when nothing is said; null without.
    pub default: Option<Default>,
}

/// A table of the schema `public`.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The columns of the primary key.
    pub primary_key: Vec<String>,
    /// Unique constraints, each a list of columns; named `table_columns_key`, as Postgres names them.
    pub unique: Vec<Vec<String>>,
    /// The column that a trigger sets to `now()` on every update.
    pub touched: Option<String>,
}

impl Table {
    /// A table with columns that take nulls; `id` is its primary key.
    pub fn new(name: &str, columns: &[(&str, Kind)]) -> Self {
        let column = |(name, kind): &(&str, Kind)| Column {
            name: (*name).to_owned(),
            kind: *kind,
            not_null: *name == "id",
            default: None,
        };
        Self {
            name: name.to_owned(),
            columns: columns.iter().map(column).collect(),
            primary_key: vec!["id".to_owned()],
            unique: Vec::new(),
            touched: None,
        }
    }

    /// The same with a unique constraint on one column.
    pub fn unique(mut self, column: &str) -> Self {
        self.unique.push(vec![column.to_owned()]);
        self
    }

    /// The same with a default for a column that then takes no nulls.
    pub fn default(mut self, column: &str, default: Default) -> Self {
        for column in self.columns.iter_mut().filter(|c| c.name == column) {
            column.default = Some(default);
            column.not_null = true;
        }
        self
    }

    /// The same with a trigger that touches a column on every update.
    pub fn touched(self, column: &str) -> Self {
        Self {
            touched: Some(column.to_owned()),
            ..self
        }
    }

    pub(crate) fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
    }
}

/// The sales portal's `leads`.
pub fn portal() -> Vec<Table> {
    use Kind::{Boolean, Integer, Numeric, Text, Timestamp, Uuid};
    let leads = [
        ("id", Uuid),
        ("full_name", Text),
        ("first_name", Text),
        ("last_name", Text),
        ("email", Text),
        ("phone", Text),
        ("street", Text),
        ("city", Text),
        ("notes", Text),
        ("status", Text),
        ("system_size_kw", Numeric),
        ("total_price", Numeric),
        ("annual_savings", Numeric),
        ("payment_method", Text),
        ("loan_term", Integer),
        ("with_battery", Boolean),
        ("battery_size_kwh", Numeric),
        ("source", Text),
        ("latitude", Numeric),
        ("longitude", Numeric),
        ("created_at", Timestamp),
        ("updated_at", Timestamp),
    ];
    vec![dated(Table::new("leads", &leads))]
}

/// The app's tables of what is billed; ids are texts, as such apps have them.
pub(super) fn app() -> Vec<Table> {
    use Kind::{Numeric, Text};
    vec![
        of_app(
            "customers",
            &[
                ("email", Text),
                ("name", Text),
                ("first_name", Text),
                ("last_name", Text),
                ("company_name", Text),
                ("phone", Text),
                ("street", Text),
                ("city", Text),
                ("state", Text),
                ("zip", Text),
                ("country", Text),
                ("currency", Text),
            ],
        ),
        of_app(
            "customer_services",
            &[
                ("customer_id", Text),
                ("plan_id", Text),
                ("status", Text),
                ("price", Numeric),
                ("start_date", Text),
                ("next_billing_date", Text),
            ],
        ),
        app_invoices(),
        app_payments(),
    ]
}

fn app_invoices() -> Table {
    use Kind::{Numeric, Text};
    of_app(
        "customer_invoices",
        &[
            ("customer_id", Text),
            ("service_id", Text),
            ("number", Text),
            ("type", Text),
            ("date", Text),
            ("due_date", Text),
            ("period_start", Text),
            ("period_end", Text),
            ("currency", Text),
            ("amount", Numeric),
            ("description", Text),
            ("lines", Text),
        ],
    )
}

fn app_payments() -> Table {
    use Kind::{Numeric, Text};
    of_app(
        "payment_transactions",
        &[
            ("customer_id", Text),
            ("invoice_id", Text),
            ("amount", Numeric),
            ("currency", Text),
            ("date", Text),
            ("method", Text),
            ("status", Text),
            ("description", Text),
        ],
    )
}

/// A table of the app's with an id, these columns, those that Concord may write, and its times.
fn of_app(name: &str, columns: &[(&str, Kind)]) -> Table {
    let own = [
        ("zoho_id", Kind::Text),
        ("zoho_status", Kind::Text),
        ("zoho_synced_at", Kind::Timestamp),
        ("zoho_error", Kind::Text),
        ("created_at", Kind::Timestamp),
        ("updated_at", Kind::Timestamp),
    ];
    dated(Table::new(name, &[&[("id", Kind::Text)], columns, &own[..]].concat()))
}

/// The back office's `leads` and, if asked for, its `sync_metadata`.
pub fn back_office(with_sync_metadata: bool) -> Vec<Table> {
    use Kind::{Boolean, Integer, Numeric, Text, Timestamp, Uuid};
    let leads = [
        ("id", Uuid),
        ("zoho_lead_id", Text),
        ("portal_lead_id", Uuid),
        ("email", Text),
        ("first_name", Text),
        ("last_name", Text),
        ("phone", Text),
        ("street", Text),
        ("city", Text),
        ("notes", Text),
        ("status", Text),
        ("system_size_kw", Numeric),
        ("total_price", Numeric),
        ("annual_savings", Numeric),
        ("payment_method", Text),
        ("loan_term", Integer),
        ("with_battery", Boolean),
        ("battery_size_kwh", Numeric),
        ("source", Text),
        ("is_gozo", Boolean),
        ("created_at", Timestamp),
        ("updated_at", Timestamp),
    ];
    let leads = Table::new("leads", &leads)
        .unique("zoho_lead_id")
        .unique("portal_lead_id")
        .unique("email");
    let mut tables = vec![dated(leads)];
    if with_sync_metadata {
        tables.push(sync_metadata());
    }
    tables
}

fn dated(table: Table) -> Table {
    let table = table.default("id", Default::Uuid).default("created_at", Default::Now);
    table.default("updated_at", Default::Now).touched("updated_at")
}

fn sync_metadata() -> Table {
    use Kind::{Integer, Text, Timestamp};
    let columns = [
        ("id", Text),
        ("job", Text),
        ("started_at", Timestamp),
        ("finished_at", Timestamp),
        ("cursor_before", Text),
        ("cursor_after", Text),
        ("read", Integer),
        ("created", Integer),
        ("updated", Integer),
        ("unchanged", Integer),
        ("held", Integer),
        ("failed", Integer),
        ("error", Text),
    ];
    Table::new("sync_metadata", &columns)
}
