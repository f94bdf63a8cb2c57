//! Ordinary changes of ordinary applications, which are saved, and of which the file shows no more than was asked for.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Debug;
use std::fs;

use persist_core::{Secret, Source, Store};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::support::{chain, folder};

const NAMES: [&str; 4] = ["app.json", "app.jsonc", "app.toml", "app.yaml"];

/// Makes changes one after another to `text` in a file of that name; each is what a load gives back. The text afterwards.
fn changed<T>(name: &str, text: &str, defaults: &T, changes: &[fn(&mut T)]) -> String
where
    T: Serialize + DeserializeOwned + Clone + PartialEq + Debug,
{
    let dir = folder();
    let path = dir.path().join(name);
    if !text.is_empty() {
        fs::write(&path, text).expect("a file");
    }
    let store = Store::with_defaults(&path, defaults.clone()).open();
    let store = store.unwrap_or_else(|e| panic!("{name}: {}", chain(&e)));
    let load = || {
        store
            .load()
            .unwrap_or_else(|e| panic!("{name}: {}", chain(&e)))
    };
    let mut wanted = load().into_value();
    for (at, change) in changes.iter().enumerate() {
        change(&mut wanted);
        if let Err(error) = store.update(change) {
            panic!("{name}, change {at}: {}", chain(&error));
        }
        assert_eq!(*load(), wanted, "{name}, change {at}");
    }
    fs::read_to_string(&path).unwrap_or_default()
}

/// Where there is no file all of the defaults count, and a save writes them.
fn without_a_file<T>(defaults: &T, changes: &[fn(&mut T)])
where
    T: Serialize + DeserializeOwned + Clone + PartialEq + Debug,
{
    for name in NAMES {
        let dir = folder();
        let store = Store::with_defaults(dir.path().join(name), defaults.clone()).open();
        let loaded = store.expect("a store").load();
        let loaded = loaded.unwrap_or_else(|e| panic!("{name}: {}", chain(&e)));
        assert_eq!(
            (loaded.value(), loaded.source()),
            (defaults, &Source::Defaults),
            "{name}"
        );
        changed(name, "", defaults, changes);
    }
}

#[test]
fn without_a_file_the_entries_of_maps_are_the_defaults_too() {
    let defaults = BTreeMap::from([("a".to_owned(), 1_u8), ("b".to_owned(), 2)]);
    without_a_file(
        &defaults,
        &[
            |map| map.extend([("c".to_owned(), 3)]),
            |map| map.retain(|key, _| key != "a"),
            BTreeMap::clear,
        ],
    );

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Flat {
        name: String,
        #[serde(flatten)]
        rest: BTreeMap<String, u8>,
    }
    let flat = Flat {
        name: "x".into(),
        rest: defaults,
    };
    without_a_file(
        &flat,
        &[|flat| flat.name.push('y'), |flat| flat.rest.clear()],
    );
}

#[test]
fn an_enum_may_be_all_of_the_settings() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "mode")]
    enum Tagged {
        Off,
        On { level: u8 },
    }
    without_a_file(
        &Tagged::On { level: 1 },
        &[
            |mode| *mode = Tagged::Off,
            |mode| *mode = Tagged::On { level: 2 },
        ],
    );

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Plain {
        On { level: u8 },
        Number(u8),
    }
    let defaults = Plain::On { level: 1 };
    without_a_file(
        &defaults,
        &[
            |mode| *mode = Plain::Number(3),
            |mode| *mode = Plain::On { level: 2 },
        ],
    );
    for (name, text) in [
        ("app.toml", "# nothing\n"),
        ("app.json", "{}"),
        ("app.yaml", "# nothing\n"),
    ] {
        changed(
            name,
            text,
            &defaults,
            &[
                |mode| assert_eq!(*mode, Plain::On { level: 1 }),
                |mode| *mode = Plain::Number(3),
            ],
        );
    }
}

