//! Every flipped bit and every truncation of a live file and of a journal.

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Instant, SystemTime};

use persist_core::{ConfigFile, Options, Value};

use crate::check::{chain, text};
use crate::scenario::settings;
use crate::worker::in_memory;

/// Every so many-th damage, each with its own store in as many threads as there are processors.
pub(crate) fn run(every: &str) -> Result<(), String> {
    let start = Instant::now();
    let every: usize = every.parse().map_err(text("every"))?;
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let parts: Vec<_> = (0..threads)
        .map(|part| thread::spawn(move || part_of(part * every, threads * every)))
        .collect();
    let (mut live, mut journal) = (0, 0);
    for part in parts {
        let (more_live, more_journal) =
            part.join().unwrap_or_else(|_| Err("a panic".to_owned()))?;
        live += more_live;
        journal += more_journal;
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "corruption: {live} damaged live files and {journal} damaged journals, all found and healed, {seconds:.1} s"
    );
    Ok(())
}

fn part_of(first: usize, step: usize) -> Result<(usize, usize), String> {
    let store = Store::new()?;
    Ok((store.live_file(first, step)?, store.journal(first, step)?))
}

/// A saved file of 4 KiB whose state can be put back.
struct Store {
    folder: tempfile::TempDir,
    live: PathBuf,
    good: Vec<u8>,
    files: BTreeMap<PathBuf, (Vec<u8>, SystemTime)>,
}

impl Store {
    fn new() -> Result<Self, String> {
        let folder = tempfile::tempdir_in(in_memory()).map_err(text("scratch folder"))?;
        let live = folder.path().join("app.toml");
        fs::write(&live, settings(4096)).map_err(text("write"))?;
        for width in [20, 47] {
            save(&live, width)?;
        }
        let good = fs::read(&live).map_err(text("read"))?;
        let mut store = Self {
            folder,
            live,
            good,
            files: BTreeMap::new(),
        };
        store.files = store.all_files();
        Ok(store)
    }

    fn all_files(&self) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
        let mut files = BTreeMap::new();
        let mut open = vec![self.folder.path().to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let modified = entry.metadata().and_then(|meta| meta.modified());
                match (path.is_dir(), fs::read(&path), modified) {
                    (true, ..) => open.push(path),
                    (false, Ok(bytes), Ok(modified)) => drop(files.insert(path, (bytes, modified))),
                    _ => {}
                }
            }
        }
        files
    }

    /// Puts back what differs. The lock file stays as it is: its inode is known to this process.
    fn reset(&self) -> Result<(), String> {
        let now = self.all_files();
        for path in now.keys().filter(|path| !self.files.contains_key(*path)) {
            fs::remove_file(path).map_err(text("remove"))?;
        }
        for (path, (bytes, modified)) in &self.files {
            if now.get(path) != Some(&(bytes.clone(), *modified)) && !path.ends_with("lock") {
                put(path, bytes, *modified)?;
            }
        }
        Ok(())
    }

    /// The medium changes a file behind the file system's back: its time stays.
    fn live_file(&self, first: usize, step: usize) -> Result<usize, String> {
        let (_, modified) = self.files[&self.live];
        let mut count = 0;
        for damaged in damages(&self.good).skip(first).step_by(step) {
            put(&self.live, &damaged, modified)?;
            let what = || format!("{} of the live file", difference(&self.good, &damaged));
            let file = ConfigFile::open(&self.live, Options::default()).map_err(text("open"))?;
            match file.read() {
                Err(persist_core::Error::Damaged { .. }) => {}
                other => return Err(format!("{}: not detected: {other:?}", what())),
            }
            let receipt = file
                .recover(None)
                .map_err(|error| format!("{}: {}", what(), chain(&error)))?;
            if fs::read(&self.live).ok().as_ref() != Some(&self.good) {
                return Err(format!(
                    "{}: the last good state did not come back: {:?}",
                    what(),
                    receipt.from
                ));
            }
            if !self
                .all_files()
                .values()
                .any(|(bytes, _)| *bytes == damaged)
            {
                return Err(format!("{}: the damaged bytes are gone", what()));
            }
            self.reset()?;
            count += 1;
        }
        Ok(count)
    }

    /// A damaged journal is seen, the file stays as it is, and the next save works.
    fn journal(&self, first: usize, step: usize) -> Result<usize, String> {
        let is_journal = |path: &&PathBuf| {
            path.parent()
                .is_some_and(|folder| folder.ends_with("journal"))
        };
        let path = self
            .files
            .keys()
            .find(is_journal)
            .ok_or("there is no journal")?;
        let (good, modified) = &self.files[path];
        let mut count = 0;
        for damaged in damages(good).skip(first).step_by(step) {
            put(path, &damaged, *modified)?;
            let what = || format!("{} of the journal", difference(good, &damaged));
            let file = ConfigFile::open(&self.live, Options::default()).map_err(text("open"))?;
            let verification = file
                .verify()
                .map_err(|error| format!("{}: {}", what(), chain(&error)))?;
            if verification.passed() && verification.torn == 0 && !whole_records(good, &damaged) {
                return Err(format!("{}: not detected", what()));
            }
            let read = file
                .read()
                .map_err(|error| format!("{}: {}", what(), chain(&error)))?;
            let bytes = read.document().map(persist_core::Document::bytes);
            if bytes.as_ref() != Some(&self.good) {
                return Err(format!("{}: another content is read", what()));
            }
            save(&self.live, 99).map_err(|error| format!("{}: the next save: {error}", what()))?;
            self.reset()?;
            count += 1;
        }
        Ok(count)
    }
}

/// A journal cut exactly between two records is a shorter, sound journal: what it lost shows in the live file's digest.
fn whole_records(good: &[u8], damaged: &[u8]) -> bool {
    good.starts_with(damaged) && damaged.last().is_none_or(|byte| *byte == b'\n')
}

fn save(live: &Path, width: i64) -> Result<(), String> {
    let file = ConfigFile::open(live, Options::default()).map_err(text("open"))?;
    let saved = file.edit(None, |document| {
        let _edit = document.set(&"width".parse()?, Value::from(width))?;
        Ok(Vec::new())
    });
    saved.map(drop).map_err(|error| chain(&error))
}

fn put(path: &Path, bytes: &[u8], modified: SystemTime) -> Result<(), String> {
    fs::write(path, bytes).map_err(text("write"))?;
    let file = File::options()
        .write(true)
        .open(path)
        .map_err(text("open"))?;
    file.set_times(FileTimes::new().set_modified(modified))
        .map_err(text("set the time"))
}

fn damages(good: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let flips = (0..good.len() * 8).map(|bit| {
        let mut bytes = good.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    });
    flips.chain((0..good.len()).map(|len| good[..len].to_vec()))
}

fn difference(good: &[u8], damaged: &[u8]) -> String {
    if good.len() != damaged.len() {
        return format!("the first {} bytes", damaged.len());
    }
    let at = good
        .iter()
        .zip(damaged)
        .position(|(a, b)| a != b)
        .unwrap_or(0);
    format!(
        "bit {} of byte {at}",
        (good[at] ^ damaged[at]).trailing_zeros()
    )
}
