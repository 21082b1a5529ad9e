//! The directory of `--data`: one process at a time, and never the twins' records with a real system.

use anyhow::{Context as _, Result, bail};
use shared::config::Config;
use shared::model::System;
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Takes the directory, makes it if missing; it is free again when the file is dropped or the process dies.
///
/// # Errors
/// When another process has it, or it can't be made.
pub fn take(dir: &Path) -> Result<File> {
    std::fs::create_dir_all(dir).with_context(|| format!("make {}", dir.display()))?;
    let path = dir.join("lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.with_context(|| format!("open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("--data {}: another process is using it", dir.display()),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("lock {}", path.display())),
    }
}

/// Refuses a directory that was kept with other systems: ids of a twin mean nothing, or worse, in the real one.
///
/// # Errors
/// When the systems differ, or the note can't be read or written.
pub fn same_systems(dir: &Path, systems: &str) -> Result<()> {
    let path = dir.join("systems");
    match std::fs::read_to_string(&path) {
        Ok(kept) if kept == systems => Ok(()),
        Ok(_) => bail!(
            "--data {}: was kept with other systems (see its file `systems`): use another directory",
            dir.display()
        ),
        Err(_) => std::fs::write(&path, systems).with_context(|| format!("write {}", path.display())),
    }
}

/// One line for each system: the twin, or the real one's host.
#[must_use]
pub fn systems(config: &Config, real: &BTreeSet<System>) -> String {
    let hosts = [
        (System::ZOHO_CRM, config.zoho_crm.as_ref().map(|it| it.api.host())),
        (System::PORTAL, config.portal.as_ref().map(|it| it.base.host())),
        (System::BACKOFFICE, config.backoffice.as_ref().map(|it| it.base.host())),
        (System::APP, config.app.as_ref().map(|it| it.base.host())),
    ];
    let line = |(system, host): (System, Option<&str>)| match host {
        Some(host) if real.contains(&system) => format!("{system} {host}\n"),
        _ => format!("{system} twin\n"),
    };
    hosts.into_iter().map(line).collect()
}

/// The file's text, or `make`'s, which is then kept where only its owner can read it.
///
/// # Errors
/// When the file can't be read or written.
pub fn secret(path: &Path, make: impl FnOnce() -> String) -> Result<String> {
    if let Ok(kept) = std::fs::read_to_string(path) {
        return Ok(kept);
    }
    let text = make();
    let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.with_context(|| format!("write {}", path.display()))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn dir(name: &str) -> std::path::PathBuf {
        let dir = std::env::temp_dir().join(format!("concord-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&dir));
        dir
    }

    #[test]
    fn two_processes_never_share_a_directory() {
        let dir = dir("lock");
        let first = take(&dir).unwrap();
        assert!(take(&dir).unwrap_err().to_string().contains("another process"));
        drop(first);
        take(&dir).unwrap();
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_directory_of_twins_is_refused_for_a_real_system() {
        let dir = dir("systems");
        std::fs::create_dir_all(&dir).unwrap();
        same_systems(&dir, "zoho_crm twin\n").unwrap();
        same_systems(&dir, "zoho_crm twin\n").unwrap();
        assert!(same_systems(&dir, "zoho_crm www.zohoapis.eu\n").is_err());
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_secret_is_kept_and_nobody_else_can_read_it() {
        let dir = dir("secret");
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join("keys");
        assert_eq!(secret(&path, || "one".into()).unwrap(), "one");
        assert_eq!(secret(&path, || "two".into()).unwrap(), "one");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::remove_dir_all(dir).unwrap();
    }
}
