//! Where a list of lenses loses something, said in the paths of the document before the first of them.

use super::Lens;
use crate::path::Path;

/// The places, as patterns, where going on and coming back may give something else.
pub(crate) fn lossy_paths(lenses: &[Lens]) -> Vec<Path> {
    let mut paths = Vec::new();
    for (index, lens) in lenses.iter().enumerate() {
        for path in lens.losses() {
            // Back through the lenses before it, the last one first.
            paths.push(
                lenses[..index]
                    .iter()
                    .rev()
                    .fold(path, |path, earlier| earlier.inverse().follow(path)),
            );
        }
    }
    paths
}

impl Lens {
    fn losses(&self) -> Vec<Path> {
        match self {
            Self::Default { path, .. } => vec![path.clone()],
            Self::Join { path, from, .. } if !from.is_empty() => {
                from.iter().chain([path]).cloned().collect()
            }
            Self::Split { path, into, .. } => into.iter().chain([path]).cloned().collect(),
            _ if self.is_lossy() => vec![self.anchor().clone()],
            _ => Vec::new(),
        }
    }

    /// Where a node goes when this lens is applied.
    fn follow(&self, path: Path) -> Path {
        let moved = |from: &Path, to: &Path| path.below(from).map(|rest| to.join(rest));
        let beside = |map: &Path, key: &str| map.parent().unwrap_or_default().child(key);
        let new = match self {
            Self::Rename { path: old, to } => moved(old, &beside(old, to)),
            Self::Move { from, to } => moved(from, to),
            Self::Hoist { path: map, key } => moved(&map.child(key.as_str()), &beside(map, key)),
            Self::Plunge { path: map, key } => moved(&beside(map, key), &map.child(key.as_str())),
            Self::Wrap { path: old, key } => moved(old, &inside(old, key.as_deref())),
            Self::Unwrap { path: old, key } => moved(&inside(old, key.as_deref()), old),
            Self::Join {
                path: whole, from, ..
            } => from.iter().find_map(|part| moved(part, whole)),
            _ => None,
        };
        new.unwrap_or(path)
    }
}

fn inside(path: &Path, key: Option<&str>) -> Path {
    key.map_or_else(|| path.child(0), |key| path.child(key))
}
