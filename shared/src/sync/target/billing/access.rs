//! What a process keeps of Zoho Billing: the client, the token, and the lists that are asked for once.

use super::maps::Maps;
use crate::config::{Calls, ZohoBillingConfig};
use crate::sync::budget::{Limit, Limits};
use crate::sync::token::{Live, Tokens};
use crate::systems::CallError;
use crate::systems::http::Http;
use crate::systems::zoho_billing::ZohoBilling;
use crate::systems::zoho_billing::limits::{DAY, MINUTE};
use std::sync::Arc;

/// Zoho Billing as this process knows it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Billing {
    pub(super) client: ZohoBilling,
    pub(super) settings: Arc<ZohoBillingConfig>,
    /// The lists; held while one is asked for, so that it is asked for once.
    pub(super) maps: Arc<tokio::sync::Mutex<Maps>>,
    tokens: Tokens,
}

impl Billing {
    /// Zoho Billing with these settings.
    #[must_use]
    pub fn new(http: &Http, tokens: Tokens, settings: ZohoBillingConfig) -> Self {
        let api = settings.zoho.api.clone();
        Self {
            client: ZohoBilling::new(http.clone(), api, settings.organization.clone()),
            settings: Arc::new(settings),
            maps: Arc::default(),
            tokens,
        }
    }

    /// Its limits, as they are set: also for those who have no credentials.
    #[must_use]
    pub fn limits(calls: Calls) -> Limits {
        let limit = |name, window, allowed: u32| Limit {
            name,
            window,
            allowed: u64::from(allowed),
        };
        Limits {
            windows: vec![
                limit("minute", MINUTE, calls.per_minute),
                limit("day", DAY, calls.per_day),
            ],
            concurrency: calls.at_once,
        }
    }

    /// Fetches the token that calls then use, before their slots are taken; what is wrong with it they will say.
    pub(super) async fn fetch_token(&self) {
        if let Err(error) = self.tokens.get_ahead().await {
            tracing::debug!(%error, "no access token yet");
        }
    }

    /// A live token: the one that was fetched.
    pub(super) async fn token(&self) -> Result<Live, CallError> {
        self.tokens.get(None).await
    }

    /// Replaces a token that was refused.
    pub(super) async fn renew(&self, refused: u64) -> Result<(), CallError> {
        self.tokens.get(Some(refused)).await.map(|_| ())
    }
}
