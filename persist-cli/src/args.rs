//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{
    Args as ClapArgs, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use persist_core::format::Choice;
use persist_core::{Format, Head, KeyPath, Version, amount};

use crate::exit;

/// Careful changes to any JSON, TOML or YAML file: comments kept, backups made, everything undoable.
#[derive(Debug, Parser)]
// By the same name everywhere, which on Windows is else `persist.exe`.
#[command(name = "persist", bin_name = "persist")]
#[command(version, after_help = exit::HELP, propagate_version = true)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    pub(crate) color: colorchoice_clap::Color,

    /// Print results and failures as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Treat the file as this format (json, jsonc, toml, yaml) regardless of its name
    #[arg(long, global = true, value_name = "FORMAT", value_parser = format)]
    pub(crate) format: Option<Format>,

    /// How long to wait for another writer, in seconds
    #[arg(long, global = true, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(crate) wait: Duration,

    /// Name to record in the journal; by default the user's, or `alice (sudo)` for root by sudo
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) actor: Option<String>,

    /// State folder (journal and backups); by default the existing one, or `.FILE.persist`
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,

    /// The manifest of schema versions; by default the nearest one that others can't write to
    #[arg(long, global = true, value_name = "config_versions.json")]
    pub(crate) versions: Option<PathBuf>,

    /// Use no manifest of schema versions
    #[arg(long, global = true, conflicts_with = "versions")]
    pub(crate) no_versions: bool,

    /// Refuse to save over changes made outside persist
    #[arg(long, global = true)]
    pub(crate) strict: bool,

    /// Write into a file that can't be replaced, such as a mount point, or that has other names (hard links)
    #[arg(long, global = true)]
    pub(crate) in_place: bool,

    /// Replace a file that has other names (hard links); they keep the old content
    #[arg(long, global = true, conflicts_with = "in_place")]
    pub(crate) split_links: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print a value, or the whole document
    Get {
        /// The config file, or `-` for standard input
        file: PathBuf,
        /// Key path such as `window.width`, `servers[0].host`, or a JSON Pointer
        #[arg(value_parser = key_path)]
        key: Option<KeyPath>,
        /// Output format; by default single values raw, anything else in the file's format
        #[arg(short, long, value_name = "FORM", conflicts_with = "json")]
        output: Option<Form>,
        #[command(flatten)]
        secrets: Secrets,
        #[command(flatten)]
        stream: InStream,
    },
    /// Change values: `persist set app.toml window.width=1280`
    #[command(after_long_help = A_VALUE_KEEPS_ITS_KIND)]
    Set {
        /// The config file, created if there is none; or `-` for standard input to standard output
        file: PathBuf,
        /// What to write: VALUE is read as the kind that KEY holds; `KEY:=JSON` writes any kind, `KEY+=VALUE` adds to a list
        #[arg(required_unless_present = "files", value_name = "KEY=VALUE")]
        assignments: Vec<String>,
        /// Treat every value as text
        #[arg(long)]
        string: bool,
        /// Read a value from a file (`KEY:=PATH`: as JSON); a trailing line end is dropped
        #[arg(long = "file", value_name = "KEY=PATH", conflicts_with = "stdin")]
        files: Vec<String>,
        /// Read the value of the single KEY (`KEY:=`: as JSON) from standard input; a terminal asks for it without showing what is typed. Use it for secrets: others can see arguments
        #[arg(long, conflicts_with = "string")]
        stdin: bool,
        #[command(flatten)]
        stream: InStream,
        #[command(flatten)]
        allowed: Allowed,
        #[command(flatten)]
        dry: Dry,
        #[command(flatten)]
        why: Why,
    },
    /// Remove keys, and the comments that belong to them
    Unset {
        /// The config file, or `-` for standard input to standard output
        file: PathBuf,
        /// Key paths
        #[arg(required = true, value_parser = key_path)]
        keys: Vec<KeyPath>,
        #[command(flatten)]
        stream: InStream,
        #[command(flatten)]
        allowed: Allowed,
        #[command(flatten)]
        dry: Dry,
        #[command(flatten)]
        why: Why,
    },
    /// Show the state of a file
    Status {
        /// The config file
        file: PathBuf,
    },
    /// Show who changed what, when and why; newest first
    Log {
        /// The config file
        file: PathBuf,
        /// Show at most N changes
        #[arg(short = 'n', long, value_name = "N")]
        number: Option<usize>,
        /// Print as a changelog in Markdown
        #[arg(long)]
        changelog: bool,
    },
    /// Show what changed since a backup; without one, in the last change
    Diff {
        /// The config file
        file: PathBuf,
        /// From this backup: a number, the start of a digest, `latest`, or a name from a receipt
        from: Option<String>,
        /// To this backup instead of the live file
        to: Option<String>,
        /// Compare with another file instead, of any format; `-` for standard input
        #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "to"])]
        with: Option<PathBuf>,
        /// Show lines of text instead of keys
        #[arg(long)]
        text: bool,
        /// Exit with 1 if there is a difference
        #[arg(long)]
        exit_code: bool,
        #[command(flatten)]
        stream: InStream,
    },
    /// Undo the last change, byte for byte; repeated, the one before
    Undo {
        /// The config file
        file: PathBuf,
        /// Number of changes to undo
        #[arg(value_name = "N", conflicts_with = "to")]
        count: Option<usize>,
        /// Undo every change after the one with this number
        #[arg(long, value_name = "NUMBER", value_parser = number)]
        to: Option<u64>,
        /// Proceed even if the restored content is not valid
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        dry: Dry,
        #[command(flatten)]
        why: Why,
    },
    /// Redo the last undone change; repeated, the next one
    Redo {
        /// The config file
        file: PathBuf,
        /// Number of changes to redo
        #[arg(value_name = "N")]
        count: Option<usize>,
        /// Proceed even if the restored content is not valid
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        dry: Dry,
        #[command(flatten)]
        why: Why,
    },
    /// Restore a backup; the replaced content is backed up
    Restore {
        /// The config file
        file: PathBuf,
        /// The backup: a number, the start of a digest, `latest`, or a name from a receipt (`backups/…`)
        backup: String,
        /// Proceed even if the restored content is not valid
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        dry: Dry,
        #[command(flatten)]
        why: Why,
    },
    /// List the backups
    Backups {
        /// The config file
        file: PathBuf,
    },
    /// Show which backups are kept, and why; with options, set what is kept of this file
    Keep {
        /// The config file
        file: PathBuf,
        #[command(flatten)]
        rules: Rules,
    },
    /// Remove copies of old content from the history, and unneeded migration data
    ///
    /// The journal keeps their numbers and digests, who removed them, and when. Without --yes it only shows what would be removed.
    #[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["before", "number"]))]
    Purge {
        /// The config file
        file: PathBuf,
        /// Everything from before this time: 2026-11-28, 2026-11-28T10:00:00Z, or an age such as 30d; the last good backup and pinned ones stay
        #[arg(long, value_name = "TIME", value_parser = moment)]
        before: Option<Timestamp>,
        /// This backup, named as for `restore`, and every other copy of its content, even the last good one and pinned ones; exits with 1 if
        /// the file itself holds it, where it stays
        #[arg(long, value_name = "BACKUP")]
        number: Vec<String>,
        /// Purge for real; cannot be undone
        #[arg(long)]
        yes: bool,
    },
    /// Let the file's group save it: give the group, and nobody else, access to its history
    Share {
        /// The config file, readable and writable for its group
        file: PathBuf,
        /// Take the group's access away again, at once
        #[arg(long)]
        off: bool,
        /// Share even if the history has content from before the group could read the file
        #[arg(long, conflicts_with = "off")]
        with_past: bool,
    },
    /// Convert the document to another format, and list what was lost
    Convert {
        /// The config file, or `-` for standard input
        file: PathBuf,
        /// The format: json, jsonc, toml or yaml; by default the one of OUT's extension
        #[arg(long, value_name = "FORMAT", value_parser = format, required_unless_present = "out")]
        to: Option<Format>,
        /// Save here instead of printing; what was there before is backed up
        #[arg(short, long, value_name = "OUT")]
        out: Option<PathBuf>,
        /// With --out: show what would change there, and touch nothing
        #[arg(long, requires = "out")]
        dry_run: bool,
        /// With --out: reason to record in the journal
        #[arg(short = 'm', long, value_name = "TEXT", requires = "out")]
        reason: Option<String>,
        #[command(flatten)]
        secrets: Secrets,
    },
    /// Schema versions: plan, migrate up and down, check, draw, propose
    Migrate {
        #[command(subcommand)]
        action: Migrate,
    },
    /// Check file, schema, journal and every backup
    Verify {
        /// The config file
        file: PathBuf,
        /// Print the journal's head, to be noted elsewhere; or check a head noted earlier
        #[arg(long, value_name = "HEAD")]
        head: Option<Option<Head>>,
    },
    /// Bring back the last good state of a damaged or deleted file
    ///
    /// Only from a copy that its digest verifies. If none is left, the file is left unchanged and the options are listed.
    Recover {
        /// The config file
        file: PathBuf,
        /// If no good copy is left, rebuild the file from what can still be read of the damaged text
        #[arg(long)]
        salvage: bool,
        #[command(flatten)]
        why: Why,
    },
    /// Accept the file as it is, although it looks damaged or was deleted
    Adopt {
        /// The config file
        file: PathBuf,
        #[command(flatten)]
        why: Why,
    },
    /// Show what persist does, on real files, and check each step
    Demo {
        /// Work in this new folder and leave it there
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
    },
}

