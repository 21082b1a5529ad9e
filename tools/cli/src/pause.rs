//! `concord pause`: stop writing to a system; its work waits.

use crate::report::Report;
use anyhow::Result;
use jiff::tz::TimeZone;
use shared::app::App;
use shared::sync::budget::Mode;
use shared::sync::modes::{Switched, switch};

/// Which system.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The system: zoho_crm, backoffice, zoho_billing, app_status.
    pub system: String,
}

/// Pauses it.
///
/// # Errors
/// When there is no such system, or the table does not answer.
pub async fn run(app: &App, args: &Args) -> Result<Switched> {
    switch(app, &args.system, Mode::Paused).await
}

impl Report for Switched {
    fn text(&self, _: TimeZone) -> String {
        let next = match self.now {
            Mode::On => "what waits goes within two minutes",
            Mode::Paused => "changes wait as pending until it is resumed",
            Mode::Mock => "what would be sent is logged, ends as skipped and is not sent later either",
        };
        format!("{}: {:?}, was {:?}; {next}", self.system, self.now, self.before)
    }
}
