//! Which item of a list in a document each item that was read came from, and whether reading keeps their order. Pure.
//!
//! Neither the text nor what was read says whether a list is a `Vec`, whose order is a setting, or a set, which has an order of its
//! own. It is decided by one comparison of the two. A type may spell an item in another way than the text does, so that not every
//! item is found again, but one thing holds for all that read item by item: an item that is spelled as the type spells it is read as
//! itself. If such an item was read, and not in its place, then reading does not keep the order. If there is none, then the list is
//! taken for one whose order counts: a wrong guess in this direction refuses a save, one in the other would lose an order.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet, VecDeque};

use persist_format::Value;

/// What became of the items of a list in reading.
#[derive(Debug, PartialEq)]
pub(crate) struct Pairing {
    /// For each item that was read the place in the text of the one that it came from.
    pub(crate) sources: Vec<Option<usize>>,
    /// Whether reading puts the items in another order than the text.
    pub(crate) reordered: bool,
}

impl Pairing {
    pub(crate) fn of(text: &[Value], read: &[Value]) -> Pairing {
        let reordered = is_reordered(text, read);
        let sources = match text.len() == read.len() && !reordered {
            true => (0..text.len()).map(Some).collect(),
            false => sources(text, read),
        };
        Pairing { sources, reordered }
    }
}

/// Whether reading puts the items in another order. It may drop some of the text's, or add to them.
pub(crate) fn is_reordered(text: &[Value], read: &[Value]) -> bool {
    let in_place = |(text, read): (&Value, &Value)| says(text, read);
    if text.len() == read.len() && text.iter().zip(read).all(in_place) {
        return false;
    }
    let spellings = Spellings::of(text, read);
    let may_be = |t: usize, r: usize| says(&text[t], &read[r]) || !spellings.is_the_types(t);
    // Whether the items of the shorter list come one after the other in the longer one.
    let mut left = 0..text.len().max(read.len());
    let in_order = match read.len() <= text.len() {
        true => (0..read.len()).all(|r| left.any(|t| may_be(t, r))),
        false => (0..text.len()).all(|t| left.any(|r| may_be(t, r))),
    };
    !in_order
}

/// Which items of the text are spelled as the type spells them. Each is looked for once, and only if it matters.
struct Spellings<'a> {
    text: &'a [Value],
    read: &'a [Value],
    words: HashSet<String>,
    known: Vec<OnceCell<bool>>,
}

impl<'a> Spellings<'a> {
    fn of(text: &'a [Value], read: &'a [Value]) -> Self {
        Self {
            text,
            read,
            words: read.iter().filter_map(word).collect(),
            known: vec![OnceCell::new(); text.len()],
        }
    }

    fn is_the_types(&self, at: usize) -> bool {
        let text = &self.text[at];
        let look = || match word(text) {
            Some(word) => self.words.contains(&word),
            None => self.read.iter().any(|read| says(text, read)),
        };
        *self.known[at].get_or_init(look)
    }
}

/// The sources of items that were put in another order, or of which some were dropped.
fn sources(text: &[Value], read: &[Value]) -> Vec<Option<usize>> {
    let mut sources = partners(read, text, Some);
    let mut taken = vec![false; text.len()];
    let mut take = |sources: &mut [Option<usize>], pairs: Vec<(usize, usize)>| {
        for (r, t) in pairs {
            sources[r] = Some(t);
            taken[t] = true;
        }
        let is_left = |at: &usize| !taken[*at];
        let texts: Vec<usize> = (0..text.len()).filter(is_left).collect();
        let reads = (0..read.len()).filter(|at| sources[*at].is_none());
        (texts, reads.collect::<Vec<usize>>())
    };
    let equal = sources.iter().enumerate();
    let equal = equal.filter_map(|(r, t)| Some((r, (*t)?))).collect();
    let (texts, reads) = take(&mut sources, equal);
    // Other spellings of scalars by their words, the rest one by one.
    let words = |items: &[Value], at: &[usize]| -> Vec<Option<String>> {
        at.iter().map(|at| word(&items[*at])).collect()
    };
    let (text_words, read_words) = (words(text, &texts), words(read, &reads));
    let same_words = partners(&read_words, &text_words, Option::as_ref);
    let same_words = reads.iter().zip(same_words);
    let same_words = same_words.filter_map(|(r, t)| Some((*r, texts[t?])));
    let same_words = same_words.collect();
    let (texts, reads) = take(&mut sources, same_words);
    let says_it = one_by_one(&texts, &reads, |t, r| says(&text[t], &read[r]));
    let (texts, reads) = take(&mut sources, says_it);
    // Nothing else is left that they could have come from.
    if let ([t], [r]) = (texts.as_slice(), reads.as_slice())
        && text.len() == read.len()
    {
        sources[*r] = Some(*t);
    }
    sources
}

fn one_by_one(
    texts: &[usize],
    reads: &[usize],
    fits: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize)> {
    let mut texts = texts.to_vec();
    let pair = |r: &usize| {
        let found = texts.iter().position(|t| fits(*t, *r))?;
        Some((*r, texts.remove(found)))
    };
    reads.iter().filter_map(pair).collect()
}

/// For each of `items` the place of one of the same key among `others`, each of which is taken once.
pub(crate) fn partners<'a, T, K: std::hash::Hash + Eq>(
    items: &'a [T],
    others: &'a [T],
    key: impl Fn(&'a T) -> Option<K>,
) -> Vec<Option<usize>> {
    let mut places: HashMap<K, VecDeque<usize>> = HashMap::with_capacity(others.len());
    for (at, other) in others.iter().enumerate() {
        if let Some(key) = key(other) {
            places.entry(key).or_default().push_back(at);
        }
    }
    let partner = |item| places.get_mut(&key(item)?)?.pop_front();
    items.iter().map(partner).collect()
}

