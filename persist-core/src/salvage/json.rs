//! JSON: a cursor that only moves forward, and the containers that are open where it is.
//!
//! An entry that is malformed is dropped up to the next comma, line or closing bracket of its container. Where a bracket may be
//! lost (in a hole, at one that fits nothing, or at an entry that stands further left or right than its siblings) all
//! that is certain of what follows is that a line indented as the root's entries are is one of them: reading goes on there.

mod cursor;

use std::collections::HashSet;

use cursor::{Cursor, HOLE, Trouble};

/// Containers within containers that [`persist_format::Limits`] allow.
const DEEPEST: usize = 128;

/// The text that is kept, all brackets closed.
pub(super) fn pass(text: &str, comments: bool) -> String {
    let mut pass = Pass {
        cursor: Cursor::new(text, comments),
        out: String::with_capacity(text.len()),
        open: Vec::new(),
        damaged: false,
        aligned: true,
    };
    pass.run();
    pass.out
}

struct Pass<'a> {
    cursor: Cursor<'a>,
    out: String,
    open: Vec<Container>,
    /// Whether anything was dropped yet. Until then an entry stands where it stands, however it is indented.
    damaged: bool,
    /// Whether entries were seen to stand further right than those of the container around, and in line with their siblings.
    aligned: bool,
}

/// An object or array whose end was not seen yet. Places are offsets in what is kept.
struct Container {
    object: bool,
    start: usize,
    /// Of an object: the column of the entries that begin a line.
    column: Option<usize>,
    keys: HashSet<String>,
    /// The end of the last value.
    last: Option<usize>,
    /// The comma after it.
    comma: Option<usize>,
    /// Whether anything in it was dropped.
    damaged: bool,
}

impl Container {
    fn new(object: bool, start: usize) -> Container {
        Container {
            object,
            start,
            column: None,
            keys: HashSet::new(),
            last: None,
            comma: None,
            damaged: false,
        }
    }

    fn value_ended(&mut self, at: usize) {
        self.last = Some(at);
        self.comma = None;
    }

    fn closer(&self) -> u8 {
        if self.object { b'}' } else { b']' }
    }
}

