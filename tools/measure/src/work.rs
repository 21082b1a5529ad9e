//! The order of the work: each function by itself, then the two that do the same, then the handshake.

use crate::around::{Around, Secrets, entries};
use crate::count::Counter;
use crate::events::events;
use crate::figures::{Function, Init, Pair, Report, Side, length};
use crate::process::Program;
use crate::quota::Quota;
use crate::rie::Emulator;
use crate::start::{Start, peak};
use crate::{Options, handshake, told};
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

/// The function that there is in Node.js, too.
const PAIR: &str = "webhook_supabase";

/// What all measurements share.
struct Work<'a> {
    options: &'a Options,
    quota: Option<Quota>,
    log: PathBuf,
    begun: Instant,
}

/// Measures everything that is asked for.
///
/// # Errors
/// When something is not built, or fails under measurement.
pub(crate) async fn report(options: &Options) -> Result<Report> {
    let quota = Quota::new()
        .inspect_err(|it| told(&format!("without a quota: {it:#}")))
        .ok();
    let work = Work {
        options,
        quota,
        log: options.work.join("functions.log"),
        begun: Instant::now(),
    };
    fs::write(&work.log, "")?;
    let mut report = Report::default();
    for name in work.names().await? {
        report
            .functions
            .push(work.function(&name).await.with_context(|| name.clone())?);
    }
    if !options.counts && report.functions.iter().any(|it| it.name == PAIR) {
        report.twin = Some(work.pair().await.context("the same in Node.js")?);
    }
    if !options.counts {
        work.tell("the TLS handshake");
        report.handshake = Some(handshake::measured(&options.work.join("tls"), options.runs)?);
    }
    report.machine = machine();
    Ok(report)
}

impl Work<'_> {
    async fn names(&self) -> Result<Vec<String>> {
        let asked = &self.options.function;
        let template = Around::open().await?.world.template;
        let mut names: Vec<String> = template.functions.iter().map(|it| it.name.clone()).collect();
        if let Some(unknown) = asked.iter().find(|it| !names.contains(it)) {
            anyhow::bail!("no function is called {unknown}");
        }
        names.retain(|it| asked.is_empty() || asked.contains(it));
        names.sort();
        Ok(names)
    }

    async fn function(&self, name: &str) -> Result<Function> {
        let binary = self.options.binaries.join(name).join("bootstrap");
        ensure!(
            binary.exists(),
            "{} is not there: run tools/measure/run",
            binary.display()
        );
        let program: Program = vec![fs::canonicalize(&binary)?.into()];
        let around = Around::open().await?;
        let counter = Counter {
            program: &program,
            function: name,
            work: &self.options.work,
        };
        self.tell(&format!("{name}: instructions"));
        let instructions = [
            counter.run(&around, Secrets::Fetched, &[]).await?,
            counter.run(&around, Secrets::Fetched, &[]).await?,
        ];
        let warm = events(&around, name, Counter::EVENTS).await?;
        let mut function = Function {
            name: name.to_owned(),
            zip: self.zip(name),
            raw: length(&binary),
            secrets: entries(&around.world.template, name),
            instructions,
            without_secrets: counter.run(&around, Secrets::Given, &[]).await?,
            warm: counter.warm(&around, &warm).await?,
            ..Function::default()
        };
        if !self.options.counts {
            function.init = self.init(name, &program, Secrets::Fetched).await?;
            function.peak = Some(self.peak(name, &program).await?);
        }
        Ok(function)
    }

    async fn init(&self, name: &str, program: &Program, secrets: Secrets) -> Result<Init> {
        self.tell(&format!("{name}: starts"));
        let around = Around::open().await?;
        let start = Start {
            program,
            function: name,
            secrets,
            log: &self.log,
        };
        let runs = self.options.runs;
        let mut init = Init {
            full: start.milliseconds(&around, runs, None).await?,
            ..Init::default()
        };
        if let Some(quota) = &self.quota {
            init.quota = Some(start.milliseconds(&around, runs, Some(quota)).await?);
        }
        // The emulator hands on its own variables: one way of having secrets is enough.
        let Some(binary) = self.options.emulator.as_deref().filter(|_| secrets == Secrets::Fetched) else {
            return Ok(init);
        };
        let emulator = Emulator {
            binary,
            program,
            function: name,
            work: &self.options.work,
        };
        let runs = self.options.emulator_runs;
        init.emulator = Some(emulator.milliseconds(&around, runs, None).await?);
        if let Some(quota) = &self.quota {
            init.emulator_quota = Some(emulator.milliseconds(&around, runs, Some(quota)).await?);
        }
        Ok(init)
    }

    async fn peak(&self, name: &str, program: &Program) -> Result<u64> {
        self.tell(&format!("{name}: {} events", self.options.events));
        let around = Around::open().await?;
        let events = events(&around, name, self.options.events).await?;
        let start = Start {
            program,
            function: name,
            secrets: Secrets::Fetched,
            log: &self.log,
        };
        peak(&start, &around, &events).await
    }

    async fn pair(&self) -> Result<Pair> {
        let ours: Program = vec![fs::canonicalize(self.options.binaries.join(PAIR).join("bootstrap"))?.into()];
        let twin = fs::canonicalize(self.options.work.join("node/index.cjs")).context("it is not built")?;
        let node = Command::new("node").arg("--version").output()?;
        Ok(Pair {
            node: String::from_utf8_lossy(&node.stdout)
                .trim()
                .trim_start_matches('v')
                .to_owned(),
            function: PAIR.to_owned(),
            ours: self.side(PAIR, &ours).await?,
            theirs: self.side("node", &vec!["node".into(), twin.into()]).await?,
        })
    }

    async fn side(&self, zip: &str, program: &Program) -> Result<Side> {
        self.tell(&format!("{PAIR} against Node.js: {zip}"));
        Ok(Side {
            zip: self.zip(zip),
            fetched: self.init(PAIR, program, Secrets::Fetched).await?,
            given: self.init(PAIR, program, Secrets::Given).await?,
            peak: self.peak(PAIR, program).await?,
        })
    }

    fn zip(&self, name: &str) -> u64 {
        length(&self.options.work.join("zip").join(format!("{name}.zip")))
    }

    fn tell(&self, what: &str) {
        told(&format!("{:6.1} s  {what}", self.begun.elapsed().as_secs_f64()));
    }
}

/// Processors and how busy they were.
fn machine() -> String {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models: Vec<&str> = processors
        .lines()
        .filter_map(|it| it.strip_prefix("model name\t: "))
        .collect();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "{} × {}, Linux {}, load {} (fifteen minutes) at the end",
        models.len(),
        models.first().unwrap_or(&"unknown"),
        kernel.trim(),
        load.split(' ').nth(2).unwrap_or("unknown")
    )
}
