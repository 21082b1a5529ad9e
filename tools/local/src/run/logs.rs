//! What the functions log, for people: warnings and errors, more on request.

use shared::config::environment;
use tracing_subscriber::EnvFilter;

const VERBOSE: &str = "info,shared=debug,functions=debug,local=debug";

/// Shows logs on standard error from now on; `RUST_LOG` chooses, else `verbose`, else from this level up.
pub fn show(verbose: bool, level: &str) {
    let default = if verbose { VERBOSE } else { level };
    let chosen = environment("RUST_LOG").unwrap_or_else(|| default.to_owned());
    let filter = EnvFilter::builder().parse_lossy(chosen);
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    // A second call, in tests, finds the first one's.
    let _ = logs.with_ansi(false).with_writer(std::io::stderr).try_init();
}
