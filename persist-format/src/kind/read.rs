//! From a text to the value that it means, by the place that it is for.

use base64::Engine as _;

use super::meant::Meant;
use super::misfit::{Because, Misfit};
use super::note::Note;
use super::place::{Held, Place};
use super::yaml11::{self, Seen};
use super::{Kind, Kinds, number, switch, tag};
use crate::document::Document;
use crate::format::Format;
use crate::value::{Datetime, Value};

/// What a text means that was typed as the value of a place: the first of these that says it.
///
/// 1. If the schema allows one kind, the text is read as that kind. Whether null is allowed as well makes no difference.
/// 2. If the place holds a value (or an item is added to items of one kind), the text is read as its kind: of numbers the spelling is kept, switches are spelled in
///    the family of the old one, a tag stays.
/// 3. If the key is new or null: JSON if it is JSON, else text.
///
/// # Errors
///
/// [`Misfit`] if it can't be read so.
pub fn read(typed: &str, place: &Place<'_>) -> Result<Meant, Misfit> {
    let meant = decided(typed, place, json_or_text)?;
    Ok(whole(meant, typed, place))
}

/// As [`read`], for content that was not typed, but comes from a file or a pipe: where nothing says the kind, it is text.
///
/// # Errors
///
/// As [`read`].
pub fn read_content(content: &str, place: &Place<'_>) -> Result<Meant, Misfit> {
    let meant = decided(content, place, |content, place| {
        match place.allowed.has(Kind::Text) {
            true => Ok(text(content, place)),
            false => json_or_text(content, place),
        }
    })?;
    Ok(whole(meant, content, place))
}

/// Where a schema wants an integer, one that was typed as `1e3` or `10.0` is written as `1000` or `10`: JSON Schema takes both for one, and a
/// program that reads into an integer does not. What has a fraction is left to the schema to refuse.
fn whole(mut meant: Meant, typed: &str, place: &Place<'_>) -> Meant {
    let integer = number::whole(meant.value.untagged());
    let Some(integer) = integer.filter(|_| place.allowed.has_whole_numbers_alone()) else {
        return meant;
    };
    meant.notes = vec![Note::Whole {
        typed: typed.trim().to_owned(),
        written: integer.to_string(),
    }];
    meant.spelling = None;
    let integer = Value::Integer(integer);
    meant.value = match &meant.value {
        Value::Tagged(tagged) => tag::put(&tagged.tag, integer),
        _ => integer,
    };
    meant
}

