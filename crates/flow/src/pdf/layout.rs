//! From a document to its pages.

use std::borrow::Cow;

use pdf_writer::types::StructRole;

use super::{
    canvas::Canvas,
    clean::cleaned,
    columns::{MEASURED, Need, by_need, by_weight},
    document::{Align, Block, Cell, Document, Table},
    error::PdfError,
    face::Faces,
    foot,
    grid::{self, Grid, Head},
    page::{Fill, Page, Tree},
    style::{self, Style},
};

/// A document's pages and what is on them means.
#[derive(Debug)]
pub struct Pages {
    pub pages: Vec<Page>,
    pub tree: Tree,
}

/// Lays a document out that is within its bounds.
pub fn lay_out(document: &Document, faces: &Faces) -> Result<Pages, PdfError> {
    let mut layout = Layout { canvas: Canvas::new(faces), headings: Vec::new() };
    layout.top(document)?;
    for (index, block) in document.blocks.iter().enumerate() {
        layout.canvas.at = format!("/blocks/{index}");
        match block {
            Block::Heading(text) => layout.heading(text),
            Block::Text(text) => layout.text(text)?,
            Block::Facts(facts) => layout.facts(facts)?,
            Block::Table(table) => layout.table(table)?,
            Block::Line(_) => layout.line()?,
            Block::Space(_) => layout.space()?,
        }
    }
    layout.make_room(0.0)?;
    let Canvas { mut pages, tree, .. } = layout.canvas;
    foot::draw(document, faces, &mut pages);
    Ok(Pages { pages, tree })
}

#[derive(Debug)]
struct Layout<'f> {
    canvas: Canvas<'f>,
    /// Lines of headings that wait for what follows them.
    headings: Vec<Vec<String>>,
}

