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
    for token in text.split(char::is_whitespace) {
        for word in folded(&site(token)).split_ascii_whitespace() {
            match ENDINGS.iter().find_map(|ending| Some((word.strip_suffix(ending)?, ending))) {
                Some((name, ending)) if name.len() > 2 => {
                    words.extend([name.to_owned(), (*ending).to_owned()]);
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
    let inner = token.trim_matches(|character: char| character.is_ascii_punctuation());
    if !inner.contains('.') && !inner.contains("://") {
        return token.to_owned();
    }
    let host = inner.split_once("://").map_or(inner, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or(host);
    let host = host.rsplit('@').next().unwrap_or(host);
    let labels: Vec<&str> = host.split('.').filter(|label| !label.is_empty()).collect();
    if labels.iter().all(|label| label.chars().count() == 1) {
        return labels.concat();
    }
    match labels.strip_prefix(&["www"]).unwrap_or(&labels) {
        [.., site, _] | [site] => (*site).to_owned(),
        [] => String::new(),
    }
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
        for typing in ["www.geico", "geico.", "geico.c", "https://geico"] {
            assert_eq!(words(typing), ["geico"], "{typing}");
        }
        assert_eq!(words("auto-owners.com"), ["auto", "owners"]);
        assert_eq!(words("https://"), ["https"]);
        assert!(words("www.").iter().eq(["www"]));
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
