//! How often texts are read and schemas compiled, by the events that the libraries tell of their work.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Once};

use persist_core::{ConfigFile, Manifest, Options};
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

use crate::support::{by_hand, set, text, with};

thread_local! {
    static COUNTS: RefCell<BTreeMap<&'static str, usize>> = RefCell::default();
    /// The lengths of what was hashed.
    static HASHED: RefCell<Vec<u64>> = RefCell::default();
}

struct Lengths;

impl Visit for Lengths {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "len" {
            HASHED.with_borrow_mut(|lengths| lengths.push(value));
        }
    }
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// Counts the events of each thread by name. There is one for all threads: whether anybody listens to an event is remembered by whichever
/// thread comes to it first.
struct Counter;

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().starts_with("persist")
    }

    fn event(&self, event: &Event<'_>) {
        let name = event.metadata().name();
        COUNTS.with_borrow_mut(|counts| *counts.entry(name).or_default() += 1);
        if name == "digest" {
            event.record(&mut Lengths);
        }
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Readings by our parser, by the second one, and schemas compiled, while `work` is done on this thread.
pub(crate) fn counted<T>(work: impl FnOnce() -> T) -> (T, [usize; 3]) {
    static LISTENS: Once = Once::new();
    LISTENS.call_once(|| {
        tracing::subscriber::set_global_default(Counter).expect("nothing else listens");
        tracing::callsite::rebuild_interest_cache();
    });
    COUNTS.take();
    let done = work();
    let counts = COUNTS.take();
    let count = |name| counts.get(name).copied().unwrap_or_default();
    (done, [count("parse"), count("check"), count("compile")])
}

const TEXT: &str = "# pixels\nwidth = 1 # of the window\nschema_version = \"1.0.0\"\n";

/// A file with a schema.
fn judged(text: &str) -> (tempfile::TempDir, ConfigFile) {
    let (dir, file) = with("app.toml", text);
    let manifest = r#"{"app": "app", "version_key": "schema_version", "versions": [
        {"version": "1.0.0", "schema": {"type": "object", "properties": {"width": {"type": "integer"}}}}
    ], "edges": []}"#;
    let manifest = Manifest::parse(manifest).expect("a manifest");
    let options = Options::default().with_manifest(Arc::new(manifest));
    let file = ConfigFile::open(file.path(), options).expect("a file");
    (dir, file)
}

#[test]
fn an_unchanged_file_is_not_read_again() {
    let (_dir, file) = judged(TEXT);
    assert_eq!(counted(|| file.read().expect("readable")).1, [1, 0, 0]);
    assert_eq!(counted(|| file.read().expect("readable")).1, [0, 0, 0]);
    let (receipt, counts) = counted(|| set(&file, "width", 1).expect("nothing to do"));
    assert_eq!(receipt.seq, None);
    assert_eq!(
        counts,
        [0, 0, 1],
        "the schema is compiled where it is needed first"
    );
    // Another text is another document.
    by_hand(file.path(), TEXT.replace('1', "7"));
    let reading = file.read().expect("readable");
    let width = reading
        .document()
        .and_then(|d| d.get(&"width".parse().ok()?).cloned());
    assert_eq!(width, Some(7.into()));
}

#[test]
fn a_save_is_one_reading_and_one_check() {
    let (_dir, file) = judged(TEXT);
    let (_, first) = counted(|| set(&file, "width", 2).expect("saved"));
    assert_eq!(first, [2, 1, 1], "the file, and what becomes of it");
    for width in 3..6 {
        let (_, counts) = counted(|| set(&file, "width", width).expect("saved"));
        assert_eq!(counts, [1, 1, 0]);
        assert_eq!(counted(|| file.read().expect("readable")).1, [0, 0, 0]);
    }
    assert_eq!(text(&file), TEXT.replacen('1', "5", 1));
    assert_eq!(counted(|| file.undo().expect("undone")).1, [1, 0, 0]);
}

