//! `docs/flows/leads.md` sets up what the table of fields needs, and what the twins have.

use crate::tree;
use shared::model::System;
use shared::sync::fields::{KindSpec, lead};
use std::collections::{BTreeMap, BTreeSet};
use twins::supabase::{Kind, Table, back_office, portal};

const PAGE: &str = "docs/flows/leads.md";

fn spec() -> KindSpec {
    lead(&BTreeMap::new())
}

/// The columns and types that a page's `create table` of this name lists, each on its own line.
fn columns(page: &str, table: &str) -> BTreeMap<String, String> {
    let begin = format!("create table public.{table} (\n");
    let body = page.split_once(&begin).map_or("", |(_, rest)| rest);
    let body = body.split_once("\n);").map_or("", |(body, _)| body);
    let words = body.lines().map(|line| line.trim().trim_end_matches(',').split(' '));
    words
        .filter_map(|mut it| Some((it.next()?.to_owned(), it.next()?.to_owned())))
        .collect()
}

fn of_twin(table: &Table) -> BTreeMap<String, String> {
    let kind = |kind| match kind {
        Kind::Uuid => "uuid",
        Kind::Text => "text",
        Kind::Numeric => "numeric",
        Kind::Integer => "integer",
        Kind::Boolean => "boolean",
        Kind::Timestamp => "timestamptz",
    };
    let columns = table.columns.iter();
    columns.map(|it| (it.name.clone(), kind(it.kind).to_owned())).collect()
}

/// The part of a page between a heading and the next of its level.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let rest = page.split_once(heading).map_or("", |(_, rest)| rest);
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

/// Names of `wanted` that do not stand in backquotes in `text`.
fn missing<'a>(text: &str, wanted: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let named = |it: &&str| !text.contains(&format!("`{it}`"));
    wanted.into_iter().filter(named).collect()
}

#[test]
fn the_back_offices_sql_is_what_the_twin_has() {
    let page = tree::read(PAGE);
    for table in back_office(true) {
        assert_eq!(columns(&page, &table.name), of_twin(&table), "{}", table.name);
    }
}

#[test]
fn the_back_offices_sql_has_every_column_that_is_written() {
    let columns: BTreeSet<String> = columns(&tree::read(PAGE), "leads").into_keys().collect();
    let spec = spec();
    let lacking: Vec<_> = spec
        .columns(&System::BACKOFFICE)
        .into_iter()
        .filter(|it| !columns.contains(*it))
        .collect();
    assert_eq!(lacking, Vec::<&str>::new());
}

#[test]
fn the_keys_of_the_back_office_are_unique() {
    let page = tree::read(PAGE);
    for key in ["zoho_lead_id", "portal_lead_id", "email"] {
        let index = format!("create unique index leads_{key}_key on public.leads ({key});");
        assert!(page.contains(&index), "{index}");
    }
}

#[test]
fn the_page_names_every_custom_field_of_zoho() {
    let page = tree::read(PAGE);
    let spec = spec();
    let used = spec.columns(&System::ZOHO_CRM);
    let fields = twins::zoho::lead_fields();
    let custom: Vec<&str> = fields
        .iter()
        .filter(|it| it.custom)
        .map(|it| it.api_name.as_str())
        .collect();
    let wanted = used.into_iter().filter(|it| custom.contains(it));
    assert_eq!(missing(section(&page, "## 1. Zoho CRM"), wanted), Vec::<&str>::new());
}

#[test]
fn the_page_names_every_field_of_the_api_and_of_the_portals_table() {
    let page = tree::read(PAGE);
    let spec = spec();
    let fields = spec.columns(&System::PORTAL);
    assert_eq!(
        missing(section(&page, "## The API"), fields.clone()),
        Vec::<&str>::new()
    );
    let of_twin: BTreeSet<String> = portal().iter().flat_map(|it| of_twin(it).into_keys()).collect();
    let unknown: Vec<_> = fields.into_iter().filter(|it| !of_twin.contains(*it)).collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

#[test]
fn a_column_that_the_sql_lacks_is_found() {
    let page = "create table public.leads (\n  id uuid primary key,\n  email text\n);\n";
    let found = columns(page, "leads");
    assert_eq!(
        found.into_iter().collect::<Vec<_>>(),
        [("email".into(), "text".into()), ("id".into(), "uuid".into())] as [(String, String); 2]
    );
    assert_eq!(missing("`a` b", ["a", "b"]), ["b"]);
    assert_eq!(section("x\n## A\none\n## B\ntwo", "## A"), "\none");
}
