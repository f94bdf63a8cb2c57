//! Edits that are refused, and which choice of the caller's would let them be made.

use persist_format::{Document, Edit, Error, ErrorKind, Format, Limits, OnAlias, OnLoss, Remedy};

use crate::support::{document, path};

type Made = Result<Edit, Error>;
type Act = fn(&mut Document) -> Made;

/// The remedy of an edit that must be refused. The choice that it names must make it, and where none is named none does.
fn remedy(doc: &Document, edit: impl Fn(&mut Document) -> Made) -> Option<Remedy> {
    let mut refused = doc.clone();
    let error = edit(&mut refused).expect_err("it can't be made as it is");
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert_eq!(refused.text(), doc.text());
    let aliases = [OnAlias::Follow, OnAlias::Expand].map(|choice| doc.clone().on_alias(choice));
    let is_made = |mut document: Document| edit(&mut document).is_ok();
    let helps = match error.remedy() {
        Some(Remedy::OnAlias) => aliases.into_iter().any(is_made),
        Some(Remedy::OnLoss) => is_made(doc.clone().on_loss(OnLoss::Reemit)),
        _ => !is_made(doc.clone().on_loss(OnLoss::Reemit)),
    };
    assert!(helps, "{error}");
    error.remedy()
}

#[test]
fn what_aliases_share_is_told_from_what_is_written_inconveniently() {
    let shared = document(Format::Yaml, "b: &b {x: 1}\nc: *b\nm:\n  <<: *b\n  y: 2\n");
    let again = document(Format::Yaml, "b: &b {x: 1}\nm:\n  <<: *b\n  x: 2\n");
    let dotted = document(Format::Toml, "x = { a.b = 1, # why\n  c = 2 }\n");
    let cases: [(&Document, &str, Act); 7] = [
        (&shared, "anchored", |d| d.set(&path("b.x"), 2)),
        (&shared, "behind an alias", |d| d.set(&path("c.x"), 2)),
        (&shared, "alias elsewhere", |d| d.remove(&path("b"))),
        (&shared, "merge key", |d| d.remove(&path("m.x"))),
        (&shared, "merge key", |d| d.rename(&path("m.x"), "z")),
        (&again, "merge key", |d| d.remove(&path("m.x"))),
        (&dotted, "comments", |d| d.set(&path("x.d"), 3)),
    ];
    for (doc, why, edit) in cases {
        let error = edit(&mut doc.clone()).expect_err("it is refused");
        assert!(error.message().contains(why), "{error}");
        let helps = |on_alias| edit(&mut doc.clone().on_alias(on_alias)).is_ok();
        let expected = match [OnAlias::Follow, OnAlias::Expand].into_iter().any(helps) {
            true => Remedy::OnAlias,
            false => Remedy::OnLoss,
        };
        assert_eq!(remedy(doc, edit), Some(expected), "{error}");
    }
    // Nothing is left to choose where the choice is made.
    let chosen = shared.clone().on_alias(OnAlias::Follow);
    let remedy_now = remedy(&chosen, |d| d.remove(&path("b")));
    assert_eq!(remedy_now, Some(Remedy::OnLoss));
    let mut rewritten = dotted.on_loss(OnLoss::Reemit);
    assert!(rewritten.set(&path("x.d"), 3).is_ok());
}

/// The message names the key, whatever that is called.
#[test]
fn a_key_with_such_a_name_is_no_alias() {
    for key in ["anchor", "alias", "merge key"] {
        let mut limits = Limits::default();
        limits.nodes = 3;
        let text = format!("{{\"{key}\": {{\"a\": 1}}}}\n");
        let doc = Document::parse_with(text.as_bytes(), Format::Json, &limits);
        let doc = doc.expect("it is within the limits");
        let place = persist_format::KeyPath::root().child(key).child("b");
        let error = doc.clone().set(&place, 2).expect_err("it is beyond them");
        assert!(error.message().contains(key), "{error}");
        // Written afresh, it would be beyond them as well.
        assert_eq!(remedy(&doc, |d| d.set(&place, 2)), None);
    }
}

/// Others of a stream are not written anew.
#[test]
fn what_would_not_help_is_not_advised() {
    let text = "b: &b {x: 1}\nc: *b\n---\nother: 1\n";
    let doc = document(Format::Yaml, text)
        .select(0)
        .expect("there are two");
    let chosen = doc.on_alias(OnAlias::Follow);
    assert_eq!(remedy(&chosen, |d| d.remove(&path("b"))), None);
    let error = chosen
        .clone()
        .remove(&path("b"))
        .expect_err("it is refused");
    assert_eq!(error.help(), Some("edit the file by hand"));
}

#[test]
fn other_refusals_name_no_choice() {
    let error = Error::refused("the caller says no");
    assert_eq!(error.remedy(), None);
}