/// Ends the help of each command: what is the same everywhere is shown once.
const ELSEWHERE: &str = "`persist help` shows the options of every command (--json, --format, --state-dir …) and the exit codes.";

impl Args {
    /// What was asked for on the command line.
    pub(crate) fn read() -> Result<Args, clap::Error> {
        let mut command = command();
        let matches = command.try_get_matches_from_mut(std::env::args_os())?;
        Args::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

/// The commands and their options, those of every command shown with none but the whole.
pub(crate) fn command() -> clap::Command {
    let mut command = Args::command();
    command.build(); // gives each command its own of the global ones
    command.mut_subcommands(without_globals)
}

fn without_globals(command: clap::Command) -> clap::Command {
    let hidden = |arg: clap::Arg| match arg.is_global_set() {
        true => arg.hide(true),
        false => arg,
    };
    let command = match command.has_subcommands() || command.get_name() == "help" {
        true => command,
        false => match command.get_after_long_help() {
            Some(own) => {
                let both = format!("{own}\n\n{ELSEWHERE}");
                command.after_long_help(both)
            }
            None => command,
        }
        .after_help(ELSEWHERE),
    };
    command.mut_args(hidden).mut_subcommands(without_globals)
}

/// Which document of a YAML file that holds several.
#[derive(Debug, ClapArgs)]
pub(crate) struct InStream {
    /// Which document of a YAML file with several: its number, from 1, or a value that only it has, such as `kind=Deployment`
    #[arg(long, value_name = "DOC")]
    pub(crate) doc: Option<Choice>,
}

impl Command {
    /// The document that is meant, where the command takes one.
    pub(crate) fn doc(&self) -> Option<&Choice> {
        match self {
            Command::Get { stream, .. }
            | Command::Set { stream, .. }
            | Command::Unset { stream, .. }
            | Command::Diff { stream, .. } => stream.doc.as_ref(),
            _ => None,
        }
    }

    /// The words for the journal, where the command takes any.
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Command::Set { why, .. }
            | Command::Unset { why, .. }
            | Command::Undo { why, .. }
            | Command::Redo { why, .. }
            | Command::Restore { why, .. }
            | Command::Recover { why, .. }
            | Command::Adopt { why, .. } => why.reason.as_deref(),
            Command::Convert { reason, .. } => reason.as_deref(),
            Command::Migrate {
                action:
                    Migrate::To { why, .. } | Migrate::Up { why, .. } | Migrate::Down { why, .. },
            } => why.reason.as_deref(),
            _ => None,
        }
    }
}

