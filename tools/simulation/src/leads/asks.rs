//! The asks for access tokens at Zoho's accounts server: one at a time, and no more than half of what Zoho allows.

use crate::flow::SentAt;
use http::Request;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Zoho gives ten tokens in ten minutes; the other five are left to other programs of the same connection.
const MOST: usize = 5;
/// Ten minutes, less what may lie between an ask's counting and its sending.
const WINDOW: SignedDuration = SignedDuration::from_mins(9);
/// An ask that was longer on its way may have been given up by then, and another one begun.
const GIVEN_UP: SignedDuration = SignedDuration::from_secs(5);

/// One ask, whatever came of it.
#[derive(Clone, Copy, Debug)]
struct Ask {
    sent: Timestamp,
    arrived: Timestamp,
    answered: Option<Timestamp>,
}

/// All asks of a history.
#[derive(Debug, Default)]
pub(super) struct Asks(Mutex<Vec<Ask>>);

impl Asks {
    /// Takes a request down that arrives now, if it asks for a token; its place.
    pub(super) fn note<T>(&self, request: &Request<T>, now: Timestamp) -> Option<usize> {
        let sent = request.extensions().get::<SentAt>();
        let SentAt(sent) = *sent.filter(|_| request.uri().path().ends_with("/oauth/v2/token"))?;
        let mut all = self.all();
        all.push(Ask {
            sent,
            arrived: now,
            answered: None,
        });
        Some(all.len() - 1)
    }

    /// The accounts server has answered.
    pub(super) fn answered(&self, place: Option<usize>, now: Timestamp) {
        if let Some(ask) = self.all().get_mut(place.unwrap_or(usize::MAX)) {
            ask.answered = Some(now);
        }
    }

    /// More than our share of what Zoho allows.
    pub(super) fn too_many(&self) -> Option<String> {
        let mut sent: Vec<Timestamp> = self.all().iter().map(|it| it.sent).collect();
        sent.sort_unstable();
        let crowded = sent
            .windows(MOST + 1)
            .find(|it| it[MOST].duration_since(it[0]) < WINDOW)?;
        let within = crowded[MOST].duration_since(crowded[0]).as_secs();
        Some(format!("{} access tokens were asked for within {within} s", MOST + 1))
    }

    /// An ask that was sent while another one was under way.
    pub(super) fn two_at_once(&self) -> Option<String> {
        let all = self.all();
        let quick = |it: &&Ask| it.arrived.duration_since(it.sent) < GIVEN_UP;
        let during = |one: &Ask, other: &Ask| {
            one.sent <= other.sent && one.answered.is_some_and(|it| other.sent < it) && !std::ptr::eq(one, other)
        };
        let other = all
            .iter()
            .find(|other| all.iter().filter(quick).any(|one| during(one, other)))?;
        Some(format!(
            "two functions asked for an access token at once, at {}",
            other.sent
        ))
    }

    fn all(&self) -> MutexGuard<'_, Vec<Ask>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    fn asks(sent: &[(i64, i64, i64)]) -> Asks {
        let ask = |(sent, arrived, answered): &(i64, i64, i64)| Ask {
            sent: at(*sent),
            arrived: at(*arrived),
            answered: Some(at(*answered)),
        };
        Asks(Mutex::new(sent.iter().map(ask).collect()))
    }

    #[test]
    fn the_sixth_ask_in_nine_minutes_is_too_many() {
        let told = |sent: &[i64]| asks(&sent.iter().map(|it| (*it, *it, *it)).collect::<Vec<_>>()).too_many();
        assert_eq!(told(&[0, 1, 2, 3, 4, 600_000]), None);
        assert_eq!(
            told(&[0, 600_000, 600_001, 600_002, 600_003, 600_004, 602_000]).unwrap(),
            "6 access tokens were asked for within 2 s"
        );
    }

    #[test]
    fn an_ask_waits_for_the_one_before() {
        assert_eq!(asks(&[(0, 10, 20), (20, 30, 40)]).two_at_once(), None);
        assert!(asks(&[(0, 10, 20), (19, 30, 40)]).two_at_once().is_some());
        assert!(asks(&[(19, 30, 40), (0, 10, 20)]).two_at_once().is_some());
        // The first one was given up long before it arrived.
        assert_eq!(
            asks(&[(0, 16_000, 16_010), (15_500, 15_600, 15_700)]).two_at_once(),
            None
        );
    }
}
