//! Zoho's key field: an upsert finds a lead by the portal's id only where Zoho forbids duplicates of it.

use super::{MODULE, ZohoLead};
use crate::alert;
use crate::store::{Key, Places, keys};
use crate::sync::target::Standing;
use crate::systems::CallError;
use crate::systems::zoho_crm::FieldMeta;
use anyhow::Result;

fn note() -> Key {
    keys::note("zoho_crm.portal_lead_id.unique")
}

impl ZohoLead {
    /// Asks Zoho, under the slot of a push, whether the portal's id is unique there and stores the answer; an alert if
    /// it is not.
    ///
    /// # Errors
    /// When the table does not answer; the inner error is Zoho's, and then nothing is stored.
    pub(super) async fn check_key(&self) -> Result<Result<(), CallError>> {
        let fields = self.ask(|client, access| async move { client.fields(&access, MODULE).await });
        self.note_key(fields.await).await
    }

    /// The same as upkeep, under a slot of its own.
    ///
    /// # Errors
    /// As [`Self::check_key`].
    pub(crate) async fn renew_key(&self) -> Result<Result<(), CallError>> {
        let fields = self.call(|client, access| async move { client.fields(&access, MODULE).await });
        self.note_key(fields.await).await
    }

    async fn note_key(&self, fields: Result<Vec<FieldMeta>, CallError>) -> Result<Result<(), CallError>> {
        let fields = match fields {
            Ok(fields) => fields,
            Err(error) => return Ok(Err(error)),
        };
        let column = self.column("portal_lead_id");
        let unique = fields.iter().any(|it| it.api_name == column && it.unique);
        let stored = self.app.store.get::<bool>(&note()).await?;
        let rev = stored.as_ref().map(|it| it.rev.as_str());
        self.app.store.put(&note(), &unique, rev, &Places::default()).await?;
        if !unique {
            let detail = format!("make {column} of {MODULE} unique");
            alert::raise(&self.app, "Zoho's key field is not unique", &detail).await?;
        }
        Ok(Ok(()))
    }

    /// What the last check found.
    pub(super) async fn key_standing(&self) -> Result<Standing> {
        Ok(match self.app.store.get::<bool>(&note()).await? {
            None => Standing::Unchecked,
            Some(unique) if unique.body => Standing::Fine,
            Some(_) => Standing::Stopped(format!(
                "{} is not unique in Zoho CRM: Setup → Modules and Fields → Leads → {0} → \"Do not allow duplicate values\"",
                self.column("portal_lead_id")
            )),
        })
    }
}
