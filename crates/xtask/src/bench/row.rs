//! The rows of the table: what is sent, and where to.

use super::webhook::{Shot, Template};

/// Signs what is to be believed.
pub const SIGNING_SECRET: &str = "bench-signing-secret";

/// Pulls that events are spread over where there are many.
const MANY: u64 = 500;
/// Requests that a Worker warms up with where a pass over its pulls would be fewer.
const WARM_UP: u64 = 200;

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What `--only` calls it.
    pub name: &'static str,
    /// What the table calls it.
    pub title: &'static str,
    size: usize,
    pulls: Pulls,
    /// Events in the log of the one pull before the first round.
    prefilled: u64,
    /// Status of each answer.
    pub status: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pulls {
    Many,
    One,
    New,
}

const fn row(name: &'static str, title: &'static str, size: usize, pulls: Pulls) -> Row {
    Row { name, title, size, pulls, prefilled: 0, status: 200 }
}

pub const ROWS: [Row; 9] = [
    row("small", "0.7 KB, 500 pulls", 700, Pulls::Many),
    row("medium", "8 KB, 500 pulls", 8_000, Pulls::Many),
    row("large", "64 KB, 500 pulls", 64_000, Pulls::Many),
    row("hot", "0.7 KB, one hot pull", 700, Pulls::One),
    row("first", "first event of a pull", 700, Pulls::New),
    Row { prefilled: 1_000, ..row("early", "1,000th event of one", 700, Pulls::One) },
    Row { prefilled: 10_000, ..row("late", "10,000th event of one", 700, Pulls::One) },
    Row { prefilled: 100_000, ..row("latest", "100,000th event of one", 700, Pulls::One) },
    Row { status: 401, ..row("refused", "refused signature", 700, Pulls::Many) },
];

impl Row {
    /// Whether a Worker that looks at no signature can take part.
    pub fn is_about_storing(&self) -> bool {
        self.status == 200
    }

    /// Events to send before the first round.
    pub fn prefilled(&self) -> u64 {
        self.prefilled
    }

    /// Events to send, unmeasured, before each round: one for each pull, so that none of them sleeps.
    pub fn warm_up(&self) -> u64 {
        if self.pulls == Pulls::Many { MANY } else { WARM_UP }
    }
}

/// Makes the requests of one row for one Worker: no body twice.
#[derive(Debug)]
pub struct Magazine {
    row: Row,
    pub template: Template,
    used: u64,
}

impl Magazine {
    pub fn new(row: Row) -> Self {
        Self { row, template: Template::new(row.size), used: 0 }
    }

    /// The next `count` shots, signed at this moment.
    pub fn fill(&mut self, count: u64) -> anyhow::Result<Vec<Shot>> {
        self.template.stamp()?;
        let secret = if self.row.status == 200 { SIGNING_SECRET } else { "another-secret" };
        let first = self.used;
        self.used += count;
        let pull = |number: u64| match self.row.pulls {
            Pulls::Many => number % MANY,
            Pulls::One => 0,
            Pulls::New => number,
        };
        Ok((first..self.used).map(|number| self.template.shot(pull(number), number, secret)).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_body_is_sent_twice() {
        for row in ROWS {
            let mut magazine = Magazine::new(row);
            let shots = [magazine.fill(600).unwrap(), magazine.fill(600).unwrap()].concat();
            let requests: HashSet<Vec<u8>> =
                shots.iter().map(|shot| magazine.template.load(shot).to_vec()).collect();
            assert_eq!(requests.len(), 1_200, "{}", row.name);
        }
    }
}
