//! `GET /settings/fields`: what the fields of the module are (reference §1.3).

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
    let decimal =
        matches!(field.kind, Kind::Double | Kind::Currency).then_some(field.decimal_place);
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
