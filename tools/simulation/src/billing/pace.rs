//! The calls to Zoho Billing by when they were sent: how many in any minute, and which after a block was stated.

use super::blocks::ON_THE_WAY;
use crate::flow::SentAt;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use shared::systems::zoho_billing::limits::CALLS_PER_MINUTE;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A minute, less what may lie between a call's counting and its sending, and between our functions' clocks.
const WINDOW: SignedDuration = SignedDuration::from_millis(58_500);
/// Zoho's code of the block (docs/vendors.md §2.3).
const BLOCKED: i64 = 43;

#[derive(Debug, Default)]
struct Noted {
    sent: Vec<Timestamp>,
    /// When a caller was told of a block, and until when it lasts.
    block: Option<(Timestamp, Timestamp)>,
    in_known_blocks: Vec<(Timestamp, String)>,
}

/// All calls of a history. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls(Arc<Mutex<Noted>>);

impl Calls {
    /// A call arrives.
    pub(super) fn note(&self, request: &Request<Bytes>) {
        let Some(SentAt(sent)) = request.extensions().get::<SentAt>().copied() else {
            return;
        };
        let mut noted = self.noted();
        noted.sent.push(sent);
        if noted
            .block
            .is_some_and(|(heard, until)| sent > heard + ON_THE_WAY && sent < until)
        {
            let told = format!(
                "{sent} {} {}: called during a block",
                request.method(),
                request.uri().path()
            );
            noted.in_known_blocks.push((sent, told));
        }
    }

    /// A caller has this answer in its hands.
    pub(super) fn heard(&self, answer: &Response<Bytes>, at: Timestamp) {
        if answer.status() != StatusCode::TOO_MANY_REQUESTS {
            return;
        }
        let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let wait = answer.headers().get(header::RETRY_AFTER);
        let wait = wait.and_then(|it| it.to_str().ok()?.parse::<i64>().ok());
        if let Some(wait) = wait.filter(|_| body["code"] == BLOCKED) {
            self.noted().block = Some((at, at + SignedDuration::from_secs(wait)));
        }
    }

    /// Calls after a caller was told of the block in which they were sent.
    pub(super) fn in_known_blocks(&self) -> Vec<(Timestamp, String)> {
        self.noted().in_known_blocks.clone()
    }

    /// More calls in a minute than the settings allow.
    pub(super) fn too_many(&self) -> Option<String> {
        let most = usize::try_from(CALLS_PER_MINUTE).unwrap_or(usize::MAX);
        let mut sent = self.noted().sent.clone();
        sent.sort_unstable();
        let crowded = sent
            .windows(most + 1)
            .find(|it| it[most].duration_since(it[0]) < WINDOW)?;
        Some(format!("{} calls in the minute from {} on", most + 1, crowded[0]))
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
