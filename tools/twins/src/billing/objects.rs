//! Making, changing and reading objects: what all kinds have in common.

use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value};

use super::error::Failure;
use super::kinds::Kind;
use super::state::Row;
use super::turn::{Turn, shown};
use super::value::{Write, checked};
use super::{catalogue, invoices, payments, show, subscriptions};

/// `GET /{kind}s/{id}`.
pub(crate) fn get(turn: &Turn<'_>, kind: Kind, id: &str) -> Result<Response<Bytes>, Failure> {
    turn.params(&[])?;
    let row = turn.find(kind, id)?;
    Ok(shown(200, "success", kind, show::whole(turn, kind, &row)))
}

/// `POST /{kind}s`.
pub(crate) fn create(turn: &mut Turn<'_>, kind: Kind) -> Result<Response<Bytes>, Failure> {
    has_only_own_params(turn, kind)?;
    let fields = checked(turn.settings, kind.fields(), Write::Create, turn.body)?;
    let row = add(turn, kind, fields)?;
    let message = format!("The {} has been created.", kind.names().one);
    Ok(shown(201, &message, kind, answered(turn, kind, &row)))
}

/// `PUT /{kind}s/{id}`: fields that are left out stay.
pub(crate) fn update(turn: &mut Turn<'_>, kind: Kind, id: &str) -> Result<Response<Bytes>, Failure> {
    has_only_own_params(turn, kind)?;
    let row = turn.find(kind, id)?;
    let fields = checked(turn.settings, kind.fields(), Write::Update, turn.body)?;
    let row = edit(turn, kind, row, fields)?;
    let message = format!("The {} details have been updated.", kind.names().one);
    Ok(shown(200, &message, kind, answered(turn, kind, &row)))
}

fn has_only_own_params(turn: &Turn<'_>, kind: Kind) -> Result<(), Failure> {
    match kind {
        // Invoices have some, which they read themselves.
        Kind::Invoice => Ok(()),
        _ => turn.params(&[]).map(|_| ()),
    }
}

fn answered(turn: &Turn<'_>, kind: Kind, row: &Row) -> Value {
    match kind {
        Kind::Invoice => invoices::written(turn, row),
        _ => show::whole(turn, kind, row),
    }
}

/// Adds an object with these checked fields.
pub(crate) fn add(turn: &mut Turn<'_>, kind: Kind, fields: Map<String, Value>) -> Result<Row, Failure> {
    match kind {
        Kind::Customer | Kind::Product | Kind::Plan => catalogue::add(turn, kind, fields),
        Kind::Subscription => subscriptions::add(turn, fields),
        Kind::Invoice => invoices::add(turn, fields),
        Kind::Payment => payments::add(turn, fields),
    }
}

/// Sets these checked fields of an object.
pub(crate) fn edit(turn: &mut Turn<'_>, kind: Kind, row: Row, fields: Map<String, Value>) -> Result<Row, Failure> {
    match kind {
        Kind::Customer | Kind::Product | Kind::Plan => catalogue::edit(turn, kind, row, fields),
        Kind::Subscription => subscriptions::edit(turn, row, fields),
        Kind::Invoice => invoices::edit(turn, row, fields),
        Kind::Payment => payments::edit(turn, row, fields),
    }
}
