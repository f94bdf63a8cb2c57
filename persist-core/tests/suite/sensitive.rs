//! A planted secret, and every place it must not get to.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use persist_core::{ConfigFile, Document, Error, Secret, Sensitive, Store, Value, changelog};
use serde::{Deserialize, Serialize};

use crate::merges::saved;
use crate::support::{by_hand, chain, folder, open_with, picture, set, with};

const PLANTED: &str = "hunter2-Tr0ub4dor";

/// Folders that hold the file's own content, as private as the file.
const CONTENT: [&str; 3] = ["backups", "quarantine", "complements"];

/// No byte of the secret in the state folder but where the file's content is kept.
fn assert_not_told(file: &ConfigFile) {
    for (path, (bytes, _)) in picture(file.state_dir()) {
        let inside = path
            .strip_prefix(file.state_dir())
            .expect("as the test set it up");
        let file_itself =
            ["mirror", "stage-"].map(|name| inside.to_string_lossy().starts_with(name));
        let content = CONTENT.iter().any(|c| inside.starts_with(c)) || file_itself.contains(&true);
        let note = path.extension().is_some_and(|e| e == "json");
        if !content || note {
            assert!(!contains(&bytes), "{}", path.display());
        }
    }
    let entries = file.history().expect("as the test set it up");
    assert!(!changelog("app", &entries).contains(PLANTED));
    assert!(
        !format!(
            "{entries:?}{:?}",
            file.info().expect("as the test set it up")
        )
        .contains(PLANTED)
    );
    assert!(!format!("{:?}", file.verify().expect("as the test set it up")).contains(PLANTED));
}

fn contains(bytes: &[u8]) -> bool {
    bytes
        .windows(PLANTED.len())
        .any(|w| w == PLANTED.as_bytes())
}

fn assert_quiet(error: &Error) {
    let all = format!("{error:?}\n{}\n{}", chain(error), error.render());
    assert!(!all.contains(PLANTED), "{all}");
}

#[test]
fn values_under_telling_names_reach_no_journal_receipt_or_changelog() {
    for (name, start) in [
        ("app.toml", "[db]\npassword = \"x\"\n"),
        ("app.yaml", "db:\n  password: x\n"),
        ("app.json", "{\"db\": {\"password\": \"x\"}}"),
    ] {
        let (_dir, file) = with(name, start);
        for key in [
            "db.password",
            "apiKey",
            "API_KEY",
            "github-token",
            "a.client_secret",
            "users[+].passphrase",
        ] {
            let receipt = match set(&file, key, PLANTED) {
                Ok(receipt) => receipt,
                Err(error) => {
                    assert_quiet(&error);
                    continue;
                }
            };
            assert!(
                !format!("{receipt:?}").contains(PLANTED),
                "{key}: {receipt:?}"
            );
            assert!(!serde_json::to_string(&receipt).unwrap().contains(PLANTED));
        }
        by_hand(
            file.path(),
            fs::read_to_string(file.path())
                .unwrap()
                .replace(PLANTED, &PLANTED.repeat(2)),
        );
        let receipt = set(&file, "other", 1).unwrap();
        assert!(!format!("{receipt:?}").contains(PLANTED));
        file.undo().unwrap();
        file.undo().unwrap();
        assert_not_told(&file);
    }
}

#[test]
fn a_numeric_password_is_one_and_a_number_of_tokens_is_not() {
    let (_dir, file) = with("app.yaml", "a: 1\n");
    let receipt = set(&file, "password", 20_261_122).unwrap();
    assert_eq!(
        receipt.changes[0].to_string(),
        r#"password: added "[redacted]""#
    );
    let receipt = set(&file, "max_tokens", 100).unwrap();
    assert_eq!(receipt.changes[0].to_string(), "max_tokens: added 100");
    let receipt = set(&file, "use_password", true).unwrap();
    assert_eq!(receipt.changes[0].to_string(), "use_password: added true");
}

#[test]
fn patterns_and_paths_cover_what_names_do_not() {
    let (_dir, file) = with("app.toml", "a = 1\n");
    let file = open_with(file.path(), |o| {
        o.sensitive = Sensitive::new()
            .pattern("*dsn")
            .path("license".parse().unwrap());
    });
    set(&file, "sentry_DSN", PLANTED).unwrap();
    set(&file, "license.holder.name", PLANTED).unwrap();
    assert_not_told(&file);
    let shown = set(&file, "theme", "dark").unwrap();
    assert_eq!(shown.changes[0].to_string(), r#"theme: added "dark""#);
}

/// Secrets by their type alone, under names that give nothing away, in every kind of container.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Settings {
    plain: String,
    sign: Secret<String>,
    maybe: Option<Secret<String>>,
    many: Vec<Secret<String>>,
    named: BTreeMap<String, Secret<String>>,
}

