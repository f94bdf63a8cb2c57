//! Input that is made to harm. Times and memory are measured by `cargo xtask`; here every bomb is refused, for the right reason.

use persist_format::{Document, ErrorKind, Format, Limits};

use crate::support::path;

fn refused(bytes: &[u8], format: Format) -> ErrorKind {
    let error = Document::parse(bytes, format).expect_err("it is a bomb");
    assert!(error.render("bomb").len() < 2_000, "the message is short");
    error.kind()
}

#[test]
fn depth_is_bounded() {
    for deep in [200, 100_000] {
        assert_eq!(
            refused("[".repeat(deep).as_bytes(), Format::Json),
            ErrorKind::Limit
        );
        assert_eq!(
            refused("{\"a\":".repeat(deep).as_bytes(), Format::Json),
            ErrorKind::Limit
        );
        assert_eq!(
            refused(format!("a = {}", "[".repeat(deep)).as_bytes(), Format::Toml),
            ErrorKind::Limit
        );
        assert_eq!(
            refused(
                format!("a = {}", "{ a = ".repeat(deep)).as_bytes(),
                Format::Toml
            ),
            ErrorKind::Limit
        );
        assert_eq!(
            refused(
                format!("{}a = 1", "a.".repeat(deep)).as_bytes(),
                Format::Toml
            ),
            ErrorKind::Limit
        );
        assert_eq!(
            refused(format!("[{}a]", "a.".repeat(deep)).as_bytes(), Format::Toml),
            ErrorKind::Limit
        );
    }
}

/// What is made of a key path would be as deep as the path is long.
#[test]
fn key_paths_are_bounded() {
    let deep = path(&vec!["a"; 100_000].join("."));
    for format in Format::ALL {
        let (mut document, _) =
            Document::encode(&persist_format::Map::new().into(), format).expect("it can be said");
        for edit in [document.clone().set(&deep, 1), document.insert(&deep, 1)] {
            assert_eq!(edit.map_err(|e| e.kind()), Err(ErrorKind::Path), "{format}");
        }
    }
    let mut value = persist_format::Value::Null;
    assert!(value.set(&deep, 1.into()).is_err());
}

#[test]
fn size_values_and_digits_are_bounded() {
    let limits = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    };
    let kind = |text: &str, format, limits: &Limits| {
        Document::parse_with(text.as_bytes(), format, limits)
            .map(drop)
            .map_err(|e| e.kind())
    };
    assert_eq!(
        kind("[1, 2, 3]", Format::Json, &limits(|l| l.nodes = 3)),
        Err(ErrorKind::Limit)
    );
    assert_eq!(
        kind("[1, 2, 3]", Format::Json, &limits(|l| l.nodes = 4)),
        Ok(())
    );
    assert_eq!(
        kind("a = [1, 2, 3]", Format::Toml, &limits(|l| l.nodes = 3)),
        Err(ErrorKind::Limit)
    );
    assert_eq!(
        kind("[1, 2, 3]", Format::Json, &limits(|l| l.bytes = 8)),
        Err(ErrorKind::Limit)
    );
    assert_eq!(
        kind("[[1]]", Format::Json, &limits(|l| l.depth = 1)),
        Err(ErrorKind::Limit)
    );
    // Each alias adds a sequence and three items.
    let aliases = "a: &a [1, 2, 3]\nb: [*a, *a]\n";
    assert_eq!(
        kind(aliases, Format::Yaml, &limits(|l| l.alias_nodes = 7)),
        Err(ErrorKind::Limit)
    );
    assert_eq!(
        kind(aliases, Format::Yaml, &limits(|l| l.alias_nodes = 8)),
        Ok(())
    );
    for format in [Format::Json, Format::Jsonc] {
        assert_eq!(
            refused("9".repeat(1_000_000).as_bytes(), format),
            ErrorKind::Limit
        );
        assert_eq!(
            refused(format!("1e{}", "9".repeat(1_000_000)).as_bytes(), format),
            ErrorKind::Limit
        );
    }
    assert_eq!(refused(b"1e999", Format::Json), ErrorKind::Limit);
    assert_eq!(
        refused(
            format!("a = {}", "9".repeat(100_000)).as_bytes(),
            Format::Toml
        ),
        ErrorKind::Limit
    );
    assert_eq!(
        refused(b"a = 9223372036854775808", Format::Toml),
        ErrorKind::Limit
    );
}

#[test]
fn other_encodings_are_named() {
    let error = Document::parse(&[0xff, 0xfe, b'a', 0], Format::Json).expect_err("it is no UTF-8");
    insta::assert_snapshot!(error, @"the file is UTF-16, not UTF-8");
    let error =
        Document::parse(b"a = 1\nb = \"\xe4\"\n", Format::Toml).expect_err("it is no UTF-8");
    insta::assert_snapshot!(error, @"byte 0xe4 is not UTF-8 (2:6)");
    assert_eq!(refused(&[0; 64], Format::Json), ErrorKind::Syntax);
    assert_eq!(refused(&[0; 64], Format::Toml), ErrorKind::Syntax);
}

#[test]
fn a_key_that_stands_twice_is_refused_everywhere() {
    assert_eq!(
        refused(b"{\"a\": 1, \"\\u0061\": 2}", Format::Json),
        ErrorKind::DuplicateKey
    );
    assert_eq!(
        refused(b"a = 1\n\"a\" = 2\n", Format::Toml),
        ErrorKind::DuplicateKey
    );
    assert_eq!(
        refused(b"[a]\n[a]\n", Format::Toml),
        ErrorKind::DuplicateKey
    );
    assert_eq!(
        refused(b"a: 1\n'a': 2\n", Format::Yaml),
        ErrorKind::DuplicateKey
    );
}

/// Where it is allowed the last one counts, and no edit touches one of the two alone.
#[test]
fn a_key_that_stands_twice_can_be_read() {
    let mut limits = Limits::default();
    limits.allow_duplicate_keys = true;
    for (format, text) in [
        (Format::Json, "{\"a\": 1, \"b\": {\"c\": 2}, \"a\": 3}"),
        (Format::Yaml, "a: 1\nb: {c: 2}\na: 3\n"),
        (
            Format::Yaml,
            "m: &m {x: 1}\na: 1\nb: {c: 2}\na: 3\n<<: *m\n",
        ),
    ] {
        let document = Document::parse_with(text.as_bytes(), format, &limits);
        let document = document.unwrap_or_else(|e| panic!("{e}: {text}"));
        assert_eq!(document.get(&path("a")), Some(&3.into()), "{text}");
        assert_eq!(document.get(&path("b.c")), Some(&2.into()), "{text}");
        let mut edited = document.clone();
        let edit = edited.set(&path("b.c"), 5).expect("b stands once");
        assert!(edit.changed());
        assert_eq!(edited.text(), text.replace('2', "5"));
        let mut removed = document.clone();
        // Both of them go, or none.
        match removed.remove(&path("a")) {
            Ok(_) => assert!(!removed.text().contains(['1', '3']), "{text}"),
            Err(_) => assert_eq!(removed.text(), text),
        }
    }
}
