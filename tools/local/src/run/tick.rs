//! `--tick NAME`: one schedule, now, until its work is done.

use super::table;
use crate::world::World;
use anyhow::{Result, bail};
use shared::sync::run::{self, PULLS, Run};
use std::time::Duration;

/// A run that is given up for the moment is begun again so often.
const TURNS: u32 = 10;

/// Fires the schedule and works off all that follows from it; the text says what was done.
///
/// # Errors
/// When there is no such schedule, or its run did not end.
pub async fn tick(world: &World, name: &str) -> Result<String> {
    let known = world.scheduled()?;
    if !known.contains(name) {
        let known: Vec<String> = known.into_iter().collect();
        bail!("--tick {name}: no such schedule; there are {}", known.join(", "));
    }
    world.tick(name)?;
    world.settle().await;
    let job = name.trim_start_matches("cron_");
    if !PULLS.contains(&job) {
        return Ok(format!("{name}: done\n"));
    }
    let mut run = last(world, job).await?;
    for _ in 0..TURNS {
        let Some(error) = run.as_ref().filter(|it| it.finished_at.is_none()).map(|it| &it.error) else {
            break;
        };
        if let Some(error) = error {
            bail!("{name}: {error}; the run goes on at the next start");
        }
        world.clock.sleep(Duration::from_secs(1)).await;
        world.tick(name)?;
        world.settle().await;
        run = last(world, job).await?;
    }
    match run {
        Some(run) if run.has_failed() => bail!("{name}: {}", run.error.unwrap_or_default()),
        Some(run) if run.finished_at.is_some() => Ok(counts(&run)),
        _ => bail!("{name}: the run did not end; it goes on at the next start"),
    }
}

async fn last(world: &World, job: &str) -> Result<Option<Run>> {
    Ok(run::list(world.app(), job, 1).await?.into_iter().next())
}

fn counts(run: &Run) -> String {
    let numbers = ["read", "created", "updated", "unchanged", "held", "failed", "later"];
    let mut table = table::new(&["run"], &numbers);
    let it = &run.counts;
    let numbers = [
        it.read,
        it.created,
        it.updated,
        it.unchanged,
        it.held,
        it.failed,
        it.later,
    ];
    let mut row = vec![run.id.clone()];
    row.extend(numbers.map(|it| it.to_string()));
    table.add_row(row);
    format!("{table}\n")
}
