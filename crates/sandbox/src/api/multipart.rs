//! Just enough of `multipart/form-data` to read the fields and count the files of an upload.

use serde_json::{Map, Value, json};

use crate::http::Call;

/// The parts of a form.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    fields: Vec<(String, String)>,
    pub files: usize,
}

impl Form {
    /// The fields as the JSON body of the same call would have them: `meta_data[key]` becomes an object.
    pub fn as_json(&self) -> Value {
        let mut body = Map::new();
        for (name, text) in &self.fields {
            let value = if name == "terms_version" {
                text.parse::<i64>().map_or(Value::Null, Value::from)
            } else {
                json!(text)
            };
            match name.strip_prefix("meta_data[").and_then(|rest| rest.strip_suffix(']')) {
                Some(key) => body.entry("meta_data").or_insert_with(|| json!({}))[key] = value,
                None if name == "meta_data" => {
                    drop(body.insert(name.clone(), serde_json::from_str(text).unwrap_or(value)))
                }
                None => drop(body.insert(name.clone(), value)),
            }
        }
        Value::Object(body)
    }
}

/// Reads the form of a call; `None` when it has none.
pub(super) fn fields(call: &Call) -> Option<Form> {
    let content_type = call.header("content-type").filter(|kind| kind.starts_with("multipart/form-data"))?;
    let boundary = content_type.split("boundary=").nth(1)?.split(';').next()?.trim_matches('"');
    let mut form = Form::default();
    // File contents may be any bytes; only the headers and the text fields matter here.
    let text = String::from_utf8_lossy(&call.body);
    for part in text.split(&format!("--{boundary}")).skip(1) {
        let Some((headers, content)) = part.trim_start_matches("\r\n").split_once("\r\n\r\n") else {
            continue;
        };
        let disposition =
            headers.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition"))?;
        let attribute = |name: &str| {
            disposition
                .split(';')
                .find_map(|item| item.trim().strip_prefix(&format!("{name}=\""))?.strip_suffix('"'))
        };
        if attribute("filename").is_some() {
            form.files += 1;
        } else if let Some(name) = attribute("name") {
            form.fields.push((name.to_owned(), content.strip_suffix("\r\n").unwrap_or(content).to_owned()));
        }
    }
    Some(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_and_files_counted() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"terms_version\"\r\n\r\n1\r\n\
                    --b\r\nContent-Disposition: form-data; name=\"meta_data[lead]\"\r\n\r\n7\r\n\
                    --b\r\nContent-Disposition: form-data; name=\"documents\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--b--\r\n";
        let call = Call {
            headers: vec![("content-type".into(), "multipart/form-data; boundary=b".into())],
            body: body.into(),
            ..Call::default()
        };
        let form = fields(&call).unwrap();
        assert_eq!(form.files, 1);
        assert_eq!(form.as_json(), json!({"terms_version": 1, "meta_data": {"lead": "7"}}));
        assert_eq!(fields(&Call::default()), None);
    }
}
