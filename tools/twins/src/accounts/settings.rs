//! What the accounts host knows: one app, and what it was granted.

/// The settings of [`super::Accounts`]. [`Settings::default`] is one app at the EU's host, granted all that the
/// twins of Zoho ask for.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The app's id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: String,
    /// Refresh tokens that exist from the start.
    pub refresh_tokens: Vec<String>,
    /// Where an authorization code may be exchanged.
    pub redirect_uri: String,
    /// What the token answer says; calls are answered on any host.
    pub api_domain: String,
    /// HTTP status of the token endpoint's refusals: 200 or 400 are both seen.
    pub token_error_status: u16,
    /// What the app was granted.
    pub scopes: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let scopes = [
            "ZohoCRM.modules.ALL",
            "ZohoCRM.coql.READ",
            "ZohoSearch.securesearch.READ",
            "ZohoCRM.settings.ALL",
            "ZohoCRM.users.READ",
            "ZohoCRM.org.READ",
            "ZohoCRM.notifications.ALL",
            "ZohoSubscriptions.customers.ALL",
            "ZohoSubscriptions.products.ALL",
            "ZohoSubscriptions.plans.ALL",
            "ZohoSubscriptions.subscriptions.ALL",
            "ZohoSubscriptions.invoices.ALL",
            "ZohoSubscriptions.payments.ALL",
            "ZohoSubscriptions.webhooks.READ",
        ];
        Self {
            client_id: "1000.TWIN".to_owned(),
            client_secret: "twin-client-secret".to_owned(),
            refresh_tokens: vec!["1000.twin.refresh".to_owned()],
            redirect_uri: "https://example.com/oauth".to_owned(),
            api_domain: "https://www.zohoapis.eu".to_owned(),
            token_error_status: 200,
            scopes: scopes.map(str::to_owned).to_vec(),
        }
    }
}
