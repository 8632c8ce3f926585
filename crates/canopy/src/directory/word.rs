//! A word, with what tells quickly that another is not like it.

#[derive(Debug, Clone)]
pub struct Word {
    pub text: String,
    /// In characters.
    pub length: usize,
    /// A bit for each letter that is in it; digits have one together, and so has what is beyond ASCII.
    letters: u32,
}

impl Word {
    pub fn new(text: String) -> Self {
        let letters = text.bytes().fold(0, |letters, byte| {
            letters
                | 1 << match byte {
                    b'a'..=b'z' => byte - b'a',
                    b'0'..=b'9' => 26,
                    _ => 27,
                }
        });
        Self { length: text.chars().count(), letters, text }
    }

    /// How many kinds of letters it has that `other` has not: at least so many edits are between them.
    pub fn missing_in(&self, other: &Self) -> usize {
        (self.letters & !other.letters).count_ones() as usize
    }

    /// Its first `length` characters.
    pub fn start(&self, length: usize) -> &str {
        let end = self.text.char_indices().nth(length).map_or(self.text.len(), |(end, _)| end);
        &self.text[..end]
    }
}
