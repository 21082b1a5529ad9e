//! MiniStack: AWS on this machine, with IAM enforced.

use anyhow::{Context as _, Result, bail};
use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::sleep;

/// The account's own keys: MiniStack takes whoever shows them for its root.
const KEY: &str = "concord-root";
/// Their secret.
const SECRET: &str = "concord-root-secret";
/// The region.
const REGION: &str = "eu-south-1";

/// A running emulator. It ends with this value.
#[derive(Debug)]
pub(crate) struct Emulator {
    child: Child,
    /// Its port.
    pub(crate) port: u16,
}

impl Emulator {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// When it is not installed, or does not answer within a minute.
    pub(crate) async fn start(tools: &Path, work: &Path) -> Result<Self> {
        let port = free_port().await?;
        let log = File::create(work.join("emulator.log"))?;
        let data = work.join("emulator");
        // What an earlier run left.
        drop(fs::remove_dir_all(&data));
        fs::create_dir_all(&data)?;
        let program = tools.join("ministack");
        let child = Command::new(&program)
            .envs(environment(port))
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("MINISTACK_REGION", REGION)
            .env("AUTH", "true")
            .env("TMPDIR", fs::canonicalize(&data)?)
            .stdout(log.try_clone()?)
            .stderr(log)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("start {}", program.display()))?;
        let emulator = Self { child, port };
        emulator.answers().await?;
        Ok(emulator)
    }

    async fn answers(&self) -> Result<()> {
        for _ in 0..300 {
            if TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(200)).await;
        }
        bail!("the emulator does not answer within a minute")
    }

    /// Ends it, and with it the functions.
    pub(crate) async fn stop(mut self) {
        // One that has ended already needs no killing.
        drop(self.child.kill().await);
    }
}

/// Where all of its services are.
pub(crate) fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// What whoever speaks to it as the account's owner has in its environment.
pub(crate) fn environment(port: u16) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_ENDPOINT_URL", endpoint(port)),
        ("AWS_ACCESS_KEY_ID", KEY.into()),
        ("AWS_SECRET_ACCESS_KEY", SECRET.into()),
        ("AWS_REGION", REGION.into()),
        ("AWS_DEFAULT_REGION", REGION.into()),
        ("SAM_CLI_TELEMETRY", "0".into()),
    ]
}

async fn free_port() -> Result<u16> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    Ok(listener.local_addr()?.port())
}
