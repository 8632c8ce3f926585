//! Finding a carrier among hundreds by what a consumer types.

/// Positions of the `names` that `query` finds, the best first: names that begin with it, then those in which a word
/// does, then those in which every word of it occurs. An empty query finds all, in their order.
#[must_use]
pub fn search<'a>(names: impl IntoIterator<Item = &'a str>, query: &str, most: usize) -> Vec<usize> {
    let query = folded(query);
    let query = query.trim();
    let mut found = [const { Vec::new() }; 3];
    for (position, name) in names.into_iter().enumerate() {
        if let Some(rank) = rank(&folded(name), query) {
            found[rank].push(position);
        }
    }
    found.into_iter().flatten().take(most).collect()
}

fn rank(name: &str, query: &str) -> Option<usize> {
    if name.starts_with(query) {
        return Some(0);
    }
    if name.contains(&format!(" {query}")) {
        return Some(1);
    }
    // `allstate` is found by `all state`, and `State Farm` by `statefarm`.
    let joined = |text: &str| text.replace(' ', "");
    let holds_all = query.split(' ').all(|word| name.contains(word));
    (holds_all || joined(name).contains(&joined(query))).then_some(2)
}

/// Lower case, with every mark between words as one blank. Letters beyond ASCII stay as they are: tables of all of
/// them would weigh more than the rest of a page's search.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_alphanumeric() || !character.is_ascii() {
            folded.push(character.to_ascii_lowercase());
        } else if character != '\'' && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 7] = [
        "Allstate",
        "State Farm",
        "Auto-Owners",
        "USAA",
        "Farmers",
        "The Hartford",
        "Tri-State Farmers' Mutual",
    ];

    fn found(query: &str) -> Vec<&'static str> {
        search(NAMES, query, 10).into_iter().map(|position| NAMES[position]).collect()
    }

    #[test]
    fn the_best_comes_first() {
        assert_eq!(found("state"), ["State Farm", "Tri-State Farmers' Mutual", "Allstate"]);
        assert_eq!(found("farm"), ["Farmers", "State Farm", "Tri-State Farmers' Mutual"]);
        assert_eq!(found("hart"), ["The Hartford"]);
    }

    #[test]
    fn spelling_is_taken_lightly() {
        assert_eq!(found("  STATE   farm")[0], "State Farm");
        assert_eq!(found("statefarm"), ["State Farm", "Tri-State Farmers' Mutual"]);
        assert_eq!(found("auto owners"), ["Auto-Owners"]);
        assert_eq!(found("all state"), ["Allstate"]);
        assert_eq!(found("farmers mutual"), ["Tri-State Farmers' Mutual"]);
    }

    #[test]
    fn nothing_typed_is_everything_and_nonsense_nothing() {
        assert_eq!(found(" ").len(), NAMES.len());
        assert_eq!(search(NAMES, "", 2), [0, 1]);
        assert!(found("zzz").is_empty());
    }
}
