//! OAuth: refresh tokens, access tokens and the limits on minting them (docs/vendors.md §1.2).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An access token lives one hour.
const LIFE_SECONDS: i64 = 3600;
/// Tokens that may be minted from one refresh token within [`MINT_WINDOW_SECONDS`].
const MINTS: usize = 10;
const MINT_WINDOW_SECONDS: i64 = 600;
/// Live access tokens of one refresh token; one more kills the oldest.
const LIVE: usize = 15;
/// Refresh tokens of one user and client; one more deletes the first.
const REFRESH_TOKENS: usize = 20;
/// A grant code is good once, within three minutes.
const CODE_SECONDS: i64 = 180;

/// All tokens of the app.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Tokens {
    refresh: Vec<Refresh>,
    codes: Vec<(String, Timestamp)>,
    next: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Refresh {
    token: String,
    mints: Vec<Timestamp>,
    live: Vec<(String, Timestamp)>,
}

/// Why no token was given.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// The refresh token or the code is not known (any more).
    Code,
    /// Too many tokens asked for.
    Limit,
}

impl Tokens {
    pub(crate) fn new(refresh: &[String]) -> Self {
        let mut tokens = Self::default();
        refresh.iter().for_each(|token| tokens.add(token.clone()));
        tokens
    }

    fn add(&mut self, token: String) {
        self.refresh.push(Refresh {
            token,
            mints: Vec::new(),
            live: Vec::new(),
        });
        if self.refresh.len() > REFRESH_TOKENS {
            self.refresh.remove(0);
        }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A new grant code, as after a person's consent.
    pub(crate) fn grant(&mut self, now: Timestamp) -> String {
        let code = format!("1000.twin.code.{:08}", self.number());
        self.codes.push((code.clone(), now));
        code
    }

    /// Spends a grant code: a new refresh token and its first access token.
    pub(crate) fn exchange(&mut self, code: &str, now: Timestamp) -> Result<(String, String), Denied> {
        let place = self.codes.iter().position(|(c, _)| c == code).ok_or(Denied::Code)?;
        let (_, made) = self.codes.remove(place);
        if now.as_second() - made.as_second() > CODE_SECONDS {
            return Err(Denied::Code);
        }
        let refresh = format!("1000.twin.refresh.{:08}", self.number());
        self.add(refresh.clone());
        let access = self.mint(&refresh, now)?;
        Ok((refresh, access))
    }

    /// A new access token.
    pub(crate) fn mint(&mut self, refresh: &str, now: Timestamp) -> Result<String, Denied> {
        let number = self.number();
        let holder = self
            .refresh
            .iter_mut()
            .find(|r| r.token == refresh)
            .ok_or(Denied::Code)?;
        holder
            .mints
            .retain(|at| now.as_millisecond() - at.as_millisecond() < MINT_WINDOW_SECONDS * 1000);
        if holder.mints.len() >= MINTS {
            return Err(Denied::Limit);
        }
        holder.mints.push(now);
        let access = format!("1000.twin.access.{number:08}");
        holder.live.retain(|(_, minted)| alive(*minted, now));
        holder.live.push((access.clone(), now));
        if holder.live.len() > LIVE {
            holder.live.remove(0);
        }
        Ok(access)
    }

    pub(crate) fn is_live(&self, access: &str, now: Timestamp) -> bool {
        let mut live = self.refresh.iter().flat_map(|r| &r.live);
        live.any(|(token, minted)| token == access && alive(*minted, now))
    }

    /// Revokes a refresh token with its access tokens, or one access token.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        let count = |tokens: &Self| tokens.refresh.iter().map(|r| 1 + r.live.len()).sum::<usize>();
        let before = count(self);
        self.refresh.retain(|r| r.token != token);
        self.refresh
            .iter_mut()
            .for_each(|r| r.live.retain(|(access, _)| access != token));
        count(self) < before
    }

    /// Kills all access tokens; refresh tokens stay good.
    pub(crate) fn revoke_access(&mut self) {
        self.refresh.iter_mut().for_each(|r| r.live.clear());
    }
}

fn alive(minted: Timestamp, now: Timestamp) -> bool {
    now.as_millisecond() - minted.as_millisecond() < LIFE_SECONDS * 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn tokens() -> Tokens {
        Tokens::new(&["r".to_owned()])
    }

    #[test]
    fn ten_mints_in_ten_minutes_and_no_more() {
        let mut tokens = tokens();
        for second in 0..10 {
            assert!(tokens.mint("r", at(second)).is_ok());
        }
        assert_eq!(tokens.mint("r", at(599)), Err(Denied::Limit));
        assert!(tokens.mint("r", at(600)).is_ok());
        assert_eq!(tokens.mint("r", at(600)), Err(Denied::Limit));
        assert_eq!(tokens.mint("other", at(600)), Err(Denied::Code));
    }

    #[test]
    fn the_sixteenth_live_token_kills_the_oldest_and_all_die_after_an_hour() {
        let mut tokens = tokens();
        let minted: Vec<String> = (0..16).map(|n| tokens.mint("r", at(n * 100)).unwrap()).collect();
        assert!(!tokens.is_live(&minted[0], at(1500)));
        assert!(tokens.is_live(&minted[1], at(1500)));
        assert!(tokens.is_live(&minted[15], at(1500 + 3599)));
        assert!(!tokens.is_live(&minted[15], at(1500 + 3600)));
    }

    #[test]
    fn a_code_is_good_once_and_for_three_minutes() {
        let mut tokens = tokens();
        let code = tokens.grant(at(0));
        let (refresh, access) = tokens.exchange(&code, at(180)).unwrap();
        assert!(tokens.is_live(&access, at(180)));
        assert_eq!(tokens.exchange(&code, at(180)), Err(Denied::Code));
        let late = tokens.grant(at(0));
        assert_eq!(tokens.exchange(&late, at(181)), Err(Denied::Code));
        assert!(tokens.revoke(&refresh));
        assert!(!tokens.is_live(&access, at(181)));
        assert!(!tokens.revoke(&refresh));
    }
}
