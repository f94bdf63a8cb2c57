//! A document's text without its secrets is a document still.

use persist_core::{Document, Format, KeyPath, REDACTED, Sensitive, Value};
use proptest::prelude::*;

const FORMATS: [Format; 4] = [Format::Json, Format::Jsonc, Format::Toml, Format::Yaml];

fn parse(text: &str, format: Format) -> Document {
    Document::parse(text.as_bytes(), format).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn redacted(document: &Document) -> String {
    let shown = Sensitive::new().redacted_text(document);
    shown.unwrap_or_else(|| panic!("not in place:\n{}", document.text()))
}

/// That the text without its secrets reads as the values without their secrets do; gives it.
fn check(text: &str, format: Format) -> String {
    let document = parse(text, format);
    let shown = redacted(&document);
    let read = Document::parse(shown.as_bytes(), format);
    let read = read.unwrap_or_else(|e| panic!("{e}\nof {text}\nbecame {shown}"));
    let rules = Sensitive::new().in_document(&document);
    let wanted = rules.redact(&KeyPath::root(), document.value());
    assert_eq!(*read.value(), wanted, "of {text}\nbecame {shown}");
    shown
}

#[test]
fn structure_is_no_secret() {
    for (format, text, expected) in [
        (
            Format::Json,
            "{ \"tokens\": {\n  \"a\": \"x\" },\n  \"secrets\": [\n  \"y\", true ] }\n",
            "{ \"tokens\": {\n  \"a\": \"[redacted]\" },\n  \"secrets\": [\n  \"[redacted]\", true ] }\n",
        ),
        (
            Format::Yaml,
            "secret: # why\n  k: 1\n",
            "secret: # ***\n  k: \"[redacted]\"\n",
        ),
        (
            Format::Yaml,
            "tokens: {a: x} # c\n",
            "tokens: {a: \"[redacted]\"} # *\n",
        ),
        (
            Format::Yaml,
            "secrets:\n- a\n- [b]\ntokens: &t\n  k: x\nuse_password: true # d\n",
            "secrets:\n- \"[redacted]\"\n- [\"[redacted]\"]\ntokens: &t\n  k: \"[redacted]\"\nuse_password: true # *\n",
        ),
        (
            Format::Toml,
            "[tokens] # c\na = \"x\" # d\n[db]\nuse_password=true\nmax_tokens = 3\nsecrets = [\n  \"y\", # e\n]\n[[tokens.many]]\n",
            "[tokens] # *\na = \"[redacted]\" # *\n[db]\nuse_password=true\nmax_tokens = 3\nsecrets = [\n  \"[redacted]\", # *\n]\n[[tokens.many]]\n",
        ),
    ] {
        assert_eq!(check(text, format), expected);
    }
}

#[test]
fn what_aliases_and_merge_keys_repeat_is_hidden_where_it_is_written() {
    for (text, expected) in [
        (
            "a: 1\napi_key: &k hunter2\nagain: *k\nlist: [*k, hunter2]\n",
            "a: 1\napi_key: &k \"[redacted]\"\nagain: *k\nlist: [*k, \"[redacted]\"]\n",
        ),
        (
            "z: &tok hunter2 # a\ntoken: *tok # b\n",
            "z: &tok \"[redacted]\" # *\ntoken: *tok # *\n",
        ),
        (
            "base: &b {token: hunter2, n: 1}\nx:\n  <<: *b\n  m: 2\ny: *b\n",
            "base: &b {token: \"[redacted]\", n: 1}\nx:\n  <<: *b\n  m: 2\ny: *b\n",
        ),
        (
            "tokens: &t [hunter1, hunter2]\nx: *t\n",
            "tokens: &t [\"[redacted]\", \"[redacted]\"]\nx: *t\n",
        ),
    ] {
        assert_eq!(check(text, Format::Yaml), expected);
    }
    // One that is too short to be followed: what repeats it is hidden none the less.
    let document = parse("pin_token: &k ab\nagain: *k\n", Format::Yaml);
    assert_eq!(
        redacted(&document),
        "pin_token: &k \"[redacted]\"\nagain: *k\n"
    );
}

#[test]
fn a_hidden_comment_ends_where_it_did() {
    for (text, expected) in [
        (
            "{ /* password: x */ \"a\": 1 }",
            "{ /* password: * */ \"a\": 1 }",
        ),
        (
            "{ \"password\": \"hunter2\",\n /* hunter2/ or\n token=a/b */ \"a\": 1 }",
            "{ \"password\": \"[redacted]\",\n /* ******** or\n token=*** */ \"a\": 1 }",
        ),
        (
            "{ \"password\": \"hunter2\", /*hunter1*/ \"a\": 1 }",
            "{ \"password\": \"[redacted]\", /*********/ \"a\": 1 }",
        ),
    ] {
        assert_eq!(check(text, Format::Jsonc), expected);
    }
}

#[test]
fn a_key_file_in_comments_is_hidden_to_its_end() {
    let text = "a = 1\n# -----BEGIN PRIVATE KEY-----\n# MIIEvQIBADAN\n# -----END PRIVATE KEY-----\n# shown\n\
         # -----BEGIN PRIVATE KEY-----\nb = 1 # shown\n";
    let shown = check(text, Format::Toml);
    assert!(!shown.contains("MIIE"), "{shown}");
    assert_eq!(shown.matches("# shown").count(), 2, "{shown}");
}

#[test]
fn a_secret_in_a_key_is_hidden_where_the_key_stays_one() {
    let redacted = |text: &str, format| Sensitive::new().redacted_text(&parse(text, format));
    let text = "\"pg://u:hunter2@h\" = 1\ntoken = \"x\"\n";
    let expected = "\"pg://u:*******@h\" = 1\ntoken = \"[redacted]\"\n";
    assert_eq!(redacted(text, Format::Toml).as_deref(), Some(expected));
    let text = "ghp_0123456789abcdefghij: 1\n";
    assert_eq!(redacted(text, Format::Yaml), None, "it would be an alias");
}

/// Texts that are in no key, so that one which is shown is a secret that got out.
fn value() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "a",
        "b.c",
        "password",
        "use_password",
        "max_tokens",
        "tokens",
        "secrets",
        "auth",
        "secretName",
        "name",
        "value",
        "API KEY",
        "pass:word = {",
        "é",
    ]);
    let scalar = prop_oneof![
        6 => "hunter[0-9]{4}".prop_map(Value::from),
        1 => prop::sample::select(vec![
            "", "DB_PASSWORD", "--token", "pg://u:hunter12@h/", "two\nlines", "password: hunter34\nb: 1", "{ [ # /* */",
            "'\"\\", "token=hunter56 # x",
        ]).prop_map(Value::from),
        1 => (1000..2000_i64).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
    ];
    let value = scalar.prop_recursive(4, 24, 4, {
        let key = key.clone();
        move |inner| {
            let entry = (key.clone().prop_map(String::from), inner.clone());
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Value::Sequence),
                prop::collection::vec(entry, 0..4)
                    .prop_map(|entries| Value::Map(entries.into_iter().collect())),
            ]
        }
    });
    prop::collection::vec((key.prop_map(String::from), value), 1..5)
        .prop_map(|entries| Value::Map(entries.into_iter().collect()))
}

