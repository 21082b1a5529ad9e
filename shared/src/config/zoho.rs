//! Zoho's settings.

use super::Reader;
use crate::systems::http::Base;
use crate::systems::zoho_accounts::{Credentials, data_centre};
use crate::systems::zoho_billing::limits::{CALLS_AT_ONCE, CALLS_PER_DAY, CALLS_PER_MINUTE};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;

/// One of Zoho's products.
#[derive(Clone, Debug)]
pub struct ZohoConfig {
    /// The accounts host, which mints tokens.
    pub accounts: Base,
    /// The API host.
    pub api: Base,
    /// OAuth client and refresh token.
    pub credentials: Credentials,
}

/// Zoho Billing.
#[derive(Clone, Debug)]
pub struct ZohoBillingConfig {
    /// Hosts and credentials; where they are Zoho CRM's, the access token is the same.
    pub zoho: ZohoConfig,
    /// The organisation, named in each call.
    pub organization: String,
    /// Label of the custom field that carries our own id of a customer.
    pub customer_id_field: String,
}

/// How many calls Zoho Billing takes: needed by all who feed it, with or without its credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calls {
    /// In any minute.
    pub per_minute: u32,
    /// In any 24 hours.
    pub per_day: u32,
    /// At once.
    pub at_once: u32,
}

/// What the custom field of customers is called where nothing else is set.
const CUSTOMER_ID_FIELD: &str = "App Customer ID";

