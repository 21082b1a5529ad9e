//! Which operation a request means, and which scope it needs (docs/vendors.md §2.4).

use http::Method;

use super::error::Failure;
use super::kinds::{KINDS, Kind};
use super::value::is_id;
use crate::accounts::{self, Ask};

/// An operation of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Accounts(Ask),
    List(Kind),
    Get(Kind, String),
    Create(Kind),
    Update(Kind, String),
    /// Marks as active or not.
    Mark(Kind, String, bool),
    CustomerOfCrm(String),
    Cancel(String),
    Reactivate(String),
    OpenInvoice(String),
    VoidInvoice(String),
    Transactions,
    Events,
    Event(String),
}

const BILLING: &str = "/billing/v1/";

/// Documented, and not played: what they would answer is nothing that a client here asks for.
const NOT_PLAYED: [&str; 8] = [
    "addons",
    "coupons",
    "creditnotes",
    "expenses",
    "hostedpages",
    "quotes",
    "settings",
    "unbilledcharges",
];

/// Finds the operation.
pub(crate) fn route(method: &Method, path: &str) -> Result<Route, Failure> {
    let wrong_method = || Failure::status(405, "The requested method is not supported");
    if let Some(ask) = accounts::route(method, path) {
        return ask.map(Route::Accounts).map_err(|()| wrong_method());
    }
    let nowhere = || Failure::status(404, "Invalid URL Passed");
    let path = path.strip_prefix(BILLING).ok_or_else(nowhere)?;
    let parts: Vec<&str> = path.split('/').collect();
    match (parts.as_slice(), method.as_str()) {
        (["transactions"], "GET") => Ok(Route::Transactions),
        (["events"], "GET") => Ok(Route::Events),
        (["events", id], "GET") if is_id(id) => Ok(Route::Event((*id).to_owned())),
        (["transactions"] | ["events", ..], _) => Err(wrong_method()),
        (["customers", "reference", id], "GET") => Ok(Route::CustomerOfCrm((*id).to_owned())),
        ([first, ..], _) if NOT_PLAYED.contains(first) => Err(Failure::not_played(first)),
        ([first, rest @ ..], method) => {
            let kind = KINDS.into_iter().find(|kind| kind.names().many == *first);
            of_kind(kind.ok_or_else(nowhere)?, rest, method)
        }
        _ => Err(nowhere()),
    }
}

fn of_kind(kind: Kind, rest: &[&str], method: &str) -> Result<Route, Failure> {
    let owned = |id: &str| id.to_owned();
    match (rest, method) {
        // Payments have no list (docs/vendors.md §2.4).
        ([], "GET") if kind != Kind::Payment => Ok(Route::List(kind)),
        ([], "POST") => Ok(Route::Create(kind)),
        ([id], "GET") if names(kind, id) => Ok(Route::Get(kind, owned(id))),
        ([id], "PUT") if names(kind, id) => Ok(Route::Update(kind, owned(id))),
        ([id], "DELETE") if names(kind, id) => Err(Failure::not_played("deleting")),
        ([id, action], "POST") if names(kind, id) => act(kind, id, action),
        ([] | [_], _) => Err(Failure::status(405, "The requested method is not supported")),
        _ => Err(Failure::status(404, "Invalid URL Passed")),
    }
}

fn act(kind: Kind, id: &str, action: &str) -> Result<Route, Failure> {
    let id = id.to_owned();
    match (kind, action) {
        (Kind::Customer | Kind::Product | Kind::Plan, "markasactive") => Ok(Route::Mark(kind, id, true)),
        (Kind::Customer | Kind::Product | Kind::Plan, "markasinactive") => Ok(Route::Mark(kind, id, false)),
        (Kind::Subscription, "cancel") => Ok(Route::Cancel(id)),
        (Kind::Subscription, "reactivate") => Ok(Route::Reactivate(id)),
        (Kind::Invoice, "converttoopen") => Ok(Route::OpenInvoice(id)),
        (Kind::Invoice, "void") => Ok(Route::VoidInvoice(id)),
        (Kind::Subscription, "charge" | "postpone" | "autocollect" | "reference" | "customfields")
        | (Kind::Invoice, "email" | "collect" | "writeoff" | "credits" | "customfields" | "lineitems")
        | (Kind::Payment, "refunds")
        | (Kind::Customer, "contactpersons") => Err(Failure::not_played(action)),
        _ => Err(Failure::status(404, "Invalid URL Passed")),
    }
}

