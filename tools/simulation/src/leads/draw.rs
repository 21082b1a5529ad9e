//! What people do in a history, drawn from its seed.

use super::deeds::{What, step};
use super::operators::OfAll;
use super::people::{FIELDS, Field, People, Person, Style};
use super::troubles;
use crate::chance::Chance;
use crate::flow::Step;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Draws at most `most` people, and what is done to and about them.
pub(super) fn draw(people: &People, chance: &Chance, span: Duration, most: u64) -> Vec<Step> {
    let (mut steps, mut numbers) = (Vec::new(), 0);
    let mut known: Vec<Arc<Person>> = Vec::new();
    for _ in 0..chance.between(1, most) {
        let styles = [
            Style::Api,
            Style::Table,
            Style::Both,
            Style::Both,
            Style::Zoho,
            Style::Phone,
        ];
        let person = people.add(chance.pick(&styles));
        let (came, moves) = (chance.time(Duration::ZERO, span / 2), chance.per_mille(500));
        steps.push(step(came, &person, first(&person, chance, &mut numbers)));
        for _ in 0..chance.between(0, 4) {
            // Many edits come in bursts.
            let most = if chance.per_mille(400) {
                Duration::from_secs(5)
            } else {
                span - came
            };
            let at = came + chance.time(Duration::from_millis(1), most);
            steps.extend(later(&person, moves, chance, &mut numbers).map(|it| step(at, &person, it)));
        }
        if person.has_row() && chance.per_mille(250) {
            steps.extend(quarrel(&person, chance, came..span, &mut numbers));
        }
        known.push(person);
    }
    if let [one, other, ..] = known.as_slice()
        && chance.per_mille(300)
        && one.has_row()
        && other.has_row()
    {
        steps.push(step(chance.time(span / 2, span), one, What::Mistake(other.clone())));
    }
    if chance.per_mille(200) {
        steps.push(troubles::outage(chance, span));
    }
    if chance.per_mille(300) {
        let times = chance.between(1, 4);
        steps.push(OfAll::Unlucky("api_leads", times).at(chance.time(Duration::ZERO, span / 2)));
    }
    steps.extend(crowd(people, chance, span));
    steps.extend((0..chance.between(0, 3)).map(|_| of_all(chance, span)));
    steps
}

/// The person changes a field, sales changes it in the second in which that reaches them, and the person once more.
fn quarrel(person: &Arc<Person>, chance: &Chance, when: Range<Duration>, numbers: &mut u64) -> Vec<Step> {
    let (field, at) = (chance.pick(&FIELDS), chance.time(when.start, when.end));
    let again = at + chance.time(Duration::from_secs(1), Duration::from_secs(10));
    let [first, theirs, last] = [1, 2, 3].map(|it| *numbers + it);
    *numbers = last;
    let fill = |number| What::Fill(vec![(field, number)]);
    vec![
        step(at, person, fill(first)),
        step(at, person, What::EditAtOnce(field, theirs)),
        step(again, person, fill(last)),
    ]
}

/// People who were there before Concord was: their webhooks were never sent, and a backfill brings them. On some days
/// its machines die under it, or Zoho refuses one of those who come in one batch.
fn crowd(people: &People, chance: &Chance, span: Duration) -> Vec<Step> {
    if !chance.per_mille(300) {
        return Vec::new();
    }
    for _ in 0..chance.between(2, 8) {
        people.add(Style::Old);
    }
    let at = chance.time(Duration::ZERO, span);
    let mut steps = vec![OfAll::Backfill.at(at)];
    if chance.per_mille(700) {
        steps.push(OfAll::Unlucky("cron_portal_pull", chance.between(2, 6)).at(at));
    }
    if chance.per_mille(300) {
        steps.push(troubles::refused_record(chance.pick(&[0, 1]), at));
    }
    steps
}

fn of_all(chance: &Chance, span: Duration) -> Step {
    let length = chance.time(Duration::from_secs(20), Duration::from_secs(150));
    let system = chance.pick(&["zoho_crm", "backoffice"]);
    let queue = chance.pick(&[
        "concord-intake",
        "concord-sync-zoho-crm-lead",
        "concord-sync-backoffice-lead",
    ]);
    let all = [
        OfAll::Pull("zoho_crm_pull"),
        OfAll::Pull("portal_pull"),
        OfAll::Pause(system, length),
        OfAll::Pause(system, length),
        OfAll::Garbage(queue),
        OfAll::Forge,
        OfAll::Health,
    ];
    chance.pick(&all).at(chance.time(Duration::ZERO, span))
}

fn first(person: &Person, chance: &Chance, numbers: &mut u64) -> What {
    match person.style {
        Style::Api | Style::Phone => What::Send(0, format!("1{}", person.number)),
        _ => What::Fill(values(chance, numbers)),
    }
}

fn values(chance: &Chance, numbers: &mut u64) -> Vec<(Field, u64)> {
    let some = FIELDS.into_iter().filter(|_| chance.per_mille(600));
    some.map(|field| {
        *numbers += 1;
        (field, *numbers)
    })
    .collect()
}

/// Who moves does not ask again without an id: an address of which nobody has told us yet is another person's.
fn later(person: &Person, moves: bool, chance: &Chance, numbers: &mut u64) -> Option<What> {
    *numbers += 1;
    let number = *numbers;
    let edit = || {
        let field = chance.pick(&FIELDS);
        if chance.per_mille(250) {
            What::EditAtOnce(field, number)
        } else {
            What::Edit(field, number)
        }
    };
    Some(match (chance.between(0, 19), person.style) {
        (0, _) => What::Delete,
        (1, _) => What::Retry,
        (2, Style::Api | Style::Table | Style::Both) if moves => What::Move(number),
        (2 | 3, Style::Api | Style::Table | Style::Both) if !moves => What::Again(format!("again {number}")),
        (3..=9, _) | (_, Style::Zoho) => edit(),
        // What has no id and no address can't be sent twice: it would be another lead.
        (_, Style::Phone) => return None,
        // A caller's keys are numbers; the other caller's begin with a one (see `CALLERS`).
        (10..=13, Style::Both) | (_, Style::Api) => What::Send(1, number.to_string()),
        _ => What::Fill(values(chance, numbers)),
    })
}
