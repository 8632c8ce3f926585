use super::Directory;

const NAMES: [&str; 10] = [
    "Allstate",
    "State Farm",
    "Auto-Owners",
    "USAA",
    "Farmers",
    "The Hartford",
    "Tri-State Farmers' Mutual",
    "Esurance",
    "Farmers Alliance",
    "Mu\u{308}ller Assurance",
];

fn found(typed: &str) -> Vec<&'static str> {
    let directory = Directory::new(NAMES.map(|name| (name, "")));
    directory.find(typed, 10).into_iter().map(|position| NAMES[position]).collect()
}

#[test]
fn the_name_comes_before_its_beginning_and_that_before_its_words() {
    assert_eq!(found("farmers"), ["Farmers", "Farmers Alliance", "Tri-State Farmers' Mutual"]);
    assert_eq!(found("state"), ["State Farm", "Tri-State Farmers' Mutual"]);
    assert_eq!(found("farm"), ["Farmers", "Farmers Alliance", "State Farm", "Tri-State Farmers' Mutual"]);
    assert_eq!(found("hart"), ["The Hartford"]);
}

#[test]
fn words_may_be_split_joined_turned_round_and_begun() {
    assert_eq!(found("statefarm"), ["State Farm", "Tri-State Farmers' Mutual"]);
    assert_eq!(found("  STATE   farm")[0], "State Farm");
    assert_eq!(found("all state"), ["Allstate"]);
    assert_eq!(found("auto owners"), ["Auto-Owners"]);
    assert_eq!(found("farm st")[0], "State Farm");
    assert_eq!(found("st farm")[0], "State Farm");
}

#[test]
fn a_word_that_says_nothing_need_not_be_there_but_counts_where_it_is() {
    assert_eq!(found("farmers insurance company")[0], "Farmers");
    assert_eq!(found("tri state mutual")[0], "Tri-State Farmers' Mutual");
    assert_eq!(found("mutual"), ["Tri-State Farmers' Mutual"]);
    assert!(found("insurance").is_empty(), "where nothing else is left it is looked for");
    for typing in ["farmers i", "farmers ins", "farmers insur", "farmers insurance c"] {
        assert_eq!(found(typing)[0], "Farmers", "{typing}");
    }
}

#[test]
fn typos_are_looked_for_where_nothing_else_fits() {
    assert_eq!(found("statte farm")[0], "State Farm");
    assert_eq!(found("statefram")[0], "State Farm");
    assert_eq!(found("hartfo"), ["The Hartford"]);
    assert_eq!(found("hratfo"), ["The Hartford"]);
    assert_eq!(found("farmers aliance")[0], "Farmers Alliance");
    assert_eq!(found("farmres insurnace")[0], "Farmers");
    assert_eq!(found("asurance")[0], "Esurance");
}

#[test]
fn a_name_within_other_words_is_found() {
    assert_eq!(found("state farm fire and casualty florida"), ["State Farm"]);
    assert_eq!(found("hartfort underwriters"), ["The Hartford"]);
    assert!(found("roof repair").is_empty());
}

#[test]
fn what_is_short_for_one_name_finds_it() {
    assert_eq!(found("sf"), ["State Farm"]);
    assert_eq!(found("ao"), ["Auto-Owners"]);
    assert_eq!(found("stfar"), ["State Farm"]);
    let two = Directory::new([("State Farm", ""), ("Shelter First", "")]);
    assert!(two.find("sf", 10).is_empty(), "it may be either");
}

#[test]
fn a_homepage_and_other_names_are_names() {
    let directory =
        Directory::new([("Maple", "https://www.mplins.example/en"), ("The Farmers", ""), ("Maple", "")]);
    assert_eq!(directory.find("mplins", 10), [0]);
    assert_eq!(directory.find("mplins.example", 10), [0]);
    assert_eq!(directory.find("21st century insurance", 10), [1]);
    assert_eq!(directory.find("maple", 10), [0, 2]);
}

#[test]
fn nothing_typed_is_everything_and_nonsense_nothing() {
    let directory = Directory::new(NAMES.map(|name| (name, "")));
    assert_eq!(found(" . ").len(), NAMES.len());
    assert_eq!(directory.find("", 2), [0, 1]);
    assert_eq!(directory.find("farm", 2), [4, 8]);
    assert_eq!(directory.find("farm", 0), [0_usize; 0]);
    for nonsense in ["zzz", "qwertyuiop", "xx xx", "123456", "日本"] {
        assert!(found(nonsense).is_empty(), "{nonsense}");
    }
    assert!(Directory::new([("", ""), ("...", "x.example")]).find("x", 10).is_empty());
}

#[test]
fn letters_with_accents_are_letters() {
    assert_eq!(found("mu\u{308}ller"), ["Mu\u{308}ller Assurance"]);
    assert_eq!(found("muller"), ["Mu\u{308}ller Assurance"]);
    assert_eq!(found("mu\u{308}lller"), ["Mu\u{308}ller Assurance"]);
    assert!(found("ß ж é").is_empty());
}
