//! What a token is asked with.

use std::fmt;

use canopy::{secret::Secret, time::UnixSeconds};
use rustls_pki_types::PrivatePkcs8KeyDer;
use url::form_urlencoded::Serializer;

use super::{
    assertion,
    key::{self, SecretError},
};
use crate::request::{Algorithm, Grant};

/// The grant of a signed statement. Source: RFC 7523, section 2.1.
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// A client's signed statement. Source: RFC 7523, section 2.2.
const CLIENT_JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A request for a token.
#[derive(Debug)]
pub struct Ask {
    /// Its body, as `application/x-www-form-urlencoded`.
    pub form: Secret,
    /// What in it nobody else may see.
    pub proof: Secret,
}

/// A request for a token, as far as it is made without a signature.
#[derive(Debug)]
pub enum Asking {
    /// It needs none.
    Whole(Ask),
    /// It does.
    Unsigned(Unsigned),
}

/// What is to be signed, and how.
pub struct Unsigned {
    /// How.
    pub algorithm: Algorithm,
    /// With what, as PKCS #8.
    pub key: PrivatePkcs8KeyDer<'static>,
    /// What.
    pub text: String,
    is_client: bool,
}

/// What the value of a secret is shown for.
///
/// # Errors
/// Where the value is none that this grant takes.
pub fn asking(grant: &Grant, value: &Secret, now: UnixSeconds) -> Result<Asking, SecretError> {
    let (statement, is_client) = match grant {
        Grant::ClientCredentials { .. } => {
            let (id, secret) = key::client(value.expose())?;
            let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
            return Ok(Asking::Whole(Ask::new(&form, secret)));
        }
        Grant::Jwt(statement) => (statement, false),
        Grant::ClientJwt(statement) => (statement, true),
    };
    Ok(Asking::Unsigned(Unsigned {
        algorithm: statement.algorithm,
        key: key::private_key(value.expose())?,
        text: assertion::unsigned(statement, now),
        is_client,
    }))
}

impl Unsigned {
    /// The request, by the signature of its text.
    #[must_use]
    pub fn signed(&self, signature: &[u8]) -> Ask {
        let token = assertion::signed(&self.text, signature);
        if self.is_client {
            let form = [
                ("grant_type", "client_credentials"),
                ("client_assertion_type", CLIENT_JWT_BEARER),
                ("client_assertion", &token),
            ];
            return Ask::new(&form, &token);
        }
        Ask::new(&[("grant_type", JWT_BEARER), ("assertion", &token)], &token)
    }
}

impl Ask {
    fn new(form: &[(&str, &str)], proof: &str) -> Self {
        let form = Serializer::new(String::new()).extend_pairs(form).finish();
        Self { form: Secret::new(form), proof: Secret::new(proof) }
    }
}

impl fmt::Debug for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsigned").field("algorithm", &self.algorithm).field("text", &self.text).finish()
    }
}