impl Layout<'_> {
    fn top(&mut self, document: &Document) -> Result<(), PdfError> {
        let (width, height) = style::BAR;
        self.canvas.fill(Fill { x: style::SIDE, y: self.canvas.y, width, height, colour: style::ACCENT });
        self.canvas.y += height + style::AFTER_BAR;
        "/title".clone_into(&mut self.canvas.at);
        self.paragraph(StructRole::H1, style::TITLE, &document.title)?;
        if let Some(subtitle) = &document.subtitle {
            "/subtitle".clone_into(&mut self.canvas.at);
            self.canvas.skip(style::AFTER_TITLE);
            self.paragraph(StructRole::P, style::SUBTITLE, subtitle)?;
        }
        self.canvas.skip(style::AFTER_TOP);
        Ok(())
    }

    fn heading(&mut self, text: &str) {
        let lines = self.canvas.wrap(style::HEADING, style::WIDTH, &cleaned(text));
        if !lines.is_empty() {
            self.headings.push(lines);
        }
    }

    fn text(&mut self, text: &str) -> Result<(), PdfError> {
        let lines = self.canvas.wrap(style::BODY, style::WIDTH, &cleaned(text));
        // As many lines as do not stand apart from their paragraph: see `lines`.
        let together = if lines.len() <= 3 { lines.len() } else { 2 };
        self.make_room(style::BODY.leading * together as f32)?;
        self.lines(StructRole::P, style::BODY, &lines)?;
        self.canvas.skip(if lines.is_empty() { 0.0 } else { style::AFTER_TEXT });
        Ok(())
    }

    fn line(&mut self) -> Result<(), PdfError> {
        self.make_room(style::BEFORE_LINE + style::THIN)?;
        self.canvas.skip(style::BEFORE_LINE);
        let (x, y, width, height) = (style::SIDE, self.canvas.y, style::WIDTH, style::THIN);
        self.canvas.fill(Fill { x, y, width, height, colour: style::RULE });
        self.canvas.y += style::AFTER_LINE;
        Ok(())
    }

    fn space(&mut self) -> Result<(), PdfError> {
        self.make_room(0.0)?;
        self.canvas.skip(style::SPACE);
        Ok(())
    }

    fn facts(&mut self, facts: &[(String, Cell)]) -> Result<(), PdfError> {
        if facts.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> = facts.iter().map(|(label, value)| [cleaned(label), text_of(value)]).collect();
        let face = self.canvas.face(style::LABEL);
        let need = rows.iter().map(|[label, _]| Need::of(face, style::LABEL, label).whole);
        // A third at the least, so that the facts of several blocks are in line.
        let labels = need.fold(style::WIDTH / 3.0, f32::max).min(style::WIDTH * style::LABELS);
        let tracks = grid::tracks([
            (labels, Align::Left, style::LABEL, true),
            (style::WIDTH - labels, Align::Left, style::VALUE, false),
        ]);
        self.rows(tracks, None, &rows)
    }

    fn table(&mut self, table: &Table) -> Result<(), PdfError> {
        let rows: Vec<Vec<_>> = table.rows.iter().map(|row| row.iter().map(text_of).collect()).collect();
        let titles: Vec<_> = table.columns.iter().map(|column| cleaned(&column.title)).collect();
        let widths = self.widths(table, &titles, &rows);
        let columns = table.columns.iter().enumerate().zip(widths);
        let tracks = grid::tracks(columns.map(|((index, column), width)| {
            (width, column.align.unwrap_or_else(|| align(table, index)), style::CELL, false)
        }));
        let head = Head::new(&self.canvas, &tracks, style::HEAD, titles.iter().map(String::as_str));
        self.rows(tracks, Some(head), &rows)
    }

    fn widths(&self, table: &Table, titles: &[String], rows: &[Vec<String>]) -> Vec<f32> {
        if table.columns.iter().any(|column| column.width.is_some()) {
            let weights: Vec<_> = table.columns.iter().map(|column| column.width.unwrap_or(1.0)).collect();
            return by_weight(&weights, style::WIDTH);
        }
        let need = |style: Style, text: &str| Need::of(self.canvas.face(style), style, text);
        let needs = titles.iter().enumerate().map(|(index, title)| {
            let cells = rows.iter().take(MEASURED).map(|row| need(style::CELL, &row[index]));
            cells.fold(need(style::HEAD, title), Need::and)
        });
        by_need(&needs.collect::<Vec<_>>(), style::WIDTH)
    }

    fn rows<R: AsRef<[String]>>(
        &mut self,
        tracks: Vec<grid::Track>,
        head: Option<Head>,
        rows: &[R],
    ) -> Result<(), PdfError> {
        let wrapped = |canvas: &Canvas<'_>, row: &R| {
            grid::wrap(canvas, &tracks, row.as_ref().iter().map(String::as_str))
        };
        let height = |row: &R| grid::height(&tracks, &wrapped(&self.canvas, row));
        let head_height = head.as_ref().map_or(0.0, |head| head.height);
        let few = rows.len() <= style::TOGETHER;
        let whole = few.then(|| head_height + rows.iter().map(height).sum::<f32>());
        let whole = whole.filter(|whole| *whole <= style::TOGETHER_HEIGHT);
        let begins = head_height + rows.first().map_or(0.0, height);
        self.make_room(whole.unwrap_or(begins))?;
        // Headings of several pages leave less than there seemed to be.
        if begins > style::BOTTOM - self.canvas.y && !self.canvas.is_fresh() {
            self.canvas.turn()?;
        }
        let grid = Grid::begin(&mut self.canvas, tracks.clone(), head);
        for row in rows {
            let lines = wrapped(&self.canvas, row);
            grid.row(&mut self.canvas, &lines)?;
        }
        self.canvas.skip(style::AFTER_TABLE);
        Ok(())
    }

    /// A paragraph that nothing has to stay with.
    fn paragraph(&mut self, role: StructRole, style: Style, text: &str) -> Result<(), PdfError> {
        let lines = self.canvas.wrap(style, style::WIDTH, &cleaned(text));
        self.lines(role, style, &lines)
    }

    /// Draws the headings that wait, on the page that has room for them and for `height` of what follows.
    fn make_room(&mut self, height: f32) -> Result<(), PdfError> {
        let headings = std::mem::take(&mut self.headings);
        let heights = headings.iter().map(|lines| {
            style::HEADING.leading * lines.len() as f32 + style::BEFORE_HEADING + style::AFTER_HEADING
        });
        if heights.sum::<f32>() + height > style::BOTTOM - self.canvas.y && !self.canvas.is_fresh() {
            self.canvas.turn()?;
        }
        for lines in headings {
            self.canvas.skip(style::BEFORE_HEADING);
            self.lines(StructRole::H2, style::HEADING, &lines)?;
            self.canvas.skip(style::AFTER_HEADING);
        }
        Ok(())
    }

    /// Draws lines of one element over as many pages as they need. No page has only the first or the last of them.
    fn lines(&mut self, role: StructRole, style: Style, lines: &[String]) -> Result<(), PdfError> {
        if lines.is_empty() {
            return Ok(());
        }
        let node = self.canvas.tree.push(Tree::ROOT, role);
        let mut rest = lines;
        loop {
            let room = self.canvas.lines_left(style.leading, 0.0);
            let count = match rest.len() {
                all if all <= room => all,
                all => room.min(all.saturating_sub(2)),
            };
            if count < rest.len().min(2) && !self.canvas.is_fresh() {
                self.canvas.turn()?;
                continue;
            }
            let (here, after) = rest.split_at(count.max(1));
            let runs = self.canvas.runs(style, here, style::SIDE, style::WIDTH, Align::Left, 0.0);
            self.canvas.mark(node, runs);
            self.canvas.y += style.leading * here.len() as f32;
            if after.is_empty() {
                return Ok(());
            }
            self.canvas.turn()?;
            rest = after;
        }
    }
}

/// What is printed of a cell.
fn text_of(cell: &Cell) -> String {
    let text = match cell {
        Cell::Text(text) => Cow::Borrowed(text.as_str()),
        Cell::Number(number) => Cow::Owned(number.to_string()),
        Cell::Flag(true) => Cow::Borrowed("Yes"),
        Cell::Flag(false) => Cow::Borrowed("No"),
        Cell::Nothing => Cow::Borrowed("—"),
    };
    cleaned(&text)
}

/// Where a column's cells begin that does not say so.
fn align(table: &Table, column: usize) -> Align {
    let mut cells =
        table.rows.iter().map(|row| &row[column]).filter(|cell| **cell != Cell::Nothing).peekable();
    if cells.peek().is_some() && cells.all(|cell| matches!(cell, Cell::Number(_))) {
        Align::Right
    } else {
        Align::Left
    }
}
