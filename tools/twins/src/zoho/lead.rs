//! Leads as they are kept, and as they are shown.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::fields::{Field, Kind};
use super::settings::{Settings, User};
use crate::times::with_offset;

/// One lead. Fields without a value are not kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Lead {
    pub(crate) id: u64,
    /// Seconds since 1970, as all times of Zoho.
    pub(crate) created: i64,
    pub(crate) modified: i64,
    /// Whether the last writer was a person rather than the app.
    pub(crate) by_person: bool,
    pub(crate) made_by_person: bool,
    pub(crate) converted: bool,
    pub(crate) values: Map<String, Value>,
}

impl Lead {
    /// A field's value as it is shown; null where there is none.
    pub(crate) fn show(&self, settings: &Settings, field: &Field) -> Value {
        match field.api_name.as_str() {
            "id" => json!(self.id.to_string()),
            "Created_Time" => json!(with_offset(self.created, settings.offset_seconds)),
            "Modified_Time" => json!(with_offset(self.modified, settings.offset_seconds)),
            "Created_By" => user(writer(settings, self.made_by_person)),
            "Modified_By" => user(writer(settings, self.by_person)),
            "Converted__s" => json!(self.converted),
            "Full_Name" => json!(self.full_name()),
            "Owner" => self.owner(settings),
            name => self.values.get(name).cloned().unwrap_or_else(|| empty(field)),
        }
    }

    fn full_name(&self) -> String {
        let part = |name: &str| self.values.get(name).and_then(Value::as_str).unwrap_or_default();
        format!("{} {}", part("First_Name"), part("Last_Name"))
            .trim()
            .to_owned()
    }

    /// The owner: the user of the app unless another was set.
    pub(crate) fn owner(&self, settings: &Settings) -> Value {
        self.values
            .get("Owner")
            .cloned()
            .unwrap_or_else(|| user(writer(settings, self.made_by_person)))
    }

    /// The whole record.
    pub(crate) fn whole(&self, settings: &Settings) -> Value {
        let fields = settings.fields.iter();
        Value::Object(fields.map(|f| (f.api_name.clone(), self.show(settings, f))).collect())
    }

    /// What a write answers with: id, times and users, no values (docs/vendors.md §1.4).
    pub(crate) fn receipt(&self, settings: &Settings) -> Value {
        json!({
            "id": self.id.to_string(),
            "Created_Time": with_offset(self.created, settings.offset_seconds),
            "Modified_Time": with_offset(self.modified, settings.offset_seconds),
            "Created_By": short(writer(settings, self.made_by_person)),
            "Modified_By": short(writer(settings, self.by_person)),
            "$approval_state": "approved",
        })
    }
}

fn empty(field: &Field) -> Value {
    if field.kind == Kind::Boolean {
        Value::Bool(false)
    } else {
        Value::Null
    }
}

fn writer(settings: &Settings, person: bool) -> &User {
    if person { &settings.person } else { &settings.user }
}

fn user(user: &User) -> Value {
    json!({ "id": user.id, "name": user.name, "email": user.email })
}

fn short(user: &User) -> Value {
    json!({ "id": user.id, "name": user.name })
}