#[test]
fn items_of_sets_stay_where_they_stand() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Sets {
        hashed: HashSet<String>,
        sorted: BTreeSet<String>,
    }
    let text = "hashed:\n  - zebra # z\n  - ant # a\n  - mole # m\n  - bee\n  - cat # c\nsorted:\n  # first\n  - z # z\n  - a # a\n  - m\n";
    let changes: [fn(&mut Sets); 2] = [
        |sets| {
            sets.hashed.insert("new".into());
            sets.sorted.insert("b".into());
        },
        |sets| {
            sets.hashed.remove("ant");
            sets.sorted.remove("z");
        },
    ];
    let more = changed("app.yaml", text, &Sets::default(), &changes[..1]);
    assert_eq!(more, text.replace("# c\n", "# c\n  - new\n") + "  - b\n");
    let less = changed("app.yaml", &more, &Sets::default(), &changes[1..]);
    let words = |text: &str| -> Vec<String> {
        let items = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- "));
        items.map(str::to_owned).collect()
    };
    assert_eq!(
        words(&less),
        [
            "zebra # z",
            "mole # m",
            "bee",
            "cat # c",
            "new",
            "a # a",
            "m",
            "b"
        ]
    );
}

/// However large they are, and in whichever order the hashes happen to be: each round has other ones.
#[test]
fn items_of_hashed_sets_stay_whatever_their_order_is_by_chance() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Hashed {
        set: HashSet<String>,
        under: Vec<Under>,
    }
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Under {
        set: HashSet<u8>,
    }
    let more = |hashed: &mut Hashed| {
        hashed.set.extend(["new", "another"].map(str::to_owned));
        hashed.under[0].set.extend([9, 10]);
    };
    let other = |hashed: &mut Hashed| {
        hashed.set.retain(|item| item != "dog");
        hashed.set.insert("new".into());
        hashed.under[0].set.remove(&8);
        hashed.under[0].set.insert(9);
    };
    let names = ["dog", "zebra # z", "ant # a", "mole # m"];
    for round in 0..24 {
        let list = |indent: &str, items: &[&str]| -> String {
            items
                .iter()
                .map(|item| format!("{indent}- {item}\n"))
                .collect()
        };
        let text = |names: &[&str], numbers: &[&str]| {
            format!(
                "set:\n{}under:\n  - set:\n{}",
                list("  ", names),
                list("      ", numbers)
            )
        };
        let count = 1 + round % names.len();
        let kept = &names[..count];
        let before = text(kept, &["8 # eight", "7"]);
        let after = changed("app.yaml", &before, &Hashed::default(), &[more]);
        let all = [kept, &["another", "new"]].concat();
        assert_eq!(after, text(&all, &["8 # eight", "7", "9", "10"]), "{round}");
        if count > 1 {
            let after = changed("app.yaml", &before, &Hashed::default(), &[other]);
            let all = [&kept[1..], &["new"]].concat();
            assert_eq!(after, text(&all, &["7", "9"]), "{round}");
        }
    }
}

#[test]
fn a_list_of_which_items_are_not_read_keeps_its_order() {
    fn even<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let all = Vec::<u8>::deserialize(from)?;
        Ok(all.into_iter().filter(|n| n % 2 == 0).collect())
    }
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Even {
        #[serde(deserialize_with = "even")]
        list: Vec<u8>,
    }
    changed(
        "app.toml",
        "list = [1, 2, 3, 4, 6, 2]\n",
        &Even::default(),
        &[|even| even.list.reverse(), |even| even.list.insert(1, 8)],
    );
}

