//! Signing in to a service: the token that it gives for a secret. Tokens stand in this isolate's memory and nowhere else.

use std::cell::RefCell;

use canopy::{config::Config, secret::Secret, time::UnixMillis};
use flow::{
    connector::gives_tokens,
    oauth::{self, Ask, Asking, TokenKey, Tokens, Ungiven},
    request::Grant,
};
use http::{HeaderValue, header};

use super::send::{Sent, Unmade, send};
use crate::platform::{self, clock};

/// Most bytes of a token's answer that are read.
const MAX_ANSWER: usize = 64 * 1024;

thread_local! {
    static TOKENS: RefCell<Tokens> = RefCell::default();
}

/// A secret that tokens are given for.
pub struct SignIn<'a> {
    config: &'a Config,
    name: &'a str,
    value: &'a Secret,
    grant: &'a Grant,
    key: TokenKey,
}

/// A token.
pub struct Token {
    pub token: Secret,
    /// Whether it was given for a call before: it may be good for nothing by now.
    pub is_kept: bool,
}

impl<'a> SignIn<'a> {
    /// With a secret of `host`.
    ///
    /// # Errors
    /// Where tokens for that host are not given there.
    pub fn new(
        config: &'a Config,
        name: &'a str,
        value: &'a Secret,
        host: &str,
        grant: &'a Grant,
    ) -> Result<Self, Unmade> {
        if !gives_tokens(host, grant.token_url()) {
            let url = grant.token_url();
            return Err(Unmade::Secret(format!(
                "{name} is a secret of {host}, which gives no tokens at {url}"
            )));
        }
        Ok(Self { config, name, value, grant, key: TokenKey::of(name, value, grant) })
    }

    /// The token that is kept, or one that is asked for until `end`. Two at once ask twice.
    pub async fn token(&self, end: UnixMillis) -> Result<Token, Unmade> {
        if let Some(token) = TOKENS.with_borrow(|tokens| tokens.find(self.key, clock::machine())) {
            return Ok(Token { token, is_kept: true });
        }
        let asked_at = clock::machine();
        let ask = self.ask().await?;
        let sent = Sent {
            method: "POST",
            url: self.grant.token_url(),
            headers: vec![(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/x-www-form-urlencoded"),
            )],
            body: Some(ask.form.expose()),
        };
        let answer = send(self.config, sent, end, MAX_ANSWER).await?;
        let secrets = [self.value.expose(), ask.proof.expose()];
        match oauth::read(answer.status, answer.body.as_deref(), &secrets) {
            Ok(given) => {
                TOKENS.with_borrow_mut(|tokens| tokens.keep(self.key, &given, asked_at));
                Ok(Token { token: given.token, is_kept: false })
            }
            Err(Ungiven::Passing(reason)) => Err(Unmade::Unanswered(reason)),
            Err(Ungiven::Refused(words)) => {
                Err(Unmade::Secret(format!("no token was given for {}: {words}", self.name)))
            }
        }
    }

    /// Forgets a token that the service does not take.
    pub fn forget(&self, token: &Token) {
        TOKENS.with_borrow_mut(|tokens| tokens.forget(self.key, &token.token));
    }

    async fn ask(&self) -> Result<Ask, Unmade> {
        let unusable = |detail: String| Unmade::Secret(format!("{}: {detail}", self.name));
        let now = clock::machine().seconds();
        match oauth::asking(self.grant, self.value, now).map_err(|error| unusable(error.to_string()))? {
            Asking::Whole(ask) => Ok(ask),
            Asking::Unsigned(unsigned) => {
                let (algorithm, key) = (unsigned.algorithm.as_str(), unsigned.key.secret_pkcs8_der());
                let signature = platform::rsa_signed(algorithm, key, &unsigned.text).await;
                let signature = signature.ok_or_else(|| unusable("expected an RSA key".to_owned()))?;
                Ok(unsigned.signed(&signature))
            }
        }
    }
}
