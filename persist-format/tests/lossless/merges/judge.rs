//! What must be there after a merge, said without a look at how merges are made.

use std::collections::{BTreeMap, BTreeSet};

use persist_format::merge::{Merge, Side, UnplacedComment};
use persist_format::{Document, Format, KeyPath, Map, Segment, Value};

use super::about;
use super::documents::places;

/// The first thing that is wrong with a merge, if anything is.
pub(super) fn fault(
    base: &Document,
    ours: &Document,
    theirs: &Document,
    merge: &Merge,
) -> Option<String> {
    let result = &merge.document;
    match Document::parse(&result.bytes(), result.format()) {
        Ok(read) if read.value() == result.value() => {}
        other => return Some(format!("it reads as {other:?}")),
    }
    let mut judge = Judge {
        texts: [base, ours, theirs],
        merge,
        judged: BTreeSet::new(),
    };
    let values = [base, ours, theirs, result].map(|document| Some(document.value()));
    let fault = judge.value(&KeyPath::root(), values);
    fault
        .or_else(|| judge.conflicts())
        .or_else(|| judge.comments())
        .or_else(|| judge.owners())
        .or_else(|| judge.above())
        .or_else(|| about::fault(judge.texts, merge))
        .or_else(|| judge.sections())
        .or_else(|| judge.commas())
        .or_else(|| judge.layout())
        .or_else(|| judge.comments_at_conflicts())
        .or_else(|| judge.named())
}

struct Judge<'m> {
    texts: [&'m Document; 3],
    merge: &'m Merge,
    /// Conflicts that there must be.
    judged: BTreeSet<KeyPath>,
}

