//! What a status without an answer means (docs/vendors.md §8.2). Pure. No body of a refusal is documented, so none is kept.

use crate::systems::CallError;
use std::time::Duration;

/// The meaning of a status that is no success. `wait` is a `Retry-After`.
pub(super) fn refusal(status: u16, wait: Option<Duration>) -> CallError {
    let why = format!("HTTP {status}");
    match (status, wait) {
        (401 | 403, _) => CallError::Forbidden(why),
        (429, _) | (408 | 500.., Some(_)) => CallError::Wait { wait, why },
        (408 | 500.., None) => CallError::Later(why),
        // A payment that is not there is told with 200: another status is about our request.
        _ => CallError::Rejected(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status() {
        let stated = Some(Duration::from_secs(30));
        for (status, wait, expected) in [
            (400, None, "Rejected"),
            (401, None, "Forbidden"),
            (403, stated, "Forbidden"),
            (404, None, "Rejected"),
            (408, None, "Later"),
            (429, None, "Wait"),
            (429, stated, "Wait"),
            (500, None, "Later"),
            (503, None, "Later"),
            (503, stated, "Wait"),
        ] {
            let shown = format!("{:?}", refusal(status, wait));
            assert!(shown.starts_with(expected), "{status}: {shown}");
        }
        let kept = refusal(503, stated);
        assert!(matches!(kept, CallError::Wait { wait, .. } if wait == stated));
    }
}