/// Whether `text` spells `read` as the type does, or at most as another kind: `1` for a float, a date for its text. A map need not
/// have all keys, and may have more.
fn says(text: &Value, read: &Value) -> bool {
    match (text, read) {
        (Value::Tagged(tagged), read) => {
            let name = tagged.tag.trim_start_matches('!');
            says(&tagged.value, content(read, name).unwrap_or(read))
        }
        (Value::Map(text), Value::Map(read)) => {
            let mut shared = read
                .iter()
                .filter_map(|(key, read)| Some((text.get_key(key)?, read)))
                .peekable();
            let is_of_it = shared.peek().is_some() || (text.is_empty() && read.is_empty());
            is_of_it && shared.all(|(text, read)| says(text, read))
        }
        (Value::Sequence(text), Value::Sequence(read)) => {
            let in_order = || text.iter().zip(read).all(|(text, read)| says(text, read));
            let all: Vec<usize> = (0..read.len()).collect();
            let pairs = || one_by_one(&all, &all, |t, r| says(&text[t], &read[r]));
            text.len() == read.len() && (in_order() || pairs().len() == all.len())
        }
        (text, read) => text == read || word(text).is_some_and(|text| Some(text) == word(read)),
    }
}

/// A scalar without its kind.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::Float(x) => {
            let word = x.to_string();
            Some(word.strip_suffix(".0").map(str::to_owned).unwrap_or(word))
        }
        Value::Null => None,
        other => other.as_key_text(),
    }
}

/// The content of the variant of that name, where the value is an enum's.
pub(crate) fn content<'a>(value: &'a Value, variant: &str) -> Option<&'a Value> {
    match value {
        Value::Map(map) if map.len() == 1 => map.get(variant),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(json: &str) -> Vec<Value> {
        let value: serde_json::Value = serde_json::from_str(json).expect("JSON");
        Value::from(value).as_sequence().expect("a list").to_vec()
    }

    fn check(text: &str, read: &str, sources: &[Option<usize>], reordered: bool) {
        let sources = sources.to_vec();
        let wanted = Pairing { sources, reordered };
        assert_eq!(
            Pairing::of(&list(text), &list(read)),
            wanted,
            "{text} as {read}"
        );
    }

    #[test]
    fn a_list_keeps_its_order_however_its_items_are_spelled() {
        let in_order = [Some(0), Some(1), Some(2)];
        for (text, read) in [
            (r#"["a", "b", "a"]"#, r#"["a", "b", "a"]"#),
            (r#"["Prod", "eu", "prod"]"#, r#"["prod", "eu", "prod"]"#),
            (r#"["prod", "eu", "Prod"]"#, r#"["prod", "eu", "prod"]"#),
            (
                "[0.333333333, 0.5, 0.25]",
                "[0.3333333432674408, 0.5, 0.25]",
            ),
            ("[1, 2, 3]", "[1.0, 2.0, 3.0]"),
            (r#"[1, "2", 3]"#, r#"["1", "2", "3"]"#),
            (
                r#"[{"n": "A", "x": 1}, {"n": "b"}, {}]"#,
                r#"[{"n": "a"}, {"n": "b"}, {"n": "b"}]"#,
            ),
            (
                r#"[{"cmd": "a"}, {"command": "b"}, {}]"#,
                r#"[{"command": "b"}, {"command": "b"}, {"command": ""}]"#,
            ),
            (r#"[[2, 1], [1, 2], ["A"]]"#, r#"[[1, 2], [1, 2], ["a"]]"#),
        ] {
            check(text, read, &in_order, false);
        }
    }

    #[test]
    fn a_set_is_known_by_an_item_that_is_out_of_its_place() {
        let turned = [Some(1), Some(0)];
        for (text, read) in [
            (r#"["b", "a"]"#, r#"["a", "b"]"#),
            (r#"["Prod", "eu"]"#, r#"["eu", "prod"]"#),
            (r#"["http", 80]"#, r#"[80, "http"]"#),
            (r#"[{"B": 1}, "Plain"]"#, r#"["Plain", {"B": 1}]"#),
            (
                r#"[{"C": {"x": 1}}, {"B": 1}]"#,
                r#"[{"B": 1}, {"C": {"x": 1}}]"#,
            ),
            (r#"[2, 1.5]"#, "[1.5, 2.0]"),
            (
                r#"[{"n": "b", "more": 1}, {"n": "a"}]"#,
                r#"[{"n": "a", "p": 0}, {"n": "b", "p": 0}]"#,
            ),
            ("[[3], [2, 1]]", "[[1, 2], [3]]"),
        ] {
            check(text, read, &turned, true);
        }
        check(
            r#"["b", "a", "b"]"#,
            r#"["a", "b"]"#,
            &[Some(1), Some(0)],
            false,
        );
        check(
            r#"["b", "a", "a"]"#,
            r#"["a", "b"]"#,
            &[Some(1), Some(0)],
            true,
        );
    }

    #[test]
    fn items_may_be_dropped_or_added() {
        check(
            r#"["x", "a", "b"]"#,
            r#"["a", "b"]"#,
            &[Some(1), Some(2)],
            false,
        );
        check(
            r#"["A", "b", "a"]"#,
            r#"["a", "b"]"#,
            &[Some(2), Some(1)],
            false,
        );
        check(r#"["a"]"#, r#"["x", "a"]"#, &[None, Some(0)], false);
        check(
            r#"["b", "a"]"#,
            r#"["x", "a", "b"]"#,
            &[None, Some(1), Some(0)],
            true,
        );
        check("[]", "[]", &[], false);
    }
}
