//! Money in sentences.

/// Cents as dollars are written in the United States: `$50,000`, `$1,234.50`, `-$0.05`. Whole dollars have no cents.
#[must_use]
pub fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let (mut whole, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    let mut text = if rest == 0 { String::new() } else { format!(".{rest:02}") };
    while whole >= 1000 {
        text = format!(",{:03}{text}", whole % 1000);
        whole /= 1000;
    }
    format!("{sign}${whole}{text}")
}

#[cfg(test)]
mod tests {
    use super::dollars;

    #[test]
    fn dollars_have_groups_of_three_and_cents_only_where_there_are_some() {
        for (cents, text) in [
            (0, "$0"),
            (5, "$0.05"),
            (-5, "-$0.05"),
            (100, "$1"),
            (99_900, "$999"),
            (100_000, "$1,000"),
            (123_450, "$1,234.50"),
            (5_000_000, "$50,000"),
            (100_000_000, "$1,000,000"),
            (100_000_501, "$1,000,005.01"),
            (i64::MAX, "$92,233,720,368,547,758.07"),
            (i64::MIN, "-$92,233,720,368,547,758.08"),
        ] {
            assert_eq!(dollars(cents), text);
        }
    }
}
