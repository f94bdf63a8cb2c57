//! State folders of every format that ever was: read, gone back in, and made one of today's by the first save.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use persist_core::backup::retention::Policy;
use persist_core::journal::Kind;
use persist_core::{Condition, ConfigFile, Error, How, Manifest, Outcome};
use tempfile::TempDir;

use crate::support::{
    by_hand, folder, inventory, live, notices, open, open_with, set, somewhere, text,
};

const FORMATS: [&str; 2] = ["1", "2"];
const NEWEST: &str = "2";

/// A fixture in its place: live file, state folder, manifest.
struct Fixture {
    format: &'static str,
    dir: TempDir,
    file: ConfigFile,
}

impl Fixture {
    fn new(format: &'static str, name: &str, live: &str) -> Fixture {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/state");
        let from = from.join(format).join(name);
        let dir = folder();
        for entry in fs::read_dir(&from).expect("the fixture").flatten() {
            let to = match entry.file_name().to_str() {
                Some("state") => format!(".{live}.persist"),
                name => name.expect("text").to_owned(),
            };
            copy(&entry.path(), &dir.path().join(to));
        }
        let file = open_with(&dir.path().join(live), |options| {
            options.retention = Some(Policy::keep_last(1000));
            let manifest = fs::read(dir.path().join("config_versions.json"));
            if let Ok(text) = manifest {
                let text = String::from_utf8(text).expect("text");
                let manifest = Manifest::parse(&text).expect("a manifest");
                *options = options.clone().with_manifest(Arc::new(manifest));
            }
        });
        Fixture { format, dir, file }
    }

    fn number(&self) -> PathBuf {
        self.file.state_dir().join("format")
    }

    /// Whether the folder says that it is of the format that the fixture was made in.
    fn is_as_it_was_made(&self) -> bool {
        match fs::read_to_string(self.number()) {
            Ok(text) => text == format!("{}\n", self.format),
            Err(_) => self.format == "1",
        }
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir(to).expect("a folder");
        for entry in fs::read_dir(from).expect("list").flatten() {
            let name = entry.file_name();
            let name = if name == "gitignore" {
                ".gitignore".into()
            } else {
                name
            };
            copy(&entry.path(), &to.join(name));
        }
    } else {
        fs::write(to, fs::read(from).expect("read")).expect("write");
    }
    // Of both, git keeps the least of modes.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = if to.is_dir() { 0o700 } else { 0o600 };
        fs::set_permissions(to, fs::Permissions::from_mode(mode)).expect("a mode");
    }
}

#[expect(clippy::print_stdout, reason = "says which one failed")]
fn each(name: &str, live: &str, check: impl Fn(Fixture)) {
    for format in FORMATS {
        println!("{name} of format {format}");
        check(Fixture::new(format, name, live));
    }
}

fn kinds(file: &ConfigFile) -> Vec<String> {
    let history = file.history().expect("a history");
    history.iter().map(|entry| entry.how.to_string()).collect()
}

const DEMO: [&str; 13] = [
    "save", "save", "save", "outside", "save", "undo", "save", "outside", "save", "restore",
    "save", "save", "undo",
];
/// After the first change, the content before which retention had dropped when the fixture was made.
const DEMO_FIRST: &str = "# The server's settings\ntitle = \"demo\" # shown in the window\n\n[server]\nhost = \"localhost\"\nport = 8081 # not below 1024\ndebug = true\n";
const DEMO_LAST: &str = "# The server's settings\ntitle = \"demo\" # shown in the window\n\n[server]\nhost = \"example.org\"\nport = 8083 # not below 1024\ndebug = true\n";

#[test]
fn there_is_a_fixture_of_every_format() {
    let (_dir, file) = crate::support::saved(&[2]);
    let written = fs::read_to_string(file.state_dir().join("format")).unwrap();
    assert_eq!(
        written,
        format!("{NEWEST}\n"),
        "make fixtures of the new format"
    );
    assert_eq!(FORMATS.last(), Some(&NEWEST));
}

