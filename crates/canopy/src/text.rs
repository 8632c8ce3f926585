//! Text of a bounded length.

/// `text`, cut to at most `most` bytes at a character boundary.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    // Slicing that could fail would bring its message, and the tables to print it, into every page.
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_at_a_character() {
        assert_eq!((cut("aé", 2), cut("aé", 3), cut("", 1)), ("a", "aé", ""));
    }
}
