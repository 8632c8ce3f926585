//! One request on its way to a service, or to what stands in for it on this machine.

use canopy::{config::Config, retry::Reason, time::UnixMillis};
use flow::{request::host_of, run};
use http::{HeaderName, HeaderValue, header};

use crate::{
    http::{Headers, header_value},
    platform::{self, Fetched, clock},
};

/// Why a request was not made.
pub enum Unmade {
    /// It had no answer.
    Unanswered(Reason),
    /// Its secret is none, or another host's, or the service does not take it.
    Secret(String),
    /// It is none that HTTP allows.
    Malformed,
    /// It is not made, or not known to be made, and not tried again.
    Refused(run::Reason, String),
}

/// What is sent.
pub struct Sent<'a> {
    pub method: &'a str,
    pub url: &'a str,
    pub headers: Headers,
    pub body: Option<&'a str>,
}

/// Sends it, and reads at most so many bytes of the answer, until `end` by the machine's clock.
pub async fn send(config: &Config, sent: Sent<'_>, end: UnixMillis, most: usize) -> Result<Fetched, Unmade> {
    let Sent { method, url, mut headers, body } = sent;
    let millis = u64::try_from(end.0 - clock::machine().0).ok().filter(|millis| *millis > 0);
    let millis = millis.ok_or(Unmade::Unanswered(Reason::TimedOut))?;
    headers.push((header::USER_AGENT, HeaderValue::from_static("canopy-edge")));
    let stand_in = config.local_hosts.stand_in(url);
    if stand_in.is_some() {
        let host = host_of(url).unwrap_or_default();
        headers.push((HeaderName::from_static("x-edge-host"), value(&host)?));
    }
    let url = stand_in.as_deref().unwrap_or(url);
    platform::fetched(method, url, &headers, body, millis, most).await.map_err(Unmade::Unanswered)
}

/// A header's value.
pub fn value(text: &str) -> Result<HeaderValue, Unmade> {
    header_value(text).ok_or(Unmade::Malformed)
}
