//! Every command and option that a message, hint or help text names exists.
//!
//! Messages are texts in the sources of all crates, so that is where they are looked for: no run of the command comes by all of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Command;

use crate::args::command;

/// Options of others, and pieces of them, that texts of ours name.
const FOREIGN: [&str; 2] = ["--password", "--token"];

/// The texts in quotes of a source file, tests and comments left out.
fn texts(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]\nmod tests {").next();
    let lines = source.unwrap_or_default().lines();
    let code: Vec<String> = lines
        .map(|line| {
            let comment = line.trim_start();
            // What documents an argument is its help.
            match comment.strip_prefix("///") {
                Some(help) => format!("\"{}\"", help.replace('"', "'")),
                None if comment.starts_with("//") => String::new(),
                None => line.to_owned(),
            }
        })
        .collect();
    let mut texts = Vec::new();
    let mut rest = code.join("\n").replace("'\"'", "").replace("b'\"'", "");
    rest = rest.replace("'\\\"'", "");
    let mut chars = rest.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c != '"' {
            continue;
        }
        let is_raw = rest[..start].ends_with("r#") || rest[..start].ends_with('r');
        let end = loop {
            match chars.next() {
                Some((_, '\\')) if !is_raw => drop(chars.next()),
                Some((at, '"'))
                    if !rest[..start].ends_with("r#") || rest[at + 1..].starts_with('#') =>
                {
                    break at;
                }
                Some(_) => {}
                None => break rest.len(),
            }
        };
        texts.push(rest[start + 1..end].to_owned());
    }
    texts
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs")
            && !path.ends_with("hints.rs")
            && !path.ends_with("tests.rs")
        {
            found.push(path);
        }
    }
}

/// The long options of a command and all below it, and their short ones.
fn options(command: &Command, found: &mut BTreeSet<String>) {
    for arg in command.get_arguments() {
        found.extend(arg.get_long().map(|long| format!("--{long}")));
        found.extend(arg.get_short().map(|short| format!("-{short}")));
    }
    for below in command.get_subcommands() {
        options(below, found);
    }
}

/// What looks like an option in a text.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words.filter(|word| {
        word.strip_prefix("--").is_some_and(|name| {
            name.starts_with(|c: char| c.is_ascii_lowercase()) && name.len() > 1
        })
    })
}

/// What is wrong with a command line that is offered, `persist` left out.
fn wrong(line: &str, root: &Command) -> Option<String> {
    let mut words = line
        .split_whitespace()
        .filter(|word| *word != "help")
        .peekable();
    let mut at = root;
    while let Some(below) = words.peek().and_then(|word| at.find_subcommand(word)) {
        at = below;
        words.next();
    }
    if at.get_name() == root.get_name()
        && let Some(word) = words.peek()
        && word.chars().all(|c| c.is_ascii_lowercase())
    {
        return Some(format!("there is no command {word}"));
    }
    let mut known = BTreeSet::new();
    options(at, &mut known);
    let is_option =
        |word: &&str| word.starts_with('-') && word.len() > 1 && !word.starts_with("-{");
    let unknown = words.find(|word| is_option(word) && !known.contains(*word));
    unknown.map(|option| format!("{} has no {option}", at.get_name()))
}

#[test]
fn every_command_and_option_that_is_named_exists() {
    let root = command();
    let mut known = BTreeSet::new();
    options(&root, &mut known);
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("a workspace");
    let mut files = Vec::new();
    for name in ["backup", "cli", "core", "format", "lock", "migrate"] {
        sources(&workspace.join(format!("persist-{name}/src")), &mut files);
    }
    let mut faults = Vec::new();
    let mut seen = 0;
    for file in files {
        let is_of_library = !file.starts_with(workspace.join("persist-cli"));
        for text in texts(&std::fs::read_to_string(&file).expect("a source")) {
            let mut check = |fault: Option<String>| {
                seen += 1;
                faults.extend(fault.map(|fault| format!("{}: {fault}: {text}", file.display())));
            };
            for option in named(&text).filter(|option| !FOREIGN.contains(option)) {
                let is_known = known.contains(option);
                check((!is_known).then(|| format!("no command has {option}")));
                // Who calls a library has no options of a command.
                check(is_of_library.then(|| format!("a library names {option}")));
            }
            let marked = text.split('`').skip(1).step_by(2);
            let whole = std::iter::once(text.as_str()).filter(|_| !text.contains('`'));
            for line in marked
                .chain(whole)
                .filter_map(|line| line.strip_prefix("persist "))
            {
                let is_command = !is_of_library || text.contains('`');
                check(wrong(line, &root).filter(|_| is_command));
            }
        }
    }
    assert!(seen > 60, "they are found: {seen}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Things of the libraries that a text names in backticks: a path of Rust, or a name in snake case.
fn of_rust(text: &str) -> impl Iterator<Item = &str> {
    let marked = text.split('`').skip(1).step_by(2);
    marked.filter(|word| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let is_path = word.contains("::");
        word.chars().all(is_name) && (is_path || word.contains('_')) && !word.ends_with(':')
    })
}

/// Words that stand in files.
const WRITTEN: [&str; 3] = ["file_bytes", "schema_version", "version_key"];

/// What a command never says: what only a program's own types bring about, or what the command has words of its own for.
const NEVER_SAID: [&str; 8] = [
    "Builder::unchecked",
    "Document::choose",
    "Options::doc",
    "OnAlias::Expand",
    "OnAlias::Follow",
    "OnLoss::Reemit",
    "on_alias",
    "on_loss",
];

#[test]
fn nothing_of_rust_is_said() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("a workspace");
    let mut files = Vec::new();
    for name in ["backup", "cli", "core", "format", "lock", "migrate"] {
        sources(&workspace.join(format!("persist-{name}/src")), &mut files);
    }
    let mut faults = Vec::new();
    for file in files {
        let source = std::fs::read_to_string(&file).expect("a source");
        let code = source.lines().filter(|line| {
            let line = line.trim_start();
            let for_callers = line.starts_with("///") || line.starts_with("#[must_use");
            file.ends_with("args.rs") || !for_callers
        });
        for text in texts(&code.collect::<Vec<_>>().join("\n")) {
            let said =
                of_rust(&text).filter(|word| !WRITTEN.contains(word) && !NEVER_SAID.contains(word));
            faults.extend(said.map(|word| format!("{}: {word}", file.display())));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_does_not_exist_is_found() {
    let root = command();
    let check =
        |line: &str, expected: bool| assert_eq!(wrong(line, &root).is_some(), expected, "{line}");
    check("recover {file}", false);
    check("recover --salvage {name}", false);
    check("migrate to --all '*.json' --wait 3", false);
    check("recover --into FILE", true);
    check("salvage {file}", true);
    check("migrate to --salvage", true);
    assert_eq!(named("use --in-place or -x, --no_such").count(), 2);
    let texts = texts("// \"--a\"\nf(\"b \\\" --c\", r#\"d\"e\"#)\n/// `persist x`\n");
    assert_eq!(texts, ["b \\\" --c", "d\"e", " `persist x`"]);
}
