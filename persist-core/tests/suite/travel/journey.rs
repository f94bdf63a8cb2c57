//! One document on its way, and what must be true of it at each stop.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use persist_core::migrate::Complement;
use persist_core::{Document, Draft, Format, KeyPath, Manifest, MigrationGraph, Version};
use serde_json::Value as Json;

use super::VERSIONS;
use super::seen::{Line, comments, lines};
use super::written::SECTIONS;

/// What a person does. The numbers choose among what there is.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    Set(u16, u16),
    Remove(u16),
    /// A key that no schema knows.
    Add(u16),
    /// A comment on a line of its own.
    Note(u16),
    /// A comment put otherwise.
    Reword(u16),
}

fn manifest() -> Manifest {
    Manifest::parse(crate::migrate::MANIFEST).expect("the sample manifest is valid")
}

fn graph() -> &'static MigrationGraph<Draft> {
    static GRAPH: LazyLock<MigrationGraph<Draft>> =
        LazyLock::new(|| manifest().graph().expect("parse has built it"));
    &GRAPH
}

/// The law is proven on JSON values in persist-migrate: they say what the text must say.
fn values() -> &'static MigrationGraph<Json> {
    static GRAPH: LazyLock<MigrationGraph<Json>> =
        LazyLock::new(|| manifest().graph().expect("parse has built it"));
    &GRAPH
}

fn v(version: usize) -> Version {
    VERSIONS[version].parse().expect("a version")
}

pub(super) struct Journey {
    document: Document,
    kept: Complement,
    twin: Json,
    twin_kept: Complement,
    at: usize,
    /// All lines that have been seen and not been touched, and from which version on they are to be there.
    known: BTreeMap<Line, usize>,
    /// The text that each version was left with, and its lines, until a person writes somewhere.
    left: BTreeMap<usize, String>,
    order: BTreeMap<usize, Vec<Line>>,
    notes: usize,
    /// Every text so far, for the message.
    story: Vec<String>,
}

impl Journey {
    pub(super) fn begin(text: &str, format: Format, at: usize) -> Result<Self, String> {
        let document =
            Document::parse(text.as_bytes(), format).map_err(|e| format!("{e}\n{text}"))?;
        let mut journey = Self {
            twin: document.value().to_json(),
            document,
            kept: Complement::empty(),
            twin_kept: Complement::empty(),
            at,
            known: BTreeMap::new(),
            left: BTreeMap::new(),
            order: BTreeMap::new(),
            notes: 0,
            story: Vec::new(),
        };
        journey.learn();
        Ok(journey)
    }

    fn wrong(&self, what: &str) -> String {
        let (at, now) = (VERSIONS[self.at], self.document.text());
        format!("at {at}: {what}\n{}--- now\n{now}", self.story.concat())
    }

    fn tell(&mut self, what: &str) {
        self.story
            .push(format!("--- {what}\n{}", self.document.text()));
    }

    fn learn(&mut self) {
        let lines = lines(&self.document);
        self.order.insert(
            self.at,
            lines.iter().map(|(line, _)| line.clone()).collect(),
        );
        for (line, date) in lines {
            self.known.entry(line).or_insert(date);
        }
    }

    /// As `ConfigFile::migrate_to` does it, complements stored in between as it stores them.
    pub(super) fn go(&mut self, to: usize) -> Result<(), String> {
        let before = self.document.text().to_owned();
        let came_from = self.order.get(&self.at).cloned().unwrap_or_default();
        self.left.insert(self.at, before);
        self.tell(&format!("{} to {}", VERSIONS[self.at], VERSIONS[to]));
        let plan = graph()
            .plan(&v(self.at), &v(to))
            .expect("each version leads to each");
        let mut draft = Draft::new(self.document.clone());
        let report = graph().run(&plan, &mut draft, &mut self.kept);
        let report =
            report.map_err(|e| self.wrong(&format!("{e}: {:?}", std::error::Error::source(&e))))?;
        self.document = draft.finish().map_err(|e| e.to_string())?;
        self.stamp(to)?;
        let stored = serde_json::to_vec(&self.kept).map_err(|e| e.to_string())?;
        self.kept = serde_json::from_slice(&stored).map_err(|e| e.to_string())?;
        let plan = values()
            .plan(&v(self.at), &v(to))
            .expect("each version leads to each");
        let twin = values().run(&plan, &mut self.twin, &mut self.twin_kept);
        twin.map_err(|e| e.to_string())?;
        self.twin["schema_version"] = VERSIONS[to].into();
        self.at = to;
        if !report.reversible {
            return Err(self.wrong("no way back"));
        }
        self.check(&came_from)?;
        self.learn();
        Ok(())
    }

