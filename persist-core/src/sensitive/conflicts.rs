//! Conflicts without the secrets in them.

use persist_format::merge::Conflict;
use persist_format::{Document, KeyPath, Value};

use super::following::{Told, beside};
use super::rules::Sensitive;

impl Sensitive {
    /// Redacts what is told of the conflicts of three versions of a document. Any of them, and the documents beside them, may make a secret of a
    /// value: by the place where it has it, or by a secret that has the same text.
    pub(crate) fn redact_conflicts(&self, versions: [&Document; 3], conflicts: &mut [Conflict]) {
        let beside: Vec<Document> = versions.into_iter().flat_map(beside).collect();
        let values = conflicts.iter().flat_map(|conflict| {
            let sides = [&conflict.base, &conflict.ours, &conflict.theirs];
            let values = sides.into_iter().flatten();
            values.map(|value| (&conflict.path, value))
        });
        let told = Told::values(versions.map(Document::value).to_vec(), values.collect());
        let beside = beside
            .iter()
            .map(|document| Told::nothing(document.value()));
        let told: Vec<Told<'_>> = std::iter::once(told).chain(beside).collect();
        let rules = self.of_told(&told).swap_remove(0);
        for conflict in conflicts {
            let sides = [&mut conflict.base, &mut conflict.ours, &mut conflict.theirs];
            for value in sides.into_iter().flatten() {
                *value = rules.redact(&conflict.path, value);
            }
        }
    }

    /// What two versions of a tree have at a path, redacted as conflicts are. That a secret is null tells nothing of it, and is to be seen.
    pub(crate) fn redact_pair(&self, trees: [&Value; 2], path: &KeyPath) -> [Option<Value>; 2] {
        let values = trees.map(|tree| tree.get(path));
        let told = values.into_iter().flatten().map(|value| (path, value));
        let told = Told::values(trees.to_vec(), told.collect());
        let rules = self.of_told(&[told]).swap_remove(0);
        let redacted = |value: &Value| match value {
            Value::Null => Value::Null,
            value => rules.redact(path, value),
        };
        values.map(|value| value.map(redacted))
    }
}
