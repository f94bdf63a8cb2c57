//! The texts of several documents, and which of them have to do with a secret.

use std::collections::HashMap;

use persist_format::KeyPath;

use super::overlap::{Overlap, PART, SECRET};
use super::texts::{Plain, Secrets, Texts};

/// The texts of several documents.
#[derive(Default)]
pub(super) struct Gathered<'v> {
    pub(super) secrets: Secrets<'v>,
    /// All others, each with the number of its document.
    plain: Vec<(usize, Plain<'v>)>,
}

impl<'v> Gathered<'v> {
    pub(super) fn add(&mut self, document: usize, texts: Texts<'v>) {
        self.secrets.extend(texts.secrets);
        let plain = texts.plain.into_iter().map(|plain| (document, plain));
        self.plain.extend(plain);
    }

    /// Texts that are related to a secret, and to a text at one of the places in question.
    pub(super) fn derived(&self) -> Vec<&str> {
        if self.secrets.is_empty() {
            return Vec::new();
        }
        let all = self.plain.iter().map(|(_, plain)| plain);
        let shown = all.clone().filter(|plain| plain.path.is_some());
        let shown: Vec<&str> = shown.map(|plain| &*plain.text).collect();
        let shown = Overlap::new(&shown, PART);
        let all = all.map(|plain| &*plain.text);
        let near: Vec<&str> = all.filter(|text| shown.touches(text, SECRET)).collect();
        let are_related = self.secrets.related(&[], &near);
        those_that_are(near, are_related)
    }

    /// Texts that only one of two sides has, and that are parts of a secret: it was split, or is to be put together.
    pub(super) fn split(&self, side: impl Fn(usize) -> usize) -> Vec<&str> {
        let mut sides: HashMap<&str, [bool; 2]> = HashMap::new();
        for (document, plain) in &self.plain {
            sides.entry(&plain.text).or_default()[side(*document)] = true;
        }
        let of_one = sides.into_iter().filter(|(_, [old, new])| old != new);
        let of_one: Vec<&str> = of_one.map(|(text, _)| text).collect();
        let are_parts = self.secrets.parts(&of_one);
        those_that_are(of_one, are_parts)
    }

    /// The places in question whose texts are related to a secret, of which these are `more`.
    pub(super) fn hidden(&self, more: &[&str]) -> Vec<(usize, &KeyPath)> {
        let shown = self.plain.iter();
        let shown = shown.filter_map(|(at, plain)| Some(((*at, plain.path.as_ref()?), plain)));
        let (places, texts): (Vec<_>, Vec<&str>) =
            shown.map(|(place, plain)| (place, &*plain.text)).unzip();
        let are_related = self.secrets.related(more, &texts);
        those_that_are(places, are_related)
    }
}

fn those_that_are<T>(all: Vec<T>, are: Vec<bool>) -> Vec<T> {
    let both = all.into_iter().zip(are);
    both.filter(|(_, is)| *is).map(|(one, _)| one).collect()
}
