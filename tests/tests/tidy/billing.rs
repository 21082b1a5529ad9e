//! `docs/flows/billing.md` names what the table of fields needs, and what the settings have.

use crate::tree;
use shared::config::{Config, VARIABLES};
use shared::model::System;
use shared::sync::fields::billing;

const PAGE: &str = "docs/flows/billing.md";

/// The part of a page between a heading and the next one.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let rest = page.split_once(heading).map_or("", |(_, rest)| rest);
    rest.split_once("\n#").map_or(rest, |(section, _)| section)
}

/// The columns that the page's table lists of a kind.
fn listed(page: &str, kind: &str) -> Vec<String> {
    let row = format!("| {kind} | ");
    let line = section(page, "### Columns")
        .lines()
        .find_map(|it| it.strip_prefix(&row));
    let names = line.unwrap_or_default().split('`').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

#[test]
fn the_page_lists_the_columns_of_each_kind() {
    let page = tree::read(PAGE);
    for spec in billing(&Config::load(&|_| None).unwrap().billing) {
        let mut columns = spec.columns(&System::APP);
        columns.retain(|it| *it != "app_id");
        let mut listed = listed(&page, spec.kind.as_str());
        columns.sort_unstable();
        listed.sort();
        assert_eq!(listed, columns, "{}", spec.kind);
    }
}

#[test]
fn the_page_names_every_setting_of_billing() {
    let (page, deploy) = (tree::read(PAGE), tree::read("docs/deploy.md"));
    let own = [
        "APP_",
        "BILLING_",
        "NETCASH_RETURN",
        "SERVICE_",
        "STRIPE_",
        "ZOHO_BILLING_",
    ];
    let names = VARIABLES.iter().map(|it| it.name);
    let names = names.filter(|it| own.iter().any(|own| it.starts_with(own)));
    // Those of all of Zoho are told with leads.
    let shared = ["_REGION", "_URL"];
    let camel = |it: &str| -> String {
        let part = |part: &str| part[..1].to_owned() + &part[1..].to_lowercase();
        it.split('_').map(part).collect()
    };
    let is_told = |it: &&str| page.contains(*it) || deploy.contains(&camel(it));
    let told_there = |it: &&str| it.starts_with("ZOHO_") && shared.iter().any(|end| it.ends_with(end));
    let missing: Vec<_> = names.filter(|it| !is_told(it) && !told_there(it)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn a_column_that_the_page_lacks_is_found() {
    let page = "### Columns\n\n| plan | `a`, `b` |\n\n## x\n| plan | `c` |";
    assert_eq!(listed(page, "plan"), ["a", "b"]);
    assert_eq!(listed(page, "product"), Vec::<String>::new());
}
