//! The links of approvals: put into a request when it is sent, and taken out of its answer.

use canopy::{config::Config, security::approval};
use flow::{request::Request, run::Ask};

use crate::platform::Fetched;

/// What stands for each link until it is sent, and the link.
pub struct Links(Vec<[String; 2]>);

impl Links {
    /// Of what a run asks.
    pub fn of(config: &Config, asked: impl Iterator<Item = Ask>) -> Self {
        let link =
            |ask: Ask| [ask.unsigned(), ask.signed(&approval::sign(&config.session_key, &ask.subject()))];
        Self(asked.map(link).collect())
    }

    /// The request as it is sent.
    pub fn put_into(&self, request: &Request) -> Request {
        let put = |text: &str| {
            self.0.iter().fold(text.to_owned(), |text, [unsigned, signed]| text.replace(unsigned, signed))
        };
        let headers = request.headers.iter().map(|(name, value)| (name.clone(), put(value))).collect();
        let body = request.body.as_deref().map(put);
        Request { url: put(&request.url), headers, body, ..request.clone() }
    }

    /// The answer as it is kept: a service may say a link again.
    pub fn take_out_of(&self, fetched: Fetched) -> Fetched {
        if self.0.is_empty() {
            return fetched;
        }
        let take = |text: &str| {
            self.0.iter().fold(text.to_owned(), |text, [unsigned, signed]| text.replace(signed, unsigned))
        };
        let headers = fetched.headers.iter().map(|(name, value)| (name.clone(), take(value))).collect();
        let body = fetched.body.map(|body| match std::str::from_utf8(&body) {
            Ok(text) => take(text).into_bytes(),
            Err(_) => body,
        });
        Fetched { headers, body, ..fetched }
    }
}