impl Judge<'_> {
    /// Whether a place that is reached by keys alone says what it must.
    fn value(&mut self, path: &KeyPath, values: [Option<&Value>; 4]) -> Option<String> {
        if let Some(fault) = Self::keys(path, values) {
            return Some(fault);
        }
        let [base, ours, theirs, there] = values;
        let wanted = match () {
            () if ours == theirs || base == theirs => ours,
            () if base == ours => theirs,
            () => return self.both(path, values),
        };
        let is = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
        (wanted != there).then(|| format!("{path} is {}, and not {}", is(there), is(wanted)))
    }

    /// Whether the keys of a map stand in an order that a side has. In TOML what gets a header, or has had one, goes where the format wants it.
    fn keys(path: &KeyPath, values: [Option<&Value>; 4]) -> Option<String> {
        let maps = values.map(|value| value.and_then(Value::as_map));
        let all = maps.iter().flatten().flat_map(|map| map.iter());
        let gets_header = |value: &Value| match value {
            Value::Map(_) => true,
            Value::Sequence(items) => items.iter().any(|item| item.as_map().is_some()),
            _ => false,
        };
        let (headers, others): (Vec<_>, Vec<_>) = all.partition(|(_, value)| gets_header(value));
        let is_both = |key: &Value| {
            [&headers, &others]
                .iter()
                .all(|some| some.iter().any(|(k, _)| *k == key))
        };
        let rows = maps.map(|map| {
            let keys = map.into_iter().flat_map(Map::keys);
            keys.filter(|key| !is_both(key)).collect::<Vec<_>>()
        });
        order(&rows, &[]).map(|fault| format!("{path}: {fault}"))
    }

    /// The same where both sides have changed it, each in its own way.
    fn both(&mut self, path: &KeyPath, values: [Option<&Value>; 4]) -> Option<String> {
        let [_, ours, theirs, there] = values;
        if let [Some(Value::Map(ours)), Some(Value::Map(theirs))] = [ours, theirs] {
            let keys = ours.keys().chain(theirs.keys());
            let keys = keys.chain(
                there
                    .and_then(Value::as_map)
                    .into_iter()
                    .flat_map(Map::keys),
            );
            let keys: BTreeSet<&str> = keys.filter_map(Value::as_str).collect();
            return keys.into_iter().find_map(|key| {
                let values = values.map(|value| value?.as_map()?.get(key));
                self.value(&path.child(key), values)
            });
        }
        let lists = values.map(|value| value.and_then(Value::as_sequence));
        if let [Some(base), Some(ours), Some(theirs), Some(there)] = lists
            && !self.merge.conflicts.iter().any(|c| c.path == *path)
        {
            return self.list(path, [base, ours, theirs, there]);
        }
        self.judged.insert(path.clone());
        (ours != there).then(|| format!("{path} is not ours"))
    }

    /// Whether a list has what either side has put into it, and not what either has taken away, in an order that a side has.
    fn list(&mut self, path: &KeyPath, lists: [&[Value]; 4]) -> Option<String> {
        let inner = self.merge.conflicts.iter();
        let inner: Vec<_> = inner.filter(|c| c.path.starts_with(path)).collect();
        self.judged.extend(inner.iter().map(|c| c.path.clone()));
        let sides = inner.iter().flat_map(|c| [&c.base, &c.ours, &c.theirs]);
        let mut in_conflict = Vec::new();
        for value in sides.flatten() {
            leaves(value, "", &mut in_conflict);
        }
        let rows = lists.map(|items| {
            let mut row = Vec::new();
            for item in items {
                leaves(item, "", &mut row);
            }
            row
        });
        let counts = rows.each_ref().map(|row| counted(row.iter().cloned()));
        let all: BTreeSet<&Leaf> = counts.iter().flat_map(BTreeMap::keys).collect();
        let numbers = rows
            .each_ref()
            .map(|row| counted(row.iter().map(|leaf| leaf.1)));
        let once = numbers
            .iter()
            .all(|counts| counts.values().all(|n| *n == 1));
        for leaf in all.into_iter().filter(|leaf| leaf.1 != EMPTY) {
            let [base, ours, theirs, there] = counts
                .each_ref()
                .map(|counts| counts.get(leaf).copied().unwrap_or_default());
            let is_in_conflict = in_conflict.iter().any(|(_, number)| *number == leaf.1);
            let (mut least, mut most) = wanted(base, ours, theirs);
            if is_in_conflict {
                (least, most) = match once {
                    true => (ours, ours),
                    false => (least.min(ours), most.max(ours)),
                };
            }
            if !(least..=most).contains(&there) {
                let (place, number) = leaf;
                return Some(format!(
                    "{number} is {there} times at {path}[]{place}, and not {least} to {most} times"
                ));
            }
        }
        // An item in conflict is ours as a whole, which says more than the order of what is in it; entries of maps have none.
        let whole = inner
            .iter()
            .filter(|c| c.path.parent().as_ref() == Some(path))
            .filter_map(|c| c.ours.as_ref());
        let whole: Vec<&Value> = whole.collect();
        if let Some(item) = whole.iter().find(|item| !lists[3].contains(item)) {
            return Some(format!("{item} of {path} is not ours"));
        }
        let numbers = |item| numbers_in(item).into_iter().collect();
        let whole: Vec<Vec<i64>> = whole.into_iter().map(numbers).collect();
        let rows = rows.map(|row| {
            row.into_iter()
                .map(|(_, number)| number)
                .collect::<Vec<_>>()
        });
        if once { order(&rows, &whole) } else { None }
    }

    /// Whether each conflict is one, and tells what is there.
    fn conflicts(&self) -> Option<String> {
        self.merge.conflicts.iter().find_map(|conflict| {
            let path = &conflict.path;
            if !self.judged.contains(path) {
                return Some(format!("{path} is no conflict"));
            }
            let [base, ours, theirs] = [
                (&conflict.base, conflict.places.base),
                (&conflict.ours, conflict.places.ours),
                (&conflict.theirs, conflict.places.theirs),
            ];
            let sides = [base, ours, theirs].into_iter().zip(self.texts);
            let wrong = sides
                .into_iter()
                .any(|((value, place), text)| match (value, place) {
                    (Some(value), Some(place)) => {
                        // Of what has no text of its own, the place is that of what is around it.
                        let mut all = places(text.value());
                        all.push(KeyPath::root());
                        !all.iter().any(|path| {
                            text.get(path) == Some(value) && text.location(path) == Some(place)
                        })
                    }
                    (value, place) => value.is_some() != place.is_some(),
                });
            wrong.then(|| format!("the places of {path} are wrong: {conflict:?}"))
        })
    }

    /// Whether each comment is there as often as it must be, or is named.
    fn comments(&self) -> Option<String> {
        let [base, ours, theirs] = self.texts;
        let texts = [base, ours, theirs, &self.merge.document];
        let counts = texts.map(|document| counted(document.comments().map(words)));
        let named = counted(
            self.merge
                .comments
                .iter()
                .map(|comment| words(&comment.text)),
        );
        let all: BTreeSet<&String> = counts.iter().flat_map(BTreeMap::keys).collect();
        all.into_iter().find_map(|comment| {
            let [base, ours, theirs, there] = counts
                .each_ref()
                .map(|counts| counts.get(comment).copied().unwrap_or_default());
            let named = named.get(comment).copied().unwrap_or_default();
            let (least, most) = wanted(base, ours, theirs);
            let is = there + named;
            let stays = || is <= most.max(ours.max(theirs)) && self.may_stay(comment);
            let right = is >= least && (is <= most || stays());
            (!right).then(|| {
                let is = format!("`{comment}` is there {there} times and named {named} times");
                format!("{is}, and not {least} to {most} times")
            })
        })
    }

    /// Whether each comment that stands beside something stands beside what it did in one of the texts. Items of lists are known by nothing but their
    /// place, which may be another one now.
    fn owners(&self) -> Option<String> {
        let before = self.texts.map(beside).into_iter().flatten();
        let mut owners: BTreeMap<String, BTreeSet<KeyPath>> = BTreeMap::new();
        for (comment, paths) in before {
            owners.entry(comment).or_default().extend(paths);
        }
        let there = beside(&self.merge.document);
        there.into_iter().find_map(|(comment, now)| {
            let was = owners.get(&comment)?;
            let in_list = |path: &KeyPath| outside_lists(path) != *path;
            let wrong = was.is_disjoint(&now) && !was.iter().chain(&now).any(in_list);
            wrong.then(|| format!("`{comment}` stood beside {was:?}, and stands beside {now:?}"))
        })
    }

    /// Whether it is known which comment it is, of those that say this.
    fn is_known(&self, comment: &str) -> bool {
        let is_one = |text: &Document| text.comments().filter(|c| words(c) == comment).count() <= 1;
        self.texts.into_iter().all(is_one)
    }

    /// Whether each comment that stands above something stands above what it did in one of the texts, if that is there. Items are known by what they say.
    fn above(&self) -> Option<String> {
        let [base, ours, theirs] = self.texts.map(named_above);
        // Of what a side says several times nobody can tell which it has come to stand above.
        let [_, in_ours, in_theirs] = self.texts.map(owned_names);
        let is_sure = |comment: &String| {
            [(&ours, &in_ours), (&theirs, &in_theirs)]
                .iter()
                .all(|(side, names)| {
                    side.get(comment)
                        .is_none_or(|owners| owners.is_subset(names))
                })
        };
        let mut there = named_above(&self.merge.document);
        there.retain(|comment, _| self.is_known(comment));
        there.retain(|comment, _| is_sure(comment));
        let all = owned_names(&self.merge.document);
        there.iter().find_map(|(comment, now)| {
            let was = [ours.get(comment), theirs.get(comment)];
            // One that has been reworded stands where the other side has the old one.
            let sides = [(&ours, &theirs), (&theirs, &ours)];
            let moved = sides.iter().flat_map(|(side, other)| {
                let at = side.get(comment).filter(|_| !base.contains_key(comment));
                let old = base.iter().filter(move |(_, was)| at == Some(*was));
                old.filter_map(|(old, _)| other.get(old))
            });
            let mut was = was.into_iter().flatten().chain(moved);
            let is_there = was.clone().all(|was| was.is_subset(&all));
            let wrong = was.clone().count() > 0 && is_there && was.all(|was| was.is_disjoint(now));
            wrong.then(|| format!("`{comment}` has come to stand above {now:?}"))
        })
    }

    /// Whether each comment on a line of its own is in the section or under the key that it was in in one of the texts, if that still has
    /// something in it.
    fn sections(&self) -> Option<String> {
        let [ours, theirs] = [self.texts[1], self.texts[2]].map(sections);
        let all = places(self.merge.document.value());
        let around = all.iter().filter_map(|path| path.segments().split_last());
        let keys = around.flat_map(|(_, around)| around);
        let keys: BTreeSet<&str> = keys
            .filter_map(|segment| match segment {
                Segment::Key(key) => Some(key.as_ref()),
                _ => None,
            })
            .collect();
        let mut there = sections(&self.merge.document);
        there.retain(|comment, _| self.is_known(comment));
        there.iter().find_map(|(comment, now)| {
            let was = [ours.get(comment), theirs.get(comment)];
            let mut was = was.into_iter().flatten();
            let is_there = was.clone().all(|was| keys.contains(was.as_str()));
            let wrong = was.clone().count() > 0 && is_there && was.all(|was| was != now);
            wrong.then(|| format!("`{comment}` has come to stand in {now:?}"))
        })
    }

    /// Whether each map or list ends with a comma, or with none, as it does in all three texts.
    fn commas(&self) -> Option<String> {
        let [base, ours, theirs] = self.texts;
        let texts = [base, ours, theirs, &self.merge.document];
        let ends = texts.map(trailing_commas);
        ends[3].iter().find_map(|(path, there)| {
            let before = [0, 1, 2].map(|text| ends[text].get(path));
            let as_in_all = before.iter().all(|there| *there == before[0]);
            let wrong = as_in_all && before[0].is_some_and(|was| was != there);
            wrong.then(|| format!("the comma at the end of {path} has come or gone"))
        })
    }

    /// Whether inline tables are as TOML 1.0 has them, and lines not of nothing but space, as in all three texts.
    fn layout(&self) -> Option<String> {
        let all = |is: fn(&str) -> bool| self.texts.iter().all(|document| is(document.text()));
        let there = self.merge.document.text();
        let is_toml = self.merge.document.format() == Format::Toml;
        let has_no_space = |text: &str| !text.lines().any(|l| !l.is_empty() && l.trim().is_empty());
        match () {
            () if is_toml && all(is_toml_1_0) && !is_toml_1_0(there) => {
                Some("it is no TOML 1.0".to_owned())
            }
            () if all(has_no_space) && !has_no_space(there) => Some("a line of space".to_owned()),
            () => None,
        }
    }

    /// Whether the comments at what stays in a conflict are there or named, and those at what is gone named: above another they would say what nobody has said.
    fn comments_at_conflicts(&self) -> Option<String> {
        let [base, ours, theirs] = self.texts;
        let count = |document: &Document, comment: &str| {
            document.comments().filter(|c| words(c) == comment).count()
        };
        let named = |comment: &str| {
            let named = self.merge.comments.iter();
            named.filter(|c| words(&c.text) == comment).count()
        };
        let outside = self.merge.conflicts.iter();
        let mut outside = outside.filter(|c| outside_lists(&c.path) == c.path);
        outside.find_map(|conflict| {
            let (path, there) = (&conflict.path, &self.merge.document);
            if conflict.ours.is_some() {
                let mut at = comments_at(ours, path).into_iter();
                return at.find_map(|comment| {
                    let reworded = count(theirs, &comment) < count(base, &comment)
                        && conflict.theirs.is_some();
                    let is_lost = count(there, &comment) + named(&comment) == 0 && !reworded;
                    is_lost.then(|| format!("`{comment}` at {path} is lost"))
                });
            }
            let at = comments_at(theirs, path).into_iter();
            let mut new = at.filter(|c| count(base, c) + count(ours, c) == 0);
            new.find_map(|comment| {
                let wrong = count(there, &comment) > 0 || named(&comment) == 0;
                wrong.then(|| format!("`{comment}` stands where {path} is gone, or is not named"))
            })
        })
    }

    /// Whether a comment may stay that one side has taken away: it stays with what stays because the other has changed it, and where the other has put it above what
    /// it stood beside.
    fn may_stay(&self, comment: &str) -> bool {
        let [base, ours, theirs] = self.texts.map(|text| lines_of_its_own(text, comment));
        let moved = base < ours || base < theirs;
        moved || !apart(self.texts)
    }

    /// Whether what is named stands where it is said to.
    fn named(&self) -> Option<String> {
        let [_, ours, theirs] = self.texts;
        let mut seen = BTreeSet::new();
        let is_there = |comment: &UnplacedComment| {
            let (side, text) = match comment.side {
                Side::Ours => (0, ours.text()),
                Side::Theirs => (1, theirs.text()),
            };
            let before = text.get(..comment.place.offset)?;
            let line = before.matches('\n').count() + 1;
            let is_new = seen.insert((side, comment.place.offset));
            let there = text[before.len()..].starts_with(&comment.text);
            (is_new && there && line == comment.place.line).then_some(())
        };
        let all = self.merge.comments.iter().map(is_there);
        let wrong = all.into_iter().any(|there| there.is_none());
        wrong.then(|| format!("not there: {:?}", self.merge.comments))
    }
}

