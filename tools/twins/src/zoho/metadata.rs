//! What the org says of itself: fields (docs/vendors.md §1.3), and the modules, users and org that
//! Zoho's own SDKs look up by themselves.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::error::{Failure, body};
use super::fields::{Field, Kind};
use super::turn::Turn;

/// The fields of the module that the query names.
pub(crate) fn fields(turn: &Turn<'_>) -> Result<Response<Bytes>, Failure> {
    let params = turn.params(&["module", "type", "include"])?;
    if params.need("module")? != "Leads" {
        return Err(Failure::param("INVALID_MODULE", "module"));
    }
    let fields: Vec<Value> = turn
        .settings
        .fields
        .iter()
        .enumerate()
        .map(|(at, f)| show(at, f))
        .collect();
    Ok(body(200, &json!({ "fields": fields })))
}

fn show(place: usize, field: &Field) -> Value {
    let decimal = matches!(field.kind, Kind::Double | Kind::Currency).then_some(field.decimal_place);
    let options: Vec<Value> = field
        .options
        .iter()
        .map(|o| json!({ "display_value": o, "actual_value": o }))
        .collect();
    json!({
        "id": (5_725_767_000_000_002_600u64 + place as u64).to_string(),
        "api_name": field.api_name,
        "field_label": field.api_name.replace('_', " "),
        "data_type": field.kind.data_type(),
        "json_type": field.kind.json_type(),
        "length": field.length,
        "decimal_place": decimal,
        // The specification has a string here.
        "unique": if field.unique { json!({ "casesensitive": "false" }) } else { json!({}) },
        "system_mandatory": field.required,
        "custom_field": field.custom,
        "read_only": field.read_only,
        "field_read_only": field.read_only,
        "visible": true,
        "pick_list_values": options,
    })
}

/// `GET /settings/modules`: Leads is all there is.
pub(crate) fn modules(turn: &Turn<'_>) -> Result<Response<Bytes>, Failure> {
    turn.params(&["status"])?;
    let leads = json!({
        "id": "5725767000000002175",
        "api_name": "Leads",
        "module_name": "Leads",
        "singular_label": "Lead",
        "plural_label": "Leads",
        "generated_type": "default",
        "api_supported": true,
        "creatable": true,
        "editable": true,
        "deletable": true,
        "viewable": true,
    });
    Ok(body(200, &json!({ "modules": [leads] })))
}

/// `GET /users`: the user as whom the app acts, and the person.
pub(crate) fn users(turn: &Turn<'_>) -> Result<Response<Bytes>, Failure> {
    let params = turn.params(&["type", "page", "per_page"])?;
    let (app, person) = (&turn.settings.user, &turn.settings.person);
    let users = if params.get("type") == Some("CurrentUser") {
        vec![app]
    } else {
        vec![app, person]
    };
    let users: Vec<Value> = users
        .iter()
        .map(|user| json!({ "id": user.id, "full_name": user.name, "email": user.email, "status": "active" }))
        .collect();
    let info = json!({ "page": 1, "per_page": 200, "count": users.len(), "more_records": false });
    Ok(body(200, &json!({ "users": users, "info": info })))
}

/// `GET /org`.
pub(crate) fn org(turn: &Turn<'_>) -> Result<Response<Bytes>, Failure> {
    turn.params(&[])?;
    let org = json!({
        "id": "5725767000000000001",
        "zgid": "60000000001",
        "company_name": "Twin Solar",
        "time_zone": "Europe/Malta",
        "iso_code": "EUR",
        "primary_email": turn.settings.person.email,
    });
    Ok(body(200, &json!({ "org": [org] })))
}