    fn stamp(&mut self, to: usize) -> Result<(), String> {
        let key = "schema_version".parse().map_err(|_| "a path")?;
        // The line is the migration's own.
        self.known.retain(|line, _| line.path != "schema_version");
        self.order
            .values_mut()
            .for_each(|lines| lines.retain(|line| line.path != "schema_version"));
        let stamped = self.document.set(&key, VERSIONS[to]);
        stamped.map(drop).map_err(|e| e.to_string())
    }

    fn check(&self, came_from: &[Line]) -> Result<(), String> {
        let wrong = |what: &str| Err(self.wrong(what));
        if self.document.value().to_json() != self.twin {
            return wrong(&format!("the values are not {}", self.twin));
        }
        let now: Vec<Line> = lines(&self.document)
            .into_iter()
            .map(|(line, _)| line)
            .collect();
        let there: BTreeSet<&Line> = now.iter().collect();
        for (line, date) in &self.known {
            if *date <= self.at && !there.contains(line) {
                return wrong(&format!("lost: {:?}", line.text));
            }
        }
        if let Some((comment, n)) = comments(&self.document).into_iter().find(|(_, n)| *n > 1) {
            return wrong(&format!("{n} times: {comment}"));
        }
        let was = self.order.get(&self.at).map_or(&[][..], Vec::as_slice);
        let visited = self.order.contains_key(&self.at);
        let new = now
            .iter()
            .find(|line| !self.known.contains_key(*line) && line.path != "schema_version");
        if let (true, Some(line)) = (visited, new) {
            return wrong(&format!("new: {:?}", line.text));
        }
        let place = |of: &[Line], line: &Line| of.iter().position(|other| other == line);
        let turned = |earlier: &[Line], later: &[Line], a: &Line, b: &Line| match (
            place(earlier, a).zip(place(earlier, b)),
            place(later, a).zip(place(later, b)),
        ) {
            (Some((a, b)), Some((c, d))) => (a < b) != (c < d),
            _ => false,
        };
        for (earlier, agrees) in [(came_from, &[][..]), (was, came_from)] {
            for (at, a) in earlier.iter().enumerate() {
                // Two lines that the version before has the other way round can't stand as in both: the last word counts.
                let other_way =
                    |b: &&Line| turned(earlier, &now, a, b) && !turned(earlier, agrees, a, b);
                if earlier[at + 1..].iter().any(|b| other_way(&b)) {
                    return wrong("the lines are in another order");
                }
            }
        }
        match self.left.get(&self.at) {
            Some(text) if text != self.document.text() => wrong(&format!(
                "unlike when it was left, with nothing edited since:\n{text}"
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn edit(&mut self, edit: &Edit) -> Result<(), String> {
        let before = self.document.clone();
        self.tell(&format!("{edit:?}"));
        match edit {
            Edit::Set(which, value) => self.set(*which, Some(*value))?,
            Edit::Remove(which) => self.set(*which, None)?,
            Edit::Add(n) => self.add(*n)?,
            Edit::Note(which) => self.note(*which),
            Edit::Reword(which) => self.reword(*which),
        }
        if self.document.text() == before.text() {
            return Ok(());
        }
        self.left.clear();
        let (old, new) = (lines(&before), lines(&self.document));
        let stays = |line: &Line| new.iter().any(|(other, _)| other == line);
        for (line, _) in old.iter().filter(|(line, _)| !stays(line)) {
            self.known.remove(line);
            self.order
                .values_mut()
                .for_each(|lines| lines.retain(|other| other != line));
        }
        self.learn();
        Ok(())
    }

    /// The keys of this version, in sections that are there.
    fn keys(&self) -> Vec<String> {
        let here = SECTIONS.iter().filter(|(name, since, _)| {
            *since <= self.at && self.twin.get(*name).is_some_and(Json::is_object)
        });
        let inner =
            here.flat_map(|(name, _, keys)| keys.iter().map(move |key| format!("{name}.{key}")));
        ["theme", "language"]
            .map(String::from)
            .into_iter()
            .chain(inner)
            .collect()
    }

    fn set(&mut self, which: u16, value: Option<u16>) -> Result<(), String> {
        let keys = self.keys();
        let key = &keys[usize::from(which) % keys.len()];
        self.assign(key, value)
    }

    fn assign(&mut self, key: &str, value: Option<u16>) -> Result<(), String> {
        let path: KeyPath = key.parse().map_err(|_| "a path")?;
        let before = comments(&self.document);
        let done = match value {
            Some(n) => self.document.set(&path, i64::from(n)),
            None if self.document.get(&path).is_none() => return Ok(()),
            None => self.document.remove(&path),
        };
        if let Err(error) = done {
            return Err(self.wrong(&format!("{key}: {error}")));
        }
        if value.is_some() && comments(&self.document) != before {
            return Err(self.wrong("setting a key lost a comment"));
        }
        let (section, last) = key
            .split_once('.')
            .map_or((None, key), |(a, b)| (Some(a), b));
        let map = match section {
            Some(section) => &mut self.twin[section],
            None => &mut self.twin,
        };
        match (map.as_object_mut(), value) {
            (Some(map), Some(n)) => drop(map.insert(last.to_owned(), n.into())),
            (Some(map), None) => drop(map.remove(last)),
            (None, _) => {}
        }
        Ok(())
    }

    fn add(&mut self, n: u16) -> Result<(), String> {
        self.notes += 1;
        let sections: Vec<_> = self
            .keys()
            .iter()
            .filter_map(|key| Some(key.split_once('.')?.0.to_owned()))
            .collect();
        let key = match sections.get(usize::from(n) % (sections.len() + 1)) {
            Some(section) => format!("{section}.added_{}", self.notes),
            None => format!("added_{}", self.notes),
        };
        self.assign(&key, Some(n))
    }

    fn mark(&self) -> Option<&'static str> {
        match self.document.format() {
            Format::Json => None,
            Format::Jsonc => Some("//"),
            _ => Some("#"),
        }
    }

    /// Above a line that has a key.
    fn note(&mut self, which: u16) {
        let Some(mark) = self.mark() else { return };
        let text = self.document.text().to_owned();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let which = usize::from(which) % lines.len();
        let indent = &lines[which][..lines[which].len() - lines[which].trim_start().len()];
        let end = if lines[which].ends_with("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        self.notes += 1;
        let indent = indent.trim_end_matches(['\n', '\r']);
        let note = format!("{indent}{mark} added {}{end}", self.notes);
        let (above, below) = lines.split_at(which);
        self.by_hand(&[&above.concat(), note.as_str(), &below.concat()].concat());
    }

    fn reword(&mut self, which: u16) {
        let found: Vec<String> = self.document.comments().map(str::to_owned).collect();
        if found.is_empty() {
            return;
        }
        self.notes += 1;
        let comment = &found[usize::from(which) % found.len()];
        let text = self.document.text().replacen(
            &format!("{comment}\n"),
            &format!("{comment} again {}\n", self.notes),
            1,
        );
        self.by_hand(&text);
    }

    /// Only what leaves the values alone.
    fn by_hand(&mut self, text: &str) {
        if let Ok(read) = self.document.with_text(text)
            && read.value() == self.document.value()
        {
            self.document = read;
        }
    }
}