/// How often something must be there at least and at most, that is there so often in the base, ours and theirs. Where both have put or taken one,
/// it may be the same one.
fn wanted(base: usize, ours: usize, theirs: usize) -> (usize, usize) {
    let both = (ours + theirs).saturating_sub(base);
    match () {
        () if ours > base && theirs > base => (ours.max(theirs), both),
        () if ours < base && theirs < base => (both, ours.min(theirs)),
        () => (both, both),
    }
}

/// A scalar, and where it stands within an item, as keys and brackets. 0 is none, but an empty list or map.
pub(super) type Leaf = (String, i64);

pub(super) const EMPTY: i64 = 0;

pub(super) fn leaves(value: &Value, place: &str, out: &mut Vec<Leaf>) {
    match value {
        Value::Map(map) if map.is_empty() => out.push((place.to_owned(), EMPTY)),
        Value::Sequence(items) if items.is_empty() => out.push((place.to_owned(), EMPTY)),
        Value::Map(map) => {
            for (key, value) in map.iter() {
                leaves(value, &format!("{place}.{key}"), out);
            }
        }
        Value::Sequence(items) => {
            for item in items {
                leaves(item, &format!("{place}[]"), out);
            }
        }
        Value::Integer(number) => out.extend(number.to_i64().map(|n| (place.to_owned(), n))),
        _ => {}
    }
}

