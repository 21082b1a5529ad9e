//! `docs/openapi.yaml` is the template's routes and the table's fields, and its examples are what it says.

use crate::tree;
use serde_json::Value;
use shared::config::Config;
use shared::model::System;
use shared::sync::fields::{KindSpec, billing, lead};
use std::collections::{BTreeMap, BTreeSet};
use tests::openapi::{OpenApi, Operation};

const PAGE: &str = "docs/openapi.yaml";

/// What nobody shows a key for.
const OPEN: [&str; 2] = ["/health", "/webhooks/netcash"];

fn document() -> OpenApi {
    OpenApi::parse(&tree::read(PAGE)).unwrap_or_else(|error| panic!("{PAGE}: {error}"))
}

fn names(operation: &Operation<'_>) -> String {
    format!("{} {}", operation.method, operation.path)
}

/// The template's routes that the document lacks, and those that only it has.
fn routes(of: &OpenApi) -> Vec<String> {
    let functions = tree::template(&tree::read("template.yaml")).functions;
    let routes = functions.iter().flat_map(|it| &it.routes);
    let wired: BTreeSet<String> = routes.map(|it| format!("{} {}", it.method, it.path)).collect();
    let told: BTreeSet<String> = of.operations().iter().map(names).collect();
    wired.symmetric_difference(&told).cloned().collect()
}

/// Operations that lack what each of them has.
fn incomplete(of: &OpenApi) -> Vec<String> {
    let mut problems = Vec::new();
    let mut ids = BTreeSet::new();
    for operation in of.operations() {
        let (name, says) = (names(&operation), operation.says);
        let text = |part: &str| says[part].as_str().unwrap_or_default();
        if text("summary").is_empty() {
            problems.push(format!("{name}: no summary"));
        }
        if text("operationId").is_empty() || !ids.insert(text("operationId").to_owned()) {
            problems.push(format!("{name}: its operationId is missing, or another's"));
        }
        let is_open = OPEN.contains(&operation.path);
        if says["responses"].get("401").is_none() != is_open {
            problems.push(format!("{name}: 401"));
        }
        if says["responses"].get("503").is_none() || !says["security"].is_array() {
            problems.push(format!("{name}: no 503, or nothing of security"));
        }
        problems.extend(parameters(of, &operation));
    }
    problems
}

/// Parts of the path that are no parameters, and the other way round; a POST with a key is idempotent.
fn parameters(of: &OpenApi, operation: &Operation<'_>) -> Vec<String> {
    let listed = operation.says["parameters"].as_array().into_iter().flatten();
    let listed: Vec<&Value> = listed.filter_map(|it| of.resolve(it)).collect();
    let in_path = listed
        .iter()
        .filter(|it| it["in"] == "path")
        .filter_map(|it| it["name"].as_str());
    let named = operation.path.split(['{', '}']).skip(1).step_by(2);
    let wrong = in_path.collect::<BTreeSet<_>>() != named.collect::<BTreeSet<_>>();
    let is_ours = operation.method == "POST" && !operation.path.starts_with("/webhooks/");
    let has_key = listed.iter().any(|it| it["name"] == "Idempotency-Key");
    let problem = |what: &str| format!("{}: {what}", names(operation));
    let found = [
        (wrong, "parameters of its path"),
        (is_ours != has_key, "Idempotency-Key"),
    ];
    found.iter().filter(|it| it.0).map(|it| problem(it.1)).collect()
}

/// References that lead nowhere.
fn dangling(of: &OpenApi, value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(|it| dangling(of, it)).collect(),
        Value::Object(fields) => {
            let own = value.get("$ref").filter(|_| of.resolve(value).is_none());
            let own = own.map(|it| format!("{it} leads nowhere"));
            own.into_iter()
                .chain(fields.values().flat_map(|it| dangling(of, it)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Examples of bodies that are not as their schemas say.
fn examples(of: &OpenApi, value: &Value, place: &str) -> Vec<String> {
    let Some(fields) = value.as_object() else {
        return Vec::new();
    };
    let own = fields.get("schema").zip(fields.get("example"));
    let own = own
        .map(|(schema, example)| of.wrong(schema, example, place))
        .unwrap_or_default();
    let inner = fields
        .iter()
        .flat_map(|(name, it)| examples(of, it, &format!("{place} {name}")));
    own.into_iter().chain(inner).collect()
}

/// The fields of a route's request body.
fn told(of: &OpenApi, path: &str) -> BTreeSet<String> {
    let operation = of.operation("POST", path).unwrap_or_else(|| panic!("no POST {path}"));
    let schema = of.request(&operation).and_then(|it| of.resolve(&it["schema"])).unwrap();
    assert_eq!(schema["additionalProperties"], false, "POST {path}");
    schema["properties"].as_object().unwrap().keys().cloned().collect()
}

/// The fields of the table that a source may say, and what a body may say besides.
fn said(spec: &KindSpec, source: &System, without: &str, also: &[&str]) -> BTreeSet<String> {
    let own = spec
        .fields
        .iter()
        .filter(|it| it.column(source).is_some() && it.name != without);
    let also = also.iter().map(|it| (*it).to_owned());
    own.map(|it| it.name.to_owned()).chain(also).collect()
}

#[test]
fn the_documents_routes_are_the_templates() {
    assert_eq!(routes(&document()), Vec::<String>::new());
}

#[test]
fn each_operation_is_complete_and_each_reference_leads_somewhere() {
    let of = document();
    assert_eq!(incomplete(&of), Vec::<String>::new());
    assert_eq!(dangling(&of, of.document()), Vec::<String>::new());
}

#[test]
fn each_example_is_what_its_schema_says() {
    let of = document();
    assert_eq!(examples(&of, of.document(), "at"), Vec::<String>::new());
}

#[test]
fn the_bodies_have_the_tables_fields() {
    let of = document();
    let lead = lead(&BTreeMap::new());
    let also = ["id", "name", "full_name", "created_at", "updated_at"];
    assert_eq!(told(&of, "/leads"), said(&lead, &System::PORTAL, "", &also));
    for spec in billing(&Config::load(&|_| None).unwrap().billing) {
        let path = format!("/{}s", spec.kind);
        let fields = said(&spec, &System::APP, "app_id", &["id", "updated_at"]);
        assert_eq!(told(&of, &path), fields, "{path}");
    }
}

#[test]
fn what_is_wrong_in_a_document_is_found() {
    let good = tree::read(PAGE);
    for (from, to, part) in [
        ("  /products/{id}:", "  /product/{id}:", "GET /products/{id}"),
        (
            "operationId: getLead",
            "operationId: postLead",
            "GET /leads/{id}: its operationId",
        ),
        ("summary: Takes a lead", "summary: ''", "POST /leads: no summary"),
        (
            "'401': { $ref: '#/components/responses/Unauthorised' }",
            "'402': {}",
            "401",
        ),
        ("responses/TooLarge' }", "responses/TooBig' }", "TooBig\" leads nowhere"),
        (
            "parameters/IdempotencyKey' }",
            "parameters/Id' }",
            "POST /leads: Idempotency-Key",
        ),
        ("loan_term: 120", "loan_term: [120]", "loan_term: [120] is against type"),
    ] {
        assert!(good.contains(from), "{from}");
        let of = OpenApi::parse(&good.replacen(from, to, 1)).unwrap();
        let problems = [
            routes(&of),
            incomplete(&of),
            dangling(&of, of.document()),
            examples(&of, of.document(), "at"),
        ]
        .concat();
        assert!(problems.iter().any(|it| it.contains(part)), "{to}: {problems:?}");
    }
}
