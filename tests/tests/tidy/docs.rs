//! What is pointed at is there: relative links of the docs with their anchors, the paths that they name, and the
//! sections of `docs/vendors.md` that the code cites.

use crate::tree;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// A path in backquotes that begins so is meant to be there.
const TOP: [&str; 9] = [
    ".ci/",
    "docs/",
    "events/",
    "functions/",
    "shared/",
    "tests/",
    "tools/",
    "Cargo.toml",
    "template.yaml",
];

/// All pages: path from the root, and text.
fn pages() -> Vec<(String, String)> {
    let mut found = vec![("README.md".to_owned(), tree::read("README.md"))];
    found.extend(tree::files("docs", "md"));
    found
}

/// The targets of a page's links, code left out.
fn links(text: &str) -> Vec<String> {
    let prose: String = without_fences(text).split('`').step_by(2).collect();
    let targets = prose.split("](").skip(1);
    targets
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_owned())
        .collect()
}

fn without_fences(text: &str) -> String {
    let mut inside = false;
    let mut keep = |line: &&str| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    };
    text.lines().filter(|line| keep(line)).collect::<Vec<_>>().join("\n")
}

/// The anchors of a page, as GitHub makes them from its headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = without_fences(text);
    let headings = headings.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#'))).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c if c.is_alphanumeric() => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

/// The file that a link of `page` means, from the root.
fn target(page: &str, link: &str) -> String {
    let mut path = PathBuf::from(page);
    path.pop();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => _ = path.pop(),
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path.to_string_lossy().into_owned()
}

/// Links of `page` that lead nowhere. `read` gives a file's text, if it is there.
fn broken(page: &str, text: &str, read: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let outside = |link: &String| ["http://", "https://", "mailto:"].iter().any(|it| link.starts_with(it));
    let mut wrong = Vec::new();
    for link in links(text).into_iter().filter(|link| !outside(link)) {
        let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
        let found = if file.is_empty() {
            Some(text.to_owned())
        } else {
            read(&target(page, file))
        };
        if found.is_none_or(|it| !anchor.is_empty() && !anchors(&it).contains(anchor)) {
            wrong.push(format!("{page} links to {link}"));
        }
    }
    wrong
}

/// The paths of the repository that stand in backquotes.
fn paths(text: &str) -> Vec<&str> {
    let lines = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let is_path = |it: &&str| TOP.iter().any(|top| it.starts_with(top)) && !it.contains(['<', '*', '{', '…', ' ']);
    lines.filter(is_path).collect()
}

fn there(path: &str) -> Option<String> {
    let path = tree::root().join(path);
    path.exists().then(|| std::fs::read_to_string(path).unwrap_or_default())
}

/// The page of the vendors' facts, and the sign that a citation of one of its sections begins with.
const VENDORS: &str = "docs/vendors.md";
const SECTION: char = '\u{a7}';

/// What comments once cited and nobody who has only the repository can read.
const ELSEWHERE: [&str; 5] = [
    concat!("vendor", "-apis"),
    concat!("lambda", "-facts"),
    concat!("DESIGN", ".md"),
    concat!("FLOWS", ".md"),
    concat!("reference", " \u{a7}"),
];

/// The sections that a source cites, such as `1.4`; none where it does not name the page.
fn cited(source: &str) -> Vec<&str> {
    if !source.contains(VENDORS) {
        return Vec::new();
    }
    let ends = |c: char| !c.is_ascii_digit() && c != '.';
    let numbers = source.split(SECTION).skip(1).filter_map(|rest| rest.split(ends).next());
    let numbers = numbers.map(|number| number.trim_end_matches('.'));
    numbers.filter(|number| number.contains('.')).collect()
}

/// The numbers of the page's sections.
fn sections(page: &str) -> BTreeSet<&str> {
    let headings = page.lines().filter_map(|line| line.strip_prefix("### "));
    headings.filter_map(|heading| heading.split(' ').next()).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let wrong = pages()
        .iter()
        .flat_map(|(page, text)| broken(page, text, &there))
        .collect::<Vec<_>>();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_path_that_the_docs_name_is_there() {
    let pages = pages();
    let named = pages
        .iter()
        .flat_map(|(page, text)| paths(text).into_iter().map(move |path| (page, path)));
    let gone: Vec<_> = named.filter(|(_, path)| there(path).is_none()).collect();
    assert_eq!(gone, Vec::new());
}

#[test]
fn every_section_of_the_vendors_that_the_code_cites_is_there() {
    let page = tree::read(VENDORS);
    let there = sections(&page);
    let sources: Vec<_> = ["shared", "functions", "tools", "tests"]
        .iter()
        .flat_map(|it| tree::sources(it))
        .collect();
    let all: Vec<_> = sources
        .iter()
        .flat_map(|(path, text)| cited(text).into_iter().map(move |number| (path, number)))
        .collect();
    let used: BTreeSet<&str> = all.iter().map(|(_, number)| *number).collect();
    let gone: Vec<_> = all.iter().filter(|(_, number)| !there.contains(number)).collect();
    assert_eq!(gone, Vec::<&(&String, &str)>::new());
    assert_eq!(there, used, "a section that no code cites");
}

#[test]
fn no_file_points_at_what_is_not_in_the_repository() {
    let texts = tree::texts();
    assert!(texts.iter().any(|(path, _)| path == VENDORS));
    let of = |(path, text): &(String, String)| {
        let found = ELSEWHERE.iter().filter(|it| text.contains(**it));
        found.map(|it| format!("{path} names {it}")).collect::<Vec<_>>()
    };
    assert_eq!(texts.iter().flat_map(of).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn a_citation_is_read_with_its_number() {
    let source = "(docs/vendors.md \u{a7}1.4, \u{a7}9.10). As in \u{a7}4.2.\n\u{a7} \u{a7}7";
    assert_eq!(cited(source), ["1.4", "9.10", "4.2"]);
    assert_eq!(cited("RFC 9110 \u{a7}8.8"), Vec::<&str>::new());
    assert_eq!(
        sections("## 1 A\n### 1.1 B\n### 9.10 C"),
        BTreeSet::from(["1.1", "9.10"])
    );
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let read = |path: &str| (path == "docs/b.md").then(|| "## A word, *and* one_more\n".to_owned());
    let text = "# T\n[a](b.md) [b](b.md#a-word-and-one_more) [c](#t) [d](https://x) `[e](e.md)`\n```\n[f](f.md)\n```\n";
    assert_eq!(broken("docs/a.md", text, &read), Vec::<String>::new());
    for (text, part) in [
        ("[a](c.md)", "c.md"),
        ("[a](b.md#no)", "b.md#no"),
        ("[a](#no)", "#no"),
        ("[a](../b.md)", "../b.md"),
    ] {
        assert_eq!(broken("docs/a.md", text, &read), [format!("docs/a.md links to {part}")]);
    }
    assert_eq!(paths("`shared/src/<x>.rs` `docs/a.md` `cargo run`"), ["docs/a.md"]);
}