/// What was tried before the lock is what is saved; only where the file has become another is the change made again.
#[test]
fn a_change_that_is_tried_first_is_made_once() {
    let (_dir, file) = judged(TEXT);
    let width = "width".parse().expect("a key path");
    let mut made = 0;
    let mut set_to = |to: i64, meanwhile: &dyn Fn()| {
        let counts = counted(|| {
            let change = |document: &mut persist_core::Document| {
                made += 1;
                meanwhile();
                Ok(document.set(&width, to)?.warnings)
            };
            file.edit_tried(None, change).expect("saved")
        });
        (counts.1, std::mem::take(&mut made))
    };
    assert_eq!(
        set_to(2, &|| {}),
        ([2, 1, 1], 1),
        "the file, and what becomes of it"
    );
    assert_eq!(set_to(3, &|| {}), ([1, 1, 0], 1));
    assert_eq!(text(&file), TEXT.replacen('1', "3", 1));
    // The same of a file that changes while it is tried.
    let (_dir, file) = judged(TEXT);
    let mut made = 0;
    let change = |document: &mut persist_core::Document| {
        made += 1;
        if made == 1 {
            by_hand(file.path(), TEXT.replace("pixels", "points"));
        }
        Ok(document.set(&width, 2)?.warnings)
    };
    drop(file.edit_tried(None, change).expect("saved"));
    let wanted = TEXT.replace("pixels", "points").replacen('1', "2", 1);
    assert_eq!((text(&file), made), (wanted, 2));
}

/// How often content as long as the file, or longer, is hashed, and what else is: names of copies, lines of the journal.
fn hashed(file: &ConfigFile, work: impl FnOnce()) -> (usize, usize) {
    let least = text(file).len() as u64 - 100;
    HASHED.take();
    counted(work);
    let lengths = HASHED.take();
    let of_content = lengths.iter().filter(|len| **len >= least).count();
    (of_content, lengths.len() - of_content)
}

/// Each of them is another reading of another file. Of a save: the live file, what it becomes, the last backup before the file that
/// was replaced goes, that file, what the exchange put aside, and, of more than 10 KiB, the backup that is compressed and what came of it.
#[test]
fn nothing_is_hashed_twice() {
    for (length, at_most) in [(5_000, [1, 1, 5, 7]), (100_000, [1, 1, 7, 9])] {
        let long = format!("{TEXT}# {}\n", "x".repeat(length));
        let (_dir, file) = judged(&long);
        for width in 2..14 {
            set(&file, "width", width).expect("saved");
        }
        let done = [
            hashed(&file, || drop(file.read().expect("readable"))),
            hashed(&file, || {
                drop(set(&file, "width", 13).expect("nothing to do"));
            }),
            hashed(&file, || drop(set(&file, "width", 99).expect("saved"))),
            hashed(&file, || drop(file.undo().expect("undone"))),
        ];
        for ((of_content, others), most) in done.into_iter().zip(at_most) {
            assert!(of_content <= most && others <= 20, "{length}: {done:?}");
        }
    }
}

/// Also where nothing was ever saved of it, and there is nothing to bring back.
#[test]
fn a_damaged_file_is_looked_at_once() {
    let (_dir, file) = with("app.toml", &"\0".repeat(5_000));
    let recover = || drop(file.recover(None).expect_err("nothing is left"));
    // What looks damaged is read again before that is believed.
    assert_eq!(hashed(&file, recover).0, 2);
}

/// Keys that the application doesn't know are only tried as aliases of a setting that may have been read from them.
#[test]
fn many_unknown_keys_cost_no_readings() {
    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(default)]
    struct Aliased {
        #[serde(alias = "colour")]
        color: String,
        title: Option<String>,
    }
    impl Default for Aliased {
        fn default() -> Aliased {
            Aliased {
                color: "red".into(),
                title: Some("untitled".into()),
            }
        }
    }
    let mut text = String::from("colour = \"blue\"\n");
    (0..1_000).for_each(|n| text.push_str(&format!("unknown_{n} = \"value {n}\"\n")));
    let (_dir, file) = with("app.toml", &text);
    let store = persist_core::Store::<Aliased>::builder(file.path()).open();
    let store = store.expect("a store");
    let change = |s: &mut Aliased| s.color = "green".into();
    let (done, counts) = counted(|| store.update(change));
    done.expect("saved");
    assert!(counts[0] < 8, "{counts:?}");
    let (done, counts) = counted(|| store.update(|s| s.title = None));
    done.expect_err("TOML has no null");
    assert!(counts[0] < 8, "{counts:?}");
}

/// Without its last comment a `.json` is JSON, and is known as that at once.
#[test]
fn a_document_is_kept_as_it_would_be_read() {
    let (_dir, file) = with("app.json", "{\n  // one\n  \"a\": 1,\n  \"b\": 2\n}\n");
    let removed = file.edit(None, |document| {
        Ok(document.remove(&"a".parse()?)?.warnings)
    });
    removed.expect("saved");
    let again = ConfigFile::open(file.path(), Options::default()).expect("a file");
    let format = |file: &ConfigFile| file.document().expect("readable").format();
    assert_eq!(format(&file), format(&again));
    assert_eq!(text(&file), "{\n  \"b\": 2\n}\n");
}