#[test]
fn secrets_by_type_are_found_wherever_they_are() {
    let dir = folder();
    let store: Store<Settings> = Store::builder(dir.path().join("app.toml")).open().unwrap();
    let plant = || Secret::new(PLANTED.to_owned());
    store.update(|s| s.plain = "shown".into()).unwrap();
    let receipts = [
        store.update(|s| s.sign = plant()).unwrap(),
        store.update(|s| s.maybe = Some(plant())).unwrap(),
        store.update(|s| s.many.push(plant())).unwrap(),
        store
            .update(|s| s.many.insert(0, Secret::new("other".into())))
            .unwrap(),
        store
            .update(|s| drop(s.named.insert("x".into(), plant())))
            .unwrap(),
    ];
    assert!(!format!("{receipts:?}").contains(PLANTED), "{receipts:?}");
    let loaded = store.load().unwrap();
    assert_eq!(
        loaded.many[1].expose(),
        PLANTED,
        "it is in the file all the same"
    );
    assert!(
        !format!("{loaded:?} {:?}", loaded.value()).contains(PLANTED),
        "{loaded:?}"
    );
    let reading = store.file().read().unwrap();
    assert!(!format!("{store:?} {reading:?}").contains(PLANTED));
    assert_not_told(store.file());
    let other: Store<Settings> = Store::builder(store.file().path()).open().unwrap();
    other.update(|s| s.named.clear()).unwrap();
    other
        .save(&loaded, &Settings::default())
        .err()
        .iter()
        .for_each(assert_quiet);
    assert_not_told(other.file());
}

#[test]
fn excluded_values_are_never_written_and_hand_written_ones_stay() {
    let dir = folder();
    let path = dir.path().join("app.toml");
    let open = || {
        let store = Store::<Settings>::builder(&path).sensitive(Sensitive::new().exclude(true));
        store.open().unwrap()
    };
    open()
        .update(|s| {
            s.plain = "x".into();
            s.sign = Secret::new(PLANTED.into());
            s.maybe = Some(Secret::new(PLANTED.into()));
            s.named.insert("k".into(), Secret::new(PLANTED.into()));
            s.many.push(Secret::new(PLANTED.into()));
        })
        .unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains(PLANTED), "{text}");
    assert!(
        picture(dir.path())
            .values()
            .all(|(bytes, _)| !contains(bytes))
    );
    by_hand(&path, format!("sign = \"{PLANTED}\" # by hand\n{text}"));
    assert_eq!(open().load().unwrap().sign.expose(), PLANTED);
    open()
        .update(|s| {
            s.plain = "y".into();
            s.sign = Secret::new("changed".into());
        })
        .unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.starts_with(&format!("sign = \"{PLANTED}\" # by hand\n")),
        "{text}"
    );
    assert!(text.contains("plain = \"y\""));
}

#[test]
fn errors_do_not_quote_secrets() {
    let errors = |name: &str, text: &str| {
        let (_dir, file) = with(name, text);
        file.read()
            .err()
            .into_iter()
            .chain(set(&file, "x", 1).err())
            .collect::<Vec<_>>()
    };
    // The line of the mistake, and the one before it, are drawn.
    for (name, text) in [
        ("app.toml", format!("api_key = \"{PLANTED}\"\nx = = 1\n")),
        ("app.toml", format!("api_key = \"{PLANTED}\n")),
        (
            "app.toml",
            format!("db = {{ password = \"{PLANTED}\", port = = 1 }}\n"),
        ),
        ("app.yaml", format!("token: {PLANTED}\n  x: [1\n")),
        ("app.yaml", format!("token: \"{PLANTED}\nx: 1\n")),
        (
            "app.json",
            format!("{{\"password\": \"{PLANTED}\",, \"x\": 1}}"),
        ),
        (
            "app.json",
            format!("{{\n  \"password\": \"{PLANTED}\"\n  \"x\": 1\n}}"),
        ),
        (
            "app.json",
            format!("{{\"password\": \"{PLANTED}\", \"password\": 1}}"),
        ),
    ] {
        let errors = errors(name, &text);
        assert!(!errors.is_empty(), "{text}");
        errors.iter().for_each(assert_quiet);
    }
}

