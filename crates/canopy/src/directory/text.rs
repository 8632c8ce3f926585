//! The words of what people type, and of companies' names.

/// The most characters of a text that are looked at: more are no company's name.
const MOST_CHARACTERS: usize = 120;

/// What addresses have behind a company's name, without a mark between: `erieinsurance.com`.
const ENDINGS: [&str; 3] = ["insurance", "group", "auto"];

/// The words of `text`, in small letters without marks; of a web address, the company's part of it. Letters beyond ASCII
/// are expected decomposed (NFD) and small, as browsers give them: tables of all of them would weigh more than the search.
pub fn words(text: &str) -> Vec<String> {
    let text: String = text.chars().take(MOST_CHARACTERS).collect();
    let mut words = Vec::new();
    for token in text.split_ascii_whitespace() {
        for word in folded(&site(token)).split_ascii_whitespace() {
            let ending = ENDINGS.iter().find(|ending| word.ends_with(**ending)).copied().unwrap_or_default();
            match word.split_at_checked(word.len() - ending.len()) {
                Some((name, ending)) if name.len() > 2 && !ending.is_empty() => {
                    words.extend([name.to_owned(), ending.to_owned()]);
                }
                _ => words.push(word.to_owned()),
            }
        }
    }
    words
}

/// Of an address the label that names the site: `geico` of `https://www.geico.com/login`. Single letters with full stops
/// between are one word: `U.S.A.A.` What is no address stays as it is.
fn site(token: &str) -> String {
    for part in token.split('/') {
        let labels: Vec<&str> =
            part.split('.').filter(|label| !folded(label).trim_ascii().is_empty()).collect();
        if labels.len() > 1 && labels.iter().all(|label| label.len() == 1) {
            return labels.concat();
        }
        match *labels {
            ["www", site] | [.., site, _] => {
                return site.rsplit('@').next().unwrap_or(site).to_owned();
            }
            _ => {}
        }
    }
    token.to_owned()
}

/// Small letters, with a blank for every mark between words; accents and apostrophes go.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\'' | '\u{2019}' | '\u{300}'..='\u{36f}' => {}
            // Latin-1's signs, and everything from Unicode's punctuation to its arrows and shapes.
            '\u{80}'..='\u{bf}' | '\u{d7}' | '\u{f7}' | '\u{2000}'..='\u{2bff}' => folded.push(' '),
            _ if character.is_ascii_alphanumeric() || !character.is_ascii() => {
                folded.push(character.to_ascii_lowercase());
            }
            _ => folded.push(' '),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_separate_words_and_apostrophes_do_not() {
        assert_eq!(words("  Auto-Owners & Farmers' (Fire)"), ["auto", "owners", "farmers", "fire"]);
        assert_eq!(words("Farmer\u{2019}s\u{a0}Mutual\u{2014}Auto\u{ae}"), ["farmers", "mutual", "auto"]);
        assert_eq!(words("mu\u{308}ller 21st"), ["muller", "21st"]);
        assert!(words(" .,;' ").is_empty());
    }

    #[test]
    fn an_address_is_its_site() {
        for typed in [
            "geico.com",
            "www.geico.com",
            "https://www.geico.com/login?a=b.c",
            "my.geico.com",
            "jo@geico.com",
        ] {
            assert_eq!(words(typed), ["geico"], "{typed}");
        }
        for typing in ["www.geico", "geico.", "geico.c"] {
            assert_eq!(words(typing), ["geico"], "{typing}");
        }
        assert_eq!(words("https://geico"), ["https", "geico"]);
        assert_eq!(words("auto-owners.com"), ["auto", "owners"]);
        assert_eq!(words("https://"), ["https"]);
        assert_eq!(words("www."), ["www"]);
    }

    #[test]
    fn single_letters_with_full_stops_are_one_word_and_abbreviations_stay() {
        assert_eq!(words("U.S.A.A."), ["usaa"]);
        assert_eq!(words("N.J.M. Inc."), ["njm", "inc"]);
        assert_eq!(words("St. Paul, Co."), ["st", "paul", "co"]);
    }

    #[test]
    fn what_addresses_put_behind_a_name_is_a_word() {
        assert_eq!(words("erieinsurance.com"), ["erie", "insurance"]);
        assert_eq!(words("stateauto reinsurance"), ["state", "auto", "reinsurance"]);
        assert_eq!(words("insurance"), ["insurance"]);
    }

    #[test]
    fn no_text_is_too_long() {
        assert_eq!(words(&"farm ".repeat(100_000)).len(), MOST_CHARACTERS / 5);
    }
}
