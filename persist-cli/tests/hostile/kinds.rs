//! What is planted.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, lchown, symlink};
use std::path::Path;
use std::sync::OnceLock;

use rustix::fs::{CWD, FileType, Mode, OFlags, makedev, mknodat, openat};

use crate::canary::Canary;
use crate::tree::{folder, give};
use crate::user::{ATTACKER, ROOT};
use crate::world::World;

/// Bytes of the sparse file.
const SPARSE: u64 = 60 << 30;
/// Bytes that the LZ4 frame becomes.
const BOMB: usize = 1 << 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Link(Canary),
    Loop,
    /// A second name of a canary.
    Hard(Canary),
    Fifo,
    Null,
    Zero,
    Socket,
    Sparse,
    Folder,
    /// With another folder and a file in it.
    FullFolder,
    Bomb,
    /// A file of the actor's, 0600, which the attacker renamed from elsewhere in the own tree.
    Moved(Canary),
    /// The attacker's own, 06777.
    SetId,
    /// The attacker's own, 0000.
    NoMode,
}

pub(crate) const KINDS: [(&str, Kind); 33] = [
    ("link to a text", Kind::Link(Canary::Text)),
    ("link to a TOML file", Kind::Link(Canary::Toml)),
    ("link to a note", Kind::Link(Canary::Json)),
    ("link to a journal", Kind::Link(Canary::Log)),
    ("link to an LZ4 frame", Kind::Link(Canary::Packed)),
    ("link to nothing", Kind::Link(Canary::Absent)),
    ("link to a folder of such names", Kind::Link(Canary::Names)),
    ("link to an empty folder", Kind::Link(Canary::Empty)),
    ("link to a closed folder", Kind::Link(Canary::Closed)),
    ("link to a state folder", Kind::Link(Canary::State)),
    ("link to another's folder", Kind::Link(Canary::Conf)),
    ("link to another's home", Kind::Link(Canary::Home)),
    ("link to itself", Kind::Loop),
    ("hard link to a text", Kind::Hard(Canary::Text)),
    ("hard link to a TOML file", Kind::Hard(Canary::Toml)),
    ("hard link to a note", Kind::Hard(Canary::Json)),
    ("hard link to a journal", Kind::Hard(Canary::Log)),
    ("hard link to an LZ4 frame", Kind::Hard(Canary::Packed)),
    ("FIFO", Kind::Fifo),
    ("/dev/null", Kind::Null),
    ("/dev/zero", Kind::Zero),
    ("socket", Kind::Socket),
    ("sparse file of 60 GB", Kind::Sparse),
    ("empty folder", Kind::Folder),
    ("folder with files", Kind::FullFolder),
    ("LZ4 bomb", Kind::Bomb),
    ("moved text", Kind::Moved(Canary::Text)),
    ("moved TOML file", Kind::Moved(Canary::Toml)),
    ("moved note", Kind::Moved(Canary::Json)),
    ("moved journal", Kind::Moved(Canary::Log)),
    ("moved LZ4 frame", Kind::Moved(Canary::Packed)),
    ("set-id file", Kind::SetId),
    ("file without a mode", Kind::NoMode),
];

/// What was planted. Its inode is held, so that no new file gets the same number.
pub(crate) struct Plant {
    pub(crate) inode: (u64, u64),
    held: OwnedFd,
}

impl Plant {
    /// Owner and mode, wherever it is now.
    pub(crate) fn owner_and_mode(&self) -> (u32, u32) {
        let stat = rustix::fs::fstat(&self.held).unwrap();
        (stat.st_uid, stat.st_mode)
    }
}

impl Kind {
    /// Folders in the place of a folder of the attacker's: nothing else has a config file in it.
    pub(crate) fn is_for_folders(self) -> bool {
        let canaries = [Canary::Conf, Canary::Home, Canary::Empty, Canary::Absent];
        self == Self::Loop
            || canaries
                .into_iter()
                .any(|canary| self == Self::Link(canary))
    }

    /// Puts it at `path`, where nothing is.
    ///
    /// # Errors
    /// As the operating system says: a container may not make devices.
    pub(crate) fn plant(self, world: &World, path: &Path) -> io::Result<Plant> {
        let tree = world.canaries();
        match self {
            Self::Link(canary) => symlink(canary.path(&tree), path)?,
            Self::Loop => symlink(path, path)?,
            Self::Hard(canary) => fs::hard_link(canary.path(&tree), path)?,
            Self::Fifo => node(path, FileType::Fifo, 0)?,
            Self::Null => device(path)?,
            Self::Zero => node(path, FileType::CharacterDevice, makedev(1, 5))?,
            Self::Socket => node(path, FileType::Socket, 0)?,
            Self::Sparse => File::create_new(path)?.set_len(SPARSE)?,
            Self::Folder => fs::create_dir(path)?,
            Self::FullFolder => {
                folder(&path.join("folder"), ATTACKER, 0o755);
                fs::write(path.join("file"), "a = 1\n")?;
            }
            Self::Bomb => fs::write(path, bomb())?,
            Self::Moved(canary) => drop(fs::copy(canary.path(&tree), path)?),
            Self::SetId | Self::NoMode => fs::write(path, "a = 1\nb = 2\n")?,
        }
        self.give(world.setup.actor, path)?;
        let held = openat(CWD, path, OFlags::PATH | OFlags::NOFOLLOW, Mode::empty())?;
        let meta = fs::symlink_metadata(path)?;
        let inode = (meta.dev(), meta.ino());
        Ok(Plant { inode, held })
    }

    /// Owner and mode of what was put there.
    fn give(self, actor: u32, path: &Path) -> io::Result<()> {
        match self {
            Self::Link(_) | Self::Loop => lchown(path, Some(ATTACKER), Some(ATTACKER)),
            Self::Hard(_) => Ok(()),
            Self::Null | Self::Zero => give(path, ROOT, 0o666),
            Self::Moved(_) => give(path, actor, 0o600),
            Self::Folder | Self::FullFolder => give(path, ATTACKER, 0o755),
            Self::SetId => give(path, ATTACKER, 0o6777),
            Self::NoMode => give(path, ATTACKER, 0),
            Self::Fifo | Self::Socket | Self::Sparse | Self::Bomb => give(path, ATTACKER, 0o644),
        }
    }
}

/// `/dev/null` by another name.
pub(crate) fn device(path: &Path) -> io::Result<()> {
    node(path, FileType::CharacterDevice, makedev(1, 3))
}

fn node(path: &Path, kind: FileType, device: u64) -> io::Result<()> {
    Ok(mknodat(CWD, path, kind, Mode::RUSR | Mode::WUSR, device)?)
}

/// An LZ4 frame of zeros, encoded once.
fn bomb() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let mut frame = lz4_flex::frame::FrameEncoder::new(Vec::new());
        let block = vec![0; 4 << 20];
        for _ in 0..BOMB / block.len() {
            frame.write_all(&block).unwrap();
        }
        frame.finish().unwrap()
    })
}
