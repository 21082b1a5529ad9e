//! The arrows inside `shared` (docs/ARCHITECTURE.md, "Arrows"), the length of files, the one reader of the environment.

use crate::tree;

const LONGEST: usize = 300;

/// What a module of `shared` may use of the others; one that is not listed may use nothing.
const ARROWS: [(&str, &[&str]); 19] = [
    ("planted", &[]),
    ("clock", &[]),
    ("random", &["clock"]),
    ("model", &[]),
    ("lead", &[]),
    ("billing", &["model"]),
    ("notify", &["model"]),
    ("job", &["model"]),
    ("config", &["billing", "lead", "systems", "model"]),
    ("aws", &["config", "clock", "systems"]),
    ("queue", &["job", "model", "clock", "random", "aws", "config"]),
    ("store", &["model", "clock", "random", "aws", "config"]),
    ("systems", &["model", "clock", "random"]),
    ("alert", &["app", "store"]),
    ("intake", &["store", "queue", "job", "model", "clock", "random", "app"]),
    ("secrets", &["aws", "clock", "config", "systems"]),
    (
        "sync",
        &[
            "store", "queue", "job", "systems", "billing", "lead", "model", "app", "config", "clock", "random",
            "intake", "alert",
        ],
    ),
    (
        "worker",
        &["app", "billing", "intake", "job", "model", "store", "sync", "systems"],
    ),
    (
        "api",
        &["app", "billing", "intake", "lead", "model", "store", "sync", "systems"],
    ),
];

/// These may use everything below them.
const TOP: [&str; 2] = ["lambda", "app"];

/// Every module may ask whether one of its bugs is planted.
const EVERYWHERE: &str = "planted";

/// What the systems share: each may use these, and of the others nothing.
const SYSTEMS_SHARE: [&str; 2] = ["http", "said"];

/// `(system, what it may use besides)`.
const SYSTEMS_ALSO: [(&str, &str); 2] = [("zoho_crm", "zoho_accounts"), ("zoho_billing", "zoho_accounts")];

/// What follows each `crate::` in a source, comments left out: one path of at most two names for each.
fn uses(source: &str) -> Vec<(String, String)> {
    let lines = source.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code: String = lines.collect::<Vec<_>>().join(" ");
    let starts = code.match_indices("crate::").filter(|(at, _)| {
        let before = code[..*at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !"_$".contains(c))
    });
    starts
        .flat_map(|(at, found)| paths(&code[at + found.len()..]))
        .map(|path| {
            let first = name(&path);
            let rest = path[first.len()..].strip_prefix("::").unwrap_or_default();
            (first, name(rest))
        })
        .collect()
}

/// `a::b` as it stands, `{a::b, c}` and `a::{b, c}` taken apart.
fn paths(text: &str) -> Vec<String> {
    let text = text.trim_start();
    if let Some(inside) = text.strip_prefix('{') {
        return items(inside).iter().flat_map(|item| paths(item)).collect();
    }
    let first = name(text);
    match text[first.len()..].strip_prefix("::") {
        Some(rest) if rest.trim_start().starts_with('{') => {
            let inner = paths(rest);
            inner.into_iter().map(|path| format!("{first}::{path}")).collect()
        }
        Some(rest) => vec![format!("{first}::{}", name(rest))],
        None => vec![first],
    }
}

/// The items of a list up to the brace that closes it.
fn items(inside: &str) -> Vec<String> {
    let (mut items, mut depth) = (vec![String::new()], 0);
    for c in inside.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        items.last_mut().unwrap().push(c);
    }
    items.into_iter().filter(|item| !item.trim().is_empty()).collect()
}

