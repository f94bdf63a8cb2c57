//! What `KEY=VALUE` says, before anything of the file is known.

use persist_core::{KeyPath, Sensitive, Value};

use crate::failure::Failure;

/// One argument of `set`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Assignment {
    /// A JSON Pointer may have `=` in it: each way to take it apart, the shortest key first. Any other key has one.
    ways: Vec<Way>,
}

/// A key, what is to be done with it, and the value as it was typed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Way {
    pub(super) key: KeyPath,
    pub(super) how: How,
    pub(super) value: String,
}

/// How the value is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct How {
    /// `:=`
    pub(super) json: bool,
    /// `+=`
    pub(super) append: bool,
    /// A JSON Pointer, which means what it says.
    pub(super) pointer: bool,
}

impl Assignment {
    /// Takes an argument apart. One without `=` is not shown if it is to be `hidden`: part of a value before it, perhaps, and a secret.
    pub(super) fn parse(text: &str, hidden: bool) -> Result<Assignment, Failure> {
        let apart = KeyPath::assignments(text);
        if apart.is_empty() {
            return Err(match hidden {
                true => Failure::usage("an argument after a secret is not an assignment; write KEY=VALUE, and quote a value with spaces"),
                false => Failure::usage(format!("`{text}` is not an assignment; write KEY=VALUE, e.g. window.width=1280"))
                    .with_hint("for a secret, name KEY alone with --stdin: a terminal asks for the value without showing it"),
            });
        }
        let mut ways = Vec::new();
        let mut wrong = None;
        for (left, value) in apart {
            match way(left, value) {
                Ok(way) => ways.push(way),
                Err(failure) => wrong = wrong.or(Some(failure)),
            }
        }
        match wrong {
            Some(failure) if ways.is_empty() => Err(failure),
            _ => Ok(Assignment { ways }),
        }
    }

    /// The same value under a key of which is known that it is one.
    pub(super) fn sole(key: KeyPath, how: How) -> Assignment {
        let value = String::new();
        Assignment {
            ways: vec![Way { key, how, value }],
        }
    }

    /// The one way to read it; with a JSON Pointer there may be more.
    pub(super) fn only(&self) -> Option<&Way> {
        match self.ways.as_slice() {
            [way] => Some(way),
            _ => None,
        }
    }

    /// The way with the longest key that is there; `None` if there are several and no key is.
    pub(super) fn in_document(&self, root: &Value) -> Option<&Way> {
        let there = |way: &&Way| root.get(&way.key).is_some();
        self.only().or_else(|| self.ways.iter().rev().find(there))
    }

    /// Every way to read it.
    pub(super) fn ways(&self) -> &[Way] {
        &self.ways
    }

    /// The keys that it may be about, spelled as it spells them, in backticks.
    pub(super) fn keys(&self) -> Vec<String> {
        let key = |way: &Way| match way.how.pointer {
            true => format!("`{}`", way.key.pointer()),
            false => format!("`{}`", way.key),
        };
        self.ways.iter().map(key).collect()
    }

    /// Whether it has no value, however it is read.
    pub(super) fn is_empty(&self) -> bool {
        self.ways.iter().all(|way| way.value.is_empty())
    }

    /// Whether its value, however it is read, must not be shown.
    pub(super) fn is_secret(&self, sensitive: &Sensitive) -> bool {
        let is_secret = |way: &Way| {
            let value = way.value.as_str().into();
            !sensitive.found(&way.key, &value).is_empty()
        };
        self.ways.iter().any(is_secret)
    }
}

fn way(left: &str, value: &str) -> Result<Way, Failure> {
    let (key, how) = key_and_how(left)?;
    // Most likely a variable of the shell that was not set.
    if key.is_root() {
        return Err(Failure::usage(format!(
            "`{left}=…` has no key; it would replace the whole document"
        )));
    }
    let value = value.to_owned();
    Ok(Way { key, how, value })
}

/// A key with `:` or `+` after it, or without.
pub(super) fn key_and_how(left: &str) -> Result<(KeyPath, How), Failure> {
    let mut rest = left;
    let mut how = How {
        pointer: left.starts_with('/'),
        ..How::default()
    };
    if let Some(before) = rest.strip_suffix(':') {
        (rest, how.json) = (before, true);
    }
    if let Some(before) = rest.strip_suffix('+') {
        (rest, how.append) = (before, true);
    }
    let key = rest.parse();
    let key = key.map_err(|e| Failure::usage(format!("`{rest}`: {e}")))?;
    Ok((key, how))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let assignment = match Assignment::parse(text, false) {
            Ok(assignment) => assignment,
            Err(failure) => return failure.message,
        };
        let way = |way: &Way| {
            let sign = match (way.how.append, way.how.json) {
                (false, false) => "=",
                (false, true) => ":=",
                (true, false) => "+=",
                (true, true) => "+:=",
            };
            format!("{} {sign} {}", way.key.pointer(), way.value)
        };
        let ways: Vec<String> = assignment.ways().iter().map(way).collect();
        ways.join(" | ")
    }

    #[test]
    fn an_argument_is_taken_apart() {
        let check = |text: &str, wanted: &str| assert_eq!(told(text), wanted, "{text}");
        check("a.b=1", "/a/b = 1");
        check("a=b=c", "/a = b=c");
        check("a=", "/a = ");
        check("a:=[1]", "/a := [1]");
        check("a:=!tag x=y", "/a := !tag x=y");
        check("l+=x", "/l += x");
        check("l+:=1", "/l +:= 1");
        check("l[+]=x", "/l/- = x");
        check(r#""a:"=1"#, "/a: = 1");
        check(r#""a+"=1"#, "/a+ = 1");
        check(r#""x=y"=2"#, "/x=y = 2");
        check(r#"a."b\"="=2"#, r#"/a/b"= = 2"#);
        check(
            "it's=1",
            "`it's`: a quote in an unquoted key in the key path \"it's\"",
        );
        check("url=http://h/?a:=b", "/url = http://h/?a:=b");
        check("/a/b=1", "/a/b = 1");
        check("/a:=1", "/a := 1");
        check("/a=b=c", "/a = b=c | /a=b = c");
        check(
            "/a~=b",
            "`/a~`: `~` is not followed by 0 or 1 in the key path \"/a~\"",
        );
        check("=1", "`=…` has no key; it would replace the whole document");
        check(
            "a",
            "`a` is not an assignment; write KEY=VALUE, e.g. window.width=1280",
        );
    }

    #[test]
    fn a_pointer_means_the_longest_key_that_is_there() {
        let root = Value::from_cli(r#"{"a": 1, "a=b": {"c": 1}}"#);
        let check = |text: &str, wanted: Option<&str>| {
            let assignment = Assignment::parse(text, false).unwrap();
            let way = assignment.in_document(&root);
            assert_eq!(way.map(|way| way.value.as_str()), wanted, "{text}");
        };
        check("/a=x", Some("x"));
        check("/a=x=y", Some("x=y"));
        check("/a=b=c", Some("c"));
        check("/a=b/c=d=e", Some("d=e"));
        check("/new=x", Some("x"));
        check("/new=x=y", None);
    }
}
