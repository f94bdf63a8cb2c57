//! How a scalar is spelled in the text: reading it, and writing a wanted spelling.
//!
//! A format writes a value in one way, and reads many: `0xff` and `255`, `.5` and `0.5`, `True` and `true`, plain `no` and `"no"`. A caller that has a spelling gives
//! it along with the value. It is put in where the writer has put its own, and only if both parsers then read what they would have read.

use std::ops::Range;

use super::content::Content;
use super::{Document, Edit, Extent, OnAlias};
use crate::error::{Error, ErrorKind};
use crate::path::{KeyPath, Segment};
use crate::reading::Reading;
use crate::tree::{Node, Origin};
use crate::value::Value;

impl Document {
    /// How the scalar at a path is written, without its anchor; `None` for containers, where nothing is written (YAML `a:`), for an alias, and under a tag, which
    /// says how its text is read.
    ///
    /// ```
    /// use persist_format::{Document, Format};
    /// let doc = Document::parse(b"a: &x True # why\nb: 'no'\n", Format::Yaml)?;
    /// assert_eq!(doc.spelling(&"a".parse()?), Some("True"));
    /// assert_eq!(doc.spelling(&"b".parse()?), Some("'no'"));
    /// # Ok::<(), persist_format::Error>(())
    /// ```
    #[must_use]
    pub fn spelling(&self, path: &KeyPath) -> Option<&str> {
        let aliased = matches!(self.tree().find(path)?.1.origin, Origin::Alias { .. });
        self.spelling_seen(path).filter(|_| !aliased)
    }

    /// As [`Document::set`] for a scalar that is to be spelled so: `0xff`, `.5`, `True`. Of what is there already only the spelling is changed.
    ///
    /// # Errors
    ///
    /// As [`Document::set`], and [`ErrorKind::Refused`] if the spelling does not read as the value there. The document is as it was then.
    pub fn set_spelled(
        &mut self,
        path: &KeyPath,
        value: impl Into<Value>,
        spelling: &str,
    ) -> Result<Edit, Error> {
        let place = settled(self.value(), path);
        let mut made = self.clone();
        let mut edit = made.set(path, value)?;
        let extent = made.respell(&[Spelled::new(place, spelling)])?;
        edit.extent = edit.extent.max(extent);
        *self = made;
        Ok(edit)
    }

    /// Puts spellings in, in one rewrite, where there are others.
    fn respell(&mut self, all: &[Spelled]) -> Result<Extent, Error> {
        let refused = |spelled: &Spelled, why: &str| {
            let message = format!("the spelling can't be used: {why}");
            Error::new(ErrorKind::Refused, message).with_path(spelled.path.clone())
        };
        let mut parts = Vec::new();
        for spelled in all {
            let written = self.scalar(&spelled.path);
            let written = written.ok_or_else(|| refused(spelled, "no scalar is written there"))?;
            if self.content.text[written.range.clone()] == spelled.spelling {
                continue;
            }
            if !written.own && self.on_alias != OnAlias::Follow {
                return Err(refused(spelled, "the value is also used elsewhere"));
            }
            parts.push((written.range, spelled));
        }
        let Some((_, first)) = parts.first() else {
            return Ok(Extent::Unchanged);
        };
        let refused = |why: &str| refused(first, why);
        parts.sort_unstable_by_key(|(range, _)| range.start);
        let mut text = String::with_capacity(self.content.text.len());
        let mut done = 0;
        for (range, spelled) in &parts {
            if range.start < done {
                return Err(refused("it overlaps another spelling"));
            }
            text.push_str(&self.content.text[done..range.start]);
            text.push_str(&spelled.spelling);
            done = range.end;
        }
        text.push_str(&self.content.text[done..]);
        let read = Reading::again(text, self.format(), &self.limits);
        let read = read.map_err(|error| refused(error.message()))?;
        let verified = self.verified(read, self.value());
        self.content = Content::checked(verified.map_err(|why| refused(&why.to_string()))?);
        Ok(Extent::Splice)
    }

