//! `concord resume`: write to a system again.

use anyhow::Result;
use shared::app::App;
use shared::sync::budget::Mode;
use shared::sync::modes::{Switched, switch};

/// Which system.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The system: zoho_crm, backoffice, zoho_billing, app_status.
    pub system: String,
}

/// Resumes it.
///
/// # Errors
/// When there is no such system, or the table does not answer.
pub async fn run(app: &App, args: &Args) -> Result<Switched> {
    switch(app, &args.system, Mode::On).await
}
