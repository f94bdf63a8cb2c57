//! Which names of other modules a source file uses, read from its tokens.
//!
//! Methods are not seen, only what is named: a path such as `crate::a::B`, and what `use` brings in.

use super::tokens::Token;

/// A path as it is written, such as `["super", "plan", "Plan"]`.
pub(crate) type Names = Vec<String>;

/// A name that `use` brings into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    /// What the file calls it; `*` for everything.
    pub(crate) name: String,
    pub(crate) path: Names,
    /// `pub use`, for whomever.
    pub(crate) public: bool,
    /// Whether it is only passed on: `pub use`, and the file itself does not say the name.
    pub(crate) passed_on: bool,
}

/// What a file names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named {
    pub(crate) imports: Vec<Import>,
    /// Paths of two names or more, outside of `use`.
    pub(crate) paths: Vec<Names>,
    /// The modules it declares that are files: what it calls each, and the file's name.
    pub(crate) declared: Vec<(String, String)>,
}

impl Named {
    pub(crate) fn of(tokens: &[Token]) -> Self {
        let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        let mut named = Self::default();
        let mut said = Vec::new();
        // How many braces are open, and how many were when each module that is no file began.
        let (mut depth, mut inline) = (0, Vec::new());
        let mut at = 0;
        while at < texts.len() {
            at = match texts[at] {
                "{" => {
                    depth += 1;
                    at + 1
                }
                "}" => {
                    depth -= 1;
                    inline.pop_if(|begun| *begun == depth);
                    at + 1
                }
                "mod" if texts.get(at + 2) == Some(&"{") => {
                    inline.push(depth);
                    at + 2
                }
                "use" if texts.get(at + 1) != Some(&"<") => {
                    let end = at + position(&texts[at..], ";");
                    let public = is_public(&texts[..at]);
                    let mut tree = Tree {
                        texts: &texts[at + 1..end],
                        at: 0,
                    };
                    let found = tree.imports(&[]);
                    named
                        .imports
                        .extend(found.into_iter().map(|(name, path)| Import {
                            name,
                            path: outside(path, inline.len()),
                            public,
                            passed_on: public,
                        }));
                    end + 1
                }
                "mod" if texts.get(at + 2) == Some(&";") => {
                    let name = texts[at + 1];
                    let file = file_before(&texts[..at]).unwrap_or(name);
                    named.declared.push((name.to_owned(), file.to_owned()));
                    at + 3
                }
                // `pub(in path)` names who may use, not what is used.
                "in" if texts[..at].ends_with(&["pub", "("]) => at + position(&texts[at..], ")"),
                _ => {
                    let path = path_at(&texts[at..]);
                    let read = path.len().max(1) * 3 - 2; // each further name comes after two colons
                    if let [first, _, ..] = path.as_slice() {
                        said.push(first.clone());
                        named.paths.push(outside(path, inline.len()));
                    } else {
                        said.push(texts[at].to_owned());
                    }
                    at + read
                }
            };
        }
        for import in &mut named.imports {
            import.passed_on &= !said.contains(&import.name);
        }
        named
    }
}

/// A path from within so many modules that are no files, as the file itself would write it.
fn outside(mut path: Names, inline: usize) -> Names {
    for _ in 0..inline {
        if path.first().is_some_and(|first| first == "super") {
            path.remove(0);
            if path.first().is_none_or(|first| first != "super") {
                path.insert(0, "self".to_owned());
                break;
            }
        }
    }
    path
}

/// Whether what comes next is `pub`, or `pub(crate)` and the like.
fn is_public(before: &[&str]) -> bool {
    match before {
        [.., "pub"] | [.., "pub", "(", _, ")"] => true,
        [.., ")"] => before.iter().rev().take(8).any(|text| *text == "pub"),
        _ => false,
    }
}

/// The file that `#[path = "file.rs"]` names just before.
fn file_before<'a>(before: &[&'a str]) -> Option<&'a str> {
    let (literal, rest) = match before {
        [rest @ .., literal, "]"] => (literal, rest),
        [rest @ .., literal, "]", "pub", "(", _, ")"] => (literal, rest),
        _ => return None,
    };
    let file = literal.strip_prefix('"')?.strip_suffix(".rs\"")?;
    rest.ends_with(&["path", "="]).then_some(file)
}

fn position(texts: &[&str], wanted: &str) -> usize {
    let found = texts.iter().position(|text| *text == wanted);
    found.unwrap_or(texts.len() - 1)
}

pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// The path that starts here; empty if no name does.
fn path_at(texts: &[&str]) -> Names {
    let mut names = Vec::new();
    let mut rest = texts;
    while let Some((first, after)) = rest.split_first()
        && is_name(first)
    {
        names.push((*first).to_owned());
        match after {
            [":", ":", next @ ..] => rest = next,
            _ => break,
        }
    }
    names
}

/// What stands between `use` and its semicolon, read from the left.
struct Tree<'a> {
    texts: &'a [&'a str],
    at: usize,
}

impl Tree<'_> {
    fn next(&mut self) -> &str {
        self.at += 1;
        self.texts.get(self.at - 1).copied().unwrap_or_default()
    }

    fn take(&mut self, wanted: &str) -> bool {
        let found = self.texts.get(self.at) == Some(&wanted);
        self.at += usize::from(found);
        found
    }

    /// One branch, which is below `above`.
    fn imports(&mut self, above: &[String]) -> Vec<(String, Names)> {
        let mut path = above.to_vec();
        loop {
            if self.take("{") {
                let mut all = Vec::new();
                while !self.take("}") && self.at < self.texts.len() {
                    all.extend(self.imports(&path));
                    self.take(",");
                }
                return all;
            }
            let name = self.next().to_owned();
            if name != "self" || path.is_empty() {
                path.push(name);
            }
            if self.take(":") {
                self.take(":");
                continue;
            }
            let known_as = match self.take("as") {
                true => self.next().to_owned(),
                false => path.last().cloned().unwrap_or_default(),
            };
            return vec![(known_as, path)];
        }
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;

    use super::*;
    use crate::tidy::tokens::{Tests, flatten};

    fn named(text: &str) -> Named {
        let mut tokens = Vec::new();
        let stream: TokenStream = text.parse().expect("Rust");
        flatten(stream, Tests::Left, &mut tokens);
        Named::of(&tokens)
    }

    #[test]
    fn names_that_use_brings() {
        let text = "mod i { use super::T; use super::super::U; fn f() {} } mod c; #[path = \"other.rs\"] mod d; pub(crate) use self::c::{D, e as E}; pub use x::Y; use crate::a::{self, B}; use super::*;\nfn f() -> E { c::g(crate::h::<u8>()) }";
        let named = named(text);
        let imports: Vec<String> = named
            .imports
            .iter()
            .map(|import| {
                let path = import.path.join("::");
                format!(
                    "{} = {path}{}",
                    import.name,
                    if import.passed_on { ", passed on" } else { "" }
                )
            })
            .collect();
        assert_eq!(
            imports,
            [
                "T = self::T",
                "U = super::U",
                "D = self::c::D, passed on",
                "E = self::c::e",
                "Y = x::Y, passed on",
                "a = crate::a",
                "B = crate::a::B",
                "* = super::*"
            ]
        );
        let declared = [("c", "c"), ("d", "other")];
        let declared = declared.map(|(name, file)| (name.to_owned(), file.to_owned()));
        assert_eq!(named.declared, declared);
        assert_eq!(named.paths, [["c", "g"], ["crate", "h"]]);
    }
}
