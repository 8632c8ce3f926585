//! Who asks, by the token that is brought.

use canopy::{
    config::{ApiToken, Config},
    contract::Scope,
    credentials,
    problem::Problem,
    proxy,
};

use crate::http::Incoming;

/// What may be a back-office token, in each form that one is brought in.
pub fn brought(incoming: &Incoming) -> Vec<String> {
    let (authorization, secret) =
        (incoming.header("authorization"), incoming.header("x-canopy-client-secret"));
    credentials::api_tokens(authorization.as_deref(), secret.as_deref()).collect()
}

/// The back-office token, if it is good for `scope`.
pub fn token<'c>(incoming: &Incoming, config: &'c Config, scope: Scope) -> Result<&'c ApiToken, Problem> {
    let token = brought(incoming).iter().find_map(|token| config.token(token));
    let token = token.ok_or_else(Problem::unauthorized)?;
    proxy::require(token.scopes, scope)?;
    Ok(token)
}
