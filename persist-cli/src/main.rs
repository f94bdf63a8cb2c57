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

/// Help and version are no failures; with `--json` even a wrong argument is told as JSON.
fn usage(error: &clap::Error) -> ExitCode {
    let json = std::env::args_os().any(|a| a == "--json");
    if error.use_stderr() && json {
        let failure = failure::Failure::usage(error.to_string().trim_end());
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