#[test]
fn settings_under_several_aliases_are_changed_at_once() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Window {
        width: u8,
        height: u8,
    }
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Aliased {
        #[serde(alias = "colour")]
        color: String,
        #[serde(alias = "win", alias = "frame")]
        window: Window,
        #[serde(alias = "numbers")]
        list: Vec<u8>,
        plain: u8,
        under: Vec<Aliased>,
    }
    let texts = [
        (
            "app.yaml",
            "colour: red # 1\nframe: {width: 1, more: 2} # 2\nnumbers: [1] # 3\nplain: 1\nother: 1\nunder:\n  - colour: red\n    numbers: [1]\n",
        ),
        (
            "app.toml",
            "colour = \"red\" # 1\nframe = { width = 1, more = 2 } # 2\nnumbers = [1] # 3\nplain = 1\nother = 1\n\n[[under]]\ncolour = \"red\"\nnumbers = [1]\n",
        ),
    ];
    for (name, text) in texts {
        let after = changed(
            name,
            text,
            &Aliased::default(),
            &[|all| {
                for one in std::iter::once(&mut all.color)
                    .chain(all.under.iter_mut().map(|under| &mut under.color))
                {
                    *one = "blue".into();
                }
                all.window.width = 9;
                all.list = vec![7];
                all.under[0].list = vec![7];
                all.plain = 8;
            }],
        );
        let wanted = text
            .replace("red", "blue")
            .replace("width: 1", "width: 9")
            .replace("width = 1", "width = 9");
        let wanted = wanted
            .replace("[1]", "[7]")
            .replace("plain: 1", "plain: 8")
            .replace("plain = 1", "plain = 8");
        assert_eq!(after, wanted, "{name}");
    }
}

#[test]
fn a_tagged_enum_becomes_another_variant() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Mode {
        Off,
        Auto,
        Level(u8),
        Wide { width: u8 },
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Modes {
        mode: Mode,
        all: Vec<Mode>,
        other: u8,
    }
    let modes = Modes {
        mode: Mode::Off,
        all: Vec::new(),
        other: 1,
    };
    for mode in [
        "!Wide {width: 1, more: 2} # w",
        "!Level 3",
        "!Off",
        "!Wide\n  width: 1",
    ] {
        let text = format!("mode: {mode}\nall: [!Level 1, !Off , Auto]\nother: 1 # one\n");
        let after = changed(
            "app.yaml",
            &text,
            &modes,
            &[
                |s| s.other = 2,
                |s| s.mode = Mode::Auto,
                |s| s.mode = Mode::Wide { width: 4 },
                |s| s.all[0] = Mode::Auto,
                |s| s.all[1] = Mode::Level(9),
            ],
        );
        assert!(after.ends_with("other: 2 # one\n"), "{after}");
        for change in [
            (|s| s.mode = Mode::Auto) as fn(&mut Modes),
            |s| s.mode = Mode::Level(7),
            |s| s.mode = Mode::Wide { width: 8 },
            |s| s.all.reverse(),
        ] {
            changed("app.yaml", &text, &modes, &[change]);
        }
    }
}

#[test]
fn a_refusal_says_why_of_a_secret_too() {
    fn trimmed<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Secret<String>, D::Error> {
        let text = Secret::<String>::deserialize(from)?;
        Ok(Secret::new(text.expose().trim().to_owned()))
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Login {
        word: Option<Secret<String>>,
        #[serde(deserialize_with = "trimmed")]
        short: Secret<String>,
    }
    impl Default for Login {
        fn default() -> Login {
            Login {
                word: Some(Secret::new("hushed".into())),
                short: Secret::new(String::new()),
            }
        }
    }
    let dir = folder();
    let store = Store::<Login>::builder(dir.path().join("app.toml"))
        .open()
        .unwrap();
    let refused = |change: fn(&mut Login)| chain(&store.update(change).unwrap_err());
    let ends =
        |said: &str, end: &str| assert!(said.ends_with(end) && !said.contains("hushed"), "{said}");
    ends(
        &refused(|login| login.word = None),
        r#"`word` would be read back as "[redacted]", not as null; a missing key gets its default: change the default, or exempt this key with `Builder::unchecked`"#,
    );
    ends(
        &refused(|login| login.short = Secret::new(" hushed ".into())),
        "`short` would be read back as another value; make the type write it the way it reads it, or exempt this key with `Builder::unchecked`",
    );
}
