use std::collections::BTreeMap;

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use canopy::{
    retry::Reason,
    secret::Secret,
    time::{UnixMillis, UnixSeconds},
};
use serde_json::{Value as Json, json};

use super::*;
use crate::request::{Algorithm, Grant, Statement};

/// How keys begin: sequence, version, then an algorithm's sequence or a number.
const PKCS8: &[u8] = &[0x30, 0x07, 0x02, 0x01, 0x00, 0x30, 0x02, 0x05, 0x00];
const PKCS1: &[u8] = &[0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x03];

const NOW: UnixSeconds = UnixSeconds(1_700_000_000);

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", BASE64_STANDARD.encode(der))
}

fn statement() -> Statement {
    let texts = |name: &str, text: &str| BTreeMap::from([(name.to_owned(), text.to_owned())]);
    Statement {
        token_url: "https://sign.example/token".to_owned(),
        algorithm: Algorithm::PS256,
        header: texts("kid", "certificate"),
        claims: texts("iss", "client"),
    }
}

fn credentials() -> Grant {
    Grant::ClientCredentials { token_url: "https://sign.example/token".to_owned() }
}

fn unsigned(grant: &Grant, value: &str) -> Result<Unsigned, SecretError> {
    match asking(grant, &Secret::new(value), NOW)? {
        Asking::Unsigned(unsigned) => Ok(unsigned),
        Asking::Whole(_) => panic!("a statement is signed"),
    }
}

#[test]
fn a_key_is_taken_as_der_as_pem_and_as_a_service_account() {
    let file = json!({ "type": "service_account", "private_key": pem("PRIVATE KEY", PKCS8), "token_uri": "https://evil.example" });
    for bytes in [PKCS8.to_vec(), pem("PRIVATE KEY", PKCS8).into_bytes(), file.to_string().into_bytes()] {
        let unsigned = unsigned(&Grant::Jwt(statement()), &BASE64_STANDARD.encode(bytes)).unwrap();
        assert_eq!(unsigned.key.secret_pkcs8_der(), PKCS8);
    }
}

