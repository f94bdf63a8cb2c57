//! What the tests share: scratch folders, saves, pictures of a folder, and journals made by hand.

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use persist_core::journal::{Actor, Event, Intent, Kind, Record};
use persist_core::{ConfigFile, Digest, Error, Options, Receipt, Value, digest};
use tempfile::TempDir;

/// A folder in memory where there is such a thing: the tests make thousands of durable saves.
pub(crate) fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    made.expect("a scratch folder")
}

/// A file `name` with `text` in it, which persist has never seen.
pub(crate) fn with(name: &str, text: &str) -> (TempDir, ConfigFile) {
    let dir = folder();
    fs::write(dir.path().join(name), text).expect("write");
    let file = open(&dir.path().join(name));
    (dir, file)
}

/// `app.toml` with `width = 1`, then saved with each of `widths`.
pub(crate) fn saved(widths: &[i64]) -> (TempDir, ConfigFile) {
    let (dir, file) = with("app.toml", "# pixels\nwidth = 1 # of the window\n");
    for width in widths {
        set(&file, "width", *width).expect("a save");
    }
    (dir, file)
}

pub(crate) fn open(path: &Path) -> ConfigFile {
    open_with(path, |_| {})
}

pub(crate) fn open_with(path: &Path, change: impl FnOnce(&mut Options)) -> ConfigFile {
    let mut options = Options::default();
    options.actor = Actor::named("test");
    change(&mut options);
    ConfigFile::open(path, options).expect("open")
}

pub(crate) fn set(file: &ConfigFile, key: &str, value: impl Into<Value>) -> Result<Receipt, Error> {
    let value = value.into();
    file.edit(None, |document| {
        Ok(document.set(&key.parse()?, value)?.warnings)
    })
}

/// Sets a key of a document that is only in memory.
pub(crate) fn assign(document: &mut persist_core::Document, key: &str, value: impl Into<Value>) {
    let done = document.set(&key.parse().expect("a path"), value.into());
    assert_eq!(done.expect("an edit").warnings, []);
}

pub(crate) fn live(file: &ConfigFile) -> Vec<u8> {
    fs::read(file.path()).expect("the live file")
}

pub(crate) fn text(file: &ConfigFile) -> String {
    String::from_utf8(live(file)).expect("text")
}

pub(crate) fn notices(receipt: &Receipt) -> Vec<String> {
    receipt.notices.iter().map(ToString::to_string).collect()
}

/// An error with its causes, as a person would see it.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Every file below `dir`, by its path.
pub(crate) fn picture(dir: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(picture(&path));
        } else if let (Ok(bytes), Ok(meta)) = (fs::read(&path), entry.metadata()) {
            files.insert(path, (bytes, meta.modified().expect("a time")));
        }
    }
    files
}

/// What there is below `dir` by name, folders, links and FIFOs too, with all that a write, a rename or a change of mode or
/// owner would leave a trace in. Opens nothing but regular files.
pub(crate) fn inventory(dir: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let meta = fs::symlink_metadata(dir).expect("metadata");
    let content = match meta.is_file() {
        true => digest(&fs::read(dir).expect("a file")).to_string(),
        false => String::new(),
    };
    #[cfg(unix)]
    let trace = {
        use std::os::unix::fs::MetadataExt;
        let (changed, nanos) = (meta.ctime(), meta.ctime_nsec());
        format!("inode {} changed {changed}.{nanos}", meta.ino())
    };
    #[cfg(not(unix))]
    let trace = "";
    let (kind, modified) = (meta.file_type(), meta.modified().expect("a time"));
    let told = format!("{kind:?} {modified:?} {trace} {content}");
    found.insert(dir.to_path_buf(), told);
    if meta.is_dir() {
        for entry in fs::read_dir(dir).expect("list").flatten() {
            found.extend(inventory(&entry.path()));
        }
    }
    found
}

/// Whether `bytes` are the content of some file below `dir`, compressed ones aside.
pub(crate) fn somewhere(dir: &Path, bytes: &[u8]) -> bool {
    picture(dir).values().any(|(content, _)| content == bytes)
}

/// A folder's state, to be put back after each of many damages.
///
/// The lock file stays as it is: every new one would cost this process a descriptor.
pub(crate) struct Checkpoint {
    dir: PathBuf,
    files: BTreeMap<PathBuf, (Vec<u8>, SystemTime)>,
}