#[test]
fn a_wrong_type_does_not_quote_a_secret() {
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    struct Numbers {
        api_key: u32,
        licence: Secret<u32>,
    }
    let dir = folder();
    for (name, text) in [
        ("a.toml", format!("api_key = \"{PLANTED}\"\n")),
        ("b.toml", format!("api_key = 1\nlicence = \"{PLANTED}\"\n")),
        ("a.yaml", format!("api_key: {PLANTED}\n")),
        (
            "b.json",
            format!("{{\"api_key\": 1, \"licence\": \"{PLANTED}\"}}"),
        ),
    ] {
        let path = dir.path().join(name);
        fs::write(&path, &text).unwrap();
        let store: Store<Numbers> = Store::builder(&path).open().unwrap();
        assert_quiet(&store.load().unwrap_err());
        assert_quiet(&store.update(|n| n.api_key = 1).unwrap_err());
    }
}

#[test]
fn a_broken_schema_does_not_quote_a_secret() {
    let manifest = persist_core::Manifest::parse(crate::migrate::MANIFEST).unwrap();
    let manifest = Arc::new(manifest);
    let (_dir, file) = with(
        "app.yaml",
        "schema_version: 1.2.0\nsecurity:\n  api_key: x\n",
    );
    let file = open_with(file.path(), |o| *o = o.clone().with_manifest(manifest));
    let list = Value::Sequence(vec![Value::from(PLANTED)]);
    let error = set(&file, "security.api_key", list).unwrap_err();
    assert!(matches!(error, Error::Schema { .. }), "{error:?}");
    assert!(chain(&error).contains("api_key"), "{}", chain(&error));
    assert_quiet(&error);
    by_hand(
        file.path(),
        format!("schema_version: 1.2.0\nsecurity:\n  api_key: [{PLANTED}]\n"),
    );
    let problems = file.verify().unwrap().problems();
    assert!(
        !problems.is_empty() && !format!("{problems:?}").contains(PLANTED),
        "{problems:?}"
    );
}

#[test]
fn redaction_covers_lists_and_maps_under_a_sensitive_key() {
    let sensitive = Sensitive::new();
    let document = Document::parse(
        format!("passwords = [\"{PLANTED}\", 5]\n[secrets]\na = \"{PLANTED}\"\nb = {{ c = \"{PLANTED}\" }}\n[fine]\na = 1\n").as_bytes(),
        persist_core::Format::Toml,
    ).unwrap();
    let root = persist_core::KeyPath::root();
    let shown = sensitive.redact(&root, document.value()).to_string();
    insta::assert_snapshot!(shown, @r#"{"passwords": ["[redacted]", "[redacted]"], "secrets": {"a": "[redacted]", "b": {"c": "[redacted]"}}, "fine": {"a": 1}}"#);
    let found: Vec<String> = sensitive
        .found(&root, document.value())
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        found,
        ["passwords[0]", "passwords[1]", "secrets.a", "secrets.b.c"]
    );
    assert_eq!(
        sensitive.strip(document.value()).to_string(),
        r#"{"fine": {"a": 1}}"#
    );
}

/// Whatever the key is called.
#[test]
fn the_password_in_an_address_reaches_neither_journal_nor_message() {
    let (_dir, file) = with("app.yaml", "servers: []\n");
    let address = format!("postgres://ada:{PLANTED}@db.example:5432/app?x=1");
    let receipt = set(&file, "url", address.as_str()).unwrap();
    assert_eq!(
        receipt.changes[0].to_string(),
        r#"url: added "postgres://ada:[redacted]@db.example:5432/app?x=1""#
    );
    for text in [
        format!("see {address}, or amqp://x:{PLANTED}@y"),
        format!("https://ada:{PLANTED}#with@and:@host"),
    ] {
        set(&file, "servers", Value::Sequence(vec![Value::from(text)])).unwrap();
        assert_not_told(&file);
    }
    let broken = format!("url: {address}\n  - {address} : [\n");
    fs::write(file.path(), broken).unwrap();
    assert_quiet(&file.read().unwrap_err());
    let same = Sensitive::new();
    for line in [
        "see http://host:8080/a@b",
        "ssh://git@host/x",
        "a: b@c",
        "://:@",
    ] {
        assert_eq!(same.mask_line(line), line);
    }
    assert_eq!(same.mask_line("u: x://a:bé@c"), "u: x://a:**@c");
}