fn numbers_in(value: &Value) -> BTreeSet<i64> {
    let mut all = Vec::new();
    leaves(value, "", &mut all);
    all.into_iter().map(|(_, number)| number).collect()
}

pub(super) fn counted<T: Ord>(all: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    counts
}

/// How often the comment stands on a line of its own.
fn lines_of_its_own(document: &Document, comment: &str) -> usize {
    let lines = document.text().lines().map(words);
    lines.filter(|line| line == comment).count()
}

/// The comments that are not on lines of their own, and the places that begin on these lines.
fn beside(document: &Document) -> Vec<(String, BTreeSet<KeyPath>)> {
    let text = document.text();
    let places: Vec<_> = places(document.value())
        .into_iter()
        .filter_map(|path| Some((document.location(&path)?.line, path)))
        .collect();
    let comments = document.comment_extents().into_iter();
    comments
        .filter_map(|extent| {
            let start = text[..extent.start].rfind('\n').map_or(0, |at| at + 1);
            let line = text[..start].matches('\n').count() + 1;
            let here = places.iter().filter(|(at, _)| *at == line);
            let here: BTreeSet<_> = here.map(|(_, path)| path.clone()).collect();
            (!here.is_empty()).then(|| (words(&text[extent]), here))
        })
        .collect()
}

