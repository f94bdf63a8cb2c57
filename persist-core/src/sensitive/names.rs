//! Names that say that a value is sensitive.

use persist_format::Value;

const NAMES: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "apikey",
    "privatekey",
    "accesskey",
    "credential",
    "encryptionkey",
    "signingkey",
    "authorization",
];
const ENDINGS: [&str; 3] = ["token", "tokens", "pwd"];

/// Whole words at the end of a key, for what stands right there: `auth` may head a table of ordinary settings.
const LAST_WORDS: [&str; 14] = [
    "pass",
    "pw",
    "auth",
    "creds",
    "passcode",
    "psk",
    "otp",
    "bearer",
    "jwt",
    "cookie",
    "dsn",
    "sessionid",
    "webhook",
    "connectionstring",
];
/// Ends of keys that are so.
const LAST_PARTS: [&str; 6] = [
    "sshkey",
    "masterkey",
    "accountkey",
    "sharedkey",
    "licensekey",
    "licencekey",
];

/// What a key's name says of the values under it.
#[derive(Clone, Copy, Default)]
pub(super) struct Says {
    /// They are secrets, numbers, too.
    numbers: bool,
    /// They are secrets unless they are numbers.
    named: bool,
}

/// Last words of keys that say where a secret is, or what it is called, and not what it is.
const REFERENCES: [&str; 9] = [
    "name",
    "ref",
    "reference",
    "file",
    "filename",
    "path",
    "dir",
    "folder",
    "namespace",
];

/// Whether the key is that of a reference: `secretName`, `password_file`, `secretKeyRef`.
fn is_reference(key: &str, plain: &str) -> bool {
    let is = |word: &str| REFERENCES.iter().any(|r| word.eq_ignore_ascii_case(r));
    let joined = REFERENCES.iter().filter_map(|r| plain.strip_suffix(r));
    is(last_word(key)) || joined.into_iter().any(|before| NAMES.contains(&before))
}

/// In `proxyAuth` the word begins with its capital.
fn last_word(key: &str) -> &str {
    let mut words = key.split(|c: char| !c.is_ascii_alphanumeric()).rev();
    let last = words.find(|word| !word.is_empty()).unwrap_or_default();
    let camel = last.rfind(|c: char| c.is_ascii_uppercase()).unwrap_or(0);
    match last.chars().any(|c| c.is_ascii_lowercase()) {
        true => &last[camel..],
        false => last,
    }
}

impl Says {
    pub(super) fn of(key: &str) -> Says {
        let plain = plain(key);
        if is_reference(key, &plain) {
            return Says::default();
        }
        let numbers = contains_name(&plain);
        Says {
            numbers,
            named: numbers || has_ending(&plain),
        }
    }

    /// What both say, of values under both.
    pub(super) fn or(self, other: Says) -> Says {
        Says {
            numbers: self.numbers || other.numbers,
            named: self.named || other.named,
        }
    }

    /// Whether it hides this value. A switch gives nothing away; a number under a name such as `max_tokens` is an
    /// amount, under `password` it is one.
    pub(super) fn hides(self, value: &Value) -> bool {
        match value {
            Value::Bool(_) | Value::Null => false,
            Value::Integer(_) | Value::Float(_) => self.numbers,
            _ => self.named,
        }
    }
}

/// Whether a key's name alone says that its value is sensitive.
pub(crate) fn named(key: &str) -> bool {
    Says::of(key).named
}

fn has_ending(plain: &str) -> bool {
    ENDINGS.iter().any(|ending| plain.ends_with(ending))
}

fn contains_name(plain: &str) -> bool {
    NAMES.iter().any(|n| plain.contains(n))
}

/// A key without case and separators.
fn plain(key: &str) -> String {
    let letters = key.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether the last word of a key says that the text right there is sensitive.
pub(super) fn ends_in_secret(key: &str) -> bool {
    let plain = plain(key);
    let ends = |ends: &[&str]| ends.iter().any(|end| plain.ends_with(end));
    if ends(&LAST_PARTS) || LAST_WORDS.contains(&plain.as_str()) {
        return true;
    }
    let mut words = key.split(|c: char| !c.is_ascii_alphanumeric()).rev();
    let Some(last) = words.find(|word| !word.is_empty()) else {
        return false;
    };
    // In `proxyAuth` the word begins with its capital.
    let camel = last.rfind(|c: char| c.is_ascii_uppercase()).unwrap_or(0);
    let is_word = |word: &str| LAST_WORDS.iter().any(|w| word.eq_ignore_ascii_case(w));
    is_word(last) || is_word(&last[camel..])
}
