//! A word, with what tells quickly that another is not like it.

#[derive(Debug, Clone)]
pub struct Word {
    pub text: String,
    pub letters: u32,
}

/// Each letter has one; digits have one together, and so has what is beyond ASCII.
fn bit(letter: u8) -> u32 {
    match letter {
        b'a'..=b'z' => 1 << (letter - b'a'),
        b'0'..=b'9' => 1 << 26,
        _ => 1 << 27,
    }
}

/// The bits of all letters of `text`.
pub fn letters(text: &str) -> u32 {
    text.bytes().fold(0, |letters, letter| letters | bit(letter))
}

/// How many letters of `text` are none of `letters`: at least so many edits are between it and a word of those.
pub fn strange(text: &str, letters: u32) -> usize {
    text.bytes().filter(|letter| letters & bit(*letter) == 0).count()
}

impl Word {
    pub fn new(text: String) -> Self {
        Self { letters: letters(&text), text }
    }

    /// In bytes: what is beyond ASCII counts for more than one letter.
    pub fn length(&self) -> usize {
        self.text.len()
    }

    pub fn begins_with(&self, other: &Self) -> bool {
        self.text.as_bytes().starts_with(other.text.as_bytes())
    }
}
