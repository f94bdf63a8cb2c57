//! Several edits in one command: whether an index says the same of the list as it was and as it is by then.

use persist_core::format::Segment;
use persist_core::{KeyPath, Value};

/// The places that were edited so far, in order.
#[derive(Debug, Default)]
pub(super) struct Edited(Vec<Place>);

#[derive(Clone, Debug, PartialEq)]
struct Place {
    path: KeyPath,
    /// Whether it is an item that was added at the end of its list.
    added: bool,
}

impl Edited {
    /// Adds a place, with its indexes as they are in `now`; `Err` says what is unclear about it.
    pub(super) fn add(&mut self, key: &KeyPath, now: &Value) -> Result<(), String> {
        let (path, added) = resolved(key, now);
        for before in &self.0 {
            if before.added && counts_in(key, &before.path, now) {
                let list = before.path.parent().unwrap_or_default();
                return Err(format!(
                    "`{key}` may mean the list `{list}` before or after the addition"
                ));
            }
            let (short, long) = match path.starts_with(&before.path) {
                true => (&before.path, &path),
                false if before.path.starts_with(&path) => (&path, &before.path),
                false => (&before.path, &path),
            };
            let beyond = &long.segments()[short.segments().len().min(long.segments().len())..];
            let has_index =
                |segments: &[Segment]| segments.iter().any(|s| matches!(s, Segment::Index(_)));
            let within = long.starts_with(short);
            let same =
                path == before.path && has_index(&path.segments()[path.segments().len() - 1..]);
            if same {
                return Err(format!("`{key}` is the item `{path}`, which is set before"));
            }
            if within && path != before.path && has_index(beyond) && !added {
                return Err(format!(
                    "`{long}` is part of `{short}`, which changes as a whole"
                ));
            }
        }
        self.0.push(Place { path, added });
        Ok(())
    }
}

/// Whether the key counts in the list that an item was added to: from its end, or that item itself.
fn counts_in(key: &KeyPath, item: &KeyPath, now: &Value) -> bool {
    let Some((list, last)) = item.split_last() else {
        return false;
    };
    let mut way = KeyPath::root();
    key.segments().iter().any(|segment| {
        let in_list = resolved(&way, now).0 == list;
        way.push(segment.clone());
        in_list && (matches!(segment, Segment::FromEnd(_)) || segment == last)
    })
}

/// The path with each index as it is counted from the beginning, and whether it adds an item.
pub(super) fn resolved(key: &KeyPath, root: &Value) -> (KeyPath, bool) {
    let mut here = Some(root);
    let mut path = KeyPath::root();
    let mut added = false;
    for segment in key.segments() {
        let items = here.and_then(|value| value.untagged().as_sequence());
        let segment = match items {
            Some(items) => {
                let index = index_in(segment, items.len());
                added |= index == Some(items.len());
                index.map_or_else(|| segment.clone(), Segment::Index)
            }
            None => segment.clone(),
        };
        path.push(segment);
        here = root.get(&path);
    }
    (path, added)
}

fn index_in(segment: &Segment, len: usize) -> Option<usize> {
    match segment {
        Segment::Index(index) => Some(*index),
        Segment::FromEnd(back) => len.checked_sub(*back),
        Segment::Append => Some(len),
        Segment::Key(key) if key == "-" => Some(len),
        Segment::Key(key) => key.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_must_mean_one_item() {
        let root = Value::from_cli(r#"{"l": [1, 2, {"m": [1]}], "a": {"b": 1}}"#);
        let check = |keys: &str, wanted: &str| {
            let mut edited = Edited::default();
            let mut now = root.clone();
            let told = keys.split(' ').find_map(|key| {
                let key: KeyPath = key.parse().unwrap();
                let told = edited.add(&key, &now).err();
                drop(now.set(&key, 9.into()));
                told
            });
            assert_eq!(told.unwrap_or_default(), wanted, "{keys}");
        };
        check("a a.b a", "");
        check("l[0] l[1] l[2].m[0]", "");
        check("l[+] l[+] l[0]", "");
        check("l l[+]", "");
        check(
            "l[0] l[0]",
            "`l[0]` is the item `l[0]`, which is set before",
        );
        check(
            "l[0] l[-3]",
            "`l[-3]` is the item `l[0]`, which is set before",
        );
        check("l l[0]", "`l[0]` is part of `l`, which changes as a whole");
        check("l[0] l", "`l[0]` is part of `l`, which changes as a whole");
        check(
            "l[+] l[-1]",
            "`l[-1]` may mean the list `l` before or after the addition",
        );
        check("l[2] l[2].x", "");
    }
}
