//! Whatever is written: it is refused, or it is the same when it is written out.

use proptest::{prelude::*, sample::Index};

use super::{Select, SqlError, accepted};

const PIECES: &[&str] = &[
    " ",
    "(",
    ")",
    ",",
    ";",
    "'",
    "\"",
    "`",
    "[",
    "]",
    "--",
    "/*",
    "*/",
    "\n",
    "?1",
    "?",
    "||",
    "->",
    ".",
    "*",
    "-",
    "\\",
    "x'",
    "SELECT",
    "FROM",
    "WITH",
    "RECURSIVE",
    "AS",
    "IN",
    "JOIN",
    "UNION",
    "VALUES",
    "audit",
    "pulls",
    "json_each",
    "OVER",
    "WINDOW",
    "FILTER",
    "ORDER BY",
    "LIMIT",
    "NOT",
    "INDEXED BY",
    "CASE",
    "END",
    "NULL",
    "é",
    "\u{0}",
    "1",
    "1e",
    "0x",
];

/// One of the corpus, with pieces put in, taken out and doubled.
fn mutated() -> impl Strategy<Value = String> {
    let edit = (any::<Index>(), any::<Index>(), 0..12usize, prop::sample::select(PIECES));
    (any::<Index>(), prop::collection::vec(edit, 0..6)).prop_map(|(which, edits)| {
        let corpus: Vec<_> = accepted().collect();
        let mut text: Vec<_> = which.get(&corpus).chars().collect();
        for (at, from, length, piece) in edits {
            let at = at.index(text.len() + 1);
            match length {
                0..4 => drop(text.splice(at..at, piece.chars())),
                4..8 => drop(text.splice(at..(at + length).min(text.len()), piece.chars())),
                _ => {
                    let from = from.index(text.len() + 1);
                    let part = text[from..(from + length).min(text.len())].to_vec();
                    drop(text.splice(at..at, part));
                }
            }
        }
        text.into_iter().collect()
    })
}

fn holds(sql: &str) -> Result<(), TestCaseError> {
    let read = Select::read(sql);
    prop_assert_ne!(read.as_ref(), Err(&SqlError::Unstable), "{}", sql);
    if let Ok(select) = read {
        let again = Select::read(select.text());
        // What is written out may be longer than what is read.
        prop_assert!(again == Ok(select.clone()) || again == Err(SqlError::TooLong), "{}: {:?}", sql, again);
    }
    Ok(())
}

proptest! {
    #[test]
    fn what_is_left_of_mutated_sql_is_refused_or_stays_the_same(sql in mutated()) {
        holds(&sql)?;
    }

    #[test]
    fn pieces_in_any_order_are_refused_or_stay_the_same(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        holds(&format!("SELECT {}", pieces.concat()))?;
        holds(&format!("SELECT {}", pieces.join(" ")))?;
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>()) {
        holds(&text)?;
        holds(&format!("SELECT {text}"))?;
    }
}