impl Pass<'_> {
    fn run(&mut self) {
        self.find_root();
        while !self.open.is_empty() {
            self.cursor.gap(&mut self.out);
            match self.cursor.peek() {
                None => break,
                Some(b',') => self.comma(),
                Some(b'}' | b']') => self.close(),
                Some(_) => self.entry(),
            }
        }
        while !self.open.is_empty() {
            self.cut();
        }
    }

    /// The root is the first bracket, or the first one that begins a line. Where the text begins with a key, the bracket is lost.
    fn find_root(&mut self) {
        self.cursor.gap(&mut self.out);
        match self.cursor.peek() {
            Some(b'{') => self.cursor.at += 1,
            Some(b'"') => self.damaged = true,
            None | Some(b'[') => return,
            Some(_) => {
                self.damaged = true;
                let Some(line) = self.cursor.rest().find("\n{") else {
                    return;
                };
                self.cursor.at += line + 2;
            }
        }
        self.open.push(Container::new(true, self.out.len()));
        self.out.push('{');
    }

    fn comma(&mut self) {
        self.cursor.at += 1;
        if let Some(top) = self.open.last_mut()
            && top.last.is_some()
            && top.comma.is_none()
        {
            top.comma = Some(self.out.len());
            self.out.push(',');
        }
    }

    /// Reads an entry into what is kept. The comma before it, if it is missing, is added.
    fn entry(&mut self) {
        if let Some(top) = self.open.last_mut()
            && let (Some(last), None) = (top.last, top.comma)
        {
            self.out.insert(last, ',');
            top.comma = Some(last);
        }
        let Err(trouble) = self.kept_entry() else {
            return;
        };
        self.damaged = true;
        if let Some(top) = self.open.last_mut() {
            top.damaged = true;
        }
        match trouble {
            Trouble::Malformed => self.skip(),
            Trouble::PlaceUnknown => self.find_place(),
        }
    }

    fn kept_entry(&mut self) -> Result<(), Trouble> {
        let column = self.checked_column()?;
        let start = self.cursor.at;
        let key = self.new_key()?;
        if let (Some(column), Some(_)) = (column, &key) {
            self.learn_column(column);
        }
        let bracket = self.cursor.peek().filter(|b| matches!(b, b'{' | b'['));
        match bracket {
            Some(_) if self.open.len() >= DEEPEST => return Err(Trouble::Malformed),
            Some(_) => self.cursor.at += 1,
            None => self.cursor.scalar()?,
        }
        let begin = self.out.len();
        self.out.push_str(self.cursor.since(start));
        if let Some(top) = self.open.last_mut() {
            top.keys.extend(key);
            if bracket.is_none() {
                top.value_ended(self.out.len());
            }
        }
        let opened = bracket.map(|bracket| Container::new(bracket == b'{', begin));
        self.open.extend(opened);
        Ok(())
    }

    /// The key of an entry, if it has one.
    fn new_key(&mut self) -> Result<Option<String>, Trouble> {
        let Some(top) = self.open.last().filter(|top| top.object) else {
            return Ok(None);
        };
        let key = self.cursor.key()?;
        match top.keys.contains(&key) {
            true => Err(Trouble::Malformed),
            false => Ok(Some(key)),
        }
    }

    /// The column of an entry that begins a line. Once something is lost, it has to be that of its container's entries.
    fn checked_column(&self) -> Result<Option<usize>, Trouble> {
        match self.cursor.column() {
            Some(column) if self.damaged && self.aligned && !self.fits(column) => {
                Err(Trouble::PlaceUnknown)
            }
            column => Ok(column),
        }
    }

    /// Whether entries of the innermost container stand in this column, as far as is known.
    fn fits(&self, column: usize) -> bool {
        let mut known = self.open.iter().rev().map(|container| container.column);
        match known.next().flatten() {
            Some(expected) => column == expected,
            None => known.flatten().next().is_none_or(|outer| column > outer),
        }
    }

    fn learn_column(&mut self, column: usize) {
        if !self.fits(column) {
            self.aligned = false;
        } else if let Some(top) = self.open.last_mut() {
            top.column = Some(column);
        }
    }

    /// The column that tells the container's entries from those of others.
    fn telling_column(&self, container: Option<&Container>) -> Option<usize> {
        let column = container?.column?;
        (self.aligned && column > 0).then_some(column)
    }

    /// Goes past what is malformed.
    fn skip(&mut self) {
        let column = self.telling_column(self.open.last());
        let mut depth = 0_usize;
        while let Some(byte) = self.cursor.peek() {
            match byte {
                HOLE => return self.find_place(),
                b',' | b'\n' | b'}' | b']' if depth == 0 => return,
                // A bracket was opened and is not closed: that is part of the damage.
                b'"' if column.is_some() && self.cursor.column() == column => return,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.cursor.step();
        }
    }

    /// Closes all but the root, and goes to the next line that is an entry of it for certain.
    fn find_place(&mut self) {
        while self.open.len() > 1 {
            self.cut();
        }
        let Some(column) = self.telling_column(self.open.first()) else {
            return self.cursor.go_to_end();
        };
        self.cursor.go_to_line_start();
        while !self.cursor.line_has_string_at(column) {
            if !self.cursor.go_to_next_line() {
                return;
            }
        }
    }

    fn close(&mut self) {
        let closer = self.cursor.peek();
        if closer != self.open.last().map(Container::closer) {
            self.cursor.at += 1;
            self.lose_place();
        } else if self.open.len() > 1 {
            self.cursor.at += 1;
            self.end("");
        } else {
            self.close_root();
        }
    }

    /// The root has ended if nothing follows. Else some bracket before is lost.
    fn close_root(&mut self) {
        self.drop_last_comma();
        let kept = self.out.len();
        self.out.push('}');
        self.cursor.at += 1;
        self.cursor.gap(&mut self.out);
        if self.cursor.peek().is_none() {
            self.open.clear();
        } else {
            self.out.truncate(kept);
            self.lose_place();
        }
    }

    fn lose_place(&mut self) {
        self.damaged = true;
        self.find_place();
    }

    /// Ends the innermost container although its end was not seen.
    fn cut(&mut self) {
        if let Some(top) = self.open.last_mut() {
            top.damaged = true;
        }
        // The bracket must not come into a comment.
        self.end("\n");
    }

    /// Ends the innermost container. One that is empty by damage goes, so that a default can take its place.
    fn end(&mut self, space: &str) {
        self.drop_last_comma();
        let Some(ended) = self.open.pop() else {
            return;
        };
        let parent = self.open.last_mut();
        if ended.damaged
            && ended.last.is_none()
            && let Some(parent) = parent
        {
            parent.damaged = true;
            self.out.truncate(ended.start);
            return;
        }
        self.out.push_str(space);
        self.out.push(char::from(ended.closer()));
        if let Some(parent) = parent {
            parent.value_ended(self.out.len());
        }
    }

    /// JSON has no comma before a closing bracket. JSONC may.
    fn drop_last_comma(&mut self) {
        if let Some(top) = self.open.last_mut()
            && !self.cursor.comments
            && let Some(comma) = top.comma.take()
        {
            self.out.remove(comma);
        }
    }
}
