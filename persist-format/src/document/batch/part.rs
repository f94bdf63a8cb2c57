//! What is known of the text of a value under change: which part of the old document it is.

use crate::path::Segment;
use crate::value::Value;

/// Where a value stands: the index of each child on the way from the root.
pub(super) type Indices = Vec<usize>;

/// What is known of one value. It is of the value without its tags, as a node is.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) source: Source,
    pub(super) content: Content,
}

/// Which value of the old document it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The child at the index of the container that its container was.
    Here(usize),
    /// The one at that place, which was in another container.
    Moved(Indices),
    /// None.
    New,
}

/// What it holds.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// What it held in the old document.
    Same,
    /// What has to be written: nothing within has a text.
    New,
    /// These children, in the order of the value.
    Children(Vec<Part>),
}

/// Why an edit can't be said by the parts of one document alone. The place is one in the present value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Conflict {
    /// A text would move into a container that has none yet.
    Unwritten(Indices),
    /// What moves is to change within.
    Moved(Indices),
    /// What has changed within is to move.
    Changed(Indices),
}

impl Conflict {
    /// The same once a child is at this place, before which it was found.
    pub(super) fn beside(mut self, child: &[usize]) -> Self {
        let (Self::Unwritten(place) | Self::Moved(place) | Self::Changed(place)) = &mut self;
        if let Some((index, container)) = child.split_last()
            && place.starts_with(container)
            && let Some(at) = place.get_mut(container.len())
            && *at >= *index
        {
            *at += 1;
        }
        self
    }
}

impl Part {
    pub(super) const NEW: Self = Self {
        source: Source::New,
        content: Content::New,
    };

    pub(super) fn same(index: usize) -> Self {
        Self {
            source: Source::Here(index),
            content: Content::Same,
        }
    }

    /// Where it was in the old document, if it was there and its container stood at `container`.
    pub(super) fn place(&self, container: Option<&Indices>) -> Option<Indices> {
        match &self.source {
            Source::Here(index) => {
                let mut place = container?.clone();
                place.push(*index);
                Some(place)
            }
            Source::Moved(place) => Some(place.clone()),
            Source::New => None,
        }
    }

    /// True if nothing in it came from another container.
    pub(super) fn is_settled(&self) -> bool {
        let settled = |part: &Self| !matches!(part.source, Source::Moved(_)) && part.is_settled();
        match &self.content {
            Content::Children(children) => children.iter().all(settled),
            Content::Same | Content::New => true,
        }
    }

    /// The parts of the children; `None` where they have no text.
    pub(super) fn children(
        &mut self,
        value: &Value,
        here: &[usize],
    ) -> Result<Option<&mut Vec<Self>>, Conflict> {
        if matches!(self.content, Content::Same) {
            self.may_change(here)?;
            let children = (0..value.children()).map(Self::same);
            self.content = Content::Children(children.collect());
        }
        Ok(match &mut self.content {
            Content::Children(children) => Some(children),
            Content::Same | Content::New => None,
        })
    }

    /// What moves takes its text along as it is.
    pub(super) fn may_change(&self, here: &[usize]) -> Result<(), Conflict> {
        match (&self.source, &self.content) {
            (Source::Moved(_), Content::Same) => Err(Conflict::Moved(here.to_vec())),
            _ => Ok(()),
        }
    }
}

/// A value to be changed, with what is known of it.
pub(super) struct Spot<'t> {
    pub(super) value: &'t mut Value,
    /// `None` within what is to be written.
    pub(super) part: Option<&'t mut Part>,
    /// Where it was in the old document.
    pub(super) was: Option<Indices>,
    /// Where it is now.
    pub(super) here: Indices,
}

impl<'t> Spot<'t> {
    pub(super) fn root(value: &'t mut Value, part: &'t mut Part) -> Self {
        let was = (part.source != Source::New).then(Indices::new);
        Self {
            value,
            part: Some(part),
            was,
            here: Indices::new(),
        }
    }

    pub(super) fn step(self, segment: &Segment) -> Result<Option<Self>, Conflict> {
        match segment.find_in(self.value) {
            Some(index) => self.child(index),
            None => Ok(None),
        }
    }

    pub(super) fn child(self, index: usize) -> Result<Option<Self>, Conflict> {
        let Self {
            value,
            part,
            was,
            mut here,
        } = self;
        let children = match part {
            Some(part) => part.children(value, &here)?,
            None => None,
        };
        let part = children.and_then(|children| children.get_mut(index));
        let was = part.as_ref().and_then(|part| part.place(was.as_ref()));
        here.push(index);
        Ok(value.child_at_mut(index).map(|value| Self {
            value,
            part,
            was,
            here,
        }))
    }

    /// The parts of the children; `None` where they have no text.
    pub(super) fn children(&mut self) -> Result<Option<&mut Vec<Part>>, Conflict> {
        match &mut self.part {
            Some(part) => part.children(self.value, &self.here),
            None => Ok(None),
        }
    }

    /// Tells the children apart.
    pub(super) fn open(&mut self) -> Result<(), Conflict> {
        self.children().map(|_| ())
    }
}