/// A text that does not parse says where, and shows nothing of a secret, however it is written.
#[test]
fn no_error_draws_a_secret() {
    let texts = [
        ("a.toml", "[password]\nvalue = \"hunter2\" x\n"),
        ("a.toml", "passwords = [\n  \"hunter2\" \"x\",\n]\n"),
        ("a.toml", "secret = {\n  a = \"hunter2\" b = 2\n}\n"),
        ("a.toml", "password = '''\nhunter2 ''' junk\n"),
        ("a.toml", "password.x = \"hunter2\" \"\n"),
        ("a.toml", "\"pass\\u0077ord\" = \"hunter2\" x\n"),
        ("a.json", "{\"password\":\n\"hunter2\" x}\n"),
        ("a.json", "{\"password\": [\n\"hunter2\" x]}\n"),
        ("a.json", "{\"pass\\u0077ord\": \"hunter2\" x}\n"),
        ("a.yaml", "? password\n: \"hunter2\" x\n"),
        ("a.yaml", "password:\n  hunter2: x: y\n"),
        ("a.yaml", "password:\n  - hunter2\n  - \"hunter2\n"),
        ("a.yaml", "url: postgres://me:hunter2@host: x\n"),
    ];
    for (name, text) in texts {
        let (_dir, file) = with(name, text);
        let error = file.read().unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{text}: {error}");
        let drawn = error.render();
        assert!(!drawn.contains("hunter2"), "{text}\n{drawn}");
        assert!(drawn.contains(&format!("{name}:")), "{drawn}");
    }
}

/// A secret under a name that says nothing is one all the same if it just came from a name that does.
#[test]
fn a_secret_that_moves_stays_one() {
    let manifest = r#"{"app":"x","versions":[{"version":"1.0.0"},{"version":"2.0.0"}],"edges":[{"from":"1.0.0","to":"2.0.0",
        "lenses":[{"rename":{"path":"/password","to":"pw2"}},{"convert":{"path":"/token","from":"string","to":"integer"}},
        {"move":{"from":"/api_key","to":"/a/b"}}]}]}"#;
    let manifest = std::sync::Arc::new(persist_core::Manifest::parse(manifest).unwrap());
    let text = "{\"schema_version\": \"1.0.0\", \"password\": \"Zq9\", \"token\": \"12349876\", \"api_key\": \"k-9\"}\n";
    let (_dir, file) = with("app.json", text);
    let file = open_with(file.path(), |o| *o = o.clone().with_manifest(manifest));
    let up = file.migrate_to(&"2.0.0".parse().unwrap()).unwrap();
    let down = file.migrate_to(&"1.0.0".parse().unwrap()).unwrap();
    let undone = file.undo().unwrap();
    for receipt in [up, down, undone] {
        let shown = format!("{:?}", receipt.changes);
        assert!(
            !["Zq9", "12349876", "k-9"].iter().any(|s| shown.contains(s)),
            "{shown}"
        );
        assert!(shown.contains("pw2"), "{shown}");
    }
}

