//! Vehicle identification numbers. Source: 49 CFR 565.15 (c), the check digit; ISO 3779, the letters.

/// Weights of the places.
const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/// How a VIN's check digit is: `none` where it is no number of 17 letters and digits, as of vehicles from before 1981.
#[must_use]
pub fn check(vin: &str) -> &'static str {
    let digits: Option<Vec<u32>> = vin.trim().chars().map(value).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == WEIGHTS.len()) else { return "none" };
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let given =
        vin.trim().chars().nth(8).map(|digit| {
            if digit.eq_ignore_ascii_case(&'x') { 10 } else { digit.to_digit(10).unwrap_or(11) }
        });
    if given == Some(sum % 11) { "valid" } else { "invalid" }
}

/// What a letter or digit counts; there is no I, O and Q.
fn value(letter: char) -> Option<u32> {
    let letter = letter.to_ascii_uppercase();
    match letter {
        '0'..='9' => letter.to_digit(10),
        'A'..='H' => Some(letter as u32 - 'A' as u32 + 1),
        'J'..='N' => Some(letter as u32 - 'J' as u32 + 1),
        'P' => Some(7),
        'R' => Some(9),
        'S'..='Z' => Some(letter as u32 - 'S' as u32 + 2),
        _ => None,
    }
}