/// The ten lines that say what a value means, and what is to be known of keys.
const A_VALUE_KEEPS_ITS_KIND: &str = "\
A value keeps its kind:
   1. `KEY:=JSON` writes that JSON value; `--string` writes text. For plain `KEY=VALUE`:
   2. If the schema allows one kind, VALUE is read as that kind.
   3. Else, if KEY holds text, VALUE is text, letter for letter (true, 3.10, null too).
   4. If KEY holds a number, VALUE must be a number, and is kept as typed (base, underscores).
   5. If KEY holds a switch (YAML: `True`, and plain yes/no/on/off, too), VALUE must be one, in
      the spelling of the old one's family.
   6. If KEY holds a TOML date or time, VALUE must be one.
   7. If KEY holds a list or map, VALUE must be JSON for a list or map.
   8. If KEY is new or null: JSON if it is JSON, else text (07:30, 0x10, nan, +4911, dates, yes).
      An element added to a list of one kind has that kind.
   9. What does not fit is refused (exit 4) with the hint `:=`; the receipt says when a kind
      changed.
  10. A number that others read differently (3.10 is 3.1; 0644 in YAML) is noted.

Values from `--file` and `--stdin` follow the same rules, but are text where KEY is new. A YAML tag
is kept; `KEY:=!tag VALUE` writes one. Assignments are made in order.

Keys are written with dots, as `servers[0].host`, or as JSON Pointers, as `/servers/0/host`. Keys
that end in `:` or `+`, or have a dot or `=` in them, need quotes: `'\"a.b\"=1'`.";

