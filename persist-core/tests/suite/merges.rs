//! A save of settings that were loaded before something else changed the file: what the merge gave is judged by what it reads as.

use std::collections::{BTreeSet, HashSet};
use std::fs;

use persist_core::{Error, Notice, Store};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::support::{chain, folder};

/// Loads `start`, makes a change of it, has something else write `meanwhile`, and saves: what came of it, and the text.
fn saved<T>(
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
