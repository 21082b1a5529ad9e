//! The list of all variables, printed in the README.

/// One variable.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub meaning: &'static str,
    /// Its default, in words.
    pub default: &'static str,
    /// Whether it is a secret: in AWS a key of a Secrets Manager entry, locally a plain variable.
    pub secret: bool,
}

impl Variable {
    /// Who goes without something while it is missing; names begin with the system or the matter that they belong to.
    #[must_use]
    pub fn needed_by(&self) -> &'static str {
        const BY_PREFIX: [(&str, &str); 15] = [
            ("APP_", "billing: the app"),
            ("BILLING_", "billing"),
            ("SERVICE_", "billing"),
            ("STRIPE_", "Stripe's webhook"),
            ("NETCASH_", "Netcash's postbacks"),
            ("ZOHO_BILLING_WEBHOOK_", "Zoho Billing's webhook"),
            ("ZOHO_CRM_WEBHOOK_", "Zoho's notifications"),
            ("PUBLIC_URL", "Zoho's notifications"),
            ("ZOHO_CRM_", "Zoho CRM"),
            ("ZOHO_BILLING_", "Zoho Billing"),
            ("ZOHO_", "Zoho CRM, Zoho Billing"),
            ("PORTAL_", "the portal"),
            ("BACKOFFICE_", "the back office"),
            ("LEAD_", "leads"),
            ("CRON_SECRET", "`/crons`, `/runs`"),
        ];
        let found = BY_PREFIX.iter().find(|it| self.name.starts_with(it.0));
        found.map_or("every function", |it| it.1)
    }
}

const fn plain(name: &'static str, default: &'static str, meaning: &'static str) -> Variable {
    Variable {
        name,
        meaning,
        default,
        secret: false,
    }
}

const fn secret(name: &'static str, default: &'static str, meaning: &'static str) -> Variable {
    Variable {
        name,
        meaning,
        default,
        secret: true,
    }
}

