//! The tree that a screen reader reads. Source: ISO 32000-1, 14.7 and 14.8.

use pdf_writer::{
    Finish, Pdf, Ref,
    types::{StructRole, TableHeaderScope},
    writers::StructTreeRoot,
};

use super::object::{Numbers, PageNumbers};
use crate::pdf::page::{Kid, Page, Tree};

/// Writes the tree as `root`.
pub fn write(
    pdf: &mut Pdf,
    numbers: &mut Numbers,
    root: Ref,
    pages: &[Page],
    tree: &Tree,
    ids: &[PageNumbers],
) {
    let elements: Vec<_> = tree.elements.iter().map(|_| numbers.next()).collect();
    let lists: Vec<_> = pages.iter().map(|_| numbers.next()).collect();
    let mut start: StructTreeRoot<'_> = pdf.indirect(root).start();
    start.child(elements[Tree::ROOT.0]);
    let mut parents = start.parent_tree();
    let mut list = parents.nums();
    (0..).zip(&lists).for_each(|(key, id)| {
        list.insert(key, *id);
    });
    list.finish();
    parents.finish();
    start.parent_tree_next_key(lists.len().try_into().expect("pages are bounded"));
    start.finish();
    for (page, id) in pages.iter().zip(&lists) {
        pdf.indirect(*id).array().items(page.marks.iter().map(|node| elements[node.0]));
    }
    for (element, id) in tree.elements.iter().zip(&elements) {
        let mut written = pdf.struct_element(*id);
        written.kind(element.role).parent(element.parent.map_or(root, |parent| elements[parent.0]));
        // Most elements are on one page, which is then said once.
        let home = element.kids.iter().find_map(|kid| match kid {
            Kid::Piece { page, .. } => Some(*page),
            Kid::Element(_) => None,
        });
        if let Some(home) = home {
            written.page(ids[home].page);
        }
        let mut kids = written.children();
        for kid in &element.kids {
            match kid {
                Kid::Element(node) => {
                    kids.struct_element(elements[node.0]);
                }
                Kid::Piece { page, mark } => {
                    let mark = (*mark).try_into().expect("a page is of few pieces");
                    if Some(*page) == home {
                        kids.marked_content_id(mark);
                    } else {
                        kids.marked_content_ref().page(ids[*page].page).marked_content_id(mark);
                    }
                }
            }
        }
        kids.finish();
        if element.role == StructRole::TH {
            let scope = if element.of_row { TableHeaderScope::Row } else { TableHeaderScope::Column };
            written.attributes().push().table().scope(scope);
        }
    }
}
