//! The fields of what is billed: customers, products, plans, services, invoices, payments.
//!
//! The app owns them all; Zoho Billing follows, one way. Its column names are those of our own flat view of its objects
//! (`target/billing/view.rs`): what Zoho nests stands there side by side. A field without a column there decides how it
//! is written, and is not compared.

use super::{FieldSpec, KindSpec, Origin, Owner, Parent, Route, Says, Shape};
use crate::config::{BillingConfig, Columns, StatusColumns};
use crate::model::{Class, Kind, System};

/// The key under which the app knows a record: the record's own id.
pub const APP_ID: &str = "app_id";
/// The key that names the product of an invoice's type.
pub const PRODUCT_KEY: &str = "product_id";
/// The key under which a gateway knows a payment: `netcash:…`, `stripe:…`.
pub const GATEWAY_KEY: &str = "gateway";

/// The six kinds, with what differs in this business: the app's column names, and what is written back to it.
#[must_use]
pub fn billing(config: &BillingConfig) -> Vec<KindSpec> {
    let mut kinds =
        [payment(), invoice(), service(), plan(), product(), customer()].map(|spec| renamed(spec, &config.columns));
    if !config.status_columns.is_empty() {
        let in_tables = kinds.iter_mut().filter(|it| config.table(&it.kind).is_some());
        in_tables.for_each(|it| write_back(it, &config.status_columns));
    }
    kinds.into()
}

/// What the app is shown of a record in Zoho Billing. Its route comes last: what the others come to is known by then.
fn write_back(spec: &mut KindSpec, columns: &StatusColumns) {
    const OF: &str = "zoho_billing";
    let shown = [
        ("zoho_billing_id", Origin::RemoteId(OF), &columns.remote_id),
        (
            "zoho_billing_status",
            Origin::Standing(OF, Says::Status),
            &columns.status,
        ),
        (
            "zoho_billing_synced",
            Origin::Standing(OF, Says::SyncedAt),
            &columns.last_synced,
        ),
        (
            "zoho_billing_error",
            Origin::Standing(OF, Says::Error),
            &columns.last_error,
        ),
    ];
    for (name, origin, column) in shown {
        spec.fields.extend(column.iter().map(|it| FieldSpec {
            columns: vec![(System::APP_STATUS, it.clone())],
            ..decides(name, Shape::Text, origin)
        }));
    }
    spec.routes.push(route(System::APP_STATUS, true, Vec::new()));
}

fn renamed(mut spec: KindSpec, names: &Columns) -> KindSpec {
    let Some(names) = names.get(spec.kind.as_str()) else {
        return spec;
    };
    for field in &mut spec.fields {
        let Some(name) = names.get(field.name) else { continue };
        field.columns.retain(|it| it.0 != System::APP);
        field.columns.push((System::APP, name.clone()));
    }
    spec
}

fn payment() -> KindSpec {
    use Shape::{Date, Money, Text};
    let parents = vec![
        Parent::needed(Kind::CUSTOMER, "customer_id"),
        Parent {
            // Zoho makes the recurring invoices itself, of the subscription.
            instead: Some((Kind::SERVICE, "service_id")),
            ..Parent::of(Kind::INVOICE, "invoice_id")
        },
    ];
    let fields = vec![
        decides(APP_ID, Text, Origin::Key),
        // Whose it is and what it pays: one that is recorded and then moved is a person's.
        shown("customer_id", Text, Origin::Key),
        shown("invoice_id", Text, Origin::Key),
        shown("amount", Money, Origin::Field),
        decides("currency", Text, Origin::Field),
        shown("date", Date, Origin::Field),
        shown("method", Text, Origin::Field),
        shown("status", Text, Origin::Field),
        decides("description", Text, Origin::Field),
        // A gateway and its transaction: said by the gateway.
        FieldSpec {
            columns: Vec::new(),
            ..decides(GATEWAY_KEY, Text, Origin::Key)
        },
    ];
    kind(Kind::PAYMENT, Class(1), 4, fields, parents)
}

