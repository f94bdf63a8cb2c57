//! What is run.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::tree::{folder, owner, remove, write};
use crate::world::World;

/// What happened to the file before, as far as it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    Nothing,
    Nuls,
    Gone,
    Edited,
    /// A save was cut right after the exchange: the content before has no name among the backups yet.
    Cut,
    /// The history was moved to another folder of the same owner, and the one beside the file says so.
    Apart,
    /// The folder beside the file says that the history is where that of a canary is.
    Misled,
}

use Before::{Apart, Cut, Edited, Gone, Misled, Nothing, Nuls};

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) label: &'static str,
    words: &'static str,
    pub(crate) before: Before,
    pub(crate) writes: bool,
}

const fn reads(label: &'static str, words: &'static str, before: Before) -> Step {
    Step {
        label,
        words,
        before,
        writes: false,
    }
}

const fn writes(label: &'static str, words: &'static str, before: Before) -> Step {
    Step {
        label,
        words,
        before,
        writes: true,
    }
}

/// `FILE`, `OUT`, `STATE`, `HISTORY` and `VERSIONS` are paths.
pub(crate) const STEPS: [Step; 46] = [
    reads("get", "get FILE", Nothing),
    reads("get of a damaged file", "get FILE", Nuls),
    reads("get after a cut", "get FILE a", Cut),
    reads("status", "status FILE", Nothing),
    reads("status of a file that is gone", "status FILE", Gone),
    reads("log", "log FILE", Nothing),
    reads("log --changelog", "log FILE --changelog", Nothing),
    reads("diff", "diff FILE", Nothing),
    reads("diff 1 5", "diff FILE 1 5 --text", Nothing),
    reads("diff 2", "diff FILE 2 --json", Nothing),
    reads("backups", "backups FILE", Nothing),
    reads("verify", "verify FILE", Nothing),
    reads("verify after an edit", "verify FILE --json", Edited),
    reads(
        "migrate plan",
        "migrate plan FILE --versions VERSIONS",
        Nothing,
    ),
    reads("get --state-dir", "get FILE --state-dir STATE", Nothing),
    reads("get of a history elsewhere", "get FILE", Apart),
    reads("verify of a history elsewhere", "verify FILE", Apart),
    reads("log, misled", "log FILE", Misled),
    reads("diff 1, misled", "diff FILE 1 --text", Misled),
    writes("set with a history elsewhere", "set FILE a=7", Apart),
    writes(
        "set --state-dir elsewhere",
        "set FILE a=7 --state-dir HISTORY",
        Apart,
    ),
    writes("undo with a history elsewhere", "undo FILE", Apart),
    writes("set, misled", "set FILE a=7", Misled),
    writes("undo, misled", "undo FILE", Misled),
    writes("set", "set FILE a=7", Nothing),
    writes("set after an edit", "set FILE a=7", Edited),
    writes("set after a cut", "set FILE a=7", Cut),
    writes("set of a new file", "set FILE a=7", Gone),
    writes("set --in-place", "set FILE a=7 --in-place", Nothing),
    writes("set --in-place after a cut", "set FILE a=7 --in-place", Cut),
    writes("set --state-dir", "set FILE a=7 --state-dir STATE", Nothing),
    writes("unset", "unset FILE b", Nothing),
    writes("undo", "undo FILE", Nothing),
    writes("restore 1", "restore FILE 1", Nothing),
    writes("restore 5", "restore FILE 5", Nothing),
    writes("convert -o", "convert FILE -o OUT", Nothing),
    writes("share", "share FILE", Nothing),
    writes("share of all", "share FILE --with-past", Nothing),
    writes("share --off", "share FILE --off", Nothing),
    writes("recover", "recover FILE", Nuls),
    writes("recover after a cut", "recover FILE", Cut),
    writes("recover of a file that is gone", "recover FILE", Gone),
    writes("adopt", "adopt FILE", Nuls),
    writes("adopt after an edit", "adopt FILE", Edited),
    writes("migrate to", "migrate to FILE --versions VERSIONS", Nothing),
    writes(
        "migrate down",
        "migrate down FILE --versions VERSIONS",
        Nothing,
    ),
];

impl Step {
    /// The command line; no command waits long for a lock.
    pub(crate) fn args(&self, world: &World) -> Vec<OsString> {
        let conf = world.conf();
        let word = |word| match word {
            "FILE" => conf.join("app.toml").into(),
            "OUT" => conf.join("out.json").into(),
            "STATE" => conf.join(".app.toml.persist").into(),
            "HISTORY" => history(world).into(),
            "VERSIONS" => world.path("versions.json").into(),
            other => OsString::from(other),
        };
        let words = self.words.split(' ').map(word);
        words.chain(["--wait".into(), "1".into()]).collect()
    }

    /// Brings about what happened before.
    pub(crate) fn prepare(&self, world: &World) {
        let live = world.conf().join("app.toml");
        let meta = fs::metadata(&live).unwrap();
        let overwrite = |content: &[u8]| write(&live, content, meta.uid(), meta.mode());
        match self.before {
            Nothing => {}
            Nuls => overwrite(&[0; 40]),
            Gone => remove(&live),
            Edited => {
                let text = fs::read_to_string(&live).unwrap();
                overwrite(text.replace("a = 4", "a = 44").as_bytes());
            }
            Cut => cut(world),
            Apart => {
                let (state, history) = (world.conf().join(".app.toml.persist"), history(world));
                fs::rename(&state, &history).unwrap();
                let sign = live.as_os_str().as_encoded_bytes();
                write(&history.join("of"), sign, owner(&history), 0o600);
                point(&state, owner(&history), &history);
            }
            Misled => {
                let state = world.conf().join(".app.toml.persist");
                let canarys = world.canaries().join("home/conf/.app.toml.persist");
                point(&state, owner(&state), &canarys);
            }
        }
    }
}

/// Where the history is that is not beside the file.
fn history(world: &World) -> PathBuf {
    world.attackers().join("history")
}

/// Makes the folder beside a file say that the history is in `there`.
fn point(state: &Path, user: u32, there: &Path) {
    folder(state, user, 0o700);
    write(&state.join("lock"), "", user, 0o600);
    write(&state.join("format"), "3\n", user, 0o600);
    let path = there.as_os_str().as_encoded_bytes();
    write(&state.join("elsewhere"), path, user, 0o600);
}

/// The last thing in the history is a recovery, which keeps the damaged bytes; as if it had been cut.
fn cut(world: &World) {
    let state = world.conf().join(".app.toml.persist");
    let kept = fs::read_dir(state.join("quarantine")).unwrap().next();
    fs::rename(kept.unwrap().unwrap().path(), state.join("stage")).unwrap();
}
