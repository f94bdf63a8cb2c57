//! A folder of the attacker's with a config file that has a history, and the canaries outside.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::canary;
use crate::kinds;
use crate::run::Runner;
use crate::snapshot::Snapshot;
use crate::tree::{self, folder, give, write};
use crate::user::{ATTACKER, ROOT, VICTIM};

/// Whose is what.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) name: &'static str,
    /// Owner of the live file.
    file: u32,
    /// Who saved it so far.
    saved_by: u32,
    /// Runs the commands, and owns the canaries.
    pub(crate) actor: u32,
    /// Whether the attacker lets everybody write.
    shared: bool,
    /// Whether the history is shared with a group that the attacker is a member of.
    team: bool,
}

impl Setup {
    /// Whether the state folder belongs to who runs the commands, and nobody else may enter it.
    pub(crate) fn state_is_actors(&self) -> bool {
        self.file == self.actor && self.saved_by == self.actor
    }
}

pub(crate) const SETUPS: [Setup; 6] = [
    Setup {
        name: "attacker's file",
        file: ATTACKER,
        saved_by: ATTACKER,
        actor: ROOT,
        shared: false,
        team: false,
    },
    Setup {
        name: "root's file",
        file: ROOT,
        saved_by: ROOT,
        actor: ROOT,
        shared: false,
        team: false,
    },
    Setup {
        name: "victim's file",
        file: VICTIM,
        saved_by: ATTACKER,
        actor: ROOT,
        shared: false,
        team: false,
    },
    Setup {
        name: "victim's file, run by the victim",
        file: VICTIM,
        saved_by: ATTACKER,
        actor: VICTIM,
        shared: true,
        team: false,
    },
    Setup {
        name: "victim's file, shared with the attacker",
        file: VICTIM,
        saved_by: ATTACKER,
        actor: ROOT,
        shared: false,
        team: true,
    },
    Setup {
        name: "victim's file, shared with the attacker, run by the victim",
        file: VICTIM,
        saved_by: ATTACKER,
        actor: VICTIM,
        shared: true,
        team: true,
    },
];

/// Folders that are not looked at: the attacker's own, and that of the commands' output.
const INSIDE: [&str; 3] = ["attacker", "io", "templates"];

/// In a folder of its own, removed at the end.
pub(crate) struct World {
    dir: TempDir,
    _bin: Option<TempDir>,
    pub(crate) setup: &'static Setup,
    pub(crate) runner: Runner,
}

impl World {
    pub(crate) fn new(setup: &'static Setup) -> Self {
        let dir = tempfile::tempdir_in(quick_folder()).unwrap();
        folder(dir.path(), ROOT, 0o755);
        for name in ["cwd", "templates"] {
            folder(&dir.path().join(name), ROOT, 0o755);
        }
        folder(&dir.path().join("io"), ROOT, 0o1777);
        let (bin, program) = program();
        let runner = Runner {
            program,
            user: setup.actor,
            folder: dir.path().join("cwd"),
            io: dir.path().join("io"),
            patience: Duration::from_secs(10),
        };
        let world = Self {
            dir,
            _bin: bin,
            setup,
            runner,
        };
        write(&world.path("versions.json"), manifest(), ROOT, 0o644);
        world.make_canaries();
        world.make_history();
        for name in ["canary", "attacker"] {
            tree::copy(&world.path(name), &world.path("templates").join(name));
        }
        give(&world.path("templates"), ROOT, 0o700).unwrap();
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The tree outside.
    pub(crate) fn canaries(&self) -> PathBuf {
        self.path("canary")
    }

    /// All that is the attacker's.
    pub(crate) fn attackers(&self) -> PathBuf {
        self.path("attacker")
    }

    /// The folder of the config file.
    pub(crate) fn conf(&self) -> PathBuf {
        self.path("attacker/home/conf")
    }

    /// The attacker's part as it was made.
    pub(crate) fn reset(&self) {
        tree::remove(&self.attackers());
        tree::copy(&self.path("templates/attacker"), &self.attackers());
    }

    /// The canaries, after something got at them, as they were made; what is new outside goes.
    pub(crate) fn restore(&self) {
        for entry in fs::read_dir(self.dir.path()).unwrap() {
            let path = entry.unwrap().path();
            let known = INSIDE.iter().chain(&["versions.json"]);
            if !known.into_iter().any(|name| path.ends_with(name)) {
                tree::remove(&path);
            }
        }
        folder(&self.path("cwd"), ROOT, 0o755);
        tree::copy(&self.path("templates/canary"), &self.canaries());
    }

    /// Everything that is not the attacker's.
    pub(crate) fn outside(&self) -> Snapshot {
        Snapshot::of(self.dir.path(), &INSIDE)
    }

    /// Runs a command that has to succeed.
    fn save(&self, user: u32, conf: &Path, args: &[&str]) {
        let mut runner = self.runner.clone();
        runner.user = user;
        let file = conf.join("app.toml");
        let versions = self.path("versions.json");
        let args = args.iter().map(|arg| match *arg {
            "FILE" => file.as_os_str(),
            "VERSIONS" => versions.as_os_str(),
            other => other.as_ref(),
        });
        let ran = runner.run(&args.collect::<Vec<_>>());
        let told = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.code, Some(0), "no history could be made: {told}");
    }