#[test]
fn reading_gives_everything_and_writes_nothing() {
    each("demo", "app.toml", |demo| {
        let before = inventory(demo.dir.path());
        let file = &demo.file;
        assert_eq!(file.read().unwrap().condition(), Condition::Clean);
        assert_eq!(file.document().unwrap().bytes(), DEMO_LAST.as_bytes());
        let info = file.info().unwrap();
        assert_eq!(info.condition, Ok(Condition::Clean));
        assert_eq!((info.changes, info.backups.count), (13, 11));
        assert_eq!(kinds(file), DEMO);
        let history = file.history().unwrap();
        assert_eq!(
            history[1].reason.as_deref(),
            Some("moved to the new machine")
        );
        assert_eq!(
            history[1].changes[0].to_string(),
            "server.host: \"localhost\" -> \"example.org\""
        );
        assert!(history.iter().all(|entry| entry.actor.name == "fixture"));
        let undone: Vec<u64> = history.iter().filter(|e| e.undone).map(|e| e.seq).collect();
        assert_eq!(undone, [5, 12]);
        // A compressed one.
        let long = file.content_before(&history[4]).unwrap();
        assert!(long.len() > 10 * 1024 && long.starts_with(b"# The server's settings\n"));
        let verification = file.verify().unwrap();
        assert_eq!(verification.problems(), Vec::<String>::new());
        assert!(verification.passed());
        assert_eq!((verification.records, verification.backups), (13, 11));
        let (good, from) = file.last_good().unwrap().unwrap();
        assert_eq!(good.bytes(), DEMO_LAST.as_bytes());
        assert_eq!(from, "the content saved last (mirror)");
        let backups = file.backups();
        assert!(
            backups
                .list()
                .unwrap()
                .iter()
                .all(|s| backups.verify(&s.id).is_ok())
        );
        assert_eq!(inventory(demo.dir.path()), before);
    });
    each("damage", "app.json", |damage| {
        let before = inventory(damage.dir.path());
        let file = &damage.file;
        assert!(matches!(file.read(), Err(Error::Damaged { .. })));
        assert!(file.info().unwrap().condition.is_err());
        assert!(!file.verify().unwrap().passed());
        assert_eq!(kinds(file), ["save", "save", "recover", "save"]);
        assert_eq!(inventory(damage.dir.path()), before);
    });
    each("migration", "app.yaml", |migration| {
        let before = inventory(migration.dir.path());
        let file = &migration.file;
        let info = file.info().unwrap();
        assert_eq!(info.condition, Ok(Condition::Clean));
        assert_eq!(info.version.as_deref(), Some("1.1.0"));
        assert_eq!(kinds(file), ["migrate", "migrate", "outside", "migrate"]);
        assert!(file.verify().unwrap().passed());
        file.plan_migration(&"1.2.0".parse().unwrap()).unwrap();
        assert_eq!(inventory(migration.dir.path()), before);
    });
}

#[test]
fn undo_goes_back_byte_for_byte() {
    each("demo", "app.toml", |demo| {
        let history = demo.file.history().unwrap();
        for seq in [11, 10, 9, 8, 7, 4, 3, 2] {
            demo.file.undo().unwrap();
            let old = history[seq - 1].old;
            assert_eq!(Some(persist_core::digest(&live(&demo.file))), old, "#{seq}");
        }
        assert_eq!(text(&demo.file), DEMO_FIRST);
        let error = demo.file.undo().unwrap_err();
        assert!(matches!(error, Error::NotFound { .. }), "{error}");
        assert_eq!(text(&demo.file), DEMO_FIRST);
        assert_eq!(demo.file.verify().unwrap().problems(), Vec::<String>::new());
    });
}

#[test]
fn restore_puts_back_what_an_older_build_kept() {
    each("demo", "app.toml", |demo| {
        demo.file.restore("5").unwrap(); // compressed
        assert!(text(&demo.file).contains("# line 220 of a long comment"));
        demo.file.restore("4").unwrap(); // beside it is a file of its own that says why it was made
        assert_eq!(
            text(&demo.file),
            "# The server's settings\ntitle = \"demo\" # shown in the window\n\n[server]\nhost = \"example.org\"\nport = 8081 # not below 1024\n"
        );
        assert!(demo.file.verify().unwrap().passed());
    });
}

/// What the file `format` is and which inode it has, where there are such.
fn identity(path: &Path) -> String {
    inventory(path).into_values().collect()
}

#[test]
fn the_first_save_upgrades_and_the_next_ones_do_not() {
    each("demo", "app.toml", |demo| {
        let before = identity_if_there(&demo.number());
        set(&demo.file, "server.port", 9000).unwrap();
        assert_eq!(fs::read_to_string(demo.number()).unwrap(), "2\n");
        let after = identity(&demo.number());
        if demo.format == NEWEST {
            assert_eq!(before, Some(after.clone()), "it was of this format already");
        }
        assert!(!demo.file.state_dir().join("format.new").exists());
        set(&demo.file, "server.port", 9001).unwrap();
        demo.file.undo().unwrap();
        by_hand(demo.file.path(), "title = \"by hand\"\n");
        demo.file.adopt().unwrap();
        open(demo.file.path()).restore("latest").unwrap();
        assert_eq!(identity(&demo.number()), after);
        let verification = demo.file.verify().unwrap();
        assert_eq!(verification.problems(), Vec::<String>::new());
        let mut expected: Vec<String> = DEMO.map(str::to_owned).to_vec();
        expected.extend(["save", "save", "undo", "outside", "restore"].map(str::to_owned));
        assert_eq!(kinds(&demo.file), expected);
        demo.file.undo().unwrap(); // the restore
        demo.file.undo().unwrap(); // what was written by hand
        demo.file.undo().unwrap(); // the first save of all
        assert_eq!(text(&demo.file), DEMO_LAST);
    });
}

