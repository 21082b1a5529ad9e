//! Zoho's settings.

use super::{Reader, ZohoConfig};
use crate::systems::zoho_accounts::{Credentials, data_centre};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;

impl Reader<'_> {
    pub(super) fn zoho_crm(&mut self) -> Option<ZohoConfig> {
        let own = |reader: &Self, name: &str| {
            reader
                .get(&format!("ZOHO_CRM_{name}"))
                .or_else(|| reader.get(&format!("ZOHO_{name}")))
        };
        let client_id = own(self, "CLIENT_ID")?;
        let client_secret = own(self, "CLIENT_SECRET")?.into();
        let refresh_token = own(self, "REFRESH_TOKEN")?.into();
        let region = own(self, "REGION").unwrap_or_else(|| "com".to_owned());
        let Some(centre) = data_centre(&region) else {
            self.mistake("ZOHO_REGION", &format!("{region:?} is no Zoho data centre"));
            return None;
        };
        let accounts = self.or("ZOHO_ACCOUNTS_URL", &format!("https://{}", centre.accounts));
        let api = self.or("ZOHO_API_URL", &format!("https://{}", centre.api));
        let accounts = self.base("ZOHO_ACCOUNTS_URL", &accounts)?;
        let api = self.base("ZOHO_API_URL", &api)?;
        Some(ZohoConfig {
            accounts,
            api,
            credentials: Credentials {
                client_id,
                client_secret,
                refresh_token,
            },
        })
    }

    pub(super) fn zoho_webhook_token(&mut self) -> Option<SecretString> {
        let token = self.secret("ZOHO_CRM_WEBHOOK_TOKEN")?;
        // Zoho's channel takes 50 characters (docs/vendors.md §1.8).
        if token.expose_secret().chars().count() > 50 {
            self.mistake("ZOHO_CRM_WEBHOOK_TOKEN", "is longer than 50 characters");
        }
        Some(token)
    }

    pub(super) fn zoho_fields(&mut self) -> BTreeMap<String, String> {
        let Some(table) = self.get("ZOHO_CRM_LEAD_FIELDS") else {
            return BTreeMap::new();
        };
        serde_json::from_str(&table).unwrap_or_else(|why| {
            self.mistake("ZOHO_CRM_LEAD_FIELDS", &format!("is not a JSON object of names: {why}"));
            BTreeMap::new()
        })
    }
}
