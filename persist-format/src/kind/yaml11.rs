//! What readers of YAML 1.1 take a plain scalar for: the resolver of `PyYAML`, which Ansible, Home Assistant and others read with.
//!
//! Source: <https://yaml.org/type/>, as `PyYAML` 6 has it, which knows no `y` and `n`.

/// What a plain scalar is to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Null,
    Text,
    Number,
    Switch,
    Date,
    /// `<<` and `=`.
    Sign,
}

pub(super) fn seen(plain: &str) -> Seen {
    match plain {
        "" | "~" | "null" | "Null" | "NULL" => Seen::Null,
        "<<" | "=" => Seen::Sign,
        _ if is_switch(plain) => Seen::Switch,
        _ if is_integer(plain) || is_float(plain) => Seen::Number,
        _ if is_date(plain) => Seen::Date,
        _ => Seen::Text,
    }
}

/// `yes`, `Yes`, `YES` and so on.
pub(super) fn is_switch(plain: &str) -> bool {
    const WORDS: [&str; 6] = ["true", "false", "yes", "no", "on", "off"];
    let lower = plain.to_ascii_lowercase();
    let first = lower.get(..1).map(str::to_ascii_uppercase);
    let title = first.map(|first| first + &lower[1..]).unwrap_or_default();
    let cased = plain == lower || plain == title || plain == plain.to_ascii_uppercase();
    cased && WORDS.contains(&lower.as_str())
}

fn all(text: &str, is: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(is)
}

fn digits(text: &str) -> bool {
    all(text, |b| b.is_ascii_digit())
}

/// Digits, the first of them one, with `_` between or after.
fn spaced_digits(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && all(text, |b| b.is_ascii_digit() || b == b'_')
}

fn is_integer(plain: &str) -> bool {
    let body = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    if let Some(bits) = body.strip_prefix("0b") {
        return all(bits, |b| matches!(b, b'0' | b'1' | b'_'));
    }
    if let Some(hex) = body.strip_prefix("0x") {
        return all(hex, |b| b.is_ascii_hexdigit() || b == b'_');
    }
    if is_octal(body) || body == "0" {
        return true;
    }
    let (first, sixties) = body.split_once(':').unwrap_or((body, ""));
    let sixty = |part: &str| part.len() <= 2 && digits(part) && (part.len() == 1 || part < "60");
    let sixties = sixties.is_empty() && !body.contains(':') || sixties.split(':').all(sixty);
    spaced_digits(first) && !first.starts_with('0') && sixties
}

/// A number that begins with `0`, to the base of eight.
pub(super) fn octal(plain: &str) -> Option<i128> {
    let body = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    let sign = if plain.starts_with('-') { -1 } else { 1 };
    let number = i128::from_str_radix(&body.replace('_', ""), 8).ok();
    number
        .filter(|_| is_octal(body))
        .map(|number| sign * number)
}

fn is_octal(body: &str) -> bool {
    let digits = body.strip_prefix('0');
    digits.is_some_and(|digits| all(digits, |b| matches!(b, b'0'..=b'7' | b'_')))
}

fn is_float(plain: &str) -> bool {
    let body = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    match body {
        ".inf" | ".Inf" | ".INF" => return true,
        ".nan" | ".NaN" | ".NAN" => return body == plain,
        _ => {}
    }
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    let signed = |exponent: &str| exponent.strip_prefix(['-', '+']).is_some_and(digits);
    let Some((whole, fraction)) = mantissa.split_once('.') else {
        return false;
    };
    if !exponent.is_none_or(signed) {
        return false;
    }
    let spaced = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    match whole.split_once(':') {
        None if whole.is_empty() => body == plain && spaced_digits(fraction),
        None => spaced_digits(whole) && spaced(fraction),
        Some((first, sixties)) => {
            let sixty =
                |part: &str| part.len() <= 2 && digits(part) && (part.len() == 1 || part < "60");
            exponent.is_none()
                && spaced_digits(first)
                && sixties.split(':').all(sixty)
                && spaced(fraction)
        }
    }
}

fn is_date(plain: &str) -> bool {
    let part = |text: &str, most: usize| text.len() <= most && digits(text);
    let mut rest = plain.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (rest.next(), rest.next(), rest.next()) else {
        return false;
    };
    if year.len() != 4 || !digits(year) || !part(month, 2) {
        return false;
    }
    let end = rest.find(|c: char| !c.is_ascii_digit());
    let (day, time) = rest.split_at(end.unwrap_or(rest.len()));
    if time.is_empty() {
        return month.len() == 2 && day.len() == 2;
    }
    let clock = time
        .strip_prefix(['T', 't'])
        .unwrap_or_else(|| time.trim_start_matches([' ', '\t']));
    part(day, 2) && clock.len() < time.len() && is_clock(clock)
}

/// `12:30:00`, with a fraction and a zone, or not.
fn is_clock(text: &str) -> bool {
    let zone = text.find(['Z', '+', '-', ' ', '\t']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(zone);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let parts: Vec<&str> = clock.split(':').collect();
    let timed = matches!(parts.as_slice(), [hour, minute, second]
        if hour.len() <= 2 && digits(hour) && minute.len() == 2 && digits(minute) && second.len() == 2 && digits(second));
    let zone = zone.trim_start_matches([' ', '\t']);
    let offset = |zone: &str| {
        let (hours, minutes) = zone.split_once(':').unwrap_or((zone, "00"));
        hours.len() <= 2 && digits(hours) && minutes.len() == 2 && digits(minutes)
    };
    let zoned = matches!(zone, "" | "Z") || zone.strip_prefix(['-', '+']).is_some_and(offset);
    timed && fraction.bytes().all(|b| b.is_ascii_digit()) && zoned
}

#[cfg(test)]
mod tests {
    use super::{Seen, octal, seen};

    #[test]
    fn plain_scalars_as_readers_of_yaml_1_1_take_them() {
        let table: [(Seen, &str); 6] = [
            (Seen::Switch, "yes Yes YES no On OFF true False"),
            (
                Seen::Number,
                "0 7 -3 +3 0755 0o 1_000 0b1 0xfF 12:30 1:2:3 1.5 .5 -1.5 +1.5 1. 1.5e+3 1:30.5 .inf -.INF .nan 0_7",
            ),
            (
                Seen::Date,
                "2020-01-01 2020-1-1T1:02:03 2020-01-01T01:02:03.5Z 2020-01-01T01:02:03+01:00",
            ),
            (Seen::Null, "~ null Null NULL"),
            (
                Seen::Text,
                "y n yEs 0o17 089 08 1e3 1.5e3 -.5 +.5 -.nan 12:60 0:30 2020-1-1 2020-01 nan inf 1.2.3 _1 a 0xg 0b2 -",
            ),
            (Seen::Sign, "<< ="),
        ];
        for (wanted, texts) in table {
            for text in texts.split(' ').filter(|text| *text != "0o") {
                assert_eq!(seen(text), wanted, "{text}");
            }
        }
        assert_eq!(seen("2020-01-01 01:02:03 +1"), Seen::Date);
        assert_eq!(octal("0644"), Some(420));
        assert_eq!(octal("-010"), Some(-8));
        assert_eq!(octal("644"), None);
    }
}
