//! What a load gives back is what was asked for, or the save is refused: the ways in which settings used to be lost behind an `Ok`.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Debug;
use std::fs;

use persist_core::{Error, Notice, Receipt, Secret, Store};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::support::{chain, folder};

pub(crate) const NAMES: [&str; 4] = ["app.json", "app.jsonc", "app.toml", "app.yaml"];

/// A store in a folder that lasts as long.
pub(crate) struct Kept<T> {
    pub(crate) store: Store<T>,
    _dir: tempfile::TempDir,
}

impl<T: Serialize + DeserializeOwned + Default> Kept<T> {
    pub(crate) fn new(name: &str, text: &str) -> Kept<T> {
        Kept::with(name, text, T::default())
    }
}

impl<T: Serialize + DeserializeOwned> Kept<T> {
    pub(crate) fn with(name: &str, text: &str, defaults: T) -> Kept<T> {
        let dir = folder();
        let path = dir.path().join(name);
        if !text.is_empty() {
            fs::write(&path, text).expect("a file");
        }
        let store = Store::with_defaults(path, defaults).open();
        let store = store.unwrap_or_else(|e| panic!("{name}: {}", chain(&e)));
        Kept { store, _dir: dir }
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut T)) -> Receipt {
        let done = self.store.update(change);
        done.unwrap_or_else(|e| panic!("{}", chain(&e)))
    }

    pub(crate) fn refused(&self, change: impl FnOnce(&mut T)) -> String {
        let before = self.text();
        let error = self.store.update(change).expect_err("refused");
        assert!(
            matches!(error, Error::NotReadBack { .. }),
            "{}",
            chain(&error)
        );
        assert_eq!(self.text(), before);
        chain(&error).replace(&self.store.file().path().display().to_string(), "app")
    }

    pub(crate) fn text(&self) -> String {
        fs::read_to_string(self.store.file().path()).unwrap_or_default()
    }

    pub(crate) fn load(&self) -> T {
        let loaded = self.store.load();
        loaded
            .unwrap_or_else(|e| panic!("{}", chain(&e)))
            .into_value()
    }
}

/// Inserts, changes and removes what is under a key.
fn keys_of_a_kind<K>(old: &K, new: &K)
where
    K: Serialize + DeserializeOwned + Ord + Clone + Debug,
{
    #[derive(Serialize, Deserialize)]
    #[serde(bound(deserialize = "K: DeserializeOwned"))]
    struct Mapped<K: Ord> {
        map: BTreeMap<K, u32>,
    }
    for name in NAMES {
        let defaults = Mapped {
            map: BTreeMap::from([(old.clone(), 1)]),
        };
        let kept = Kept::with(name, "", defaults);
        kept.update(|s| s.map = BTreeMap::from([(old.clone(), 2)]));
        assert_eq!(
            kept.load().map,
            BTreeMap::from([(old.clone(), 2)]),
            "{name}"
        );
        kept.update(|s| {
            s.map.insert(old.clone(), 3);
            s.map.insert(new.clone(), 4);
        });
        let both = BTreeMap::from([(old.clone(), 3), (new.clone(), 4)]);
        assert_eq!(kept.load().map, both, "{name}\n{}", kept.text());
        kept.update(|s| {
            s.map.remove(old);
        });
        assert_eq!(
            kept.load().map,
            BTreeMap::from([(new.clone(), 4)]),
            "{name}"
        );
    }
}

