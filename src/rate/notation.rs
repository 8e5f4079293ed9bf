//! How a rate is written: `50/s burst 500`.

use crate::domain::attempt::Allowance;
use std::time::Duration;

/// The most in one of the spans, and the most at once.
const MOST: u32 = 1_000_000;

/// Reads `50/s burst 500`: fifty in a second, one by one, and 500 at once where nothing was asked for lately. The span is `s`,
/// `min` or `h`; without a burst, as many at once as in a span.
pub fn allowance(text: &str) -> Result<Allowance, String> {
    let words: Vec<_> = text.split_whitespace().collect();
    let (rate, burst) = match words.as_slice() {
        [rate] => (rate, None),
        [rate, "burst", burst] => (rate, Some(burst)),
        _ => return Err(unclear()),
    };
    let (count, span) = rate.split_once('/').ok_or_else(unclear)?;
    let span = match span {
        "s" => Duration::from_secs(1),
        "min" => Duration::from_mins(1),
        "h" => Duration::from_hours(1),
        _ => return Err(unclear()),
    };
    let count = number(count)?;
    Ok(Allowance { burst: burst.map_or(Ok(count), |burst| number(burst))?, every: span / count })
}

fn number(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (1..=MOST).contains(number));
    number.ok_or_else(|| format!("`{text}` is not a number from 1 to {MOST}"))
}

fn unclear() -> String {
    "must be like `50/s burst 500`, with s, min or h".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_in_a_span_and_a_burst() {
        for (text, burst, every) in [
            ("50/s burst 500", 500, Duration::from_millis(20)),
            (" 1/min  burst 10 ", 10, Duration::from_mins(1)),
            ("3600/h burst 1", 1, Duration::from_secs(1)),
            ("20/s", 20, Duration::from_millis(50)),
            ("1000000/s burst 1000000", MOST, Duration::from_micros(1)),
        ] {
            assert_eq!(allowance(text), Ok(Allowance { burst, every }), "{text}");
        }
    }

    #[test]
    fn anything_else_is_told() {
        for text in ["", "50", "50/d", "50/s 500", "50/s burst", "50 /s", "50/s burst 5 5", "s/50", "50/s, burst 500"] {
            assert!(allowance(text).unwrap_err().contains("50/s burst 500"), "{text}");
        }
        for text in ["0/s", "-1/s", "1000001/s", "1.5/s", "5/s burst 0", "5/s burst x", "99999999999/s"] {
            assert!(allowance(text).unwrap_err().contains("from 1 to 1000000"), "{text}");
        }
    }
}
