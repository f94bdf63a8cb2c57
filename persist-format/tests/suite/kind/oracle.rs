//! Of which kind the values of a text are to Python: `json`, `tomllib`, `PyYAML` (YAML 1.1), `ruamel.yaml` (YAML 1.2).

use std::collections::BTreeMap;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use persist_format::Format;
use serde_json::json;

/// By reader: each path and the kind that is there, in the order of the text.
pub(super) type Seen = BTreeMap<String, Vec<(String, String)>>;

/// What each text is to Python, or why it can't be read. `None`, and a loud word, where there is no Python that could tell.
pub(super) fn seen(texts: &[(Format, String)]) -> Option<Vec<Result<Seen, String>>> {
    let python = python()?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/kind/oracle.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 has just run");
    let stdin = child.stdin.take().expect("it is piped");
    let line = |(format, text): &(Format, String)| {
        json!({"format": format.name().to_ascii_lowercase(), "text": text}).to_string()
    };
    let lines: Vec<String> = texts.iter().map(line).collect();
    // Python answers while it reads: written from another thread, neither waits for the other.
    let writer = std::thread::spawn(move || {
        let mut stdin = BufWriter::new(stdin);
        lines.iter().try_for_each(|line| writeln!(stdin, "{line}"))
    });
    let output = child.wait_with_output().expect("python3 was started");
    let written = writer.join().expect("the writer does not panic");
    written.expect("python3 reads it all");
    let answers = String::from_utf8(output.stdout).expect("Python writes UTF-8");
    let answer = |line: &str| {
        let answer: serde_json::Value = serde_json::from_str(line).expect("oracle.py writes JSON");
        match answer.get("error") {
            Some(error) => Err(error.to_string()),
            None => Ok(serde_json::from_value(answer).expect("readers, paths and kinds")),
        }
    };
    let answers: Vec<_> = answers.lines().map(answer).collect();
    assert_eq!(answers.len(), texts.len(), "Python read them all");
    Some(answers)
}

/// The one that `cargo xtask lossless` has set up, or the machine's.
fn python() -> Option<PathBuf> {
    if cfg!(windows) {
        println!("SKIPPED: what was written is judged on Unix");
        return None;
    }
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/python/bin/python3");
    let can = |python: &PathBuf, module: &str| {
        let mut ask = Command::new(python);
        ask.args(["-c", &format!("import tomllib, {module}")]);
        let asked = ask.stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    let both = [PathBuf::from(own), PathBuf::from("python3")];
    let found = both.iter().find(|python| can(python, "yaml, ruamel.yaml"));
    let found = found.or_else(|| {
        crate::support::unjudged(
            "no ruamel.yaml for a word of a reader of YAML 1.2; `cargo xtask lossless` sets one up",
        );
        both.iter().find(|python| can(python, "yaml"))
    });
    if found.is_none() {
        crate::support::unjudged("no python3 with PyYAML to judge what was written");
    }
    found.cloned()
}