impl Checkpoint {
    pub(crate) fn of(dir: &Path) -> Checkpoint {
        Checkpoint {
            dir: dir.into(),
            files: picture(dir),
        }
    }

    pub(crate) fn reset(&self) {
        let now = picture(&self.dir);
        for path in now.keys().filter(|path| !self.files.contains_key(*path)) {
            fs::remove_file(path).expect("remove");
        }
        for (path, (bytes, modified)) in &self.files {
            if now.get(path) != Some(&(bytes.clone(), *modified)) && !path.ends_with("lock") {
                put(path, bytes, *modified);
            }
        }
    }
}

/// Writes a file as a medium would that changes it behind the file system's back: with its old time.
pub(crate) fn put(path: &Path, bytes: &[u8], modified: SystemTime) {
    fs::write(path, bytes).expect("write");
    let file = File::options().write(true).open(path).expect("open");
    let times = FileTimes::new().set_modified(modified);
    file.set_times(times).expect("set the time");
}

pub(crate) fn modified(path: &Path) -> SystemTime {
    let meta = fs::metadata(path).expect("metadata");
    meta.modified().expect("a time")
}

/// Writes a file as a person would: some seconds after whatever was written before.
pub(crate) fn by_hand(path: &Path, bytes: impl AsRef<[u8]>) {
    put(
        path,
        bytes.as_ref(),
        SystemTime::now() + Duration::from_secs(5),
    );
}

/// The journal's segments, oldest first.
pub(crate) fn segments(file: &ConfigFile) -> Vec<PathBuf> {
    let entries = fs::read_dir(file.state_dir().join("journal"));
    let paths = entries.into_iter().flatten().flatten().map(|e| e.path());
    let mut paths: Vec<PathBuf> = paths.collect();
    paths.sort();
    paths
}

/// All records whose line proves itself.
pub(crate) fn records(file: &ConfigFile) -> Vec<(Record, Digest)> {
    let mut records = Vec::new();
    for path in segments(file) {
        let bytes = fs::read(path).expect("a segment");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for line in text.lines() {
            let Some((claimed, json)) = line.split_once(' ') else {
                continue;
            };
            let found = digest(json.as_bytes());
            if found.to_string() == claimed {
                records.push((serde_json::from_str(json).expect("a record"), found));
            }
        }
    }
    records
}

/// One line of a journal as the format says it: digest, JSON, newline.
pub(crate) fn line(json: &str) -> Vec<u8> {
    format!("{} {json}\n", digest(json.as_bytes())).into_bytes()
}

/// Appends a record to the journal's last segment, as a writer would that died right afterwards.
pub(crate) fn append(file: &ConfigFile, event: Event) -> Record {
    append_edited(file, event, |json| json)
}

/// The same for a record that no writer of ours would write: `edit` changes its JSON.
pub(crate) fn append_edited(
    file: &ConfigFile,
    event: Event,
    edit: impl Fn(String) -> String,
) -> Record {
    let records = records(file);
    let (seq, prev) = records
        .last()
        .map_or((0, Digest::from_bytes([0; 32])), |(r, d)| (r.seq, *d));
    let record = Record {
        seq: seq + 1,
        prev,
        time: jiff::Timestamp::now(),
        actor: Actor::named("test"),
        event,
    };
    let json = edit(serde_json::to_string(&record).expect("a record"));
    let last = segments(file).pop().expect("a segment");
    let mut bytes = fs::read(&last).expect("the last segment");
    bytes.extend(line(&json));
    fs::write(&last, bytes).expect("append");
    record
}

/// The intent to replace `old` by `new`, with the name that the old content is to get.
pub(crate) fn intent(file: &ConfigFile, old: Option<&[u8]>, new: &[u8]) -> Intent {
    let seq = records(file).last().map_or(1, |(r, _)| r.seq + 1);
    let name = |old: &[u8]| {
        let id = persist_core::backup::Id::new(seq, jiff::Timestamp::now(), digest(old));
        format!("backups/{id}")
    };
    let json = serde_json::json!({
        "kind": Kind::Save,
        "old": old.map(digest),
        "new": digest(new),
        "len": new.len(),
        "backup": old.map(name),
    });
    serde_json::from_value(json).expect("an intent")
}

/// Removes what the last save has replaced, which is left for the next one to look at.
pub(crate) fn forget_replaced(file: &ConfigFile) {
    for entry in std::fs::read_dir(file.state_dir()).expect("a state folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with("stage-") {
            std::fs::remove_file(path).expect("a file");
        }
    }
}
