//! The deployed stack: deployed by `stack.py`, spoken to as its owner.

use crate::Options;
use crate::emulator::{Emulator, endpoint, environment};
use crate::outside::Outside;
use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::Value;
use shared::aws::{Access, connector};
use shared::clock::Clock;
use shared::systems::http::Reqwest;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use tokio::process::Command;

/// What stands after a deploy.
#[derive(Debug, Deserialize)]
pub(crate) struct Stack {
    /// The HTTP API's id.
    pub(crate) api: String,
    /// How many routes it has.
    pub(crate) routes: usize,
    /// The table's name.
    pub(crate) table: String,
    /// The functions' names.
    pub(crate) functions: Vec<String>,
    /// The queues' addresses by their logical ids.
    pub(crate) queues: BTreeMap<String, String>,
}

/// The stack, and the way to its services.
#[derive(Debug)]
pub(crate) struct Account {
    /// What stands.
    pub(crate) stack: Stack,
    port: u16,
    /// The `concord` command.
    command: PathBuf,
    sqs: aws_sdk_sqs::Client,
}

impl Account {
    /// Deploys the template with the twins as its outside systems.
    ///
    /// # Errors
    /// When `sam deploy` fails: it has said why.
    pub(crate) async fn deploy(
        emulator: &Emulator,
        options: &Options,
        template: &Path,
        outside: &Outside,
    ) -> Result<Self> {
        let settings = options.work.join("settings.json");
        std::fs::write(&settings, outside.settings(&endpoint(emulator.port)).to_string())?;
        let output = Command::new(options.tools.join("python"))
            .args(["-B", "tests/deployed/stack.py"])
            .args([template, &settings])
            .envs(environment(emulator.port))
            .stderr(Stdio::inherit())
            .output()
            .await?;
        ensure!(output.status.success(), "the template was not deployed");
        let stack = serde_json::from_slice(&output.stdout).context("read what stands")?;
        let variables: BTreeMap<_, _> = environment(emulator.port).into_iter().collect();
        let access = Access::from_environment(
            &|name| variables.get(name).cloned(),
            connector(Arc::new(Reqwest::new()?)),
        );
        Ok(Self {
            stack,
            port: emulator.port,
            command: options.binaries.join("concord"),
            sqs: access.sqs(&Clock::system()),
        })
    }

    /// A new key of the API, made by the `concord` command as an operator would.
    ///
    /// # Errors
    /// When the command fails.
    pub(crate) async fn key(&self, scope: &str) -> Result<String> {
        let told = self
            .concord(&["keys", "new", "--name", scope, "--scope", scope])
            .await?;
        let secret = told["secret"].as_str().context("the key's secret")?;
        Ok(secret.to_owned())
    }

    /// What the `concord` command answers.
    ///
    /// # Errors
    /// When it fails: it has said why.
    pub(crate) async fn concord(&self, arguments: &[&str]) -> Result<Value> {
        let output = Command::new(&self.command)
            .args(arguments)
            .arg("--json")
            .envs(environment(self.port))
            .env("TABLE_NAME", &self.stack.table)
            .stderr(Stdio::inherit())
            .output()
            .await?;
        ensure!(output.status.success(), "concord {} failed", arguments.join(" "));
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Puts a message on a queue.
    ///
    /// # Errors
    /// When the queue does not take it.
    pub(crate) async fn send(&self, queue: &str, body: &str) -> Result<()> {
        let url = self.stack.queues.get(queue).context("no such queue")?;
        let sent = self.sqs.send_message().queue_url(url).message_body(body).send().await;
        sent.with_context(|| format!("send to {queue}"))?;
        Ok(())
    }
}