    fn make_canaries(&self) {
        let actor = self.setup.actor;
        let tree = self.canaries();
        canary::build(&tree, actor);
        let conf = tree.join("home/conf");
        self.save(actor, &conf, &["set", "FILE", "c=3", "-m", canary::WORD]);
        self.save(
            actor,
            &conf,
            &["migrate", "to", "FILE", "--versions", "VERSIONS"],
        );
        self.save(
            actor,
            &conf,
            &["migrate", "down", "FILE", "--versions", "VERSIONS"],
        );
        write(&conf.join("app.toml"), "\0\0\0\0", actor, 0o600);
        self.save(actor, &conf, &["recover", "FILE"]);
        fs::copy(
            conf.join(".app.toml.persist/journal/00000001.log"),
            tree.join("lines.log"),
        )
        .unwrap();
        give(&tree.join("lines.log"), actor, 0o600).unwrap();
    }

    /// Six saves: two large backups that are compressed, a change by hand, a migration up and one down, a recovery.
    fn make_history(&self) {
        let by = self.setup.saved_by;
        for name in ["attacker", "attacker/home", "attacker/home/conf"] {
            folder(&self.path(name), ATTACKER, 0o755);
        }
        let conf = self.conf();
        let small = "schema_version = \"1.0.0\"\na = 2\nb = 2\n\n[window]\nwidth = 1024\n";
        let large = small.to_owned() + &"# a comment that makes it long\n".repeat(400);
        let live = conf.join("app.toml");
        let save = |args: &[&str]| self.save(by, &conf, args);
        write(&live, large, by, 0o644);
        save(&["set", "FILE", "a=3", "-m", "first"]);
        write(&live, small, by, 0o644);
        save(&["set", "FILE", "a=4"]);
        save(&["migrate", "to", "FILE", "--versions", "VERSIONS"]);
        save(&["migrate", "down", "FILE", "--versions", "VERSIONS"]);
        write(&live, "\0\0\0\0", by, 0o644);
        save(&["recover", "FILE"]);
        give(&live, self.setup.file, 0o644).unwrap();
        if self.setup.team {
            self.share(&conf);
        }
        if self.setup.shared {
            for (path, meta) in tree::walk(&self.attackers()) {
                let of_team = self.setup.team && path.starts_with(conf.join(STATE));
                if path != live && !of_team {
                    give(&path, meta.uid(), if meta.is_dir() { 0o777 } else { 0o666 }).unwrap();
                }
            }
        }
    }
}

impl World {
    /// As the victim shares the history with a group of which the attacker is. (The victim need not be, for root to act for them.)
    fn share(&self, conf: &Path) {
        let give = |path: &Path, mode| {
            lchown(path, Some(self.setup.file), Some(ATTACKER)).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        let state = conf.join(STATE);
        fs::write(state.join("format"), "4\n").unwrap();
        for (path, meta) in tree::walk(&state) {
            give(&path, if meta.is_dir() { 0o2770 } else { 0o660 });
        }
        give(&state, 0o6770);
        give(&conf.join("app.toml"), 0o664);
    }
}

/// The state folder of the config file.
const STATE: &str = ".app.toml.persist";

/// Memory, where it can have devices: a save waits for nothing longer than for syncs.
fn quick_folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let works = tempfile::tempdir_in(memory).and_then(|dir| {
        let path = dir.path().join("null");
        kinds::device(&path)?;
        fs::File::open(path)
    });
    works.map_or_else(|_| std::env::temp_dir(), |_| memory.to_owned())
}

/// The command, copied if others may not run it where it was built.
fn program() -> (Option<TempDir>, PathBuf) {
    let built = PathBuf::from(env!("CARGO_BIN_EXE_persist"));
    let mut command = Command::new(&built);
    command.arg("--version").uid(VICTIM).gid(VICTIM);
    if command.output().is_ok_and(|output| output.status.success()) {
        return (None, built);
    }
    let dir = tempfile::tempdir().unwrap();
    folder(dir.path(), ROOT, 0o755);
    let copy = dir.path().join("persist");
    fs::copy(built, &copy).unwrap();
    (Some(dir), copy)
}

/// The repository's own, of the versions 1.0.0 to 1.2.0.
fn manifest() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join("config_versions.json")).unwrap()
}
