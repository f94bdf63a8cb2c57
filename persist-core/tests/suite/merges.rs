//! A save of settings that were loaded before something else changed the file: what the merge gave is judged by what it reads as.

use std::collections::{BTreeSet, HashSet};
use std::fs;

use persist_core::{Error, Notice, Store};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::support::{chain, folder};

/// Loads `start`, makes a change of it, has something else write `meanwhile`, and saves: what came of it, and the text.
pub(crate) fn saved<T>(
    start: &str,
    meanwhile: &str,
    change: impl Fn(&mut T),
) -> (Result<Vec<Notice>, Error>, String)
where
    T: Clone + Default + Serialize + DeserializeOwned,
{
    let dir = folder();
    let path = dir.path().join("app.yaml");
    fs::write(&path, start).expect("as the test set it up");
    let store = Store::<T>::builder(&path)
        .open()
        .expect("as the test set it up");
    let loaded = store.load().expect("as the test set it up");
    let mut wanted = loaded.value().clone();
    change(&mut wanted);
    fs::write(&path, meanwhile).expect("as the test set it up");
    let saved = store.save(&loaded, &wanted).map(|r| r.notices);
    (
        saved,
        fs::read_to_string(&path).expect("as the test set it up"),
    )
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Shape {
    Circle { radius: u32, side: Option<u32> },
    Square { side: u32 },
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(default)]
struct Settings {
    shape: Shape,
    title: String,
}

impl Default for Settings {
    fn default() -> Self {
        let (radius, side) = (0, None);
        let shape = Shape::Circle { radius, side };
        let title = String::new();
        Self { shape, title }
    }
}

const CIRCLE: &str = "title: a\nshape:\n  kind: circle\n  radius: 1\n";

fn circle(radius: u32, side: u32) -> Shape {
    let side = Some(side);
    Shape::Circle { radius, side }
}

fn refused_at(saved: Result<Vec<Notice>, Error>, key: &str) {
    match saved.expect_err("refused") {
        Error::NotReadBack { path, .. } => assert_eq!(path.to_string(), key),
        other => panic!("{}", chain(&other)),
    }
}

#[test]
fn what_does_not_read_back_as_what_was_asked_for_is_refused() {
    let start = format!("{CIRCLE}  side: 2\n");
    let square = start.replace("circle", "square");
    let (done, text) = saved::<Settings>(&start, &square, |s| s.shape = circle(5, 2));
    refused_at(done, "shape.radius");
    assert_eq!(text, square);
    let (done, text) = saved::<Settings>(&start, &square, |s| s.title = "b".into());
    assert!(done.unwrap().contains(&Notice::Merged));
    assert_eq!(text, square.replace("title: a", "title: b"));
}

/// Also where the file could not be read as settings until this save.
#[test]
fn nothing_that_was_asked_for_is_lost_in_what_could_not_be_read() {
    let square = CIRCLE.replace("circle", "square");
    let (done, text) = saved::<Settings>(CIRCLE, &square, |s| s.shape = circle(5, 7));
    refused_at(done, "shape.radius");
    assert_eq!(text, square);
    let (done, text) = saved::<Settings>(CIRCLE, &square, |s| s.shape = circle(1, 7));
    assert!(done.unwrap().contains(&Notice::Merged));
    assert_eq!(text, format!("{square}  side: 7\n"));
}

#[test]
fn what_both_put_into_lists_and_sets_is_in_them() {
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct Lists {
        list: Vec<String>,
        hashed: HashSet<String>,
        sorted: BTreeSet<u8>,
    }
    // Hashes have another order each time.
    for round in 0..24 {
        let items = ["  - a # a\n", "  - z\n", "  - m # m\n", "  - b\n"];
        let some = items[..1 + round % items.len()].concat();
        let numbers = "  - 4\n  - 2 # two\n";
        let start = format!("list:\n{some}hashed:\n{some}sorted:\n{numbers}");
        let left = some.replace("  - m # m\n", "");
        let meanwhile =
            format!("list:\n{some}  - t\nhashed:\n{left}  - t\nsorted:\n{numbers}  - 1\n");
        let (done, text) = saved::<Lists>(&start, &meanwhile, |lists| {
            lists.list.extend(["new".into()]);
            lists.hashed.extend(["new".into(), "t".into()]);
            lists.sorted.insert(3);
        });
        assert!(
            done.as_ref()
                .is_ok_and(|told| told.contains(&Notice::Merged)),
            "{done:?}"
        );
        let wanted = format!(
            "list:\n{some}  - t\n  - new\nhashed:\n{left}  - t\n  - new\nsorted:\n{numbers}  - 1\n  - 3\n"
        );
        // Of documents lists alone are merged: what came in the place of another item may be there twice, which a set reads once.
        if left == some {
            assert_eq!(text, wanted, "{round}");
        }
    }
}

/// What is written for it here is `null`, and there nothing; in a document that is no settings the two differ.
#[test]
fn what_both_have_taken_away_is_no_conflict() {
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct Plain {
        opt: Option<u8>,
        big: u8,
    }
    let (done, text) = saved::<Plain>("opt: 5\nbig: 1\n", "big: 2\n", |plain| plain.opt = None);
    done.unwrap();
    assert_eq!(text, "big: 2\n");

    #[derive(Clone, Default, Serialize, Deserialize)]
    struct Skipping {
        #[serde(skip_serializing_if = "Option::is_none")]
        opt: Option<u8>,
        big: u8,
    }
    let nulled = "opt: null\nbig: 2\n";
    let (done, text) = saved::<Skipping>("opt: 5\nbig: 1\n", nulled, |plain| plain.opt = None);
    done.unwrap();
    assert_eq!(text, nulled);

    // To this type nothing is a default, and `null` is not.
    #[derive(Clone, Serialize, Deserialize)]
    #[serde(default)]
    struct Defaulted {
        opt: Option<u8>,
        big: u8,
    }
    impl Default for Defaulted {
        fn default() -> Self {
            let (opt, big) = (Some(9), 0);
            Self { opt, big }
        }
    }
    let (done, text) = saved::<Defaulted>("opt: 5\nbig: 1\n", "big: 2\n", |plain| plain.opt = None);
    assert!(matches!(done, Err(Error::Conflict { .. })), "{done:?}");
    assert_eq!(text, "big: 2\n");
}

/// A server of another name is another server.
#[test]
fn what_is_written_for_one_item_comes_into_no_other() {
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct Server {
        name: String,
        port: u16,
        #[serde(skip_serializing_if = "Option::is_none")]
        token: Option<String>,
    }
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct Servers {
        servers: Vec<Server>,
    }
    let start = "servers:\n  - name: a\n    port: 1\n";
    let meanwhile = "servers:\n  - name: b\n    port: 2\n";
    let (done, text) = saved::<Servers>(start, meanwhile, |settings| {
        settings.servers[0].token = Some("of a".into());
    });
    assert!(matches!(done, Err(Error::Conflict { .. })), "{done:?}");
    assert_eq!(text, meanwhile);
    // Where it is still there, it comes to it.
    let meanwhile = "servers:\n  - name: b\n    port: 2\n  - name: a\n    port: 1\n";
    let (done, text) = saved::<Servers>(start, meanwhile, |settings| {
        settings.servers[0].token = Some("of a".into());
    });
    assert!(done.unwrap().contains(&Notice::Merged));
    assert_eq!(text, format!("{meanwhile}    token: of a\n"));
}

/// Nor where an equal one stands in another place, or has what told another apart.
#[test]
fn what_may_belong_to_another_item_is_a_conflict() {
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct Server {
        host: String,
        port: u16,
        #[serde(skip_serializing_if = "Option::is_none")]
        password: Option<String>,
    }
    #[derive(Clone, Default, Serialize, Deserialize)]
    #[serde(default)]
    struct Lists {
        numbers: Vec<u8>,
        args: Vec<String>,
        servers: Vec<Server>,
    }
    fn is_conflict(start: &str, meanwhile: &str, change: impl Fn(&mut Lists)) {
        let (done, text) = saved::<Lists>(start, meanwhile, change);
        assert!(
            matches!(done, Err(Error::Conflict { .. })),
            "{done:?} {text}"
        );
        assert_eq!(text, meanwhile);
    }
    is_conflict("numbers: [0, 0, 0]\n", "numbers: [1, 0, 2]\n", |lists| {
        lists.numbers[0] = 7;
    });
    is_conflict(
        "args: [-p, \"80\", -q, \"80\", -r]\n",
        "args: [-P, \"81\", -q, \"80\", -R]\n",
        |lists| lists.args[1] = "82".into(),
    );
    let start = "servers:\n  - host: on\n    port: 1\n  - host: off\n    port: 2\n";
    let meanwhile = start.replace("port: 1\n", "port: 1\n    password: secretof1\n");
    is_conflict(start, &meanwhile, |lists| {
        lists.servers[0].host = "off".into();
        lists.servers[1].host = "on".into();
    });
    // Where each is in its place, both are there.
    let (done, text) = saved::<Lists>("numbers: [0, 0, 0]\n", "numbers: [1, 0, 2]\n", |lists| {
        lists.numbers[1] = 7;
    });
    assert!(done.unwrap().contains(&Notice::Merged));
    assert_eq!(text, "numbers: [1, 7, 2]\n");
}

/// To settings an item that has no `level` has its default, which is no change of what tells the item from others.
#[test]
fn what_was_filled_in_from_the_defaults_may_be_written_meanwhile() {
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct Log {
        path: String,
        #[serde(default = "info")]
        level: String,
        #[serde(default)]
        size: u32,
    }
    fn info() -> String {
        "info".into()
    }
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct Logs {
        logs: Vec<Log>,
    }
    let meanwhile = "logs:\n  - path: /a\n    level: debug\n    size: 1\n";
    let start = meanwhile.replace("    level: debug\n", "");
    let (done, text) = saved::<Logs>(&start, meanwhile, |settings| settings.logs[0].size = 2);
    assert!(
        done.as_ref()
            .is_ok_and(|told| told.contains(&Notice::Merged)),
        "{done:?}"
    );
    assert_eq!(text, meanwhile.replace('1', "2"));
}
