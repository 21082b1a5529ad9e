//! Tables on screen: one look for all of them, plain where nobody watches.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// An empty table: columns of text, then columns of numbers.
#[must_use]
pub fn new(texts: &[&str], numbers: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(texts.iter().chain(numbers).copied().collect::<Vec<_>>());
    for column in table.column_iter_mut().skip(texts.len()) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
