//! The planted bugs in a table.

use super::{Hunt, Hunts};
use crate::page;
use local::run::table;

/// A table for the screen, and a sentence.
#[must_use]
pub fn text(hunts: &Hunts) -> String {
    let mut shown = table::new(&["bug", "breaks", "the checker saw"], &["seeds"]);
    for hunt in &hunts.hunts {
        let saw = hunt.caught.as_ref().map_or("nothing", |it| it.rule);
        shown.add_row([
            hunt.bug.name(),
            hunt.bug.rule().to_owned(),
            saw.to_owned(),
            needed(hunt, hunts),
        ]);
    }
    format!("{shown}\n{}", word(hunts))
}

/// The same for a page, with what is feared and what the checker said.
#[must_use]
pub fn page(hunts: &Hunts) -> String {
    let row = |it: &Hunt| {
        let saw = it.caught.as_ref();
        let saw = saw.map_or_else(String::new, |it| format!("**{}**: {}", it.rule, it.said));
        vec![
            format!("`{}`", it.bug.name()),
            it.bug.fear().to_owned(),
            it.bug.rule().to_owned(),
            needed(it, hunts),
            saw,
        ]
    };
    let header = ["bug", "what goes wrong", "breaks", "#seeds", "the checker's first word"];
    format!("{}\n{}", page::table(&header, hunts.hunts.iter().map(row)), word(hunts))
}

/// How many were caught, and how soon.
#[must_use]
pub fn word(hunts: &Hunts) -> String {
    let all = hunts.hunts.len();
    let soon = format!("half of them within {} seeds", hunts.median());
    match hunts.missed() {
        missed if missed.is_empty() => format!(
            "{all} of {all} planted bugs caught, {soon}, each within {}",
            hunts.worst()
        ),
        missed => {
            let names: Vec<String> = missed.iter().map(|it| it.name()).collect();
            let caught = hunts.caught();
            format!(
                "{caught} of {all} planted bugs caught within {}; not caught: {}",
                hunts.most,
                names.join(", ")
            )
        }
    }
}

fn needed(hunt: &Hunt, hunts: &Hunts) -> String {
    let seeds = hunt.caught.as_ref().map(|it| it.seeds.to_string());
    seeds.unwrap_or_else(|| format!("not in {}", hunts.most))
}
