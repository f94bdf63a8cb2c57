//! The `persist` command: careful changes to any JSON, TOML or YAML file.
//!
//! The library decides and acts; here is only what a terminal needs: arguments, words, exit codes.

mod args;
mod commands;
mod demo;
mod exit;
mod failure;
#[cfg(test)]
mod hints;
mod json;
mod out;
mod people;
mod quote;
mod show;

use std::borrow::Cow;
use std::io::Write as _;
use std::process::ExitCode;

use args::Args;
use exit::Exit;
use out::Out;

fn main() -> ExitCode {
    let args = match Args::read() {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    args.color.write_global();
    let mut out = Out::new(args.json);
    let exit = match commands::run(&args, &mut out) {
        Ok(exit) => exit,
        Err(failure) => show::failure(&mut out, &failure),
    };
    exit.into()
}

/// What clap says of wrong arguments, without what it has for terminals: a label, the usage, and where there is more.
fn wrong_arguments(error: &clap::Error) -> failure::Failure {
    use clap::error::ErrorKind::{DisplayHelpOnMissingArgumentOrSubcommand, MissingSubcommand};
    if let DisplayHelpOnMissingArgumentOrSubcommand | MissingSubcommand = error.kind() {
        return failure::Failure::usage("a command is missing").with_hint("--help lists them");
    }
    let told = error.to_string();
    let told = told.trim_end();
    let before =
        |told, part| -> &str { str::rsplit_once(told, part).map_or(told, |(told, _)| told) };
    let told = before(told, "\n\nFor more information, try ");
    let told = before(told, "\n\nUsage: ");
    let told = told.strip_prefix("error: ").unwrap_or(told);
    let mut told = told.split("\n\n  tip: ");
    let in_a_line = |part: &str| {
        let lines: Vec<&str> = part.lines().map(str::trim).collect();
        lines.join(" ")
    };
    let failure = failure::Failure::usage(in_a_line(told.next().unwrap_or_default()));
    let tips: Vec<String> = told.map(in_a_line).collect();
    match tips.is_empty() {
        true => failure,
        false => failure.with_hint(tips.join("\n")),
    }
}

/// Help and version are no failures; with `--json` even a wrong argument is told as JSON.
fn usage(error: &clap::Error) -> ExitCode {
    let json = std::env::args_os().any(|a| a == "--json");
    if error.use_stderr() && json {
        let failure = wrong_arguments(error);
        return show::failure(&mut Out::new(true), &failure).into();
    }
    let plain = error.render().to_string();
    // Nothing is left to do if even the message can't be written.
    drop(match out::visible(&plain) {
        Cow::Borrowed(_) => error.print(),
        // An argument, a file's name perhaps, would bring colours and worse of its own.
        Cow::Owned(visible) => write!(std::io::stderr(), "{visible}"),
    });
    if error.use_stderr() {
        Exit::Usage.into()
    } else {
        Exit::Done.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_arguments_are_told_without_what_is_for_terminals() {
        let check = |arguments: &str, message: &str, hint: Option<&str>| {
            let all = std::iter::once("persist").chain(arguments.split(' '));
            let error = args::command().try_get_matches_from(all);
            let failure = wrong_arguments(&error.expect_err(arguments));
            assert_eq!(failure.message, message);
            assert_eq!(failure.hint.as_deref(), hint);
        };
        check(
            "keep f --last lots",
            "invalid value 'lots' for '--last <N>': invalid digit found in string",
            None,
        );
        check(
            "get f -o lots",
            "invalid value 'lots' for '--output <FORM>' [possible values: json, raw, toml, yaml]",
            None,
        );
        check(
            "get f --foo",
            "unexpected argument '--foo' found",
            Some("to pass '--foo' as a value, use '-- --foo'"),
        );
        check(
            "gett f",
            "unrecognized subcommand 'gett'",
            Some("some similar subcommands exist: 'set', 'get'"),
        );
        check(
            "set f",
            "the following required arguments were not provided: <KEY=VALUE>...",
            None,
        );
        check("migrate", "a command is missing", Some("--help lists them"));
        check("--json", "a command is missing", Some("--help lists them"));
    }
}