    /// Puts in as many of the spellings as can be. Without its own a text may be something else to other readers, as plain `no` is; that is refused.
    pub(super) fn respell_most(&mut self, all: &[Spelled]) -> Result<Extent, Error> {
        match (self.respell(all), all) {
            (Err(error), [one]) if error.kind() == ErrorKind::Refused => {
                let value = self.get(&one.path).map(Value::untagged);
                match value.is_some_and(Value::is_string) {
                    true => Err(error),
                    false => Ok(Extent::Unchanged),
                }
            }
            (Err(error), _) if error.kind() == ErrorKind::Refused => {
                let (first, second) = all.split_at(all.len() / 2);
                Ok(self.respell_most(first)?.max(self.respell_most(second)?))
            }
            (done, _) => done,
        }
    }

    /// As [`spelling`](Self::spelling), for an alias that of what it stands for.
    pub(crate) fn spelling_seen(&self, path: &KeyPath) -> Option<&str> {
        let written = self.scalar(path)?;
        let text = &self.content.text[written.range];
        (!text.is_empty() && !written.tagged).then_some(text)
    }

    /// The bytes of a scalar that has no tag.
    pub(crate) fn untagged_scalar(&self, path: &KeyPath) -> Option<Range<usize>> {
        let written = self.scalar(path)?;
        (!written.tagged).then_some(written.range)
    }

    /// Where a scalar is written.
    fn scalar(&self, path: &KeyPath) -> Option<Written> {
        let (value, node) = self.tree().find(path)?;
        if value.is_container() {
            return None;
        }
        let (range, tagged) = self.content.scalar(node)?;
        Some(Written {
            range,
            tagged,
            own: self.is_own(path),
        })
    }

    /// Whether neither a value nor any around it is an alias or merged in.
    fn is_own(&self, path: &KeyPath) -> bool {
        let own = |node: &Node| matches!(node.origin, Origin::Own | Origin::Anchored);
        let mut steps = path.segments().iter();
        let tree = self.tree();
        let mut at = Some((&tree.value, &tree.node));
        while let Some((value, node)) = at {
            if !own(node) {
                return false;
            }
            at = steps.next().and_then(|step| {
                let index = step.find_in(value)?;
                Some((value.child_at(index)?, node.children.get(index)?))
            });
        }
        true
    }
}

/// Where a scalar is written.
struct Written {
    /// Its bytes after tag and anchor.
    range: Range<usize>,
    tagged: bool,
    /// Whether it is written for this place alone, or anchored here.
    own: bool,
}

/// How the scalar at a place is to be spelled.
#[derive(Clone, Debug)]
pub(super) struct Spelled {
    pub(super) path: KeyPath,
    pub(super) spelling: String,
}

impl Spelled {
    pub(super) fn new(path: KeyPath, spelling: &str) -> Self {
        let spelling = spelling.to_owned();
        Self { path, spelling }
    }

    /// Whether an edit at the path changes it, or what it stands in.
    pub(super) fn is_touched(&self, path: &KeyPath) -> bool {
        self.path.starts_with(path) || path.starts_with(&self.path)
    }
}

/// The path that the value has once it is set: what is appended is the last item.
pub(super) fn settled(root: &Value, path: &KeyPath) -> KeyPath {
    let mut settled = KeyPath::root();
    let mut value = Some(root);
    for segment in path.segments() {
        let items = value.and_then(|value| value.untagged().as_sequence());
        let len = items.map(<[Value]>::len);
        let index = match (segment, len) {
            (Segment::Append, None) => Some(0),
            (segment, Some(len)) => segment.index_in(len),
            _ => None,
        };
        let segment = index.map_or_else(|| segment.clone(), Segment::Index);
        value = value.and_then(|value| value.child_at(segment.find_in(value)?));
        settled.push(segment);
    }
    settled
}
