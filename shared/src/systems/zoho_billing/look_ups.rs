//! Finding an object again by what we know of it, since there is no upsert (docs/vendors.md §2.6).

use super::ZohoBilling;
use super::limits::MOST_PAGES;
use super::objects::{Kind, Page};
use crate::systems::zoho_accounts::Access;
use crate::systems::{CallError, Seen};
use futures_util::future::BoxFuture;
use std::collections::BTreeSet;

/// What is asked before each call of a look-up, of which nobody knows beforehand how many there will be.
pub trait Pace: Sync {
    /// Waits until the next call may be made.
    ///
    /// # Errors
    /// Why it may not: the look-up then ends so.
    fn before(&self) -> BoxFuture<'_, Result<(), CallError>>;
}

impl<F, W> Pace for F
where
    F: Fn() -> W + Sync,
    W: Future<Output = Result<(), CallError>> + Send + 'static,
{
    fn before(&self) -> BoxFuture<'_, Result<(), CallError>> {
        Box::pin(self())
    }
}

/// What a look-up found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// There is none.
    Absent,
    /// This one and no other.
    One(Box<Seen>),
    /// These ids: a person decides.
    Several(Vec<String>),
}

impl Found {
    /// From all that match.
    pub(super) fn of(mut matching: Vec<Seen>) -> Self {
        match (matching.len(), matching.pop()) {
            (1, Some(only)) => Self::One(Box::new(only)),
            (_, None) => Self::Absent,
            (_, Some(last)) => {
                let ids = matching.into_iter().chain([last]).map(|seen| seen.id);
                Self::Several(ids.collect())
            }
        }
    }
}

impl ZohoBilling {
    /// All rows of a list for which `is_wanted` holds. A row that moved from one page to the next meanwhile, since
    /// another was made, counts once; one that moved back, since another was deleted, can be missed (§2.1).
    pub(super) async fn matching(
        &self,
        access: &Access,
        kind: &Kind,
        filter: &[(&str, &str)],
        is_wanted: impl Fn(&Seen) -> bool,
        pace: &impl Pace,
    ) -> Result<Vec<Seen>, CallError> {
        let (mut found, mut ids) = (Vec::new(), BTreeSet::new());
        let mut next = Some(1);
        while let Some(page) = next {
            if page > MOST_PAGES {
                return Err(CallError::Rejected(format!(
                    "more than {MOST_PAGES} pages of {}",
                    kind.many
                )));
            }
            pace.before().await?;
            let page: Page = self.list(access, kind, filter, page).await?;
            next = page.next;
            for seen in page.whole()?.into_iter().filter(&is_wanted) {
                if ids.insert(seen.id.clone()) {
                    found.push(seen);
                }
            }
        }
        Ok(found)
    }
}
