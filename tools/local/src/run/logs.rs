//! What the functions log, for people: warnings and errors, more on request.

use shared::config::environment;
use tracing_subscriber::EnvFilter;

/// Shows logs on standard error from now on; `RUST_LOG` chooses, else `verbose`.
pub fn show(verbose: bool) {
    let chosen = environment("RUST_LOG").unwrap_or_else(|| default(verbose).to_owned());
    let filter = EnvFilter::builder().parse_lossy(chosen);
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    // A second call, in tests, finds the first one's.
    let _ = logs.with_ansi(false).with_writer(std::io::stderr).try_init();
}

fn default(verbose: bool) -> &'static str {
    match verbose {
        true => "info,shared=debug,functions=debug,local=debug",
        false => "warn",
    }
}
