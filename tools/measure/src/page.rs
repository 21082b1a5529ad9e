//! The tables' place in a page of the documentation.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::Path;

/// What stands before and after the tables.
const MARKS: [&str; 2] = ["<!-- measured by tools/measure/run --write -->", "<!-- /measured -->"];

/// Puts the tables between the marks of a page.
///
/// # Errors
/// When there is no page, or it has no marks.
pub(crate) fn write(page: &Path, tables: &str) -> Result<()> {
    let text = fs::read_to_string(page).with_context(|| page.display().to_string())?;
    let text = placed(&text, tables).with_context(|| format!("{} has no {}", page.display(), MARKS[0]))?;
    fs::write(page, text).with_context(|| page.display().to_string())
}

fn placed(page: &str, tables: &str) -> Option<String> {
    let (before, rest) = page.split_once(MARKS[0])?;
    let (_, after) = rest.split_once(MARKS[1])?;
    Some(format!("{before}{}\n{}\n{}{after}", MARKS[0], tables.trim(), MARKS[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_changes() {
        let page = format!("# P\n{}\nold\n{}\nend\n", MARKS[0], MARKS[1]);
        let new = placed(&page, "| new |\n").unwrap();
        assert_eq!(new, format!("# P\n{}\n| new |\n{}\nend\n", MARKS[0], MARKS[1]));
        assert_eq!(placed("# P\n", "x"), None);
    }
}
