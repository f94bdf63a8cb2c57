//! Rust source as tokens, so that comments, strings and docs are never taken for code.

use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// One token of a flattened file, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// Whether `#[cfg(test)]` items count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tests {
    Included,
    Left,
}

/// The tokens of a file in order, groups opened up. Docs are left out; a file that can't be lexed gives its error as the
/// finding of whoever asked.
pub(crate) fn of_file(path: &Path, tests: Tests) -> Result<Vec<Token>, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let stream: TokenStream = text
        .parse()
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let mut tokens = Vec::new();
    flatten(stream, tests, &mut tokens);
    Ok(tokens)
}

pub(crate) fn flatten(stream: TokenStream, tests: Tests, tokens: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let line = tree.span().start().line;
        if let TokenTree::Punct(punct) = &tree
            && punct.as_char() == '#'
            && let Some(TokenTree::Group(attribute)) = trees.peek()
        {
            let text: String = attribute
                .stream()
                .into_iter()
                .map(|token| token.to_string())
                .collect();
            if text.starts_with("doc=") {
                trees.next();
                continue;
            }
            if tests == Tests::Left && text == "cfg(test)" {
                skip_item(&mut trees);
                continue;
            }
        }
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = brackets(group.delimiter());
                let last = group.span_close().start().line;
                tokens.push(Token {
                    text: open.to_owned(),
                    line,
                });
                flatten(group.stream(), tests, tokens);
                tokens.push(Token {
                    text: close.to_owned(),
                    line: last,
                });
            }
            other => tokens.push(Token {
                text: other.to_string(),
                line,
            }),
        }
    }
}

/// Up to the item's body or semicolon.
fn skip_item(trees: &mut impl Iterator<Item = TokenTree>) {
    for tree in trees {
        let ends = match &tree {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        if ends {
            break;
        }
    }
}

fn brackets(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

/// The lines where `pattern` (tokens separated by spaces) occurs.
pub(crate) fn lines_of(tokens: &[Token], pattern: &str) -> Vec<usize> {
    let wanted: Vec<&str> = pattern.split(' ').collect();
    let matches = |window: &&[Token]| {
        window
            .iter()
            .zip(&wanted)
            .all(|(token, text)| token.text == *text)
    };
    tokens
        .windows(wanted.len())
        .filter(matches)
        .map(|window| window[0].line)
        .collect()
}
