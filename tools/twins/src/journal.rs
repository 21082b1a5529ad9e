//! What makes a twin durable: an append-only file of changes, one JSON line per call.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Serialize, de::DeserializeOwned};

/// The file. A batch is one line, written and synced before the call is answered.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
}

impl Journal {
    /// Opens or makes `name` in `dir`, gives every change on it to `apply` in order, and cuts off a last
    /// line that a crash left unfinished: its call was never answered.
    pub(crate) fn open<T: DeserializeOwned>(dir: &Path, name: &str, mut apply: impl FnMut(T)) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let path = dir.join(name);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let mut reader = BufReader::new(&mut file);
        let (mut line, mut whole) = (Vec::new(), 0u64);
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line)?;
            if length == 0 || line.last() != Some(&b'\n') {
                break;
            }
            let batch: Vec<T> = serde_json::from_slice(&line)?;
            batch.into_iter().for_each(&mut apply);
            whole += length as u64;
        }
        file.set_len(whole)?;
        file.seek(SeekFrom::Start(whole))?;
        File::open(dir)?.sync_all()?;
        Ok(Self { file })
    }

    /// Writes a batch and waits until it is on disk.
    pub(crate) fn append<T: Serialize>(&mut self, batch: &[T]) -> io::Result<()> {
        let mut line = serde_json::to_vec(batch)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.file.sync_data()
    }
}

/// Changes of a call on their way to the file; of a twin in memory none are kept.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    journal: Option<Journal>,
    pending: Vec<T>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self {
            journal: None,
            pending: Vec::new(),
        }
    }
}

impl<T: Clone + Serialize> Kept<T> {
    /// Kept on this journal.
    pub(crate) fn on(journal: Journal) -> Self {
        Self {
            journal: Some(journal),
            ..Self::default()
        }
    }

    /// A change was made.
    pub(crate) fn add(&mut self, change: &T) {
        if self.journal.is_some() {
            self.pending.push(change.clone());
        }
    }

    /// Brings all changes since the last time to disk.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        match &mut self.journal {
            Some(journal) if !pending.is_empty() => journal.append(&pending),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_last_line_is_cut_off_and_the_rest_comes_back() {
        let dir = std::env::temp_dir().join(format!("twins-journal-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&dir));
        let mut journal = Journal::open::<u32>(&dir, "j", |_| {}).unwrap();
        journal.append(&[1u32, 2]).unwrap();
        journal.append(&[3u32]).unwrap();
        journal.file.write_all(b"[4,").unwrap();
        drop(journal);
        let mut seen = Vec::new();
        let mut journal = Journal::open::<u32>(&dir, "j", |n| seen.push(n)).unwrap();
        assert_eq!(seen, [1, 2, 3]);
        journal.append(&[5u32]).unwrap();
        drop(journal);
        seen.clear();
        Journal::open::<u32>(&dir, "j", |n| seen.push(n)).unwrap();
        assert_eq!(seen, [1, 2, 3, 5]);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
