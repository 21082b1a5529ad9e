//! What goes over the wire, and what comes of the answers.

mod channels;
mod reads;
mod writes;

use super::*;
use crate::systems::http::script::{Script, answer, json_of, query_of};
use crate::systems::{Action, Gone, Write};
use serde_json::{Map, json};
use std::sync::Arc;
use url::Url;

type Answer = Result<http::Response<bytes::Bytes>, crate::systems::http::TransportError>;

fn crm<const N: usize>(answers: [Answer; N]) -> (ZohoCrm, Arc<Script>) {
    let (http, script) = Script::http(answers);
    (
        ZohoCrm::new(http, Base::parse("https://www.zohoapis.com").unwrap()),
        script,
    )
}

fn access() -> Access {
    Access {
        token: "t0ken".into(),
        api_domain: Some(Url::parse("https://www.zohoapis.eu").unwrap()),
    }
}

fn fields(value: Json) -> Map<String, Json> {
    value.as_object().unwrap().clone()
}

fn new_lead(email: &str) -> Write {
    Write {
        id: None,
        fields: fields(json!({"Email": email, "Last_Name": "Borg"})),
    }
}

fn known_lead(id: &str) -> Write {
    Write {
        id: Some(id.to_owned()),
        fields: fields(json!({"City": "Mdina"})),
    }
}

fn success(id: &str, action: &str) -> Json {
    json!({"code": "SUCCESS", "status": "success", "action": action, "message": "m",
        "details": {"id": id, "Created_Time": "2026-01-01T10:00:00+01:00", "Modified_Time": "2026-01-02T10:00:00+01:00"}})
}
