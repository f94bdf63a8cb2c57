//! What of a file's secrets is printed. Who names a secret wants it; who prints a whole section may not know what is in it.

use std::path::Path;

use persist_core::{KeyPath, REDACTED, Sensitive, Value};

use crate::args::Secrets;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::{Out, counted};

/// What becomes of content that has secrets in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Showing {
    /// All of it.
    Whole,
    /// Without the secrets, as was asked for.
    Redacted,
    /// Without the secrets, which has to be said.
    Noted,
    /// Nothing: a program would take what stands in their place for the values.
    Refused,
}

fn decide(secrets: Secrets, is_terminal: bool) -> Showing {
    match (secrets.reveal, secrets.redacted) {
        (true, _) => Showing::Whole,
        (_, true) => Showing::Redacted,
        _ if is_terminal => Showing::Noted,
        _ => Showing::Refused,
    }
}

/// Whether the content of `file` is to be printed without its secrets, which are `found` in it.
///
/// # Errors
/// Where it is not to be printed; `else_do` names what else can be done.
pub(super) fn is_redacted(
    out: &mut Out,
    file: &Path,
    found: &[KeyPath],
    secrets: Secrets,
    else_do: &str,
) -> Result<bool, Failure> {
    if found.is_empty() {
        return Ok(false);
    }
    match decide(secrets, out.is_terminal()) {
        Showing::Whole => Ok(false),
        Showing::Redacted => Ok(true),
        Showing::Noted => {
            let values = counted(found.len(), "sensitive value");
            let verb = if found.len() == 1 { "is" } else { "are" };
            out.aside(&format!(
                "{values} {verb} shown as {REDACTED}; --reveal shows all"
            ))?;
            Ok(true)
        }
        Showing::Refused => {
            let keys: Vec<String> = found.iter().map(ToString::to_string).collect();
            let message = format!(
                "{} was not printed, because it holds sensitive values: {}",
                file.display(),
                keys.join(", ")
            );
            let hint = format!("--redacted hides them, --reveal prints all{else_do}");
            Err(Failure::new(Exit::No, message).with_hint(hint))
        }
    }
}

/// Where values stand at or below `key` that must not be shown; empty ones are no secret.
///
/// All of the document is gone through: what stands above and beside a value can make a secret of it. The rules are those
/// [in the document](Sensitive::in_document), where a secret elsewhere does so that has the same text.
pub(super) fn found(sensitive: &Sensitive, root: &Value, key: &KeyPath) -> Vec<KeyPath> {
    let Some(key) = root.resolve(key) else {
        return Vec::new();
    };
    let mut found = sensitive.found(&KeyPath::root(), root);
    found.retain(|full| {
        full.segments().starts_with(key.segments())
            && match root.get(full).map(Value::untagged) {
                Some(Value::String(text)) => !text.is_empty(),
                Some(value) => !value.is_null(),
                None => true,
            }
    });
    found
}

/// What stands at `key`, without the secrets in it.
pub(super) fn redacted(sensitive: &Sensitive, root: &Value, key: &KeyPath) -> Value {
    let all = sensitive.redact(&KeyPath::root(), root);
    // What it stands in may be hidden as a whole.
    let shown = root.resolve(key).and_then(|key| all.get(&key).cloned());
    shown.unwrap_or_else(|| Value::from(REDACTED))
}

#[cfg(test)]
mod tests {
    use persist_core::{Document, Format};

    use super::*;

    #[test]
    fn a_program_gets_all_or_nothing_unless_it_says_so() {
        let check = |reveal, redacted, is_terminal, expected| {
            let secrets = Secrets { reveal, redacted };
            assert_eq!(decide(secrets, is_terminal), expected, "{secrets:?}");
        };
        check(false, false, true, Showing::Noted);
        check(false, false, false, Showing::Refused);
        for is_terminal in [true, false] {
            check(true, false, is_terminal, Showing::Whole);
            check(false, true, is_terminal, Showing::Redacted);
        }
    }

    #[test]
    fn what_is_at_a_key_is_a_secret_by_all_that_is_around_it() {
        let text = r#"{"a": {"password": "", "token": null, "secret": "x", "key": "y", "same": "is zzz"}, "password": "zzz",
                "env": [{"name": "DB_PASSWORD", "value": "v"}], "args": ["--token", "t"], "n": {"pin": 7}}"#;
        let document = Document::parse(text.as_bytes(), Format::Json).unwrap();
        let root = document.value();
        let sensitive = Sensitive::new().pattern("n.pin").pattern("env[0].name");
        let sensitive = sensitive.in_document(&document);
        let check = |key: &str, expected: &[&str], shown: &str| {
            let key: KeyPath = key.parse().unwrap();
            let found = found(&sensitive, root, &key);
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{key}");
            let redacted = redacted(&sensitive, root, &key).to_json().to_string();
            assert_eq!(redacted, shown, "{key}");
        };
        check("a.password", &[], r#""[redacted]""#);
        check("a.key", &[], r#""y""#);
        check("a.secret", &["a.secret"], r#""[redacted]""#);
        check("a.same", &["a.same"], r#""[redacted]""#);
        check("n", &["n.pin"], r#"{"pin":"[redacted]"}"#);
        check("/n/pin", &["n.pin"], r#""[redacted]""#);
        check("env[0].value", &["env[0].value"], r#""[redacted]""#);
        check("/env/0/value", &["env[0].value"], r#""[redacted]""#);
        check("/env/0/name", &["env[0].name"], r#""[redacted]""#);
        check("args[-1]", &["args[1]"], r#""[redacted]""#);
        check("none", &[], r#""[redacted]""#);
    }
}
