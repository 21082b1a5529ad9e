//! What the desk holds and how it answers a call that came in. What no careful caller would send is a violation.

use bytes::Bytes;
use http::{Method, Request, header};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

const KEY: &str = "Bearer desk-key";
const FIELDS: [&str; 3] = ["ref", "name", "body"];

/// A table of the desk, and the kind of what it holds.
struct Table {
    name: &'static str,
    kind: &'static str,
    /// The kind of the parent, and the field that names it.
    parent: Option<(&'static str, &'static str)>,
    /// Whether it is listed by `ref`.
    listed: bool,
}

const TABLES: [Table; 3] = [
    Table {
        name: "callers",
        kind: "caller",
        parent: None,
        listed: true,
    },
    Table {
        name: "tickets",
        kind: "ticket",
        parent: Some(("caller", "caller_id")),
        listed: true,
    },
    Table {
        name: "notes",
        kind: "note",
        parent: Some(("ticket", "ticket_id")),
        listed: false,
    },
];

/// An answer, and the rule that its call broke.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) body: Json,
    pub(super) violation: Option<String>,
}

impl Told {
    fn well(status: u16, body: Json) -> Self {
        Self {
            status,
            body,
            violation: None,
        }
    }

    fn no(status: u16, why: &str) -> Self {
        Self::well(status, json!({ "error": why }))
    }

    fn wrong(status: u16, why: &str) -> Self {
        Self {
            violation: Some(why.to_owned()),
            ..Self::no(status, why)
        }
    }
}

type Fields = Map<String, Json>;

#[derive(Debug)]
struct Object {
    fields: Fields,
    modified: Timestamp,
}

/// All objects, by kind and id.
#[derive(Debug, Default)]
pub(super) struct Objects {
    rows: BTreeMap<(String, String), Object>,
    made: BTreeMap<String, u64>,
}

impl Objects {
    pub(super) fn all(&self) -> BTreeMap<String, Json> {
        let row = |((kind, id), it): (&(String, String), &Object)| (format!("{kind}/{id}"), it.fields.clone().into());
        self.rows.iter().map(row).collect()
    }

    pub(super) fn answer(&mut self, request: &Request<Bytes>, at: Timestamp) -> Told {
        let shown = request.headers().get(header::AUTHORIZATION);
        if shown.is_none_or(|it| it.as_bytes() != KEY.as_bytes()) {
            return Told::wrong(401, "no key");
        }
        let path: Vec<&str> = request.uri().path().split('/').collect();
        let (name, id) = match path.as_slice() {
            ["", "api", name] => (*name, None),
            ["", "api", name, id] => (*name, Some(*id)),
            _ => return Told::wrong(404, "no such path"),
        };
        let Some(table) = TABLES.iter().find(|it| it.name == name) else {
            return Told::wrong(404, "no such path");
        };
        match (request.method(), id, request.uri().query()) {
            (&Method::POST, None, None) => self.make(table, request.body(), at),
            (&Method::PUT, Some(id), None) => self.change(table, id, request.body(), at),
            (&Method::GET, Some(id), None) => self.read(table, id),
            (&Method::GET, None, Some(query)) => self.list(table, query),
            _ => Told::wrong(404, "no such path"),
        }
    }

    fn make(&mut self, table: &Table, body: &Bytes, at: Timestamp) -> Told {
        let sent = match self.readable(table, body) {
            Ok(sent) => sent,
            Err(told) => return told,
        };
        if !sent.get("ref").is_some_and(Json::is_string) {
            return Told::wrong(400, "no ref");
        }
        if let Some((_, field)) = table.parent.filter(|it| !sent.contains_key(it.1)) {
            return Told::wrong(422, &format!("child before its parent: no {field}"));
        }
        let count = self.made.entry(table.kind.to_owned()).or_default();
        *count += 1;
        let id = format!("{}-{count}", table.kind);
        let object = Object {
            fields: Fields::new(),
            modified: at,
        };
        self.rows.insert((table.kind.to_owned(), id.clone()), object);
        self.set(table, &id, sent, at);
        Told::well(201, self.shown(table, &id))
    }

    fn change(&mut self, table: &Table, id: &str, body: &Bytes, at: Timestamp) -> Told {
        let sent = match self.readable(table, body) {
            Ok(sent) => sent,
            Err(told) => return told,
        };
        if !self.has(table.kind, id) {
            return Told::no(404, "no such id");
        }
        self.set(table, id, sent, at);
        Told::well(200, self.shown(table, id))
    }

    fn read(&self, table: &Table, id: &str) -> Told {
        match self.has(table.kind, id) {
            true => Told::well(200, self.shown(table, id)),
            false => Told::no(404, "no such id"),
        }
    }

    fn list(&self, table: &Table, query: &str) -> Told {
        let Some(wanted) = query.strip_prefix("ref=").filter(|_| table.listed) else {
            return Told::wrong(404, "no such list");
        };
        let wanted = percent_decode_str(wanted).decode_utf8_lossy();
        let has = |it: &Object| it.fields.get("ref").and_then(Json::as_str) == Some(&*wanted);
        let found = self.rows.iter().filter(|it| it.0.0 == table.kind && has(it.1));
        Told::well(200, found.map(|it| self.shown(table, &it.0.1)).collect())
    }

    /// The body as fields that this table has, texts trimmed, and a parent that is there.
    fn readable(&self, table: &Table, body: &Bytes) -> Result<Fields, Told> {
        let Ok(Json::Object(mut sent)) = serde_json::from_slice(body) else {
            return Err(Told::wrong(400, "not a JSON object"));
        };
        for (name, value) in &mut sent {
            let is_parent = table.parent.is_some_and(|it| it.1 == name);
            if !is_parent && !FIELDS.contains(&name.as_str()) {
                return Err(Told::wrong(400, &format!("unknown field {name}")));
            }
            match value {
                Json::String(text) => *text = text.trim().to_owned(),
                Json::Null if !is_parent => {}
                _ => return Err(Told::wrong(400, &format!("{name} is no text"))),
            }
        }
        if let Some((kind, field)) = table.parent
            && let Some(Json::String(id)) = sent.get(field)
            && !self.has(kind, id)
        {
            return Err(Told::wrong(422, &format!("child before its parent: no {kind} {id}")));
        }
        Ok(sent)
    }

    fn has(&self, kind: &str, id: &str) -> bool {
        self.rows.contains_key(&(kind.to_owned(), id.to_owned()))
    }

    /// A `null` clears.
    fn set(&mut self, table: &Table, id: &str, sent: Fields, at: Timestamp) {
        let Some(object) = self.rows.get_mut(&(table.kind.to_owned(), id.to_owned())) else {
            return;
        };
        object.modified = at;
        object.fields.extend(sent);
        object.fields.retain(|_, value| !value.is_null());
    }

    fn shown(&self, table: &Table, id: &str) -> Json {
        let Some(object) = self.rows.get(&(table.kind.to_owned(), id.to_owned())) else {
            return Json::Null;
        };
        let mut fields = object.fields.clone();
        fields.insert("id".to_owned(), id.into());
        fields.insert("modified_at".to_owned(), object.modified.to_string().into());
        fields.into()
    }
}
