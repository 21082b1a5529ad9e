//! The command line.

use clap::{ArgGroup, Parser};
use shared::planted::Bug;

/// Histories of the whole bundle, one for each seed: the real handlers between a hostile AWS and hostile systems, and a
/// checker that reads what happened. Without a choice: 200 fresh seeds. Ends with 1 if anything was broken.
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "simulation", group(ArgGroup::new("what").args(["seeds", "minutes", "seed", "bugs", "matrix"])))]
pub struct Options {
    /// Runs so many seeds.
    #[arg(long, value_name = "N")]
    pub seeds: Option<u64>,
    /// Runs seeds until so many minutes are over.
    #[arg(long, value_name = "M")]
    pub minutes: Option<f64>,
    /// Replays one seed: its timeline, what it broke, its trace hash; shrinks it if it broke anything.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// The first seed; fresh without it, and printed.
    #[arg(long, value_name = "S")]
    pub from: Option<u64>,
    /// Plants each bug and runs seeds until it is caught.
    #[arg(long)]
    pub bugs: bool,
    /// Harms each call of the functions at each point.
    #[arg(long)]
    pub matrix: bool,
    /// Threads; all cores without it.
    #[arg(long, value_name = "J")]
    pub jobs: Option<usize>,
    /// Plants this bug: with --bugs it is the only one, else it stands in every history.
    #[arg(long, value_name = "NAME", value_parser = bug)]
    pub bug: Option<Bug>,
    /// Seeds that a planted bug is given at most.
    #[arg(long, value_name = "N", default_value_t = crate::bugs::MOST)]
    pub most: u64,
    /// Prints the summary as JSON, and no bar.
    #[arg(long)]
    pub json: bool,
    /// Writes its figures into docs/simulation.md.
    #[arg(long)]
    pub write: bool,
    /// Leaves a failing seed as long as it is.
    #[arg(long)]
    pub no_shrink: bool,
}

fn bug(name: &str) -> Result<Bug, String> {
    let found = Bug::ALL.iter().copied().find(|it| it.name() == name);
    found.ok_or_else(|| "no bug has this name; --bugs lists them".to_owned())
}

impl Options {
    /// How many threads.
    #[must_use]
    pub fn jobs(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.jobs.unwrap_or_else(cores).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        <Options as clap::CommandFactory>::command().debug_assert();
        let read = |line: &str| Options::try_parse_from(line.split(' '));
        let options = read("simulation --seeds 10 --from 3 --bug unfenced-commit").unwrap();
        assert_eq!((options.seeds, options.from), (Some(10), Some(3)));
        assert_eq!(options.bug, Some(Bug::UnfencedCommit));
        for wrong in ["--seeds 1 --minutes 2", "--bug no-such-bug", "--matrix --bugs"] {
            assert!(read(&format!("simulation {wrong}")).is_err(), "{wrong}");
        }
    }
}
