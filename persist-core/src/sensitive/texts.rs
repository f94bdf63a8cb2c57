//! The texts of documents: those of secrets, and all others.

use std::borrow::Cow;
use std::collections::HashSet;

use persist_format::{KeyPath, Value};

use super::embedded::within;
use super::overlap::{Overlap, PART, SECRET, related};
use super::places::Places;
use super::rules::Sensitive;
use super::walk::{Walk, scalar_text};

/// The texts of a document.
#[derive(Default)]
pub(super) struct Texts<'v> {
    /// Where the secrets are.
    pub(super) paths: Vec<KeyPath>,
    pub(super) secrets: Secrets<'v>,
    /// All others.
    pub(super) plain: Vec<Plain<'v>>,
}

/// A text that is no secret by its own place.
pub(super) struct Plain<'v> {
    pub(super) text: Cow<'v, str>,
    /// Where it is, if that is one of the places in question.
    pub(super) path: Option<KeyPath>,
}

/// The texts of secrets.
#[derive(Default)]
pub(super) struct Secrets<'v> {
    /// Those of whole values.
    whole: Vec<Cow<'v, str>>,
    /// Those within texts, such as the password of an address. Related to one is only what is the same: the rest of an address often
    /// has the word that is its password.
    within: HashSet<&'v str>,
}

impl<'v> Texts<'v> {
    pub(super) fn of(rules: &Sensitive, document: &'v Value, places: &Places) -> Texts<'v> {
        Texts::at(rules, &KeyPath::root(), document, places)
    }

    pub(super) fn at(
        rules: &Sensitive,
        path: &KeyPath,
        value: &'v Value,
        places: &Places,
    ) -> Texts<'v> {
        let mut texts = Texts::default();
        let mut each = |walk: &Walk<'_>, value: &'v Value, is_secret: bool| {
            if is_secret {
                texts.paths.push(walk.path().clone());
                collect(value, &mut texts.secrets.whole);
                return;
            }
            if let Value::String(text) = value.untagged() {
                let parts = within(text).into_iter().map(|part| &text[part]);
                texts.secrets.within.extend(parts);
            }
            if let Some(text) = scalar_text(value) {
                let path = Some(walk.path()).filter(|path| places.concern(path));
                texts.plain.push(Plain {
                    text,
                    path: path.cloned(),
                });
            }
        };
        Walk::at(rules, path).scalars(value, &mut each);
        texts
    }
}

impl<'v> Secrets<'v> {
    pub(super) fn extend(&mut self, more: Secrets<'v>) {
        self.whole.extend(more.whole);
        self.within.extend(more.within);
    }

    /// Whether each of the texts is related to a secret, of which these are `more`: has one in it, or is part of one.
    pub(super) fn related(&self, more: &[&str], texts: &[&str]) -> Vec<bool> {
        let whole = self.whole.iter().map(|text| &**text);
        let whole: Vec<&str> = whole.chain(more.iter().copied()).collect();
        let is_long = |text: &str| text.chars().nth(SECRET - 1).is_some();
        let mut are_related = related(&whole, texts);
        for (is_related, text) in are_related.iter_mut().zip(texts) {
            *is_related |= self.within.contains(text) && is_long(text);
        }
        are_related
    }

    /// Whether each of the texts is part of a secret.
    pub(super) fn parts(&self, texts: &[&str]) -> Vec<bool> {
        let whole: Vec<&str> = self.whole.iter().map(|text| &**text).collect();
        let no_text_as_a_whole = usize::MAX;
        let secrets = Overlap::new(&whole, no_text_as_a_whole);
        texts
            .iter()
            .map(|text| secrets.touches(text, PART))
            .collect()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        let whole = self.whole.iter().map(|text| &**text);
        whole.chain(self.within.iter().copied())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.within.is_empty()
    }
}

/// All texts in a secret.
fn collect<'v>(value: &'v Value, texts: &mut Vec<Cow<'v, str>>) {
    match value.untagged() {
        Value::Map(map) => map.values().for_each(|value| collect(value, texts)),
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, texts)),
        other => texts.extend(scalar_text(other)),
    }
}
