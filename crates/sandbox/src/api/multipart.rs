//! Just enough of `multipart/form-data` (RFC 7578) to read the fields and the files of an upload.

use serde_json::{Map, Value, json};

use crate::http::Call;

/// What a file is that says nothing of itself (RFC 7578, section 4.4).
pub(super) const UNKNOWN_TYPE: &str = "application/octet-stream";

/// The parts of a form.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Form<'a> {
    fields: Vec<(String, String)>,
    pub files: Vec<Upload<'a>>,
}

/// A file as it was sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Upload<'a> {
    pub name: String,
    pub content_type: String,
    pub bytes: &'a [u8],
}

impl Form<'_> {
    /// The fields as the JSON body of the same call would have them: `meta_data[of][a][0]`, a `deepObject`, becomes what it stands for,
    /// each value text.
    pub fn as_json(&self) -> Value {
        let mut body = Map::new();
        for (name, text) in &self.fields {
            let value = if name == "terms_version" {
                text.parse::<i64>().map_or(Value::Null, Value::from)
            } else {
                json!(text)
            };
            match name.strip_prefix("meta_data[").and_then(|rest| rest.strip_suffix(']')) {
                Some(path) => {
                    let path: Vec<&str> = path.split("][").collect();
                    put(body.entry("meta_data").or_insert_with(|| json!({})), &path, value);
                }
                None if name == "meta_data" => {
                    drop(body.insert(name.clone(), serde_json::from_str(text).unwrap_or(value)))
                }
                None => drop(body.insert(name.clone(), value)),
            }
        }
        Value::Object(body)
    }
}

/// Puts a value at this path; what is not there yet is a list where its first name is 0, or else an object.
fn put(place: &mut Value, path: &[&str], value: Value) {
    let Some((name, rest)) = path.split_first() else {
        *place = value;
        return;
    };
    if place.is_null() {
        *place = if *name == "0" { json!([]) } else { json!({}) };
    }
    match place {
        Value::Object(members) => put(members.entry(*name).or_insert(Value::Null), rest, value),
        // As Node's readers of forms do it, the places that are left out are closed.
        Value::Array(items) if name.parse::<usize>().is_ok() => {
            let at = name.parse::<usize>().unwrap_or_default().min(items.len());
            if at == items.len() {
                items.push(Value::Null);
            }
            put(&mut items[at], rest, value);
        }
        _ => {}
    }
}

/// Reads the form of a call; `None` when it has none.
pub(super) fn fields(call: &Call) -> Option<Form<'_>> {
    let content_type = call.header("content-type").filter(|kind| kind.starts_with("multipart/form-data"))?;
    let boundary = content_type.split("boundary=").nth(1)?.split(';').next()?.trim_matches('"');
    let mut form = Form::default();
    for part in parts(&call.body, boundary) {
        let Some((head, content)) = split_at(part, b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(head);
        let disposition = header(&head, "content-disposition")?;
        if let Some(name) = parameter(disposition, "filename") {
            let content_type = header(&head, "content-type").unwrap_or(UNKNOWN_TYPE).to_owned();
            form.files.push(Upload { name, content_type, bytes: content });
        } else if let Some(name) = parameter(disposition, "name") {
            form.fields.push((name, String::from_utf8_lossy(content).into_owned()));
        }
    }
    Some(form)
}

/// What stands between the boundaries. A file may hold any bytes but a line that begins with the boundary.
fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let first = format!("--{boundary}");
    let next = format!("\r\n{first}");
    let mut parts = Vec::new();
    let Some((_, mut rest)) = split_at(body, first.as_bytes()) else { return parts };
    // The last boundary is followed by two dashes, each other by the end of its line.
    while let Some(opened) = rest.strip_prefix(b"\r\n") {
        let Some((part, after)) = split_at(opened, next.as_bytes()) else { break };
        parts.push(part);
        rest = after;
    }
    parts
}

fn split_at<'a>(bytes: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(separator.len()).position(|window| window == separator)?;
    Some((&bytes[..at], &bytes[at + separator.len()..]))
}

fn header<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
    })
}

/// The quoted value of a parameter. Browsers write a quotation mark in it as `%22` and a line's end as `%0D%0A`.
fn parameter(disposition: &str, wanted: &str) -> Option<String> {
    let mut rest = disposition;
    while let Some((before, after)) = rest.split_once("=\"") {
        let (value, following) = after.split_once('"')?;
        if before.rsplit(';').next().is_some_and(|name| name.trim() == wanted) {
            return Some(value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"));
        }
        rest = following;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(body: &[u8]) -> Call {
        Call {
            headers: vec![("content-type".into(), "multipart/form-data; boundary=b".into())],
            body: body.to_vec(),
            ..Call::default()
        }
    }

    #[test]
    fn fields_and_files_are_read() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"terms_version\"\r\n\r\n1\r\n\
                    --b\r\nContent-Disposition: form-data; name=\"meta_data[lead]\"\r\n\r\n7\r\n\
                    --b\r\nContent-Disposition: form-data; name=\"documents\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--b--\r\n";
        let call = call(body.as_bytes());
        let form = fields(&call).unwrap();
        let file = Upload { name: "a.pdf".into(), content_type: "application/pdf".into(), bytes: b"%PDF" };
        assert_eq!(form.files, [file]);
        assert_eq!(form.as_json(), json!({"terms_version": 1, "meta_data": {"lead": "7"}}));
        assert_eq!(fields(&Call::default()), None);
    }

    #[test]
    fn metadata_is_nested_as_it_was() {
        let fields =
            [("[a]", "1"), ("[of][t][0]", "x"), ("[of][t][2][b]", "y"), ("[of][n]", ""), ("[a][b]", "lost")];
        let fields = fields.map(|(path, text)| (format!("meta_data{path}"), text.to_owned())).to_vec();
        let form = Form { fields, ..Form::default() };
        assert_eq!(form.as_json(), json!({"meta_data": {"a": "1", "of": {"t": ["x", {"b": "y"}], "n": ""}}}));
    }

    #[test]
    fn a_file_may_hold_any_bytes_and_have_any_name() {
        let bytes = b"\xff\x00--b\r\n--a\r\n\r\n--\r\n";
        let head = "--b\r\ncontent-disposition: form-data; name=\"documents\"; filename=\"a;b = %22c%22.pdf\"\r\n\r\n";
        let call = call(&[head.as_bytes(), bytes, b"\r\n--b--"].concat());
        let form = fields(&call).unwrap();
        let file =
            Upload { name: "a;b = \"c\".pdf".into(), content_type: UNKNOWN_TYPE.into(), bytes: &bytes[..] };
        assert_eq!(form.files, [file]);
    }
}
