//! Several documents in one text: which is meant, and that the others keep every byte.

use persist_format::{Choice, Document, ErrorKind, Format, KeyPath, Value};

fn doc(text: &str) -> Document {
    Document::parse(text.as_bytes(), Format::Yaml).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// What stands between documents, with comments that belong to either side, and none with its value.
const STREAM: &str = "%YAML 1.2\n--- # the first\nkind: ConfigMap\nmetadata: {name: a}   # flow\ndata:\n  k: 'v'\n# at the end of the first\n---\n# of the second\nkind: Deployment\nmetadata:\n  name: web\nreplicas: 1 # one\nlist:\n  - a\n\n--- |\n  text\n  ---x\n...\n# between\n---\nkind: Deployment\nmetadata: {name: api}\nreplicas: 3";

fn parts(text: &str) -> Vec<String> {
    // Documents of the stream above, by hand.
    let mut parts = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.starts_with("---")
            && parts
                .last()
                .is_none_or(|part| part.trim_end() != "%YAML 1.2")
        {
            parts.push(String::new());
        }
        parts.last_mut().expect("never empty").push_str(line);
    }
    parts
}

fn chosen(text: &str, choice: &str) -> Document {
    let choice: Choice = choice.parse().expect(choice);
    doc(text).choose(&choice).expect("it is there")
}

