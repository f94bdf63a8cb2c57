//! One module a command. Each calls the library and shows what came of it.

mod actor;
mod change;
mod check;
mod convert;
mod diff;
mod dry;
mod get;
mod graph;
mod history;
mod judge;
mod judges;
mod keep;
mod many;
mod matching;
mod migrate;
mod missing;
mod open;
mod progress;
mod propose;
mod purge;
mod secrecy;
mod set;
mod share;
mod status;

use persist_core::HistoryMove;
use persist_core::migrate::Direction;

use crate::args::{Args, Command, Migrate};
use crate::demo;
use crate::failure::{Failure, Outcome};
use crate::out::Out;

/// Runs the command that was asked for.
pub(crate) fn run(args: &Args, out: &mut Out) -> Outcome {
    match &args.command {
        Command::Get {
            file,
            key,
            output,
            secrets,
            ..
        } => {
            let asked = get::Asked {
                key: key.as_ref(),
                form: *output,
                secrets: *secrets,
            };
            get::get(args, out, file, asked)
        }
        Command::Set {
            file,
            assignments,
            files,
            string,
            stdin,
            allowed,
            why,
            dry,
            ..
        } => {
            let values = set::Values {
                assignments,
                files,
                string: *string,
                stdin: *stdin,
            };
            let how = set::How {
                allowed: *allowed,
                why,
                dry: *dry,
            };
            set::set(args, out, file, values, how)
        }
        Command::Unset {
            file,
            keys,
            allowed,
            why,
            dry,
            ..
        } => {
            let how = set::How {
                allowed: *allowed,
                why,
                dry: *dry,
            };
            set::unset(args, out, file, keys, how)
        }
        Command::Status { file } => status::status(args, out, file),
        Command::Log {
            file,
            number,
            changelog,
        } => history::log(args, out, file, *number, *changelog),
        Command::Diff {
            file,
            from,
            to,
            with,
            text,
            exit_code,
            ..
        } => {
            let sides = diff::Sides {
                from: from.as_deref(),
                to: to.as_deref(),
                with: with.as_deref(),
            };
            diff::diff(args, out, file, &sides, *text, *exit_code)
        }
        Command::Undo {
            file,
            count,
            to,
            force,
            dry,
            ..
        } => {
            let to = match to {
                Some(number) => HistoryMove::UndoTo(*number),
                None => HistoryMove::Undo(count.unwrap_or(1)),
            };
            change::undo(args, out, file, to, change::How::new(*force, *dry))
        }
        Command::Redo {
            file,
            count,
            force,
            dry,
            ..
        } => {
            let to = HistoryMove::Redo(count.unwrap_or(1));
            change::undo(args, out, file, to, change::How::new(*force, *dry))
        }
        Command::Restore {
            file,
            backup,
            force,
            dry,
            ..
        } => change::restore(args, out, file, backup, change::How::new(*force, *dry)),
        Command::Backups { file } => history::backups(args, out, file),
        Command::Keep { file, rules } => keep::keep(args, out, file, rules),
        Command::Purge {
            file,
            before,
            number,
            yes,
        } => purge::purge(args, out, file, (*before, number), *yes),
        Command::Convert {
            file,
            to,
            out: target,
            dry_run,
            secrets,
            ..
        } => {
            let target = convert::Target {
                format: *to,
                path: target.as_deref(),
                dry_run: *dry_run,
            };
            convert::convert(args, out, file, target, *secrets)
        }
        Command::Migrate { action } => migrations(args, out, action),
        Command::Verify { file, head } => check::verify(args, out, file, *head),
        Command::Recover { file, salvage, .. } => check::recover(args, out, file, *salvage),
        Command::Adopt { file, .. } => check::adopt(args, out, file),
        Command::Share {
            file,
            off,
            with_past,
        } => share::share(args, out, file, *off, *with_past),
        Command::Demo { keep } => demo::run(out, keep.as_deref()),
    }
}

fn migrations(args: &Args, out: &mut Out, action: &Migrate) -> Outcome {
    match action {
        Migrate::Plan { file, to, assumed } => {
            migrate::plan(args, out, (file, assumed), to.as_ref())
        }
        Migrate::To {
            plan: Some(plan),
            assumed,
            ..
        } => migrate::as_planned(args, out, plan, assumed),
        Migrate::To {
            file, all, assumed, ..
        } if !all.is_empty() => many::to(args, out, file.as_deref(), all, assumed),
        Migrate::To {
            file: Some(file),
            to,
            assumed,
            ..
        } => migrate::to(args, out, (file, assumed), to.as_ref()),
        Migrate::To { .. } => Err(Failure::usage("name the config file")),
        Migrate::Up {
            file, to, assumed, ..
        } => migrate::step(args, out, (file, assumed), to.as_ref(), Direction::Up),
        Migrate::Down {
            file, to, assumed, ..
        } => migrate::step(args, out, (file, assumed), to.as_ref(), Direction::Down),
        Migrate::Check {
            manifest,
            cases,
            with,
            assumed,
        } => judge::check(args, out, manifest.as_deref(), *cases, (with, assumed)),
        Migrate::Graph { manifest, kind } => graph::draw(args, out, manifest.as_deref(), *kind),
        Migrate::Lenses { schema } => graph::lenses(out, *schema),
        Migrate::New { old, new } => propose::propose(args, out, old, new),
    }
}
