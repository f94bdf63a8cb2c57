//! Patterns for keys.

/// A pattern in which `*` stands for any text and everything else for itself, case ignored. It is taken apart once, since it is
/// compared with every key of a document.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    first: String,
    /// What must come after `first`, in order, with any text between; `None` without a star.
    rest: Option<Rest>,
}

#[derive(Clone, Debug)]
struct Rest {
    middle: Vec<String>,
    last: String,
}

impl Pattern {
    pub(super) fn new(pattern: &str) -> Pattern {
        let pattern = pattern.to_lowercase();
        let mut parts = pattern.split('*').map(str::to_owned);
        let first = parts.next().unwrap_or_default();
        let mut middle: Vec<String> = parts.collect();
        let rest = middle.pop().map(|last| Rest { middle, last });
        Pattern { first, rest }
    }

    /// Whether it matches a text that is in lower case.
    pub(super) fn matches(&self, lower: &str) -> bool {
        let Some(rest) = &self.rest else {
            return self.first == lower;
        };
        let Some(mut text) = lower.strip_prefix(&self.first) else {
            return false;
        };
        for part in &rest.middle {
            match text.find(part) {
                Some(at) => text = &text[at + part.len()..],
                None => return false,
            }
        }
        text.ends_with(&rest.last)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, matches) in [
            ("*dsn", "sentry_dsn", true),
            ("DB.*.Pw", "db.main.pw", true),
            ("db.*.pw", "db.pw", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*a", "a", false),
            ("plain", "plain", true),
            ("plain", "plain2", false),
            ("*", "", true),
        ] {
            assert_eq!(
                Pattern::new(pattern).matches(text),
                matches,
                "{pattern} {text}"
            );
        }
    }
}
