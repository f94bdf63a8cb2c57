//! Every small document, and the edits of each.

use persist_format::{Document, Format, KeyPath, Map, Segment, Value};

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sort {
    /// All scalars and comments say something else.
    Distinct,
    /// All scalars and comments say the same.
    Twins,
    /// As distinct ones, with a comma after the last entry or item of each map or list.
    TrailingCommas,
    /// As distinct ones, each entry of the root on one line, what is in it in brackets.
    Brackets,
}

/// All documents with so many nodes at most, with a comment above the first place and one beside the last.
pub(super) fn documents(format: Format, nodes: usize, sort: Sort) -> Vec<Document> {
    let document = move |shape: Shape| {
        let is_twins = sort == Sort::Twins;
        let mut numbers = (1..).map(|number| if is_twins { 1 } else { number });
        let (mut plain, _) = Document::encode(&value(&shape, &mut numbers), format).ok()?;
        if sort == Sort::TrailingCommas {
            plain = with_trailing_commas(&plain);
        }
        if sort == Sort::Brackets {
            plain = in_brackets(&plain)?;
        }
        let [above, beside] = match sort {
            Sort::Distinct | Sort::TrailingCommas | Sort::Brackets => ["base above", "base beside"],
            Sort::Twins => ["base"; 2],
        };
        let places = places(plain.value());
        let Some((first, last)) = places.first().zip(places.last()) else {
            return Some(plain);
        };
        let above = with_comment(&plain, first, above).unwrap_or(plain);
        Some(with_comment_beside(&above, last, beside).unwrap_or(above))
    };
    let shapes = (1..=nodes).flat_map(shapes).chain(larger(nodes));
    shapes.filter_map(document).collect()
}

/// How a value is built: each node's kind and children.
#[derive(Clone)]
enum Shape {
    Scalar,
    Map(Vec<Shape>),
    List(Vec<Shape>),
}

/// Shapes with more nodes: a list or map and a key after it, also of items and of a section of its own.
fn larger(nodes: usize) -> Vec<Shape> {
    let inner = [
        Shape::List(vec![Shape::Scalar]),
        Shape::Map(vec![Shape::Scalar]),
        Shape::List(vec![Shape::Map(vec![Shape::Scalar])]),
        Shape::Map(vec![Shape::List(vec![Shape::Scalar])]),
    ];
    let followed = |inner: Shape| Shape::Map(vec![inner, Shape::Scalar]);
    let all = inner.into_iter().map(followed);
    all.filter(|shape| shape.nodes() > nodes).collect()
}

impl Shape {
    fn nodes(&self) -> usize {
        match self {
            Self::Scalar => 1,
            Self::Map(inner) | Self::List(inner) => {
                1 + inner.iter().map(Self::nodes).sum::<usize>()
            }
        }
    }
}

/// All shapes with so many nodes.
fn shapes(nodes: usize) -> Vec<Shape> {
    if nodes == 1 {
        return vec![
            Shape::Scalar,
            Shape::Map(Vec::new()),
            Shape::List(Vec::new()),
        ];
    }
    let children = forests(nodes - 1);
    let maps = children.iter().cloned().map(Shape::Map);
    maps.chain(children.iter().cloned().map(Shape::List))
        .collect()
}

/// All rows of shapes with so many nodes together, none of them empty.
fn forests(nodes: usize) -> Vec<Vec<Shape>> {
    if nodes == 0 {
        return vec![Vec::new()];
    }
    let mut rows = Vec::new();
    for first in 1..=nodes {
        for shape in shapes(first) {
            for rest in forests(nodes - first) {
                rows.push([vec![shape.clone()], rest].concat());
            }
        }
    }
    rows
}

