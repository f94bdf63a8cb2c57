//! All that people do with a config file, one after the other.

use std::fs;
use std::path::Path;
use std::process::Output;

use super::fuse::Mount;
use crate::crash::cli::{Cli, DAMAGED, DONE, FAILED, state};

/// One thing that is done to `app.toml`, and what it holds afterwards.
struct Step {
    /// Written by hand beforehand.
    by_hand: Option<&'static str>,
    words: &'static str,
    code: i32,
    /// `None`: what it held.
    holds: Option<&'static str>,
}

const FIRST: &str =
    "schema_version = \"1.0.0\"\nwidth = 1 # of the window\nprobe = 0\nold = \"x\"\n";
const TWO: &str = "schema_version = \"1.0.0\"\nwidth = 2 # of the window\nprobe = 0\nold = \"x\"\n";
const THREE: &str =
    "schema_version = \"1.0.0\"\nwidth = 3 # of the window\nprobe = 0\nold = \"x\"\n";
const BY_HAND: &str = "schema_version = \"1.0.0\"\nwidth = 4 # mine\nprobe = 0\nold = \"x\"\n";
const AND_SET: &str = "schema_version = \"1.0.0\"\nwidth = 5 # mine\nprobe = 0\nold = \"x\"\n";
const EMPTY: &str = "";
const ZEROS: &str = "\0\0\0\0\0\0\0\0\0\0\0\0";
const MIGRATED: &str = "schema_version = \"2.0.0\"\nwidth = 5 # mine\nprobe = 0\n";
const VERSIONS: &str = r#"{
    "app": "poor",
    "versions": [{"version": "1.0.0"}, {"version": "2.0.0"}],
    "edges": [{"from": "1.0.0", "to": "2.0.0", "lenses": [{"remove": {"path": "/old"}}]}]
}"#;

const fn step(words: &'static str, holds: Option<&'static str>) -> Step {
    Step {
        by_hand: None,
        words,
        code: DONE,
        holds,
    }
}

const fn after(by_hand: &'static str, words: &'static str, holds: &'static str) -> Step {
    Step {
        by_hand: Some(by_hand),
        words,
        code: DONE,
        holds: Some(holds),
    }
}

const STEPS: [Step; 24] = [
    step("status FILE", None),
    step("set FILE width=1", None),
    step("set FILE width=2", Some(TWO)),
    step("set FILE width=3", Some(THREE)),
    step("set FILE width=3", None),
    step("undo FILE", Some(TWO)),
    step("undo FILE", Some(FIRST)),
    step("restore FILE 2", Some(TWO)),
    after(BY_HAND, "set FILE width=5", AND_SET),
    step("undo FILE", Some(BY_HAND)),
    step("set FILE width=5", Some(AND_SET)),
    Step {
        by_hand: Some(ZEROS),
        words: "get FILE width",
        code: DAMAGED,
        holds: Some(ZEROS),
    },
    step("recover FILE", Some(AND_SET)),
    after(EMPTY, "adopt FILE", EMPTY),
    step("undo FILE", Some(AND_SET)),
    step("migrate plan FILE", None),
    step("migrate to FILE 2.0.0", Some(MIGRATED)),
    step("migrate to FILE 1.0.0", Some(AND_SET)),
    step("convert FILE -o FILE.json", None),
    step("convert FILE -o FILE.json", None),
    step("log FILE", None),
    step("backups FILE", None),
    step("diff FILE latest", None),
    step("verify FILE", None),
];

/// What went wrong on this disk.
pub(super) fn lead(cli: &Cli, mount: Option<&Mount>, at: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |result: Result<(), String>| wrong.extend(result.err());
    check(created(cli, &at.join("new.toml")));
    let file = at.join("app.toml");
    check(cli.must("set FILE a=1", &file).map(drop));
    check(fs::remove_dir_all(state(&file)).map_err(|error| error.to_string()));
    let write = |name: &str, text: &str| {
        fs::write(at.join(name), text).map_err(|error| format!("{name}: {error}"))
    };
    check(write("app.toml", FIRST));
    check(write("config_versions.json", VERSIONS));
    let mut holds = FIRST;
    for step in &STEPS {
        let before = step.by_hand.unwrap_or(holds);
        let wanted = step.holds.unwrap_or(before);
        let done = taken(cli, step, &file, before, wanted);
        // What comes next is judged on its own.
        if done.is_err() {
            check(write("app.toml", wanted));
        }
        check(done);
        holds = wanted;
    }
    check(kept(&file));
    if let Some(mount) = mount {
        wrong.extend(nothing_written(cli, mount, &file));
    }
    let mut check = |result: Result<(), String>| wrong.extend(result.err());
    fs::remove_file(at.join("app.toml.json")).ok();
    fs::remove_dir_all(state(&at.join("app.toml.json"))).ok();
    check(cli.healthy(&file));
    wrong
}

