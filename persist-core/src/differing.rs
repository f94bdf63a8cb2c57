//! Where settings that were read back are not the ones that were asked for. Pure.

use std::collections::{BTreeMap, HashSet};

use persist_format::{KeyPath, Map, Value, diff};

use crate::pairing::{Pairing, content, is_reordered, partners};
use crate::rebase::Places;

/// A place in a document, and the settings that were read from there. Either may be absent: a setting may be of the defaults, or
/// in the document under an alias.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReadSettings<'a> {
    pub(crate) text: Option<&'a Value>,
    pub(crate) read: Option<&'a Value>,
}

impl<'a> ReadSettings<'a> {
    pub(crate) fn new(text: &'a Value, read: &'a Value) -> Self {
        let (text, read) = (Some(text), Some(read));
        Self { text, read }
    }

    fn list(self) -> Option<(&'a [Value], &'a [Value])> {
        match (self.text.map(Value::untagged), self.read) {
            (Some(Value::Sequence(text)), Some(Value::Sequence(read))) => Some((text, read)),
            _ => None,
        }
    }

    /// Whether it is a set: no list is read without an item because there is an equal one.
    pub(crate) fn drops_what_is_there_twice(self) -> bool {
        self.list().is_some_and(|(text, read)| {
            let others: HashSet<&Value> = text.iter().collect();
            others.len() < text.len() && read.len() <= others.len()
        })
    }

    pub(crate) fn is_reordered(self) -> bool {
        self.list()
            .is_some_and(|(text, read)| is_reordered(text, read))
    }
}

/// The places where a document that was written gives something else than was asked for. `first` is the document as it was, from which
/// the settings came that were changed; `last` is the one that was written.
///
/// They must be equal, but for the order of lists whose order reading does not keep: those are sets ([`Pairing`]).
pub(crate) fn differing(
    first: ReadSettings<'_>,
    asked: &Value,
    last: ReadSettings<'_>,
) -> Vec<KeyPath> {
    let mut walk = Walk {
        path: KeyPath::root(),
        places: Vec::new(),
    };
    walk.value(first, Some(asked), last);
    walk.places
}

struct Walk {
    path: KeyPath,
    places: Vec<KeyPath>,
}

impl Walk {
    fn value(&mut self, first: ReadSettings<'_>, asked: Option<&Value>, last: ReadSettings<'_>) {
        if asked == last.read {
            return;
        }
        match (asked, last.read) {
            (Some(Value::Map(asked)), Some(Value::Map(found))) => {
                self.map(first, asked, last, found);
            }
            (Some(Value::Sequence(asked)), Some(Value::Sequence(found))) => {
                self.list(first, asked, last, found);
            }
            _ => self.places.push(self.path.clone()),
        }
    }

    fn map(&mut self, first: ReadSettings<'_>, asked: &Map, last: ReadSettings<'_>, found: &Map) {
        let none = Map::new();
        let before = match first.read {
            Some(Value::Map(before)) => before,
            _ => &none,
        };
        // What is in neither was not there before the change, for that had the same origin.
        let known = |key: &Value| before.get_key(key).is_some() || asked.get_key(key).is_some();
        let (old, new) = (
            Entries::of(first, before, &known),
            Entries::of(last, found, &known),
        );
        let gone = before.keys().filter(|key| asked.get_key(key).is_none());
        for key in asked.keys().chain(gone) {
            self.path.push(key_text(key));
            self.value(old.get(key), asked.get_key(key), new.get(key));
            self.path.pop();
        }
        let more = found.keys().filter(|key| !known(key));
        self.places
            .extend(more.map(|key| self.path.child(&key_text(key))));
    }

    fn list(
        &mut self,
        first: ReadSettings<'_>,
        asked: &[Value],
        last: ReadSettings<'_>,
        found: &[Value],
    ) {
        // What was not touched is read in one order today and in another tomorrow where it is hashed.
        let is_untouched = match (first.text, last.text) {
            (None, None) => true,
            (old, new) => old == new,
        };
        let asked_for =
            |read: Option<&Value>| matches!(read, Some(Value::Sequence(items)) if items == asked);
        let is_set =
            (is_untouched && asked_for(first.read)) || first.is_reordered() || last.is_reordered();
        let partners = match is_set {
            true => equal_items(asked, found),
            false => (0..asked.len()).map(Some).collect(),
        };
        if asked.len() != found.len() || partners.contains(&None) {
            self.places.push(self.path.clone());
            return;
        }
        let (old, new) = (Items::of(first), Items::of(last));
        let before = match first.read {
            Some(Value::Sequence(before)) => diff::items(before, asked),
            _ => vec![None; asked.len()],
        };
        for (at, partner) in partners.into_iter().flatten().enumerate() {
            let first = before[at].map_or_else(ReadSettings::default, |at| old.get(at));
            self.path.push(at);
            self.value(first, Some(&asked[at]), new.get(partner));
            self.path.pop();
        }
    }
}