/// What can be done about schema versions.
#[derive(Debug, Subcommand)]
pub(crate) enum Migrate {
    /// Show the route to another version and what it would change; nothing is touched
    Plan {
        /// The config file
        file: PathBuf,
        /// The version; the newest by default
        #[arg(value_parser = version)]
        to: Option<Version>,
        #[command(flatten)]
        assumed: Assumed,
    },
    /// Migrate up or down to a version, the newest by default
    ///
    /// `persist migrate to app.toml 1.2.0`, or `persist migrate to 1.2.0 --all 'conf/*.toml'`
    To {
        /// The config file; omit it with --all and --plan
        #[arg(required_unless_present_any = ["all", "plan"])]
        file: Option<PathBuf>,
        /// The version; the newest by default
        #[arg(value_parser = version)]
        to: Option<Version>,
        /// Migrate every matching file except manifests; continue after failures
        #[arg(long, value_name = "GLOB", num_args = 1.., conflicts_with_all = ["plan", "to"])]
        all: Vec<OsString>,
        /// Apply this output of `migrate plan --json`, unless the file has changed since; `-` reads it
        /// from standard input
        #[arg(long, value_name = "PLAN.json", conflicts_with_all = ["to", "file"])]
        plan: Option<PathBuf>,
        #[command(flatten)]
        assumed: Assumed,
        #[command(flatten)]
        why: Why,
    },
    /// Migrate up to the version after, or to the one named
    Up {
        /// The config file
        file: PathBuf,
        /// The version
        #[arg(value_parser = version)]
        to: Option<Version>,
        #[command(flatten)]
        assumed: Assumed,
        #[command(flatten)]
        why: Why,
    },
    /// Migrate down to the version before, or to the one named
    Down {
        /// The config file
        file: PathBuf,
        /// The version
        #[arg(value_parser = version)]
        to: Option<Version>,
        #[command(flatten)]
        assumed: Assumed,
        #[command(flatten)]
        why: Why,
    },
    /// Check all versions and edges of a manifest, on generated documents and on sample files
    Check {
        /// The manifest; the nearest `config_versions.json` by default
        manifest: Option<PathBuf>,
        /// Number of documents to generate for each version
        #[arg(long, value_name = "N", default_value = "64")]
        cases: u32,
        /// Also test these files: each is migrated to the newest and the oldest version and back, in memory, and must come back with the same values
        #[arg(long, value_name = "FILE", num_args = 1..)]
        with: Vec<PathBuf>,
        #[command(flatten)]
        assumed: Assumed,
    },
    /// Draw the versions and the edges between them
    Graph {
        /// The manifest; the nearest `config_versions.json` by default
        manifest: Option<PathBuf>,
        /// How to draw: for a terminal, Graphviz, Mermaid, or a picture
        #[arg(long = "as", value_name = "KIND", default_value = "text")]
        kind: Picture,
    },
    /// Show how a manifest is written: every lens, each with an example
    Lenses {
        /// Print the JSON Schema of manifests, for completion and checks in editors
        #[arg(long)]
        schema: bool,
    },
    /// Propose the edge from one sample file, or JSON Schema, to another; a draft to read and correct
    New {
        /// A file, or a JSON Schema, of the version before
        old: PathBuf,
        /// The same of the version after
        new: PathBuf,
    },
}

/// What is not written in a file.
#[derive(Debug, ClapArgs)]
pub(crate) struct Assumed {
    /// The schema version to assume for a file without one
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub(crate) from: Option<Version>,
}

/// How a graph is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Picture {
    Text,
    Dot,
    Mermaid,
    Svg,
}

/// Whether a change is only shown.
#[derive(Clone, Copy, Debug, ClapArgs)]
pub(crate) struct Dry {
    /// Show what would change, and touch nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// How a value is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    Json,
    Raw,
    Toml,
    Yaml,
}

/// Whether secrets are printed. Without a word of it a terminal gets all but them, and a program nothing.
#[derive(Clone, Copy, Debug, ClapArgs)]
pub(crate) struct Secrets {
    /// Also print sensitive values
    #[arg(long)]
    pub(crate) reveal: bool,
    /// Print `[redacted]` in place of sensitive values
    #[arg(long, conflicts_with = "reveal")]
    pub(crate) redacted: bool,
}