/// A key by its path; an item, or what is in one, by the path of the list, the way within the item, and what it says.
type Named = (KeyPath, Option<String>);

fn named(document: &Document, path: &KeyPath) -> Named {
    match outside_lists(path) {
        outside if outside == *path => (outside, None),
        outside => {
            let within = path.segments().iter().skip(outside.segments().len());
            let within: String = within
                .map(|segment| match segment {
                    Segment::Key(key) => format!("{key}: "),
                    _ => "- ".to_owned(),
                })
                .collect();
            let said = document.get(path).map(Value::to_string);
            (outside, said.map(|said| within + &said))
        }
    }
}

/// What is known by what it says: nothing else says it.
fn owned_names(document: &Document) -> BTreeSet<Named> {
    let all = places(document.value()).into_iter();
    let counts = counted(all.map(|path| named(document, &path)));
    let once = counts.into_iter().filter(|(_, count)| *count == 1);
    once.map(|(name, _)| name).collect()
}

/// The lines that are comments, each of which is there once, with their numbers.
fn comment_lines(document: &Document) -> Vec<(usize, String)> {
    let text = document.text();
    let counts = counted(document.comments().map(words));
    let comments = document.comment_extents().into_iter();
    let lines = comments.filter_map(|extent| {
        let start = text[..extent.start].rfind('\n').map_or(0, |at| at + 1);
        let is_line = text[start..extent.start].trim().is_empty();
        let line = text[..start].matches('\n').count() + 1;
        is_line.then(|| (line, words(&text[extent])))
    });
    lines
        .filter(|(_, words)| counts.get(words) == Some(&1))
        .collect()
}

