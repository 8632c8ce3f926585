//! Which pages may ask, and what tells their browsers so.

use canopy::{
    config::Config,
    problem::{Code, Problem},
};

use http::{HeaderValue, header};

use crate::{
    config,
    http::{Headers, Incoming, Reply, header_value},
};

/// Answers the question that a browser asks before a page's request.
pub fn preflight(incoming: &Incoming) -> Result<Reply, Problem> {
    of_page(incoming, &*config::required(&incoming.env)?).map(|_| Reply::empty(204))
}

/// The headers that let an allowed page read an answer.
pub fn cors_headers(incoming: &Incoming) -> Headers {
    if !incoming.path().starts_with("/connect/") {
        return Vec::new();
    }
    let config = config::required(&incoming.env);
    let origin = config.ok().and_then(|config| of_page(incoming, &config).ok());
    let is = HeaderValue::from_static;
    let mut headers = vec![(header::VARY, is("origin"))];
    if let Some(origin) = origin.as_deref().and_then(header_value) {
        headers.push((header::ACCESS_CONTROL_ALLOW_ORIGIN, origin));
        headers.push((header::ACCESS_CONTROL_EXPOSE_HEADERS, is("x-request-id, retry-after")));
        if incoming.method == "OPTIONS" {
            headers.push((header::ACCESS_CONTROL_ALLOW_METHODS, is("GET, POST, DELETE")));
            headers.push((header::ACCESS_CONTROL_ALLOW_HEADERS, is("authorization, content-type")));
            headers.push((header::ACCESS_CONTROL_MAX_AGE, is("7200")));
        }
    }
    headers
}

/// The page's origin, if it may use the edge.
pub fn of_page(incoming: &Incoming, config: &Config) -> Result<String, Problem> {
    allowed(incoming, config, incoming.header("origin").unwrap_or_default())
}

/// `origin`, if its pages may use the edge: a configured one, or the edge's own.
pub fn allowed(incoming: &Incoming, config: &Config, origin: String) -> Result<String, Problem> {
    if config.allowed_origins.contains(&origin) || origin == incoming.origin() {
        return Ok(origin);
    }
    let detail = "expected a page of an origin in EDGE_ALLOWED_ORIGINS, or of the edge's own";
    Err(Problem::new(Code::OriginNotAllowed, detail))
}
