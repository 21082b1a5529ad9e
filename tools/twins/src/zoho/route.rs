//! Which operation a request means, what it costs and which scopes it needs.

use http::Method;
use serde_json::{Value, json};

use super::error::Failure;
use crate::accounts::{self, Ask};

/// An operation of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Accounts(Ask),
    Insert,
    UpdateMany,
    UpdateOne(String),
    Upsert,
    List,
    Get(String),
    DeleteMany,
    DeleteOne(String),
    Deleted,
    Search,
    Count,
    Coql,
    Fields,
    Modules,
    Users,
    Org,
    Watch,
}

const CRM: &str = "/crm/v8/";

/// Finds the operation.
pub(crate) fn route(method: &Method, path: &str) -> Result<Route, Failure> {
    let wrong_method = || Failure::new("INVALID_REQUEST_METHOD", json!({}));
    if let Some(ask) = accounts::route(method, path) {
        return ask.map(Route::Accounts).map_err(|()| wrong_method());
    }
    let nowhere = || Failure::new("INVALID_URL_PATTERN", json!({}));
    let rest = path.strip_prefix(CRM).ok_or_else(nowhere)?;
    let parts: Vec<&str> = rest.split('/').collect();
    match (parts.as_slice(), method.as_str()) {
        (["coql"], "POST") => Ok(Route::Coql),
        (["settings", "fields"], "GET") => Ok(Route::Fields),
        (["settings", "modules"] | ["settings", "modules", "Leads"], "GET") => Ok(Route::Modules),
        (["users"], "GET") => Ok(Route::Users),
        (["org"], "GET") => Ok(Route::Org),
        (["actions", "watch"], "GET" | "POST" | "PUT" | "PATCH" | "DELETE") => Ok(Route::Watch),
        (["coql"] | ["settings", "fields"] | ["actions", "watch"], _) => Err(wrong_method()),
        (["settings" | "actions" | "coql", ..], _) => Err(nowhere()),
        (["Leads", rest @ ..], method) => lead_route(rest, method),
        ([module, ..], _) if module.starts_with(char::is_uppercase) => {
            Err(Failure::new("INVALID_MODULE", json!({ "resource_path_index": 0 })))
        }
        _ => Err(nowhere()),
    }
}

fn lead_route(rest: &[&str], method: &str) -> Result<Route, Failure> {
    let route = match (rest, method) {
        ([], "GET") => Route::List,
        ([], "POST") => Route::Insert,
        ([], "PUT") => Route::UpdateMany,
        ([], "DELETE") => Route::DeleteMany,
        (["upsert"], "POST") => Route::Upsert,
        (["deleted"], "GET") => Route::Deleted,
        (["search"], "GET") => Route::Search,
        (["actions", "count"], "GET") => Route::Count,
        ([id], "GET") if is_id(id) => Route::Get((*id).to_owned()),
        ([id], "PUT") if is_id(id) => Route::UpdateOne((*id).to_owned()),
        ([id], "DELETE") if is_id(id) => Route::DeleteOne((*id).to_owned()),
        ([] | ["upsert" | "deleted" | "search"] | ["actions", "count"], _) => {
            return Err(Failure::new("INVALID_REQUEST_METHOD", json!({})));
        }
        ([id], _) if is_id(id) => return Err(Failure::new("INVALID_REQUEST_METHOD", json!({}))),
        ([_], _) => {
            return Err(Failure::new("INVALID_DATA", json!({ "resource_path_index": 1 })));
        }
        _ => return Err(Failure::new("INVALID_URL_PATTERN", json!({}))),
    };
    Ok(route)
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 19 && text.bytes().all(|b| b.is_ascii_digit())
}

