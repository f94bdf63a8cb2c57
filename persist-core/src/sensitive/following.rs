//! Secrets that are followed into other values: what was renamed, moved, converted, repeated or split is a secret still.

use persist_format::diff::{Change, What};
use persist_format::{Document, KeyPath, Segment, Value};

use super::gathered::Gathered;
use super::places::Places;
use super::rules::Sensitive;
use super::texts::Texts;

impl Sensitive {
    /// With whatever in `other` has the same text as a sensitive value in `one`, has it in it, or is part of it: a secret that was renamed,
    /// moved, converted or split is one still. So is what has the same text as a secret within a text of `one`, such as the password of an
    /// address. Texts of one or two characters are not followed; they are everywhere.
    #[must_use]
    pub fn following(mut self, one: &Value, other: &Value) -> Sensitive {
        let Texts { paths, secrets, .. } = Texts::of(&self, one, &Places::default());
        if secrets.is_empty() {
            return self;
        }
        self.mark(paths);
        let mut others = Gathered::default();
        others.add(0, Texts::of(&self, other, &Places::everywhere()));
        others.secrets = secrets;
        let hidden = others.hidden(&[]).into_iter();
        self.mark(hidden.map(|(_, path)| path.clone()));
        self
    }

    /// For what is shown of `document`, the one that is chosen: with whatever in it has the text of a secret, as
    /// [`following`](Self::following) has it, in any document of the stream. Other keys and aliases repeat secrets.
    ///
    /// ```
    /// use persist_core::{Document, Format, KeyPath, Sensitive};
    /// let document = Document::parse(b"token: &t hunter2\nshown: *t\nport: 80\n", Format::Yaml)?;
    /// let sensitive = Sensitive::new().in_document(&document);
    /// let shown = sensitive.redact(&KeyPath::root(), document.value());
    /// assert_eq!(shown.to_string(), r#"{"token": "[redacted]", "shown": "[redacted]", "port": 80}"#);
    /// # Ok::<(), persist_core::format::Error>(())
    /// ```
    #[must_use]
    pub fn in_document(&self, document: &Document) -> Sensitive {
        let mut rules = self.of_texts(&[stream(document)]);
        let chosen = document.number() - 1;
        match rules.first_mut() {
            Some(rules) if chosen < rules.len() => rules.swap_remove(chosen),
            _ => self.clone(),
        }
    }

    /// The rules for each document of a text, or of two that are shown side by side: as after following the secrets of all into all. What
    /// stands under the same keys as a secret of the other text is one, too; an item of a list is not, for it may be another one.
    pub(super) fn of_texts(&self, texts: &[Vec<Document>]) -> Vec<Vec<Sensitive>> {
        let everywhere = Places::everywhere();
        let mut gathered = Gathered::default();
        let mut rules: Vec<Vec<Sensitive>> = Vec::new();
        let mut sides = Vec::new();
        for (side, text) in texts.iter().enumerate() {
            let others = || texts.iter().enumerate().filter(|(at, _)| *at != side);
            let of_text = text.iter().enumerate().map(|(number, document)| {
                let mut own = self.clone();
                for other in others().filter_map(|(_, other)| other.get(number)) {
                    own.paths.extend(self.by_keys(other.value()));
                }
                gathered.add(sides.len(), Texts::of(&own, document.value(), &everywhere));
                sides.push((side, number));
                own
            });
            rules.push(of_text.collect());
        }
        let split = match texts {
            [_, _] => gathered.split(|document| sides[document].0),
            _ => Vec::new(),
        };
        for (document, path) in gathered.hidden(&split) {
            let (side, number) = sides[document];
            rules[side][number].mark([path.clone()]);
        }
        rules
    }

    /// Where secrets are that keys alone lead to.
    fn by_keys(&self, document: &Value) -> impl Iterator<Item = KeyPath> {
        let paths = Texts::of(self, document, &Places::default()).paths;
        let is_key = |step: &Segment| matches!(step, Segment::Key(_));
        let by_keys = move |path: &KeyPath| path.segments().iter().all(is_key);
        paths.into_iter().filter(by_keys)
    }

    /// The rules for what is told of each of these documents: as after following the secrets of all into all, but only the values that are told
    /// are looked at. What stands at the place of a secret of another version is one, too.
    ///
    /// Each version is gone through once, for its secrets. A text that is not told is only looked at where it may make a secret of
    /// one that is: a text which holds or is part of a secret is a secret itself.
    pub(crate) fn of_told(&self, documents: &[Told<'_>]) -> Vec<Sensitive> {
        let mut gathered = Gathered::default();
        let mut rules = Vec::new();
        for (document, told) in documents.iter().enumerate() {
            let mut own = self.clone();
            for version in &told.versions {
                let mut found = Texts::of(&own, version, &told.places);
                own.paths.extend(std::mem::take(&mut found.paths));
                gathered.add(document, found);
            }
            for (path, value) in &told.values {
                let found = Texts::at(&own, path, value, &Places::everywhere());
                gathered.add(document, found);
            }
            rules.push(own);
        }
        let derived = gathered.derived();
        for (document, path) in gathered.hidden(&derived) {
            rules[document].paths.insert(path.clone());
        }
        rules
    }
}

/// What is told of a document, in one or more versions.
pub(crate) struct Told<'v> {
    versions: Vec<&'v Value>,
    /// Where the told values are.
    places: Places,
    /// Those of which that is not certain: of an item of a list its path may be that of another one.
    values: Vec<(&'v KeyPath, &'v Value)>,
}

impl<'v> Told<'v> {
    /// What changed from one version to another.
    pub(crate) fn difference([old, new]: [&'v Value; 2], changes: &'v [Change]) -> Self {
        Self {
            versions: vec![old, new],
            places: Places::of(changes.iter().map(|change| &change.path)),
            values: changes.iter().flat_map(in_lists).collect(),
        }
    }

    /// Values that may be of any of the versions.
    pub(crate) fn values(versions: Vec<&'v Value>, values: Vec<(&'v KeyPath, &'v Value)>) -> Self {
        Self {
            versions,
            places: Places::of(values.iter().map(|(path, _)| *path)),
            values,
        }
    }

    /// Nothing; but it may have secrets.
    pub(crate) fn nothing(version: &'v Value) -> Self {
        Self::values(vec![version], Vec::new())
    }
}

/// The values of a change in a list, which stand elsewhere in the documents than the change's path says.
fn in_lists(change: &Change) -> impl Iterator<Item = (&KeyPath, &Value)> {
    let is_index = |step: &Segment| matches!(step, Segment::Index(_));
    let in_list = change.path.segments().iter().any(is_index);
    let sides = match &change.what {
        What::Added(value) | What::Removed(value) if in_list => [Some(value), None],
        What::Modified { old, new } if in_list => [Some(old), Some(new)],
        _ => [None, None],
    };
    let sides = sides.into_iter().flatten();
    sides.map(|value| (&change.path, value))
}

/// The documents of the stream beside the one that is chosen.
pub(crate) fn beside(document: &Document) -> impl Iterator<Item = Document> {
    let numbers = (0..document.documents()).filter(|at| at + 1 != document.number());
    numbers.filter_map(|number| document.clone().select(number))
}

/// The documents of a text.
pub(super) fn stream(document: &Document) -> Vec<Document> {
    let numbers = 0..document.documents();
    numbers
        .filter_map(|number| document.clone().select(number))
        .collect()
}
