//! A word, with what tells quickly that another is not like it.

#[derive(Debug, Clone)]
pub struct Word {
    pub text: String,
    /// The [`bit`]s of its letters.
    letters: u32,
}

/// Each letter has one; digits have one together, and so has what is beyond ASCII.
fn bit(letter: u8) -> u32 {
    match letter {
        b'a'..=b'z' => 1 << (letter - b'a'),
        b'0'..=b'9' => 1 << 26,
        _ => 1 << 27,
    }
}

impl Word {
    pub fn new(text: String) -> Self {
        Self { letters: text.bytes().fold(0, |letters, letter| letters | bit(letter)), text }
    }

    /// In bytes: what is beyond ASCII counts for more than one letter.
    pub fn length(&self) -> usize {
        self.text.len()
    }

    pub fn begins_with(&self, other: &Self) -> bool {
        self.text.as_bytes().starts_with(other.text.as_bytes())
    }

    /// How many of its letters `other` has nowhere: at least so many edits are between the two.
    pub fn strange_to(&self, other: &Self) -> usize {
        self.text.bytes().filter(|letter| other.letters & bit(*letter) == 0).count()
    }
}
