//! `docs/ARCHITECTURE.md` shows the statuses and names the modules as they are.

use crate::tree;

const PAGE: &str = "docs/ARCHITECTURE.md";

/// The rows of the table in `model/status.rs`'s test: an event, and what it makes of each status.
fn of_code(source: &str) -> Vec<String> {
    let table = source.split_once("const TABLE").map_or("", |(_, rest)| rest);
    let table = table.split_once("];").map_or("", |(table, _)| table);
    let rows = table.split("E::").skip(1);
    let row = |row: &str| {
        let event: String = row.chars().take_while(|c| c.is_alphanumeric()).collect();
        let cells = row.split('"').nth(1).unwrap_or_default();
        format!("{event} {cells}")
    };
    rows.map(row).collect()
}

/// The same of the page: the event's name is the first word of its row.
fn of_page(page: &str) -> Vec<String> {
    let section = page.split_once("\n## Statuses").map_or("", |(_, rest)| rest);
    let rows = section.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let row = |line: &str| {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let event = cells
            .next()
            .unwrap_or_default()
            .split([':', ' '])
            .next()
            .unwrap_or_default();
        std::iter::once(event).chain(cells).collect::<Vec<_>>().join(" ")
    };
    rows.take_while(|line| line.starts_with('|')).map(row).collect()
}

fn sorted(mut rows: Vec<String>) -> Vec<String> {
    rows.sort();
    rows
}

/// Modules of a folder that do not stand in backquotes in `page`, as `name`, `name/` or `name.rs`.
fn unnamed(page: &str, modules: Vec<String>) -> Vec<String> {
    let named = |it: &String| {
        [format!("`{it}`"), format!("`{it}/`"), format!("`{it}.rs`")]
            .iter()
            .any(|it| page.contains(it))
    };
    modules.into_iter().filter(|it| !named(it)).collect()
}

#[test]
fn the_page_shows_every_transition() {
    let code = of_code(&tree::read("shared/src/model/status.rs"));
    assert!(code.len() > 10, "{code:?}");
    assert_eq!(sorted(of_page(&tree::read(PAGE))), sorted(code));
}

#[test]
fn the_code_map_names_every_module() {
    let page = tree::read(PAGE);
    for folder in ["shared/src", "shared/src/sync"] {
        let mut modules = tree::stems(folder, "rs");
        modules.retain(|it| it != "lib");
        assert_eq!(unnamed(&page, modules), Vec::<String>::new(), "{folder}");
    }
}

#[test]
fn a_missing_transition_and_an_unnamed_module_are_found() {
    let code = "const TABLE: [(Event, &str); 1] = [\n (\n E::Leased,\n \"syncing -\",\n ),\n];";
    let page = |cell: &str| {
        format!("\n## Statuses\n\n| event | a | b |\n|---|---|---|\n| Leased: taken | {cell} | - |\n\ntext")
    };
    assert_eq!(of_code(code), of_page(&page("syncing")));
    assert_ne!(of_code(code), of_page(&page("synced")));
    assert_eq!(unnamed("`a` `b/` c", vec!["a".into(), "b".into(), "c".into()]), ["c"]);
}
