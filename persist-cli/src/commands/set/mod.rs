//! `persist set` and `unset`.

mod asking;
mod assignment;
mod hidden;
mod input;
pub(super) mod looks;
mod overlap;
mod unset;

use std::path::Path;

use persist_core::format::kind::{self, Because, Kind, Meant, Misfit};
use persist_core::format::{self as format, Edit, Edits, Extent, OnAlias, OnLoss, Warning};
use persist_core::{
    ConfigFile, Document, Error, KeyPath, Notice, Preview, Receipt, Sensitive, Value,
};

use self::assignment::{Assignment, Way};
use self::overlap::Edited;
use super::dry;
use super::open::{Versions, is_input, open};
use crate::args::{Aliases, Allowed, Args, Dry, Why};
use crate::failure::{Failure, Outcome, of_edit};
use crate::out::Out;
use crate::show;

pub(super) use unset::unset;

/// How the values are given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    /// `KEY=VALUE`, or the KEY of what is on standard input.
    pub(super) assignments: &'a [String],
    /// `KEY=PATH`
    pub(super) files: &'a [String],
    pub(super) string: bool,
    pub(super) stdin: bool,
}

pub(super) fn set(
    args: &Args,
    out: &mut Out,
    path: &Path,
    values: Values<'_>,
    how: How<'_>,
) -> Outcome {
    let piped = is_input(path);
    if piped && values.stdin {
        let message = "standard input can't be both the file and the value";
        return Err(Failure::usage(message).with_hint("--file KEY=PATH reads a value from a file"));
    }
    let (file, given) = match piped {
        true => dry::input(args, None).map(|(file, document)| (file, Some(document)))?,
        false => {
            looks::refuse_pattern(path)?;
            (open(args, out, path, Versions::IfItApplies)?, None)
        }
    };
    let wanted = wanted(values, &file)?;
    let mut extent = Extent::Unchanged;
    let mut notices = Vec::new();
    let change = |document: &mut Document| {
        allow(document, how.allowed);
        let before = document.text().to_owned();
        let (edit, told) = changed(&file, document, &wanted, values.string)?;
        let alone = has_changed_lines_alone(&before, document.text(), wanted.len());
        (extent, notices) = (edit.extent, told);
        if extent == Extent::Collection && alone {
            extent = Extent::Splice; // what is around it came out as it was
        }
        Ok(edit.warnings)
    };
    let mut done = make(&file, given.as_ref(), how, change).map_err(of_edit)?;
    match &mut done {
        Done::Saved(receipt) => receipt.notices.extend(notices),
        Done::Worked(preview) => preview.notices.extend(notices),
    }
    let exit = tell(out, &done, (extent, piped), how)?;
    tell_of_arguments(out, &wanted, &file.sensitive())?;
    Ok(exit)
}

/// That whoever lists processes, or reads the history of the shell, has the secrets that were arguments.
fn tell_of_arguments(
    out: &mut Out,
    wanted: &[Given],
    sensitive: &Sensitive,
) -> std::io::Result<()> {
    let mut keys = Vec::new();
    for (assignment, given) in wanted {
        if given.is_none() && assignment.is_secret(sensitive) && !assignment.is_empty() {
            keys.extend(assignment.keys().into_iter().next());
        }
    }
    let (keys, verb) = match keys.as_slice() {
        [] => return Ok(()),
        [key] => (key.clone(), "was an argument"),
        _ => (keys.join(", "), "were arguments"),
    };
    out.aside(&format!(
        "{keys} {verb}, which others can see; use --stdin for secrets"
    ))
}

/// How a change is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct How<'a> {
    pub(super) allowed: Allowed,
    pub(super) why: &'a Why,
    pub(super) dry: Dry,
}

/// What came of a change.
enum Done {
    Saved(Receipt),
    /// It was worked out alone.
    Worked(Preview),
}

/// Makes the change in the file; only works it out on a document that was `given`, or where it is to be shown.
fn make(
    file: &ConfigFile,
    given: Option<&Document>,
    how: How<'_>,
    change: impl FnMut(&mut Document) -> Result<Vec<Warning>, format::Error>,
) -> Result<Done, Error> {
    match (given, how.dry.dry_run) {
        (Some(given), _) => file.preview_on(Some(given), change).map(Done::Worked),
        (None, true) => file.preview(change).map(Done::Worked),
        (None, false) => file
            .edit_tried(how.why.reason.as_deref(), change)
            .map(Done::Saved),
    }
}

fn tell(out: &mut Out, done: &Done, (extent, piped): (Extent, bool), how: How<'_>) -> Outcome {
    written_anew(out, extent, matches!(done, Done::Saved(_)))?;
    match done {
        Done::Saved(receipt) => show::receipt(out, receipt),
        Done::Worked(preview) if piped && !how.dry.dry_run => dry::print(out, preview),
        Done::Worked(preview) => dry::show(out, preview),
    }
}

