//! Which names Rust sources declare, and what each of them belongs to.
//!
//! What macros make is not seen, and a name is known by its last part: all types called `Error` are one, as in prose.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::names::{Named, is_name};
use super::tokens::{self, Tests};
use crate::workspace::{Workspace, files};

/// Items, fields and variants, by the type, trait, module or crate that they are in; a crate is in nothing (`""`).
#[derive(Debug, Default)]
pub(super) struct Declared {
    within: BTreeMap<String, BTreeSet<String>>,
}

impl Declared {
    /// What the sources of all members declare, tests left out.
    pub(super) fn of(workspace: &Workspace) -> Result<Declared, String> {
        let mut declared = Declared::default();
        for member in workspace.members() {
            let root = member.name.replace('-', "_");
            declared.add("", &root);
            let source = Workspace::folder(member).join("src");
            for path in files(&source, "rs") {
                let module = module(path.strip_prefix(&source).unwrap_or(&path));
                let tokens = tokens::of_file(&path, Tests::Left)?;
                let passed_on = Named::of(&tokens).imports.into_iter();
                let passed_on = passed_on.filter(|import| import.public);
                let module = module.unwrap_or(&root);
                passed_on.for_each(|import| declared.add(module, &import.name));
                let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
                declared.read(&texts, module);
            }
        }
        Ok(declared)
    }

    /// Whether something of this name is declared anywhere.
    pub(super) fn has(&self, name: &str) -> bool {
        self.within.values().any(|names| names.contains(name))
    }

    /// Whether a type, trait, module or crate called `scope` has something of this name.
    pub(super) fn has_within(&self, scope: &str, name: &str) -> bool {
        let names = self.within.get(scope);
        names.is_some_and(|names| names.contains(name))
    }

    fn add(&mut self, scope: &str, name: &str) {
        let names = self.within.entry(scope.to_owned()).or_default();
        names.insert(name.to_owned());
    }

    /// The items of a module, a trait or an `impl`.
    fn read(&mut self, tokens: &[&str], scope: &str) {
        let mut at = 0;
        while at < tokens.len() {
            let rest = &tokens[at..];
            at += match *rest {
                ["impl", ..] => {
                    let (header, body, read) = item(rest);
                    self.read(body, implemented(&header[1..]).unwrap_or(scope));
                    read
                }
                ["macro_rules", "!", name, ..] => {
                    self.add(scope, name);
                    item(rest).2
                }
                // `const fn` is a function.
                ["const", "fn" | "unsafe" | "async" | "extern", ..] => 1,
                [kind, name, ..] if KINDS.contains(&kind) && is_name(name) => {
                    self.add(scope, name);
                    let (_, body, read) = match kind {
                        "const" | "static" | "type" => statement(rest),
                        _ => item(rest),
                    };
                    match kind {
                        "mod" | "trait" => self.read(body, name),
                        "struct" | "union" => self.fields(body, name),
                        "enum" => {
                            self.variants(body, name);
                            self.fields(body, name);
                        }
                        _ => {}
                    }
                    read
                }
                _ => group(rest).max(1),
            }
        }
    }

    /// Each name before a single colon.
    fn fields(&mut self, body: &[&str], scope: &str) {
        for (index, name) in body.iter().enumerate() {
            let is_field = is_name(name)
                && body.get(index + 1) == Some(&":")
                && body.get(index + 2) != Some(&":")
                && (index == 0 || body[index - 1] != ":");
            if is_field {
                self.add(scope, name);
            }
        }
    }

    /// Each name that stands alone, outside of what belongs to another one.
    fn variants(&mut self, body: &[&str], scope: &str) {
        let mut at = 0;
        while at < body.len() {
            if is_name(body[at]) {
                self.add(scope, body[at]);
            }
            at += group(&body[at..]).max(1);
        }
    }
}

/// The keywords that come before a new name.
const KINDS: [&str; 9] = [
    "fn", "mod", "struct", "enum", "union", "trait", "type", "const", "static",
];

/// What a file's module is called; `None` for the root of a crate.
fn module(path: &Path) -> Option<&str> {
    let stem = path.file_stem()?.to_str()?;
    match stem {
        "mod" => path.parent()?.file_name()?.to_str(),
        "lib" | "main" if path.components().count() == 1 => None,
        stem => Some(stem),
    }
}

/// What comes before an item's body, the body, and how many tokens both are; an item without a body ends with a semicolon.
fn item<'t, 's>(tokens: &'t [&'s str]) -> (&'t [&'s str], &'t [&'s str], usize) {
    let mut at = 0;
    while at < tokens.len() {
        let length = group(&tokens[at..]);
        match tokens[at] {
            "{" => return (&tokens[..at], &tokens[at + 1..at + length - 1], at + length),
            ";" => return (&tokens[..at], &[], at + 1),
            _ => at += length.max(1),
        }
    }
    (tokens, &[], tokens.len())
}

/// As [`item`], for what ends with a semicolon whatever braces it has.
fn statement<'t, 's>(tokens: &'t [&'s str]) -> (&'t [&'s str], &'t [&'s str], usize) {
    let mut at = 0;
    while at < tokens.len() && tokens[at] != ";" {
        at += group(&tokens[at..]).max(1);
    }
    (&tokens[..at], &[], at + 1)
}

/// How many tokens the group that begins here has, brackets included; 0 if none begins.
fn group(tokens: &[&str]) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match *token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return if index == 0 { 0 } else { index + 1 };
        }
    }
    tokens.len()
}

/// The type that an `impl` is for, from what stands between `impl` and the body.
fn implemented<'s>(header: &[&'s str]) -> Option<&'s str> {
    let (mut depth, mut found) = (0_usize, None);
    for (index, token) in header.iter().enumerate() {
        match *token {
            "<" => depth += 1,
            // The end of an arrow is none of a list.
            ">" if index == 0 || header[index - 1] != "-" => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            "where" => break,
            // The trait comes before.
            "for" => found = None,
            "mut" | "dyn" | "const" => {}
            name if is_name(name) && !is_lifetime(header, index) => found = Some(name),
            _ => {}
        }
    }
    found
}

fn is_lifetime(tokens: &[&str], index: usize) -> bool {
    index > 0 && tokens[index - 1] == "'"
}