fn name(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The module, and where there is one the submodule, that a file of `shared/src` belongs to.
fn module(path: &str) -> (String, String) {
    let inside = path.trim_start_matches("shared/src/").trim_end_matches(".rs");
    let mut parts = inside.split('/').map(str::to_owned);
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

fn against_arrows(path: &str, source: &str) -> Vec<String> {
    let (from, part) = module(path);
    if TOP.contains(&from.as_str()) || from == "lib" {
        return Vec::new();
    }
    let Some((_, may)) = ARROWS.iter().find(|(name, _)| *name == from) else {
        return vec![format!("{path}: the module {from} has no row in ARROWS")];
    };
    let wrong = uses(source).into_iter().filter(|(to, inner)| {
        let across = *to == from && from == "systems" && !is_shared_by_systems(&part, inner);
        across || (*to != from && *to != EVERYWHERE && !may.contains(&to.as_str()))
    });
    wrong.map(|(to, inner)| format!("{path} uses {to}::{inner}")).collect()
}

fn is_shared_by_systems(from: &str, to: &str) -> bool {
    let is_type = to.starts_with(|c: char| c.is_uppercase());
    is_type || to == from || from.is_empty() || SYSTEMS_SHARE.contains(&to) || SYSTEMS_ALSO.contains(&(from, to))
}

fn too_long(path: &str, source: &str) -> Option<String> {
    let lines = source.lines().count();
    (lines > LONGEST).then(|| format!("{path} has {lines} lines"))
}

fn imports_tools(source: &str) -> bool {
    let tools = ["use local::", "use twins::", "use simulation::", "use ::tests::"];
    let mut lines = source.lines().map(str::trim_start);
    lines.any(|line| tools.iter().any(|tool| line.starts_with(tool)))
}

fn reads_environment(path: &str, source: &str) -> bool {
    let mut lines = source.lines().map(|line| line.split("//").next().unwrap_or_default());
    path != "shared/src/config.rs" && lines.any(|line| line.contains("env::var"))
}

fn product() -> Vec<(String, String)> {
    ["shared", "functions", "tools"]
        .iter()
        .flat_map(|folder| tree::sources(folder))
        .collect()
}

#[test]
fn arrows_point_one_way() {
    let files = tree::sources("shared/src");
    let wrong: Vec<String> = files
        .iter()
        .flat_map(|(path, source)| against_arrows(path, source))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn nothing_of_the_product_needs_tools_or_tests() {
    let files = ["shared/src", "functions/src"].map(tree::sources).concat();
    let wrong: Vec<String> = files
        .into_iter()
        .filter(|(_, source)| imports_tools(source))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
    assert!(imports_tools("fn f() {\n    use twins::zoho;\n}"));
    assert!(!imports_tools("use super::tests::rows;\n// use local::aws;"));
}

/// The library of the functions has no test program: a test in there would never run.
#[test]
fn functions_hold_no_tests() {
    let holds_tests =
        |source: &str| source.contains("#[test]") || source.contains("::test]") || source.contains("cfg(test)");
    let files = tree::sources("functions/src");
    let wrong: Vec<&String> = files.iter().filter(|it| holds_tests(&it.1)).map(|it| &it.0).collect();
    assert_eq!(wrong, Vec::<&String>::new());
    assert!(!files.is_empty() && holds_tests("#[tokio::test]"));
}

#[test]
fn files_are_short() {
    let files = product();
    let long: Vec<String> = files
        .iter()
        .filter_map(|(path, source)| too_long(path, source))
        .collect();
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn only_config_reads_the_environment() {
    let files = product();
    let readers: Vec<&String> = files
        .iter()
        .filter(|(path, source)| reads_environment(path, source))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(readers, Vec::<&String>::new());
}

#[test]
fn an_arrow_that_points_back_is_found() {
    let wrong = [
        ("model/link.rs", "use crate::store::Store;"),
        ("lead.rs", "fn f() { crate::model::x() }"),
        (
            "store/due.rs",
            "pub(crate) use crate::{model::Link, sync::{push, pull}};",
        ),
        (
            "intake.rs",
            "use crate::{\n  model::Kind, // a } brace\n  systems::http::Http,\n};",
        ),
        (
            "systems/supabase/rows.rs",
            "use crate::systems::{CallError, zoho_crm::Row};",
        ),
        ("systems/zoho_accounts.rs", "use crate::systems::zoho_crm;"),
        ("systems/http.rs", "use crate::systems::supabase::Key;"),
        ("odd.rs", ""),
    ];
    for (path, source) in wrong {
        assert_ne!(
            against_arrows(&format!("shared/src/{path}"), source).len(),
            0,
            "{path}: {source}"
        );
    }
    let right = [
        ("model/link.rs", "use crate::model::Kind; // not crate::store"),
        ("lambda.rs", "use crate::sync::push;"),
        (
            "systems/zoho_crm/lists.rs",
            "use crate::systems::{BadRow, http::Http, zoho_accounts::Token};",
        ),
        ("systems/supabase.rs", "use crate::systems::supabase::Key;"),
        ("store.rs", "use supercrate::sync; use crate::model::{Kind, Link};"),
    ];
    for (path, source) in right {
        assert_eq!(
            against_arrows(&format!("shared/src/{path}"), source),
            Vec::<String>::new()
        );
    }
}

#[test]
fn a_long_file_and_a_second_reader_of_the_environment_are_found() {
    assert_eq!(too_long("a.rs", &"x\n".repeat(301)).unwrap(), "a.rs has 301 lines");
    assert_eq!(too_long("a.rs", &"x\n".repeat(300)), None);
    assert!(reads_environment("tools/a.rs", "let x = std::env::var(\"X\");"));
    assert!(!reads_environment("tools/a.rs", "// std::env::var\nstd::env::args()"));
    assert!(!reads_environment("shared/src/config.rs", "std::env::var(name)"));
}