/// The entries of a map, each with its place in the text.
pub(crate) struct Entries<'a> {
    read: &'a Map,
    text: Option<(Places<'a>, &'a Map)>,
    /// The content of a variant that is written as a tag, and its name.
    tagged: Option<(&'a str, &'a Value)>,
    known: &'a dyn Fn(&Value) -> bool,
}

impl<'a> Entries<'a> {
    pub(crate) fn of(
        reading: ReadSettings<'a>,
        read: &'a Map,
        known: &'a dyn Fn(&Value) -> bool,
    ) -> Self {
        let tagged = match (reading.text, reading.read) {
            (Some(Value::Tagged(tagged)), Some(read)) => {
                let name = tagged.tag.trim_start_matches('!');
                content(read, name).map(|_| (name, &tagged.value))
            }
            _ => None,
        };
        let text = match reading.text.map(Value::untagged) {
            Some(Value::Map(text)) => Some((Places::of(text), text)),
            _ => None,
        };
        Self {
            read,
            text,
            tagged,
            known,
        }
    }

    pub(crate) fn get(&self, key: &Value) -> ReadSettings<'a> {
        let read = self.read.get_key(key);
        let text = match (self.tagged, &self.text) {
            (Some((name, content)), _) if key.as_str() == Some(name) => Some(content),
            (None, Some((places, text))) => {
                let entry = places.find(key).and_then(|at| text.entry_at(at));
                entry
                    .map(|(_, value)| value)
                    .or_else(|| self.alias(text, read?))
            }
            _ => None,
        };
        ReadSettings { text, read }
    }

    /// The list that a list was read from, under a key that the settings don't have.
    fn alias(&self, text: &'a Map, read: &Value) -> Option<&'a Value> {
        let Value::Sequence(read) = read else {
            return None;
        };
        let lists = text.iter().filter(|(key, _)| !(self.known)(key));
        let mut lists = lists.filter(|(_, value)| match value {
            Value::Sequence(text) => {
                text.len() == read.len() && !partners(text, read, Some).contains(&None)
            }
            _ => false,
        });
        let (_, first) = lists.next()?;
        // Of several one says nothing.
        lists.next().is_none().then_some(first)
    }
}

/// The items of a list, each with its place in the text.
pub(crate) struct Items<'a> {
    reading: ReadSettings<'a>,
    sources: Vec<Option<usize>>,
}

impl<'a> Items<'a> {
    pub(crate) fn of(reading: ReadSettings<'a>) -> Self {
        let pairing = reading.list().map(|(text, read)| Pairing::of(text, read));
        let sources = pairing.map_or_else(Vec::new, |pairing| pairing.sources);
        Self { reading, sources }
    }

    pub(crate) fn get(&self, at: usize) -> ReadSettings<'a> {
        let item = |list: Option<&'a Value>, at: usize| match list.map(Value::untagged) {
            Some(Value::Sequence(items)) => items.get(at),
            _ => None,
        };
        let source = self.sources.get(at).copied().flatten();
        ReadSettings {
            text: source.and_then(|at| item(self.reading.text, at)),
            read: item(self.reading.read, at),
        }
    }
}

pub(crate) fn key_text(key: &Value) -> String {
    key.as_key_text().unwrap_or_else(|| key.to_string())
}

/// For each item of a set the equal one of the other. Where sets are in sets, their items are compared afterwards.
fn equal_items(a: &[Value], b: &[Value]) -> Vec<Option<usize>> {
    let equal = partners(a, b, Some);
    if !equal.contains(&None) {
        return equal;
    }
    let in_words = |items: &[Value]| -> Vec<String> { items.iter().map(in_words).collect() };
    partners(&in_words(a), &in_words(b), Some)
}

/// The same words for the same value, in whichever order its entries and items are.
pub(crate) fn in_words(value: &Value) -> String {
    match value {
        Value::Map(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| (key.to_string(), in_words(value)));
            format!("{:?}", entries.collect::<BTreeMap<_, _>>())
        }
        Value::Sequence(items) => {
            let mut items: Vec<String> = items.iter().map(in_words).collect();
            items.sort_unstable();
            format!("{items:?}")
        }
        other => other.to_string(),
    }
}
