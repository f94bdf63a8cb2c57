//! Lists and sets: the order that was asked for is read back, or the save is refused; what is a set's may be in any order.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Debug;

use persist_core::{Notice, Receipt};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::meant::Kept;

/// Makes a change to what is in a file, and verifies that it is loaded; the text afterwards.
fn changed<T>(text: &str, change: impl Fn(&mut T)) -> String
where
    T: Serialize + DeserializeOwned + Default + PartialEq + Debug,
{
    let kept = Kept::<T>::new("app.json", text);
    let mut wanted = kept.load();
    change(&mut wanted);
    kept.update(&change);
    assert_eq!(kept.load(), wanted, "{}", kept.text());
    kept.text()
}

fn lowercase<'de, D: Deserializer<'de>, L: FromIterator<String>>(from: D) -> Result<L, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    Ok(texts.into_iter().map(|text| text.to_lowercase()).collect())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    #[serde(alias = "warning")]
    Warn,
    Info,
}

/// Lists of items that are spelled in another way than the type does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Respelled {
    #[serde(deserialize_with = "lowercase")]
    tags: Vec<String>,
    levels: Vec<Level>,
    shares: Vec<f32>,
    rows: Vec<Vec<f32>>,
    hosts: Vec<std::net::IpAddr>,
}

