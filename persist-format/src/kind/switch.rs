//! Switches, spelled as their kin.

use super::yaml11;
use crate::format::Format;
use crate::value::Value;

/// A pair of words for on and off.
const PAIRS: [[&str; 2]; 3] = [["true", "false"], ["yes", "no"], ["on", "off"]];

/// The switch that a word means, and how it is spelled in the family of the one that is there: `No` where `Yes` was, `False` where `True` was.
///
/// JSON and TOML have `true` and `false` alone.
pub(super) fn read(word: &str, held: Option<&str>, format: Format) -> Option<(Value, String)> {
    let (pair, on) = place_of(word)?;
    let yaml = format == Format::Yaml;
    if !yaml && pair > 0 {
        return None;
    }
    let family = held.filter(|_| yaml).unwrap_or("true");
    let (pair, _) = place_of(family)?;
    let spelled = cased(PAIRS[pair][usize::from(!on)], family);
    let value = match pair {
        0 => Value::Bool(on),
        _ => Value::from(spelled.as_str()),
    };
    Some((value, spelled))
}

/// Which pair the word is of, and whether it is the one for on.
fn place_of(word: &str) -> Option<(usize, bool)> {
    if !yaml11::is_switch(word) {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    let found = |(pair, words): (usize, &[&str; 2])| {
        let at = words.iter().position(|word| *word == lower)?;
        Some((pair, at == 0))
    };
    PAIRS.iter().enumerate().find_map(found)
}

/// The word in capitals where the other has them.
fn cased(word: &str, like: &str) -> String {
    let is_capital = |at: usize| like.as_bytes().get(at).is_some_and(u8::is_ascii_uppercase);
    match (is_capital(0), is_capital(1)) {
        (true, true) => word.to_ascii_uppercase(),
        (true, false) => word[..1].to_ascii_uppercase() + &word[1..],
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::format::Format;

    #[test]
    fn a_switch_is_spelled_as_the_one_before() {
        let check = |word: &str, held: &str, wanted: Option<&str>| {
            let found = read(word, Some(held), Format::Yaml).map(|(_, spelled)| spelled);
            assert_eq!(found.as_deref(), wanted, "{word} for {held}");
        };
        check("False", "True", Some("False"));
        check("false", "True", Some("False"));
        check("off", "TRUE", Some("FALSE"));
        check("no", "yes", Some("no"));
        check("false", "Yes", Some("No"));
        check("True", "OFF", Some("ON"));
        check("nO", "yes", None);
        check("maybe", "yes", None);
        check("", "yes", None);
        assert!(read("yes", Some("true"), Format::Json).is_none());
        assert!(read("True", Some("true"), Format::Toml).is_some());
    }
}