/// What a change may do that can't be made in place otherwise.
#[derive(Clone, Copy, Debug, ClapArgs)]
pub(crate) struct Allowed {
    /// Rewrite as much as needed; comments in that part are lost
    #[arg(long)]
    pub(crate) rewrite: bool,
    /// How to treat YAML aliases of the changed text: `follow` changes all, `expand` only this place
    #[arg(long, value_name = "HOW")]
    pub(crate) aliases: Option<Aliases>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Aliases {
    Follow,
    Expand,
}

/// The words that the journal keeps.
#[derive(Debug, ClapArgs)]
pub(crate) struct Why {
    /// Reason to record in the journal
    #[arg(short = 'm', long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

/// What is to be kept of a file. Each changes that much of what is in force.
#[derive(Debug, Default, PartialEq, ClapArgs)]
pub(crate) struct Rules {
    /// The last N
    #[arg(long, value_name = "N")]
    pub(crate) last: Option<u32>,
    /// The newest of each of the last N hours that have any
    #[arg(long, value_name = "N")]
    pub(crate) hourly: Option<u32>,
    /// The newest of each of the last N days that have any
    #[arg(long, value_name = "N")]
    pub(crate) daily: Option<u32>,
    /// The newest of each of the last N weeks that have any
    #[arg(long, value_name = "N")]
    pub(crate) weekly: Option<u32>,
    /// The newest of each of the last N months that have any
    #[arg(long, value_name = "N")]
    pub(crate) monthly: Option<u32>,
    /// The newest of each of the last N years that have any
    #[arg(long, value_name = "N")]
    pub(crate) yearly: Option<u32>,
    /// The last of each schema version: yes or no
    #[arg(long, value_name = "YES|NO", value_parser = yes_or_no)]
    pub(crate) each_version: Option<bool>,
    /// What the next N undos and redos need; at most 100
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=100))]
    pub(crate) undo: Option<u32>,
    /// The last N that never were good
    #[arg(long, value_name = "N")]
    pub(crate) bad: Option<u32>,
    /// At most this size in total, such as 100M; or `none`
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_bytes: Option<Bound<u64>>,
    /// None older than this, such as 90d; or `none`
    #[arg(long, value_name = "AGE", value_parser = age)]
    pub(crate) max_age: Option<Bound<SignedDuration>>,
    /// Keep the backup of this number, whatever the rules are
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    pub(crate) pin: Vec<u64>,
    /// Apply the rules to the backup of this number again
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    pub(crate) unpin: Vec<u64>,
    /// Reset to the application's policy
    #[arg(long, conflicts_with_all = ["last", "hourly", "daily", "weekly", "monthly", "yearly", "each_version", "undo", "bad", "max_bytes", "max_age", "pin", "unpin"])]
    pub(crate) default: bool,
}

/// A bound, or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bound<T>(pub(crate) Option<T>);

/// A number as receipts print it, too: `#3`.
fn number(text: &str) -> Result<u64, String> {
    let number = text.strip_prefix('#').unwrap_or(text).parse();
    number.map_err(|_| "expected a number, such as 3 or #3".to_owned())
}

fn moment(text: &str) -> Result<Timestamp, String> {
    // A date alone; one with a time in it has to say in which zone.
    if let Some(date) = text.parse::<Date>().ok().filter(|_| text.len() == 10) {
        let midnight = date.to_zoned(TimeZone::UTC);
        return midnight.map(|at| at.timestamp()).map_err(|e| e.to_string());
    }
    if let Ok(at) = text.parse() {
        return Ok(at);
    }
    let ago = amount::age(text).ok();
    let at = ago.and_then(|ago| Timestamp::now().checked_sub(ago).ok());
    at.ok_or_else(|| {
        "expected a date (2026-11-28), a time with its zone (2026-11-28T10:00:00Z), or an age (30d)"
            .into()
    })
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("expected yes or no".to_owned()),
    }
}

fn size(text: &str) -> Result<Bound<u64>, amount::ParseAmountError> {
    match text {
        "none" => Ok(Bound(None)),
        text => amount::bytes(text).map(|bytes| Bound(Some(bytes))),
    }
}

fn age(text: &str) -> Result<Bound<SignedDuration>, amount::ParseAmountError> {
    match text {
        "none" => Ok(Bound(None)),
        text => amount::age(text).map(|age| Bound(Some(age))),
    }
}

fn key_path(text: &str) -> Result<KeyPath, persist_core::format::Error> {
    text.parse()
}

fn version(text: &str) -> Result<Version, String> {
    text.parse()
        .map_err(|_| "expected a version such as 1.2.0, after the file".into())
}

fn format(text: &str) -> Result<Format, String> {
    text.parse().map_err(|error: persist_core::format::Error| {
        let help = error.help().unwrap_or_default();
        format!("{}; {help}", error.message())
    })
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|e| e.to_string())
}
