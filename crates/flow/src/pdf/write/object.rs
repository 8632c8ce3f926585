//! What the parts of a file have in common: its objects' numbers, and how their streams are written.

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::{Filter, Pdf, Ref};

/// How hard streams are compressed, of 10: above it the time doubles for the last hundredth.
pub const LEVEL: u8 = 6;

/// What text is in, where a document does not say.
pub const LANGUAGE: &str = "en";

/// What the file is called to have been made by.
pub const PRODUCER: &str = "Canopy Edge";

/// Numbers of objects, in the order in which they are asked for.
#[derive(Debug, Default)]
pub struct Numbers(i32);

impl Numbers {
    /// The next one.
    pub fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }
}

/// Where the pages' objects are.
#[derive(Debug)]
pub struct PageNumbers {
    pub page: Ref,
    pub content: Ref,
}

/// A compressed stream that needs no more than its length.
pub fn stream(pdf: &mut Pdf, id: Ref, bytes: &[u8]) {
    let bytes = compress_to_vec_zlib(bytes, LEVEL);
    pdf.stream(id, &bytes).filter(Filter::FlateDecode);
}
