//! The leads of the demonstration: realistic, and the same each time.

use super::people::{LOCALITIES, NAMES, SOURCES, STATUSES, STREETS};
use crate::run::sent::Lead;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::random::Random;

/// A status word that no table knows.
pub(super) const UNKNOWN_WORD: &str = "hot";

/// Of so many leads the last one is written in the portal's table.
const EACH: usize = 12;

/// How a lead comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// `POST /leads`.
    Api,
    /// A row in the portal's table, and its database webhook.
    Webhook,
}

impl Way {
    pub(super) const ALL: [Way; 2] = [Way::Api, Way::Webhook];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Api => "POST /leads",
            Self::Webhook => "portal webhook",
        }
    }
}

/// `count` leads with their ways in. Two of them are people who asked a second time, one has an unknown status word.
pub(crate) fn leads(count: usize, now: Timestamp) -> Vec<(Way, Lead)> {
    let random = Random::seeded(2026);
    let begun = now - SignedDuration::from_hours(24);
    let last_row = (count / EACH * EACH).saturating_sub(1);
    let mut leads: Vec<(Way, Lead)> = Vec::new();
    for number in 0..count {
        let made = begun + SignedDuration::from_secs(i64::try_from(number).unwrap_or(0) * 60);
        let mut row = row(&random, number, made);
        if number == 3 {
            row["status"] = json!(UNKNOWN_WORD);
        }
        // The same person again: another id, the same address, and a new quote.
        if let Some(earlier) = [(count / 2, 5), (last_row, 8)].iter().find(|it| it.0 == number) {
            for same in ["full_name", "email", "phone"] {
                row[same] = leads[earlier.1].1.row[same].clone();
            }
        }
        let id = row["id"].as_str().unwrap_or_default().to_owned();
        leads.push((way(number), Lead { id, row }));
    }
    leads
}

fn way(number: usize) -> Way {
    match (number + 1).is_multiple_of(EACH) {
        true => Way::Webhook,
        false => Way::Api,
    }
}

fn row(random: &Random, number: usize, made: Timestamp) -> Value {
    let name = NAMES[number % NAMES.len()];
    let place = &LOCALITIES[pick(random, LOCALITIES.len())];
    let kilowatts = 3 + pick(random, 12);
    let price = 1_150 * kilowatts + pick(random, 400);
    let financed = number % 2 == 1;
    let battery = number.is_multiple_of(3);
    let mut row = json!({
        "id": random.uuid(),
        "full_name": name,
        "email": format!("{}.{number}@mail.example", mailbox(name)),
        "phone": format!("+356 99{:02} {:04}", pick(random, 100), pick(random, 10_000)),
        "street": format!("{}, {}", 1 + pick(random, 120), STREETS[pick(random, STREETS.len())]),
        "city": place.name,
        "status": STATUSES[number % STATUSES.len()],
        "notes": "Roof faces south; call after six.",
        "system_size_kw": format!("{kilowatts}.{:02}", 5 * pick(random, 20)),
        "total_price": format!("{price}.{:02}", pick(random, 100)),
        "annual_savings": format!("{}.00", 180 * kilowatts),
        "payment_method": if financed { "loan" } else { "cash" },
        "with_battery": battery,
        "source": SOURCES[number % SOURCES.len()],
        "created_at": made.to_string(),
    });
    if financed {
        row["loan_term"] = json!(120);
    }
    if battery {
        row["battery_size_kwh"] = json!("10.24");
    }
    if let Some((latitude, longitude)) = place.at {
        (row["latitude"], row["longitude"]) = (json!(latitude), json!(longitude));
    }
    row
}

/// The letters of a name, without accents, in lower case.
fn mailbox(name: &str) -> String {
    let letters = name.to_lowercase();
    let plain = letters.chars().filter(char::is_ascii_lowercase);
    plain.take(12).collect()
}

fn pick(random: &Random, below: usize) -> usize {
    let below = u64::try_from(below).unwrap_or(1);
    usize::try_from(random.next() % below).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::sent::people;

    #[test]
    fn two_people_ask_twice_and_both_ways_in_are_used() {
        let leads = leads(100, Timestamp::UNIX_EPOCH);
        let rows: Vec<Lead> = leads.iter().map(|it| it.1.clone()).collect();
        let twice = people(&rows).iter().filter(|it| it.leads().len() == 2).count();
        assert_eq!((rows.len(), twice), (100, 2));
        for way in Way::ALL {
            assert!(leads.iter().any(|it| it.0 == way), "{way:?}");
        }
        assert!(rows.iter().any(|it| it.row["status"] == UNKNOWN_WORD));
        assert!(rows.iter().any(|it| it.row.get("latitude").is_some()));
    }

    #[test]
    fn the_leads_are_the_same_each_time() {
        let twice = [(); 2].map(|()| leads(30, Timestamp::UNIX_EPOCH));
        assert_eq!(twice[0], twice[1]);
    }
}
