//! Tables on screen: one look for all of them, plain where nobody watches.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// An empty table with these columns; all but the first are numbers.
#[must_use]
pub fn new(columns: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(columns.to_vec());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
