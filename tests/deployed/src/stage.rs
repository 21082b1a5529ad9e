//! What is deployed: the template itself, and beside it each function's binary where `CodeUri` looks for it.

use anyhow::{Context as _, Result};
use local::template::{Options as TemplateOptions, Template};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Copies the template and the stripped binaries; where the template is.
///
/// # Errors
/// When a binary is missing: build them first.
pub(crate) fn stage(binaries: &Path, work: &Path) -> Result<PathBuf> {
    let text = fs::read_to_string("template.yaml").context("read template.yaml")?;
    let template = Template::parse(&text, &TemplateOptions::default()).map_err(|it| anyhow::anyhow!("{it:?}"))?;
    for function in &template.functions {
        let dir = work.join("target/lambda").join(&function.name);
        fs::create_dir_all(&dir)?;
        let (from, to) = (binaries.join(&function.name), dir.join("bootstrap"));
        // Without its symbols a debug build is small enough to be zipped and sent two dozen times.
        let strip = Command::new("strip").arg("-o").arg(&to).arg(&from).status();
        anyhow::ensure!(
            strip.context("run strip")?.success(),
            "{} can't be stripped: cargo build --workspace --bins",
            from.display()
        );
    }
    let staged = work.join("template.yaml");
    fs::write(&staged, text)?;
    Ok(staged)
}
