//! Sizes and ages as people write them.

use jiff::SignedDuration;

/// A text is no size or no age.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}")]
pub struct ParseAmountError {
    text: String,
    what: &'static str,
}

const SIZE: &str = "a number of bytes such as 65536, 512K, 100M, 1.5GiB or 100MB";
const AGE: &str = "an age such as 12h, 30d, 6w or 1y6w (min, h, d, w, y; a year is 365 days)";

/// Bytes. `K`, `M`, `G` and `T` count in 1024s, with or without `iB`; `KB`, `MB`, `GB` and `TB` in 1000s.
///
/// ```
/// assert_eq!(persist_core::amount::bytes("100M")?, 100 * 1024 * 1024);
/// assert_eq!(persist_core::amount::bytes("1.5 kB")?, 1500);
/// assert!(persist_core::amount::bytes("lots").is_err());
/// # Ok::<(), persist_core::amount::ParseAmountError>(())
/// ```
///
/// # Errors
/// Where the text is no such size, or it is more than can be counted.
pub fn bytes(text: &str) -> Result<u64, ParseAmountError> {
    let refused = || no(text, SIZE);
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &lower[digits.len()..] {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000_u64,
        _ => return Err(refused()),
    };
    let (whole, part) = digits
        .trim_end()
        .split_once('.')
        .unwrap_or((digits.trim_end(), "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    // More decimals than that are no figure that somebody means.
    if !is_number(whole) || !is_number(part) || part.len() > 9 {
        return Err(refused());
    }
    let number: u64 = whole.parse().map_err(|_| refused())?;
    let decimals = u128::from(part.parse::<u64>().map_err(|_| refused())?);
    let scale = 10_u128.pow(u32::try_from(part.len()).unwrap_or(9));
    let all = u128::from(number) * u128::from(unit) + decimals * u128::from(unit) / scale;
    u64::try_from(all).map_err(|_| refused())
}

/// A length of time: numbers with `min`, `h`, `d`, `w` or `y`, added up.
///
/// ```
/// use persist_core::amount::age;
///
/// assert_eq!(age("1w2d")?.as_hours(), 9 * 24);
/// assert_eq!(age("3m").unwrap_err().to_string(), "`3m` is not an age: is m minutes or months? write 3min, or days such as 30d");
/// # Ok::<(), persist_core::amount::ParseAmountError>(())
/// ```
///
/// # Errors
/// Where the text is no such age.
pub fn age(text: &str) -> Result<SignedDuration, ParseAmountError> {
    let refused = || no(text, AGE);
    let mut rest = text.trim();
    let mut hours_and_minutes = SignedDuration::ZERO;
    if rest.is_empty() {
        return Err(refused());
    }
    while !rest.is_empty() {
        let after_digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = rest[..rest.len() - after_digits.len()].parse::<i64>();
        let number = number.map_err(|_| refused())?;
        let after_unit = after_digits.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let minutes = match &after_digits[..after_digits.len() - after_unit.len()] {
            "min" => 1,
            "h" => 60,
            "d" => 24 * 60,
            "w" => 7 * 24 * 60,
            "y" => 365 * 24 * 60,
            "m" => {
                let what = "an age: is m minutes or months? write 3min, or days such as 30d";
                return Err(no(text, what));
            }
            _ => return Err(refused()),
        };
        let minutes = number.checked_mul(minutes).ok_or_else(refused)?;
        let more = SignedDuration::try_from_mins(minutes).ok_or_else(refused)?;
        hours_and_minutes = hours_and_minutes.checked_add(more).ok_or_else(refused)?;
        rest = after_unit.trim_start();
    }
    Ok(hours_and_minutes)
}

fn no(text: &str, what: &'static str) -> ParseAmountError {
    ParseAmountError {
        text: text.into(),
        what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0", 0),
            ("17", 17),
            ("17b", 17),
            ("2k", 2048),
            ("1.5K", 1536),
            ("100 MiB", 100 << 20),
            ("3GB", 3_000_000_000),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(super::bytes(text), Ok(bytes), "{text}");
        }
        for text in [
            "",
            "M",
            "-1",
            "1x",
            "1.M",
            ".5M",
            "1e3",
            "18446744073709551616",
            "17179869184G",
            "１",
        ] {
            assert!(super::bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ages() {
        for (text, minutes) in [
            ("90d", 90 * 1440),
            ("1y 2h", 365 * 1440 + 120),
            ("0d", 0),
            ("5min", 5),
        ] {
            assert_eq!(age(text), Ok(SignedDuration::from_mins(minutes)), "{text}");
        }
        for text in [
            "",
            "90",
            "d",
            "-1d",
            "1.5d",
            "3m",
            "9223372036854775807y",
            "９d",
        ] {
            assert!(age(text).is_err(), "{text}");
        }
    }
}
