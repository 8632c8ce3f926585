//! One attempt of a step's request. The secret is put in here, and nowhere else.

use canopy::{config::Config, retry::Reason};
use flow::request::{Auth, Placement, Request, is_host_of};
use http::{HeaderName, HeaderValue, header};

use crate::{
    http::header_value,
    platform::{self, Fetched},
};

/// Most bytes of an answer that are read.
const MAX_ANSWER: usize = 512 * 1024;

/// Why a request was not made.
pub enum Unmade {
    /// It had no answer.
    Unanswered(Reason),
    /// Its secret is none, or another host's.
    Secret(String),
    /// It is none that HTTP allows.
    Malformed,
    /// It is not made, and not tried again.
    Refused(flow::run::Reason, String),
}

/// What stands in an answer in the place of the secret that the service says again.
const BLANK: &str = "[secret]";

/// Makes it. `links` are what stands in it for links of approvals, and those: they are put in here, too.
pub async fn call(
    config: &Config,
    request: &Request,
    key: &str,
    millis: u64,
    links: &[[String; 2]],
) -> Result<Fetched, Unmade> {
    let signed = |text: &str| {
        links.iter().fold(text.to_owned(), |text, [unsigned, signed]| text.replace(unsigned, signed))
    };
    let mut url = signed(&request.url);
    let body = request.body.as_deref().map(signed);
    let mut headers: Vec<(HeaderName, HeaderValue)> = vec![
        (header::USER_AGENT, HeaderValue::from_static("canopy-edge")),
        (HeaderName::from_static("idempotency-key"), value(key)?),
    ];
    for (name, text) in &request.headers {
        let name = HeaderName::try_from(name.as_str()).map_err(|_| Unmade::Malformed)?;
        headers.push((name, value(&signed(text))?));
    }
    if let Some(Auth { secret: name, placement }) = &request.auth {
        let host = request.host().unwrap_or_default();
        let secret = config
            .connector_secrets
            .find(name)
            .ok_or_else(|| Unmade::Secret(format!("EDGE_SECRETS has no {name}")))?;
        if !is_host_of(&secret.host, &host) {
            return Err(Unmade::Secret(format!(
                "{name} is a secret of {}, and the request goes to {host}",
                secret.host
            )));
        }
        let secret = secret.value.expose();
        match placement {
            Placement::Bearer => headers.push((header::AUTHORIZATION, value(&format!("Bearer {secret}"))?)),
            Placement::Basic { user } => {
                let pair = user.as_ref().map_or_else(|| secret.to_owned(), |user| format!("{user}:{secret}"));
                headers.push((header::AUTHORIZATION, value(&format!("Basic {}", base64(&pair)))?));
            }
            Placement::Header { name } => {
                let name = HeaderName::try_from(name.as_str()).map_err(|_| Unmade::Malformed)?;
                headers.push((name, value(secret)?));
            }
            Placement::Path => url = url.replace("{secret}", secret),
            Placement::Oauth(_) => {
                return Err(Unmade::Secret("this way of signing in is not made".to_owned()));
            }
        }
    }
    if let Some(stand_in) = config.local_hosts.stand_in(&url) {
        headers.push((HeaderName::from_static("x-edge-host"), value(&request.host().unwrap_or_default())?));
        url = stand_in;
    }
    let fetched =
        platform::fetched(&request.method, &url, &headers, body.as_deref(), millis, MAX_ANSWER).await;
    let mut fetched = fetched.map_err(Unmade::Unanswered)?;
    let secret = request.auth.as_ref().and_then(|auth| config.connector_secrets.find(&auth.secret));
    let secret = secret.map(|secret| (secret.value.expose(), BLANK));
    let links = links.iter().map(|[unsigned, signed]| (signed.as_str(), unsigned.as_str()));
    let hidden: Vec<_> = secret.into_iter().chain(links).collect();
    let blank = |text: &str| {
        hidden.iter().fold(text.to_owned(), |text, (secret, instead)| text.replace(secret, instead))
    };
    fetched.headers.values_mut().for_each(|value| *value = blank(value));
    fetched.body = fetched.body.map(|body| match std::str::from_utf8(&body) {
        Ok(text) if hidden.iter().any(|(secret, _)| text.contains(secret)) => blank(text).into_bytes(),
        _ => body,
    });
    Ok(fetched)
}

fn value(text: &str) -> Result<HeaderValue, Unmade> {
    header_value(text).ok_or(Unmade::Malformed)
}

fn base64(text: &str) -> String {
    use ::base64::{Engine, prelude::BASE64_STANDARD};
    BASE64_STANDARD.encode(text)
}
