use persist_format::{ErrorKind, Format, schema};
use serde_json::json;

use crate::support::document;

#[test]
fn all_violations_at_once_at_their_lines() {
    let text = "\
port = \"x\"
mode = \"fast\"
widht = 3

[limits]
depth = -1
names = [\"a\", 2]
retry = { count = \"many\" }
";
    let doc = document(Format::Toml, text);
    let rules = json!({
        "type": "object",
        "properties": {
            "port": {"type": "integer"},
            "mode": {"enum": ["slow", "safe"]},
            "width": {"type": "integer"},
            "limits": {
                "type": "object",
                "properties": {
                    "depth": {"type": "integer", "minimum": 0},
                    "names": {"type": "array", "items": {"type": "string"}},
                    "retry": {"anyOf": [{"type": "object", "properties": {"count": {"type": "integer"}}}, {"type": "null"}]}
                }
            }
        },
        "required": ["title"],
        "additionalProperties": false
    });
    let found = schema::check(&doc, &rules).expect("the schema is right");
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    missing key `title` (1:1)
    expected integer, found string at port (1:8)
    expected one of `slow`, `safe` at mode (2:8)
    unknown key `widht` at widht (3:1)
    expected at least 0 at limits.depth (6:9)
    expected string, found integer at limits.names[1] (7:15)
    expected integer, found string at limits.retry.count (8:19)
    ");
    let error = found
        .iter()
        .find(|v| v.message.starts_with("unknown"))
        .map(|v| v.to_error(&doc).render("app.toml"));
    insta::assert_snapshot!(error.unwrap_or_default(), @r"
    error: unknown key `widht` at widht
     --> app.toml:3:1
      |
    3 | widht = 3
      | ^^^^^
      |
      = help: did you mean `width`?
    ");
    assert!(schema::check(&doc, &json!({"type": 5})).is_err());
    assert!(schema::check(&doc, &json!({})).is_ok_and(|found| found.is_empty()));
}

/// What a Rust type says of itself judges a document of it.
#[cfg(feature = "schemars")]
#[test]
fn a_type_gives_its_schema() {
    #[derive(schemars::JsonSchema)]
    #[allow(dead_code, reason = "only its schema is wanted")]
    struct Settings {
        port: u16,
        name: Option<String>,
    }
    let rules = schema::of::<Settings>();
    assert_eq!(rules["type"], "object");
    assert_eq!(rules["required"], json!(["port"]));
    let violations = |text: &str| -> Vec<String> {
        let found = schema::check(&document(Format::Toml, text), &rules);
        let found = found.expect("a schema of schemars can be used");
        found.iter().map(ToString::to_string).collect()
    };
    assert_eq!(violations("port = 80\nname = 'x'\n"), [""; 0]);
    insta::assert_snapshot!(violations("port = 80000\nname = 1\n").join("\n"), @r"
    expected at most 65535 at port (1:8)
    expected null or string, found integer at name (2:8)
    ");
    insta::assert_snapshot!(violations("name = 'x'\n").join("\n"), @"missing key `port` (1:1)");
}

#[track_caller]
fn refused(text: &str, rules: &serde_json::Value, what: &str) {
    let error = schema::check(&document(Format::Json, text), rules).expect_err("too much");
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    assert!(error.to_string().contains(what), "{error}");
}

#[test]
fn what_multiplies_is_refused_and_its_place_named() {
    let doubling = |keyword: &str, length: usize| {
        let mut definitions = serde_json::Map::new();
        for at in 0..length {
            let next = json!({"$ref": format!("#/$defs/d{}", at + 1)});
            definitions.insert(format!("d{at}"), json!({keyword: [next, next]}));
        }
        definitions.insert(format!("d{length}"), json!({"type": "object"}));
        json!({"$defs": definitions, "$ref": "#/$defs/d0"})
    };
    for keyword in ["allOf", "anyOf", "oneOf"] {
        refused("{}", &doubling(keyword, 40), "at `/$defs/d");
        let found = schema::check(&document(Format::Json, "{}"), &doubling(keyword, 4));
        assert!(found.is_ok(), "sixteen ways are few");
    }
    let node = json!({"properties": {"c": {"$ref": "#/$defs/n"}}});
    let recursive = json!({"$defs": {"n": {"allOf": [node, node]}}, "$ref": "#/$defs/n"});
    refused(&nested(60), &recursive, "more than");
    assert!(schema::check(&document(Format::Json, &nested(6)), &recursive).is_ok());
    let circle = json!({"allOf": [{"$ref": "#"}]});
    refused("{}", &circle, "part of itself");
    let named = json!({"$defs": {"a": {"$anchor": "x", "anyOf": [{"$ref": "#x"}]}}, "$ref": "#x"});
    refused("{}", &named, "part of itself");
}

fn nested(depth: usize) -> String {
    format!("{}1{}", "{\"c\": ".repeat(depth), "}".repeat(depth))
}

#[test]
fn what_is_too_large_is_refused() {
    let long = json!({"properties": {"a": {"pattern": "a".repeat(20_000)}}});
    refused("{}", &long, "at `/properties/a`");
    let many = json!({"enum": vec![0; 200_000]});
    refused("{}", &many, "150000 values");
}

#[test]
fn nothing_is_read_from_elsewhere() {
    for elsewhere in [
        "file:///etc/hostname",
        "http://127.0.0.1:9/a.json",
        "other.json",
    ] {
        let rules = json!({"$ref": elsewhere});
        let error = schema::check(&document(Format::Json, "{}"), &rules).expect_err("not read");
        assert_eq!(error.kind(), ErrorKind::Schema, "{error}");
    }
}

#[test]
fn messages_are_short_whatever_the_schema_says() {
    let rules = json!({"properties": {
        "a": {"enum": (0..5_000).collect::<Vec<_>>()},
        "b": {"pattern": "x".repeat(5_000)},
        "c": {"required": (0..5_000).map(|at| format!("k{at}")).collect::<Vec<_>>()},
    }});
    let text = r#"{"a": "x", "b": "y", "c": {}}"#;
    let found = schema::check(&document(Format::Json, text), &rules).expect("within the limits");
    assert!(found.len() <= 1_001);
    assert!(
        found
            .iter()
            .all(|violation| violation.message.len() < 1_000)
    );
    assert!(
        found
            .iter()
            .any(|violation| violation.message.contains("more violations not listed"))
    );
}

/// What a schema says of a place before anything is there: by its own words, and by what it is made of.
#[test]
fn a_place_has_the_kinds_that_the_schema_allows() {
    use persist_format::kind::{Kind, Kinds};
    use persist_format::schema::Compiled;

    let rules = json!({
        "$defs": {
            "port": {"type": "integer"},
            "tree": {"type": "object", "properties": {"next": {"$ref": "#/$defs/tree"}, "name": {"type": "string"}}},
            "loop": {"$ref": "#/$defs/loop"},
        },
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "maybe": {"type": ["number", "null"]},
            "port": {"$ref": "#/$defs/port"},
            "mode": {"enum": ["a", "b"]},
            "level": {"const": 3},
            "either": {"anyOf": [{"type": "boolean"}, {"type": "object", "properties": {"deep": {"type": "array"}}}]},
            "all": {"allOf": [{"type": ["string", "number"]}, {"type": ["number", "boolean"]}]},
            "list": {"type": "array", "items": {"type": "boolean"}},
            "pair": {"prefixItems": [{"type": "string"}], "items": {"type": "number"}},
            "map": {"additionalProperties": {"type": "boolean"}},
            "some": {"patternProperties": {"^x-": {"type": "number"}}, "properties": {"a": {"type": "string"}}},
            "tree": {"$ref": "#/$defs/tree"},
            "loop": {"$ref": "#/$defs/loop"},
            "never": {"type": "string", "enum": [1]},
            "free": true,
        },
    });
    let compiled = Compiled::new(&rules).expect("a schema");
    let doc = document(Format::Json, r#"{"list": [true], "pair": ["a"]}"#);
    let expected = |path: &str| compiled.expected(doc.value(), &path.parse().expect("a path"));
    let only = |path: &str| expected(path).kinds.only();
    assert_eq!(only("name"), Some(Kind::Text));
    assert_eq!(only("maybe"), Some(Kind::Number));
    assert!(expected("maybe").kinds.has(Kind::Null) && !expected("name").kinds.has(Kind::Null));
    assert_eq!(only("port"), Some(Kind::Number));
    assert_eq!(only("mode"), Some(Kind::Text));
    assert_eq!(only("level"), Some(Kind::Number));
    assert_eq!(only("either"), None);
    assert_eq!(only("either.deep"), Some(Kind::List));
    assert_eq!(only("all"), Some(Kind::Number));
    assert_eq!(only("list"), Some(Kind::List));
    assert_eq!(only("list[+]"), Some(Kind::Switch));
    assert_eq!(only("list[0]"), Some(Kind::Switch));
    assert_eq!(only("/list/-"), Some(Kind::Switch));
    assert_eq!(only("pair[0]"), Some(Kind::Text));
    assert_eq!(only("pair[+]"), Some(Kind::Number));
    assert_eq!(only("map.any"), Some(Kind::Switch));
    assert_eq!(only("some.x-a"), Some(Kind::Number));
    assert_eq!(only("tree.next.next.name"), Some(Kind::Text));
    for open in ["loop", "never", "free", "free.deep", "name.deep", "nothing"] {
        assert_eq!(expected(open).kinds, Kinds::ALL, "{open}");
    }
    let near = |path: &str| {
        expected(path)
            .unknown
            .map(|unknown| (unknown.path.to_string(), unknown.near))
    };
    assert_eq!(near("nmae"), Some(("nmae".into(), Some("name".into()))));
    assert_eq!(
        near("tree.nxt.x"),
        Some(("tree.nxt".into(), Some("next".into())))
    );
    assert_eq!(near("quite"), Some(("quite".into(), None)));
    for known in [
        "name",
        "tree.next.name",
        "map.any",
        "some.x-a",
        "free.deep",
        "either.deep",
        "loop.x",
    ] {
        assert_eq!(near(known), None, "{known}");
    }
}

/// A schema whose parts refer to one another in many ways costs no more than a bound; without it this would not end.
#[test]
fn what_a_schema_says_of_a_place_is_bounded() {
    use persist_format::schema::Compiled;

    let level = |n: usize| json!({"anyOf": (0..4).map(|_| json!({"$ref": format!("#/$defs/l{}", n + 1)})).collect::<Vec<_>>()});
    let mut defs: serde_json::Map<_, _> = (0..40).map(|n| (format!("l{n}"), level(n))).collect();
    defs.insert(
        "l40".into(),
        json!({"properties": {"a": {"type": "string"}}}),
    );
    let rules = json!({"$defs": defs, "$ref": "#/$defs/l0"});
    let compiled = Compiled::new(&rules).expect("a schema");
    let doc = document(Format::Json, "{}");
    let expected = compiled.expected(doc.value(), &"a.b.c".parse().expect("a path"));
    assert_eq!(expected, persist_format::schema::Expected::default());
}
