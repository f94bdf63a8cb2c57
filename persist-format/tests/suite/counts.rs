//! How often a text is read: by the events that the library tells of its work.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Once;

use persist_format::{Document, ErrorKind, Format, Limits, Value, merge};
use tracing::{Event, Metadata, Subscriber, span};

use crate::support::{document, path, value};

thread_local! {
    static COUNTS: RefCell<BTreeMap<&'static str, usize>> = RefCell::default();
}

/// Counts the events of each thread by name. There is one for all threads: whether anybody listens to an event is remembered by whichever
/// thread comes to it first.
struct Counter;

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().starts_with("persist_format")
    }

    fn event(&self, event: &Event<'_>) {
        COUNTS.with_borrow_mut(|counts| *counts.entry(event.metadata().name()).or_default() += 1);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Readings by our parser and by the second one while `work` is done on this thread.
fn counted<T>(work: impl FnOnce() -> T) -> (T, [usize; 2]) {
    counted_by(["parse", "check"], work)
}

/// The same, and how often a merge has cut a text into pieces.
fn counted_with_cuts<T>(work: impl FnOnce() -> T) -> (T, [usize; 3]) {
    counted_by(["parse", "check", "cut"], work)
}

fn counted_by<T, const N: usize>(names: [&str; N], work: impl FnOnce() -> T) -> (T, [usize; N]) {
    static LISTENS: Once = Once::new();
    LISTENS.call_once(|| {
        tracing::subscriber::set_global_default(Counter).expect("nothing else listens");
        tracing::callsite::rebuild_interest_cache();
    });
    COUNTS.take();
    let done = work();
    let counts = COUNTS.take();
    let count = |name| counts.get(name).copied().unwrap_or_default();
    (done, names.map(count))
}

const TEXTS: [(Format, &str); 4] = [
    (Format::Json, "{\"a\": 1, \"b\": {\"c\": [1, 2]}}\n"),
    (
        Format::Jsonc,
        "{\n  // one\n  \"a\": 1,\n  \"b\": {\"c\": [1, 2]}\n}\n",
    ),
    (Format::Toml, "a = 1 # one\n[b]\nc = [1, 2]\n"),
    (Format::Yaml, "a: 1 # one\nb:\n  c: [1, 2]\n"),
];

#[test]
fn an_edit_is_one_reading_and_one_check_and_a_save_needs_no_more() {
    for (format, text) in TEXTS {
        let (mut doc, counts) = counted(|| document(format, text));
        assert_eq!(counts, [1, 0], "{format}");
        let (edit, counts) = counted(|| doc.set(&path("a"), 2));
        assert!(edit.is_ok_and(|edit| edit.changed()));
        assert_eq!(counts, [1, 1], "{format}");
        let (checked, counts) = counted(|| doc.check());
        assert!(checked.is_ok());
        assert_eq!(counts, [0, 0], "{format}");
        let (_, counts) = counted(|| doc.comments().count());
        assert_eq!(counts, [0, 0], "{format}");
    }
}

/// About 100 KB: 250 tables of ten entries, with comments where there are any.
fn large(format: Format) -> String {
    let json = |mark: &str| {
        let table = |t: usize| {
            let entry = |e: usize| format!("    \"key{e}\": \"the value of {t}.{e}\"");
            let entries: Vec<String> = (0..10).map(entry).collect();
            format!("{mark}  \"t{t}\": {{\n{}\n  }}", entries.join(",\n"))
        };
        let tables: Vec<String> = (0..250).map(table).collect();
        format!("{{\n{}\n}}\n", tables.join(",\n"))
    };
    let lines = |header: fn(usize) -> String, entry: fn(usize, usize) -> String| {
        let table = |t| {
            let entries: String = (0..10).map(|e| entry(t, e)).collect();
            format!("# about {t}\n{}{entries}", header(t))
        };
        (0..250).map(table).collect()
    };
    match format {
        Format::Json => json(""),
        Format::Jsonc => json("  // about it\n"),
        Format::Toml => lines(
            |t| format!("[t{t}]\n"),
            |t, e| format!("key{e} = \"the value of {t}.{e}\" # beside\n"),
        ),
        Format::Yaml => lines(
            |t| format!("t{t}:\n"),
            |t, e| format!("  key{e}: the value of {t}.{e} # beside\n"),
        ),
    }
}

#[test]
fn a_thousand_assignments_are_one_reading_and_one_check() {
    for format in Format::ALL {
        let mut doc = document(format, &large(format));
        let (edit, counts) = counted(|| {
            doc.edit(|edits| {
                for n in 0..1000 {
                    // Four of them to new keys.
                    edits.set(&path(&format!("t{}.key{}", n / 4, n % 13)), n as i64)?;
                }
                Ok(())
            })
        });
        assert!(edit.expect("each can be made").changed());
        assert_eq!(counts, [1, 1], "{format}");
        assert_eq!(doc.get(&path("t249.key9")), Some(&Value::from(997)));
    }
}

#[test]
fn a_hundred_edits_of_every_kind_are_one_reading_and_one_check() {
    for format in Format::ALL {
        let mut doc = document(format, &large(format));
        let (edit, counts) = counted(|| {
            doc.edit(|edits| {
                for t in 0..20 {
                    let at = |key: &str| path(&format!("t{t}.{key}"));
                    edits.rename(&at("key0"), "renamed")?;
                    edits.set(&at("key2"), t)?;
                    edits.remove(&at("key4"))?;
                    edits.move_to(&at("key6"), &path(&format!("t{}.moved", t + 100)))?;
                    edits.set(&at("added"), true)?;
                }
                Ok(())
            })
        });
        assert!(edit.expect("each can be made").changed());
        assert_eq!(counts, [1, 1], "{format}");
        let moved = Value::from("the value of 19.6");
        assert_eq!(doc.get(&path("t119.moved")), Some(&moved));
    }
}

#[test]
fn what_moves_into_new_maps_and_changes_besides_takes_one_reading_more() {
    for format in Format::ALL {
        let mut doc = document(format, &large(format));
        let (edit, counts) = counted(|| {
            doc.edit(|edits| {
                for t in 0..50 {
                    let at = |key: &str| path(&format!("t{t}.{key}"));
                    edits.move_to(&at("key6"), &at("new.moved"))?;
                    edits.set(&at("new.moved"), "and changed")?;
                    edits.set(&at("key2"), "changed")?;
                    edits.move_to(&at("key2"), &path(&format!("t{}.moved", t + 100)))?;
                }
                Ok(())
            })
        });
        assert!(edit.expect("each can be made").changed());
        assert_eq!(counts, [2, 1], "{format}");
        let comments = match format {
            Format::Json => 0,
            Format::Jsonc => 250,
            // An inline table has no room for them.
            Format::Toml => 250 * 11 - 50,
            Format::Yaml => 250 * 11,
        };
        assert_eq!(doc.comments().count(), comments, "{format}");
    }
}

#[test]
fn what_was_only_read_is_checked_once_for_all_its_copies() {
    for (format, text) in TEXTS {
        let doc = document(format, text);
        let copy = doc.clone();
        let (checked, counts) = counted(|| copy.check());
        assert!(checked.is_ok());
        assert_eq!(counts, [0, 1], "{format}");
        let (checked, counts) = counted(|| doc.check());
        assert!(checked.is_ok());
        assert_eq!(counts, [0, 0], "{format}");
    }
}

#[test]
fn what_another_parser_reads_otherwise_is_told_as_often_as_it_is_asked_for() {
    // To YAML 1.1 a line separator is a line break.
    let doc = document(Format::Yaml, "a: 'one\u{2028}  two'\n");
    for _ in 0..2 {
        let (checked, counts) = counted(|| doc.check());
        let error = checked.expect_err("YAML 1.1 folds the line");
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert_eq!(counts, [0, 1]);
    }
}

#[test]
fn a_named_file_is_read_once_where_its_name_is_right() {
    let read = |name: &str, text: &str| {
        let limits = Limits::default();
        let read = counted(|| Document::parse_named(Path::new(name), text.as_bytes(), &limits));
        (read.0.map(|doc| doc.format()), read.1[0])
    };
    assert!(matches!(read("a.json", "{}"), (Ok(Format::Json), 1)));
    assert!(matches!(read("a.json", "{} // c"), (Ok(Format::Jsonc), 2)));
    assert!(matches!(
        read("tsconfig.json", "{}"),
        (Ok(Format::Jsonc), 1)
    ));
    assert!(matches!(read("a.toml", "a = 1"), (Ok(Format::Toml), 1)));
    assert!(matches!(read("config", "a: 1"), (Ok(Format::Yaml), 4)));
    let error = read("a.json", "{").0.expect_err("it is not closed");
    assert_eq!(error.kind(), ErrorKind::Syntax);
    let error = read("config", "just words")
        .0
        .expect_err("it may be anything");
    assert_eq!(error.kind(), ErrorKind::UnknownFormat);
}

#[test]
fn a_file_beyond_the_limits_is_not_called_one_of_an_unknown_format() {
    let mut limits = Limits::default();
    limits.nodes = 3;
    for (name, text) in [("a.json", "[1, 2, 3]"), ("config", "[1, 2, 3]")] {
        let read = Document::parse_named(Path::new(name), text.as_bytes(), &limits);
        assert_eq!(read.expect_err("it is too long").kind(), ErrorKind::Limit);
    }
}

/// Nearly every number, switch and date that is typed says how it is to be spelled.
#[test]
fn spellings_cost_one_more_reading_whatever_their_number_and_none_where_the_writer_writes_the_same()
{
    for (format, _) in TEXTS {
        let counts = |number: usize, spelled: fn(usize) -> String| {
            let mut doc = document(format, &large(format));
            let (edit, counts) = counted(|| {
                doc.edit(|edits| {
                    (0..number).try_for_each(|n| {
                        let value = n as i64 + 1000;
                        edits.set_spelled(&path(&format!("t{n}.key1")), value, &spelled(n))
                    })
                })
            });
            assert!(edit.is_ok_and(|edit| edit.changed()));
            counts
        };
        let same = |n: usize| (n + 1000).to_string();
        assert_eq!(counts(1, same), [1, 1], "{format}");
        assert_eq!(counts(50, same), [1, 1], "{format}");
        if matches!(format, Format::Yaml | Format::Toml) {
            assert_eq!(
                counts(50, |n| format!("{:#x}", n + 1000)),
                [2, 2],
                "{format}"
            );
        }
    }
}

/// Two sides' texts are woven once; where they say the merged values, that is one reading beside that of our text with the values. Each of the three texts
/// is cut once, and the merged one if there are comments: to see what they are attached to.
#[test]
fn a_merge_reads_twice() {
    for (format, text) in TEXTS {
        let base = document(format, text);
        let edited = |key: &str, value: i64| {
            let mut side = base.clone();
            assert!(side.set(&path(key), value).is_ok());
            side
        };
        let (ours, theirs) = (edited("a", 7), edited("b.d", 9));
        let (merged, counts) = counted_with_cuts(|| merge::three_way(&base, &ours, &theirs));
        let merged = merged.expect("it can be merged").document;
        assert_eq!(merged.get(&path("a")), Some(&Value::from(7)), "{format}");
        assert_eq!(merged.get(&path("b.d")), Some(&Value::from(9)), "{format}");
        let cuts = if format == Format::Json { 3 } else { 4 };
        assert_eq!(counts, [2, 2, cuts], "{format}");
    }
}

/// Where no woven text says the values, the three texts that were cut serve the other ways too. Cut besides are the two documents which these make, ours and theirs
/// with the values, and for a conflict that comments hang on the base without it.
#[test]
fn a_merge_that_finds_no_woven_text_cuts_no_text_twice() {
    let [base, ours, theirs] = [
        "# of the old item\nl = [{ a = 1 }, { b = 2 }] # beside\n",
        "# of ours\nl = [{ b = 3 }, { c = 1 }] # beside ours\n",
        "# of theirs\nl = [5, { b = 2, d = 1 }] # beside theirs\n",
    ]
    .map(|text| document(Format::Toml, text));
    let (merged, [.., cuts]) = counted_with_cuts(|| merge::three_way(&base, &ours, &theirs));
    assert!(merged.is_ok_and(|merged| !merged.comments.is_empty()));
    // Two of them to see what the comments are attached to, and one for what is decided at the conflict.
    assert_eq!(cuts, 8);
}

/// Elements are taken away and brought in order all at once, whatever their number.
#[test]
fn a_merge_of_long_lists_reads_a_few_times() {
    let item = |n: usize| value(&format!("{{\"id\": {n}, \"v\": [{n}]}}"));
    let list = |order: &[usize]| Value::Sequence(order.iter().map(|&n| item(n)).collect());
    let all: Vec<usize> = (0..100).collect();
    let mut kept: Vec<usize> = all.iter().copied().filter(|n| n % 2 == 0).collect();
    kept[10..].reverse();
    for format in Format::ALL {
        let encoded = Document::encode(&value("{\"list\": []}"), format);
        let mut base = encoded.expect("any format has it").0;
        assert!(base.set(&path("list"), list(&all)).is_ok());
        let (mut ours, mut theirs) = (base.clone(), base.clone());
        assert!(ours.set(&path("list"), list(&kept)).is_ok());
        assert!(ours.insert(&path("list[3]"), item(1000)).is_ok());
        assert!(theirs.set(&path("list[4].w"), 1).is_ok());
        let (merged, [parses, checks, cuts]) =
            counted_with_cuts(|| merge::three_way(&base, &ours, &theirs));
        let merged = merged.expect("it can be merged");
        assert!(merged.conflicts.is_empty() && merged.comments.is_empty());
        assert_eq!(
            merged.document.get(&path("list[2].w")),
            Some(&Value::from(1))
        );
        // The base and theirs once more, in the order of ours.
        assert!(
            parses <= 12 && checks <= 12 && cuts <= 5,
            "{format}: {parses}, {checks}, {cuts}"
        );
    }
}

/// What both sides add at one place is compared once, not each with each: twice as many keys are about twice as many comparisons.
#[test]
fn a_merge_of_many_new_keys_compares_in_proportion() {
    let comparisons = |format: Format, keys: usize| {
        let text = |who: &str| {
            let lines = (0..keys).map(|n| match format {
                Format::Toml => format!("# {who} {n}\n{who}{n} = {n} # beside {who} {n}\n"),
                Format::Yaml => format!("# {who} {n}\n{who}{n}: {n} # beside {who} {n}\n"),
                _ => format!("  // {who} {n}\n  \"{who}{n}\": {n}, // beside {who} {n}\n"),
            });
            let (start, end) = match format {
                Format::Toml => ("", "z = 1\n"),
                Format::Yaml => ("", "z: 1\n"),
                _ => ("{\n", "  \"z\": 1\n}\n"),
            };
            [start, &lines.collect::<String>(), end].concat()
        };
        let [base, ours, theirs] = ["", "o", "t"].map(|who| match who {
            "" => document(format, &text("b").replace("# b ", "# base ")),
            _ => document(format, &text(who)),
        });
        let merge = || merge::three_way(&base, &ours, &theirs);
        let (merged, [compared]) = counted_by(["compare"], merge);
        let merged = merged.expect("it can be merged");
        assert!(merged.conflicts.is_empty(), "{format}");
        compared
    };
    for format in [Format::Jsonc, Format::Toml, Format::Yaml] {
        let [few, many] = [200, 400].map(|keys| comparisons(format, keys));
        assert!(many < 3 * few, "{format}: {few} and {many} comparisons");
        assert!(many < 400 * 100, "{format}: {many} comparisons");
    }
}

/// What is decided at the conflicts is taken out of the texts all at once, whatever their number.
#[test]
fn a_merge_of_many_conflicts_reads_a_few_times() {
    let item = |n: usize, who: &str| format!("- n: x{n}\n  v: {who}{n} # beside {n}\n");
    let list = |who: &str| (0..100).map(|n| item(n, who)).collect::<String>();
    let tables = |who: &str| {
        let table = |n| format!("# about {n}\n[t{n}]\nk = \"{who}{n}\"\n");
        (0..100).map(table).collect::<String>()
    };
    for (format, [base, ours, theirs]) in [
        (Format::Yaml, ["b", "o", "t"].map(list)),
        (
            Format::Toml,
            [tables("b"), "z = 1\n".to_owned(), tables("t")],
        ),
        (
            Format::Toml,
            [tables("b"), tables("o"), "z = 1\n".to_owned()],
        ),
    ] {
        let [base, ours, theirs] = [base, ours, theirs].map(|text| document(format, &text));
        let (merged, [parses, checks, cuts]) =
            counted_with_cuts(|| merge::three_way(&base, &ours, &theirs));
        assert_eq!(merged.expect("it can be merged").conflicts.len(), 100);
        assert!(
            parses <= 12 && checks <= 12 && cuts <= 8,
            "{format}: {parses}, {checks}, {cuts}"
        );
    }
}

/// Nor does it try each for itself where none can be taken out: ours has kept all comments of what it has removed.
#[test]
fn a_merge_of_conflicts_that_comments_hang_on_reads_no_more_for_more_of_them() {
    let tables = |count: usize, mark: &str, who: &str| {
        let table = |n| format!("# about {n}\n{mark}[t{n}]\n{mark}k = \"{who}{n}\"\n");
        (0..count).map(table).collect::<String>()
    };
    let [few, many] = [200, 400].map(|count| {
        let texts = [
            tables(count, "", "b"),
            tables(count, "# ", "b"),
            tables(count, "", "t"),
        ];
        let [base, ours, theirs] = texts.map(|text| document(Format::Toml, &text));
        let (merged, [parses, ..]) = counted(|| merge::three_way(&base, &ours, &theirs));
        let merged = merged.expect("it can be merged");
        assert_eq!(merged.conflicts.len(), count);
        assert_eq!(merged.document.text(), ours.text());
        parses
    });
    assert!(many <= few + 12 && many < 200, "{few} and {many}");
}
