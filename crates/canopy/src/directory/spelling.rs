//! One name of a company's, and how what was typed fits it.

use super::{
    query::{Asked, Query},
    rank::{Fit, Rank},
    text, typo, weak,
    word::Word,
};

/// A form that lacks words of what was typed says too little below so many letters.
const LEAST_OF_FORM: usize = 3;

/// Among words that say something else a shorter word has to be as it is: `roof repair` means no company called Root.
const LEAST_WITHIN: usize = 6;

#[derive(Debug)]
pub struct Spelling {
    words: Vec<Word>,
    /// From each word on, written as one.
    tails: Vec<Word>,
    /// Where the name begins without weak words.
    first_strong: usize,
}

/// How the words of a query were found in a name.
#[derive(Default)]
struct Found {
    /// Where in the name, in the order of the query.
    places: Vec<usize>,
    edits: usize,
    /// Words that were only begun, or begin otherwise.
    doubts: usize,
    dropped: usize,
    is_strong: bool,
}

impl Spelling {
    /// `None` when there is no word in it.
    pub fn new(name: &str) -> Option<Self> {
        let texts = text::words(name);
        let first_strong = texts.iter().position(|word| !weak::is_weak(word)).unwrap_or(0);
        let mut tails = Vec::new();
        let mut rest = texts.as_slice();
        while let Some((_, behind)) = rest.split_first() {
            tails.push(Word::new(rest.concat()));
            rest = behind;
        }
        let words: Vec<Word> = texts.into_iter().map(Word::new).collect();
        (!words.is_empty()).then_some(Self { words, tails, first_strong })
    }

    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// The words that tell it from others.
    pub fn strong(&self) -> impl Iterator<Item = &Word> {
        self.words.iter().filter(|word| !weak::is_weak(&word.text))
    }

    /// How it fits without a typo.
    pub fn fit(&self, query: &Query) -> Option<Rank> {
        let mut best = self.find(query, false).map(|found| {
            let first = found.places.first().copied().unwrap_or_default();
            let is_in_order = found.places.iter().enumerate().all(|(at, place)| first + at == *place);
            let is_beginning = is_in_order && self.is_start(first);
            let (fit, rest) = if is_beginning { (Fit::Beginning, 0) } else { (Fit::Words, first) };
            Rank::new(fit, 0, found.dropped, rest)
        });
        for form in &query.forms {
            let says_much = form.dropped == 0 || form.word.length() >= LEAST_OF_FORM;
            for (place, tail) in
                self.tails.iter().enumerate().filter(|(_, tail)| tail.begins_with(&form.word))
            {
                let is_whole = tail.length() == form.word.length();
                let (fit, rest) = match self.is_start(place) {
                    true if is_whole => (Fit::Exact, 0),
                    _ if !says_much => continue,
                    true => (Fit::Beginning, 0),
                    false => (Fit::Words, place),
                };
                best = Rank::new(fit, 0, form.dropped, rest).or(best);
            }
        }
        best
    }

    /// How it fits with typos.
    pub fn fit_nearly(&self, query: &Query) -> Option<Rank> {
        let mut best = self.find(query, true).map(|found| {
            let unsaid = self.words.len() - found.places.len();
            Rank::new(Fit::Typo, found.edits, found.dropped, found.doubts + unsaid)
        });
        for form in &query.forms {
            for (_, tail) in self.tails.iter().enumerate().filter(|(place, _)| self.is_start(*place)) {
                if let Some((edits, doubts)) = nearly(&form.word, tail) {
                    best = Rank::new(Fit::Typo, edits, form.dropped, doubts).or(best);
                }
            }
        }
        best
    }

    /// How it fits as a part of what was typed: with all the words that tell it from others.
    pub fn fit_within(&self, query: &Query) -> Option<Rank> {
        let (mut edits, mut said) = (0, 0);
        for word in self.strong() {
            let edits_of = |asked: &Asked| {
                let is_same = asked.word.text == word.text;
                let may_be_typo = !asked.is_weak && asked.word.length().min(word.length()) >= LEAST_WITHIN;
                if is_same || !may_be_typo { is_same.then_some(0) } else { typo::whole(&asked.word, word) }
            };
            edits += query.words.iter().filter_map(edits_of).min()?;
            said += 1;
        }
        (said > 0).then(|| Rank::new(Fit::Within, edits, query.words.len().saturating_sub(said), 0))
    }

    fn is_start(&self, place: usize) -> bool {
        place == 0 || place == self.first_strong
    }

    /// Finds each word of the query in another word of the name, which begins with it, or may if there are `typos`. `None` when one that
    /// has to be there is not.
    fn find(&self, query: &Query, typos: bool) -> Option<Found> {
        let mut found = Found::default();
        for asked in &query.words {
            let mut best = None;
            for (place, word) in
                self.words.iter().enumerate().filter(|(place, _)| !found.places.contains(place))
            {
                let fit = if word.begins_with(&asked.word) {
                    Some((0, usize::from(word.length() > asked.word.length())))
                } else if typos && !asked.is_weak {
                    nearly(&asked.word, word)
                } else {
                    None
                };
                if let Some(fit) = fit
                    && best.is_none_or(|(best, _)| fit < best)
                {
                    best = Some((fit, place));
                }
            }
            if let Some(((edits, doubts), place)) = best {
                found.edits += edits;
                found.doubts += doubts;
                found.is_strong |= !asked.is_weak;
                found.places.push(place);
            } else if asked.is_weak || typos && asked.is_nearly_weak {
                found.edits += usize::from(!asked.is_weak);
                found.dropped += 1;
            } else {
                return None;
            }
        }
        found.is_strong.then_some(found)
    }
}

/// Typos between the two, and what else speaks against their being the same. People seldom get the first letter wrong.
fn nearly(typed: &Word, word: &Word) -> Option<(usize, usize)> {
    let near = typo::near(typed, word)?;
    let begins_otherwise = typed.text.bytes().next() != word.text.bytes().next();
    Some((near.edits, usize::from(near.is_beginning) + usize::from(begins_otherwise)))
}