#[test]
fn a_list_keeps_its_order_where_two_items_are_read_alike() {
    let change = |r: &mut Respelled| r.tags[1] = "us".into();
    let text = changed(r#"{"tags": ["Prod", "eu", "prod"]}"#, change);
    assert_eq!(text, r#"{"tags": ["Prod", "us", "prod"]}"#);
    changed(
        r#"{"levels": ["warning", "info", "warn"]}"#,
        |r: &mut Respelled| r.levels = vec![Level::Warn, Level::Warn, Level::Info],
    );
    let thirds = r#"{"shares": [0.333333333, 0.5, 0.33333334]}"#;
    changed(thirds, |r: &mut Respelled| r.shares.swap(1, 2));
    let rows = r#"{"rows": [[0.123456789, 0.5, 0.123456791], [1, 2]]}"#;
    let text = changed(rows, |r: &mut Respelled| r.rows[0][0] = 9.0);
    assert_eq!(text, r#"{"rows": [[9.0, 0.5, 0.123456791], [1, 2]]}"#);
    let hosts = r#"{"hosts": ["::0001", "10.0.0.1", "::1"]}"#;
    changed(hosts, |r: &mut Respelled| r.hosts.swap(0, 1));
}

/// Every way to arrange three items, from every spelling of them.
#[test]
fn every_order_of_a_list_is_read_back() {
    let spellings = ["a", "A", "b"];
    let all = (0..27).map(|n| [n / 9, n / 3 % 3, n % 3].map(|at| spellings[at]));
    for text in all.clone() {
        for asked in all.clone() {
            let text = serde_json::json!({ "tags": text }).to_string();
            changed(&text, |r: &mut Respelled| {
                r.tags = asked.map(str::to_lowercase).to_vec();
            });
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
enum Kind {
    Plain,
    Number(u32),
    Named { name: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
enum Port {
    Number(u16),
    Name(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Sets {
    kinds: BTreeSet<Kind>,
    hashed: HashSet<Kind>,
    ports: BTreeSet<Port>,
    nested: Vec<HashSet<String>>,
    #[serde(deserialize_with = "lowercase", alias = "labels")]
    tags: HashSet<String>,
}

#[test]
fn items_of_a_set_of_several_kinds_are_told_apart() {
    let text = r#"{"kinds": [{"Number": 1}, "Plain"], "ports": ["http", 80]}"#;
    let text = changed(text, |s: &mut Sets| {
        s.kinds.remove(&Kind::Number(1));
        s.kinds.insert(Kind::Number(2));
        s.ports.remove(&Port::Number(80));
        s.ports.insert(Port::Number(81));
    });
    assert_eq!(
        text,
        r#"{"kinds": [{"Number": 2}, "Plain"], "ports": ["http", 81]}"#
    );
}

/// The order of a hash set is another one at each load.
#[test]
fn a_hash_set_may_be_read_in_any_order() {
    let text = r#"{
        "hashed": ["Plain", {"Number": 1}, {"Named": {"name": "x"}}, {"Number": 1}],
        "nested": [["a", "b"], ["c", "d", "e"]],
        "labels": ["Prod", "EU", "us", "cn"]
    }"#;
    for _ in 0..20 {
        changed(text, |s: &mut Sets| {
            s.ports.insert(Port::Number(1));
        });
        changed(text, |s: &mut Sets| {
            s.hashed.remove(&Kind::Number(1));
            s.hashed.insert(Kind::Number(2));
            s.nested.insert(0, HashSet::from(["f".into(), "g".into()]));
            s.nested[1].insert("h".into());
        });
    }
}

/// Where it can't be known which item is which, the list is written in the type's own spelling.
#[test]
fn a_hash_set_whose_items_are_respelled_can_be_changed() {
    for text in [
        r#"{"tags": ["Prod", "EU"]}"#,
        r#"{"tags": ["Prod", "EU", "us"]}"#,
    ] {
        for _ in 0..20 {
            changed(text, |s: &mut Sets| {
                s.tags.insert("cn".into());
            });
            changed(text, |s: &mut Sets| {
                s.tags.remove("prod");
            });
        }
    }
}

#[test]
fn a_removed_item_of_a_set_is_gone() {
    let text = r#"{"kinds": ["Plain", {"Named": {"name": "b"}}, {"Number": 1}], "hashed": ["Plain", {"Number": 3}]}"#;
    for _ in 0..10 {
        let text = changed(text, |s: &mut Sets| {
            s.kinds.remove(&Kind::Plain);
            s.hashed.remove(&Kind::Number(3));
        });
        assert_eq!(
            text,
            r#"{"kinds": [{"Named": {"name": "b"}}, {"Number": 1}], "hashed": ["Plain"]}"#
        );
    }
}

#[test]
fn a_large_set_is_changed() {
    let items: Vec<String> = (0..16_000).map(|n| format!("item {n}")).collect();
    let text = serde_json::json!({ "tags": items }).to_string();
    let kept = Kept::<Sets>::new("app.json", &text);
    kept.update(|s| {
        s.tags.insert("new".into());
    });
    assert_eq!(kept.load().tags.len(), 16_001);
}

/// What the type gives for nothing is another one at each load: a save writes the one that the application saw.
#[test]
fn a_default_that_is_never_the_same_is_written() {
    use std::sync::atomic::{AtomicU32, Ordering};
    fn next() -> u32 {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        NEXT.fetch_add(1, Ordering::Relaxed)
    }
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Client {
        #[serde(default = "next")]
        id: u32,
        name: String,
    }
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Clients {
        clients: Vec<Client>,
    }
    let text = r#"{"clients": [{"name": "a"}, {"name": "b"}]}"#;
    let kept = Kept::<Clients>::new("app.json", text);
    let mut asked = Clients::default();
    kept.update(|c| {
        c.clients[0].name = "x".into();
        asked.clone_from(c);
    });
    assert_eq!(kept.load(), asked);
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Server {
    name: String,
    port: u16,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Servers {
    servers: Vec<Server>,
}

fn keys_lost(receipt: &Receipt) -> Vec<String> {
    let keys = receipt.notices.iter().find_map(|notice| match notice {
        Notice::UnknownKeysLost { keys } => Some(keys.clone()),
        _ => None,
    });
    keys.unwrap_or_default()
}

/// A secret of one is not given to another that took its place.
#[test]
fn unknown_keys_stay_with_the_name() {
    let text = "[[servers]]\nname = 'a'\nsecret = 'x'\n\n[[servers]]\nname = 'b'\nsecret = 'y'\n";
    let kept = Kept::<Servers>::new("app.toml", text);
    let receipt = kept.update(|s| {
        s.servers.remove(0);
        let name = "c".into();
        s.servers.insert(0, Server { name, port: 1 });
    });
    assert_eq!(keys_lost(&receipt), ["servers[0]"]);
    assert!(!kept.text().contains("'x'"), "{}", kept.text());
    assert!(kept.text().contains("name = 'b'\nsecret = 'y'"));
    // What is the same by its name is changed in place.
    let receipt = kept.update(|s| s.servers[1].port = 2);
    assert_eq!(keys_lost(&receipt), [""; 0]);
    assert!(
        kept.text().contains("name = 'b'\nsecret = 'y'\nport = 2"),
        "{}",
        kept.text()
    );
}