const COMMENTS: [&str; 10] = [
    "",
    "note",
    "password: hunter2/",
    "hunter/2",
    "{\"token\": \"x\"}, [1]",
    "token=/ 1",
    "-----BEGIN PRIVATE KEY-----",
    "secret = {",
    "https://u:p*/",
    "-----END PRIVATE KEY-----",
];

/// A text with comments after its lines, as far as they change no value.
fn with_comments(text: &str, format: Format, comments: &[(usize, bool)], secret: &str) -> String {
    let mut comments = comments.iter().cycle();
    let mut given = text.to_owned();
    let lines = text.lines().count();
    for at in (0..lines).rev() {
        let Some((which, is_block)) = comments.next().filter(|_| format != Format::Json) else {
            return given;
        };
        let told = COMMENTS.get(*which).copied().unwrap_or(secret);
        let comment = match (format, is_block) {
            (Format::Jsonc, true) => format!(" /* {} */", told.replace("*/", "* ")),
            (Format::Jsonc, false) => format!(" // {told}"),
            _ => format!(" # {told}"),
        };
        let commented = given
            .lines()
            .enumerate()
            .map(|(index, line)| match index == at {
                true => format!("{line}{comment}\n"),
                false => format!("{line}\n"),
            });
        let commented: String = commented.collect();
        let same = Document::parse(commented.as_bytes(), format);
        if same.is_ok_and(|same| *same.value() == *parse(text, format).value()) {
            given = commented;
        }
    }
    given
}

/// The texts that redaction takes out of a value.
fn hidden(value: &Value, shown: &Value, into: &mut Vec<String>) {
    match (value, shown) {
        (Value::Map(values), Value::Map(shown)) => {
            let both = values.values().zip(shown.values());
            both.for_each(|(value, shown)| hidden(value, shown, into));
        }
        (Value::Sequence(values), Value::Sequence(shown)) => {
            let both = values.iter().zip(shown);
            both.for_each(|(value, shown)| hidden(value, shown, into));
        }
        (Value::String(text), Value::String(shown)) if shown == REDACTED => {
            into.push(text.clone());
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_text_without_its_secrets_parses_with_the_same_shape_and_has_none_of_them(
        value in value(),
        flow in any::<bool>(),
        comments in prop::collection::vec((0..COMMENTS.len() + 2, any::<bool>()), 1..8),
    ) {
        let rules = Sensitive::new();
        for format in FORMATS {
            // JSON is YAML in flow style.
            let written = if flow && format == Format::Yaml { Format::Json } else { format };
            let Ok((document, _)) = Document::encode(&value, written) else {
                continue;
            };
            let mut secrets = Vec::new();
            let rules = rules.in_document(&document);
            hidden(&value, &rules.redact(&KeyPath::root(), &value), &mut secrets);
            secrets.retain(|secret| secret.starts_with("hunter"));
            let secret = secrets.first().map_or("", String::as_str);
            let text = with_comments(document.text(), format, &comments, secret);
            let shown = check(&text, format);
            let kept = texts(&rules.redact(&KeyPath::root(), &value));
            for secret in secrets.iter().filter(|secret| !kept.contains(secret)) {
                prop_assert!(!shown.contains(secret), "{secret} in {shown}");
            }
        }
    }
}

/// All texts in a value.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Map(map) => map.values().flat_map(texts).collect(),
        Value::Sequence(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}