/// Every variable that a person may set.
pub const VARIABLES: &[Variable] = &[
    plain(
        "TABLE_NAME",
        "`concord-records`",
        "the DynamoDB table (set by the template)",
    ),
    plain(
        "SECRETS",
        "none",
        "ARNs of Secrets Manager entries, comma-separated (set by the template)",
    ),
    plain(
        "PUBLIC_URL",
        "none",
        "where this deployment is reached; Zoho's notification channel is told it",
    ),
    secret(
        "CRON_SECRET",
        "none: the crons' routes answer 401",
        "key of `POST /crons/…`",
    ),
    plain(
        "PORTAL_SUPABASE_URL",
        "none: the portal counts as paused",
        "the portal's Supabase project",
    ),
    secret(
        "PORTAL_SUPABASE_SERVICE_KEY",
        "none",
        "its service key (`sb_secret_…` or a legacy JWT)",
    ),
    secret(
        "PORTAL_WEBHOOK_SECRET",
        "none: the webhook answers 401",
        "secret header of the portal's database webhook",
    ),
    plain("PORTAL_LEADS_TABLE", "`leads`", "the portal's table of leads"),
    plain(
        "BACKOFFICE_SUPABASE_URL",
        "none: the back office counts as paused",
        "the back office's Supabase project",
    ),
    secret("BACKOFFICE_SUPABASE_SERVICE_KEY", "none", "its service key"),
    plain("BACKOFFICE_LEADS_TABLE", "`leads`", "the back office's table of leads"),
    secret(
        "ZOHO_CLIENT_ID",
        "none: Zoho's products count as paused",
        "OAuth client of Zoho",
    ),
    secret("ZOHO_CLIENT_SECRET", "none", "its secret"),
    secret("ZOHO_REFRESH_TOKEN", "none", "refresh token of the connection"),
    plain(
        "ZOHO_REGION",
        "`com`",
        "Zoho's data centre: com, eu, in, com.au, jp, ca, sa, com.cn",
    ),
    plain(
        "ZOHO_ACCOUNTS_URL",
        "the region's",
        "accounts host (tests and sandboxes)",
    ),
    plain("ZOHO_API_URL", "the region's", "API host (tests and sandboxes)"),
    secret(
        "ZOHO_CRM_CLIENT_ID",
        "`ZOHO_CLIENT_ID`",
        "OAuth client for Zoho CRM only",
    ),
    secret("ZOHO_CRM_CLIENT_SECRET", "`ZOHO_CLIENT_SECRET`", "its secret"),
    secret(
        "ZOHO_CRM_REFRESH_TOKEN",
        "`ZOHO_REFRESH_TOKEN`",
        "refresh token for Zoho CRM only",
    ),
    plain("ZOHO_CRM_REGION", "`ZOHO_REGION`", "data centre for Zoho CRM only"),
    plain(
        "ZOHO_CRM_ACCOUNTS_URL",
        "`ZOHO_ACCOUNTS_URL`",
        "accounts host for Zoho CRM only",
    ),
    plain("ZOHO_CRM_API_URL", "`ZOHO_API_URL`", "API host for Zoho CRM only"),
    secret(
        "ZOHO_CRM_WEBHOOK_TOKEN",
        "none: the webhook answers 401",
        "token that Zoho's channel echoes, at most 50 characters",
    ),
    plain(
        "ZOHO_CRM_EDITION",
        "`standard`",
        "Zoho CRM's edition: its credits and calls at once",
    ),
    plain("ZOHO_CRM_USERS", "`1`", "licensed users, which add credits"),
    plain(
        "ZOHO_CRM_LEAD_FIELDS",
        "the shipped names",
        "JSON object: Concord's field name → Zoho API name, where they differ",
    ),
    plain(
        "ZOHO_CRM_NEW_LEAD_TRIGGERS",
        "all automations",
        "automations that run for new leads: `workflow,approval,blueprint` or `none`",
    ),
    secret(
        "ZOHO_BILLING_CLIENT_ID",
        "`ZOHO_CLIENT_ID`",
        "OAuth client for Zoho Billing only",
    ),
    secret("ZOHO_BILLING_CLIENT_SECRET", "`ZOHO_CLIENT_SECRET`", "its secret"),
    secret(
        "ZOHO_BILLING_REFRESH_TOKEN",
        "`ZOHO_REFRESH_TOKEN`",
        "refresh token for Zoho Billing only",
    ),
    plain(
        "ZOHO_BILLING_REGION",
        "`ZOHO_REGION`",
        "data centre for Zoho Billing only",
    ),
    plain(
        "ZOHO_BILLING_ACCOUNTS_URL",
        "`ZOHO_ACCOUNTS_URL`",
        "accounts host for Zoho Billing only",
    ),
    plain(
        "ZOHO_BILLING_API_URL",
        "`ZOHO_API_URL`",
        "API host for Zoho Billing only",
    ),
    plain(
        "ZOHO_BILLING_ORGANIZATION_ID",
        "none: Zoho Billing counts as paused",
        "Zoho Billing's organisation, a number",
    ),
    plain(
        "ZOHO_BILLING_CUSTOMER_ID_FIELD",
        "`App Customer ID`",
        "label of the customers' custom field that carries our id",
    ),
    plain(
        "ZOHO_BILLING_CALLS_PER_MINUTE",
        "`30`",
        "calls in any minute; Zoho's page says 30 and 100",
    ),
    plain(
        "ZOHO_BILLING_CALLS_PER_DAY",
        "`1000`",
        "calls in any 24 hours: Standard 1000, Premium 5000",
    ),
    plain(
        "ZOHO_BILLING_CALLS_AT_ONCE",
        "`5`",
        "calls at once: 5 in the free plan, 10 in others",
    ),
    secret(
        "ZOHO_BILLING_WEBHOOK_SECRET",
        "none: the webhook answers 401",
        "secret header of Zoho Billing's webhooks",
    ),
    plain(
        "APP_SUPABASE_URL",
        "none: the app's tables are not read",
        "the app's Supabase project",
    ),
    secret("APP_SUPABASE_SERVICE_KEY", "none", "its service key"),
    secret(
        "APP_WEBHOOK_SECRET",
        "none: the webhook answers 401",
        "secret header of the app's database webhooks",
    ),
    plain(
        "APP_TABLES",
        "`customers`, `customer_services`, `customer_invoices`, `payment_transactions`",
        "JSON object: kind → the app's table, where it is another one (also for product and plan)",
    ),
    plain(
        "APP_COLUMNS",
        "Concord's own names",
        "JSON object: kind → Concord's field name → the app's column, where they differ",
    ),
    plain(
        "APP_STATUS_COLUMNS",
        "none: nothing is written back",
        "JSON object: `remote_id`, `status`, `last_synced`, `last_error` → the column of the app's tables that shows it",
    ),
    plain(
        "BILLING_UTC_OFFSET",
        "`+02:00`",
        "the organisation's offset from UTC: which day it is",
    ),
    plain(
        "SERVICE_STATUS_MAP",
        "active → live, cancelled → cancelled; suspended is held",
        "JSON table of the words for a service's status",
    ),
    secret(
        "STRIPE_WEBHOOK_SECRET",
        "none: the webhook answers 401",
        "signing secrets of Stripe's webhook, comma-joined while one is replaced",
    ),
    plain(
        "NETCASH_URL",
        "`https://ws.netcash.co.za`",
        "where a transaction is asked for",
    ),
    plain(
        "NETCASH_RETURN_URL",
        "none: it is answered like the gateway",
        "where a buyer's browser goes that brings a postback",
    ),
    plain(
        "LEAD_STATUS_MAP",
        "Zoho's standard list",
        "JSON table of status words of each system",
    ),
    plain(
        "LEAD_SAME_EMAIL",
        "`merge`",
        "a known e-mail with another portal id: merge, separate or hold",
    ),
    plain("AWS_REGION", "`us-east-1`", "region (given by Lambda)"),
    plain(
        "AWS_ENDPOINT_URL",
        "AWS itself",
        "another endpoint for all of AWS (local, emulator); also `AWS_ENDPOINT_URL_DYNAMODB`, `_SQS`, `_SECRETS_MANAGER`",
    ),
];