fn decided(
    typed: &str,
    place: &Place<'_>,
    free: impl Fn(&str, &Place<'_>) -> Result<Meant, Misfit>,
) -> Result<Meant, Misfit> {
    let there = place.held.or(place.beside);
    let held = there.map(|held| held.kind(place.format));
    let held = held.filter(|kind| *kind != Kind::Null);
    let (kind, because) = match (place.allowed.only(), held) {
        // To a schema dates and bytes are text.
        (Some(Kind::Text), Some(kind @ (Kind::Date | Kind::Bytes))) => (kind, Because::Held),
        (Some(kind), _) => (kind, Because::Schema),
        (None, Some(kind)) if place.allowed.has(kind) => match place.held {
            Some(_) => (kind, Because::Held),
            None => (kind, Because::Beside),
        },
        _ => return free(typed, place),
    };
    // A schema that allows null means it where nothing else can.
    let null = because == Because::Schema && kind != Kind::Text && place.allowed.has(Kind::Null);
    if null && typed.trim() == "null" && place.allowed != Kinds::ALL {
        return fits(Meant::new(Value::Null), place);
    }
    let tag = place.held.and_then(|held| match held.value {
        Value::Tagged(tagged) => Some(&tagged.tag),
        _ => None,
    });
    let inner = place.untagged();
    let mut meant = of_kind(typed, kind, because, &inner)?;
    if let Some(name) = tag {
        meant.value = tag::put(name, meant.value);
    }
    Ok(meant)
}

fn of_kind(typed: &str, kind: Kind, because: Because, place: &Place<'_>) -> Result<Meant, Misfit> {
    let misfit = || Misfit::new(kind, because);
    let held = place.held.or(place.beside);
    let plain = held.and_then(|held| held.plain(place.format));
    match kind {
        Kind::Text => Ok(text(typed, place)),
        Kind::Number => {
            // A reader counts only if a number was there.
            let before = held.filter(|held| held.kind(place.format) == Kind::Number);
            let before = before.and_then(|held| held.plain(place.format));
            let found = number::read(typed, before, place.format);
            let found = found.ok_or_else(|| match () {
                () if number::is_too_large(typed, place.format) => {
                    no_room(place, Because::TooLarge)
                }
                () if number::is_out_of_range(typed) => no_room(place, Because::OutOfRange),
                () => misfit(),
            })?;
            Ok(Meant {
                value: found.value,
                spelling: found.spelling,
                notes: found.notes,
            })
        }
        Kind::Switch => {
            let before = plain.filter(|plain| yaml11::is_switch(plain));
            let (value, spelled) =
                switch::read(typed.trim(), before, place.format).ok_or_else(misfit)?;
            Ok(Meant::spelled(value, spelled))
        }
        Kind::Date => {
            let typed = typed.trim();
            let date: Datetime = typed.parse().map_err(|_| misfit())?;
            // `07:30` without seconds is new in TOML 1.1: not every reader of the file takes it.
            let clock = typed.rsplit(['T', 't', ' ']).next().unwrap_or_default();
            let is_short = clock.get(2..3) == Some(":") && clock.get(5..6) != Some(":");
            Ok(match is_short {
                true => Meant::new(date),
                false => Meant::spelled(date.into(), typed),
            })
        }
        Kind::Bytes => {
            let packed: String = typed.split_ascii_whitespace().collect();
            let bytes = base64::engine::general_purpose::STANDARD.decode(packed);
            bytes
                .map(|bytes| Meant::new(Value::Bytes(bytes)))
                .map_err(|_| misfit())
        }
        Kind::List | Kind::Map | Kind::Null => {
            let (value, _) = json(typed).map_err(|_| misfit().with("write it as JSON"))?;
            match Kind::of(&value) == kind {
                true => fits(Meant::new(value), place),
                false => Err(misfit()),
            }
        }
    }
}

/// Text, whatever is there and whatever it looks like; a tag before text stays.
#[must_use]
pub fn read_text(typed: &str, place: &Place<'_>) -> Meant {
    match place.held.map(|held| held.value) {
        Some(Value::Tagged(tagged)) if tagged.value.is_string() => {
            Meant::new(tag::put(&tagged.tag, typed.into()))
        }
        Some(Value::Tagged(tagged)) => Meant::new(typed).noting(Some(Note::TagGone {
            tag: tagged.tag.clone(),
        })),
        _ => certain(Meant::new(typed), place),
    }
}

/// The same with quotes if it is text that stands there plain, and is none to readers of YAML 1.1.
fn certain(meant: Meant, place: &Place<'_>) -> Meant {
    let plain = place.held.and_then(|held| held.plain(place.format));
    let same = place.held.is_some_and(|held| *held.value == meant.value);
    let no_text = |plain: &str| !matches!(yaml11::seen(plain), Seen::Text);
    match (meant.value.as_str(), plain) {
        (Some(text), Some(plain)) if same && no_text(plain) => {
            let quoted = crate::value::json::quoted(text);
            Meant {
                spelling: Some(quoted),
                ..meant
            }
        }
        _ => meant,
    }
}

/// Text as the place has it, letter for letter.
///
/// Where plain text of YAML was that readers of YAML 1.1 took for something else, and this is of that kind too, it stays plain.
fn text(typed: &str, place: &Place<'_>) -> Meant {
    let value = Value::from(typed);
    let before = place.held.or(place.beside);
    let was_text = before.filter(|held| matches!(held.value, Value::String(_)));
    let Some(plain) = was_text.and_then(|held| held.plain(place.format)) else {
        return Meant::new(value);
    };
    let what = match yaml11::seen(plain) {
        Seen::Text | Seen::Null | Seen::Sign => return Meant::new(value),
        Seen::Number => "number",
        Seen::Switch => "switch",
        Seen::Date => "date",
    };
    let is_text = Document::parse(typed.as_bytes(), Format::Yaml)
        .is_ok_and(|read| read.value().as_str() == Some(typed));
    if is_text && yaml11::seen(typed) == yaml11::seen(plain) {
        return Meant::spelled(value, typed);
    }
    Meant::new(value).noting(place.held.map(|_| Note::WasNoText { what }))
}

/// What was typed to be JSON, whatever is there. In YAML a tag may stand before it: `!vault "text"`, or `!Ref name`, since what is not JSON under a tag is text.
///
/// # Errors
///
/// [`Misfit`] if it is none, or if the format can't say it.
pub fn read_json(typed: &str, place: &Place<'_>) -> Result<Meant, Misfit> {
    let misfit = || Misfit::new(Kinds::ALL, Because::Json);
    if let Some((name, rest)) = tag::split(typed.trim()) {
        if place.format != Format::Yaml {
            let why = format!("{} has no tags", place.format);
            return Err(Misfit::new(Kinds::ALL, Because::NoTags).with(why));
        }
        if tag::says_kind(&name) {
            return Err(misfit().with("JSON writes this kind without a tag"));
        }
        let value = match (rest, json(rest)) {
            ("", _) => Value::Null,
            (_, Ok((value, _))) => value,
            (text, Err(_)) => Value::from(text),
        };
        return Ok(Meant::new(tag::put(&name, value)));
    }
    let (value, notes) = json(typed).map_err(|why| misfit().with(why))?;
    let gone = place.held.and_then(|held| match held.value {
        Value::Tagged(tagged) => Some(Note::TagGone {
            tag: tagged.tag.clone(),
        }),
        _ => None,
    });
    let mut meant = Meant::new(value).noting(gone);
    meant.notes.extend(notes);
    fits(whole(certain(meant, place), typed, place), place)
}

/// JSON of a kind that the schema allows if it is that, else text.
fn json_or_text(typed: &str, place: &Place<'_>) -> Result<Meant, Misfit> {
    let read = json(typed);
    match read {
        Ok((Value::Integer(n), _)) if place.format == Format::Toml && n.to_i64().is_none() => {
            Err(no_room(place, Because::TooLarge))
        }
        Ok((value, notes)) if place.allowed.has(Kind::of(&value)) => {
            let mut meant = Meant::new(value);
            meant.notes = notes;
            fits(meant, place)
        }
        _ if !place.allowed.has(Kind::Text)
            && place.allowed.has(Kind::Number)
            && number::is_out_of_range(typed) =>
        {
            Err(no_room(place, Because::OutOfRange))
        }
        _ if !place.allowed.has(Kind::Text) => Err(Misfit::new(place.allowed, Because::Schema)),
        Ok(_) => Ok(text(typed, place)),
        Err(why) => {
            let looks = typed.trim_start().starts_with(['{', '[', '"']);
            Ok(text(typed, place).noting(looks.then_some(Note::NotJson { why })))
        }
    }
}

/// A value that was typed as JSON, and what programs may make of it if it is a number; `Err` says why it is none.
fn json(typed: &str) -> Result<(Value, Vec<Note>), String> {
    let read = Document::parse(typed.as_bytes(), Format::Json);
    let value = read
        .map_err(|error| error.message().to_owned())?
        .into_value();
    let notes = number::differently(typed.trim(), &value, Format::Json);
    Ok((value, notes))
}

/// Of a number that the format, or a float, has no room for: text has, where a schema allows it.
fn no_room(place: &Place<'_>, because: Because) -> Misfit {
    let text = place.allowed.and(Kind::Text.into());
    Misfit::new(Kinds::from(Kind::Number).or(text), because)
}

/// The value, unless the format has no word for it.
fn fits(meant: Meant, place: &Place<'_>) -> Result<Meant, Misfit> {
    match !place.format.vocabulary().null && has_null(&meant.value) {
        true => {
            let why = format!("{} has no null", place.format);
            Err(Misfit::new(Kinds::ALL, Because::NoNull).with(why))
        }
        false => Ok(meant),
    }
}

fn has_null(value: &Value) -> bool {
    match value.untagged() {
        Value::Null => true,
        Value::Sequence(items) => items.iter().any(has_null),
        Value::Map(map) => map.values().any(has_null),
        _ => false,
    }
}

impl<'a> Place<'a> {
    /// The place as it is under the tags of what it holds. Where a tag stands, only the tag says how its text is read.
    fn untagged(&self) -> Self {
        let bare = |held: Held<'a>| Held {
            value: held.value.untagged(),
            ..held
        };
        Self {
            held: self.held.map(bare),
            beside: self.beside.map(bare),
            ..*self
        }
    }
}
