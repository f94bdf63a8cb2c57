//! Edits of any document.

use persist_core::format::Segment;
use persist_core::{Document, Format, KeyPath, Value};

/// Edits at the key path on the first line, of the document on the others: each is refused or does what it says.
pub fn edit(data: &[u8]) {
    let Some((path, text)) = first_line(data) else {
        return;
    };
    let Ok(path) = path.parse::<KeyPath>() else {
        return;
    };
    for format in Format::ALL {
        let Ok(document) = Document::parse(text, format) else {
            continue;
        };
        for value in [
            Value::from(7),
            Value::from("two\nlines: # \"x\""),
            Value::from_cli(r#"{"a": [1, {"b": null}], "c d": {}}"#),
        ] {
            let mut changed = document.clone();
            if let Ok(done) = changed.set(&path, value.clone()) {
                if done.warnings.is_empty() && !moves(&path) {
                    assert_eq!(changed.get(&path), Some(&value));
                }
                assert_read_again(&changed);
            }
            let mut changed = document.clone();
            if changed.insert(&path, value).is_ok() {
                assert_read_again(&changed);
            }
        }
        let mut changed = document.clone();
        if changed.remove(&path).is_ok() {
            assert_read_again(&changed);
        }
        let mut changed = document.clone();
        if changed.rename(&path, "other key").is_ok() {
            assert_read_again(&changed);
        }
        let mut changed = document.clone();
        if changed
            .move_to(&path, &KeyPath::root().child("moved"))
            .is_ok()
        {
            assert_read_again(&changed);
        }
    }
}

fn first_line(data: &[u8]) -> Option<(&str, &[u8])> {
    let end = data.iter().position(|&byte| byte == b'\n')?;
    Some((str::from_utf8(&data[..end]).ok()?, &data[end + 1..]))
}

/// `[+]` and a pointer's `-` mean another place once something is there.
fn moves(path: &KeyPath) -> bool {
    path.segments().iter().any(|segment| match segment {
        Segment::Append | Segment::FromEnd(_) => true,
        Segment::Key(key) => key == "-",
        _ => false,
    })
}

fn assert_read_again(document: &Document) {
    let again =
        Document::parse(&document.bytes(), document.format()).expect("what was written is read");
    assert_eq!(again.value(), document.value());
}
