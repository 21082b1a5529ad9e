//! Each function in a container, as `sam local invoke` runs it, with its event of `events/`: its answer, and what it did.

mod effects;

use crate::{Options, stage};
use anyhow::{Context as _, Result, ensure};
use local::run::options::BRIDGE;
use local::run::sam::{Stand, arguments};
use local::template::Function;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Runs all of them, one after the other; each finds what those before it did.
///
/// # Errors
/// Names the first that does not answer as it should.
pub(crate) async fn all(options: &Options, step: &(impl Fn(&str) + Sync)) -> Result<()> {
    let template = stage::stage(&options.binaries, &options.work).context("stage the functions")?;
    let stand = Stand::open(BRIDGE).await?;
    let variables = options.work.join("sam.json");
    std::fs::write(&variables, stand.variables.to_string())?;
    let named = effects::ORDER.iter().map(|it| it.0).collect::<BTreeSet<_>>();
    let functions = &stand.world.template.functions;
    let known = functions.iter().map(|it| it.name.as_str()).collect();
    ensure!(named == known, "{:?} have no expected answer", &known - &named);
    effects::prepare(&stand.world).await?;
    let sam = Sam {
        program: options.tools.join("sam"),
        template,
        variables,
        image_is_here: options.image_is_here,
    };
    for (name, holds) in effects::ORDER {
        let function = functions.iter().find(|it| it.name == *name);
        let answer = sam.invoke(function.context("no such function")?).await?;
        holds(&stand.world, &answer).with_context(|| format!("{name} answers {answer}"))?;
        step(&format!("{name} answers {}", short(&answer)));
    }
    Ok(())
}

/// The SAM CLI, and what it is called with.
struct Sam {
    program: PathBuf,
    template: PathBuf,
    variables: PathBuf,
    image_is_here: bool,
}

impl Sam {
    async fn invoke(&self, function: &Function) -> Result<Value> {
        let event = Path::new("events").join(&function.name).with_extension("json");
        let mut command = Command::new(&self.program);
        command
            .args(["local", "invoke", &function.logical_id])
            .args(arguments(&self.variables))
            .arg("--template")
            .arg(&self.template)
            .arg("--event")
            .arg(&event)
            .env("SAM_CLI_TELEMETRY", "0");
        if self.image_is_here {
            command.arg("--skip-pull-image");
        }
        let output = command.output().await.context("run sam")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}: sam says: {said}", function.name);
        let answer = String::from_utf8_lossy(&output.stdout);
        serde_json::from_str(answer.trim()).with_context(|| format!("{} answers {answer:?}: {said}", function.name))
    }
}

/// What is worth showing of an answer: the status and the body, or the failed messages.
fn short(answer: &Value) -> String {
    match &answer["statusCode"] {
        Value::Null => answer.to_string(),
        status => format!("{status} {}", answer["body"].as_str().unwrap_or_default().trim()),
    }
}