fn identity_if_there(path: &Path) -> Option<String> {
    path.exists().then(|| identity(path))
}

/// The older build can go on with a folder that nothing was written to.
#[test]
fn what_changes_nothing_upgrades_nothing() {
    each("demo", "app.toml", |demo| {
        let file = &demo.file;
        let unchanged = set(file, "server.port", 8083).unwrap();
        assert_eq!(unchanged.outcome, Outcome::Unchanged);
        assert_eq!(file.adopt().unwrap().outcome, Outcome::Unchanged);
        assert_eq!(file.recover(None).unwrap().outcome, Outcome::Unchanged);
        assert!(file.restore("77").is_err());
        assert!(set(file, "title.is.no.table", 1).is_err());
        let version = "1.0.0".parse().unwrap();
        assert!(file.migrate_to(&version).is_err(), "there is no manifest");
        // By strict callers what was done by hand is refused.
        by_hand(file.path(), "title = \"by hand\"\n");
        let strict = open_with(file.path(), |o| o.strict = true);
        let error = set(&strict, "server.port", 1).unwrap_err();
        assert!(matches!(error, Error::ChangedOutside { .. }), "{error}");
        fs::write(file.path(), [0; 50]).unwrap();
        let error = set(file, "server.port", 1).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
        assert!(matches!(file.undo(), Err(Error::Damaged { .. })));
        assert!(demo.is_as_it_was_made());
    });
}

#[test]
fn what_a_migration_set_aside_comes_back() {
    each("migration", "app.yaml", |migration| {
        let file = &migration.file;
        set(file, "cache.size", 512).unwrap();
        let receipt = file.migrate_to(&"1.2.0".parse().unwrap()).unwrap();
        assert_eq!(receipt.kind, Kind::Migrate);
        assert_eq!(
            text(file),
            "# mine\nschema_version: 1.2.0 # the version\ncolours: dark # as always\ncache:\n  size: 512\ntimeout: 45 # longer than most\n"
        );
        assert_eq!(fs::read_to_string(migration.number()).unwrap(), "2\n");
        file.migrate_to(&"1.0.0".parse().unwrap()).unwrap();
        file.migrate_to(&"1.2.0".parse().unwrap()).unwrap();
        assert!(text(file).contains("size: 512") && text(file).contains("timeout: 45 # longer"));
        for _ in 0..4 {
            file.undo().unwrap();
        }
        assert_eq!(
            text(file),
            "# mine\nschema_version: 1.1.0 # the version\ntheme: dark # as always\ncache:\n  size: 256\n"
        );
        file.undo().unwrap(); // the older build's migration
        assert!(text(file).contains("timeout: 45 # longer than most"));
        let verification = file.verify().unwrap();
        assert_eq!(verification.problems(), Vec::<String>::new());
    });
}

#[test]
fn what_was_left_damaged_recovers() {
    each("damage", "app.json", |damage| {
        let file = &damage.file;
        let quarantine = file.state_dir().join("quarantine");
        let kept = inventory(&quarantine).len();
        let receipt = file.recover(None).unwrap();
        assert_eq!(receipt.kind, Kind::Recover);
        assert_eq!(notices(&receipt), Vec::<String>::new());
        let last = "{\n  \"name\": \"damage\",\n  \"width\": 4\n}\n";
        assert_eq!(text(file), last);
        assert_eq!(fs::read_to_string(damage.number()).unwrap(), "2\n");
        assert_eq!(
            inventory(&quarantine).len(),
            kept + 1,
            "beside what an earlier recovery put there"
        );
        assert!(somewhere(&quarantine, &[0; 38]));
        assert!(file.verify().unwrap().passed());
        for width in [3, 2, 1] {
            file.undo().unwrap();
            assert_eq!(text(file), last.replace('4', &width.to_string()));
        }
        let how: Vec<How> = file.history().unwrap().iter().map(|e| e.how).collect();
        assert_eq!(how[2], How::Saved(Kind::Recover));
    });
}

/// Its checkpoint does not say what mode the file had that was deleted before it.
#[test]
fn a_checkpoint_that_follows_a_deletion_is_right() {
    let Fixture {
        dir: _dir, file, ..
    } = Fixture::new("2", "deletion", "app.toml");
    assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
    assert_eq!(
        kinds(&file),
        [
            "save", "deleted", "undo", "deleted", "undo", "deleted", "undo", "deleted", "undo"
        ]
    );
    set(&file, "width", 3).unwrap();
    file.go(persist_core::HistoryMove::UndoTo(1)).unwrap();
    assert_eq!(text(&file), "width = 2\n");
    assert_eq!(file.verify().unwrap().problems(), Vec::<String>::new());
}