fn invoice() -> KindSpec {
    use Shape::{Date, Lines, Money, Text};
    let parents = vec![
        Parent::needed(Kind::CUSTOMER, "customer_id"),
        Parent::needed(Kind::PRODUCT, PRODUCT_KEY),
        // A recurring invoice's: it stays here, and its payment goes by the service.
        Parent::named(Kind::SERVICE, "service_id"),
    ];
    let fields = vec![
        decides(APP_ID, Text, Origin::Key),
        shown("customer_id", Text, Origin::Key),
        decides("service_id", Text, Origin::Key),
        // It follows from the type: the app says nothing of it.
        FieldSpec {
            columns: vec![(System::ZOHO_BILLING, PRODUCT_KEY.to_owned())],
            ..decides(PRODUCT_KEY, Text, Origin::Key)
        },
        shown("number", Text, Origin::Field),
        decides("type", Text, Origin::Field),
        shown("date", Date, Origin::Field),
        shown("due_date", Date, Origin::Field),
        decides("period_start", Date, Origin::Field),
        decides("period_end", Date, Origin::Field),
        decides("currency", Text, Origin::Field),
        decides("amount", Money, Origin::Field),
        decides("description", Text, Origin::Field),
        shown("lines", Lines, Origin::Field),
    ];
    kind(Kind::INVOICE, Class(2), 2, fields, parents)
}

fn service() -> KindSpec {
    use Shape::{Date, Money, Status, Text};
    let parents = vec![
        Parent::needed(Kind::CUSTOMER, "customer_id"),
        Parent::needed(Kind::PLAN, "plan_id"),
    ];
    let fields = vec![
        decides(APP_ID, Text, Origin::Key),
        decides("customer_id", Text, Origin::Key),
        shown("plan_id", Text, Origin::Key),
        shown("status", Status, Origin::Field),
        shown("price", Money, Origin::Field),
        decides("start_date", Date, Origin::Field),
        decides("next_billing_date", Date, Origin::Field),
    ];
    kind(Kind::SERVICE, Class(3), 2, fields, parents)
}

fn plan() -> KindSpec {
    use Shape::{Money, Text};
    let fields = vec![
        decides(APP_ID, Text, Origin::Key),
        decides("product_id", Text, Origin::Key),
        shown("name", Text, Origin::Field),
        shown("price", Money, Origin::Field),
        shown("description", Text, Origin::Field),
        decides("published", Shape::Boolean, Origin::Field),
    ];
    let parents = vec![Parent::needed(Kind::PRODUCT, "product_id")];
    kind(Kind::PLAN, Class(4), 1, fields, parents)
}

fn product() -> KindSpec {
    let fields = vec![
        decides(APP_ID, Shape::Text, Origin::Key),
        shown("name", Shape::Text, Origin::Field),
        shown("description", Shape::Text, Origin::Field),
        decides("published", Shape::Boolean, Origin::Field),
    ];
    kind(Kind::PRODUCT, Class(5), 1, fields, Vec::new())
}

fn customer() -> KindSpec {
    use Shape::{Email, Text};
    let mut fields = vec![
        shown(APP_ID, Text, Origin::Key),
        shown("email", Email, Origin::Field),
        shown("name", Text, Origin::Field),
    ];
    let texts = [
        "first_name",
        "last_name",
        "company_name",
        "phone",
        "street",
        "city",
        "state",
        "zip",
        "country",
        "currency",
    ];
    fields.extend(texts.map(|it| shown(it, Text, Origin::Field)));
    kind(Kind::CUSTOMER, Class(6), 1, fields, Vec::new())
}

/// A field that Zoho Billing holds.
fn shown(name: &'static str, shape: Shape, origin: Origin) -> FieldSpec {
    let columns = vec![(System::APP, name.to_owned()), (System::ZOHO_BILLING, name.to_owned())];
    FieldSpec {
        columns,
        ..decides(name, shape, origin)
    }
}

/// A field that decides how its record is written.
fn decides(name: &'static str, shape: Shape, origin: Origin) -> FieldSpec {
    FieldSpec {
        name,
        shape,
        owner: Owner::Is(System::APP),
        clears: true,
        origin,
        columns: vec![(System::APP, name.to_owned())],
    }
}

fn kind(kind: Kind, class: Class, calls: usize, fields: Vec<FieldSpec>, parents: Vec<Parent>) -> KindSpec {
    let routes = vec![
        route(System::APP, false, Vec::new()),
        route(System::ZOHO_BILLING, true, parents),
    ];
    KindSpec {
        kind,
        fields,
        routes,
        class,
        calls,
    }
}

fn route(system: System, written: bool, parents: Vec<Parent>) -> Route {
    Route {
        system,
        written,
        source: !written,
        parents,
    }
}
