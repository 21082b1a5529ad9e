//! Calls to Zoho CRM: a live token, and for what is no push a slot of its own.

use super::{Target as _, ZohoLead};
use crate::model::{Class, System};
use crate::sync::budget::{self, NoSlot};
use crate::systems::CallError;
use crate::systems::zoho_accounts::Access;
use crate::systems::zoho_crm::ZohoCrm;
use crate::systems::zoho_crm::limits::READ_CREDITS;

impl ZohoLead {
    /// Makes a call under a slot that the push holds; a refused token is refreshed once per version.
    pub(super) async fn ask<T, F>(&self, call: impl Fn(ZohoCrm, Access) -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let live = self.tokens.get(None).await?;
        match call(self.client.clone(), live.access).await {
            Err(CallError::Unauthorised(_)) => {
                let fresh = self.tokens.get(Some(live.version)).await?;
                call(self.client.clone(), fresh.access).await
            }
            answered => answered,
        }
    }

    /// Makes a call of a pull, a webhook or an upkeep, under a slot of its own: reads count against Zoho's limits, too.
    pub(crate) async fn call<T, F>(&self, call: impl Fn(ZohoCrm, Access) -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let later = |error: anyhow::Error| CallError::Later(format!("{error:#}"));
        let (system, limits) = (System::ZOHO_CRM, self.limits());
        let slot = budget::slot_to_read(&self.app, &system, &limits, READ_CREDITS, Class::LIVE).await;
        let slot = match slot.map_err(later)? {
            Ok(slot) => slot,
            Err(NoSlot::Paused) => return Err(CallError::Later("Zoho CRM is paused".into())),
            Err(NoSlot::Until(at, why)) => return Err(CallError::Later(format!("no call before {at}: {why}"))),
        };
        let answer = self.ask(call).await;
        // What asked for a pause has not ended well, what gave no answer may not have ended: such slots end by
        // themselves.
        if let Err(CallError::Wait { wait, why }) = &answer {
            budget::open_breaker(&self.app, &system, *wait, why)
                .await
                .map_err(later)?;
        } else if !matches!(&answer, Err(error) if error.is_lost()) {
            budget::ended_well(&self.app, &system, &slot).await;
        }
        answer
    }
}