impl Reader<'_> {
    /// One of Zoho's products: its own settings go before those of all.
    pub(super) fn zoho(&mut self, product: &str) -> Option<ZohoConfig> {
        let client_id = self.own(product, "CLIENT_ID")?.1;
        let client_secret = self.own(product, "CLIENT_SECRET")?.1.into();
        let refresh_token = self.own(product, "REFRESH_TOKEN")?.1.into();
        let (name, region) = self
            .own(product, "REGION")
            .unwrap_or_else(|| ("ZOHO_REGION".to_owned(), "com".to_owned()));
        let Some(centre) = data_centre(&region) else {
            self.mistake(&name, &format!("{region:?} is no Zoho data centre"));
            return None;
        };
        Some(ZohoConfig {
            accounts: self.host(product, "ACCOUNTS_URL", centre.accounts)?,
            api: self.host(product, "API_URL", centre.api)?,
            credentials: Credentials {
                client_id,
                client_secret,
                refresh_token,
            },
        })
    }

    pub(super) fn zoho_billing(&mut self) -> Option<ZohoBillingConfig> {
        let zoho = self.zoho("ZOHO_BILLING")?;
        Some(ZohoBillingConfig {
            organization: self.organization()?,
            customer_id_field: self.or("ZOHO_BILLING_CUSTOMER_ID_FIELD", CUSTOMER_ID_FIELD),
            zoho,
        })
    }

    pub(super) fn billing_calls(&mut self) -> Calls {
        let calls = |reader: &mut Self, name: &str, usual: u32| {
            let calls = reader.parsed(name, &usual.to_string(), |it| match it.parse::<u32>() {
                Ok(0) => Err("must be more than none".to_owned()),
                calls => calls.map_err(|it| it.to_string()),
            });
            calls.unwrap_or(usual)
        };
        Calls {
            per_minute: calls(self, "ZOHO_BILLING_CALLS_PER_MINUTE", CALLS_PER_MINUTE),
            per_day: calls(self, "ZOHO_BILLING_CALLS_PER_DAY", CALLS_PER_DAY),
            at_once: calls(self, "ZOHO_BILLING_CALLS_AT_ONCE", CALLS_AT_ONCE),
        }
    }

    fn organization(&mut self) -> Option<String> {
        const NAME: &str = "ZOHO_BILLING_ORGANIZATION_ID";
        let id = self.get(NAME)?;
        if !id.bytes().all(|it| it.is_ascii_digit()) {
            self.mistake(NAME, "is not a number");
        }
        Some(id)
    }

    /// A variable of this product, else the one of all of Zoho's: its name and its value.
    fn own(&self, product: &str, name: &str) -> Option<(String, String)> {
        let names = [format!("{product}_{name}"), format!("ZOHO_{name}")];
        names
            .into_iter()
            .find_map(|name| self.get(&name).map(|value| (name, value)))
    }

    fn host(&mut self, product: &str, name: &str, usual: &str) -> Option<Base> {
        match self.own(product, name) {
            Some((name, url)) => self.base(&name, &url),
            None => self.base(&format!("ZOHO_{name}"), &format!("https://{usual}")),
        }
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

#[cfg(test)]
mod tests {
    use super::super::Config;

    const COMMON: [(&str, &str); 3] = [
        ("ZOHO_CLIENT_ID", "1000.ALL"),
        ("ZOHO_CLIENT_SECRET", "s"),
        ("ZOHO_REFRESH_TOKEN", "r"),
    ];

    fn load(more: &[(&str, &str)]) -> Result<Config, String> {
        let all = [&COMMON, more].concat();
        Config::load(&|name| all.iter().find(|it| it.0 == name).map(|it| it.1.to_owned()))
    }

    #[test]
    fn billing_needs_an_organisation_and_falls_back_to_what_all_of_zoho_share() {
        assert!(load(&[]).unwrap().zoho_billing.is_none());
        let organization = ("ZOHO_BILLING_ORGANIZATION_ID", "10234695");
        let shared = load(&[organization]).unwrap().zoho_billing.unwrap();
        assert_eq!(shared.zoho.credentials.client_id, "1000.ALL");
        assert_eq!(shared.zoho.api.host(), "www.zohoapis.com");
        let calls = load(&[]).unwrap().billing.calls;
        assert_eq!((calls.per_minute, calls.per_day, calls.at_once), (30, 1_000, 5));
        let own = [
            organization,
            ("ZOHO_BILLING_CLIENT_ID", "1000.BILLING"),
            ("ZOHO_BILLING_REGION", "eu"),
            ("ZOHO_BILLING_API_URL", "http://127.0.0.1:4803"),
            ("ZOHO_API_URL", "http://127.0.0.1:4801"),
            ("ZOHO_BILLING_CALLS_PER_MINUTE", "100"),
        ];
        let config = load(&own).unwrap();
        assert_eq!(config.billing.calls.per_minute, 100);
        let (crm, billing) = (config.zoho_crm.unwrap(), config.zoho_billing.unwrap());
        assert_eq!(billing.zoho.credentials.client_id, "1000.BILLING");
        assert_eq!(billing.zoho.accounts.host(), "accounts.zoho.eu");
        assert_eq!(billing.zoho.api.url().port(), Some(4803));
        assert_eq!(
            (crm.credentials.client_id.as_str(), crm.api.url().port()),
            ("1000.ALL", Some(4801))
        );
        assert_eq!(crm.accounts.host(), "accounts.zoho.com");
    }

    #[test]
    fn a_mistake_names_the_variable_that_was_set_once() {
        let organization = ("ZOHO_BILLING_ORGANIZATION_ID", "10234695");
        for (wrong, name) in [
            (("ZOHO_REGION", "mars"), "ZOHO_REGION"),
            (("ZOHO_BILLING_REGION", "mars"), "ZOHO_BILLING_REGION"),
            (("ZOHO_BILLING_API_URL", "nowhere"), "ZOHO_BILLING_API_URL"),
            (("ZOHO_BILLING_CALLS_PER_DAY", "0"), "ZOHO_BILLING_CALLS_PER_DAY"),
            (("ZOHO_BILLING_CALLS_AT_ONCE", "many"), "ZOHO_BILLING_CALLS_AT_ONCE"),
        ] {
            let mistakes = load(&[organization, wrong]).unwrap_err();
            assert!(
                mistakes.starts_with(name) && mistakes.lines().count() == 1,
                "{mistakes}"
            );
        }
        let mistakes = load(&[("ZOHO_BILLING_ORGANIZATION_ID", "Acme")]).unwrap_err();
        assert!(mistakes.starts_with("ZOHO_BILLING_ORGANIZATION_ID"), "{mistakes}");
    }
}
