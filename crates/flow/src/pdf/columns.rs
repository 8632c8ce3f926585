//! How wide the columns of a table are.

use super::{
    face::Face,
    style::{COLUMN_LEAST, COLUMN_PADDING, Style},
    wrap::words,
};

/// The rows that widths follow. What stands below them is wrapped into the widths all the same.
pub const MEASURED: usize = 300;

/// The most of a table's width that one column asks for.
const GREEDIEST: f32 = 0.6;

/// What a column needs, padding included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Need {
    /// For its longest word on a line.
    pub least: f32,
    /// For its longest text on one line.
    pub whole: f32,
}

impl Need {
    /// What a text needs.
    pub fn of(face: &Face, style: Style, text: &str) -> Self {
        let width = |text: &str| {
            face.width(None, text.trim_end_matches(' '), style.size) + 2.0 * COLUMN_PADDING + 0.1
        };
        let widest = |widths: &mut dyn Iterator<Item = f32>| widths.fold(COLUMN_LEAST, f32::max);
        Self {
            least: widest(&mut text.split('\n').flat_map(words).map(width)),
            whole: widest(&mut text.split('\n').map(width)),
        }
    }

    /// What both need.
    pub fn and(self, other: Self) -> Self {
        Self { least: self.least.max(other.least), whole: self.whole.max(other.whole) }
    }
}

/// Widths by what is in the columns: all on one line if there is room, otherwise each its longest word and a share of the rest.
pub fn by_need(needs: &[Need], width: f32) -> Vec<f32> {
    let most = (width * GREEDIEST).max(width / needs.len() as f32);
    let wholes: Vec<_> = needs.iter().map(|need| need.whole.min(most)).collect();
    let leasts: Vec<_> = needs.iter().map(|need| need.least.min(most)).collect();
    let (whole, least): (f32, f32) = (wholes.iter().sum(), leasts.iter().sum());
    if whole <= width {
        return wholes.iter().map(|whole_of_one| whole_of_one * width / whole).collect();
    }
    if least <= width {
        return shared(&wholes, leasts, width - least);
    }
    // Long words break, short ones and numbers do not.
    let equal = vec![COLUMN_LEAST; needs.len()];
    shared(&leasts, equal, width - COLUMN_LEAST * needs.len() as f32)
}

/// Shares out what is free: who asks for less than an equal share has all of it, the others share the rest.
fn shared(asked: &[f32], mut widths: Vec<f32>, mut free: f32) -> Vec<f32> {
    let mut order: Vec<_> = (0..widths.len()).collect();
    order.sort_by(|a, b| (asked[*a] - widths[*a]).total_cmp(&(asked[*b] - widths[*b])));
    for (done, column) in order.iter().enumerate() {
        let more = (asked[*column] - widths[*column]).min(free / (order.len() - done) as f32);
        widths[*column] += more;
        free -= more;
    }
    widths
}

/// Widths by weight, none less than the least.
pub fn by_weight(weights: &[f32], width: f32) -> Vec<f32> {
    let all: f32 = weights.iter().sum();
    let free = width - COLUMN_LEAST * weights.len() as f32;
    // A column is to be as wide as its weight says, unless that is less than the least.
    let plain: Vec<_> = weights.iter().map(|weight| weight / all * width).collect();
    if plain.iter().all(|width| *width >= COLUMN_LEAST) {
        return plain;
    }
    weights.iter().map(|weight| COLUMN_LEAST + weight / all * free).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pdf::{bound, style::WIDTH};

    #[test]
    fn columns_have_room_for_their_texts_where_there_is_any() {
        let needs = [Need { least: 40.0, whole: 60.0 }, Need { least: 50.0, whole: 100.0 }];
        let widths = by_need(&needs, 320.0);
        assert_eq!(widths, [120.0, 200.0]);
        assert_eq!(by_need(&needs, 130.0), [60.0, 70.0]);
        assert_eq!(by_need(&needs, 80.0), [40.0, 40.0]);
        assert_eq!(by_weight(&[3.0, 1.0], 320.0), [240.0, 80.0]);
    }

    proptest! {
        #[test]
        fn columns_fill_the_width_and_none_is_too_narrow(
            needs in proptest::collection::vec((36.0_f32..9_000.0, 1.0_f32..9.0), 1..=bound::COLUMNS),
        ) {
            let needs: Vec<_> =
                needs.into_iter().map(|(least, more)| Need { least, whole: least * more }).collect();
            let weights: Vec<_> = needs.iter().map(|need| need.whole / bound::WEIGHT).collect();
            for widths in [by_need(&needs, WIDTH), by_weight(&weights, WIDTH)] {
                prop_assert!((widths.iter().sum::<f32>() - WIDTH).abs() < 0.1);
                prop_assert!(widths.iter().all(|width| *width >= COLUMN_LEAST - 0.1));
            }
        }
    }
}
