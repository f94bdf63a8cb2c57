//! How a scalar is spelled in the text: reading it, and writing a wanted spelling.
//!
//! A format writes a value in one way, and reads many: `0xff` and `255`, `.5` and `0.5`, `True` and `true`, plain `no` and `"no"`. A caller that has a spelling gives
//! it along with the value. It is put in where the writer has put its own, and only if both parsers then read what they would have read.

use std::ops::Range;

use super::content::Content;
use super::{Document, Edit, Edits, Extent};
use crate::engine::Reading;
use crate::error::{Error, ErrorKind};
use crate::path::{KeyPath, Segment};
use crate::tree::Origin;
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
        let (range, tagged) = self.scalar(path)?;
        let text = &self.content.text[range];
        (!text.is_empty() && !tagged).then_some(text)
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
        let mut made = self.clone();
        let place = settled(self.value(), path);
        let mut edit = made.set(path, value)?;
        let refused = |why: &str| {
            let message = format!("the spelling can't be put in: {why}");
            Error::new(ErrorKind::Refused, message).with_path(place.clone())
        };
        let range = made.scalar(&place);
        let (range, _) = range.ok_or_else(|| refused("no scalar is written there"))?;
        if &made.content.text[range.clone()] != spelling {
            let text = [
                &made.content.text[..range.start],
                spelling,
                &made.content.text[range.end..],
            ];
            let text = text.concat();
            let read = Reading::again(text, made.format(), &made.limits);
            let read = read.map_err(|error| refused(error.message()))?;
            let verified = made.verified(read, made.value());
            let verified = verified.map_err(|why| refused(&why.to_string()))?;
            made.content = Content::checked(verified);
            edit.extent = edit.extent.max(Extent::Splice);
        }
        *self = made;
        Ok(edit)
    }

    /// The bytes of a scalar after its tag and anchor, and whether it has a tag.
    pub(crate) fn scalar(&self, path: &KeyPath) -> Option<(Range<usize>, bool)> {
        let (value, node) = self.tree().find(path)?;
        let own = !matches!(node.origin, Origin::Alias { .. });
        if value.is_container() || !own {
            return None;
        }
        self.content.scalar(node)
    }
}

impl Edits {
    /// As [`Document::set_spelled`]. The edits before it are made in the text first.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn set_spelled(
        &mut self,
        path: &KeyPath,
        value: impl Into<Value>,
        spelling: &str,
    ) -> Result<(), Error> {
        self.settle(|document| document.set_spelled(path, value, spelling))
    }

    /// As [`Document::spelling`], of what no edit has changed yet.
    #[must_use]
    pub fn spelling(&self, path: &KeyPath) -> Option<&str> {
        let document = self.document();
        let same = document
            .get(path)
            .is_some_and(|v| Some(v) == self.get(path));
        document.spelling(path).filter(|_| same)
    }
}

/// The path that the value has once it is set: what is appended is the last item.
fn settled(root: &Value, path: &KeyPath) -> KeyPath {
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
