//! The scripts and frames of the stand-in's own SDK.

use crate::http::{Answer, Call};

/// Serves a script or a frame, if the path is one.
#[must_use]
pub fn serve(call: &Call) -> Option<Answer> {
    if call.method != "GET" {
        return None;
    }
    let (content_type, body) = match call.path.as_str() {
        "/sdk/v1.0.0/connect.js" | "/v2/canopy-connect.js" => {
            ("text/javascript; charset=utf-8", include_str!("sdk/connect.js"))
        }
        "/v1/cc-components.js" => ("text/javascript; charset=utf-8", include_str!("sdk/cc-components.js")),
        "/frames/field" => ("text/html; charset=utf-8", include_str!("sdk/field.html")),
        path if path.starts_with("/c/") => ("text/html; charset=utf-8", include_str!("sdk/link.html")),
        _ => return None,
    };
    Some(Answer::new(200, content_type, body))
}
