//! Every flipped bit and every truncation of a live file, of a journal, of a plain and of a compressed backup.

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Instant, SystemTime};

use persist_core::{Condition, ConfigFile, Error, Options, Value};

use crate::check::{chain, text};
use crate::scenario::settings;
use crate::worker::in_memory;

/// What is damaged, and what must hold then.
const VICTIMS: [(&str, Check); 4] = [
    ("live files", live_file),
    ("journals", journal),
    ("plain backups", backup),
    ("compressed backups", backup),
];

/// Is given the damaged file and what is in it now.
type Check = fn(&Store, &Path, &[u8]) -> Result<(), String>;

#[derive(Default)]
struct Counts {
    tried: [usize; VICTIMS.len()],
    /// Damages that make the live file exactly what it was before.
    older: usize,
}

/// Every so many-th damage, each with its own store in as many threads as there are processors.
pub(crate) fn run(every: &str) -> Result<(), String> {
    let start = Instant::now();
    let every: usize = every.parse().map_err(text("every"))?;
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let parts: Vec<_> = (0..threads)
        .map(|part| thread::spawn(move || part_of(part * every, threads * every)))
        .collect();
    let mut total = Counts::default();
    for part in parts {
        let counts = part.join().unwrap_or_else(|_| Err("a panic".to_owned()))?;
        for (sum, count) in total.tried.iter_mut().zip(counts.tried) {
            *sum += count;
        }
        total.older += counts.older;
    }
    if total.older == 0 {
        return Err("no damage made the live file an older version of itself".to_owned());
    }
    for ((name, _), count) in VICTIMS.iter().zip(total.tried) {
        println!("corruption: {count:>6} damaged {name}");
    }
    println!(
        "corruption: all found and healed, {} of them an older version of the live file, {:.1} s",
        total.older,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

fn part_of(first: usize, step: usize) -> Result<Counts, String> {
    let store = Store::new()?;
    let mut counts = Counts::default();
    for (index, (name, check)) in VICTIMS.iter().enumerate() {
        let path = &store.victims[index];
        let (good, modified) = &store.files[path];
        for (number, damaged) in damages(good).enumerate() {
            let older = *path == store.live && store.versions.contains(&damaged);
            // The rare ones are not left to the step.
            let ours = if older {
                first == 0
            } else {
                number % step == first
            };
            if !ours {
                continue;
            }
            // The medium changes a file behind the file system's back: its time stays.
            put(path, &damaged, *modified)?;
            check(&store, path, &damaged)
                .map_err(|error| format!("{name}: {}: {error}", difference(good, &damaged)))?;
            store.reset()?;
            counts.tried[index] += 1;
            counts.older += usize::from(older);
        }
    }
    Ok(counts)
}

/// A saved file of 4 KiB whose state can be put back.
struct Store {
    folder: tempfile::TempDir,
    live: PathBuf,
    good: Vec<u8>,
    /// What the live file held before, oldest first.
    versions: Vec<Vec<u8>>,
    /// The files that [`VICTIMS`] names.
    victims: [PathBuf; VICTIMS.len()],
    files: BTreeMap<PathBuf, (Vec<u8>, SystemTime)>,
}

impl Store {
    /// The versions are as long as each other, and one flipped bit away from the last.
    fn new() -> Result<Self, String> {
        let folder = tempfile::tempdir_in(in_memory()).map_err(text("scratch folder"))?;
        let live = folder.path().join("app.toml");
        fs::write(&live, settings(4096)).map_err(text("write"))?;
        let mut versions = Vec::new();
        for width in [2, 3] {
            versions.push(fs::read(&live).map_err(text("read"))?);
            save(&live, width)?;
        }
        let file = open(&live)?;
        // What the last save has replaced would be one more copy of the newest backup, and stand in for it.
        for path in all_files(file.state_dir()).into_keys() {
            if path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("stage-"))
            {
                fs::remove_file(path).map_err(text("remove"))?;
            }
        }
        let snapshots = file.backups().list().map_err(text("list the backups"))?;
        let stored = |compressed: bool| {
            let mut found = snapshots.iter().filter(|s| s.compressed == compressed);
            let path = found.next().map(|snapshot| snapshot.path.clone());
            path.ok_or("there are not both kinds of backups")
        };
        let journal = file.state_dir().join("journal/00000001.log");
        Ok(Self {
            good: fs::read(&live).map_err(text("read"))?,
            versions,
            victims: [live.clone(), journal, stored(false)?, stored(true)?],
            files: all_files(folder.path()),
            live,
            folder,
        })
    }

    /// Puts back what differs. The lock file stays as it is: its inode is known to this process.
    fn reset(&self) -> Result<(), String> {
        let now = all_files(self.folder.path());
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

    fn recovers(&self, wanted: &[u8]) -> Result<(), String> {
        let receipt = open(&self.live)?
            .recover(None)
            .map_err(|error| chain(&error))?;
        if fs::read(&self.live).ok().as_deref() == Some(wanted) {
            return Ok(());
        }
        let from = receipt.from;
        Err(format!("the last good state did not come back: {from:?}"))
    }
}

/// Refused as damaged; recovery brings the content saved last, and the damaged bytes are kept.
fn live_file(store: &Store, path: &Path, damaged: &[u8]) -> Result<(), String> {
    match open(path)?.read() {
        Err(Error::Damaged { .. }) => {}
        other => return Err(format!("not detected: {other:?}")),
    }
    store.recovers(&store.good)?;
    let files = all_files(store.folder.path());
    let mut others = files.iter().filter(|(path, _)| **path != store.live);
    if others.any(|(_, (bytes, _))| *bytes == damaged) {
        Ok(())
    } else {
        Err("the damaged bytes are gone".to_owned())
    }
}

/// Seen by `verify`; the live file reads as it is, and the next save works.
fn journal(store: &Store, path: &Path, damaged: &[u8]) -> Result<(), String> {
    let file = open(&store.live)?;
    let verification = file.verify().map_err(|error| chain(&error))?;
    let sound = verification.passed() && verification.torn == 0;
    // Cut between two records it is a shorter, sound journal, which does not know the live file.
    let (good, _) = &store.files[path];
    let shorter = good.starts_with(damaged) && damaged.last().is_none_or(|byte| *byte == b'\n');
    let unknown = verification.live != Ok(Condition::Clean);
    if sound && !(shorter && unknown) {
        return Err("not detected".to_owned());
    }
    let reading = file.read().map_err(|error| chain(&error))?;
    let bytes = reading.document().map(persist_core::Document::bytes);
    if bytes.as_ref() != Some(&store.good) {
        return Err("another content is read".to_owned());
    }
    save(&store.live, 99).map_err(|error| format!("the next save: {error}"))
}

/// Seen by `verify`, never restored, and passed over when the live file must be healed from backups.
fn backup(store: &Store, path: &Path, _: &[u8]) -> Result<(), String> {
    let file = open(&store.live)?;
    let verification = file.verify().map_err(|error| chain(&error))?;
    if verification.damaged_backups.len() != 1 {
        return Err(format!("found: {:?}", verification.damaged_backups));
    }
    let backups = file.backups().list().map_err(text("list the backups"))?;
    let is_it = |snapshot: &&persist_core::backup::Snapshot| snapshot.path == path;
    let id = backups.iter().find(is_it).ok_or("it is not listed")?.id;
    match file.restore(id.to_string()) {
        Err(Error::Backup { .. }) => {}
        other => return Err(format!("restored: {other:?}")),
    }
    if fs::read(&store.live).ok().as_ref() != Some(&store.good) {
        return Err("refusing it changed the live file".to_owned());
    }
    fs::remove_file(file.state_dir().join("mirror")).map_err(text("remove the mirror"))?;
    put(&store.live, &[0; 80], SystemTime::now())?;
    let other = backups.iter().find(|snapshot| snapshot.path != path);
    let seq = other.ok_or("there is no other backup")?.id.seq();
    let older = usize::try_from(seq - 1).map_err(text("number"))?;
    store.recovers(&store.versions[older])
}

fn open(live: &Path) -> Result<ConfigFile, String> {
    let mut options = Options::default();
    options.compress_above = 0;
    ConfigFile::open(live, options).map_err(text("open"))
}

fn save(live: &Path, width: i64) -> Result<(), String> {
    let saved = open(live)?.edit(None, |document| {
        let _edit = document.set(&"width".parse()?, Value::from(width))?;
        Ok(Vec::new())
    });
    saved.map(drop).map_err(|error| chain(&error))
}

fn all_files(root: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    let mut open = vec![root.to_owned()];
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
