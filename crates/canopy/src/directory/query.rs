//! What was typed, made ready to be held against many names.

use super::{text, weak, word::Word};

/// The most words that are looked at.
const MOST_WORDS: usize = 12;

#[derive(Debug)]
pub struct Query {
    pub words: Vec<Asked>,
    /// All words as one, then without weak ones at the end and at the beginning.
    pub forms: Vec<Form>,
    /// Whether any of its words tells a company from another: the others are no typos.
    pub says_something: bool,
}

#[derive(Debug)]
pub struct Asked {
    pub word: Word,
    /// A name need not have it.
    pub is_weak: bool,
    /// It is a weak word with a typo.
    pub is_nearly_weak: bool,
}

/// Words in a row, written as one.
#[derive(Debug)]
pub struct Form {
    pub word: Word,
    /// How many words are not in it.
    pub dropped: usize,
}

impl Query {
    /// `None` when nothing was typed.
    pub fn new(typed: &str) -> Option<Self> {
        let mut texts = text::words(typed);
        texts.truncate(MOST_WORDS);
        let last = texts.len().checked_sub(1)?;
        let is_weak = |at: usize| weak::is_weak(&texts[at]) || (at == last && weak::begins_weak(&texts[at]));
        let mut weak: Vec<bool> = (0..=last).map(is_weak).collect();
        // Where nothing else is left they have to be in the name.
        let says_something = weak.contains(&false);
        if !says_something {
            weak.fill(false);
        }
        let first_strong = weak.iter().position(|is_weak| !is_weak).unwrap_or(0);
        let last_strong = weak.iter().rposition(|is_weak| !is_weak).unwrap_or(last);
        let mut forms = Vec::new();
        for end in (last_strong..=last).rev() {
            let form = |start: usize| Form {
                word: Word::new(texts[start..=end].concat()),
                dropped: start + last - end,
            };
            forms.extend((0..=first_strong).map(form));
        }
        let words = texts.into_iter().zip(weak).map(|(text, is_weak)| Asked {
            is_nearly_weak: !is_weak && last > 0 && weak::is_nearly_weak(&text),
            word: Word::new(text),
            is_weak,
        });
        Some(Self { words: words.collect(), forms, says_something })
    }
}
