//! File names within command lines that are offered: whoever pastes one must run it on that file, and nothing else.

use std::path::Path;

/// The path as one word of a POSIX shell, none that starts an option.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    let text = match text.starts_with('-') {
        true => format!("./{text}"),
        false => text,
    };
    match !text.is_empty() && text.chars().all(plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_word() {
        let check = |name: &str, expected: &str| assert_eq!(quoted(Path::new(name)), expected);
        check("conf/app.toml", "conf/app.toml");
        check("a b.toml", "'a b.toml'");
        check("q;id.toml", "'q;id.toml'");
        check("$(id).toml", "'$(id).toml'");
        check("it's", r"'it'\''s'");
        check("-dash.toml", "./-dash.toml");
        check("~root", "'~root'");
    }
}