/// Shown nowhere; but a file that leaves secrets out keeps an `auth = "basic"`.
#[test]
fn secrets_within_texts_and_under_short_names_are_hidden() {
    let shown = |text: &str| {
        let document = Document::parse(text.as_bytes(), persist_core::Format::Yaml).unwrap();
        let sensitive = Sensitive::new();
        sensitive
            .redact(&persist_core::KeyPath::root(), document.value())
            .to_string()
    };
    insta::assert_snapshot!(shown("auth: hunter2\nproxyAuth: u:hunter2\nftp-pass: hunter2\n"),
        @r#"{"auth": "[redacted]", "proxyAuth": "[redacted]", "ftp-pass": "[redacted]"}"#);
    insta::assert_snapshot!(shown("env: [DB_PASSWORD=hunter2 x, A=b, TOKEN=]\nrun: --user ada --password=hunter2 --port=1\n"),
        @r#"{"env": ["DB_PASSWORD=[redacted]", "A=b", "TOKEN="], "run": "--user ada --password=[redacted] --port=1"}"#);
    insta::assert_snapshot!(shown("u: https://h/?page=2&api_key=hunter2&b=1\no: Server=h;Pwd=hunter2;Port=1\nh: ['Authorization: Bearer hunter2']\n"),
        @r#"{"u": "https://h/?page=2&api_key=[redacted]&b=1", "o": "Server=h;Pwd=[redacted];Port=1", "h": ["Authorization: [redacted]"]}"#);
    insta::assert_snapshot!(shown("env: [{name: DB_PASSWORD, value: hunter2}, {name: PORT, value: '1'}]\n"),
        @r#"{"env": [{"name": "DB_PASSWORD", "value": "[redacted]"}, {"name": "PORT", "value": "1"}]}"#);
    insta::assert_snapshot!(shown("args: [--user, ada, --password, hunter2, --port, '1']\nc: user=a password=hunter2 x\n"),
        @r#"{"args": ["--user", "ada", "--password", "[redacted]", "--port", "1"], "c": "user=a password=[redacted] x"}"#);
    insta::assert_snapshot!(shown("m: mongodb+srv://u:hun/ter2@h/db\nh: http://host:8080/a@b\ns: ssh://git@host\nt: https://0123456789abcdef0123@sentry.example/4\n"),
        @r#"{"m": "mongodb+srv://u:[redacted]@h/db", "h": "http://host:8080/a@b", "s": "ssh://git@host", "t": "https://[redacted]@sentry.example/4"}"#);
    insta::assert_snapshot!(shown("a: ghp_0123456789abcdef0123\nb: use Bearer abcdefghijkl now\nc: the bearer of news\nd: |\n  user: x\n  password: hunter2\n"),
        @r#"{"a": "[redacted]", "b": "use Bearer [redacted] now", "c": "the bearer of news", "d": "user: x\npassword: [redacted]\n"}"#);
    insta::assert_snapshot!(shown("c: app --password hunter2 --host x\nd: app --token 'hunter2' x\ne: 'curl -H \"Authorization: Bearer hunter2\" u'\nf: '{\"password\": \"hunter2\", \"a\": 1}'\n"),
        @r#"{"c": "app --password [redacted] --host x", "d": "app --token '[redacted]' x", "e": "curl -H \"Authorization: [redacted]\" u", "f": "{\"password\": \"[redacted]\", \"a\": 1}"}"#);
    insta::assert_snapshot!(shown("env: [{Name: DB_PASSWORD, Value: hunter2}, {ParameterKey: Token, ParameterValue: hunter2}]\n"),
        @r#"{"env": [{"Name": "DB_PASSWORD", "Value": "[redacted]"}, {"ParameterKey": "Token", "ParameterValue": "[redacted]"}]}"#);
    insta::assert_snapshot!(shown("auth: {type: basic}\ncompass: north\nbypass: 'no'\nmax_tokens: 5\nhelp: 'Forgot your password: click'\n"),
        @r#"{"auth": {"type": "basic"}, "compass": "north", "bypass": "no", "max_tokens": 5, "help": "Forgot your password: click"}"#);
    let document = Document::parse(b"auth = \"basic\"\n", persist_core::Format::Toml).unwrap();
    let kept = Sensitive::new().strip(document.value());
    assert_eq!(kept, *document.value());
}

/// As in the environment of a container, where no key says what the value is.
#[test]
fn the_value_beside_a_telling_name_stays_out_of_the_journal() {
    let text = format!("env:\n  - name: DB_PASSWORD\n    value: {PLANTED}\n");
    let (_dir, file) = with("app.yaml", &text);
    set(&file, "env[0].value", format!("{PLANTED}2")).unwrap();
    set(&file, "env[0].value", format!("new {PLANTED}")).unwrap();
    assert_not_told(&file);
}

/// What a broken text draws hides all that may be a secret.
#[test]
fn broken_lines_hide_what_follows_a_telling_word() {
    for (name, text) in [
        ("a.json", format!("{{\"password\": {PLANTED}}}")),
        ("a.json", "{\"password\": hunter2}".into()),
        ("a.toml", format!("password \"{PLANTED}\"\n")),
        (
            "a.yaml",
            format!("key: |\n  -----BEGIN PRIVATE KEY-----\n  abc\n{PLANTED}\n"),
        ),
        ("a.yaml", format!("password: x\n{PLANTED}\n")),
        (
            "a.json",
            format!("{{\"args\": [\"--password\", \"{PLANTED}\" 1]}}"),
        ),
        (
            "a.json",
            format!("{{\"name\":\"DB_PASSWORD\",\"value\":\"{PLANTED}\" 1}}"),
        ),
        ("a.json", format!("{{\"a\": 1}} password {PLANTED}")),
    ] {
        let (_dir, file) = with(name, &text);
        let error = file.read().expect_err("a broken text");
        assert_quiet(&error);
        assert!(!error.render().contains("hunter2"), "{}", error.render());
    }
}

/// Of a long line a part is drawn, which is hidden as the line is.
#[test]
fn a_part_of_a_long_line_does_not_draw_a_secret() {
    let long = "z ".repeat(150);
    for text in [
        format!("password = '''\n{long}{PLANTED} ''' junk\n"),
        format!("password = '''\n{PLANTED}{long} ''' = x = {PLANTED}\n"),
    ] {
        let (_dir, file) = with("a.toml", &text);
        let error = file.read().expect_err("a broken text");
        assert_quiet(&error);
        assert!(error.render().contains("* * *"), "{}", error.render());
    }
}

/// Why a save of changed settings is refused where somebody else wrote `meanwhile`.
fn refused<T>(start: &str, meanwhile: &str, change: impl Fn(&mut T)) -> Error
where
    T: Clone + Default + Serialize + serde::de::DeserializeOwned,
{
    let (done, _text) = saved(start, meanwhile, change);
    done.expect_err("it is refused")
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Arguments {
    args: Vec<String>,
    title: String,
}

/// Where it stands in a list makes a secret of it, and so does the text that it has.
#[test]
fn a_conflict_shows_no_secret() {
    let start = "password: hunter2\nargs: [--password, hunter2base]\ntitle: a\n";
    let file = "password: hunter2\nargs: [--password, hunter2file]\ntitle: b\n";
    let error = refused::<Arguments>(start, file, |s| s.args[1] = "hunter2ours".into());
    assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
    let all = format!("{error:?}\n{}", chain(&error));
    assert!(!all.contains("hunter2"), "{all}");
    assert!(all.contains("args[1]"), "{all}");
    let error = refused::<Arguments>(start, file, |s| s.title = "is hunter2".into());
    assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
    let all = format!("{error:?}\n{}", chain(&error));
    assert!(!all.contains("hunter2"), "{all}");
    // An item before it in the file.
    let file = "password: hunter2\nargs: [-v, --password, hunter2file]\ntitle: b\n";
    let error = refused::<Arguments>(start, file, |s| s.args[1] = "hunter2ours".into());
    let all = format!("{error:?}\n{}", chain(&error));
    assert!(!all.contains("hunter2"), "{all}");
    // Of nothing that is a secret.
    let file = "password: hunter2\nargs: [--password, hunter2base]\ntitle: b\n";
    let error = refused::<Arguments>(start, file, |s| s.title = "c".into());
    assert!(
        chain(&error).contains("in the file \"b\""),
        "{}",
        chain(&error)
    );
}

/// Also where it is another document of the stream that tells.
#[test]
fn a_secret_that_moves_into_another_document_stays_one() {
    let (_dir, file) = with("app.yaml", "password: hunter2s\n---\na: 1\n");
    let old = file.document().unwrap();
    fs::write(file.path(), "b: 1\n---\na: 1\ndisplay: hunter2s\n").unwrap();
    let new = file.document().unwrap();
    let [old_second, new_second] = [&old, &new].map(|d| d.clone().select(1).unwrap());
    for notes in [
        file.notes(&old, &new),
        file.notes(&new, &old),
        file.notes(&old_second, &new_second),
    ] {
        let told = format!("{notes:?}");
        assert!(
            told.contains("display") && !told.contains("hunter2"),
            "{told}"
        );
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(default)]
struct Rounded {
    #[serde(serialize_with = "shouted")]
    args: Vec<String>,
}

impl Default for Rounded {
    fn default() -> Self {
        let args = ["--password", "hunter2"].map(String::from).to_vec();
        Self { args }
    }
}

fn shouted<S: serde::Serializer>(args: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(args.iter().map(|arg| format!("{arg}2")))
}

/// What a save would not give back is told by its place in a list, too.
#[test]
fn what_does_not_read_back_shows_no_secret() {
    let start = "args: [--password, hunter2base]\n";
    let error = refused::<Rounded>(start, start, |s| s.args[1] = "hunter2ours".into());
    let all = format!("{error:?}\n{}", chain(&error));
    assert!(matches!(error, Error::NotReadBack { .. }), "{all}");
    assert!(!all.contains("hunter2"), "{all}");
}
