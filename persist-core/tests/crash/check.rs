//! What must hold after a power cut.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use persist_core::{ConfigFile, Document, Format, Manifest, Options, Value, digest};

/// What a state may show, as indexes into the contents of its scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expect {
    /// What the live file may hold before anything is done about it.
    pub(crate) raw: Vec<Content>,
    /// What it may hold once it was opened for writing, each with what must then be among the backups.
    pub(crate) opened: Vec<(Content, Vec<usize>)>,
    /// What must be in quarantine or still in place.
    pub(crate) quarantined: Option<usize>,
    /// Whether life after the recovery is judged too.
    pub(crate) afterwards: bool,
}

/// One of the scenario's contents; `None` where there is no file.
pub(crate) type Content = Option<usize>;

/// How a materialised state is judged.
pub(crate) type Judge = fn(&Path, &Expect, &[Vec<u8>]) -> Result<(), String>;

/// Only the file's bytes, for programs that keep nothing else.
pub(crate) fn bytes_only(live: &Path, expect: &Expect, contents: &[Vec<u8>]) -> Result<(), String> {
    one_of(live, &expect.raw, contents)
        .map(drop)
        .map_err(|found| format!("the file holds {found}"))
}

/// The promise: old or new, what was acknowledged stays, the previous version is among the backups; and if asked for,
/// what comes after.
pub(crate) fn promises(live: &Path, expect: &Expect, contents: &[Vec<u8>]) -> Result<(), String> {
    one_of(live, &expect.raw, contents)
        .map_err(|found| format!("before recovery the file holds {found}"))?;
    let file = ConfigFile::open(live, Options::default()).map_err(text("open"))?;
    let managed = file.state_dir().exists();
    if live.exists() || managed {
        complains_of_nothing(&file, expect, "before recovery")?;
        recover(&file, expect)?;
        if live.exists() {
            complains_of_nothing(&file, expect, "after recovery")?;
        }
    }
    let opened: Vec<_> = expect.opened.iter().map(|(content, _)| *content).collect();
    let now = one_of(live, &opened, contents)
        .map_err(|found| format!("after recovery the file holds {found}"))?;
    let backed_up = expect.opened.iter().find(|(content, _)| *content == now);
    are_backed_up(
        &file,
        backed_up.map_or(&[], |(_, backups)| backups),
        contents,
    )?;
    if let Some(damaged) = expect.quarantined.filter(|damaged| now != Some(*damaged)) {
        in_quarantine(&file, &contents[damaged])?;
    }
    if expect.afterwards {
        afterwards(&file, now.map_or(&[], |now| &contents[..=now]))?;
    }
    Ok(())
}

/// What a cut leaves is no damage to `verify`. Where the case damaged the file itself, it is told as that.
///
/// One thing can't be told from damage: a mirror with sectors that hold what the medium held there before. It is not looked for on
/// the file systems that people use, which show zeros where nothing was written.
fn complains_of_nothing(file: &ConfigFile, expect: &Expect, when: &str) -> Result<(), String> {
    if expect.quarantined.is_some() || !expect.afterwards {
        return Ok(());
    }
    let found = file.verify().map_err(text("verify"))?;
    let stale = fs::read(file.state_dir().join("mirror"));
    let stale = stale.is_ok_and(|bytes| bytes.contains(&STALE));
    match found.problems() {
        problems if problems.is_empty() => Ok(()),
        _ if stale && found.mirror.is_some() => Ok(()),
        problems => Err(format!("verify {when}: {}", problems.join("; "))),
    }
}

/// What blocks hold in the model that were allocated and not written.
const STALE: u8 = 0xa5;

/// The next save works, everything verifies, nothing is left lying about, and what a way down dropped comes back.
/// `contents` are those up to the one that is there now.
fn afterwards(file: &ConfigFile, contents: &[Vec<u8>]) -> Result<(), String> {
    save_again(file)?;
    let verification = file.verify().map_err(text("verify"))?;
    if !verification.passed() {
        return Err(format!(
            "after the next save: {}",
            verification.problems().join("; ")
        ));
    }
    nothing_left_behind(file)?;
    match contents.split_last() {
        Some((now, before)) if dropped_before(now, before) => comes_back(file.path()),
        _ => Ok(()),
    }
}

/// A value that only the newest schema version has a place for, and that is not the default.
pub(crate) const COMPLEMENT_KEY: &str = "security.session_timeout_minutes";
pub(crate) const COMPLEMENT_VALUE: i64 = 45;

/// Whether the value was there before the content `now`, and a step down has dropped it.
fn dropped_before(now: &Vec<u8>, before: &[Vec<u8>]) -> bool {
    let has_it = |content: &Vec<u8>| {
        let document = Document::parse(content.as_slice(), Format::Toml);
        document.is_ok_and(|document| is_the_value(&document))
    };
    before.iter().any(has_it) && !has_it(now)
}

fn is_the_value(document: &Document) -> bool {
    let key = COMPLEMENT_KEY.parse().ok();
    let value = key.as_ref().and_then(|key| document.get(key));
    value == Some(&Value::from(COMPLEMENT_VALUE))
}

