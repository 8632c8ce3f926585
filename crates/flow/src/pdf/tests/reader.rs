//! Reads a file as a screen reader does: along its tree.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document, Object, ObjectId, content::Content};

#[derive(Debug)]
pub struct File {
    pub pages: Vec<Page>,
    /// Each element that has text of its own, or could have some, with its role.
    pub elements: Vec<(String, String)>,
    pub language: String,
    pub info: BTreeMap<String, String>,
    /// XMP.
    pub metadata: String,
}

#[derive(Debug, Default)]
pub struct Page {
    /// By mark.
    pub marked: Vec<String>,
    /// Of artifacts.
    pub repeated: Vec<String>,
}

type Letters = BTreeMap<u16, String>;

pub fn read(file: &[u8]) -> File {
    let file = Document::load_mem(file).expect("the file has a sound table of its objects");
    for (id, object) in &file.objects {
        references(object, &mut |to| {
            assert!(file.objects.contains_key(&to), "{id:?} leads to {to:?}, which is not there")
        });
    }
    let catalog = file.catalog().unwrap();
    let ids: Vec<_> = file.get_pages().into_values().collect();
    let pages: Vec<_> = ids.iter().map(|id| page(&file, *id)).collect();
    let root = dictionary(&file, catalog.get(b"StructTreeRoot").unwrap());
    let mut elements = Vec::new();
    element(&file, root.get(b"K").unwrap(), &ids, &pages, &mut elements);
    assert!(catalog.get(b"MarkInfo").unwrap().as_dict().unwrap().get(b"Marked").unwrap().as_bool().unwrap());
    let preferences = catalog.get(b"ViewerPreferences").unwrap().as_dict().unwrap();
    assert!(preferences.get(b"DisplayDocTitle").unwrap().as_bool().unwrap());
    let info = dictionary(&file, file.trailer.get(b"Info").unwrap());
    let info =
        info.iter().map(|(name, value)| (String::from_utf8(name.clone()).unwrap(), text(value))).collect();
    let metadata = file.get_object(catalog.get(b"Metadata").unwrap().as_reference().unwrap()).unwrap();
    let metadata = String::from_utf8(metadata.as_stream().unwrap().content.clone()).unwrap();
    File { pages, elements, language: text(catalog.get(b"Lang").unwrap()), info, metadata }
}

fn references(object: &Object, each: &mut dyn FnMut(ObjectId)) {
    match object {
        Object::Reference(id) => each(*id),
        Object::Array(items) => items.iter().for_each(|item| references(item, each)),
        Object::Dictionary(members) => members.iter().for_each(|(_, member)| references(member, each)),
        Object::Stream(stream) => stream.dict.iter().for_each(|(_, member)| references(member, each)),
        _ => {}
    }
}

fn dictionary<'f>(file: &'f Document, object: &'f Object) -> &'f Dictionary {
    match object {
        Object::Reference(id) => file.get_dictionary(*id).unwrap(),
        other => other.as_dict().unwrap(),
    }
}

fn text(object: &Object) -> String {
    let bytes = object.as_str().unwrap();
    match bytes.strip_prefix(&[0xfe, 0xff]) {
        Some(wide) => utf16(wide),
        None => String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

fn utf16(bytes: &[u8]) -> String {
    let words: Vec<_> = bytes.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
    String::from_utf16(&words).unwrap()
}

fn page(file: &Document, id: ObjectId) -> Page {
    let list = dictionary(file, file.get_dictionary(id).unwrap().get(b"Parent").unwrap());
    let fonts = list.get(b"Resources").unwrap().as_dict().unwrap().get(b"Font").unwrap().as_dict().unwrap();
    let fonts: BTreeMap<_, _> =
        fonts.iter().map(|(name, font)| (name.clone(), letters(file, font))).collect();
    let content = Content::decode(&file.get_page_content(id)).unwrap();
    let (mut page, mut font, mut shown) = (Page::default(), None, String::new());
    let mut marked = None;
    for operation in content.operations {
        match operation.operator.as_str() {
            "BDC" => {
                let mark = operation.operands[1].as_dict().unwrap().get(b"MCID").ok();
                marked = Some(mark.map(|mark| usize::try_from(mark.as_i64().unwrap()).unwrap()));
                shown.clear();
            }
            "EMC" => match marked.take().expect("a sequence was begun") {
                Some(mark) => {
                    assert_eq!(mark, page.marked.len(), "marks are numbered as they come");
                    page.marked.push(std::mem::take(&mut shown));
                }
                None if shown.is_empty() => {}
                None => page.repeated.push(std::mem::take(&mut shown)),
            },
            "Tf" => font = Some(&fonts[operation.operands[0].as_name().unwrap()]),
            "Tj" => shown += &decoded(font.unwrap(), &operation.operands[0]),
            "TJ" => {
                let parts = operation.operands[0].as_array().unwrap().iter();
                parts
                    .filter(|part| part.as_str().is_ok())
                    .for_each(|part| shown += &decoded(font.unwrap(), part));
            }
            "Td" | "BT" | "ET" | "rg" | "re" | "f" => {}
            other => panic!("{other} is drawn"),
        }
        assert!(marked.is_some() || shown.is_empty(), "all text is tagged");
    }
    page
}

fn decoded(font: &Letters, codes: &Object) -> String {
    let codes = codes.as_str().unwrap().chunks_exact(2);
    codes.map(|two| font[&u16::from_be_bytes([two[0], two[1]])].as_str()).collect()
}

/// What the codes of a font mean.
fn letters(file: &Document, font: &Object) -> Letters {
    let font = dictionary(file, font);
    let map = file.get_object(font.get(b"ToUnicode").unwrap().as_reference().unwrap()).unwrap();
    let map = String::from_utf8(map.as_stream().unwrap().decompressed_content().unwrap()).unwrap();
    let pair = |line: &str| {
        let (code, meaning) = line.strip_prefix('<')?.strip_suffix('>')?.split_once("> <")?;
        let bytes = |hex: &str| {
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
        };
        let meaning: Vec<u8> = bytes(meaning);
        Some((u16::from_str_radix(code, 16).unwrap(), utf16(&meaning)))
    };
    let letters: Letters = map.lines().filter(|line| *line != "<0000> <FFFF>").filter_map(pair).collect();
    letters
}

fn element(
    file: &Document,
    object: &Object,
    ids: &[ObjectId],
    pages: &[Page],
    into: &mut Vec<(String, String)>,
) {
    let element = dictionary(file, object);
    let role = String::from_utf8(element.get(b"S").unwrap().as_name().unwrap().to_vec()).unwrap();
    let own = element.get(b"Pg").ok();
    let piece = |page: &Object, mark: &Object| {
        let page = page.as_reference().unwrap();
        let index = ids.iter().position(|id| *id == page).unwrap();
        pages[index].marked[usize::try_from(mark.as_i64().unwrap()).unwrap()].as_str()
    };
    let mut text = String::new();
    let kids = element.get(b"K").unwrap().as_array().unwrap();
    let mut parts = false;
    for kid in kids {
        match kid {
            Object::Integer(_) => text += piece(own.unwrap(), kid),
            Object::Dictionary(kid) => text += piece(kid.get(b"Pg").unwrap(), kid.get(b"MCID").unwrap()),
            element_of => {
                parts = true;
                self::element(file, element_of, ids, pages, into);
            }
        }
    }
    if ["TH", "TD", "P", "H1", "H2"].contains(&role.as_str()) {
        assert!(!parts);
        into.push((role, text));
    }
}
