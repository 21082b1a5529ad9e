//! The parts of `docs/simulation.md` that runs write themselves: between `<!-- name: begin -->` and `<!-- name: end -->`.

use anyhow::{Context as _, Result};
use std::path::PathBuf;

/// Where the page is.
#[must_use]
pub fn path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/simulation.md"))
}

/// Writes one part of the page.
///
/// # Errors
/// When the page can't be read or written, or has no such part.
pub fn write(name: &str, text: &str) -> Result<()> {
    let path = path();
    let page = std::fs::read_to_string(&path).with_context(|| format!("{} can't be read", path.display()))?;
    let page = with(&page, name, text).with_context(|| format!("{} has no part {name}", path.display()))?;
    std::fs::write(&path, page).with_context(|| format!("{} can't be written", path.display()))
}

/// The page with another text in one of its parts.
fn with(page: &str, name: &str, text: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{}\n\n{end}{after}", text.trim()))
}

/// A table of a page.
#[must_use]
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| {
        let cells = cells.iter().map(|it| it.replace('|', "\\|").replace('\n', " "));
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    };
    let head = line(
        header
            .iter()
            .map(|it| (*it).trim_start_matches('#').to_owned())
            .collect(),
    );
    // A header that begins with `#` stands over numbers.
    let rule = header.iter().map(|it| if it.starts_with('#') { "---:" } else { "---" });
    let rule = format!("|{}|\n", rule.collect::<Vec<_>>().join("|"));
    rows.into_iter().fold(head + &rule, |table, row| table + &line(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_replaced_and_the_rest_stays() {
        let page = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n";
        let new = with(page, "x", "new\n").unwrap();
        assert_eq!(new, "a\n<!-- x: begin -->\n\nnew\n\n<!-- x: end -->\nb\n");
        assert_eq!(with(&new, "x", "new").unwrap(), new);
        assert_eq!(with(page, "y", "new"), None);
    }

    #[test]
    fn numbers_stand_on_the_right() {
        let shown = table(&["name", "#count"], [vec!["a|b".to_owned(), "1".to_owned()]]);
        assert_eq!(shown, "| name | count |\n|---|---:|\n| a\\|b | 1 |\n");
    }

    #[test]
    fn the_page_has_all_parts() {
        let page = std::fs::read_to_string(path()).unwrap();
        for name in ["figures", "bugs", "matrix"] {
            assert!(with(&page, name, "").is_some(), "{name}");
        }
    }
}
