//! Secrets that are looked for in other texts.
//!
//! Files with thousands of tokens exist, and texts that are made to look so: to try each secret on each text is quadratic. Instead the
//! secrets are sorted, and of those that begin alike only the shortest is kept, as a text that has the longer one has it
//! too. Then at each place in a text one look suffices: whichever secret begins there is the last one that
//! sorts up to the rest of the text.

use std::collections::{BTreeSet, HashSet};
use std::ops::Bound::{Included, Unbounded};

/// What texts are compared with. Secrets of one or two characters are not followed; they are everywhere.
pub(super) struct Secrets {
    whole: HashSet<String>,
    /// None begins with another.
    shortest: BTreeSet<String>,
    /// All, with a character between them that no text has.
    joined: String,
}

impl Secrets {
    pub(super) fn new(texts: impl Iterator<Item = String>) -> Secrets {
        let whole: HashSet<String> = texts.filter(|text| text.chars().count() > 2).collect();
        let sorted: BTreeSet<&String> = whole.iter().collect();
        let mut shortest: BTreeSet<String> = BTreeSet::new();
        let mut joined = String::new();
        for secret in sorted {
            joined.push_str(secret);
            joined.push('\0');
            if !shortest.last().is_some_and(|last| secret.starts_with(last)) {
                shortest.insert(secret.clone());
            }
        }
        Secrets {
            whole,
            shortest,
            joined,
        }
    }

    /// Whether a secret is in `text`, or `text` is part of one that was split.
    pub(super) fn are_in(&self, text: &str) -> bool {
        let begins = |(at, _): (usize, char)| {
            let rest = &text[at..];
            let last = self
                .shortest
                .range::<str, _>((Unbounded, Included(rest)))
                .next_back();
            last.is_some_and(|secret| rest.starts_with(secret))
        };
        self.whole.contains(text)
            || text.char_indices().any(begins)
            || text.chars().count() > 3 && self.joined.contains(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Secrets;

    #[test]
    fn finds_what_trying_each_finds() {
        let secrets = ["abc", "abcd", "b", "zz-token", "xbc"];
        let sorted = Secrets::new(secrets.iter().map(ToString::to_string));
        for text in [
            "", "ab", "xabcx", "abd", "token", "ken", "-tok", "bc", "xxbc", "zz-toke", "b b b",
        ] {
            let long = |secret: &&&str| secret.len() > 2;
            let tried = secrets
                .iter()
                .filter(long)
                .any(|secret| text.contains(secret) || text.len() > 3 && secret.contains(text));
            assert_eq!(sorted.are_in(text), tried, "{text:?}");
        }
    }
}
