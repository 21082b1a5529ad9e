//! What goes wrong here and now.

use super::{Point, Sim};
use crate::weather::Fault;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl Sim {
    /// From now on, for so long, the table answers nobody.
    pub fn go_out(&self, length: Duration) {
        let length = i64::try_from(length.as_millis()).unwrap_or(0);
        self.out_until_ms.store(self.now_ms() + length, Ordering::Relaxed);
    }

    /// Whether the table answers nobody now.
    #[must_use]
    pub fn is_out(&self) -> bool {
        self.is_hostile() && self.out_until_ms.load(Ordering::Relaxed) > self.now_ms()
    }

    /// A function loses so many of its next invocations.
    pub fn lose_next(&self, function: &'static str, times: u64) {
        self.unlucky
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(function, times);
    }

    /// Whether this is one of the invocations that a function loses.
    #[must_use]
    pub fn has_bad_luck(&self, function: &str) -> bool {
        let mut unlucky = self.unlucky.lock().unwrap_or_else(PoisonError::into_inner);
        match unlucky.get_mut(function).filter(|left| **left > 0) {
            Some(left) if self.fires(Fault::Dies, 1000) => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    /// Whether this fault happens here, at a rate of so many in a thousand.
    #[must_use]
    pub fn fires(&self, fault: Fault, per_mille: u64) -> bool {
        if !self.is_hostile() || per_mille == 0 || !self.harm.per_mille(per_mille) {
            return false;
        }
        let number = self.fired.fetch_add(1, Ordering::Relaxed);
        if self.manner.muted.contains(&number) || self.manner.muted_sorts.contains(&fault) {
            return false;
        }
        *self.history().faults.entry(fault).or_default() += 1;
        self.line(format!("fault {number}"), fault.told());
        true
    }

    /// How many faults would have happened.
    #[must_use]
    pub fn fired(&self) -> u64 {
        self.fired.load(Ordering::Relaxed)
    }

    /// Numbers a call out of a function, and says what is aimed at it.
    #[must_use]
    pub fn next_call(&self) -> (u64, Option<Point>) {
        let number = self.called.fetch_add(1, Ordering::Relaxed);
        (
            number,
            self.manner.aimed.filter(|it| it.call == number).map(|it| it.point),
        )
    }

    /// How many calls there were.
    #[must_use]
    pub fn called(&self) -> u64 {
        self.called.load(Ordering::Relaxed)
    }
}
