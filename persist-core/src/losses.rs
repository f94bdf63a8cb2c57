//! What a format could not say, in one notice for each kind of loss. Pure.

use persist_format::Warning;
use persist_format::merge::{Side, UnplacedComment};

use crate::receipt::{Notice, some_of};

/// One notice for each kind of loss, with its places.
pub(crate) fn notices(warnings: &[Warning]) -> Vec<Notice> {
    let mut kinds: Vec<Vec<&Warning>> = Vec::new();
    for warning in warnings {
        let same = |kind: &&mut Vec<&Warning>| kind.iter().take(1).any(|w| w.loss == warning.loss);
        match kinds.iter_mut().find(same) {
            Some(kind) => kind.push(warning),
            None => kinds.push(vec![warning]),
        }
    }
    let told = kinds.iter().map(|kind| Notice::Format {
        warning: words(kind),
    });
    told.collect()
}

fn words(kind: &[&Warning]) -> String {
    let first = kind.first().map(ToString::to_string);
    let others = kind.iter().skip(1).map(|warning| warning.path.to_string());
    some_of(&first.into_iter().chain(others).collect::<Vec<_>>())
}

/// Comments that a merge of the file, which is our side, and a document to be saved had no place for.
pub(crate) fn of_comments(comments: &[UnplacedComment]) -> Option<Notice> {
    let of = |side: Side| {
        let comments = comments.iter().filter(|comment| comment.side == side);
        comments.map(|comment| comment.place.line).collect()
    };
    (!comments.is_empty()).then(|| Notice::CommentsLeftOut {
        file: of(Side::Ours),
        document: of(Side::Theirs),
    })
}

#[cfg(test)]
mod tests {
    use persist_format::{Document, Format};

    use super::*;

    fn check(json: &str, to: Format, wanted: &[&str]) {
        let document = Document::parse(json.as_bytes(), Format::Yaml).unwrap();
        let (_, warnings) = persist_format::convert::fit(document.value(), to).unwrap();
        let told: Vec<String> = notices(&warnings).iter().map(ToString::to_string).collect();
        assert_eq!(told, wanted, "{json}");
    }

    #[test]
    fn each_kind_is_told_of_once() {
        check("{a: 1}", Format::Toml, &[]);
        check("{a: null}", Format::Toml, &["null left out at a"]);
        check(
            "{a: null, 1: x, b: {c: null}, 2: y}",
            Format::Toml,
            &["null left out at a, b.c", "key written as a string at 1, 2"],
        );
        let many: Vec<String> = (0..2000).map(|n| format!("k{n}: null")).collect();
        let told = "null left out at k0, k1, k2, k3, k4 and 1995 more";
        check(&format!("{{{}}}", many.join(", ")), Format::Toml, &[told]);
    }

    #[test]
    fn comments_are_told_of_by_side_and_line() {
        let comment = |side, line| UnplacedComment {
            side,
            text: "# x".into(),
            place: persist_format::Location {
                line,
                column: 1,
                offset: 0,
            },
        };
        let told = of_comments(&[
            comment(Side::Theirs, 2),
            comment(Side::Ours, 7),
            comment(Side::Theirs, 4),
        ]);
        let (file, document) = (vec![7], vec![2, 4]);
        assert_eq!(told, Some(Notice::CommentsLeftOut { file, document }));
        assert_eq!(of_comments(&[]), None);
    }
}
