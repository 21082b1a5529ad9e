//! Keys of the API for whoever tries the bundle: made once, kept beside the data, stored by their hashes.

use super::data;
use anyhow::{Context as _, Result};
use shared::api::auth::{Scope, store};
use shared::app::App;
use std::fmt::Write as _;
use std::path::Path;

/// A key for each scope, in plain text.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys(Vec<(Scope, String)>);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// The keys of this bundle; new ones where none are kept. The table knows them afterwards.
    ///
    /// # Errors
    /// When the table does not answer, or the file beside the data can't be read or written.
    pub async fn mint(app: &App, data: Option<&Path>) -> Result<Self> {
        let text = match data {
            None => fresh(app),
            Some(dir) => data::secret(&dir.join("keys"), || fresh(app))?,
        };
        let keys = Self::read(&text).context("the file `keys` of --data is damaged: remove it")?;
        for (scope, key) in &keys.0 {
            store(app, key, *scope, "cargo run").await?;
        }
        Ok(keys)
    }

    /// The keys that another process keeps in its directory.
    ///
    /// # Errors
    /// When there are none.
    pub fn kept(dir: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(dir.join("keys")).context("read the keys")?;
        Self::read(&text).context("the file `keys` is damaged")
    }

    /// The key of a scope.
    #[must_use]
    pub fn of(&self, scope: Scope) -> &str {
        let found = self.0.iter().find(|it| it.0 == scope);
        found.map_or("", |it| it.1.as_str())
    }

    /// Name and key of each scope.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        Scope::ALL.into_iter().map(|(name, scope)| (name, self.of(scope)))
    }

    fn read(text: &str) -> Option<Self> {
        let of = |name: &str| {
            let mut lines = text.lines().filter_map(|it| it.split_once(' '));
            lines.find(|it| it.0 == name).map(|it| it.1.to_owned())
        };
        let keys = Scope::ALL.into_iter().map(|(name, scope)| Some((scope, of(name)?)));
        keys.collect::<Option<Vec<_>>>().map(Self)
    }
}

fn fresh(app: &App) -> String {
    let mut text = String::new();
    for (name, _) in Scope::ALL {
        let random = &app.random;
        // Writing to a text can't fail.
        let _ = writeln!(text, "{name} local_{:016x}{:016x}", random.next(), random.next());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_is_noticed() {
        let whole = "billing e\nleads a\ncrons b\noperator_read c\noperator_write d\n";
        assert_eq!(Keys::read(whole).unwrap().of(Scope::Crons), "b");
        assert_eq!(Keys::read("leads a\n"), None);
    }
}