/// The value, with the next of these numbers at each scalar.
fn value(shape: &Shape, next: &mut impl Iterator<Item = i64>) -> Value {
    match shape {
        Shape::Scalar => Value::from(next.next().expect("there are enough")),
        Shape::Map(children) => {
            let keys = ["a", "b", "c", "d"].into_iter();
            let entries = keys
                .zip(children)
                .map(|(key, child)| (key, value(child, next)));
            Value::Map(Map::from_iter(entries.collect::<Vec<_>>()))
        }
        Shape::List(children) => {
            Value::Sequence(children.iter().map(|child| value(child, next)).collect())
        }
    }
}

fn mark(format: Format) -> &'static str {
    match format {
        Format::Toml | Format::Yaml => "#",
        _ => "//",
    }
}

/// The document with another text, if that says the same.
fn rewritten(document: &Document, text: &str) -> Option<Document> {
    let other = Document::parse(text.as_bytes(), document.format()).ok()?;
    (other.value() == document.value()).then_some(other)
}

fn with_trailing_commas(document: &Document) -> Document {
    let value = document.value();
    let all = std::iter::once(KeyPath::root()).chain(places(value));
    let last = all.filter_map(|path| match value.get(&path)? {
        Value::Map(map) => Some(path.child(map.keys().last()?.as_str()?)),
        Value::Sequence(items) => Some(path.item(items.len().checked_sub(1)?)),
        _ => None,
    });
    let mut ends: Vec<usize> = last
        .map(|path| document.extent(&path).expect("it is there").end)
        .collect();
    ends.sort_unstable();
    let mut text = document.text().to_owned();
    for end in ends.into_iter().rev() {
        text.insert(end, ',');
    }
    rewritten(document, &text).expect("commas say nothing")
}

fn in_brackets(document: &Document) -> Option<Document> {
    fn written(value: &Value, is: &str) -> String {
        match value {
            Value::Map(map) => {
                let entries = map.iter().map(|(k, v)| {
                    format!("{}{is}{}", k.as_str().unwrap_or_default(), written(v, is))
                });
                format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
            }
            Value::Sequence(items) => {
                let items = items.iter().map(|item| written(item, is));
                format!("[{}]", items.collect::<Vec<_>>().join(", "))
            }
            value => value.to_string(),
        }
    }
    let is = match document.format() {
        Format::Toml => " = ",
        _ => ": ",
    };
    let keys: Vec<(String, &Value)> = match document.value() {
        Value::Map(map) => map
            .iter()
            .map(|(k, v)| (format!("{}{is}", k.as_str().unwrap_or_default()), v))
            .collect(),
        Value::Sequence(items) => items.iter().map(|item| ("- ".to_owned(), item)).collect(),
        _ => return None,
    };
    let lines = keys
        .into_iter()
        .map(|(begin, value)| format!("{begin}{}\n", written(value, is)));
    rewritten(document, &lines.collect::<String>())
}

/// With a comment on a line above an entry.
fn with_comment(document: &Document, path: &KeyPath, comment: &str) -> Option<Document> {
    let text = document.text();
    let at = document.extent(path)?.start;
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let before = &text[line..at];
    let indent = &before[..before.len() - before.trim_start().len()];
    let comment = format!("{indent}{} {comment}\n", mark(document.format()));
    // An item of YAML begins after its dash.
    let is_line = before.trim_matches([' ', '-']).is_empty();
    is_line.then(|| rewritten(document, &[&text[..line], &comment, &text[line..]].concat()))?
}

/// With a comment at the end of the line of an entry.
fn with_comment_beside(document: &Document, path: &KeyPath, comment: &str) -> Option<Document> {
    let text = document.text();
    let at = document.extent(path)?.end;
    let end = at + text[at..].find('\n')?;
    let comment = format!(" {} {comment}", mark(document.format()));
    rewritten(document, &[&text[..end], &comment, &text[end..]].concat())
}

