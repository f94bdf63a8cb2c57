//! Three-way merge of values.

use crate::path::{KeyPath, Segment};
use crate::value::{Map, Value};

/// A place that both sides changed, each in its own way. `None` is "not there".
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// Where.
    pub path: KeyPath,
    /// What both started from.
    pub base: Option<Value>,
    /// What our side made of it.
    pub ours: Option<Value>,
    /// What their side made of it.
    pub theirs: Option<Value>,
}

/// Takes the changes of both sides since `base`. Maps are merged key by key; a sequence is merged item by item where neither side changed its
/// length, and is one value otherwise.
///
/// # Errors
///
/// Every place where both sides changed the same value differently.
pub fn three_way(base: &Value, ours: &Value, theirs: &Value) -> Result<Value, Vec<Conflict>> {
    let mut merger = Merger {
        path: KeyPath::root(),
        conflicts: Vec::new(),
    };
    let merged = merger.value(Some(base), Some(ours), Some(theirs));
    if merger.conflicts.is_empty() {
        Ok(merged.unwrap_or(Value::Null))
    } else {
        Err(merger.conflicts)
    }
}

struct Merger {
    path: KeyPath,
    conflicts: Vec<Conflict>,
}

impl Merger {
    fn value(
        &mut self,
        base: Option<&Value>,
        ours: Option<&Value>,
        theirs: Option<&Value>,
    ) -> Option<Value> {
        if ours == theirs || base == theirs {
            return ours.cloned();
        }
        if base == ours {
            return theirs.cloned();
        }
        match (base, ours, theirs) {
            (base, Some(Value::Map(a)), Some(Value::Map(b))) => {
                let none = Map::new();
                let base = base.and_then(Value::as_map).unwrap_or(&none);
                Some(self.map(base, a, b).into())
            }
            (Some(Value::Sequence(base)), Some(Value::Sequence(a)), Some(Value::Sequence(b)))
                if base.len() == a.len() && base.len() == b.len() =>
            {
                Some(self.sequence(base, a, b).into())
            }
            _ => {
                self.conflicts.push(Conflict {
                    path: self.path.clone(),
                    base: base.cloned(),
                    ours: ours.cloned(),
                    theirs: theirs.cloned(),
                });
                ours.cloned()
            }
        }
    }

    fn child(
        &mut self,
        segment: Segment,
        base: Option<&Value>,
        ours: Option<&Value>,
        theirs: Option<&Value>,
    ) -> Option<Value> {
        self.path.push(segment);
        let merged = self.value(base, ours, theirs);
        self.path.pop();
        merged
    }

    fn map(&mut self, base: &Map, ours: &Map, theirs: &Map) -> Map {
        let mut merged = Map::new();
        let only_theirs = theirs.keys().filter(|key| ours.get_key(key).is_none());
        for key in ours.keys().chain(only_theirs) {
            let segment = Segment::Key(key.as_key_text().unwrap_or_else(|| key.to_string()));
            if let Some(value) = self.child(
                segment,
                base.get_key(key),
                ours.get_key(key),
                theirs.get_key(key),
            ) {
                merged.insert(key.clone(), value);
            }
        }
        merged
    }

    fn sequence(&mut self, base: &[Value], ours: &[Value], theirs: &[Value]) -> Vec<Value> {
        let items = base.iter().zip(ours).zip(theirs).enumerate();
        items
            .filter_map(|(at, ((base, a), b))| {
                self.child(Segment::Index(at), Some(base), Some(a), Some(b))
            })
            .collect()
    }
}
