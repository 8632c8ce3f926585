//! Whether the page's search finds the companies of a list as long as the real one by what people type.

use canopy::directory::Directory;

use crate::{carriers, ids};

/// What is typed, and the company that is meant.
const TYPED: [(&str, &str); 96] = [
    ("farmers insurance", "Farmers"),
    ("erie insurance", "Erie"),
    ("allstate insurance company", "Allstate"),
    ("american family insurance", "American Family"),
    ("progressive.com", "Progressive"),
    ("amfam", "American Family"),
    ("AmFam Insurance", "American Family"),
    ("U.S.A.A.", "USAA"),
    ("progresive", "Progressive"),
    ("gieco", "GEICO"),
    ("travellers", "Travelers"),
    ("hartfort", "The Hartford"),
    ("state farm", "State Farm"),
    ("State Farm Mutual Automobile Insurance Company", "State Farm"),
    ("state farm fire and casualty", "State Farm"),
    ("statefarm", "State Farm"),
    ("statefarm.com", "State Farm"),
    ("stat farm", "State Farm"),
    ("sate farm", "State Farm"),
    ("st farm", "State Farm"),
    ("state  farm ", "State Farm"),
    ("state farms", "State Farm"),
    ("stae fram", "State Farm"),
    ("state f", "State Farm"),
    ("SF", "State Farm"),
    ("state auto insurance", "State Auto"),
    ("geico", "GEICO"),
    ("www.geico.com", "GEICO"),
    ("https://www.geico.com/login", "GEICO"),
    ("GEICO General Insurance Co.", "GEICO"),
    ("geico insurnace", "GEICO"),
    ("gieco insurence", "GEICO"),
    ("government employees insurance company", "GEICO"),
    ("liberty", "Liberty Mutual"),
    ("libery mutual", "Liberty Mutual"),
    ("liberty mutal", "Liberty Mutual"),
    ("libertymutual.com", "Liberty Mutual"),
    ("liberty mutual group", "Liberty Mutual"),
    ("usaa", "USAA"),
    ("usa a", "USAA"),
    ("United Services Automobile Association", "USAA"),
    ("the hartford", "The Hartford"),
    ("hartford", "The Hartford"),
    ("thehartford.com", "The Hartford"),
    ("hart ford insurance", "The Hartford"),
    ("aarp", "The Hartford"),
    ("farmers ins", "Farmers"),
    ("farmers insurance group of companies", "Farmers"),
    ("farmer's", "Farmers"),
    ("21st century", "Farmers"),
    ("safe co", "Safeco"),
    ("safeco insurance", "Safeco"),
    ("nation wide", "Nationwide"),
    ("nationwide mutual insurance company", "Nationwide"),
    ("nationwde", "Nationwide"),
    ("metlife auto", "MetLife"),
    ("met life", "MetLife"),
    ("NJM", "NJM"),
    ("n.j.m.", "NJM"),
    ("new jersey manufacturers", "NJM"),
    ("country financial", "Country Financial"),
    ("country finacial", "Country Financial"),
    ("country", "Country Financial"),
    ("all state", "Allstate"),
    ("alstate", "Allstate"),
    ("allstate fire & casualty", "Allstate"),
    ("auto owners", "Auto-Owners"),
    ("auto-owners insurance", "Auto-Owners"),
    ("owners insurance", "Auto-Owners"),
    ("progressi", "Progressive"),
    ("progresi", "Progressive"),
    ("progressive casualty insurance company", "Progressive"),
    ("progressive direct", "Progressive"),
    ("progresive direct", "Progressive"),
    ("the general", "The General"),
    ("general insurance", "The General"),
    ("erieinsurance.com", "Erie"),
    ("eerie", "Erie"),
    ("esurance", "Esurance"),
    ("esurence", "Esurance"),
    ("plymouth", "Plymouth Rock"),
    ("plymoth rock", "Plymouth Rock"),
    ("cincinatti", "Cincinnati"),
    ("cinncinati insurance", "Cincinnati"),
    ("cinfin.com", "Cincinnati"),
    ("wawaneesa", "Wawanesa"),
    ("clear cover", "Clearcover"),
    ("bristolwest", "Bristol West"),
    ("mapfree", "MAPFRE"),
    ("root car insurance", "Root"),
    ("joinroot.com", "Root"),
    ("chub", "Chubb"),
    ("national general", "National General"),
    ("natgen", "National General"),
    ("iowa farm bureau", "Iowa Farm Bureau"),
    ("farm bureau minesota", "Minnesota Farm Bureau"),
];