/// For each of these all that begins on the next line that is none, if anything does and the comment is not indented deeper.
pub(super) fn above(document: &Document) -> BTreeMap<String, BTreeSet<KeyPath>> {
    let lines: Vec<&str> = document.text().lines().collect();
    let comments = comment_lines(document);
    let numbers: BTreeSet<usize> = comments.iter().map(|(line, _)| *line).collect();
    let indent = |line: usize| lines[line - 1].len() - lines[line - 1].trim_start().len();
    let all = places(document.value());
    let above = comments.iter().filter_map(|(line, comment)| {
        let below = (line + 1..=lines.len()).find(|line| !numbers.contains(line))?;
        let is_deeper = lines[below - 1].is_empty() || indent(*line) > indent(below);
        let line_of = |at: usize| document.text()[..at].matches('\n').count() + 1;
        let is_here = |path: &&KeyPath| {
            let extent = document.extent(path);
            extent.is_some_and(|extent| line_of(extent.start) == below)
        };
        let owners = all.iter().filter(is_here).filter(|_| !is_deeper);
        let owners: BTreeSet<_> = owners.cloned().collect();
        (!owners.is_empty()).then(|| (comment.clone(), owners))
    });
    above.collect()
}

/// The same by what things are known by.
fn named_above(document: &Document) -> BTreeMap<String, BTreeSet<Named>> {
    let names = |paths: BTreeSet<KeyPath>| paths.iter().map(|path| named(document, path)).collect();
    let above = above(document).into_iter();
    above
        .map(|(comment, paths)| (comment, names(paths)))
        .collect()
}

/// For each comment line the header before it (of TOML, if it is not right above another header), or the key on the last line before it that is indented less. What follows
/// the dash of an item is indented as the dash and the space.
fn sections(document: &Document) -> BTreeMap<String, String> {
    let lines: Vec<&str> = document.text().lines().collect();
    let is_toml = document.format() == persist_format::Format::Toml;
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
    let comments = comment_lines(document);
    let is_comment = |line: usize| comments.iter().any(|(at, _)| *at == line);
    let is_above_header = |line: usize| {
        let below = (line + 1..=lines.len()).find(|line| !is_comment(*line));
        is_toml && below.is_some_and(|below| lines[below - 1].starts_with('['))
    };
    let sections = comments
        .iter()
        .filter(|(line, _)| !is_above_header(*line))
        .filter_map(|(line, comment)| {
            let line = *line;
            let own = indent(lines[line - 1]);
            let is_around = |line: &&&str| match is_toml && own == 0 {
                true => line.starts_with('['),
                false => !line.trim().is_empty() && indent(line) < own,
            };
            let around = lines[..line - 1].iter().rev().find(is_around)?;
            let key = around.trim_start_matches([' ', '[', '"', '-']);
            let key = key.split([':', '=', ']', '"']).next()?.trim();
            key.starts_with(char::is_alphabetic)
                .then(|| (comment.clone(), key.to_owned()))
        });
    sections.collect()
}

/// For each map and list outside of lists that has something in it, whether a comma stands before its closing bracket.
fn trailing_commas(document: &Document) -> BTreeMap<KeyPath, bool> {
    let (text, comments) = (document.text(), document.comment_extents());
    let all = std::iter::once(KeyPath::root()).chain(places(document.value()));
    let containers = all.filter(|path| outside_lists(path) == *path);
    let ends = containers.filter_map(|path| {
        let last = match document.get(&path)? {
            Value::Map(map) => path.child(map.keys().last()?.as_str()?),
            Value::Sequence(items) => path.item(items.len().checked_sub(1)?),
            _ => return None,
        };
        let end = document.extent(&last)?.end;
        let after = text[end..].char_indices();
        let after = after.filter(|(at, _)| !comments.iter().any(|c| c.contains(&(end + at))));
        let next = after.map(|(_, c)| c).find(|c| !c.is_whitespace());
        Some((path, next == Some(',')))
    });
    ends.collect()
}