impl Route {
    /// The operation's name in faults and log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Route::Accounts(ask) => ask.name(),
            Route::Insert => "insert",
            Route::UpdateMany | Route::UpdateOne(_) => "update",
            Route::Upsert => "upsert",
            Route::List => "list",
            Route::Get(_) => "get",
            Route::DeleteMany | Route::DeleteOne(_) => "delete",
            Route::Deleted => "deleted",
            Route::Search => "search",
            Route::Count => "count",
            Route::Coql => "coql",
            Route::Fields => "fields",
            Route::Modules => "modules",
            Route::Users => "users",
            Route::Org => "org",
            Route::Watch => "watch",
        }
    }

    pub(crate) fn is_oauth(&self) -> bool {
        matches!(self, Route::Accounts(_))
    }

    pub(crate) fn has_body(&self, method: &Method) -> bool {
        match self {
            Route::Insert | Route::UpdateMany | Route::UpdateOne(_) | Route::Upsert | Route::Coql => true,
            Route::Watch => matches!(method.as_str(), "POST" | "PUT" | "PATCH"),
            _ => false,
        }
    }

    fn writes(&self) -> bool {
        matches!(
            self,
            Route::Insert | Route::UpdateMany | Route::UpdateOne(_) | Route::Upsert
        )
    }

    /// Whether it counts against the sub-concurrency limit (docs/vendors.md §1.7).
    pub(crate) fn heavy(&self, records: usize) -> bool {
        matches!(self, Route::Search | Route::Coql) || self.writes() && records > 10
    }

    /// Credits: 1 per 10 records written, COQL by its limit, `deleted` 2, else 1 (docs/vendors.md §1.6, §1.7).
    pub(crate) fn cost(&self, records: usize, coql_limit: usize) -> u64 {
        match self {
            Route::Accounts(_) => 0,
            Route::Coql if coql_limit > 1000 => 3,
            Route::Coql if coql_limit > 200 => 2,
            Route::Deleted => 2,
            route if route.writes() => records.div_ceil(10).max(1) as u64,
            _ => 1,
        }
    }

    /// The scopes that it needs, all of them (docs/vendors.md §1.2).
    pub(crate) fn scopes(&self, method: &Method) -> Vec<String> {
        let module = |operation: &str| format!("ZohoCRM.modules.Leads.{operation}");
        match self {
            Route::Accounts(_) => vec![],
            Route::Insert => vec![module("CREATE")],
            Route::UpdateMany | Route::UpdateOne(_) => vec![module("UPDATE")],
            Route::Upsert => vec![module("CREATE"), module("UPDATE")],
            Route::List | Route::Get(_) | Route::Deleted | Route::Count => vec![module("READ")],
            Route::DeleteMany | Route::DeleteOne(_) => vec![module("DELETE")],
            Route::Search => vec![module("READ"), "ZohoSearch.securesearch.READ".to_owned()],
            Route::Coql => vec![module("READ"), "ZohoCRM.coql.READ".to_owned()],
            Route::Fields => vec!["ZohoCRM.settings.fields.READ".to_owned()],
            Route::Modules => vec!["ZohoCRM.settings.modules.READ".to_owned()],
            Route::Users => vec!["ZohoCRM.users.READ".to_owned()],
            Route::Org => vec!["ZohoCRM.org.READ".to_owned()],
            Route::Watch => vec![format!("ZohoCRM.notifications.{}", watch_operation(method))],
        }
    }
}

fn watch_operation(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "READ",
        "POST" => "CREATE",
        "DELETE" => "DELETE",
        _ => "UPDATE",
    }
}

/// How many records a body carries.
pub(crate) fn records(body: &Value) -> usize {
    body.get("data")
        .or_else(|| body.get("watch"))
        .and_then(Value::as_array)
        .map_or(0, Vec::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> Result<&'static str, String> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        route(&method, path).map(|r| r.name()).map_err(|f| f.code)
    }

    #[test]
    fn paths_and_methods_are_told_apart() {
        assert_eq!(found("POST", "/crm/v8/Leads/upsert"), Ok("upsert"));
        assert_eq!(found("PUT", "/crm/v8/Leads/5725767000000411001"), Ok("update"));
        assert_eq!(
            found("GET", "/crm/v8/Leads/upsert"),
            Err("INVALID_REQUEST_METHOD".into())
        );
        assert_eq!(found("GET", "/crm/v8/Leeds"), Err("INVALID_MODULE".into()));
        assert_eq!(found("GET", "/crm/v7/Leads"), Err("INVALID_URL_PATTERN".into()));
        assert_eq!(found("GET", "/crm/v8/Leads/abc"), Err("INVALID_DATA".into()));
        assert_eq!(found("GET", "/oauth/v2/token"), Err("INVALID_REQUEST_METHOD".into()));
    }

    #[test]
    fn writes_cost_a_credit_for_every_ten_records() {
        assert_eq!(Route::Upsert.cost(100, 0), 10);
        assert_eq!(Route::Upsert.cost(11, 0), 2);
        assert_eq!(Route::Coql.cost(0, 2000), 3);
        assert!(Route::Upsert.heavy(11) && !Route::Upsert.heavy(10) && Route::Coql.heavy(0));
    }
}