/// With a comment on a line after the last entry or item of a map or list.
fn with_comment_at_end(document: &Document, path: &KeyPath, comment: &str) -> Option<Document> {
    let text = document.text();
    let inner = places(document.get(path)?);
    let inner = inner.iter().map(|inner| inner.segments().iter().cloned());
    let inner = inner.map(|inner| inner.fold(path.clone(), |path, segment| path.join(segment)));
    let extents: Vec<_> = inner.filter_map(|inner| document.extent(&inner)).collect();
    let first = extents.first()?.start;
    let last = extents.iter().map(|extent| extent.end).max()?;
    let line = text[..first].rfind('\n').map_or(0, |end| end + 1);
    let before = &text[line..first];
    let indent = &before[..before.len() - before.trim_start().len()];
    let end = last + text[last..].find('\n')? + 1;
    let comment = format!("{indent}{} {comment}\n", mark(document.format()));
    let is_line = before.trim_matches([' ', '-']).is_empty();
    is_line.then(|| rewritten(document, &[&text[..end], &comment, &text[end..]].concat()))?
}

/// All places but the root, outer ones first.
pub(super) fn places(value: &Value) -> Vec<KeyPath> {
    fn below(value: &Value, path: &KeyPath, out: &mut Vec<KeyPath>) {
        let children: Vec<(Segment, &Value)> = match value {
            Value::Map(map) => map
                .iter()
                .map(|(key, value)| (Segment::Key(key.as_str().unwrap_or_default().into()), value))
                .collect(),
            Value::Sequence(items) => (items.iter().enumerate())
                .map(|(at, item)| (Segment::Index(at), item))
                .collect(),
            _ => return,
        };
        for (segment, child) in children {
            let path = path.join(segment);
            out.push(path.clone());
            below(child, &path, out);
        }
    }
    let mut out = Vec::new();
    below(value, &KeyPath::root(), &mut out);
    out
}

/// Every edit that is looked at, the new values from `number` on, the new comments with `who`.
pub(super) fn edits(base: &Document, number: i64, who: &str) -> Vec<Document> {
    let mut out = Vec::new();
    let mut number = (number..).map(Value::from);
    let mut edit = |change: &dyn Fn(&mut Document, Value) -> Option<()>| {
        let mut edited = base.clone();
        let value = number.next().expect("there are enough");
        out.extend(change(&mut edited, value).map(|()| edited));
    };
    let mut all = places(base.value());
    all.insert(0, KeyPath::root());
    for path in &all {
        match base.get(path) {
            Some(Value::Map(_)) => {
                edit(&|document, value| document.set(&path.child("x"), value).ok().map(drop));
                edit(&|document, value| {
                    let comment = format!("{who} new");
                    document.set(&path.child("x"), value).ok().map(drop)?;
                    *document = with_comment(document, &path.child("x"), &comment)?;
                    Some(())
                });
            }
            Some(Value::Sequence(items)) => {
                edit(&|document, value| {
                    let end = path.join(Segment::Append);
                    document.insert(&end, value).ok().map(drop)
                });
                edit(&|document, value| document.insert(&path.item(0), value).ok().map(drop));
                if items.len() > 1 {
                    edit(&|document, _| {
                        document
                            .move_to(&path.item(0), &path.item(1))
                            .ok()
                            .map(drop)
                    });
                }
            }
            _ => {}
        }
        let end = format!("{who} end");
        edit(&|document, _| {
            *document = with_comment_at_end(document, path, &end)?;
            Some(())
        });
        if !path.is_root() {
            edit(&|document, value| document.set(path, value).ok().map(drop));
            edit(&|document, _| document.remove(path).ok().map(drop));
            let above = format!("{who} above");
            edit(&|document, _| {
                *document = with_comment(document, path, &above)?;
                Some(())
            });
            let beside = format!("{who} beside");
            edit(&|document, _| {
                *document = with_comment_beside(document, path, &beside)?;
                Some(())
            });
        }
    }
    for extent in base.comment_extents() {
        for text in [
            format!("{} {who} reworded", mark(base.format())),
            String::new(),
        ] {
            let (before, after) = (&base.text()[..extent.start], &base.text()[extent.end..]);
            out.extend(rewritten(base, &[before, &text, after].concat()));
        }
    }
    out.retain(|document| document.text() != base.text());
    out
}