/// Names of the list with their homepages, or without.
fn list(has_homepages: bool) -> Vec<(&'static str, &'static str)> {
    let text = |carrier: &'static serde_json::Value, name: &str| carrier[name].as_str().unwrap_or_default();
    let company =
        |carrier| (text(carrier, "name"), if has_homepages { text(carrier, "homepageUrl") } else { "" });
    carriers::list(None).into_iter().map(company).collect()
}

#[test]
fn what_people_type_finds_their_company_first() {
    for has_homepages in [false, true] {
        let list = list(has_homepages);
        let directory = Directory::new(list.iter().copied());
        let first = |typed: &str| directory.find(typed, 1).first().map(|position| list[*position].0);
        let wrong: Vec<_> = TYPED.iter().filter(|(typed, name)| first(typed) != Some(name)).collect();
        let said: Vec<_> = wrong.iter().map(|(typed, _)| first(typed)).collect();
        assert!(wrong.is_empty(), "{wrong:?} found {said:?}");
    }
}

#[test]
fn each_name_finds_its_company_first_and_so_does_all_of_it_but_the_last_letter() {
    let list = list(true);
    let directory = Directory::new(list.iter().copied());
    for (position, (name, _)) in list.iter().enumerate() {
        assert_eq!(directory.find(name, 1), [position], "{name}");
        assert!(directory.find(&name[..name.len() - 1], usize::MAX).contains(&position), "{name}");
    }
}

#[test]
fn nonsense_finds_nothing() {
    let directory = Directory::new(list(true));
    for typed in
        ["zzz", "asdfghjkl", "12345", "xyzzy", "insurance company", "qqq insurance", "nobody", "roof repair"]
    {
        assert!(directory.find(typed, 10).is_empty(), "{typed}: {:?}", directory.find(typed, 10));
    }
}

/// A letter of `word` missing, one too many, a wrong one, or two in the wrong order, by `seed`.
fn misspelt(word: &str, seed: &str) -> String {
    let mut letters: Vec<char> = word.to_lowercase().chars().collect();
    let number = |what: &str, limit: usize| ids::derived_number(&[seed, word, what], limit as u64) as usize;
    let (place, letter) = (number("place", letters.len()), char::from(b'a' + number("letter", 26) as u8));
    match number("kind", 4) {
        0 => drop(letters.remove(place)),
        1 => letters.insert(place, letter),
        2 => letters[place] = letter,
        _ => {
            let place = place.min(letters.len() - 2);
            letters.swap(place, place + 1);
        }
    }
    letters.into_iter().collect()
}

#[test]
fn of_200_names_with_a_typo_95_in_100_find_their_company_first() {
    let list = list(true);
    let directory = Directory::new(list.iter().copied());
    // The well-known ones: the others differ from each other in one word.
    let known: Vec<usize> = (0..46).filter(|position| list[*position].0.len() >= 4).collect();
    let cases: Vec<(usize, String)> = (0..200)
        .map(|case| {
            let position = known[case % known.len()];
            let typed = misspelt(list[position].0, &format!("first {case}"));
            // Two from eight letters, in one query of three.
            let is_twice = list[position].0.len() >= 8 && case % 3 == 0;
            (position, if is_twice { misspelt(&typed, &format!("second {case}")) } else { typed })
        })
        .collect();
    let missed: Vec<_> = cases
        .iter()
        .filter(|(position, typed)| directory.find(typed, 1) != [*position])
        .map(|(position, typed)| (list[*position].0, typed, directory.find(typed, 3)))
        .collect();
    assert!(missed.len() <= 10, "{} missed: {missed:?}", missed.len());
}