/// A file whose mode nothing but its creation can set is not replaced by one that others can't read; in place it is written.
pub(super) fn refused_by_its_cause(cli: &Cli, at: &Path) -> Result<(), String> {
    let file = at.join("app.toml");
    let must_hold = |wanted: &str| match fs::read_to_string(&file) {
        Ok(text) if text == wanted => Ok(()),
        other => Err(format!("it holds {other:?}")),
    };
    fs::write(&file, FIRST).map_err(|error| error.to_string())?;
    let output = cli.run("set FILE width=2", &file)?;
    let said = said(&output);
    if output.status.code() != Some(FAILED) || !said.contains("would lose its mode") {
        return Err(format!("{}: {said}", output.status));
    }
    must_hold(FIRST)?;
    cli.must("set FILE width=2 --in-place", &file)?;
    must_hold(TWO)
}

/// A file that is not there yet.
fn created(cli: &Cli, file: &Path) -> Result<(), String> {
    cli.must("set FILE a=1", file)?;
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    fs::remove_file(file).map_err(|error| error.to_string())?;
    fs::remove_dir_all(state(file)).map_err(|error| error.to_string())?;
    match text.as_str() {
        "a = 1\n" => Ok(()),
        _ => Err(format!("what was created holds {text:?}")),
    }
}

fn taken(cli: &Cli, step: &Step, file: &Path, before: &str, wanted: &str) -> Result<(), String> {
    let words = step.words;
    if step.by_hand.is_some() {
        fs::write(file, before).map_err(|error| format!("by hand: {error}"))?;
    }
    let output = cli.run(words, file)?;
    let said = said(&output);
    if output.status.code() != Some(step.code) {
        return Err(format!("persist {words}: {}: {said}", output.status));
    }
    let holds = fs::read_to_string(file).map_err(|error| format!("persist {words}: {error}"))?;
    match holds == wanted {
        true => Ok(()),
        false => Err(format!("persist {words} leaves {holds:?}: {said}")),
    }
}

/// Every content that the file ever had, and that another has taken the place of, is still there byte for byte.
fn kept(file: &Path) -> Result<(), String> {
    let mut kept = Vec::new();
    for folder in ["backups", "quarantine"] {
        let entries = fs::read_dir(state(file).join(folder)).into_iter().flatten();
        kept.extend(
            entries
                .flatten()
                .filter_map(|entry| fs::read(entry.path()).ok()),
        );
    }
    let all = [FIRST, TWO, THREE, BY_HAND, AND_SET, ZEROS, MIGRATED];
    let lost = all
        .iter()
        .filter(|text| !kept.iter().any(|bytes| bytes == text.as_bytes()));
    match lost.count() {
        0 => Ok(()),
        lost => Err(format!("{lost} of {} contents were not kept", all.len())),
    }
}

/// Where nothing can be written, only what wants to write is refused.
fn nothing_written(cli: &Cli, mount: &Mount, file: &Path) -> Vec<String> {
    let read = || fs::read(file).map_err(|error| error.to_string());
    let before = read();
    let mut wrong = Vec::new();
    wrong.extend(mount.read_only(true).err());
    for words in [
        "get FILE width",
        "status FILE",
        "verify FILE",
        "set FILE width=5",
    ] {
        wrong.extend(cli.must(words, file).err());
    }
    let told = cli.run("set FILE width=6", file).map(|output| {
        let said = said(&output);
        let told = said.contains("on a read-only file system");
        (output.status.code() == Some(FAILED) && told, said)
    });
    match told {
        Ok((true, _)) => {}
        other => wrong.push(format!("what is refused: {other:?}")),
    }
    wrong.extend(mount.read_only(false).err());
    if read() != before {
        wrong.push("the file is another".to_owned());
    }
    wrong
        .into_iter()
        .map(|what| format!("read-only: {what}"))
        .collect()
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.trim().replace('\n', " / ")
}