/// Whether no inline table has a line end, or a comma at its end: TOML 1.1 has such, and other programs don't read them.
fn is_toml_1_0(text: &str) -> bool {
    let (mut open, mut last) = (Vec::new(), ' ');
    text.lines().all(|line| {
        let line = line.split('#').next().unwrap_or_default();
        let is_right = line.chars().filter(|c| !c.is_whitespace()).all(|c| {
            let before = std::mem::replace(&mut last, c);
            match c {
                '{' | '[' => open.push(c),
                '}' | ']' => drop(open.pop()),
                _ => {}
            }
            (before, c) != (',', '}')
        });
        is_right && open.last() != Some(&'{')
    })
}

/// The comments of an entry: in it, beside it and right above it.
fn comments_at(document: &Document, path: &KeyPath) -> BTreeSet<String> {
    let Some(mut extent) = document.extent(path) else {
        return BTreeSet::new();
    };
    let value = document.get(path).expect("it has an extent");
    for inner in places(value) {
        let inner = inner.segments().iter();
        let inner = inner.fold(path.clone(), |path, segment| path.join(segment.clone()));
        if let Some(inner) = document.extent(&inner) {
            extent = extent.start.min(inner.start)..extent.end.max(inner.end);
        }
    }
    let text = document.text();
    let rest = &text[extent.end..];
    extent.end += rest.find('\n').unwrap_or(rest.len());
    let mut start = text[..extent.start].rfind('\n').map_or(0, |at| at + 1);
    while let Some(line) = text[..start].lines().last()
        && line.trim_start().starts_with(['#', '/'])
    {
        start -= line.len() + 1;
    }
    let all = document.comment_extents().into_iter();
    let at = all.filter(|comment| (start..extent.end).contains(&comment.start));
    at.map(|comment| words(&text[comment])).collect()
}

pub(super) fn words(comment: &str) -> String {
    comment.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether any two numbers, or keys, are in the order of the side that has changed it. Of what one side has alone the order is its own, unless the other
/// has moved what stands around it. What is within one of the items that are judged as a `whole` is passed over.
fn order<T: PartialEq + std::fmt::Debug>(rows: &[Vec<T>; 4], whole: &[Vec<T>]) -> Option<String> {
    let [base, ours, theirs, there] = rows;
    let before = |row: &[T], pair: [&T; 2]| {
        let [a, b] = pair.map(|one| row.iter().position(|other| other == one));
        Some(a? < b?)
    };
    let moved = |row: &[T]| {
        let common: Vec<_> = base
            .iter()
            .filter_map(|n| row.iter().position(|m| m == n))
            .collect();
        !common.is_sorted()
    };
    let (ours_moved, theirs_moved) = (moved(ours), moved(theirs));
    let pairs = there
        .iter()
        .enumerate()
        .flat_map(|(at, a)| there[at + 1..].iter().map(move |b| [a, b]));
    let in_whole = |pair: &[&T; 2]| {
        let is_in = |item: &Vec<T>| pair.iter().all(|one| item.contains(one));
        whole.iter().any(is_in)
    };
    for pair in pairs.filter(|pair| !in_whole(pair)) {
        let [old, mine, other] = [base, ours, theirs].map(|row| before(row, pair));
        let wanted = match (mine, other) {
            (Some(mine), Some(other)) if mine == other => Some(mine),
            (Some(_), Some(_)) => old.map(|old| !old),
            (Some(mine), None) if !theirs_moved => Some(mine),
            (None, Some(other)) if !ours_moved => Some(other),
            _ => None,
        };
        if wanted == Some(false) {
            return Some(format!("{pair:?} are in the wrong order"));
        }
    }
    None
}

/// Whether two changes of the base have nothing to do with each other: no place that one has changed is, or is in, one that the other has, and
/// no list has been changed by both.
pub(super) fn apart([base, ours, theirs]: [&Document; 3]) -> bool {
    let changed = |side: &Document| {
        let all = persist_format::diff::between(base.value(), side.value()).changes;
        all.into_iter()
            .map(|change| outside_lists(&change.path))
            .collect::<Vec<_>>()
    };
    let (mine, other) = (changed(ours), changed(theirs));
    let meet = |a: &KeyPath, b: &KeyPath| a.starts_with(b) || b.starts_with(a);
    !mine.iter().any(|a| other.iter().any(|b| meet(a, b)))
}

/// The path up to the first list in it.
pub(super) fn outside_lists(path: &KeyPath) -> KeyPath {
    let keys = path
        .segments()
        .iter()
        .take_while(|s| matches!(s, Segment::Key(_)));
    keys.fold(KeyPath::root(), |path, key| path.join(key.clone()))
}
