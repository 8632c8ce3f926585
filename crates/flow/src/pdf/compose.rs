//! Letters that came in parts, a letter and its marks, as the one that the font has. Some systems write names so.
//!
//! Unicode's normal form C, for the letters of the font and in any order of the marks, without Unicode's tables.

/// A mark, the letters that it stands with, and what each of them is with it.
const MARKS: &[(char, &str, &str)] = &[
    ('\u{300}', "AEIOUaeiouWwÂâĂăÊêÔôƠơƯưYy", "ÀÈÌÒÙàèìòùẀẁẦầẰằỀềỒồỜờỪừỲỳ"),
    ('\u{301}', "AEIOUYaeiouyCcLlNnRrSsZzWwÂâĂăÊêÔôƠơƯư", "ÁÉÍÓÚÝáéíóúýĆćĹĺŃńŔŕŚśŹźẂẃẤấẮắẾếỐốỚớỨứ"),
    (
        '\u{302}',
        "AEIOUaeiouCcGgHhJjSsWwYyÁáÀàẢảÃãẠạÉéÈèẺẻẼẽẸẹÓóÒòỎỏÕõỌọ",
        "ÂÊÎÔÛâêîôûĈĉĜĝĤĥĴĵŜŝŴŵŶŷẤấẦầẨẩẪẫẬậẾếỀềỂểỄễỆệỐốỒồỔổỖỗỘộ",
    ),
    ('\u{303}', "ANOanoIiUuÂâĂăEeÊêÔôƠơƯưYy", "ÃÑÕãñõĨĩŨũẪẫẴẵẼẽỄễỖỗỠỡỮữỸỹ"),
    ('\u{304}', "AaEeIiOoUu", "ĀāĒēĪīŌōŪū"),
    ('\u{306}', "AaEeGgIiOoUuÁáÀàẢảÃãẠạ", "ĂăĔĕĞğĬĭŎŏŬŭẮắẰằẲẳẴẵẶặ"),
    ('\u{307}', "CcEeGgIZz", "ĊċĖėĠġİŻż"),
    ('\u{308}', "AEIOUaeiouyYWw", "ÄËÏÖÜäëïöüÿŸẄẅ"),
    ('\u{309}', "AaÂâĂăEeÊêIiOoÔôƠơUuƯưYy", "ẢảẨẩẲẳẺẻỂểỈỉỎỏỔổỞởỦủỬửỶỷ"),
    ('\u{30a}', "AaUu", "ÅåŮů"),
    ('\u{30b}', "OoUu", "ŐőŰű"),
    ('\u{30c}', "CcDdEeLlNnRrSsTtZz", "ČčĎďĚěĽľŇňŘřŠšŤťŽž"),
    ('\u{31b}', "OoUuÓóÒòỎỏÕõỌọÚúÙùỦủŨũỤụ", "ƠơƯưỚớỜờỞởỠỡỢợỨứỪừỬửỮữỰự"),
    ('\u{323}', "AaÂâĂăEeÊêIiOoÔôƠơUuƯưYy", "ẠạẬậẶặẸẹỆệỊịỌọỘộỢợỤụỰựỴỵ"),
    ('\u{326}', "SsTt", "ȘșȚț"),
    ('\u{327}', "CcGgKkLlNnRrSsTt", "ÇçĢģĶķĻļŅņŖŗŞşŢţ"),
    ('\u{328}', "AaEeIiUu", "ĄąĘęĮįŲų"),
    ('\u{338}', "=", "≠"),
];

/// The letter that a letter is with a mark.
pub fn composed(letter: char, mark: char) -> Option<char> {
    let (_, letters, composed) = MARKS.iter().find(|(other, ..)| *other == mark)?;
    letters.chars().zip(composed.chars()).find(|(other, _)| *other == letter).map(|(_, composed)| composed)
}
