//! Rows of cells over as many pages as they need.

use pdf_writer::types::StructRole;

use super::{
    canvas::Canvas,
    document::Align,
    error::PdfError,
    page::{Fill, Node, Run, Tree},
    style::{BOTTOM, COLUMN_PADDING, Colour, ROW_PADDING, RULE, SHADE, SIDE, Style, THIN, TOP, WIDTH},
};

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Track {
    /// Of its left edge.
    pub x: f32,
    pub width: f32,
    pub align: Align,
    pub style: Style,
    /// Whether its cells are the headings of their rows.
    pub heads: bool,
}

/// Columns side by side from the left margin.
pub fn tracks(columns: impl IntoIterator<Item = (f32, Align, Style, bool)>) -> Vec<Track> {
    let mut x = SIDE;
    let track = |(width, align, style, heads)| {
        let track = Track { x, width, align, style, heads };
        x += width;
        track
    };
    columns.into_iter().map(track).collect()
}

/// The lines of each cell of a row.
type Lines = Vec<Vec<String>>;

/// The heading row of a table.
#[derive(Debug)]
pub struct Head {
    tracks: Vec<Track>,
    lines: Lines,
    /// How much room it needs.
    pub height: f32,
}

impl Head {
    /// A heading row above `tracks`.
    pub fn new<'t>(
        canvas: &Canvas<'_>,
        tracks: &[Track],
        style: Style,
        titles: impl IntoIterator<Item = &'t str>,
    ) -> Self {
        let tracks: Vec<_> = tracks.iter().map(|track| Track { style, ..*track }).collect();
        let lines = wrap(canvas, &tracks, titles);
        let height = height(&tracks, &lines);
        Self { tracks, lines, height }
    }
}

/// The lines of a row.
pub fn wrap<'t>(canvas: &Canvas<'_>, tracks: &[Track], texts: impl IntoIterator<Item = &'t str>) -> Lines {
    let cell =
        |(track, text): (&Track, &str)| canvas.wrap(track.style, track.width - 2.0 * COLUMN_PADDING, text);
    tracks.iter().zip(texts).map(cell).collect()
}

/// How much room a row needs.
pub fn height(tracks: &[Track], lines: &Lines) -> f32 {
    let leading = |(track, lines): (&Track, &Vec<String>)| track.style.leading * lines.len().max(1) as f32;
    tracks.iter().zip(lines).map(leading).fold(0.0, f32::max) + 2.0 * ROW_PADDING
}

fn runs(canvas: &Canvas<'_>, track: &Track, lines: &[String]) -> Vec<Run> {
    let (x, width) = (track.x + COLUMN_PADDING, track.width - 2.0 * COLUMN_PADDING);
    canvas.runs(track.style, lines, x, width, track.align, ROW_PADDING)
}

fn cell(canvas: &mut Canvas<'_>, row: Node, heads: bool) -> Node {
    if heads { canvas.tree.push_row_heading(row) } else { canvas.tree.push(row, StructRole::TD) }
}

fn band(y: f32, height: f32, colour: Colour) -> Fill {
    Fill { x: SIDE, y, width: WIDTH, height, colour }
}

/// A table while its rows are laid out.
#[derive(Debug)]
pub struct Grid {
    tracks: Vec<Track>,
    head: Option<Head>,
    /// The element that rows go into.
    body: Node,
}

impl Grid {
    /// A table without rows.
    pub fn begin(canvas: &mut Canvas<'_>, tracks: Vec<Track>, head: Option<Head>) -> Self {
        let table = canvas.tree.push(Tree::ROOT, StructRole::Table);
        let section = |canvas: &mut Canvas<'_>, role| canvas.tree.push(table, role);
        let cells = head.as_ref().map(|_| {
            let section = section(canvas, StructRole::THead);
            let row = canvas.tree.push(section, StructRole::TR);
            tracks.iter().map(|_| canvas.tree.push(row, StructRole::TH)).collect::<Vec<_>>()
        });
        let body = section(canvas, StructRole::TBody);
        let grid = Self { tracks, head, body };
        grid.draw_head(canvas, cells.as_deref());
        grid
    }

    /// The heading row: of `cells` where the table begins, for the eye alone where it goes on.
    fn draw_head(&self, canvas: &mut Canvas<'_>, cells: Option<&[Node]>) {
        let Some(head) = &self.head else { return };
        canvas.fill(band(canvas.y, head.height, SHADE));
        for (index, (track, lines)) in head.tracks.iter().zip(&head.lines).enumerate() {
            let runs = runs(canvas, track, lines);
            match cells {
                Some(cells) => canvas.mark(cells[index], runs),
                None => canvas.repeat(runs),
            }
        }
        canvas.y += head.height;
        canvas.fill(band(canvas.y - THIN, THIN, RULE));
    }

    /// A row below the rows so far. One that is higher than a page goes on on the next.
    ///
    /// # Errors
    /// [`PdfError::TooLong`].
    pub fn row(&self, canvas: &mut Canvas<'_>, lines: &Lines) -> Result<(), PdfError> {
        let height = height(&self.tracks, lines);
        let fresh = BOTTOM - TOP - self.head.as_ref().map_or(0.0, |head| head.height);
        if height > BOTTOM - canvas.y && height <= fresh {
            self.turn(canvas)?;
        }
        let row = canvas.tree.push(self.body, StructRole::TR);
        let cells: Vec<_> = self.tracks.iter().map(|track| cell(canvas, row, track.heads)).collect();
        let count = lines.iter().map(Vec::len).max().unwrap_or_default().max(1);
        let leading = self.tracks.iter().map(|track| track.style.leading).fold(1.0, f32::max);
        let mut from = 0;
        loop {
            let room = canvas.lines_left(leading, 2.0 * ROW_PADDING);
            let to = count.min(from + room);
            // Of a row that goes on, no page has less than two lines; a page that begins with it has room for more.
            if to < count && room < 2 {
                self.turn(canvas)?;
                continue;
            }
            for ((track, lines), cell) in self.tracks.iter().zip(lines).zip(&cells) {
                let part = &lines[from.min(lines.len())..to.min(lines.len())];
                if !part.is_empty() {
                    let runs = runs(canvas, track, part);
                    canvas.mark(*cell, runs);
                }
            }
            canvas.y += leading * (to - from) as f32 + 2.0 * ROW_PADDING;
            canvas.fill(band(canvas.y - THIN, THIN, RULE));
            if to == count {
                return Ok(());
            }
            self.turn(canvas)?;
            from = to;
        }
    }

    fn turn(&self, canvas: &mut Canvas<'_>) -> Result<(), PdfError> {
        canvas.turn()?;
        self.draw_head(canvas, None);
        Ok(())
    }
}
