//! Which pages may ask, and what tells their browsers so.

use canopy::{
    config::Config,
    problem::{Code, Problem},
};

use crate::{
    config,
    http::{Incoming, Reply},
};

/// Answers the question that a browser asks before a page's request.
pub fn preflight(incoming: &Incoming) -> Result<Reply, Problem> {
    allowed(incoming, &*config::required(&incoming.env)?).map(|_| Reply::empty(204))
}

/// The headers that let an allowed page read an answer.
pub fn cors_headers(incoming: &Incoming) -> Vec<String> {
    if !incoming.path().starts_with("/connect/") {
        return Vec::new();
    }
    let config = config::required(&incoming.env);
    let origin = config.ok().and_then(|config| allowed(incoming, &config).ok());
    let mut headers = vec![("vary", "origin".to_owned())];
    if let Some(origin) = origin {
        headers.push(("access-control-allow-origin", origin));
        headers.push(("access-control-expose-headers", "x-request-id, retry-after".to_owned()));
        if incoming.method == "OPTIONS" {
            headers.push(("access-control-allow-methods", "GET, POST, DELETE".to_owned()));
            headers.push(("access-control-allow-headers", "authorization, content-type".to_owned()));
            headers.push(("access-control-max-age", "7200".to_owned()));
        }
    }
    headers.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
}

/// The page's origin, if it may use the edge: a configured one, or the edge's own.
pub fn allowed(incoming: &Incoming, config: &Config) -> Result<String, Problem> {
    let refused = || {
        Problem::new(
            Code::OriginNotAllowed,
            "expected a page of an origin in EDGE_ALLOWED_ORIGINS, or of the edge's own",
        )
    };
    let origin = incoming.header("origin").ok_or_else(refused)?;
    let is_allowed = config.allowed_origins.contains(&origin) || origin == incoming.origin();
    if is_allowed { Ok(origin) } else { Err(refused()) }
}
