//! Customers, products and plans: made, changed, marked as active or not (docs/vendors.md §2.4).

use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value};

use super::error::Failure;
use super::kinds::Kind;
use super::show;
use super::state::Row;
use super::turn::{Turn, said, shown};
use super::value::text;

/// Adds an object with these checked fields.
pub(crate) fn add(turn: &mut Turn<'_>, kind: Kind, mut fields: Map<String, Value>) -> Result<Row, Failure> {
    if kind == Kind::Plan {
        turn.need(Kind::Product, text(&fields, "product_id"))?;
        is_free(turn, text(&fields, "plan_code"))?;
        for (name, usual) in [
            ("interval_unit", Value::from("months")),
            ("billing_cycles", Value::from(-1)),
        ] {
            fields.entry(name).or_insert(usual);
        }
    }
    fields.insert("status".to_owned(), Value::from("active"));
    let row = turn.make(fields);
    Ok(turn.keep(kind, row))
}

/// Sets these checked fields.
pub(crate) fn edit(turn: &mut Turn<'_>, kind: Kind, mut row: Row, fields: Map<String, Value>) -> Result<Row, Failure> {
    if kind == Kind::Plan && text(&fields, "plan_code") != row.text("plan_code") && fields.contains_key("plan_code") {
        is_free(turn, text(&fields, "plan_code"))?;
    }
    row.fields.extend(fields);
    Ok(turn.keep(kind, row))
}

fn is_free(turn: &Turn<'_>, code: &str) -> Result<(), Failure> {
    match turn.state.find(Kind::Plan, code) {
        Some(_) => Err(Failure::invalid("The plan code is already in use.")),
        None => Ok(()),
    }
}

/// `POST /{kind}s/{id}/markasactive` and `…/markasinactive`.
pub(crate) fn mark(turn: &mut Turn<'_>, kind: Kind, id: &str, active: bool) -> Result<Response<Bytes>, Failure> {
    let mut row = turn.find(kind, id)?;
    let status = if active { "active" } else { "inactive" };
    row.set("status", status);
    turn.keep(kind, row);
    Ok(said(&format!("The {} has been marked as {status}.", kind.names().one)))
}

/// `GET /customers/reference/{id}`: the customer that is tied to an account or a contact of Zoho CRM.
pub(crate) fn of_crm(turn: &Turn<'_>, id: &str) -> Result<Response<Bytes>, Failure> {
    let params = turn.params(&["reference_id_type"])?;
    let field = params.word("reference_id_type", &["zcrm_account_id", "zcrm_contact_id"])?;
    let found = turn.state.all(Kind::Customer).find(|row| row.text(field) == id);
    let missing = || Failure::status(turn.settings.missing_status, "The customer does not exist.");
    let row = found.ok_or_else(missing)?;
    Ok(shown(
        200,
        "success",
        Kind::Customer,
        show::whole(turn, Kind::Customer, row),
    ))
}
