//! `POST /webhooks/canopy`: verified over the raw bytes, and read, before the pull's object takes it.

use canopy::{
    problem::{Code, Problem},
    signature::{self, SigningSecrets},
    time::UnixMillis,
    webhook::{Envelope, Event, MAX_BODY_BYTES},
};
use worker::Env;

use crate::{config, http::check_encoding};

/// Its name in the access log.
pub const ROUTE: &str = "/webhooks/canopy";

/// A request as it came in.
pub struct Incoming<'a> {
    pub method: &'a str,
    pub started: UnixMillis,
    pub signature: Option<&'a str>,
    pub encoding: Option<&'a str>,
    pub body: Body,
    /// The body's SHA-256 and one MAC a secret, in a row, where the platform computed them after [`to_mac`].
    pub hashes: Option<&'a [u8]>,
}

/// What has arrived of a body.
pub enum Body {
    Whole(Vec<u8>),
    TooLarge,
    Broken,
}

/// A webhook that Canopy has sent.
pub struct Opened {
    pub envelope: Envelope,
    /// SHA-256 of the body.
    pub digest: [u8; 32],
    /// As JSON, of a body so large that nobody should look through it again.
    pub event: Option<String>,
}

/// For a body whose hashes the platform computes faster: `[timestamp, secret, …]`, or nothing when the header will be
/// refused anyhow.
pub fn to_mac(env: &Env, signature: Option<&str>, started: UnixMillis) -> Option<Vec<String>> {
    let config = config::required(env).ok()?;
    let (timestamp, secrets) =
        config.signing_secrets.to_mac(signature, started.seconds(), config.tolerance_seconds)?;
    let secrets = secrets.map(|secret| secret.expose().to_owned());
    Some(std::iter::once(timestamp.to_owned()).chain(secrets).collect())
}

/// Verifies and parses; or the problem to refuse it with.
pub fn open(env: &Env, incoming: Incoming<'_>) -> Result<Opened, Problem> {
    check_encoding(incoming.encoding)?;
    let config = config::required(env)?;
    if incoming.method != "POST" {
        return Err(Problem::method_not_allowed(&["POST"]));
    }
    let body = match incoming.body {
        Body::Whole(body) => body,
        Body::TooLarge => {
            let detail = format!("expected a body of at most {MAX_BODY_BYTES} bytes");
            return Err(Problem::new(Code::BodyTooLarge, detail));
        }
        Body::Broken => {
            return Err(Problem::new(Code::BodyMalformed, "expected a whole body: the connection broke"));
        }
    };
    let (now, tolerance) = (incoming.started.seconds(), config.tolerance_seconds);
    let hashes = incoming.hashes.and_then(|hashes| hashes.as_chunks::<32>().0.split_first());
    if let Some((digest, macs)) = hashes {
        SigningSecrets::verify_macs(incoming.signature, macs, now, tolerance)?;
        let event = Event::parse(&body)?;
        let text = serde_json::to_string(&event).expect("an event is plain data");
        return Ok(Opened { envelope: event.into(), digest: *digest, event: Some(text) });
    }
    config.signing_secrets.verify(incoming.signature, &body, now, tolerance)?;
    Ok(Opened { envelope: Envelope::parse(&body)?, digest: signature::digest(&body), event: None })
}
