//! The desk's limits, counted at the moment of sending, and its blocks. Pure.
//!
//! A call may be long on its way, and no caller can keep a limit that is counted at its end: what matters is when it set
//! out. Calls at once are counted while they are at the desk.

use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;

/// Calls in any sliding window.
pub(super) const ALLOWED: usize = 8;
/// The window.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_secs(10);
/// Calls at once.
pub(super) const AT_ONCE: usize = 3;
const PENALTY: SignedDuration = SignedDuration::from_secs(60);
/// A caller that was told of a block may still have calls on their way.
pub(super) const ON_THE_WAY: SignedDuration = SignedDuration::from_secs(2);
/// No call is longer on its way.
const LONGEST_WAY: SignedDuration = SignedDuration::from_secs(60);

/// Who may come in.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// When the calls set out, oldest first.
    sent: VecDeque<Timestamp>,
    flying: usize,
    block: Option<Block>,
    blocks: u64,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    number: u64,
    until: Timestamp,
    /// When the caller first received its refusal.
    heard: Option<Timestamp>,
}

/// A call that does not come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    /// The rule that the caller broke, if it broke one.
    pub(super) violation: Option<String>,
    /// Whether that rule is not to call during a block that one knows of.
    pub(super) knew: bool,
    /// How long the block goes on.
    pub(super) rest: SignedDuration,
    /// The block's number.
    pub(super) block: u64,
}

impl Gate {
    /// A call that was `sent` arrives. It is in flight from here to [`Gate::leave`], refused or not.
    pub(super) fn enter(&mut self, sent: Timestamp, at: Timestamp) -> Result<(), Refused> {
        self.flying += 1;
        if let Some(block) = self.block.filter(|it| it.until > at) {
            let knew = block.heard.is_some_and(|it| sent > it + ON_THE_WAY);
            return Err(Refused {
                knew,
                ..refused(block, at, knew.then(|| "called during a block".to_owned()))
            });
        }
        let passed = match (self.in_a_window(sent, at), self.flying) {
            (calls, _) if calls > ALLOWED => format!("{calls} calls in ten seconds"),
            (_, flying) if flying > AT_ONCE => format!("{flying} calls at once"),
            _ => return Ok(()),
        };
        Err(refused(self.begin(at, PENALTY), at, Some(passed)))
    }

    /// Takes a call down; how many the fullest window with it holds.
    fn in_a_window(&mut self, sent: Timestamp, at: Timestamp) -> usize {
        while self.sent.front().is_some_and(|it| *it + WINDOW + LONGEST_WAY <= at) {
            self.sent.pop_front();
        }
        let place = self.sent.partition_point(|it| *it <= sent);
        self.sent.insert(place, sent);
        let begins = self.sent.iter().filter(|it| **it <= sent && sent < **it + WINDOW);
        let holds = |from: &Timestamp| {
            self.sent
                .iter()
                .filter(|it| from <= *it && **it < *from + WINDOW)
                .count()
        };
        begins.map(holds).max().unwrap_or(0)
    }

    /// A call's end.
    pub(super) fn leave(&mut self) {
        self.flying = self.flying.saturating_sub(1);
    }

    /// A block begins that is not the caller's fault.
    pub(super) fn block(&mut self, at: Timestamp, length: SignedDuration) {
        self.begin(at, length);
    }

    /// The caller has received the refusal of a block: from now on it knows.
    pub(super) fn heard(&mut self, number: u64, at: Timestamp) {
        if let Some(block) = self.block.as_mut().filter(|it| it.number == number) {
            block.heard.get_or_insert(at);
        }
    }

    fn begin(&mut self, at: Timestamp, length: SignedDuration) -> Block {
        self.blocks += 1;
        let block = Block {
            number: self.blocks,
            until: at + length,
            heard: None,
        };
        self.block = Some(block);
        block
    }
}

fn refused(block: Block, at: Timestamp, violation: Option<String>) -> Refused {
    Refused {
        violation,
        knew: false,
        rest: block.until.duration_since(at),
        block: block.number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000 + ms).unwrap()
    }

    /// Calls of no length at these times; what each was told: `ok`, `over` (a rule broken) or `no` (refused only).
    fn told(gate: &mut Gate, times: &[i64]) -> Vec<&'static str> {
        let one = |at: &i64| {
            let entered = gate.enter(ms(*at), ms(*at));
            gate.leave();
            match entered {
                Ok(()) => "ok",
                Err(it) => {
                    gate.heard(it.block, ms(*at));
                    if it.violation.is_some() { "over" } else { "no" }
                }
            }
        };
        times.iter().map(one).collect()
    }

    #[test]
    fn a_window_slides_and_what_passes_it_is_blocked_for_a_minute() {
        let eight = [0, 1, 2, 3, 4, 5, 6, 7];
        for (next, expected) in [
            (vec![10_000], vec!["ok"]),
            (vec![10_000, 10_000], vec!["ok", "over"]),
            (vec![9_999], vec!["over"]),
            (vec![9_999, 11_999, 12_000], vec!["over", "no", "over"]),
            (vec![9_999, 69_998, 69_999], vec!["over", "over", "ok"]),
        ] {
            let mut gate = Gate::default();
            assert_eq!(told(&mut gate, &eight), ["ok"; 8]);
            assert_eq!(told(&mut gate, &next), expected, "{next:?}");
        }
    }

    #[test]
    fn a_fourth_call_at_once_is_one_too_many() {
        let mut gate = Gate::default();
        for _ in 0..3 {
            assert_eq!(gate.enter(ms(0), ms(0)), Ok(()));
        }
        gate.leave();
        assert_eq!(gate.enter(ms(1), ms(1)), Ok(()));
        let refused = gate.enter(ms(2), ms(2)).unwrap_err();
        assert_eq!(refused.violation.as_deref(), Some("4 calls at once"));
    }

    #[test]
    fn who_was_not_told_of_a_block_breaks_no_rule() {
        let mut gate = Gate::default();
        gate.block(ms(0), SignedDuration::from_hours(1));
        let refused = gate.enter(ms(5_000), ms(5_000)).unwrap_err();
        assert_eq!(
            (refused.violation, refused.rest),
            (None, SignedDuration::from_secs(3_595))
        );
        assert_eq!(
            gate.enter(ms(60_000), ms(60_000)).unwrap_err().violation,
            None,
            "its answer was lost"
        );
        gate.heard(refused.block, ms(60_000));
        gate.heard(refused.block, ms(90_000));
        assert_eq!(gate.enter(ms(62_000), ms(62_000)).unwrap_err().violation, None);
        let late = gate.enter(ms(62_001), ms(62_001)).unwrap_err();
        assert_eq!(late.violation.as_deref(), Some("called during a block"));
    }

    #[test]
    fn what_is_long_on_its_way_counts_where_it_set_out() {
        let mut gate = Gate::default();
        for at in [0, 1, 2, 3, 20_000, 20_001, 20_002, 20_003] {
            assert_eq!(gate.enter(ms(at), ms(at)), Ok(()));
            gate.leave();
        }
        for sent in [4, 5, 6, 7] {
            assert_eq!(gate.enter(ms(sent), ms(20_004)), Ok(()));
            gate.leave();
        }
        let refused = gate.enter(ms(8), ms(20_005)).unwrap_err();
        assert_eq!(refused.violation.as_deref(), Some("9 calls in ten seconds"));
    }
}