#[test]
fn a_choice_is_taken_apart_outside_quotes() {
    let stream = doc("a=b: 1\n---\na: b\n");
    for (choice, number) in [(r#""a=b"=1"#, 1), ("a=b", 2), ("/a=b", 2)] {
        let choice: persist_format::Choice = choice.parse().unwrap();
        assert_eq!(stream.choose(&choice).unwrap().number(), number);
        assert_eq!(
            choice
                .to_string()
                .parse::<persist_format::Choice>()
                .unwrap(),
            choice
        );
    }
}

#[test]
fn a_document_is_chosen_by_number_or_by_what_it_holds() {
    for (choice, name) in [
        ("1", "a"),
        ("2", "web"),
        ("4", "api"),
        ("kind=ConfigMap", "a"),
        ("metadata.name=web", "web"),
        ("/metadata/name=api", "api"),
        ("replicas=3", "api"),
    ] {
        let found = chosen(STREAM, choice);
        assert!(found.is_chosen());
        let path: KeyPath = "metadata.name".parse().expect("a path");
        assert_eq!(found.get(&path), Some(&Value::from(name)), "{choice}");
    }
    assert!(!doc(STREAM).is_chosen());
    assert!(doc("a: 1\n").is_chosen());
    assert!(doc("").choose(&"1".parse().expect("a number")).is_ok());
}

#[test]
fn a_choice_that_names_none_or_several_is_refused() {
    let refused = |choice: &str| {
        let choice = choice.parse::<Choice>();
        let error = choice.and_then(|choice| doc(STREAM).choose(&choice));
        let error = error.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Path);
        format!("{error}\n  {}", error.help().unwrap_or_default())
    };
    let all = [
        "0",
        "9",
        "-1",
        "two",
        "",
        "=x",
        "kind=Service",
        "kind=Deployment",
        "data=1",
        "a[=1",
    ];
    insta::assert_snapshot!(all.map(refused).join("\n"), @r#"
    "0" does not name a document; name a document by its number, from 1, or by a value in it, such as `kind=Deployment`
      
    there is no document 9; the file holds 4 documents
      `Document::choose` takes one of: 1 (kind=ConfigMap, metadata.name=a), 2 (kind=Deployment, metadata.name=web), 3 (not a map), 4 (kind=Deployment, metadata.name=api)
    "-1" does not name a document; name a document by its number, from 1, or by a value in it, such as `kind=Deployment`
      
    "two" does not name a document; name a document by its number, from 1, or by a value in it, such as `kind=Deployment`
      
    "" does not name a document; name a document by its number, from 1, or by a value in it, such as `kind=Deployment`
      
    "=x" does not name a key; name a document by its number, from 1, or by a value in it, such as `kind=Deployment`
      
    there is no document kind=Service; the file holds 4 documents
      `Document::choose` takes one of: 1 (kind=ConfigMap, metadata.name=a), 2 (kind=Deployment, metadata.name=web), 3 (not a map), 4 (kind=Deployment, metadata.name=api)
    kind=Deployment matches several documents: 2 and 4
      `Document::choose` takes one of: 1 (kind=ConfigMap, metadata.name=a), 2 (kind=Deployment, metadata.name=web), 3 (not a map), 4 (kind=Deployment, metadata.name=api)
    there is no document data=1; the file holds 4 documents
      `Document::choose` takes one of: 1 (kind=ConfigMap, metadata.name=a), 2 (kind=Deployment, metadata.name=web), 3 (not a map), 4 (kind=Deployment, metadata.name=api)
    a closing `]` is missing in the key path "a["
      write keys as in TOML, `a."key with. dots".list[0]`, or a JSON Pointer, `/a/key with. dots/list/0`
    "#);
    let one = doc("a: 1\n")
        .choose(&Choice::Number(2))
        .expect_err("there is one");
    insta::assert_snapshot!(format!("{one}\n  {}", one.help().unwrap_or_default()), @r"
    there is no document 2; the file holds one
      `Document::choose` takes one of: 1 (key a)
    ");
    let unchosen = doc(STREAM).unchosen();
    insta::assert_snapshot!(format!("{unchosen}"), @"the file holds 4 documents, and none was chosen; `Document::choose` takes one of: 1 (kind=ConfigMap, metadata.name=a), 2 (kind=Deployment, metadata.name=web), 3 (not a map), 4 (kind=Deployment, metadata.name=api)");
    let secret = doc("password: hunter2\n---\n- hunter2\n---\n---\n{}\n").unchosen();
    insta::assert_snapshot!(secret.help().unwrap_or_default(), @"`Document::choose` takes one of: 1 (key password), 2 (not a map), 3 (empty), 4 (empty)");
}

#[test]
fn an_edit_leaves_the_bytes_of_the_other_documents() {
    type Change = fn(&mut Document) -> Result<persist_format::Edit, persist_format::Error>;
    let changes: [(&str, Change); 8] = [
        ("set", |d| d.set(&"replicas".parse()?, 7)),
        ("add", |d| d.set(&"added.here".parse()?, "x: y")),
        ("text", |d| d.set(&"added".parse()?, "--- \n...\n# no\n")),
        ("multi", |d| d.set(&"kind".parse()?, "a\n---\nb\n")),
        ("list", |d| d.set(&"list[+]".parse()?, "end")),
        ("remove", |d| d.remove(&"metadata".parse()?)),
        ("rename", |d| d.rename(&"kind".parse()?, "sort")),
        ("root", |d| d.set(&KeyPath::root(), Value::from("all else"))),
    ];
    let mut made = 0;
    for newline in ["\n", "\r\n"] {
        let text = STREAM.replace('\n', newline);
        let before = parts(&text);
        assert_eq!(before.len(), 4);
        for number in 1..=4 {
            for (name, change) in &changes {
                let mut document = chosen(&text, &number.to_string());
                if change(&mut document).is_err() {
                    assert_eq!(document.text(), text, "{name} {number}");
                    continue;
                }
                made += 1;
                let others = |parts: &[String]| {
                    let (head, tail) = (parts[..number - 1].concat(), parts[number..].concat());
                    (head, tail)
                };
                let (head, tail) = others(&before);
                assert!(
                    document.text().starts_with(&head),
                    "{name} {number}:\n{}",
                    document.text()
                );
                assert!(
                    document.text().ends_with(&tail),
                    "{name} {number}:\n{}",
                    document.text()
                );
                assert_eq!(document.documents(), 4);
                document.check().expect("both parsers");
            }
        }
    }
    assert!(made > 40, "{made}");
}

/// The place of a fault is that in the file, whichever document it is in.
#[test]
fn places_are_those_of_the_file() {
    let second = chosen(STREAM, "2");
    let at = second
        .location(&"replicas".parse().expect("a path"))
        .expect("it is there");
    assert_eq!((at.line, at.column), (13, 11));
    let error = second
        .deserialize::<std::collections::BTreeMap<String, String>>()
        .expect_err("no map of texts");
    assert_eq!(error.location().map(|at| at.line), Some(12), "{error}");
    let broken = Document::parse(b"a: 1\n---\nb: [\n", Format::Yaml).expect_err("unclosed");
    assert_eq!(broken.location().map(|at| at.line), Some(3), "{broken}");
}

/// A text that is given whole may change the chosen document alone, to the comment.
#[test]
fn a_new_text_changes_the_chosen_document_alone() {
    let second = chosen(STREAM, "2");
    assert!(second.with_text(&STREAM.replace("# one", "# uno")).is_ok());
    for (old, new) in [
        ("# the first", "# else"),
        ("# between", "#between"),
        ("   # flow", " # flow"),
    ] {
        let error = second.with_text(&STREAM.replace(old, new)).expect_err(new);
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    }
}
