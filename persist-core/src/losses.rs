//! What a format could not say, in one notice for each kind of loss. Pure.

use persist_format::Warning;

use crate::receipt::Notice;

/// So many places are named; of more it is said how many there are.
const MOST_PLACES: usize = 5;

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
    let places = kind.iter().skip(1).take(MOST_PLACES - 1);
    let mut words = kind.first().map(ToString::to_string).unwrap_or_default();
    words.extend(places.map(|warning| format!(", {}", warning.path)));
    match kind.len().saturating_sub(MOST_PLACES) {
        0 => words,
        more => format!("{words} and {more} more"),
    }
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
}
