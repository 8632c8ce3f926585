//! A world that tests drive natively, as its callers would.

use serde_json::{Value, json};

use crate::{
    config::Config,
    contract,
    http::{Body, Call, Reply},
    world::World,
};

pub const TEAM: [(&str, &str); 2] =
    [("x-canopy-client-id", "demo-client"), ("x-canopy-client-secret", "demo-client-secret")];

/// Path of the team's own operations.
pub const TEAM_PATH: &str = "/api/v1.0.0/teams/00000000-0000-4000-8000-000000000001";

/// A world whose webhooks are kept in its deliveries.
pub fn world() -> World {
    let mut world =
        World::new(Config::read(|name| (name == "SANDBOX_HOOK_URL").then(|| "http://edge/hook".to_owned())));
    world.register_configured_hooks();
    world.now = 1_790_000_000_000;
    world
}

pub fn call(world: &mut World, path: &str, headers: &[(&str, &str)], body: &Value) -> (u16, Value) {
    whole(serve(world, "POST", path, headers, body))
}

pub fn serve(world: &mut World, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
    world.serve(&Call {
        method: method.into(),
        origin: "http://sandbox".into(),
        path: path.into(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.to_string().into_bytes(),
        ..Call::default()
    })
}

pub fn whole(reply: Reply) -> (u16, Value) {
    let Reply::Whole { answer, .. } = reply else { panic!("no fault is set, and no edge") };
    let Body::Here(body) = answer.body else { panic!("no file was asked for") };
    (answer.status, serde_json::from_slice(&body).unwrap())
}

pub fn connected(world: &mut World, username: &str) -> (String, String) {
    let tokens =
        call(world, "/sandbox/tokenize", &[], &json!({"username": username, "password": "pass_good"})).1;
    let body = json!({
        "device_identifier": "127.0.0.1",
        "terms_version": 1,
        "consent_language": "I agree",
        "public_alias": "demo",
        "insurerName": "statefarm",
        "insurerUsername": tokens["tokens"]["username"],
        "insurerPassword": tokens["tokens"]["password"],
    });
    let path = format!("{}/widget/pull/consentAndConnect", contract::BASE);
    let (status, made) = call(world, &path, &TEAM, &body);
    assert_eq!(status, 200, "{made}");
    (made["pull_id"].as_str().unwrap().to_owned(), made["pull_jwt"].as_str().unwrap().to_owned())
}
