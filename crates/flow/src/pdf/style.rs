//! How a document looks. Lengths are in points, from the top left of a page; colours are parts of red, green and blue.

use super::face::Weight;

/// US letter.
pub const PAGE: (f32, f32) = (612.0, 792.0);

/// Of the page to the left and right of what is on it.
pub const SIDE: f32 = 54.0;

/// Where what is on a page begins, and where it ends at the latest.
pub const TOP: f32 = 54.0;
pub const BOTTOM: f32 = 728.0;

/// The width between the margins.
pub const WIDTH: f32 = PAGE.0 - 2.0 * SIDE;

/// The rule above a page's foot, and the foot's line.
pub const FOOT_RULE: f32 = 744.0;
pub const FOOT_LINE: f32 = 750.0;

/// A colour.
pub type Colour = [f32; 3];

pub const INK: Colour = [0.09, 0.13, 0.19];
/// Stands 6 to 1 against the page, and 5.5 to 1 against [`SHADE`]. Source: WCAG 2.2, 1.4.3, which asks for 4.5 to 1.
pub const SOFT: Colour = [0.35, 0.4, 0.47];
pub const RULE: Colour = [0.85, 0.87, 0.9];
pub const SHADE: Colour = [0.952, 0.96, 0.97];
pub const ACCENT: Colour = [0.07, 0.36, 0.42];

/// What a text looks like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    pub weight: Weight,
    pub size: f32,
    /// From one line to the next.
    pub leading: f32,
    pub colour: Colour,
}

const fn style(weight: Weight, size: f32, leading: f32, colour: Colour) -> Style {
    Style { weight, size, leading, colour }
}

pub const TITLE: Style = style(Weight::Bold, 21.0, 26.0, INK);
pub const SUBTITLE: Style = style(Weight::Regular, 10.5, 15.0, SOFT);
pub const HEADING: Style = style(Weight::Bold, 12.5, 17.0, INK);
pub const BODY: Style = style(Weight::Regular, 9.5, 14.5, INK);
pub const LABEL: Style = style(Weight::Regular, 9.0, 13.0, SOFT);
pub const VALUE: Style = style(Weight::Regular, 9.0, 13.0, INK);
pub const HEAD: Style = style(Weight::Bold, 8.0, 11.0, SOFT);
pub const CELL: Style = style(Weight::Regular, 8.5, 12.0, INK);
pub const FOOT: Style = style(Weight::Regular, 7.5, 10.0, SOFT);

/// The bar above the title: width and height.
pub const BAR: (f32, f32) = (36.0, 3.0);

/// How thick rules are.
pub const THIN: f32 = 0.5;

/// Between the lines of a row and its rules, and between a column's edge and its text.
pub const ROW_PADDING: f32 = 4.0;
pub const COLUMN_PADDING: f32 = 6.0;

/// Tables of so few rows, which need so much room at the most, are on one page.
pub const TOGETHER: usize = 10;
pub const TOGETHER_HEIGHT: f32 = (BOTTOM - TOP) / 3.0;

/// The most of the width that labels of facts take, and the least that a column of a table is wide.
pub const LABELS: f32 = 0.4;
pub const COLUMN_LEAST: f32 = 36.0;

/// Below each part.
pub const AFTER_BAR: f32 = 14.0;
pub const AFTER_TITLE: f32 = 4.0;
pub const AFTER_TOP: f32 = 18.0;
pub const BEFORE_HEADING: f32 = 12.0;
pub const AFTER_HEADING: f32 = 6.0;
pub const AFTER_TEXT: f32 = 8.0;
pub const AFTER_TABLE: f32 = 14.0;
pub const BEFORE_LINE: f32 = 6.0;
pub const AFTER_LINE: f32 = 12.0;
pub const SPACE: f32 = 14.0;
