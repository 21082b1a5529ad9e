//! Planted bugs: each stands somewhere in the engine, and nothing that is deployed can have one.

use crate::tree;
use shared::planted::Bug;

/// What the product's binaries are built from, and the tool for operators.
const CLEAN: [&str; 4] = [
    "Cargo.toml",
    "functions/Cargo.toml",
    "tools/cli/Cargo.toml",
    "tools/twins/Cargo.toml",
];

/// A manifest's lines without its comments.
fn lines(manifest: &str) -> impl Iterator<Item = &str> {
    manifest
        .lines()
        .map(|it| it.split('#').next().unwrap_or_default().trim())
}

fn names_the_feature(manifest: &str) -> bool {
    lines(manifest).any(|it| it.contains("planted"))
}

fn has_default_features(manifest: &str) -> bool {
    lines(manifest).any(|it| it.starts_with("default ") || it.starts_with("default="))
}

/// Whether a source asks for the bug by its whole name, comments left out.
fn asks(source: &str, bug: &str) -> bool {
    let call = format!("planted(Bug::{bug})");
    let mut code = source.lines().map(|it| it.split("//").next().unwrap_or_default());
    code.any(|line| line.contains(&call))
}

#[test]
fn nothing_that_is_deployed_has_planted_bugs() {
    for manifest in CLEAN {
        assert!(!names_the_feature(&tree::read(manifest)), "{manifest}");
    }
    let shared = tree::read("shared/Cargo.toml");
    assert!(lines(&shared).any(|it| it == "planted = []"));
    assert!(!has_default_features(&shared));
}

#[test]
fn every_bug_stands_somewhere() {
    let mut files = tree::sources("shared/src");
    files.retain(|(path, _)| !path.starts_with("shared/src/planted"));
    let nowhere: Vec<&Bug> = Bug::ALL
        .iter()
        .filter(|bug| !files.iter().any(|(_, source)| asks(source, &format!("{bug:?}"))))
        .collect();
    assert_eq!(nowhere, Vec::<&Bug>::new());
    assert!(Bug::ALL.len() >= 25, "{}", Bug::ALL.len());
}

#[test]
fn a_feature_and_a_bug_that_stands_nowhere_are_found() {
    assert!(names_the_feature(
        "shared = { workspace = true, features = [\"planted\"] }"
    ));
    assert!(!names_the_feature("# planted\nshared.workspace = true"));
    assert!(has_default_features("[features]\ndefault = [\"planted\"]"));
    assert!(!has_default_features("default-features = false"));
    assert!(asks("if planted(Bug::DueNotSet) {", "DueNotSet"));
    assert!(!asks("if planted(Bug::DueNotSetAtAll) {", "DueNotSet"));
    assert!(!asks("// planted(Bug::DueNotSet)", "DueNotSet"));
}
