//! A word, with what tells quickly that another is not like it.

#[derive(Debug, Clone)]
pub struct Word {
    pub text: String,
    /// In characters.
    pub length: usize,
    /// The [`bit`]s of its letters.
    letters: u32,
}

/// Each letter has one; digits have one together, and so has what is beyond ASCII.
fn bit(letter: char) -> u32 {
    match letter {
        'a'..='z' => 1 << (letter as u32 - 'a' as u32),
        '0'..='9' => 1 << 26,
        _ => 1 << 27,
    }
}

impl Word {
    pub fn new(text: String) -> Self {
        let letters = text.chars().fold(0, |letters, letter| letters | bit(letter));
        Self { length: text.chars().count(), letters, text }
    }

    /// How many of its letters `other` has nowhere: at least so many edits are between the two.
    pub fn strange_to(&self, other: &Self) -> usize {
        self.text.chars().filter(|letter| other.letters & bit(*letter) == 0).count()
    }

    /// Its first `length` characters.
    pub fn start(&self, length: usize) -> &str {
        let end = self.text.char_indices().nth(length).map_or(self.text.len(), |(end, _)| end);
        &self.text[..end]
    }
}
