//! Independent readers: Python's `json`, `tomllib` and `PyYAML`.

use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::JoinHandle;

use persist_format::{Format, Value};
use serde_json::{Value as Json, json};

/// A Python process that is sent texts with what they are meant to say, and tells at the end where it disagrees.
pub(crate) struct Oracle {
    child: Child,
    stdin: BufWriter<ChildStdin>,
    answers: JoinHandle<Vec<Json>>,
    labels: Vec<String>,
}

impl Oracle {
    /// `None`, and a loud word, where there is no Python.
    pub(crate) fn start() -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lossless/oracle.py");
        let child = Command::new("python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else {
            crate::say("SKIPPED: there is no python3 to ask for a second opinion");
            return None;
        };
        let stdin = BufWriter::new(child.stdin.take().expect("it is piped"));
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        // Read from another thread, so that neither side waits for the other.
        let answers = std::thread::spawn(move || {
            let parse = |line: String| serde_json::from_str(&line).expect("oracle.py writes JSON");
            stdout
                .lines()
                .map(|line| parse(line.expect("Python writes UTF-8")))
                .collect()
        });
        Some(Self {
            child,
            stdin,
            answers,
            labels: Vec::new(),
        })
    }

    pub(crate) fn ask(&mut self, format: Format, text: &str, value: &Value, label: &str) {
        let case = json!({"format": format.name(), "text": text, "value": spelled(value)});
        writeln!(self.stdin, "{case}").expect("python3 reads it all");
        self.labels.push(format!("{label}\n{text}"));
    }

    /// Where Python reads something else: the label, the text and what it sees; and how many it passed over.
    pub(crate) fn finish(mut self) -> (Vec<String>, u64) {
        self.stdin.flush().expect("python3 reads it all");
        drop(self.stdin);
        let answers = self.answers.join().expect("the reader does not panic");
        assert!(
            self.child.wait().expect("it was started").success(),
            "oracle.py failed"
        );
        let mut wrong = Vec::new();
        let mut end = None;
        for answer in answers {
            match answer["line"]
                .as_u64()
                .and_then(|line| usize::try_from(line).ok())
            {
                Some(line) => wrong.push(format!(
                    "{}\nPython sees {}",
                    self.labels[line], answer["seen"]
                )),
                None => end = Some(answer),
            }
        }
        let end = end.expect("oracle.py tells how many it read");
        assert_eq!(
            end["read"].as_u64(),
            Some(self.labels.len() as u64),
            "Python read them all"
        );
        (wrong, end["skipped"].as_u64().unwrap_or_default())
    }
}

/// The value as `oracle.py` spells it.
fn spelled(value: &Value) -> Json {
    match value {
        Value::Null => json!(["null"]),
        Value::Bool(b) => json!(["bool", b]),
        Value::Integer(n) => json!(["int", n.to_string()]),
        Value::Float(x) if x.get().is_nan() => json!(["float", "0"]),
        Value::Float(x) => json!(["float", x.get().to_bits().to_string()]),
        Value::String(text) => json!(["str", text]),
        Value::Datetime(d) => json!(["datetime", as_python(&d.to_string())]),
        Value::Sequence(items) => json!(["seq", items.iter().map(spelled).collect::<Vec<_>>()]),
        Value::Map(map) => {
            let entries: Vec<Json> = map
                .iter()
                .map(|(k, v)| json!([spelled(k), spelled(v)]))
                .collect();
            json!(["map", entries])
        }
        Value::Tagged(tagged) => spelled(&tagged.value),
        Value::Bytes(_) => json!(["bytes", value.to_json()]),
    }
}

/// A datetime as Python prints it: microseconds in full or not at all, offsets in digits.
fn as_python(text: &str) -> String {
    let text = text.replace('Z', "+00:00").replace("-00:00", "+00:00");
    let (head, rest) = match text.find('.') {
        Some(at) => text.split_at(at),
        None => return with_seconds(&text),
    };
    let digits: String = rest[1..].chars().take_while(char::is_ascii_digit).collect();
    let zone = &rest[1 + digits.len()..];
    let micros = format!("{digits:0<6}")[..6].to_owned();
    if micros == "000000" {
        format!("{head}{zone}")
    } else {
        format!("{head}.{micros}{zone}")
    }
}

fn with_seconds(text: &str) -> String {
    text.to_owned()
}
