//! From pages to the file. Source: ISO 32000-1:2008 (PDF 1.7).

mod content;
mod font;
mod letters;
mod metadata;
mod object;
mod tags;
mod thin;

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Settings, TextStr, XRefFilter, types::TabOrder};
use time::OffsetDateTime;

use self::{
    letters::Letters,
    object::{LANGUAGE, LEVEL, Numbers, PageNumbers, stream},
};
use super::{
    document::Document,
    face::{Faces, Weight},
    layout::Pages,
    style::PAGE,
};

/// The file.
pub fn file(
    document: &Document,
    created_at: Option<OffsetDateTime>,
    faces: &Faces,
    Pages { pages, tree }: &Pages,
) -> Vec<u8> {
    let mut pdf = Pdf::with_settings(Settings { pretty: false });
    let mut numbers = Numbers::default();
    let [catalog, info, list, xmp, tags] = std::array::from_fn(|_| numbers.next());
    let fonts = [numbers.next(), numbers.next()];
    let each: Vec<_> =
        pages.iter().map(|_| PageNumbers { page: numbers.next(), content: numbers.next() }).collect();

    let mut letters = [Letters::new(faces.of(Weight::Regular)), Letters::new(faces.of(Weight::Bold))];
    for (page, id) in pages.iter().zip(&each) {
        let content = content::of(page, tree, &mut letters);
        stream(&mut pdf, id.content, &content);
    }
    for (index, id) in each.iter().enumerate() {
        let mut page = pdf.page(id.page);
        page.parent(list).contents(id.content).tab_order(TabOrder::StructureOrder);
        page.struct_parents(index.try_into().expect("a document has no more pages than its bound"));
    }
    let mut all = pdf.pages(list);
    all.kids(each.iter().map(|id| id.page)).count(each.len().try_into().expect("pages are bounded"));
    all.media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1));
    let mut resources = all.resources();
    let mut named = resources.fonts();
    content::FONTS.iter().zip(fonts).for_each(|(name, id)| {
        named.pair(Name(name), id);
    });
    named.finish();
    resources.finish();
    all.finish();
    letters.iter().zip(fonts).for_each(|(letters, id)| font::write(&mut pdf, &mut numbers, id, letters));
    tags::write(&mut pdf, &mut numbers, tags, pages, tree, &each);
    metadata::info(&mut pdf, info, document, created_at);
    metadata::xmp(&mut pdf, xmp, document, created_at);

    let mut root = pdf.catalog(catalog);
    root.pages(list).metadata(xmp).lang(TextStr(document.language.as_deref().unwrap_or(LANGUAGE)));
    root.pair(Name(b"StructTreeRoot"), tags);
    root.mark_info().marked(true);
    root.viewer_preferences().display_doc_title(true);
    root.finish();
    let compressed =
        |table: &[u8]| (compress_to_vec_zlib(table, LEVEL), XRefFilter::Single(Filter::FlateDecode));
    pdf.finish_with_xref_stream_and_filter(numbers.next(), compressed)
}
