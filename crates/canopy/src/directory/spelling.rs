//! One name of a company's, and how what was typed fits it.

use super::{
    query::{Asked, Query},
    rank::{Fit, Rank},
    text, typo, weak,
    word::Word,
};

/// A form that lacks words of what was typed says too little below so many letters.
const LEAST_OF_FORM: usize = 3;

#[derive(Debug)]
pub struct Spelling {
    words: Vec<Word>,
    /// From each word on, written as one.
    tails: Vec<Word>,
    /// Where the name begins, and where without weak words.
    starts: Vec<usize>,
    is_weak: Vec<bool>,
}

/// How the words of a query were found in a name.
struct Found {
    /// Where in the name the word of each was; `None` for one that need not be there.
    places: Vec<Option<usize>>,
    edits: usize,
    beginnings: usize,
    dropped: usize,
}

impl Spelling {
    /// `None` when there is no word in it.
    pub fn new(name: &str) -> Option<Self> {
        let texts = text::words(name);
        let is_weak: Vec<bool> = texts.iter().map(|word| weak::is_weak(word)).collect();
        let mut starts = vec![0];
        starts.extend(is_weak.iter().position(|is_weak| !is_weak).filter(|start| *start > 0));
        let tails = (0..texts.len()).map(|start| Word::new(texts[start..].concat())).collect();
        let words: Vec<Word> = texts.into_iter().map(Word::new).collect();
        (!words.is_empty()).then_some(Self { words, tails, starts, is_weak })
    }

    /// The name written as one word.
    pub fn joined(&self) -> &str {
        &self.tails[0].text
    }

    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// The words that tell it from others.
    pub fn strong(&self) -> Vec<&str> {
        let strong = self.words.iter().zip(&self.is_weak).filter(|(_, is_weak)| !**is_weak);
        strong.map(|(word, _)| word.text.as_str()).collect()
    }

    /// How it fits without a typo.
    pub fn fit(&self, query: &Query) -> Option<Rank> {
        let of_forms = query.forms.iter().filter_map(|form| {
            let text = form.word.text.as_str();
            let is_start =
                |same: &dyn Fn(&str) -> bool| self.starts.iter().any(|start| same(&self.tails[*start].text));
            let says_much = form.dropped == 0 || form.word.length >= LEAST_OF_FORM;
            let place = || self.tails.iter().position(|tail| says_much && tail.text.starts_with(text));
            let (fit, rest) = if is_start(&|tail| tail == text) {
                (Fit::Exact, 0)
            } else if says_much && is_start(&|tail| tail.starts_with(text)) {
                (Fit::Beginning, 0)
            } else {
                (Fit::Words, place()?)
            };
            Some(Rank { fit, edits: 0, dropped: form.dropped, rest })
        });
        let of_words =
            self.find(query, |asked, word| word.text.starts_with(&asked.word.text).then_some((0, false)));
        let of_words = of_words.map(|found| {
            let places: Vec<usize> = found.places.into_iter().flatten().collect();
            let is_in_order = places.windows(2).all(|pair| pair[0] + 1 == pair[1]);
            let is_beginning = is_in_order && self.starts.contains(&places[0]);
            let (fit, rest) = if is_beginning { (Fit::Beginning, 0) } else { (Fit::Words, places[0]) };
            Rank { fit, edits: 0, dropped: found.dropped, rest }
        });
        of_forms.chain(of_words).min()
    }

    /// How it fits with typos.
    pub fn fit_nearly(&self, query: &Query) -> Option<Rank> {
        let of_forms = query.forms.iter().flat_map(|form| {
            self.starts.iter().filter_map(move |start| {
                let near = typo::near(&form.word, &self.tails[*start])?;
                let rest = usize::from(near.is_beginning) + usize::from(near.begins_otherwise);
                Some(Rank { fit: Fit::Typo, edits: near.edits, dropped: form.dropped, rest })
            })
        });
        let of_words = self.find(query, |asked, word| {
            if word.text.starts_with(&asked.word.text) {
                return Some((0, word.length > asked.word.length));
            }
            let near = if asked.is_weak { None } else { typo::near(&asked.word, word) };
            near.map(|near| (near.edits, near.is_beginning || near.begins_otherwise))
        });
        let of_words = of_words.map(|found| {
            let unsaid = self.words.len() - found.places.iter().flatten().count();
            Rank {
                fit: Fit::Typo,
                edits: found.edits,
                dropped: found.dropped,
                rest: found.beginnings + unsaid,
            }
        });
        of_forms.chain(of_words).min()
    }

    /// How it fits as a part of what was typed: with all the words that tell it from others.
    pub fn fit_within(&self, query: &Query) -> Option<Rank> {
        let mut edits = 0;
        let mut said = 0;
        for (word, is_weak) in self.words.iter().zip(&self.is_weak) {
            if *is_weak {
                continue;
            }
            let edits_of = |asked: &Asked| {
                let is_same = asked.word.text == word.text;
                if is_same || asked.is_weak { is_same.then_some(0) } else { typo::whole(&asked.word, word) }
            };
            edits += query.words.iter().filter_map(edits_of).min()?;
            said += 1;
        }
        let dropped = query.words.len().saturating_sub(said);
        (said > 0).then_some(Rank { fit: Fit::Within, edits, dropped, rest: 0 })
    }

    /// Finds each word of the query in another word of the name, by what `fit` says of the two: typos, and whether it is less than
    /// a whole word. `None` when one that has to be there is not.
    fn find(&self, query: &Query, fit: impl Fn(&Asked, &Word) -> Option<(usize, bool)>) -> Option<Found> {
        let mut found = Found { places: Vec::new(), edits: 0, beginnings: 0, dropped: 0 };
        for asked in &query.words {
            let free = (0..self.words.len()).filter(|place| !found.places.contains(&Some(*place)));
            let best = free.filter_map(|place| Some((fit(asked, &self.words[place])?, place))).min();
            match best {
                Some(((edits, is_beginning), place)) => {
                    found.edits += edits;
                    found.beginnings += usize::from(is_beginning);
                    found.places.push(Some(place));
                }
                None if asked.is_weak || asked.is_nearly_weak => {
                    found.edits += usize::from(!asked.is_weak);
                    found.dropped += 1;
                    found.places.push(None);
                }
                None => return None,
            }
        }
        let is_strong = |(asked, place): (&Asked, &Option<usize>)| place.is_some() && !asked.is_weak;
        query.words.iter().zip(&found.places).any(is_strong).then_some(found)
    }
}
