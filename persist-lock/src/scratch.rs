//! The few names that a save uses on its way.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;

use crate::at::At;
use crate::certified::{self, What};
use crate::error::Error;
use crate::folder::Folder;
use crate::sys;
use crate::target::check_regular;

/// A file that exists only during a save.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    /// The new content before the commit, the old afterwards. Its number tells the stages of several saves apart; 0 has none.
    Stage(u64),
    /// The old content while it is being replaced, where files can't be exchanged.
    Old,
    /// The new content while it is being written in place.
    Redo,
    /// What an interrupted write in place was finished over.
    Found(u64),
}

impl Name {
    fn text(self) -> String {
        match self {
            Self::Stage(0) => "stage".to_owned(),
            Self::Stage(number) => format!("stage-{number}"),
            Self::Old => "old".to_owned(),
            Self::Redo => "redo".to_owned(),
            Self::Found(number) => format!("found-{number}"),
        }
    }

    /// The name that is spelt so.
    fn of(text: &str) -> Option<Self> {
        let number = |prefix| text.strip_prefix(prefix)?.parse().ok();
        let name = match text {
            "stage" => Self::Stage(0),
            "old" => Self::Old,
            "redo" => Self::Redo,
            _ => {
                let stage = number("stage-").map(Self::Stage);
                stage.or_else(|| number("found-").map(Self::Found))?
            }
        };
        (name.text() == text).then_some(name)
    }

    /// The number of the save that it belongs to, where that is known.
    pub(crate) fn number(self) -> Option<u64> {
        match self {
            Self::Stage(0) | Self::Old | Self::Redo | Self::Found(_) => None,
            Self::Stage(number) => Some(number),
        }
    }

    /// What a file of this name holds, where the name says that a line certifies it; the text itself where that line is
    /// missing or wrong.
    pub(crate) fn content(self, text: Vec<u8>) -> Vec<u8> {
        let what = match self {
            Self::Redo => What::Redo,
            Self::Found(_) => What::Found,
            Self::Stage(_) | Self::Old => return text,
        };
        let content = certified::decode(what, &text).map(<[u8]>::to_vec);
        content.unwrap_or(text)
    }
}

/// Where these files are: in the state folder, or beside the live file when the state folder is on another mount, from which
/// nothing can be renamed.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) folder: Folder,
    /// What the names begin with: nothing in the state folder.
    prefix: OsString,
}

impl Scratch {
    /// For the file `live` in the folder `around`.
    pub(crate) fn of(around: &Folder, state: &Folder, live: &OsStr) -> io::Result<Self> {
        if sys::same_mount(around.dir(), state.dir()) {
            return Ok(Self {
                folder: state.clone(),
                prefix: OsString::new(),
            });
        }
        let mut prefix = OsString::from(".");
        prefix.push(live);
        prefix.push(".persist-");
        Ok(Self {
            folder: around.with_policy(*state.policy())?,
            prefix,
        })
    }

    pub(crate) fn is_beside_live(&self) -> bool {
        !self.prefix.is_empty()
    }

    pub(crate) fn at(&self, name: Name) -> At {
        let mut file = self.prefix.clone();
        file.push(name.text());
        At::new(&self.folder, file)
    }

    /// Lists the folder of the names above. Something of such a name that is no regular file is an error: it is not ours.
    pub(crate) fn leftovers(&self) -> Result<Listed, Error> {
        let folder = &self.folder;
        let names = folder.dir().names();
        let names = names.map_err(Error::io("list", folder.path()))?;
        let ours = |file: &OsString| {
            let bytes = file.as_encoded_bytes();
            let rest = bytes.strip_prefix(self.prefix.as_encoded_bytes())?;
            Name::of(std::str::from_utf8(rest).ok()?)
        };
        let named = |(file, is_file): &(OsString, Option<bool>)| Some((ours(file)?, *is_file));
        let mut found: Vec<(Name, Option<bool>)> = names.iter().filter_map(named).collect();
        found.sort_unstable();
        let mut there = Vec::new();
        for (name, is_file) in found {
            let at = self.at(name);
            if is_file == Some(true) {
                there.push((name, at));
                continue;
            }
            let meta = at.look().map_err(Error::io("examine", at.path()))?;
            if let Some(meta) = meta {
                check_regular(at.path(), &meta)?;
                there.push((name, at));
            }
        }
        Ok(Listed {
            leftovers: there,
            names: names.into_iter().map(|(name, _)| name).collect(),
        })
    }
}

/// What a folder holds.
pub(crate) struct Listed {
    /// Those of the names above that exist, by their numbers.
    pub(crate) leftovers: Vec<(Name, At)>,
    pub(crate) names: Vec<OsString>,
}

/// A new file at that name. What a dead writer left there goes; call only with the lock held.
pub(crate) fn create(at: &At) -> Result<File, Error> {
    create_by(at, At::create)
}

/// The same, by a way to create it.
pub(crate) fn create_by(at: &At, create: impl Fn(&At) -> io::Result<File>) -> Result<File, Error> {
    let failed = |error| sys::refused(error, "create", at.path());
    match create(at) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if let Some(meta) = at.look().map_err(failed)? {
                check_regular(at.path(), &meta)?;
            }
            at.remove().and_then(|()| create(at)).map_err(failed)
        }
        other => other.map_err(failed),
    }
}
