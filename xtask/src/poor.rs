//! The command on file systems that offer little: no exclusive renames, no hard links, no modes, no sync of folders.
//!
//! Each is mounted for the occasion, and a life of a config file is lived there: what the command says, what the file
//! holds, and whether every content that it ever had is still there, is judged after each step. Where nothing can be
//! mounted, single calls are refused by strace, which is less than half of it.

mod disk;
mod fuse;
mod life;

use std::path::{Path, PathBuf};

use crate::apt;
use crate::crash::cli::Cli;
use crate::outcome::Outcome;
use disk::{EINVAL, ENOSYS, EOPNOTSUPP, EPERM, Lacks};
use fuse::Mount;

/// Offers everything.
const RICH: Lacks = Lacks {
    rename_flags: None,
    links: None,
    modes: None,
    folder_sync: None,
    owners: None,
};

/// Whose everything is on a disk that was mounted for somebody else.
const SOMEBODY: u32 = 1234;

const EXFAT: Lacks = Lacks {
    rename_flags: Some(EINVAL),
    links: Some(EPERM),
    modes: Some(EPERM),
    folder_sync: Some(EINVAL),
    owners: Some(0),
};

/// A file gets the mode that it is created with and keeps it.
const MODES_STAY: Lacks = Lacks {
    modes: Some(EPERM),
    ..RICH
};

/// From one that lacks nothing, which proves the proof, to one that is like exFAT by FUSE.
const DISKS: [(&str, Lacks); 11] = [
    ("nothing lacks", RICH),
    (
        "no rename flags",
        Lacks {
            rename_flags: Some(EINVAL),
            ..RICH
        },
    ),
    (
        "rename flags not permitted",
        Lacks {
            rename_flags: Some(EPERM),
            ..RICH
        },
    ),
    (
        "nor hard links",
        Lacks {
            rename_flags: Some(EINVAL),
            links: Some(EPERM),
            ..RICH
        },
    ),
    ("modes stay as created", MODES_STAY),
    (
        "no modes, EPERM",
        Lacks {
            modes: Some(EPERM),
            owners: Some(0),
            ..RICH
        },
    ),
    (
        "no modes, ENOSYS",
        Lacks {
            modes: Some(ENOSYS),
            owners: Some(0),
            ..RICH
        },
    ),
    (
        "no modes, EOPNOTSUPP",
        Lacks {
            modes: Some(EOPNOTSUPP),
            owners: Some(SOMEBODY),
            ..RICH
        },
    ),
    (
        "no sync of folders",
        Lacks {
            folder_sync: Some(EINVAL),
            ..RICH
        },
    ),
    ("exFAT", EXFAT),
    (
        "exFAT of somebody else",
        Lacks {
            owners: Some(SOMEBODY),
            ..EXFAT
        },
    ),
];

pub(crate) fn run() -> Outcome {
    let cli = match Cli::build() {
        Ok(cli) => cli,
        Err(error) => return Outcome::Failed(error),
    };
    match may_mount() {
        Ok(()) => Outcome::of(&all_mounted(&cli)),
        Err(why) => match some_injected(&cli) {
            Ok(wrong) if wrong.is_empty() => Outcome::Skipped(format!(
                "no file system can be mounted ({why}), so only single calls were refused"
            )),
            Ok(wrong) => Outcome::of(&wrong),
            Err(error) => Outcome::Skipped(format!("{why}; {error}")),
        },
    }
}

fn all_mounted(cli: &Cli) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, lacks) in DISKS {
        let found = on_disk(lacks, |mount, at| life::lead(cli, Some(mount), at));
        let found = found.unwrap_or_else(|error| vec![error]);
        println!("poor: {name:28} {} wrong", found.len());
        wrong.extend(found.into_iter().map(|what| format!("{name}: {what}")));
    }
    let judged = on_disk(MODES_STAY, |_, at| life::refused_by_its_cause(cli, at));
    if let Err(what) = judged.and_then(|judged| judged) {
        wrong.push(format!("a mode that can't be kept: {what}"));
    }
    wrong.extend(by_its_owner(cli));
    wrong
}

/// As a desktop mounts a stick: everything on it is the user's.
fn by_its_owner(cli: &Cli) -> Vec<String> {
    let name = "no modes, by its user";
    let number = SOMEBODY.to_string();
    let words = ["setpriv", "--reuid", &number, "--regid", &number];
    let words = words.into_iter().chain(["--clear-groups"]);
    let cli = cli.through(words.map(str::to_owned).collect());
    if cli.must("--version", Path::new("/")).is_err() {
        println!("poor: {name:28} needs setpriv and a build folder that others may enter");
        return Vec::new();
    }
    let lacks = Lacks {
        modes: Some(EPERM),
        owners: Some(SOMEBODY),
        ..RICH
    };
    let found = on_disk(lacks, |mount, at| life::lead(&cli, Some(mount), at));
    let found = found.unwrap_or_else(|error| vec![error]);
    println!("poor: {name:28} {} wrong", found.len());
    let found = found.into_iter().map(|what| format!("{name}: {what}"));
    found.collect()
}

/// The disks that differ from this machine's only in what calls they refuse, which strace can do.
fn some_injected(cli: &Cli) -> Result<Vec<String>, String> {
    apt::ensure("strace", "strace")?;
    let mut wrong = Vec::new();
    for (name, lacks) in DISKS {
        let Some(injections) = injections(lacks) else {
            println!("poor: {name:28} needs FUSE");
            continue;
        };
        let at = folder();
        std::fs::create_dir_all(&at).map_err(|error| error.to_string())?;
        let strace = ["strace", "-f", "-o", "/dev/null"].map(str::to_owned);
        let cli = cli.through(strace.into_iter().chain(injections).collect());
        let found = life::lead(&cli, None, &at);
        println!("poor: {name:28} {} wrong", found.len());
        let found = found.into_iter().map(|what| format!("{name}: {what}"));
        wrong.extend(found);
        std::fs::remove_dir_all(&at).map_err(|error| error.to_string())?;
    }
    Ok(wrong)
}

/// strace's words; `None` where refused calls are not all of it.
fn injections(lacks: Lacks) -> Option<Vec<String>> {
    if lacks.owners.is_some() || lacks.folder_sync.is_some() {
        return None;
    }
    let refused = [
        ("renameat2", lacks.rename_flags),
        ("link,linkat", lacks.links),
        ("chmod,fchmod,fchmodat,chown,fchown,fchownat", lacks.modes),
    ];
    let words = refused.into_iter().filter_map(|(calls, errno)| {
        errno.map(|errno| ["-e".to_owned(), format!("inject={calls}:error={errno}")])
    });
    Some(words.flatten().collect())
}

fn may_mount() -> Result<(), String> {
    on_disk(RICH, |_, at| {
        std::fs::write(at.join("file"), "text").map_err(|error| error.to_string())
    })?
}

/// Calls with a disk that is mounted for as long.
fn on_disk<T>(lacks: Lacks, call: impl FnOnce(&Mount, &Path) -> T) -> Result<T, String> {
    let at = folder();
    let mount = Mount::new(&at, lacks)?;
    let result = call(&mount, &at);
    drop(mount);
    std::fs::remove_dir(&at).map_err(|error| format!("{}: {error}", at.display()))?;
    Ok(result)
}

fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("persist-poor-{}", std::process::id()))
}