/// Makes the assignments in the document, in order; with what is to be told of them beside what the format could not carry.
fn changed(
    file: &ConfigFile,
    document: &mut Document,
    wanted: &[Given],
    string: bool,
) -> Result<(Edit, Vec<Notice>), format::Error> {
    let mut setting = Setting {
        file,
        string,
        before: document.clone(),
        edited: Edited::default(),
        notices: Vec::new(),
    };
    let edit = document.edit(|edits| {
        let mut wanted = wanted.iter();
        wanted.try_for_each(|(assignment, given)| setting.set(edits, assignment, given.as_deref()))
    })?;
    Ok((edit, setting.notices))
}

/// An assignment, and its value if that is not in it.
type Given = (Assignment, Option<String>);

/// What is to be set; what is sensitive in the file is in no error about it.
fn wanted(values: Values<'_>, file: &ConfigFile) -> Result<Vec<Given>, Failure> {
    let given = |(assignment, content)| (assignment, Some(content));
    if values.stdin {
        return Ok(vec![given(input::from_stdin(values.assignments, file)?)]);
    }
    let sensitive = &file.sensitive();
    let mut wanted = Vec::new();
    let mut hidden = false;
    for text in values.assignments {
        let assignment = Assignment::parse(text, hidden)?;
        hidden |= assignment.is_secret(sensitive);
        wanted.push((assignment, None));
    }
    for text in values.files {
        wanted.push(given(input::from_file(text, sensitive)?));
    }
    let json = |(assignment, _): &(Assignment, _)| {
        let json = |way: &Way| way.how.json;
        assignment.only().is_some_and(json)
    };
    if values.string && wanted.iter().any(json) {
        let message = "`:=` writes JSON, and --string writes text; use one of them";
        return Err(Failure::usage(message));
    }
    Ok(wanted)
}

/// Values that are being set, one after the other.
struct Setting<'f> {
    file: &'f ConfigFile,
    string: bool,
    before: Document,
    edited: Edited,
    notices: Vec<Notice>,
}

impl Setting<'_> {
    fn set(
        &mut self,
        edits: &mut Edits,
        assignment: &Assignment,
        given: Option<&str>,
    ) -> Result<(), format::Error> {
        let way = assignment.in_document(edits.value());
        let way = way.ok_or_else(|| unclear(assignment, &self.file.sensitive()))?;
        let key = self.key(edits, way)?;
        let typed = given.unwrap_or(&way.value);
        let meant = self.meant(edits, &key, way, typed, given.is_some())?;
        match &meant.spelling {
            Some(spelling) => edits.set_spelled(&key, meant.value, spelling),
            None => edits.set(&key, meant.value),
        }
    }

    /// The key, if it is clear what it means.
    fn key(&mut self, edits: &Edits, way: &Way) -> Result<KeyPath, format::Error> {
        let mut key = way.key.clone();
        if way.how.append {
            let list = edits.get(&key).map(Value::untagged);
            if list.is_none_or(|value| value.as_sequence().is_none()) {
                let message = format!("`+=` adds an item to a list, but `{key}` does not hold one");
                let quoted = key_with_plus(&key);
                return Err(format::Error::refused(message).with_help(format!(
                    "`{}:=[…]` makes it a list; a key that ends in `+` needs quotes: {quoted}",
                    looks::shell(&key)
                )));
            }
            key.push(format::Segment::Append);
        }
        let dotted = looks::dotted(edits.value(), &key).filter(|_| !way.how.pointer);
        if let Some(meant) = dotted {
            let message = format!("`{key}` would go into a map, but keys there have dots in them");
            return Err(format::Error::refused(message).with_help(format!(
                "`{}=…` is the key with the dot; as a JSON Pointer, `{}=…`, it goes into a map",
                looks::shell(&meant),
                key.pointer()
            )));
        }
        let clear = self.edited.add(&key, edits.value());
        clear.map_err(|why| format::Error::refused(why).with_help("use a command for each"))?;
        Ok(key)
    }

    fn meant(
        &mut self,
        edits: &Edits,
        key: &KeyPath,
        way: &Way,
        typed: &str,
        is_content: bool,
    ) -> Result<Meant, format::Error> {
        // A schema that can't be used is told of by the save.
        let expected = self.file.expected(&self.before, edits.value(), key);
        let expected = expected.unwrap_or_default();
        let place = edits.place(key).allowing(expected.kinds);
        let read = match (way.how.json, self.string) {
            (true, _) => kind::read_json(typed, &place),
            (_, true) => Ok(kind::read_text(typed, &place)),
            _ if is_content => kind::read_content(typed, &place),
            _ => kind::read(typed, &place),
        };
        let sensitive = self.file.sensitive();
        let secret = sensitive.hides_in(edits.value(), key, &typed.into());
        let shown = (!secret).then_some(typed);
        let meant = read.map_err(|misfit| {
            let error = misfit.to_error(&self.before, key, shown);
            error.with_help(remedy(&misfit, key))
        })?;
        let name = key.to_string();
        // Of several values for one key the last one counts, and what was there before all of them.
        self.notices.retain(|notice| !is_about(notice, &name));
        let before = self.before.place(key).allowing(expected.kinds);
        if let Some((from, to)) = before.changed(&meant) {
            let key = name.clone();
            self.notices.push(Notice::KindChanged { key, from, to });
        }
        let unknown = expected.unknown.map(|unknown| {
            let meant = unknown.near.map(|near| format!("; did you mean `{near}`?"));
            let meant = meant.unwrap_or_default();
            match unknown.path == *key {
                true => format!("the schema does not know this key{meant}"),
                false => format!("the schema does not know `{}`{meant}", unknown.path),
            }
        });
        let about = meant.notes.iter().map(|note| match secret {
            true => note.discreet(),
            false => about(note),
        });
        let respelled = before.held.is_some_and(|held| {
            let other = held.spelling.is_some() && held.spelling != meant.spelling.as_deref();
            *held.value == meant.value && meant.spelling.is_some() && other
        });
        let respelled = respelled.then(|| "same value, new spelling".to_owned());
        let notes = about.chain(respelled).chain(unknown);
        self.notices.extend(notes.map(|note| Notice::Value {
            key: name.clone(),
            note,
        }));
        Ok(meant)
    }
}