/// What the way down dropped was put aside, and is there on the way up.
fn comes_back(live: &Path) -> Result<(), String> {
    let manifest = live.with_file_name("config_versions.json");
    let manifest = fs::read_to_string(manifest).map_err(text("read the manifest"))?;
    let manifest = Manifest::parse(&manifest).map_err(text("the manifest"))?;
    let newest = manifest.versions.iter().map(|v| v.version.clone()).max();
    let options = Options::default().with_manifest(Arc::new(manifest));
    let file = ConfigFile::open(live, options).map_err(text("open"))?;
    let newest = newest.ok_or("the manifest has no version")?;
    file.migrate_to(&newest)
        .map_err(|error| format!("the way up: {}", chain(&error)))?;
    let document = file.document().map_err(text("read"))?;
    if is_the_value(&document) {
        Ok(())
    } else {
        Err("what the way down dropped does not come back".to_owned())
    }
}

fn recover(file: &ConfigFile, expect: &Expect) -> Result<(), String> {
    match file.recover(None) {
        Ok(_) => Ok(()),
        // Nothing there, and nothing was ever acknowledged.
        Err(persist_core::Error::NotFound { .. }) if expect.raw.contains(&None) => Ok(()),
        Err(error) => Err(format!("recover: {}", chain(&error))),
    }
}

fn are_backed_up(file: &ConfigFile, wanted: &[usize], contents: &[Vec<u8>]) -> Result<(), String> {
    if wanted.is_empty() {
        return Ok(());
    }
    let backups = file.backups();
    let snapshots = backups.list().map_err(text("list the backups"))?;
    for content in wanted {
        let wanted = digest(&contents[*content]);
        let found = snapshots
            .iter()
            .find(|snapshot| snapshot.id.digest() == wanted);
        let found = found.ok_or_else(|| {
            format!(
                "the previous version {} is not among the backups",
                wanted.short()
            )
        })?;
        backups
            .verify(&found.id)
            .map_err(text("the previous version's backup"))?;
    }
    Ok(())
}

fn in_quarantine(file: &ConfigFile, content: &[u8]) -> Result<(), String> {
    let folder = file.state_dir().join("quarantine");
    let files = fs::read_dir(&folder).into_iter().flatten().flatten();
    let kept = files
        .filter_map(|entry| fs::read(entry.path()).ok())
        .any(|bytes| bytes == content);
    if kept {
        Ok(())
    } else {
        Err("the damaged bytes are not in quarantine".to_owned())
    }
}

fn save_again(file: &ConfigFile) -> Result<(), String> {
    let saved = file.edit(None, |document| {
        let _edit = document.set(&"probe".parse()?, Value::from(7))?;
        Ok(Vec::new())
    });
    saved.map_err(|error| format!("the next save: {}", chain(&error)))?;
    let document = file.document().map_err(text("read"))?;
    match document.get(&"probe".parse().map_err(text("path"))?) {
        Some(value) if *value == Value::from(7) => Ok(()),
        other => Err(format!("the next save left {other:?}")),
    }
}

fn nothing_left_behind(file: &ConfigFile) -> Result<(), String> {
    let known = [
        ".gitignore",
        "format",
        "lock",
        "journal",
        "backups",
        "quarantine",
        "mirror",
        "complements",
    ];
    let entries = fs::read_dir(file.state_dir()).map_err(text("read the state folder"))?;
    let names = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut strays: Vec<_> = names
        .filter(|name| !known.contains(&name.as_str()))
        .collect();
    // What the last save has replaced is left for the next to look at.
    let replaced = strays.iter().position(|name| name.starts_with("stage-"));
    if let Some(index) = replaced {
        strays.remove(index);
    }
    let more = file.backups().strays().map_err(text("look for strays"))?;
    strays.extend(more.iter().map(|path| path.display().to_string()));
    if strays.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "left behind after the next save: {}",
            strays.join(", ")
        ))
    }
}

fn one_of(live: &Path, allowed: &[Content], contents: &[Vec<u8>]) -> Result<Content, String> {
    let bytes = fs::read(live).ok();
    let is =
        |content: &&Content| bytes.as_deref() == content.map(|index| contents[index].as_slice());
    let name = |content: &Content| {
        content.map_or("no file".to_owned(), |index| format!("content {index}"))
    };
    allowed.iter().find(is).copied().ok_or_else(|| {
        let found = match &bytes {
            None => "nothing: it is missing".to_owned(),
            Some(bytes) => contents
                .iter()
                .position(|content| content == bytes)
                .map_or_else(
                    || format!("{} unknown bytes", bytes.len()),
                    |index| format!("content {index}"),
                ),
        };
        format!(
            "{found}; allowed: {}",
            allowed.iter().map(name).collect::<Vec<_>>().join(" or ")
        )
    })
}

pub(crate) fn text<E: std::error::Error>(what: &'static str) -> impl Fn(E) -> String {
    move |error| format!("{what}: {}", chain(&error))
}

/// An error with its causes.
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
