//! The name of a copy in the state folder.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use persist_backup::{Id, ParseIdError};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::place;

/// A folder of copies within the state folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum BackupFolder {
    /// Content that was live, and was good as far as anybody looked.
    Backups,
    /// Damaged content, and what was never live.
    Quarantine,
    /// Values that a migration dropped, kept for the way back.
    Complements,
}

impl BackupFolder {
    pub(crate) const ALL: [BackupFolder; 3] = [
        BackupFolder::Backups,
        BackupFolder::Quarantine,
        BackupFolder::Complements,
    ];

    /// Its name in the state folder: `backups`, `quarantine` or `complements`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            BackupFolder::Backups => place::BACKUPS,
            BackupFolder::Quarantine => place::QUARANTINE,
            BackupFolder::Complements => place::COMPLEMENTS,
        }
    }
}

impl fmt::Display for BackupFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A copy in a state folder: which folder within it, and number, time and digest.
///
/// Printed, and in JSON, as `backups/NAME`:
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("app.toml");
/// # std::fs::write(&path, "width = 1\n")?;
/// # use persist_core::{BackupFolder, ConfigFile, Options};
/// let file = ConfigFile::open(&path, Options::default())?;
/// let receipt = file.edit(None, |document| Ok(document.set(&"width".parse()?, 2)?.warnings))?;
/// let backup = receipt.backup.expect("there was content before");
/// assert_eq!((backup.folder, backup.id.seq()), (BackupFolder::Backups, 1));
/// assert_eq!(backup.to_string().parse(), Ok(backup));
/// file.restore(backup)?;
/// # assert_eq!(std::fs::read_to_string(&path)?, "width = 1\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct BackupId {
    /// Where it is kept.
    pub folder: BackupFolder,
    /// Its name there.
    pub id: Id,
}

impl BackupId {
    pub(crate) fn new(folder: BackupFolder, id: Id) -> Self {
        Self { folder, id }
    }

    /// Its path relative to [`ConfigFile::state_dir`](crate::ConfigFile::state_dir). A compressed copy has `.lz4` after it.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        Path::new(self.folder.name()).join(self.id.to_string())
    }

    /// The name of a backup, where this is one: not of what is in quarantine or set aside by a migration.
    pub(crate) fn backup(&self) -> Option<Id> {
        (self.folder == BackupFolder::Backups).then_some(self.id)
    }
}

impl fmt::Display for BackupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.folder, self.id)
    }
}

impl FromStr for BackupId {
    type Err = ParseIdError;

    /// Accepts exactly what `Display` prints. Any other text is no name: it could lead out of the state folder.
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let (folder, id) = text.split_once('/').ok_or(ParseIdError)?;
        let folder = BackupFolder::ALL.into_iter().find(|f| f.name() == folder);
        Ok(Self::new(folder.ok_or(ParseIdError)?, id.parse()?))
    }
}

impl Serialize for BackupId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BackupId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The copy of what a change has replaced, as a journal names it. A text that is no such name, whatever a journal made to do harm says,
/// names none; the record is as good as any other.
pub(crate) fn journaled<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<BackupId>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let named = text.and_then(|text| text.parse::<BackupId>().ok());
    Ok(named.filter(|copy| copy.folder != BackupFolder::Complements))
}

/// Which backup a caller means.
///
/// ```
/// use persist_core::WhichBackup;
/// assert_eq!(WhichBackup::from("latest").to_string(), "latest");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhichBackup {
    /// The one of this name, in `backups`.
    Id(BackupId),
    /// What a person typed: `latest`, a sequence number, the start of a digest
    /// ([`Backups::find`](persist_backup::Backups::find)), or a name as a receipt prints it.
    Text(String),
}

impl WhichBackup {
    /// Whether it is the newest, whichever that is.
    pub(crate) fn is_latest(&self) -> bool {
        matches!(self, WhichBackup::Text(text) if text == "latest")
    }
}

impl fmt::Display for WhichBackup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WhichBackup::Id(id) => id.fmt(f),
            WhichBackup::Text(text) => f.write_str(text),
        }
    }
}

impl From<BackupId> for WhichBackup {
    fn from(id: BackupId) -> Self {
        WhichBackup::Id(id)
    }
}

impl From<&str> for WhichBackup {
    fn from(text: &str) -> Self {
        WhichBackup::Text(text.to_owned())
    }
}

impl From<&BackupId> for WhichBackup {
    fn from(id: &BackupId) -> Self {
        WhichBackup::Id(*id)
    }
}

impl From<Id> for WhichBackup {
    /// What [`Snapshot::id`](persist_backup::Snapshot::id) says of a backup.
    fn from(id: Id) -> Self {
        WhichBackup::Id(BackupId::new(BackupFolder::Backups, id))
    }
}

impl From<&String> for WhichBackup {
    fn from(text: &String) -> Self {
        WhichBackup::Text(text.clone())
    }
}

impl From<u64> for WhichBackup {
    /// Its sequence number.
    fn from(number: u64) -> Self {
        WhichBackup::Text(number.to_string())
    }
}

impl From<String> for WhichBackup {
    fn from(text: String) -> Self {
        WhichBackup::Text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_other_text_names_no_copy() {
        let id = "00000007-20261122T194500.123Z-".to_owned() + &"a".repeat(64);
        for folder in BackupFolder::ALL {
            let copy: BackupId = format!("{folder}/{id}").parse().unwrap();
            assert_eq!(copy.to_string(), format!("{folder}/{id}"));
            let json = serde_json::to_string(&copy).unwrap();
            assert_eq!(json, format!("\"{folder}/{id}\""));
            assert_eq!(serde_json::from_str::<BackupId>(&json).unwrap(), copy);
        }
        for text in [
            id.clone(),
            format!("/{id}"),
            format!("backups//{id}"),
            format!("backups/./{id}"),
            format!("../backups/{id}"),
            format!("backups/../../{id}"),
            format!("backups/{id}.lz4"),
            format!("journal/{id}"),
            format!("backups\\{id}"),
            "quarantine".to_owned(),
            String::new(),
        ] {
            assert_eq!(text.parse::<BackupId>(), Err(ParseIdError), "{text}");
        }
    }

    #[test]
    fn a_journal_names_what_was_replaced_and_nothing_else() {
        let read = |text: &str| journaled(&mut serde_json::Deserializer::from_str(text)).unwrap();
        let id = "00000007-20261122T194500.123Z-".to_owned() + &"a".repeat(64);
        let name = |folder: &str| format!("\"{folder}/{id}\"");
        let folder = |copy: Option<BackupId>| copy.map(|copy| copy.folder);
        assert_eq!(folder(read(&name("backups"))), Some(BackupFolder::Backups));
        assert_eq!(
            folder(read(&name("quarantine"))),
            Some(BackupFolder::Quarantine)
        );
        assert_eq!(read(&name("complements")), None);
        assert_eq!(read(&name("../backups")), None);
        assert_eq!(read("null"), None);
    }
}
