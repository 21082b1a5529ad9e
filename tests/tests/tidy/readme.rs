//! The README's table of settings is that of `shared::config::VARIABLES`.

use crate::tree;
use shared::config::{VARIABLES, Variable};

const BEGIN: &str = "<!-- settings -->";
const END: &str = "<!-- /settings -->";

/// The table as it should stand in the README.
fn table() -> String {
    let head = "| variable | default | needed by | secret | meaning |\n|---|---|---|---|---|\n".to_owned();
    VARIABLES.iter().fold(head, |table, it| table + &row(it) + "\n")
}

fn row(it: &Variable) -> String {
    let secret = if it.secret { "yes" } else { "" };
    format!(
        "| `{}` | {} | {} | {secret} | {} |",
        it.name,
        it.default,
        it.needed_by(),
        it.meaning.replace('|', "\\|")
    )
}

/// What stands between the two marks.
fn between(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(BEGIN)?;
    rest.split_once(END).map(|(table, _)| table.trim())
}

#[test]
fn the_readme_lists_every_setting() {
    let readme = tree::read("README.md");
    let stands = between(&readme).unwrap_or_else(|| panic!("README.md has no {BEGIN} … {END}"));
    let expected = table();
    assert!(
        stands == expected.trim(),
        "README.md, between {BEGIN} and {END}, should be:\n\n{expected}"
    );
}

#[test]
fn the_readme_asks_for_the_rust_that_the_workspace_needs() {
    let manifest = tree::read("Cargo.toml");
    let (_, rest) = manifest.split_once("rust-version = \"").unwrap();
    let version = rest.split('"').next().unwrap();
    let asked = format!("[Rust](https://rustup.rs) {version} or newer");
    assert!(
        tree::read("README.md").contains(&asked),
        "README.md should ask for {asked}"
    );
}

#[test]
fn a_setting_that_is_missing_in_the_readme_is_found() {
    let stale = table().replacen("| `CRON_SECRET`", "| `CRON_KEY`", 1);
    assert_ne!(
        between(&format!("{BEGIN}\n{stale}{END}")).unwrap(),
        table().trim(),
        "the change is not seen"
    );
    assert_eq!(between("no marks"), None);
}
