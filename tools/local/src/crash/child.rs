//! The bundle as a process of its own, with `--data`, to be killed.

use super::Plan;
use crate::arn;
use crate::run::keys::Keys;
use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http::Request;
use shared::aws::{Access, connector};
use shared::clock::Clock;
use shared::random::Random;
use shared::store::Store;
use shared::systems::http::{Reqwest, Transport as _};
use std::fs::OpenOptions;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const LOOK: Duration = Duration::from_millis(20);
/// Building debug-sized twins from their journals takes longer the more was sent.
const PATIENCE: Duration = Duration::from_secs(20);

/// The process. Dropped, it is killed.
pub(super) struct Child {
    process: std::process::Child,
    api: String,
    aws: String,
    network: Reqwest,
}

impl Child {
    /// Starts the bundle on free ports and waits until it answers; its clock is `ahead` seconds ahead.
    pub(super) async fn start(plan: &Plan, ahead: u32) -> Result<Self> {
        let (api, aws) = (free_port()?, free_port()?);
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(plan.dir.join("log"))?;
        let mut command = Command::new(&plan.program);
        // No variable of ours: the twins stand for everything.
        command
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        command.arg("--data").arg(&plan.dir);
        command.args([
            "--twin-port",
            "0",
            "--port",
            &api.to_string(),
            "--aws-port",
            &aws.to_string(),
        ]);
        command.args(["--ahead", &ahead.to_string()]);
        let mut child = Self {
            process: command.spawn().context("start the bundle")?,
            api: format!("http://127.0.0.1:{api}"),
            aws: format!("http://127.0.0.1:{aws}"),
            network: plan.network.clone(),
        };
        child.ready().await?;
        Ok(child)
    }

    async fn ready(&mut self) -> Result<()> {
        let begun = tokio::time::Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.process.try_wait()? {
                bail!("the bundle did not start: {status}");
            }
            let request = Request::get(format!("{}/health", self.api)).body(Bytes::new())?;
            if self.network.send(request).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
        bail!("the bundle did not answer within {} s", PATIENCE.as_secs())
    }

    /// `kill -9`.
    pub(super) fn kill(mut self) -> Result<()> {
        self.process.kill().context("kill the bundle")?;
        self.process.wait().context("wait for the bundle's end")?;
        Ok(())
    }

    /// Its API.
    pub(super) fn api(&self) -> &str {
        &self.api
    }

    /// How many links are open: not yet as the system is to be.
    pub(super) async fn open(&self, table: &str) -> Result<usize> {
        let lookup = |name: &str| match name {
            "AWS_REGION" => Some(arn::REGION.to_owned()),
            "AWS_ENDPOINT_URL" => Some(self.aws.clone()),
            _ => Some("local".to_owned()).filter(|_| name.ends_with("_KEY") || name.ends_with("_KEY_ID")),
        };
        let clock = Clock::system();
        let client = Access::from_environment(&lookup, connector(Arc::new(Reqwest::new()?))).dynamodb(&clock);
        let store = Store::new(client, table.to_owned(), clock, Random::system());
        let mut open = 0;
        for system in ["zoho_crm", "backoffice"] {
            open += store.count_due(system, "open", 10_000).await?;
        }
        Ok(open)
    }

    /// The keys that it minted.
    pub(super) fn keys(plan: &Plan) -> Result<Keys> {
        Keys::kept(&plan.dir)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may be dead already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A port that nobody listens on just now.
fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    Ok(listener.local_addr()?.port())
}
