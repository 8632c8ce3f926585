//! One attempt of a step's request. The secret is put in here, and nowhere else.

use canopy::{config::Config, secret::Secret, time::UnixMillis};
use flow::{
    blank::blanked,
    request::{Auth, Placement, Request, is_host_of},
    wording::encode_url,
};
use http::{HeaderName, header};

use super::{
    send::{Sent, Unmade, send, value},
    sign_in::SignIn,
};
use crate::platform::{Fetched, clock};

/// Most bytes of an answer that are read.
const MAX_ANSWER: usize = 512 * 1024;

/// A secret or a token, and where it is put.
type Put<'a> = Option<(&'a Placement, &'a Secret)>;

/// Makes it within so many milliseconds, signing in first where its service asks for that.
pub async fn call(config: &Config, request: &Request, key: &str, millis: u64) -> Result<Fetched, Unmade> {
    let end = clock::machine().plus(millis);
    let Some(Auth { secret: name, placement }) = &request.auth else {
        return made(config, request, key, end, None).await;
    };
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
    let Placement::Oauth(grant) = placement else {
        return made(config, request, key, end, Some((placement, &secret.value))).await;
    };
    let sign_in = SignIn::new(config, name, &secret.value, &host, grant)?;
    let first = sign_in.token(end).await?;
    let fetched = made(config, request, key, end, Some((&Placement::Bearer, &first.token))).await?;
    if fetched.status != 401 {
        return Ok(fetched);
    }
    sign_in.forget(&first);
    if !first.is_kept {
        return Ok(fetched);
    }
    let second = sign_in.token(end).await?;
    let fetched = made(config, request, key, end, Some((&Placement::Bearer, &second.token))).await?;
    if fetched.status == 401 {
        sign_in.forget(&second);
    }
    Ok(fetched)
}

/// The answer, without what was put into the request, which a service may say again.
async fn made(
    config: &Config,
    request: &Request,
    key: &str,
    end: UnixMillis,
    put: Put<'_>,
) -> Result<Fetched, Unmade> {
    let mut url = request.url.clone();
    let mut headers = vec![(HeaderName::from_static("idempotency-key"), value(key)?)];
    for (name, text) in &request.headers {
        let name = HeaderName::try_from(name.as_str()).map_err(|_| Unmade::Malformed)?;
        headers.push((name, value(text)?));
    }
    if let Some((placement, secret)) = put {
        let secret = secret.expose();
        match placement {
            Placement::Bearer => headers.push((header::AUTHORIZATION, value(&format!("Bearer {secret}"))?)),
            Placement::Basic { user } => {
                let pair = base64(&pair(user.as_deref(), secret));
                headers.push((header::AUTHORIZATION, value(&format!("Basic {pair}"))?));
            }
            Placement::Header { name } => {
                let name = HeaderName::try_from(name.as_str()).map_err(|_| Unmade::Malformed)?;
                headers.push((name, value(secret)?));
            }
            Placement::Path => url = url.replace("{secret}", secret),
            // What is put there is the token, as a bearer's.
            Placement::Oauth(_) => return Err(Unmade::Malformed),
        }
    }
    let sent = Sent { method: &request.method, url: &url, headers, body: request.body.as_deref() };
    let mut fetched = send(config, sent, end, MAX_ANSWER).await?;
    if let Some((placement, secret)) = put {
        let secret = secret.expose();
        let encoded = encode_url(secret);
        let pair = if let Placement::Basic { user } = placement {
            base64(&pair(user.as_deref(), secret))
        } else {
            String::new()
        };
        blank(&mut fetched, &[secret, &pair, &encoded]);
    }
    Ok(fetched)
}

/// What a Basic credential says.
fn pair(user: Option<&str>, secret: &str) -> String {
    user.map_or_else(|| secret.to_owned(), |user| format!("{user}:{secret}"))
}

fn blank(fetched: &mut Fetched, secrets: &[&str]) {
    for value in fetched.headers.values_mut() {
        if let Some(blank) = blanked(value, secrets) {
            *value = blank;
        }
    }
    if let Some(body) = &mut fetched.body
        && let Ok(text) = std::str::from_utf8(body)
        && let Some(blank) = blanked(text, secrets)
    {
        *body = blank.into_bytes();
    }
}

fn base64(text: &str) -> String {
    use ::base64::{Engine, prelude::BASE64_STANDARD};
    BASE64_STANDARD.encode(text)
}