fn about(note: &kind::Note) -> String {
    match note {
        kind::Note::Number { .. } => format!("{note}; --string writes it as text"),
        other => other.to_string(),
    }
}

/// Whether a note is about the value of this key.
fn is_about(notice: &Notice, name: &str) -> bool {
    matches!(notice, Notice::KindChanged { key, .. } | Notice::Value { key, .. } if key == name)
}

fn key_with_plus(key: &KeyPath) -> String {
    let plus = |segment: format::Segment| match segment {
        format::Segment::Key(name) => format::Segment::Key(format!("{name}+")),
        other => other,
    };
    let mut key = key.clone();
    let last = key.pop().map(plus);
    key.into_iter().chain(last).collect::<KeyPath>().to_string()
}

/// A JSON Pointer with several `=`, no part of which is a key.
fn unclear(assignment: &Assignment, sensitive: &Sensitive) -> format::Error {
    let mut keys = assignment.keys();
    if assignment.is_secret(sensitive) {
        keys.truncate(1); // longer ones have a part of the value in them
    }
    let message = format!(
        "it is not clear where the key ends: there is no {}",
        keys.join(", and no ")
    );
    let first = assignment.ways().first();
    let dotted = first.map(|way| looks::shell(&way.key)).unwrap_or_default();
    format::Error::refused(message).with_help(format!("write the key with dots: `{dotted}=…`"))
}

/// What can be done where a text does not fit.
fn remedy(misfit: &Misfit, key: &KeyPath) -> String {
    let shell = looks::shell(key);
    match misfit.because {
        Because::NoNull => "`persist unset` removes a key".into(),
        Because::TooLarge | Because::OutOfRange if misfit.wanted.has(Kind::Text) => {
            "`--string` writes it as text".into()
        }
        Because::TooLarge => format!("the largest is {}", i64::MAX),
        Because::OutOfRange => format!("the largest is {:e}", f64::MAX),
        Because::NoTags => "leave the tag out".into(),
        Because::Json => {
            format!("`{shell}:='\"text\"'` is a text in JSON, `{shell}:=[1, 2]` a list")
        }
        Because::Schema => "see the schema; `--string` and `:=` don't change what it allows".into(),
        Because::Held if misfit.wanted.has(Kind::List) => {
            format!("`{shell}+=VALUE` adds an item, `{shell}:=JSON` writes a value of any kind")
        }
        _ if misfit.wanted.has(Kind::Text) => {
            format!("`{shell}:=JSON` writes a value of another kind")
        }
        _ => format!("`{shell}:=JSON` writes a value of another kind, --string a text"),
    }
}

fn allow(document: &mut Document, allowed: Allowed) {
    let mut free = document.clone();
    if allowed.rewrite {
        free = free.on_loss(OnLoss::Reemit);
    }
    *document = match allowed.aliases {
        None => free,
        Some(Aliases::Follow) => free.on_alias(OnAlias::Follow),
        Some(Aliases::Expand) => free.on_alias(OnAlias::Expand),
    };
}

/// Whether no more lines differ than values were given.
fn has_changed_lines_alone(before: &str, after: &str, values: usize) -> bool {
    let diff = similar::TextDiff::from_lines(before, after);
    let count = |tag| {
        diff.iter_all_changes()
            .filter(|change| change.tag() == tag)
            .count()
    };
    count(similar::ChangeTag::Delete) <= values && count(similar::ChangeTag::Insert) <= values
}

fn written_anew(out: &mut Out, extent: Extent, is_saved: bool) -> std::io::Result<()> {
    match (extent, is_saved) {
        (Extent::Whole, true) => out.aside(
            "the whole document was rewritten, without its comments; `persist undo` undoes this",
        ),
        (Extent::Whole, false) => {
            out.aside("the whole document is rewritten, without its comments")
        }
        (Extent::Collection, true) => {
            out.aside("the surrounding block was rewritten; `persist diff --text` shows it")
        }
        (Extent::Collection, false) => out.aside("the surrounding block is rewritten"),
        _ => Ok(()),
    }
}