#[test]
fn what_is_no_key_is_refused_with_what_to_do() {
    let in_file = json!({ "private_key": pem("RSA PRIVATE KEY", PKCS1) }).to_string();
    for (value, error) in [
        ("not base64!".to_owned(), SecretError::Key),
        (BASE64_STANDARD.encode("nonsense"), SecretError::Key),
        (BASE64_STANDARD.encode(pem("CERTIFICATE", PKCS8)), SecretError::Key),
        (BASE64_STANDARD.encode(r#"{"private_key":"none"}"#), SecretError::Key),
        (BASE64_STANDARD.encode(PKCS1), SecretError::Pkcs1),
        (BASE64_STANDARD.encode(pem("RSA PRIVATE KEY", PKCS1)), SecretError::Pkcs1),
        (BASE64_STANDARD.encode(in_file), SecretError::Pkcs1),
        (BASE64_STANDARD.encode(pem("ENCRYPTED PRIVATE KEY", PKCS8)), SecretError::Encrypted),
    ] {
        assert_eq!(unsigned(&Grant::Jwt(statement()), &value).unwrap_err(), error, "{value}");
    }
    assert!(SecretError::Pkcs1.to_string().contains("openssl pkcs8 -topk8 -nocrypt"));
    for value in ["no pair", ":secret", "id:"] {
        assert_eq!(asking(&credentials(), &Secret::new(value), NOW).unwrap_err(), SecretError::Client);
    }
}

#[test]
fn a_client_shows_its_secret_in_the_body() {
    let Ok(Asking::Whole(ask)) = asking(&credentials(), &Secret::new("id:a:b&c"), NOW) else {
        panic!("nothing is signed")
    };
    assert_eq!(ask.form.expose(), "grant_type=client_credentials&client_id=id&client_secret=a%3Ab%26c");
    assert_eq!(ask.proof.expose(), "a:b&c");
}

#[test]
fn a_statement_says_who_asks_and_until_when() {
    let unsigned = unsigned(&Grant::Jwt(statement()), &BASE64_STANDARD.encode(PKCS8)).unwrap();
    let parts = unsigned.text.split('.').map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap());
    let parts: Vec<Json> = parts.map(|part| serde_json::from_slice(&part).unwrap()).collect();
    let expected = [
        json!({ "alg": "PS256", "typ": "JWT", "kid": "certificate" }),
        json!({ "iss": "client", "iat": 1_700_000_000, "exp": 1_700_000_300 }),
    ];
    assert_eq!(parts, expected);
    assert_eq!(unsigned.algorithm, Algorithm::PS256);
    assert!(!format!("{unsigned:?}").contains("key"));
}

#[test]
fn a_signed_statement_stands_as_the_grant_or_as_the_client() {
    let form = |grant| {
        let unsigned = unsigned(&grant, &BASE64_STANDARD.encode(PKCS8)).unwrap();
        let ask = unsigned.signed(&[0xff, 0xef]);
        assert_eq!(ask.proof.expose(), format!("{}._-8", unsigned.text));
        ask.form.expose().replace(ask.proof.expose(), "{jwt}")
    };
    assert_eq!(
        form(Grant::Jwt(statement())),
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={jwt}"
    );
    assert_eq!(
        form(Grant::ClientJwt(statement())),
        "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\
         &client_assertion={jwt}"
    );
}

#[test]
fn a_token_is_good_for_as_long_as_its_service_says() {
    let seconds = |more: Json| {
        let mut body = json!({ "access_token": "token-1234", "token_type": "Bearer" });
        body.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
        let given = read(200, Some(body.to_string().as_bytes()), &[]).unwrap();
        assert_eq!(given.token.expose(), "token-1234");
        given.seconds
    };
    assert_eq!(seconds(json!({ "expires_in": 3599 })), 3_599);
    assert_eq!(seconds(json!({ "expires_in": "3600", "token_type": "bearer" })), 3_600);
    assert_eq!(seconds(json!({})), 600);
    assert_eq!(seconds(json!({ "expires_in": "soon" })), 600);
    assert_eq!(seconds(json!({ "expires_in": u64::MAX })), 86_400);
}

#[test]
fn what_gives_no_token_passes_or_is_refused_in_words() {
    let none = |status, body: &str| read(status, Some(body.as_bytes()), &["hunter2hunter2"]).unwrap_err();
    let passing = |reason| Ungiven::Passing(reason);
    assert_eq!(none(429, ""), passing(Reason::RateLimited));
    assert_eq!(none(408, ""), passing(Reason::TimedOut));
    assert_eq!(none(425, ""), passing(Reason::ServerError));
    assert_eq!(none(503, ""), passing(Reason::ServerError));
    assert_eq!(read(200, None, &[]), Err(passing(Reason::Malformed)));
    for body in [
        "<html>",
        "{}",
        r#"{"access_token":"short"}"#,
        r#"{"access_token":"token\n1234"}"#,
        r#"{"access_token":"token-1234","token_type":"mac"}"#,
    ] {
        assert_eq!(none(200, body), passing(Reason::Malformed), "{body}");
    }
    let refused = |words: &str| Ungiven::Refused(words.to_owned());
    assert_eq!(none(400, r#"{"error":"invalid_grant"}"#), refused("invalid_grant"));
    assert_eq!(
        none(401, r#"{"error":"invalid_client","error_description":"no\nhunter2hunter2"}"#),
        refused("invalid_client: no[secret]")
    );
    assert_eq!(none(403, "<html>"), refused("the service answered 403"));
    assert_eq!(none(302, ""), refused("the service answered 302"));
    // One that the cut would have gone through.
    let long = json!({ "error": format!("{}hunter2hunter2", "x".repeat(295)) }).to_string();
    let Ungiven::Refused(words) = none(400, &long) else { panic!("400 is a refusal") };
    assert_eq!(words.strip_prefix(&"x".repeat(295)), Some("[secr"));
}

fn given(token: &str, seconds: u64) -> Given {
    Given { token: Secret::new(token), seconds }
}

fn key(name: &str, value: &str) -> TokenKey {
    TokenKey::of(name, &Secret::new(value), &credentials())
}

#[test]
fn a_token_is_kept_until_a_minute_before_its_end() {
    let (mut tokens, key, now) = (Tokens::default(), key("CRM", "id:secret"), UnixMillis(1_000));
    tokens.keep(key, &given("token-1234", 3_600), now);
    let last = now.plus(3_540_000 - 1);
    assert_eq!(tokens.find(key, last), Some(Secret::new("token-1234")));
    assert_eq!(tokens.find(key, last.plus(1)), None);
    tokens.keep(key, &given("token-short", 60), last.plus(1));
    assert_eq!(tokens.find(key, last.plus(1)), None);
}

#[test]
fn a_token_is_one_of_its_secret_its_value_and_its_grant() {
    let (mut tokens, now) = (Tokens::default(), UnixMillis(1_000));
    tokens.keep(key("CRM", "id:secret"), &given("token-1234", 3_600), now);
    let other = Grant::ClientCredentials { token_url: "https://other.example/token".to_owned() };
    for other in [
        key("OTHER", "id:secret"),
        key("CRM", "id:changed"),
        TokenKey::of("CRM", &Secret::new("id:secret"), &other),
    ] {
        assert_eq!(tokens.find(other, now), None);
    }
    assert!(tokens.find(key("CRM", "id:secret"), now).is_some());
}

#[test]
fn a_refused_token_is_forgotten_and_none_that_came_since() {
    let (mut tokens, key, now) = (Tokens::default(), key("CRM", "id:secret"), UnixMillis(1_000));
    tokens.keep(key, &given("token-old1", 3_600), now);
    tokens.keep(key, &given("token-new1", 3_600), now);
    tokens.forget(key, &Secret::new("token-old1"));
    assert_eq!(tokens.find(key, now), Some(Secret::new("token-new1")));
    tokens.forget(key, &Secret::new("token-new1"));
    assert_eq!(tokens.find(key, now), None);
}

#[test]
fn the_tokens_that_are_kept_are_bounded() {
    let (mut tokens, now) = (Tokens::default(), UnixMillis(1_000));
    let keys: Vec<_> = (0..100).map(|number| key(&format!("CRM{number}"), "id:secret")).collect();
    for (at, key) in keys.iter().enumerate() {
        tokens.keep(*key, &given("token-1234", 3_600 + at as u64), now);
    }
    let kept: Vec<_> = keys.iter().map(|key| tokens.find(*key, now).is_some()).collect();
    assert_eq!(kept, [[false; 36].as_slice(), &[true; 64]].concat());
    assert!(!format!("{tokens:?}").contains("token-1234"));
}
