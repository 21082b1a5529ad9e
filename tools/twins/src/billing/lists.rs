//! Lists: filters, pages of up to 200 rows, newest first (docs/vendors.md §2.1, §2.4).

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::error::Failure;
use super::kinds::Kind;
use super::show;
use super::state::Row;
use super::turn::Turn;
use crate::answer::zoho as body;
use crate::params::Params;

const PER_PAGE: usize = 200;

const CUSTOMERS: &[&str] = &[
    "Status.All",
    "Status.Active",
    "Status.Inactive",
    "Status.Gapps",
    "Status.Crm",
    "Status.NonSubscribers",
    "Status.PortalEnabled",
    "Status.PortalDisabled",
];
const PLANS: &[&str] = &["PlanStatus.All", "PlanStatus.ACTIVE", "PlanStatus.INACTIVE"];
const SUBSCRIPTIONS: &[&str] = &[
    "SubscriptionStatus.All",
    "SubscriptionStatus.ACTIVE",
    "SubscriptionStatus.LIVE",
    "SubscriptionStatus.FUTURE",
    "SubscriptionStatus.NON_RENEWING",
    "SubscriptionStatus.CANCELLED",
    "SubscriptionStatus.TRIAL",
    "SubscriptionStatus.PAST_DUE",
    "SubscriptionStatus.UNPAID",
    "SubscriptionStatus.CANCELLED_FROM_DUNNING",
    "SubscriptionStatus.EXPIRED",
    "SubscriptionStatus.TRIAL_EXPIRED",
];
const INVOICES: &[&str] = &[
    "Status.All",
    "Status.Sent",
    "Status.Draft",
    "Status.OverDue",
    "Status.Paid",
    "Status.PartiallyPaid",
    "Status.Void",
    "Status.Unpaid",
];

/// `GET /{kind}s`.
pub(crate) fn list(turn: &Turn<'_>, kind: Kind) -> Result<Response<Bytes>, Failure> {
    let (own, filters): (&[&str], &[&'static str]) = match kind {
        Kind::Customer => (&["filter_by"], CUSTOMERS),
        Kind::Product | Kind::Payment => (&[], &[""]),
        Kind::Plan => (&["filter_by", "product_id"], PLANS),
        Kind::Subscription => (&["filter_by", "customer_id", "reference_contains"], SUBSCRIPTIONS),
        Kind::Invoice => (&["filter_by", "customer_id", "subscription_id"], INVOICES),
    };
    let params = turn.params(&[own, &["page", "per_page"]].concat())?;
    let filter = params.word("filter_by", filters)?;
    let rows = turn.state.all(kind).rev();
    let wanted = rows.filter(|row| is_wanted(turn, kind, row, filter, &params));
    page(&params, kind.names().many, wanted.map(|row| show::row(turn, kind, row)))
}

fn is_wanted(turn: &Turn<'_>, kind: Kind, row: &Row, filter: &str, params: &Params) -> bool {
    let same = |name: &str| params.get(name).is_none_or(|wanted| row.text(name) == wanted);
    let contains = params
        .get("reference_contains")
        .is_none_or(|part| row.text("reference_id").to_lowercase().contains(&part.to_lowercase()));
    let word = filter.rsplit('.').next().unwrap_or_default();
    let status = show::status(turn, kind, row);
    let is_of_filter = match (kind, word) {
        (_, "All" | "") => true,
        (Kind::Customer, "Crm") => !row.text("zcrm_account_id").is_empty(),
        (Kind::Customer, "NonSubscribers") => {
            let mut all = turn.state.all(Kind::Subscription);
            !all.any(|it| it.text("customer_id") == row.id())
        }
        (Kind::Customer, "PortalDisabled") => true,
        (Kind::Invoice, "Unpaid") => matches!(status.as_str(), "sent" | "overdue" | "partially_paid"),
        (Kind::Subscription, "ACTIVE") => matches!(status.as_str(), "live" | "non_renewing"),
        _ => status.replace('_', "") == word.replace('_', "").to_lowercase(),
    };
    let of_subscription = params
        .get("subscription_id")
        .is_none_or(|wanted| row.text("_subscription_id") == wanted);
    same("customer_id") && of_subscription && same("product_id") && contains && is_of_filter
}

/// One page of these rows, with its context.
pub(crate) fn page(params: &Params, name: &str, rows: impl Iterator<Item = Value>) -> Result<Response<Bytes>, Failure> {
    let number = params.number("page", 1, usize::MAX)?;
    let per_page = params.number("per_page", PER_PAGE, PER_PAGE)?;
    let mut rows = rows.skip((number - 1).saturating_mul(per_page));
    let shown: Vec<Value> = rows.by_ref().take(per_page).collect();
    let context = json!({ "page": number, "per_page": per_page, "has_more_page": rows.next().is_some() });
    let answer = json!({ "code": 0, "message": "success", (name): shown, "page_context": context });
    Ok(body(200, &answer))
}
