//! Numbers as text without `core::fmt`, whose machinery is larger than everything else that this module's users need.

/// A whole number in decimal.
pub fn integer(mut value: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(b'0' + (value % 10) as u8);
        value /= 10;
        if value == 0 {
            break;
        }
    }
    digits.iter().rev().map(|&digit| digit as char).collect()
}

/// Dollars with four places at most and at least two, such as `1.75` or `0.0404`.
pub fn dollars(usd: f64) -> String {
    let cents100 = (usd * 10_000.0 + 0.5) as u64;
    let places = [integer(10_000 + cents100 % 10_000)].concat();
    let mut text = [&integer(cents100 / 10_000), ".", places.get(1..).unwrap_or_default()].concat();
    while text.ends_with('0') && text.len() > text.find('.').unwrap_or(0) + 3 {
        text.pop();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_numbers_as_people_do() {
        for (number, text) in [(0, "0"), (7, "7"), (1080, "1080"), (u64::MAX, "18446744073709551615")] {
            assert_eq!(integer(number), text);
        }
        for (usd, text) in [(1.75, "1.75"), (0.0404, "0.0404"), (3.6, "3.60"), (0.0, "0.00"), (12.3456, "12.3456")] {
            assert_eq!(dollars(usd), text);
        }
    }
}
