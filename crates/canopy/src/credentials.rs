//! What a request authenticates with: schemes have no case (RFC 9110, section 11.1).

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Base64 with its padding or without: clients differ.
const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The token of `Authorization: Bearer <token>`.
#[must_use]
pub fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, value) = authorization.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| value.trim())
}

/// The back-office token, in each form that a client of Canopy's API brings its secret in: the header
/// `x-canopy-client-secret`, `Bearer <token>`, or `Basic` with the token as password. As at Canopy the header counts
/// before `Authorization`. Source: contract, "Authentication".
#[must_use]
pub fn api_token(authorization: Option<&str>, client_secret: Option<&str>) -> Option<String> {
    if let Some(secret) = client_secret {
        return Some(secret.trim().to_owned());
    }
    let authorization = authorization?;
    bearer(authorization).map(str::to_owned).or_else(|| password(authorization))
}

fn password(authorization: &str) -> Option<String> {
    let (scheme, value) = authorization.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = TOLERANT.decode(value.trim()).ok()?;
    // A user name may be in any encoding; nobody looks at it.
    let colon = pair.iter().position(|byte| *byte == b':')?;
    String::from_utf8(pair[colon + 1..].to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_in_each_form_of_canopys_clients() {
        let token = |authorization| api_token(Some(authorization), None);
        assert_eq!(token("Bearer demo-token").as_deref(), Some("demo-token"));
        assert_eq!(token("bEARER  demo-token ").as_deref(), Some("demo-token"));
        assert_eq!(token("Basic YW55OmRlbW86dG9rZW4=").as_deref(), Some("demo:token"));
        assert_eq!(token("basic YW55OmRlbW86dG9rZW4").as_deref(), Some("demo:token"));
        // The user name is é in Latin-1.
        assert_eq!(token("Basic 6TpkZW1v").as_deref(), Some("demo"));
        for header in ["", "demo-token", "Digest x", "Basic !", "Basic YW55", "Bearer"] {
            assert_eq!(token(header), None, "{header}");
        }
        assert_eq!(api_token(None, Some(" demo-token ")).as_deref(), Some("demo-token"));
        assert_eq!(api_token(Some("Bearer other"), Some("demo-token")).as_deref(), Some("demo-token"));
        assert_eq!(api_token(None, None), None);
    }

    #[test]
    fn a_session_token_is_a_bearer() {
        assert_eq!(bearer("bearer abc"), Some("abc"));
        assert_eq!(bearer("Basic abc"), None);
    }
}
