//! What the office does: it takes down callers, tickets and notes, in any order, and changes them.

use super::kinds::{CALLER, NOTE, TICKET};
use super::office::Office;
use crate::chance::Chance;
use crate::flow::{Deed, Step};
use crate::history::Said;
use crate::sim::Sim;
use futures_util::future::BoxFuture;
use shared::model::{Kind, RecordKey};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Something of the office, with the number of its parent.
#[derive(Clone, Debug)]
struct Thing {
    key: RecordKey,
    parent: Option<String>,
    /// When it is taken down.
    at: Duration,
}

/// One field of a thing.
#[derive(Clone, Debug)]
struct Word {
    thing: Thing,
    field: &'static str,
    value: String,
}

/// What the office says at once.
struct Says {
    office: Office,
    words: Vec<Word>,
}

impl fmt::Debug for Says {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the office says")?;
        for Word { thing, field, value } in &self.words {
            write!(f, " {}", thing.key)?;
            if let Some(parent) = &thing.parent {
                write!(f, " of {parent}")?;
            }
            write!(f, ": {field} {value:?};")?;
        }
        Ok(())
    }
}

impl Deed for Says {
    fn act(&self, sim: Sim) -> BoxFuture<'static, ()> {
        let mut told = Vec::new();
        for word in &self.words {
            self.say(&sim, word);
            if !told.contains(&word.thing.key) {
                told.push(word.thing.key.clone());
            }
        }
        for key in told {
            Office::tell(&sim, &key);
        }
        Box::pin(async {})
    }
}

impl Says {
    fn say(&self, sim: &Sim, word: &Word) {
        let Word { thing, field, value } = word;
        let at = sim.world.clock.now();
        let instead_of = self.office.set(&thing.key, thing.parent.as_ref(), field, value, at);
        let said = Said {
            at_ms: sim.now_ms(),
            about: (name_of(&thing.key.kind), thing.key.id.clone()),
            door: "office",
            field,
            value: value.clone(),
            instead_of,
        };
        sim.history().said.push(said);
    }
}

fn name_of(kind: &Kind) -> &'static str {
    match kind.as_str() {
        "caller" => "caller",
        "ticket" => "ticket",
        _ => "note",
    }
}

/// Draws the things of a history and what the office says of them.
pub(super) fn draw(office: &Office, chance: &Chance, span: Duration) -> Vec<Step> {
    let mut drawing = Drawing {
        office,
        chance,
        span,
        words: 0,
        things: Vec::new(),
        steps: Vec::new(),
    };
    for _ in 0..chance.between(1, 2) {
        drawing.family();
    }
    if chance.per_mille(200) {
        drawing.burst();
    }
    for thing in drawing.things.clone() {
        drawing.edits(&thing);
    }
    for _ in 0..chance.between(0, 2) {
        drawing.several();
    }
    drawing.steps
}

struct Drawing<'a> {
    office: &'a Office,
    chance: &'a Chance,
    span: Duration,
    words: u64,
    things: Vec<Thing>,
    steps: Vec<Step>,
}

impl Drawing<'_> {
    /// A caller with tickets and notes, each often before its parent.
    fn family(&mut self) {
        let came = self.chance.time(Duration::ZERO, self.span / 2);
        let caller = self.thing(CALLER, None, came);
        for _ in 0..self.chance.between(0, 2) {
            let at = self.around(came);
            let ticket = self.thing(TICKET, Some(caller.key.id.clone()), at);
            for _ in 0..self.chance.between(1, 3) {
                let at = self.around(at);
                self.thing(NOTE, Some(ticket.key.id.clone()), at);
            }
        }
    }

    /// So many at once that the desk's limit matters.
    fn burst(&mut self) {
        let at = self.chance.time(Duration::ZERO, self.span * 3 / 4);
        let first = self.things.len();
        let caller = self.thing(CALLER, None, at);
        let ticket = self.thing(TICKET, Some(caller.key.id), at);
        for _ in 0..self.chance.between(4, 16) {
            match self.chance.between(0, 2) {
                0 => self.thing(CALLER, None, at),
                1 => self.thing(TICKET, Some("c1".to_owned()), at),
                _ => self.thing(NOTE, Some(ticket.key.id.clone()), at),
            };
        }
        debug_assert!(self.things.len() > first, "a burst of nothing");
    }

    /// A new thing, said when it comes.
    fn thing(&mut self, kind: Kind, parent: Option<String>, at: Duration) -> Thing {
        let before = self.things.iter().filter(|it| it.key.kind == kind).count();
        let letter = &kind.as_str()[..1];
        let id = format!("{letter}{}", before + 1);
        let key = RecordKey::new(kind, id);
        let thing = Thing { key, parent, at };
        self.things.push(thing.clone());
        let mut words = vec![self.word(&thing, "name"), self.word(&thing, "body")];
        if thing.parent.is_some() && self.chance.per_mille(150) {
            // A parent that was mistaken, for there is none of that number, and is put right later.
            words.iter_mut().for_each(|it| it.thing.parent = Some("0".to_owned()));
            let later = self.chance.time(Duration::from_millis(1), Duration::from_secs(90));
            self.edit(&thing, at + later);
        }
        self.says(at, words);
        thing
    }

    fn edits(&mut self, thing: &Thing) {
        let rest = self.span.saturating_sub(thing.at);
        for _ in 0..self.chance.between(0, 2) {
            // Many edits come in bursts: while the first call about a thing is under way.
            let most = if self.chance.per_mille(500) {
                Duration::from_secs(2)
            } else {
                rest
            };
            self.edit(thing, thing.at + self.chance.time(Duration::from_millis(1), most));
        }
        // What waits for a person is changed, too, and some of it after all faults.
        if thing.key.kind == NOTE && self.chance.per_mille(700) {
            self.edit(
                thing,
                self.span + self.chance.time(Duration::ZERO, Duration::from_secs(300)),
            );
        }
    }

    fn edit(&mut self, thing: &Thing, at: Duration) {
        let field = self.chance.pick(&["name", "body"]);
        let word = self.word(thing, field);
        self.says(at, vec![word]);
    }

    /// Several things change in one moment.
    fn several(&mut self) {
        let at = self.chance.time(self.span / 4, self.span);
        let mut words = Vec::new();
        for thing in self.things.clone().into_iter().filter(|it| it.at < at) {
            if self.chance.per_mille(500) {
                words.push(self.word(&thing, "body"));
            }
        }
        if !words.is_empty() {
            self.says(at, words);
        }
    }

    /// A value that nobody else gives; now and then a body is cleared.
    fn word(&mut self, thing: &Thing, field: &'static str) -> Word {
        self.words += 1;
        let cleared = field == "body" && self.chance.per_mille(100);
        let value = if cleared {
            String::new()
        } else {
            format!("{field} {}", self.words)
        };
        Word {
            thing: thing.clone(),
            field,
            value,
        }
    }

    fn says(&mut self, at: Duration, words: Vec<Word>) {
        let office = self.office.clone();
        self.steps.push(Step {
            at,
            deed: Arc::new(Says { office, words }),
        });
    }

    /// As often before as after.
    fn around(&self, at: Duration) -> Duration {
        let apart = self.chance.time(Duration::ZERO, Duration::from_secs(15));
        match self.chance.per_mille(500) {
            true => at.saturating_sub(apart),
            false => at + apart,
        }
    }
}