#[test]
fn maps_with_keys_of_every_kind_can_be_changed() {
    keys_of_a_kind(&8080_u16, &9090);
    keys_of_a_kind(&-1_i64, &i64::MIN);
    keys_of_a_kind(&u128::MAX, &0);
    keys_of_a_kind(&true, &false);
    keys_of_a_kind(&'a', &'"');
    keys_of_a_kind(&"1".to_owned(), &"true".to_owned());
    keys_of_a_kind(&Side::Left, &Side::Right);
    keys_of_a_kind(&Port(1), &Port(2));
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Side {
    Left,
    Right,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Port(u16);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Look {
    #[serde(default)]
    accent: String,
    #[serde(default)]
    size: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Theme {
    Plain,
    Custom(Look),
    Other { name: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Address {
    Socket { path: String },
    Host { host: String, port: u16 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Settings {
    keys: BTreeMap<String, String>,
    theme: Theme,
    address: Address,
    width: u32,
    look: Look,
}

fn settings() -> Settings {
    Settings {
        keys: BTreeMap::from([
            ("copy".into(), "ctrl+c".into()),
            ("paste".into(), "ctrl+v".into()),
        ]),
        theme: Theme::Custom(Look {
            accent: "red".into(),
            size: 3,
        }),
        address: Address::Host {
            host: "localhost".into(),
            port: 80,
        },
        width: 800,
        look: Look {
            accent: "blue".into(),
            size: 7,
        },
    }
}

#[test]
fn defaults_fill_fields_and_neither_maps_nor_enums() {
    for name in NAMES {
        let kept = Kept::with(name, "", settings());
        kept.update(|s| {
            s.keys.remove("copy");
            s.theme = Theme::Other { name: "x".into() };
            s.address = Address::Socket { path: "/x".into() };
        });
        let mut wanted = settings();
        wanted.keys.remove("copy");
        wanted.theme = Theme::Other { name: "x".into() };
        wanted.address = Address::Socket { path: "/x".into() };
        assert_eq!(kept.load(), wanted, "{name}\n{}", kept.text());
    }
    // What a person has left out: the fields come from the defaults, the entries don't.
    let text = "theme: Plain\nkeys: {cut: ctrl+x}\nlook: {accent: green}\naddress: {path: /y}\n";
    let kept = Kept::with("app.yaml", text, settings());
    let wanted = Settings {
        keys: BTreeMap::from([("cut".into(), "ctrl+x".into())]),
        theme: Theme::Plain,
        address: Address::Socket { path: "/y".into() },
        look: Look {
            accent: "green".into(),
            size: 7,
        },
        ..settings()
    };
    assert_eq!(
        kept.load(),
        wanted,
        "also where the field has a default of its own"
    );
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Own {
    title: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    plugins: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy: Option<String>,
    width: u32,
}

impl Default for Own {
    fn default() -> Own {
        Own {
            title: Some("untitled".into()),
            plugins: vec!["spell".into()],
            proxy: Some("http://localhost".into()),
            width: 1,
        }
    }
}

#[test]
fn none_and_empty_come_back_though_the_default_is_another() {
    for name in NAMES {
        let kept = Kept::<Own>::new(name, "");
        kept.update(|s| s.width = 2);
        kept.update(|s| s.plugins.clear());
        assert_eq!(
            kept.load().plugins,
            Vec::<String>::new(),
            "{name}\n{}",
            kept.text()
        );
        if name == "app.toml" {
            insta::assert_snapshot!(kept.refused(|s| s.title = None), @r#"app was not saved: `title` would be read back as "untitled", not as null; a missing key gets its default: change the default, or exempt this key with `Builder::unchecked`"#);
            insta::assert_snapshot!(kept.refused(|s| s.proxy = None), @r#"app was not saved: `proxy` would be read back as "http://localhost", not as absent; a missing key gets its default: change the default, or exempt this key with `Builder::unchecked`"#);
            continue;
        }
        kept.update(|s| s.title = None);
        kept.update(|s| s.proxy = None);
        let wanted = Own {
            title: None,
            plugins: Vec::new(),
            proxy: None,
            width: 2,
        };
        assert_eq!(kept.load(), wanted, "{name}\n{}", kept.text());
    }
}

#[test]
fn the_builders_defaults_count_where_the_type_has_its_own() {
    let given = Own {
        title: None,
        plugins: Vec::new(),
        proxy: None,
        width: 50,
    };
    for (name, text) in [
        ("app.toml", ""),
        ("app.toml", "# nothing\n"),
        ("app.json", "{}"),
        ("app.yaml", "# x\n"),
    ] {
        let kept = Kept::with(name, text, given.clone());
        assert_eq!(kept.load(), given, "{name} {text:?}");
        kept.update(|s| assert_eq!(*s, given, "{name} {text:?}"));
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    name: String,
    #[serde(flatten)]
    look: Look,
    #[serde(flatten)]
    rest: BTreeMap<String, u32>,
}

#[test]
fn flattened_fields_are_filled_and_flattened_entries_are_not() {
    let defaults = Flat {
        name: "n".into(),
        look: Look {
            accent: "red".into(),
            size: 9,
        },
        rest: BTreeMap::from([("a".into(), 1)]),
    };
    for name in NAMES {
        let kept = Kept::with(name, "", defaults.clone());
        kept.update(|s| {
            s.rest.remove("a");
        });
        assert_eq!(kept.load().rest, BTreeMap::new(), "{name}");
        kept.update(|s| {
            s.rest.insert("b".into(), 2);
        });
        assert_eq!(
            kept.load().rest,
            BTreeMap::from([("b".into(), 2)]),
            "{name}"
        );
    }
    let kept = Kept::with("app.yaml", "accent: blue\n", defaults.clone());
    let wanted = Flat {
        look: Look {
            accent: "blue".into(),
            size: 9,
        },
        rest: BTreeMap::new(),
        ..defaults
    };
    assert_eq!(kept.load(), wanted);
}

#[test]
fn a_setting_under_an_alias_is_changed_where_it_stands() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Aliased {
        #[serde(alias = "colour")]
        color: String,
        #[serde(alias = "win")]
        window: Look,
        other: u8,
    }
    let texts = [
        "{\n  \"colour\": \"red\", // why\n  \"win\": {\"size\": 1, \"more\": 2}, \"unknown\": 5\n}\n",
        "colour = \"red\" # why\nunknown = 5\nwin = { size = 1, more = 2 }\n",
        "colour: red # why\nunknown: 5\nwin: {size: 1, more: 2}\n",
    ];
    for (name, text) in ["app.jsonc", "app.toml", "app.yaml"].into_iter().zip(texts) {
        let kept = Kept::<Aliased>::new(name, text);
        kept.update(|s| s.color = "blue".into());
        assert_eq!(kept.text(), text.replace("red", "blue"), "{name}");
        kept.update(|s| s.window.size = 3);
        assert_eq!(kept.load().window.size, 3, "{name}");
        let wanted = text.replace("red", "blue");
        let wanted = [": 1", "= 1"]
            .iter()
            .fold(wanted, |t, one| t.replace(one, &one.replace('1', "3")));
        assert_eq!(kept.text(), wanted, "{name}");
        kept.update(|s| s.other = 1);
        assert_eq!(kept.load().other, 1);
    }
}

#[test]
fn a_date_stays_a_date() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Dates {
        #[serde(default)]
        day: String,
        #[serde(default)]
        days: Vec<String>,
    }
    let text = "day = 2020-01-01 # since\ndays = [2020-01-01]\n";
    let kept = Kept::<Dates>::new("app.toml", text);
    kept.update(|s| s.day = "2021-02-03".into());
    kept.update(|s| s.days.push("2022-02-03".into()));
    assert_eq!(
        kept.text(),
        "day = 2021-02-03 # since\ndays = [2020-01-01, 2022-02-03]\n"
    );
    kept.update(|s| s.day = "some day".into());
    assert_eq!(kept.load().day, "some day");
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Server {
    name: String,
    #[serde(default)]
    port: u16,
}

#[test]
fn unknown_keys_of_items_go_where_their_item_goes() {
    let text = "servers:\n  - name: a # first\n    extra: 1\n  - name: b\n    extra: 2\n  - name: c\n    extra: 3\n";
    type Servers = BTreeMap<String, Vec<Server>>;
    let kept = Kept::<Servers>::new("app.yaml", text);
    let extras = |kept: &Kept<Servers>| -> Vec<(String, String)> {
        let document = kept.store.file().document().unwrap();
        let list = document
            .get(&"servers".parse().unwrap())
            .unwrap()
            .as_sequence()
            .unwrap();
        let word = |item: &persist_core::Value, key: &str| {
            item.get(&key.parse().unwrap())
                .map(ToString::to_string)
                .unwrap_or_default()
        };
        list.iter()
            .map(|item| (word(item, "name").replace('"', ""), word(item, "extra")))
            .collect()
    };
    let pair = |name: &str, extra: &str| (name.to_owned(), extra.to_owned());
    // Shorter, another order, and one changed at once.
    kept.update(|s| {
        let list = s.get_mut("servers").unwrap();
        list.remove(0);
        list.swap(0, 1);
        list[0].port = 80;
    });
    assert_eq!(extras(&kept), [pair("c", "3"), pair("b", "2")]);
    kept.update(|s| {
        let list = s.get_mut("servers").unwrap();
        list.insert(
            0,
            Server {
                name: "d".into(),
                port: 1,
            },
        );
        list[2].port = 90;
    });
    assert_eq!(
        extras(&kept),
        [pair("d", ""), pair("c", "3"), pair("b", "2")]
    );
    // Other names are other items: what was known of the old ones is not said of them, and that is told.
    let receipt = kept.update(|s| {
        let list = s.get_mut("servers").unwrap();
        list.reverse();
        list[0].name = "x".into();
        list[1].name = "y".into();
    });
    assert_eq!(extras(&kept), [pair("x", ""), pair("y", ""), pair("d", "")]);
    let lost = receipt.notices.iter().find_map(|notice| match notice {
        Notice::UnknownKeysLost { keys } => Some(keys.clone()),
        _ => None,
    });
    assert_eq!(lost.unwrap(), ["servers[1]", "servers[2]"]);
}

#[test]
fn sets_need_not_keep_their_order() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Sets {
        hashed: HashSet<String>,
        sorted: BTreeSet<u32>,
    }
    for name in NAMES {
        let kept = Kept::<Sets>::new(name, "");
        let mut asked = Sets::default();
        for round in 0..10 {
            let change = |s: &mut Sets| {
                s.hashed.insert(format!("item {round}"));
                s.sorted.insert(100 - round);
                if round % 3 == 2 {
                    s.hashed.remove(&format!("item {}", round - 1));
                    s.sorted.remove(&(102 - round));
                }
            };
            change(&mut asked);
            kept.update(change);
            assert_eq!(kept.load(), asked, "{name}\n{}", kept.text());
        }
        assert_eq!((asked.hashed.len(), asked.sorted.len()), (7, 7));
    }
}

#[test]
fn a_change_within_a_change_is_refused_at_once() {
    let kept = Kept::<BTreeMap<String, u32>>::new("app.toml", "");
    let mut inner = None;
    kept.update(|s| {
        s.insert("a".into(), 1);
        inner = Some(kept.store.update(|s| {
            s.insert("b".into(), 2);
        }));
    });
    assert!(
        matches!(inner, Some(Err(Error::Nested { .. }))),
        "{inner:?}"
    );
    kept.update(|s| {
        s.insert("b".into(), 2);
    });
    assert_eq!(kept.load().len(), 2);
}

#[test]
fn what_the_change_returns_is_given_back_and_nothing_saved() {
    let kept = Kept::<BTreeMap<String, u32>>::new("app.toml", "");
    let error = kept.store.try_update(|s| {
        s.insert("a".into(), 1);
        Err("no")
    });
    let error = error.unwrap_err();
    assert!(matches!(error, Error::Cancelled { .. }));
    assert!(
        chain(&error).ends_with("was not changed: no"),
        "{}",
        chain(&error)
    );
    assert_eq!(kept.text(), "");
}

#[test]
fn reasons_are_journalled() {
    let dir = folder();
    let builder = Store::<BTreeMap<String, u32>>::builder(dir.path().join("app.toml"));
    let store = builder
        .actor("me")
        .reason("by default")
        .options(|o| o.compress_above = 7)
        .open()
        .unwrap();
    assert_eq!(store.file().options().compress_above, 7);
    assert_eq!(store.file().options().actor.name, "me");
    store
        .update(|s| {
            s.insert("a".into(), 1);
        })
        .unwrap();
    store
        .because("just so")
        .update(|s| {
            s.insert("a".into(), 2);
        })
        .unwrap();
    let reasons: Vec<_> = store
        .file()
        .history()
        .unwrap()
        .into_iter()
        .map(|e| e.reason)
        .collect();
    assert_eq!(
        reasons,
        [Some("by default".to_owned()), Some("just so".to_owned())]
    );
}

#[test]
fn a_new_file_of_no_known_format_is_refused_by_name() {
    for name in ["app.ini", "app.ron", "app.conf", "app", "app.env", ".env"] {
        let dir = folder();
        let store = Store::<BTreeMap<String, u32>>::builder(dir.path().join(name))
            .open()
            .unwrap();
        let error = store
            .update(|s| {
                s.insert("a".into(), 1);
            })
            .unwrap_err();
        assert!(
            matches!(error, Error::Invalid(_)),
            "{name}: {}",
            chain(&error)
        );
        assert!(!dir.path().join(name).exists());
        let builder = Store::<BTreeMap<String, u32>>::builder(dir.path().join(name));
        let store = builder.format(persist_core::Format::Toml).open().unwrap();
        store
            .update(|s| {
                s.insert("a".into(), 1);
            })
            .unwrap();
    }
    let dir = folder();
    fs::write(dir.path().join("app.ini"), "[a]\nb = 1\n").unwrap();
    let builder = Store::<serde_json::Value>::builder(dir.path().join("app.ini"));
    let error = builder.open().unwrap().load().unwrap_err();
    insta::assert_snapshot!(chain(&error).replace(&dir.path().display().to_string(), "").replace('\\', "/"), @"/app.ini: the format of `.ini` files is not supported");
}

#[test]
fn secrets_are_found_in_flattened_and_tagged_structs() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Login {
        user: String,
        word: String,
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Way {
        Open,
        Closed(Secret<Login>),
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Account {
        name: String,
        #[serde(flatten)]
        login: Secret<Login>,
        way: Way,
    }
    let login = |word: &str| {
        Secret::new(Login {
            user: "u".into(),
            word: word.into(),
        })
    };
    for name in NAMES {
        let start = Account {
            name: "n".into(),
            login: login("hushed-1"),
            way: Way::Closed(login("hushed-2")),
        };
        let kept = Kept::with(name, "", start);
        kept.update(|s| s.name = "m".into());
        let receipt = kept.update(|s| {
            s.login = login("hushed-3");
            s.way = Way::Closed(login("hushed-4"));
        });
        let shown = format!("{:?}", receipt.changes);
        assert!(!shown.contains("hushed"), "{name}: {shown}");
        assert_eq!(kept.load().login, login("hushed-3"));
    }
}

#[test]
fn what_the_type_makes_of_a_setting_can_be_let_through() {
    fn short<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        String::deserialize(from).map(|text| text.trim().to_owned())
    }
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Trimmed {
        #[serde(deserialize_with = "short")]
        path: String,
        other: u8,
    }
    let kept = Kept::<Trimmed>::new("app.json", "{\"path\": \"  x  \"}");
    kept.update(|s| s.other = 1);
    insta::assert_snapshot!(kept.refused(|s| s.path = " y ".into()), @r#"app was not saved: `path` would be read back as "y", not as " y "; make the type write it the way it reads it, or exempt this key with `Builder::unchecked`"#);
    let builder = Store::<Trimmed>::builder(kept.store.file().path());
    let store = builder.unchecked("path".parse().unwrap()).open().unwrap();
    store.update(|s| s.path = " y ".into()).unwrap();
    assert_eq!(store.load().unwrap().path, "y");
}

/// A type whose own words it can't read is not saved, whatever was changed and whatever may pass unchecked.
#[test]
fn what_does_not_load_is_never_saved() {
    fn as_text<S: serde::Serializer>(_: &u32, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str("many")
    }
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct OneWay {
        #[serde(default, serialize_with = "as_text")]
        count: u32,
        #[serde(default)]
        other: u8,
    }
    for name in NAMES {
        let dir = folder();
        let path = dir.path().join(name);
        for start in [None, Some("{}\n")] {
            if let Some(start) = start.filter(|_| name.ends_with("json") || name.ends_with("jsonc"))
            {
                fs::write(&path, start).unwrap();
            }
            for unchecked in [false, true] {
                let mut builder = Store::<OneWay>::builder(&path);
                if unchecked {
                    builder = builder.unchecked("count".parse().unwrap());
                }
                let store = builder.open().unwrap();
                let before = fs::read(&path).ok();
                for change in [|_: &mut OneWay| {}, |s: &mut OneWay| s.count = 1] {
                    if let Ok(receipt) = store.update(change) {
                        let loaded = store.load().map(persist_core::Loaded::into_value);
                        assert!(loaded.is_ok(), "{name}: {receipt:?} {loaded:?}");
                    }
                }
                assert_eq!(fs::read(&path).ok(), before, "{name}");
            }
        }
    }
}

/// A file whose name does not tell its format is recovered all the same: its copies do.
#[test]
fn a_damaged_file_without_an_extension_comes_back() {
    let dir = folder();
    let path = dir.path().join("settings");
    fs::write(&path, "a = 1\n").unwrap();
    let open = || Store::<BTreeMap<String, u32>>::builder(&path).open();
    let change = |s: &mut BTreeMap<String, u32>| {
        s.insert("b".into(), 2);
    };
    open().unwrap().update(change).unwrap();
    fs::write(&path, [0; 9]).unwrap();
    let store = open().unwrap_or_else(|e| panic!("{}", chain(&e)));
    assert_eq!(
        store.opened().and_then(|receipt| receipt.recovered_from),
        Some(persist_core::RecoverySource::Copy)
    );
    assert_eq!(store.load().unwrap().len(), 2);
}

#[test]
fn the_settings_to_go_on_with_are_those_loaded_last() {
    fn proxy() -> Option<String> {
        Some("default".into())
    }
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Proxied {
        #[serde(default = "proxy", skip_serializing_if = "Option::is_none")]
        proxy: Option<String>,
        #[serde(default, skip_serializing)]
        hidden: u8,
        width: u32,
    }
    let defaults = Proxied {
        proxy: Some("mine".into()),
        hidden: 1,
        width: 800,
    };
    for text in ["{\"proxy\": null, \"hidden\": 2}", "{\"width\": 1}", ""] {
        let kept = Kept::with("app.json", text, defaults.clone());
        let loaded = kept.load();
        fs::write(kept.store.file().path(), "{ broken").unwrap();
        let (value, from) = kept.store.last_good();
        assert_eq!(
            (value, from.as_str()),
            (loaded, "the settings loaded last"),
            "{text:?}"
        );
    }
}
