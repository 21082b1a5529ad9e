//! What a module's fields are (docs/vendors.md §1.3, "Fields metadata").

use super::{Access, ZohoCrm};
use crate::systems::CallError;
use serde_json::Value as Json;

/// One field of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldMeta {
    /// Its name in the API.
    pub api_name: String,
    /// Its type, in Zoho's words (`text`, `currency`, `picklist`, …).
    pub data_type: String,
    /// Whether no two records may have the same value: what an upsert's duplicate check needs.
    pub unique: bool,
    /// The longest value, in characters, where Zoho states one.
    pub length: Option<u32>,
}

impl ZohoCrm {
    /// The fields of a module.
    ///
    /// # Errors
    /// As any read.
    pub async fn fields(&self, access: &Access, module: &str) -> Result<Vec<FieldMeta>, CallError> {
        let request = self.get(access, &["settings", "fields"]).query(&[("module", module)]);
        let Some(body) = self.read_json(request).await? else {
            return Ok(Vec::new());
        };
        match body["fields"].as_array() {
            Some(fields) => Ok(fields.iter().filter_map(field).collect()),
            None => Err(CallError::Later("an answer without a list of fields".to_owned())),
        }
    }
}

fn field(field: &Json) -> Option<FieldMeta> {
    Some(FieldMeta {
        api_name: field["api_name"].as_str()?.to_owned(),
        data_type: field["data_type"].as_str().unwrap_or_default().to_owned(),
        unique: is_unique(&field["unique"]),
        length: field["length"].as_u64().and_then(|length| u32::try_from(length).ok()),
    })
}

/// An object, `{"casesensitive": …}` where the field is unique and `{}` where not (OAS `fields.json`).
fn is_unique(value: &Json) -> bool {
    match value {
        Json::Object(rule) => !rule.is_empty(),
        Json::Bool(unique) => *unique,
        _ => false,
    }
}
