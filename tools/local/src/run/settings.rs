//! Which systems are real: what the environment configures is, everything else is a twin. Pure.

use crate::world::LOCAL;
use shared::config::{Lookup, VARIABLES};
use shared::model::System;
use std::collections::{BTreeMap, BTreeSet};

/// What the environment says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Variables for the world; an empty text unsets a local default.
    pub variables: BTreeMap<String, String>,
    /// Systems that are reached over the network.
    pub real: BTreeSet<System>,
}

/// Where this process says itself what it is.
const OURS: [&str; 4] = ["TABLE_NAME", "SECRETS", "AWS_REGION", "AWS_ENDPOINT_URL"];

struct Group {
    system: System,
    /// Each with its alternatives; all are needed.
    needs: &'static [&'static [&'static str]],
    /// Only of use to a real system.
    also: &'static [&'static str],
    /// What a real system must not be given from the local defaults: anyone can read these here.
    never_local: &'static [&'static str],
}

const GROUPS: [Group; 4] = [
    Group {
        system: System::ZOHO_CRM,
        needs: &[
            &["ZOHO_CLIENT_ID", "ZOHO_CRM_CLIENT_ID"],
            &["ZOHO_CLIENT_SECRET", "ZOHO_CRM_CLIENT_SECRET"],
            &["ZOHO_REFRESH_TOKEN", "ZOHO_CRM_REFRESH_TOKEN"],
        ],
        also: &[
            "ZOHO_ACCOUNTS_URL",
            "ZOHO_API_URL",
            "ZOHO_CRM_ACCOUNTS_URL",
            "ZOHO_CRM_API_URL",
        ],
        never_local: &[
            "PUBLIC_URL",
            "ZOHO_BILLING_ORGANIZATION_ID",
            "ZOHO_BILLING_WEBHOOK_SECRET",
            "ZOHO_CRM_WEBHOOK_TOKEN",
            "STRIPE_WEBHOOK_SECRET",
        ],
    },
    Group {
        system: System::PORTAL,
        needs: &[&["PORTAL_SUPABASE_URL"], &["PORTAL_SUPABASE_SERVICE_KEY"]],
        also: &[],
        never_local: &["PORTAL_WEBHOOK_SECRET"],
    },
    Group {
        system: System::BACKOFFICE,
        needs: &[&["BACKOFFICE_SUPABASE_URL"], &["BACKOFFICE_SUPABASE_SERVICE_KEY"]],
        also: &[],
        never_local: &[],
    },
    Group {
        system: System::APP,
        needs: &[&["APP_SUPABASE_URL"], &["APP_SUPABASE_SERVICE_KEY"]],
        also: &[],
        never_local: &["APP_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRET"],
    },
];

/// Reads what is configured.
///
/// # Errors
/// One line for each system that is configured by half, naming what is missing.
pub fn read(lookup: Lookup<'_>) -> Result<Settings, String> {
    let mut settings = Settings::default();
    for variable in VARIABLES.iter().filter(|it| !OURS.contains(&it.name)) {
        if let Some(value) = lookup(variable.name) {
            settings.variables.insert(variable.name.to_owned(), value);
        }
    }
    let mut mistakes = Vec::new();
    for group in &GROUPS {
        match group.is_real(&settings.variables) {
            Ok(false) => {}
            Ok(true) => group.set(&mut settings),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    match mistakes.is_empty() {
        true => Ok(settings),
        false => Err(mistakes.join("\n")),
    }
}

impl Group {
    fn is_real(&self, given: &BTreeMap<String, String>) -> Result<bool, String> {
        let names = self.needs.iter().copied().flatten().chain(self.also);
        let Some(set) = names.into_iter().find(|it| given.contains_key(**it)) else {
            return Ok(false);
        };
        let has = |names: &&&[&str]| names.iter().any(|it| given.contains_key(*it));
        match self.needs.iter().find(|it| !has(it)) {
            None => Ok(true),
            Some(missing) => Err(format!(
                "{}: is missing, while {set} is set: set both for the real {}, neither for its twin",
                missing[0], self.system
            )),
        }
    }

    /// Marks the system as real and keeps the twin's settings away from it.
    fn set(&self, settings: &mut Settings) {
        settings.real.insert(self.system.clone());
        let names = self.needs.iter().copied().flatten().chain(self.never_local);
        for name in names.filter(|name| LOCAL.iter().any(|it| it.0 == **name)) {
            settings.variables.entry((*name).to_owned()).or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Settings, String> {
        read(&|name| variables.iter().find(|it| it.0 == name).map(|it| it.1.to_owned()))
    }

    const ZOHO: [(&str, &str); 3] = [
        ("ZOHO_CRM_CLIENT_ID", "i"),
        ("ZOHO_CLIENT_SECRET", "s"),
        ("ZOHO_REFRESH_TOKEN", "r"),
    ];

    #[test]
    fn an_empty_environment_means_twins_only() {
        assert_eq!(of(&[]), Ok(Settings::default()));
    }

    #[test]
    fn a_configured_system_is_real_and_gets_nothing_of_its_twin() {
        let settings = of(&ZOHO).unwrap();
        assert_eq!(settings.real, BTreeSet::from([System::ZOHO_CRM]));
        for unset in ["ZOHO_CLIENT_ID", "PUBLIC_URL", "ZOHO_CRM_WEBHOOK_TOKEN"] {
            assert_eq!(settings.variables[unset], "", "{unset}");
        }
        assert_eq!(settings.variables["ZOHO_CLIENT_SECRET"], "s");
        assert!(!settings.variables.contains_key("PORTAL_SUPABASE_URL"));
    }

    #[test]
    fn a_half_configured_system_is_one_line_that_names_what_is_missing() {
        for (given, missing) in [
            ("PORTAL_SUPABASE_URL", "PORTAL_SUPABASE_SERVICE_KEY: "),
            ("BACKOFFICE_SUPABASE_SERVICE_KEY", "BACKOFFICE_SUPABASE_URL: "),
            ("ZOHO_API_URL", "ZOHO_CLIENT_ID: "),
        ] {
            let mistake = of(&[(given, "https://secret.example")]).unwrap_err();
            assert!(mistake.starts_with(missing), "{mistake}");
            assert!(!mistake.contains("secret.example"), "{mistake}");
            assert_eq!(mistake.lines().count(), 1);
        }
        let both = of(&[("PORTAL_SUPABASE_URL", "x"), ("BACKOFFICE_SUPABASE_URL", "y")]);
        assert_eq!(both.unwrap_err().lines().count(), 2);
    }

    #[test]
    fn where_the_local_aws_is_cannot_be_overridden() {
        let settings = of(&[
            ("TABLE_NAME", "x"),
            ("AWS_ENDPOINT_URL", "y"),
            ("LEAD_SAME_EMAIL", "hold"),
        ]);
        let names: Vec<String> = settings.unwrap().variables.into_keys().collect();
        assert_eq!(names, ["LEAD_SAME_EMAIL"]);
    }
}
