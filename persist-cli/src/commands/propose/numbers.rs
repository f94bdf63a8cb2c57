//! Which versions a draft leads from and to: those that the samples say, and where they say none, such as `check` will take.

use persist_core::Version;
use persist_core::migrate::Manifest;
use serde_json::Value;

use crate::failure::Failure;

/// The versions of a draft.
#[derive(Debug)]
pub(super) struct Numbers {
    pub(super) from: Version,
    pub(super) to: Version,
    /// Those that the manifest does not list.
    pub(super) unlisted: Vec<Version>,
    /// What a person should know of how they were found.
    pub(super) notes: Vec<String>,
}

/// From what the older and the newer sample say. Every pair that comes out is one that a manifest may have an edge for: the second is above
/// the first, and there is no edge between them yet unless the samples ask for it.
pub(super) fn numbers(manifest: &Manifest, said: &[Option<Value>; 2]) -> Result<Numbers, Failure> {
    let mut notes = Vec::new();
    let [old, new] = said.each_ref().map(|said| {
        let version = said.as_ref()?.as_str().and_then(|text| text.parse().ok());
        if version.is_none() {
            let said = said.as_ref().map(ToString::to_string).unwrap_or_default();
            notes.push(format!(
                "{said} is not a version such as 1.2.0, so another number was used"
            ));
        }
        version
    });
    let mut listed: Vec<&Version> = manifest.versions.iter().map(|v| &v.version).collect();
    listed.sort();
    let (from, to) = match (old, new) {
        (Some(old), Some(new)) if new < old => {
            let message =
                format!("the first has version {old}, the second {new}; name the older one first");
            return Err(Failure::usage(message));
        }
        (Some(old), Some(new)) if new == old => {
            notes.push(format!(
                "both have version {old}; an edge must lead to another version"
            ));
            let next = next(manifest, &listed, &old)?;
            (old, next)
        }
        (Some(old), Some(new)) => (old, new),
        (Some(old), None) => {
            let next = next(manifest, &listed, &old)?;
            (old, next)
        }
        (None, Some(new)) => {
            let below = listed.iter().rev().find(|version| ***version < new);
            let first = [Version::new(1, 0, 0), Version::new(0, 1, 0)];
            let below = below.map(|version| (*version).clone());
            let below = below.or_else(|| first.into_iter().find(|version| *version < new));
            (below.unwrap_or_else(|| Version::new(0, 0, 0)), new)
        }
        (None, None) => {
            let newest = listed.last().map(|version| (*version).clone());
            let from = newest.unwrap_or_else(|| Version::new(1, 0, 0));
            let next = next(manifest, &listed, &from)?;
            (from, next)
        }
    };
    if has_edge(manifest, &from, &to) {
        notes.push(format!(
            "an edge from {from} to {to} already exists; there can be only one"
        ));
    }
    let unlisted = [&from, &to];
    let unlisted = unlisted
        .into_iter()
        .filter(|version| !listed.contains(version));
    Ok(Numbers {
        unlisted: unlisted.cloned().collect(),
        from,
        to,
        notes,
    })
}

fn has_edge(manifest: &Manifest, from: &Version, to: &Version) -> bool {
    let mut edges = manifest.edges.iter();
    edges.any(|edge| edge.from == *from && edge.to == *to)
}

/// The listed version that the next edge is for, else a number that nothing has yet.
fn next(manifest: &Manifest, listed: &[&Version], from: &Version) -> Result<Version, Failure> {
    let mut listed_after = listed.iter().filter(|version| **version > from);
    if let Some(version) = listed_after.find(|version| !has_edge(manifest, from, version)) {
        return Ok((*version).clone());
    }
    let minors = from.minor.checked_add(1).map(|next| next..=u64::MAX);
    let mut after = minors
        .into_iter()
        .flatten()
        .map(|minor| Version::new(from.major, minor, 0));
    let free = after.find(|version| !listed.contains(&version));
    free.ok_or_else(|| {
        let message = format!("no minor version comes after {from}");
        Failure::usage(message)
            .with_hint("put the version that the edge leads to into the second sample")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_one_that_a_manifest_may_hold() {
        let manifest = |text: &str| Manifest::parse(text).expect("as the test set it up");
        let nothing = Manifest::new("a");
        let one = manifest(r#"{"app": "a", "versions": [{"version": "1.0.0"}]}"#);
        let waiting = manifest(
            r#"{"app": "a", "versions": [{"version": "1.0.0"}, {"version": "1.5.0"}, {"version": "2.0.0"}],
                "edges": [{"from": "1.0.0", "to": "1.5.0", "lenses": []}]}"#,
        );
        let table = [
            (&nothing, None, None, "1.0.0 to 1.1.0"),
            (&nothing, Some("1.0.0"), Some("1.0.0"), "1.0.0 to 1.1.0"),
            (&nothing, Some("2.3.4"), None, "2.3.4 to 2.4.0"),
            (&nothing, None, Some("1.0.0"), "0.1.0 to 1.0.0"),
            (&nothing, None, Some("3.0.0"), "1.0.0 to 3.0.0"),
            (&nothing, Some("two"), Some("2"), "1.0.0 to 1.1.0"),
            (&nothing, Some("1.0.0"), Some("1.0.1"), "1.0.0 to 1.0.1"),
            (&one, None, None, "1.0.0 to 1.1.0"),
            (&one, None, Some("2.0.0"), "1.0.0 to 2.0.0"),
            (&waiting, None, None, "2.0.0 to 2.1.0"),
            (&waiting, Some("1.0.0"), None, "1.0.0 to 2.0.0"),
            (&waiting, Some("1.5.0"), Some("1.5.0"), "1.5.0 to 2.0.0"),
        ];
        for (manifest, old, new, wanted) in table {
            let found = numbers(manifest, &[old.map(Value::from), new.map(Value::from)]);
            let found = found.expect("a pair");
            assert_eq!(format!("{} to {}", found.from, found.to), wanted);
            assert!(found.from < found.to);
            assert!(!has_edge(manifest, &found.from, &found.to), "{wanted}");
        }
        let last = format!("1.{}.0", u64::MAX);
        let said = [Some(Value::from(last.as_str())), None];
        let failure = numbers(&nothing, &said).expect_err("none comes after it");
        assert_eq!(
            failure.message,
            format!("no minor version comes after {last}")
        );
        let said = [Some(Value::from(format!("1.{}.7", u64::MAX - 1))), None];
        let found = numbers(&nothing, &said).expect("the last one");
        assert_eq!(found.to.to_string(), last);
        let backwards = [Some(Value::from("2.0.0")), Some(Value::from("1.0.0"))];
        assert!(numbers(&one, &backwards).is_err());
    }
}
