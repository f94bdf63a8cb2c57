//! An independent reader: Python's `PyYAML` with the core schema of YAML 1.2, by the script of `tests/lossless`.

use std::io::{BufWriter, Write as _};
use std::process::{Command, Stdio};

use persist_format::Value;
use serde_json::json;

/// One text and what it is meant to say.
pub(super) struct Case {
    pub(super) text: String,
    pub(super) value: Value,
}

/// The value as `oracle.py` spells it.
fn spelled(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => json!(["null"]),
        Value::Bool(b) => json!(["bool", b]),
        Value::Integer(n) => json!(["int", n.to_string()]),
        Value::Float(x) => {
            let bits = if x.get().is_nan() {
                0
            } else {
                x.get().to_bits()
            };
            json!(["float", bits.to_string()])
        }
        Value::String(text) => json!(["str", text]),
        Value::Sequence(items) => json!(["seq", items.iter().map(spelled).collect::<Vec<_>>()]),
        Value::Map(map) => {
            json!([
                "map",
                map.iter()
                    .map(|(k, v)| json!([spelled(k), spelled(v)]))
                    .collect::<Vec<_>>()
            ])
        }
        Value::Tagged(tagged) => spelled(&tagged.value),
        other => match other.to_json() {
            serde_json::Value::String(text) if matches!(other, Value::Bytes(_)) => {
                json!(["bytes", text])
            }
            text => json!(["str", text]),
        },
    }
}

/// What Python reads otherwise: the place of the case and what it sees. `None`, and a loud word, where there is no Python with `PyYAML`.
pub(super) fn disagreements(cases: &[Case]) -> Option<Vec<(usize, String)>> {
    let has_yaml = Command::new("python3")
        .args(["-c", "import yaml"])
        .stderr(Stdio::null())
        .status();
    if !has_yaml.is_ok_and(|status| status.success()) {
        crate::support::unjudged(
            "no python3 with PyYAML; `pip install pyyaml` in a virtual environment and put it first in PATH",
        );
        return None;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lossless/oracle.py");
    let mut child = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 has just run");
    let stdin = child.stdin.take().expect("it is piped");
    let lines: Vec<String> = cases
        .iter()
        .map(|case| {
            let value = spelled(&case.value);
            json!({"format": "YAML", "text": case.text, "value": value}).to_string()
        })
        .collect();
    // Python answers while it reads: written from another thread, neither waits for the other.
    let writer = std::thread::spawn(move || {
        let mut stdin = BufWriter::new(stdin);
        lines.iter().try_for_each(|line| writeln!(stdin, "{line}"))
    });
    let output = child.wait_with_output().expect("python3 was started");
    writer
        .join()
        .expect("the writer does not panic")
        .expect("python3 reads it all");
    let answers = String::from_utf8(output.stdout).expect("Python writes UTF-8");
    let mut read = 0;
    let mut found = Vec::new();
    for answer in answers.lines() {
        let answer: serde_json::Value =
            serde_json::from_str(answer).expect("oracle.py writes JSON");
        match answer["line"].as_u64() {
            Some(line) => found.push((
                usize::try_from(line).expect("it is an index"),
                answer["seen"].to_string(),
            )),
            None => read = answer["read"].as_u64().unwrap_or_default(),
        }
    }
    assert_eq!(read, cases.len() as u64, "Python read them all");
    Some(found)
}
