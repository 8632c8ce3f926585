//! What the file says of itself.

use pdf_writer::{Date, Finish, Pdf, Ref, TextStr};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use super::object::{LANGUAGE, PRODUCER};
use crate::pdf::{clean::cleaned, document::Document};

/// The dictionary that older readers look at.
pub fn info(pdf: &mut Pdf, id: Ref, document: &Document, created_at: Option<OffsetDateTime>) {
    let mut info = pdf.document_info(id);
    info.title(TextStr(&one_line(&document.title))).producer(TextStr(PRODUCER));
    if let Some(author) = &document.author {
        info.author(TextStr(&one_line(author)));
    }
    if let Some(at) = created_at.map(|at| at.to_offset(UtcOffset::UTC)) {
        // Only a time zone west of Greenwich brings a time of RFC 3339 before the year 0.
        let date = Date::new(at.year().try_into().unwrap_or_default()).month(at.month().into()).day(at.day());
        let date = date.hour(at.hour()).minute(at.minute()).second(at.second()).utc_offset_hour(0);
        info.creation_date(date);
    }
    info.finish();
}

/// The same as XMP. Source: ISO 16684-1; the title of the window is read from here.
pub fn xmp(pdf: &mut Pdf, id: Ref, document: &Document, created_at: Option<OffsetDateTime>) {
    let language = document.language.as_deref().unwrap_or(LANGUAGE);
    let author = document.author.as_deref().map_or_else(String::new, |author| {
        format!("<dc:creator><rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq></dc:creator>", escaped(author))
    });
    let created = created_at
        .and_then(|at| at.format(&Rfc3339).ok())
        .map_or_else(String::new, |at| format!("<xmp:CreateDate>{at}</xmp:CreateDate>"));
    let title = escaped(&document.title);
    let packet = format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\">\
         <dc:format>application/pdf</dc:format>\
         <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>{author}\
         <dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>\
         <pdf:Producer>{PRODUCER}</pdf:Producer>{created}\
         </rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>"
    );
    // Not compressed: programs that know nothing of PDF look for it.
    pdf.metadata(id, packet.as_bytes());
}

fn one_line(text: &str) -> String {
    cleaned(text).replace('\n', " ")
}

/// A text within XML. What XML does not allow at all, cleaning took away.
fn escaped(text: &str) -> String {
    one_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
