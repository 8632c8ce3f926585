//! Sessions are opened by their pages, or by the back office for one of its pages.

use canopy::{
    config::{ApiToken, Config},
    contract::Scope,
    id::SessionId,
    problem::Problem,
    proxy,
    session::{Claims, LIFETIME_SECONDS, Purpose, Settings},
    time::UnixMillis,
};
use serde_json::{Map, Value, json};

use super::origin;
use crate::{
    http::{Incoming, Reply, internal},
    objects::calls::{Opening, SessionClient},
    platform,
};

/// Largest body that a back office sends, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// The hosted SDK. Source: contract, "The hosted SDK".
const SDK_URL: &str = "https://cdn.usecanopy.com/sdk/v1.0.0/connect.js";
/// Components. Source: contract, "Components".
const COMPONENTS_URL: &str = "https://components.usecanopy.com/v1/cc-components.js";

/// `POST /api/v1/sessions`: for a page that cannot change what the session is for. What an insurance company is to change takes
/// the scope of that.
pub async fn for_page(incoming: &Incoming, config: &Config, caller: &ApiToken) -> Result<Reply, Problem> {
    let (origin, settings) = Settings::of_back_office(&incoming.body(MAX_BODY_BYTES).await?.to_vec())?;
    if settings.servicing_actions.is_some() {
        proxy::require(caller.scopes, Scope::Servicing)?;
    }
    let origin = origin::allowed(incoming, config, origin)?;
    open(incoming, config, origin, settings).await
}

/// Opens a session for pages of `origin`.
pub async fn open(
    incoming: &Incoming,
    config: &Config,
    origin: String,
    settings: Settings,
) -> Result<Reply, Problem> {
    let now = platform::now();
    let session_id = SessionId::parse(&platform::new_id()).expect("a UUID is an identifier");
    let expires_at = now.seconds().0 + i64::from(LIFETIME_SECONDS);
    let claims = Claims { session_id, origin, expires_at };
    let opened = internal("opening the session");
    let client = SessionClient::of(&incoming.env, &claims.session_id).map_err(&opened)?;
    let metadata = settings.for_window();
    let opening = Opening { claims, settings };
    client.open(&opening, now).await.map_err(&opened)?;
    let claims = opening.claims;
    let mut opened = addresses(config);
    opened.extend([
        ("session_id".to_owned(), json!(claims.session_id)),
        ("token".to_owned(), json!(claims.sign(Purpose::Page, &config.session_key).expose())),
        ("expires_at".to_owned(), json!(UnixMillis(expires_at * 1_000).rfc3339())),
    ]);
    opened.extend(metadata.map(|metadata| ("metadata".to_owned(), json!(metadata))));
    Ok(Reply::json(201, &Value::Object(opened)))
}

/// What a page needs to know of Canopy and the agency, at its first request and after a reload.
pub fn addresses(config: &Config) -> Map<String, Value> {
    let addresses = [
        ("public_alias", config.public_alias.clone()),
        ("sdk_url", script_url(config, "/sdk/v1.0.0/connect.js", SDK_URL)),
        ("components_url", script_url(config, "/v1/cc-components.js", COMPONENTS_URL)),
    ];
    let addresses = addresses.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value)));
    addresses.chain([("uploads".to_owned(), Value::Bool(config.uploads))]).collect()
}

/// Canopy's own scripts; with a stand-in for its API, the stand-in's.
fn script_url(config: &Config, path: &str, published: &str) -> String {
    if config.api_base_url.starts_with("https://app.usecanopy.com/") {
        return published.to_owned();
    }
    let host = config.api_base_url.strip_suffix("/api/v1.0.0").unwrap_or(&config.api_base_url);
    format!("{host}{path}")
}