/// Whether a part of a path can name an object of this kind.
fn names(kind: Kind, part: &str) -> bool {
    is_id(part) || kind == Kind::Plan && !part.is_empty()
}

impl Route {
    /// The operation's name in faults and log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Route::Accounts(ask) => ask.name(),
            Route::List(kind) => kind.names().list,
            Route::Get(kind, _) => kind.names().get,
            Route::Create(kind) => kind.names().create,
            Route::Update(kind, _) => kind.names().update,
            Route::Mark(..) => "mark",
            Route::CustomerOfCrm(_) => "customer_of_crm",
            Route::Cancel(_) => "cancel",
            Route::Reactivate(_) => "reactivate",
            Route::OpenInvoice(_) => "open_invoice",
            Route::VoidInvoice(_) => "void_invoice",
            Route::Transactions => "transactions",
            Route::Events => "events",
            Route::Event(_) => "event",
        }
    }

    pub(crate) fn is_oauth(&self) -> bool {
        matches!(self, Route::Accounts(_))
    }

    pub(crate) fn has_body(&self) -> bool {
        matches!(self, Route::Create(_) | Route::Update(..))
    }

    /// The scope that it needs. Actions need `CREATE`.
    pub(crate) fn scope(&self) -> String {
        let (place, operation) = match self {
            Route::Accounts(_) => return String::new(),
            Route::List(kind) | Route::Get(kind, _) => (kind.names().many, "READ"),
            Route::Create(kind) | Route::Mark(kind, ..) => (kind.names().many, "CREATE"),
            Route::Update(kind, _) => (kind.names().many, "UPDATE"),
            Route::CustomerOfCrm(_) | Route::Transactions => ("customers", "READ"),
            Route::Cancel(_) | Route::Reactivate(_) => ("subscriptions", "CREATE"),
            Route::OpenInvoice(_) | Route::VoidInvoice(_) => ("invoices", "CREATE"),
            Route::Events | Route::Event(_) => ("webhooks", "READ"),
        };
        format!("ZohoSubscriptions.{place}.{operation}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> String {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        match route(&method, path) {
            Ok(route) => format!("{} {}", route.name(), route.scope()),
            Err(failure) => failure.response().status().as_u16().to_string(),
        }
    }

    #[test]
    fn paths_methods_and_scopes() {
        for (method, path, expected) in [
            (
                "GET",
                "/billing/v1/customers",
                "list_customers ZohoSubscriptions.customers.READ",
            ),
            (
                "POST",
                "/billing/v1/customers",
                "create_customer ZohoSubscriptions.customers.CREATE",
            ),
            (
                "PUT",
                "/billing/v1/customers/9",
                "update_customer ZohoSubscriptions.customers.UPDATE",
            ),
            (
                "GET",
                "/billing/v1/plans/basic-monthly",
                "get_plan ZohoSubscriptions.plans.READ",
            ),
            (
                "POST",
                "/billing/v1/plans/b/markasinactive",
                "mark ZohoSubscriptions.plans.CREATE",
            ),
            (
                "POST",
                "/billing/v1/subscriptions/9/cancel",
                "cancel ZohoSubscriptions.subscriptions.CREATE",
            ),
            (
                "POST",
                "/billing/v1/invoices/9/converttoopen",
                "open_invoice ZohoSubscriptions.invoices.CREATE",
            ),
            (
                "GET",
                "/billing/v1/transactions",
                "transactions ZohoSubscriptions.customers.READ",
            ),
            ("GET", "/billing/v1/events/9", "event ZohoSubscriptions.webhooks.READ"),
            (
                "GET",
                "/billing/v1/customers/reference/9",
                "customer_of_crm ZohoSubscriptions.customers.READ",
            ),
            ("POST", "/oauth/v2/token", "token "),
            ("GET", "/billing/v1/payments", "405"),
            ("GET", "/oauth/v2/token", "405"),
            ("PATCH", "/billing/v1/customers/9", "405"),
            ("GET", "/billing/v1/clients", "404"),
            ("GET", "/crm/v8/Leads", "404"),
            ("POST", "/billing/v1/customers/9/explode", "404"),
            ("DELETE", "/billing/v1/customers/9", "501"),
            ("GET", "/billing/v1/addons", "501"),
        ] {
            assert_eq!(found(method, path), expected, "{method} {path}");
        }
    }
}
