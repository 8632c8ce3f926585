//! The agency's personal links, as its back office makes them and follows them.

use canopy::{
    config::{ApiToken, Config},
    contract::Scope,
    id::InvitationId,
    invitation::{InvitationQuery, NewInvitation, is_erasing},
    problem::{Code, Problem},
    proxy,
    routes::Endpoint,
};
use serde_json::{Value, json};

use crate::{
    http::{Incoming, Reply},
    platform,
    stores::{d1, invitations},
};

/// Largest body taken, in bytes.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// Random bytes of an id: nobody guesses one, and the link stays short.
const ID_BYTES: usize = 10;

fn unknown() -> Problem {
    Problem::new(Code::NotFound, "expected an invitation that GET /api/v1/invitations shows")
}

/// `GET /api/v1/invitations`
pub async fn page(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    let query = InvitationQuery::read(incoming.parameters())?;
    let page = invitations::page(&incoming.env, &query, platform::now()).await;
    let (page, cursor) = page.map_err(d1::problem("reading the invitations"))?;
    let page: Vec<Value> = page.iter().map(|standing| standing.view(config, incoming.origin())).collect();
    Ok(Reply::json(200, &json!({ "invitations": page, "cursor": cursor })))
}

/// `POST /api/v1/invitations`
pub async fn make(incoming: &Incoming, config: &Config, caller: &str) -> Result<Reply, Problem> {
    let now = platform::now();
    let new = NewInvitation::read(&incoming.body(MAX_BODY_BYTES).await?.to_vec(), now)?;
    let id = hex::encode(platform::random::<ID_BYTES>());
    let made = new.made(InvitationId::parse(&id).expect("hexadecimal digits are an identifier"));
    let token = made.seal(&config.invitation_key, platform::random());
    let put = invitations::put(&incoming.env, &made, &token, caller, now).await;
    let standing = put.map_err(d1::problem("writing the invitation"))?;
    Ok(Reply::json(201, &standing.view(config, incoming.origin())))
}

/// `/api/v1/invitations/{invitation_id}`: to have one forgotten takes the scope of other deletions.
pub async fn of_one(
    incoming: &Incoming,
    config: &Config,
    caller: &ApiToken,
    endpoint: Endpoint,
    id: &str,
) -> Result<Reply, Problem> {
    let id = InvitationId::parse(id).map_err(|error| Problem::new(Code::InputInvalid, error.to_string()))?;
    if endpoint == Endpoint::RevokeInvitation {
        let (env, now) = (&incoming.env, platform::now());
        let known = if is_erasing(incoming.parameters())? {
            proxy::require(caller.scopes, Scope::Admin)?;
            invitations::erase(env, &id, now).await
        } else {
            invitations::revoke(env, &id, now).await
        };
        let known = known.map_err(d1::problem("taking back the invitation"))?;
        return if known { Ok(Reply::empty(204)) } else { Err(unknown()) };
    }
    let found = invitations::find(&incoming.env, &id, platform::now()).await;
    let found = found.map_err(d1::problem("reading the invitation"))?.ok_or_else(unknown)?;
    Ok(Reply::json(200, &found.view(config, incoming.origin())))
}
