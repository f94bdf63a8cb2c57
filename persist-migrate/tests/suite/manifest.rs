use persist_migrate::{Manifest, ManifestEdge, ManifestVersion};

fn refused(text: &str) -> String {
    Manifest::parse(text).unwrap_err().to_string()
}

#[test]
fn the_sample_is_read_and_written() {
    let manifest = Manifest::parse(crate::sample::MANIFEST).unwrap();
    assert_eq!(
        manifest.version_path().unwrap().to_string(),
        "/schema_version"
    );
    assert_eq!(manifest.sensitive[0], "api_key");
    assert!(manifest.schema_for(&crate::v("1.1.0")).is_some());
    assert_eq!(Manifest::parse(&manifest.to_json()).unwrap(), manifest);
}

#[test]
fn errors_name_line_column_and_path() {
    insta::assert_snapshot!(refused("{\n  \"app\": 7\n}"), @"line 2, column 10: at `/app`: invalid type: integer `7`, expected a string");
    insta::assert_snapshot!(refused("{"), @"line 1, column 1: EOF while parsing an object");
    let head =
        "{\"app\": \"a\", \"versions\": [{\"version\": \"1.0.0\"}, {\"version\": \"2.0.0\"}],\n";
    insta::assert_snapshot!(refused(&format!("{head}\"edgs\": []}}")), @"line 2, column 6: at `/edgs`: unknown field `edgs`, expected one of `$schema`, `app`, `version_key`, `versions`, `edges`, `sensitive`, `retention`; did you mean `edges`?");
    let edge = |lenses: &str| {
        format!(
            "{head}\"edges\": [{{\"from\": \"1.0.0\", \"to\": \"2.0.0\", \"lenses\": {lenses}}}]}}"
        )
    };
    insta::assert_snapshot!(refused(&edge(r#"[{"rename": {"path": "a", "to": "b"}}]"#)), @"line 2, column 77: at `/edges/0/lenses/0/rename/path`: path `a` must start with `/`: write `/a`");
    insta::assert_snapshot!(refused(&edge(r#"[{"rename": {"path": "/a", "too": "b"}}]"#)), @"line 2, column 85: at `/edges/0/lenses/0/rename/too`: unknown field `too`, expected `path` or `to`; did you mean `to`?");
    insta::assert_snapshot!(refused(&edge(r#"[{"renam": {}}]"#)), @"line 2, column 62: at `/edges/0/lenses/0`: unknown lens `renam`, expected one of `add`, `remove`, `rename`, `move`, `wrap`, `unwrap`, `hoist`, `plunge`, `map`, `convert`, `split`, `join`, `default`, `optional`; did you mean `rename`?");
    insta::assert_snapshot!(refused(&edge(r#"[{"remove": {"path": "/a"}, "hoist": {"path": "/b", "key": "c"}}]"#)), @r#"line 2, column 79: at `/edges/0/lenses/0`: a lens is a map of one entry, such as {"remove": {"path": "/old"}}; two lenses are two maps"#);
    insta::assert_snapshot!(refused(&edge(r#"["remov"]"#)), @"line 2, column 61: at `/edges/0/lenses/0`: unknown lens `remov`, expected one of `add`, `remove`, `rename`, `move`, `wrap`, `unwrap`, `hoist`, `plunge`, `map`, `convert`, `split`, `join`, `default`, `optional`; did you mean `remove`?");
    insta::assert_snapshot!(refused(&edge("[7]")), @r#"line 2, column 55: at `/edges/0/lenses/0`: a lens is a map of one entry, such as {"remove": {"path": "/old"}}; two lenses are two maps"#);
    insta::assert_snapshot!(refused(&head.replace("2.0.0", "2")), @"line 1, column 63: at `/versions/1/version`: a version is three numbers, such as 1.2.0");
    insta::assert_snapshot!(refused(r#"{"app": "a", "versions": ["1.0.0"]}"#), @r#"line 1, column 33: at `/versions/0`: invalid type: string "1.0.0", expected a version such as {"version": "1.2.0"}"#);
    insta::assert_snapshot!(refused(r#"{"app": "a", "versions": [], "edges": [[]]}"#), @r#"line 1, column 41: at `/edges/0`: invalid length 0, expected an edge such as {"from": "1.0.0", "to": "1.1.0", "lenses": []}"#);
    let others: Vec<String> = [
        r#"[{"convert": {"path": "/a", "from": "int", "to": "string"}}]"#,
        r#"[{"add": {"path": "/a", "value": tru}}]"#,
        r#"[{"add": {"path": "/a", "value": }}]"#,
        r#"[{"map": {"path": "/a", "table": [[1]]}}]"#,
        r#"[{"move": {"from": "/a", "to": }}]"#,
        r#"[{"move": {"from": 1, "to": "/b"}}]"#,
        r#"[{"rename": {"path": "/a", "too": "b"}}]"#,
        r#"[{"rename": {"path": "/a"}}]"#,
        r#"[{"rename": "/a"}]"#,
        r#"[], "down": [{"convert": {"path": "/a", "from": "integer", "to": "number "}}]"#,
        r#"[], "down": [{"move": {"from": "/a", "to": }}]"#,
        r#"[], "down": [{"mov": {"from": "/a", "to": "/b"}}]"#,
    ]
    .iter()
    .map(|lenses| refused(&edge(lenses)))
    .collect();
    insta::assert_snapshot!(others.join("\n"), @r#"
    line 2, column 94: at `/edges/0/lenses/0/convert/from`: unknown type `int`, expected one of `boolean`, `integer`, `number`, `string`
    line 2, column 90: at `/edges/0/lenses/0/add/value`: a JSON value is expected here: text is in double quotes, true, false and null are not
    line 2, column 87: at `/edges/0/lenses/0/add/value`: a JSON value is expected here: text is in double quotes, true, false and null are not
    line 2, column 90: at `/edges/0/lenses/0/map/table/0`: invalid length 1, expected a tuple of size 2
    line 2, column 85: at `/edges/0/lenses/0/move/to`: a JSON value is expected here: text is in double quotes, true, false and null are not
    line 2, column 73: at `/edges/0/lenses/0/move/from`: invalid type: integer `1`, expected a string
    line 2, column 85: at `/edges/0/lenses/0/rename/too`: unknown field `too`, expected `path` or `to`; did you mean `to`?
    line 2, column 79: at `/edges/0/lenses/0/rename`: missing field `to`
    line 2, column 69: at `/edges/0/lenses/0/rename`: invalid type: string "/a", expected a lens such as {"remove": {"path": "/old"}}
    line 2, column 127: at `/edges/0/down/0/convert/to`: unknown type `number `, expected one of `boolean`, `integer`, `number`, `string`; did you mean `number`?
    line 2, column 97: at `/edges/0/down/0/move/to`: a JSON value is expected here: text is in double quotes, true, false and null are not
    line 2, column 72: at `/edges/0/down/0`: unknown lens `mov`, expected one of `add`, `remove`, `rename`, `move`, `wrap`, `unwrap`, `hoist`, `plunge`, `map`, `convert`, `split`, `join`, `default`, `optional`; did you mean `move`?
    "#);
    insta::assert_snapshot!(refused(&edge(r#"[{"remove": {"path": ""}}]"#)), @"line 2, column 55: at `/edges/0/lenses/0`: the path must name an entry, not the whole document");
}

/// What holds the version is no lens's to change: it would be lost, or there twice.
#[test]
fn no_lens_may_touch_the_version_however_its_key_is_written() {
    for key in ["meta.v", "/meta/v", "meta.'v'", "\\\"meta\\\".v"] {
        let manifest = format!(
            r#"{{"app": "a", "version_key": "{key}", "versions": [{{"version": "1.0.0"}}, {{"version": "2.0.0"}}],
                "edges": [{{"from": "1.0.0", "to": "2.0.0", "lenses": [{{"remove": {{"path": "/meta"}}}}]}}]}}"#
        );
        let error = refused(&manifest);
        assert!(error.contains("at `/edges/0/lenses/0`"), "{key}: {error}");
    }
}

#[test]
fn a_version_key_that_cannot_be_read_is_refused_in_its_place() {
    let manifest = |key: &str| {
        refused(&format!(
            "{{\"app\": \"a\",\n  \"version_key\": \"{key}\", \"versions\": []}}"
        ))
    };
    let keys = [
        "",
        "a..b",
        ".a",
        "a.",
        "a[0]",
        "a.'b",
        "'a'b",
        "\\\"a\\\\b\\\"",
        "/a/*",
        "/a~b",
    ];
    let errors: Vec<String> = keys
        .iter()
        .map(|key| format!("{key:12} {}", manifest(key)))
        .collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
                 line 2, column 18: at `/version_key`: the version key is empty; name the key, such as `schema_version`
    a..b         line 2, column 18: at `/version_key`: a key is missing in the version key `a..b`; write keys with dots between them, `meta.version`, in quotes where a key has a dot itself, or a JSON Pointer, `/meta/version`
    .a           line 2, column 18: at `/version_key`: a key is missing in the version key `.a`; write keys with dots between them, `meta.version`, in quotes where a key has a dot itself, or a JSON Pointer, `/meta/version`
    a.           line 2, column 18: at `/version_key`: a key is missing in the version key `a.`; write keys with dots between them, `meta.version`, in quotes where a key has a dot itself, or a JSON Pointer, `/meta/version`
    a[0]         line 2, column 18: at `/version_key`: a `.` is missing between two keys in the version key `a[0]`; write keys with dots between them, `meta.version`, in quotes where a key has a dot itself, or a JSON Pointer, `/meta/version`
    a.'b         line 2, column 18: at `/version_key`: a closing quote is missing in the version key `a.'b`; write keys with dots between them, `meta.version`, in quotes where a key has a dot itself, or a JSON Pointer, `/meta/version`
    'a'b         line 2, column 18: at `/version_key`: a `.` is missing between two keys in the version key `'a'b`; write keys with dots between them, `meta.version`, in quotes where a key has a dot itself, or a JSON Pointer, `/meta/version`
    \"a\\b\"     line 2, column 18: at `/version_key`: there is a backslash in the version key `"a\b"`; write keys with dots between them, `meta.version`, in quotes where a key has a dot itself, or a JSON Pointer, `/meta/version`
    /a/*         line 2, column 18: at `/version_key`: the version key `/a/*` is a pattern, but must name a single key; the key `*` is written `~2`
    /a~b         line 2, column 18: at `/version_key`: path `/a~b` has a stray `~`: write `~0` for `~`, `~1` for `/` and `~2` for the key `*`
    "#);
}

/// A key that is written like a path is no path, and by all odds no key either.
#[test]
fn a_key_that_is_written_like_a_path_is_refused() {
    let manifest = |lens: &str| {
        format!(
            r#"{{"app": "a", "versions": [{{"version": "1.0.0"}}, {{"version": "2.0.0"}}], "edges": [{{"from": "1.0.0", "to": "2.0.0", "lenses": [{lens}]}}]}}"#
        )
    };
    let errors: Vec<String> = [
        r#"{"rename": {"path": "/x", "to": "/y"}}"#,
        r#"{"rename": {"path": "/a/x", "to": "/b/y"}}"#,
        r#"{"rename": {"path": "/x", "to": "*"}}"#,
        r#"{"rename": {"path": "/x", "to": "a~1b"}}"#,
        r#"{"rename": {"path": "/x", "to": "/"}}"#,
        r#"{"wrap": {"path": "/x", "key": "/y"}}"#,
        r#"{"unwrap": {"path": "/x", "key": "/x/y"}}"#,
        r#"{"hoist": {"path": "/x", "key": "/y"}}"#,
        r#"{"plunge": {"path": "/x", "key": "/y"}}"#,
        r#"{"split": {"path": "/x", "separator": ":", "into": ["y", "z"]}}"#,
        r#"{"join": {"path": "x", "separator": ":", "from": ["/y"]}}"#,
        r#"{"move": {"from": "/x", "to": "y.z"}}"#,
        r#"{"remove": {"path": "a.b[0]"}}"#,
    ]
    .iter()
    .map(|lens| refused(&manifest(lens)))
    .collect();
    insta::assert_snapshot!(errors.join("\n"), @r"
    line 1, column 126: at `/edges/0/lenses/0`: `/y` is written like a path, but a single key is expected here: write `y`; use `move` with `/~1y` for a key with exactly this name
    line 1, column 126: at `/edges/0/lenses/0`: `/b/y` is written like a path, but a single key is expected here: write `y`; use `move` with `/a/~1b~1y` for a key with exactly this name
    line 1, column 126: at `/edges/0/lenses/0`: `*` is written like a path, but a single key is expected here: use `move` with `/~2` for a key with exactly this name
    line 1, column 126: at `/edges/0/lenses/0`: `a~1b` is written like a path, but a single key is expected here: write `a/b`; use `move` with `/a~01b` for a key with exactly this name
    line 1, column 126: at `/edges/0/lenses/0`: `/` is written like a path, but a single key is expected here: use `move` with `/~1` for a key with exactly this name
    line 1, column 126: at `/edges/0/lenses/0`: `/y` is written like a path, but a single key is expected here: write `y`; use `move` with `/x/~1y` for a key with exactly this name
    line 1, column 126: at `/edges/0/lenses/0`: `/x/y` is written like a path, but a single key is expected here: write `y`; use `move` with `/x/~1x~1y` for a key with exactly this name
    line 1, column 126: at `/edges/0/lenses/0`: `/y` is written like a path, but a single key is expected here: write `y`; use `move` with `/x/~1y` for a key with exactly this name
    line 1, column 126: at `/edges/0/lenses/0`: `/y` is written like a path, but a single key is expected here: write `y`; use `move` with `/x/~1y` for a key with exactly this name
    line 1, column 182: at `/edges/0/lenses/0/split/into/0`: path `y` must start with `/`: write `/y`
    line 1, column 146: at `/edges/0/lenses/0/join/path`: path `x` must start with `/`: write `/x`
    line 1, column 161: at `/edges/0/lenses/0/move/to`: path `y.z` must start with `/`: write `/y/z`
    line 1, column 154: at `/edges/0/lenses/0/remove/path`: path `a.b[0]` must start with `/`: write `/a/b/0`
    ");
    for lens in [
        r#"{"rename": {"path": "/x", "to": "y/z"}}"#,
        r#"{"move": {"from": "/x", "to": "/~1y"}}"#,
        r#"{"rename": {"path": "/x", "to": "editor.font"}}"#,
    ] {
        Manifest::parse(&manifest(lens)).expect(lens);
    }
}

#[test]
fn no_lens_may_touch_the_version() {
    let manifest = |lens: &str, list: &str| {
        format!(
            r#"{{"app": "a", "version_key": "/meta/v", "versions": [{{"version": "1.0.0"}}, {{"version": "2.0.0"}}],
                "edges": [{{"from": "1.0.0", "to": "2.0.0", {list}: [{lens}]}}]}}"#
        )
    };
    insta::assert_snapshot!(refused(&manifest(r#"{"remove": {"path": "/meta"}}"#, "\"lenses\"")), @"line 2, column 71: at `/edges/0/lenses/0`: the version of the document is at `/meta/v`, and this lens works on `/meta`; leave the version in place: name the keys beside it one by one");
    for lens in [
        r#"{"rename": {"path": "/meta", "to": "m"}}"#,
        r#"{"rename": {"path": "/m", "to": "meta"}}"#,
        r#"{"move": {"from": "/meta/v", "to": "/v"}}"#,
        r#"{"move": {"from": "/v", "to": "/meta/v"}}"#,
        r#"{"hoist": {"path": "/meta", "key": "v"}}"#,
        r#"{"plunge": {"path": "/x", "key": "meta"}}"#,
        r#"{"wrap": {"path": "/meta/v"}}"#,
        r#"{"wrap": {"path": "/meta", "key": "k"}}"#,
        r#"{"unwrap": {"path": "/meta", "key": "v"}}"#,
        r#"{"map": {"path": "/*/v", "table": []}}"#,
        r#"{"add": {"path": "/meta/v/build", "value": 1}}"#,
        r#"{"plunge": {"path": "/meta/v", "key": "x"}}"#,
        r#"{"remove": {"path": "/*/v"}}"#,
        r#"{"add": {"path": "/meta/v", "value": 1}}"#,
        r#"{"split": {"path": "/a", "separator": ":", "into": ["/b", "/meta"]}}"#,
    ] {
        let error = refused(&manifest(lens, "\"lenses\""));
        assert!(
            error.contains("the version of the document is at"),
            "{lens}: {error}"
        );
        let error = refused(&manifest(lens, "\"lenses\": [], \"down\""));
        assert!(error.contains("/edges/0/down/0"), "{lens}: {error}");
    }
    for lens in [
        r#"{"add": {"path": "/meta/w", "value": 1}}"#,
        r#"{"plunge": {"path": "/meta", "key": "x"}}"#,
        r#"{"rename": {"path": "/metadata", "to": "m"}}"#,
    ] {
        Manifest::parse(&manifest(lens, "\"lenses\"")).expect(lens);
    }
}

#[test]
fn the_digest_is_of_what_the_edge_does() {
    let (one, two) = (crate::v("1.0.0"), crate::v("1.1.0"));
    let digest = |text: &str| {
        Manifest::parse(text)
            .unwrap()
            .edge_digest(&one, &two)
            .unwrap()
    };
    let sample = digest(crate::sample::MANIFEST);
    insta::assert_snapshot!(sample, @"sha256:aa014a57c8f848db964f22d50b2e5c75e174df7b0d9ee134c668d053cb9c9b90");
    let reworded =
        crate::sample::MANIFEST.replace("add performance monitoring and caching", "caches");
    assert_eq!(digest(&reworded), sample);
    let changed =
        crate::sample::MANIFEST.replace("\"ttl_seconds\": 3600}", "\"ttl_seconds\": 3601}");
    assert_ne!(digest(&changed), sample);
}

/// The schema that editors check a manifest by agrees with the reader.
#[test]
fn the_schema_of_the_manifest_agrees_with_its_reader() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../config_versions.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let agree = |text: &str| {
        let read = Manifest::parse(text).is_ok();
        let value = serde_json::from_str(text).expect("JSON");
        let valid: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert_eq!(valid.is_empty(), read, "{text}: {valid:?}");
        read
    };
    assert!(agree(crate::sample::MANIFEST));
    let head = r#"{"app": "a", "versions": [{"version": "1.0.0"}, {"version": "2.0.0"}], "edges": [{"from": "1.0.0", "to": "2.0.0", "lenses": "#;
    for (lens, good) in LENSES {
        assert_eq!(agree(&format!("{head}[{lens}]}}]}}")), *good, "{lens}");
    }
    assert!(!agree(r#"{"app": "a"}"#));
    assert!(!agree(r#"{"app": "a", "versions": [{"version": "1.0"}]}"#));
    assert!(!agree(r#"{"app": "a", "versions": [], "edgs": []}"#));
}

const LENSES: &[(&str, bool)] = &[
    (r#"{"add": {"path": "/a", "value": null}}"#, true),
    (r#"{"add": {"path": "/a/*"}}"#, false),
    (r#"{"remove": {"path": "/a/*"}}"#, false),
    (r#"{"remove": {"path": "a"}}"#, false),
    (r#"{"remove": {"path": "/a~3"}}"#, false),
    (r#"{"rename": {"path": "/a~1b", "to": "b"}}"#, true),
    (r#"{"rename": {"path": "/a"}}"#, false),
    (r#"{"move": {"from": "/a", "to": "/b"}}"#, true),
    (r#"{"wrap": {"path": "/a"}}"#, true),
    (r#"{"unwrap": {"path": "/a", "key": "k"}}"#, true),
    (r#"{"unwrap": {"path": "/a", "index": 0}}"#, false),
    (r#"{"hoist": {"path": "/a", "key": "k"}}"#, true),
    (r#"{"plunge": {"path": "/a"}}"#, false),
    (r#"{"map": {"path": "/a", "table": [["a", 1]]}}"#, true),
    (r#"{"map": {"path": "/a", "table": [["a"]]}}"#, false),
    (
        r#"{"convert": {"path": "/a", "from": "string", "to": "integer", "otherwise": 0}}"#,
        true,
    ),
    (
        r#"{"convert": {"path": "/a", "from": "string", "to": "date"}}"#,
        false,
    ),
    (
        r#"{"split": {"path": "/a", "separator": ":", "into": ["/b"]}}"#,
        true,
    ),
    (r#"{"split": {"path": "/a", "separator": ""}}"#, false),
    (r#"{"join": {"path": "/a", "separator": ":"}}"#, true),
    (r#"{"default": {"path": "/a", "value": 1}}"#, true),
    (r#"{"default": {"path": "/a"}}"#, false),
    (r#"{"optional": {"path": "/a", "value": 1}}"#, true),
    (
        r#"{"rename": {"path": "/a", "to": "b"}, "wrap": {"path": "/a"}}"#,
        false,
    ),
    (r#"{"what": {}}"#, false),
];

#[test]
fn a_manifest_can_be_made_and_written() {
    let mut manifest = Manifest::new("a");
    let (one, two) = (crate::v("1.0.0"), crate::v("1.1.0"));
    manifest.versions = vec![
        ManifestVersion::new(one.clone()),
        ManifestVersion::new(two.clone()),
    ];
    let draft =
        persist_migrate::propose(&serde_json::json!({"a": 1}), &serde_json::json!({"A": 1}));
    manifest
        .edges
        .push(ManifestEdge::new(one, two, draft.lenses));
    assert_eq!(Manifest::parse(&manifest.to_json()).unwrap(), manifest);
}

proptest::proptest! {
    #![proptest_config(crate::cases(150))]

    /// A manifest with any part of it replaced is read or refused with a place, never a panic.
    #[test]
    fn damaged_manifests_are_refused(at in 0usize..9000, len in 0usize..20, text in ".{0,8}|[{}\\[\\]\",:0-9*/~]{0,8}") {
        let sample = crate::sample::MANIFEST;
        let floor = |at: usize| (0..=at.min(sample.len())).rev().find(|&at| sample.is_char_boundary(at)).unwrap_or(0);
        let damaged = format!("{}{text}{}", &sample[..floor(at)], &sample[floor(at + len)..]);
        if let Err(error) = Manifest::parse(&damaged) {
            proptest::prop_assert!(error.line.is_some() && !error.message.is_empty(), "{error:?}");
        }
    }
}
