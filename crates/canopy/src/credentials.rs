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

/// What may be the back-office token, in each form that a client of Canopy's API brings its secret in: `Bearer <token>`,
/// `Basic` with the token as password, or the header `x-canopy-client-secret`. Source: contract, "Authentication".
pub fn api_tokens(authorization: Option<&str>, client_secret: Option<&str>) -> impl Iterator<Item = String> {
    let authorization =
        authorization.and_then(|text| bearer(text).map(str::to_owned).or_else(|| password(text)));
    authorization.into_iter().chain(client_secret.map(|secret| secret.trim().to_owned()))
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
        let token = |authorization| api_tokens(Some(authorization), None).next();
        assert_eq!(token("Bearer demo-token").as_deref(), Some("demo-token"));
        assert_eq!(token("bEARER  demo-token ").as_deref(), Some("demo-token"));
        assert_eq!(token("Basic YW55OmRlbW86dG9rZW4=").as_deref(), Some("demo:token"));
        assert_eq!(token("basic YW55OmRlbW86dG9rZW4").as_deref(), Some("demo:token"));
        // The user name is é in Latin-1.
        assert_eq!(token("Basic 6TpkZW1v").as_deref(), Some("demo"));
        for header in ["", "demo-token", "Digest x", "Basic !", "Basic YW55", "Bearer"] {
            assert_eq!(token(header), None, "{header}");
        }
        assert!(api_tokens(None, Some(" demo-token ")).eq(["demo-token"]));
        assert!(api_tokens(Some("Bearer one"), Some("two")).eq(["one", "two"]));
        assert_eq!(api_tokens(None, None).count(), 0);
    }

    #[test]
    fn a_session_token_is_a_bearer() {
        assert_eq!(bearer("bearer abc"), Some("abc"));
        assert_eq!(bearer("Basic abc"), None);
    }
}
