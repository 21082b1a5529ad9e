//! Serves the twins on the wall's clock, to try a vendor's own SDK against them: Zoho CRM on port 4801 (accounts and
//! API), the back office's Supabase on 4802, Zoho Billing on 4803 (API; its tokens are those of 4801).

use std::sync::Arc;

use tokio::net::TcpListener;
use twins::{Now, Supabase, ZohoBilling, ZohoCrm, billing, serve, supabase, zoho};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "by hand there is no other clock")]
    let now: Now = Arc::new(jiff::Timestamp::now);
    let api_domain = "http://127.0.0.1:4801".to_owned();
    let mut settings = zoho::Settings::default();
    settings.accounts.api_domain = api_domain;
    let crm = ZohoCrm::new(settings, now.clone());
    let billing = ZohoBilling::new(billing::Settings::default(), now.clone(), crm.accounts().clone());
    let base = Supabase::new(supabase::Settings::back_office(true), now);
    let crm = serve(TcpListener::bind("127.0.0.1:4801").await?, crm);
    let base = serve(TcpListener::bind("127.0.0.1:4802").await?, base);
    let billing = serve(TcpListener::bind("127.0.0.1:4803").await?, billing);
    tokio::join!(crm, base, billing);
    Ok(())
}
