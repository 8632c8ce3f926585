//! What is behind an invitation's link: its page, and the sessions that come of it. A GET counts nothing: scanners and link previews
//! open whatever is sent.

use canopy::{
    config::Config,
    invitation::{Invitation, Page, policy},
    problem::{Code, Problem},
    routes::Endpoint,
    session::Settings,
};
use http::{HeaderName, HeaderValue, header};

use super::limits;
use crate::{
    http::{Body, Incoming, Reply, header_value, internal},
    platform,
    stores::{
        d1,
        invitations::{self, Opened},
    },
};

/// `/i/{token}`
pub async fn answer(
    incoming: &Incoming,
    config: &Config,
    endpoint: Endpoint,
    token: &str,
) -> Result<Reply, Problem> {
    if endpoint == Endpoint::OpenInvitation {
        limits::check(incoming, limits::REPORTS).await?;
        open(incoming, config, token, Opened::Page).await?;
        return Ok(Reply::empty(204));
    }
    let nonce = hex::encode(platform::random::<16>());
    let page = Page { brand: &config.brand, origin: incoming.origin(), nonce: &nonce, funnel: config.funnel };
    let (status, page) = match Invitation::open(token, &config.invitation_key) {
        None => (404, page.unknown()),
        Some(invitation) if is_over(incoming, &invitation).await => (410, page.over(&invitation)),
        Some(invitation) => (200, page.invited(&invitation, token)),
    };
    let html = HeaderValue::from_static("text/html;charset=utf-8");
    let reply = Reply::with_type(status, html, Body::Text(page))
        .with_header(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"))
        .with_header(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    let policy = header_value(&policy(&config.brand, &nonce, config.is_local));
    Ok(policy
        .into_iter()
        .fold(reply, |reply, policy| reply.with_header(header::CONTENT_SECURITY_POLICY, policy)))
}

/// Whether its time is over, or it was taken back. A page that cannot ask the database is shown: its session asks again.
async fn is_over(incoming: &Incoming, invitation: &Invitation) -> bool {
    if invitation.is_expired(platform::now()) {
        return true;
    }
    let is_good = invitations::is_good(&incoming.env, &invitation.id).await;
    !is_good.map_err(internal("reading the invitation")).unwrap_or(true)
}

/// What a session is opened for that a page asks for with `token`.
pub async fn settings(incoming: &Incoming, config: &Config, token: &str) -> Result<Settings, Problem> {
    open(incoming, config, token, Opened::Session).await.map(|invitation| invitation.settings())
}

/// The invitation behind `token`, which somebody has opened.
async fn open(incoming: &Incoming, config: &Config, token: &str, by: Opened) -> Result<Invitation, Problem> {
    let invitation = Invitation::open(token, &config.invitation_key).ok_or_else(|| {
        Problem::new(Code::InvitationInvalid, "expected the link of an invitation, whole, as it was sent")
    })?;
    let now = platform::now();
    if invitation.is_expired(now) {
        let detail = "expected an invitation whose time is not over: make a new one";
        return Err(Problem::new(Code::InvitationExpired, detail));
    }
    let is_good = invitations::open(&incoming.env, &invitation.id, by, now).await;
    if is_good.map_err(d1::problem("reading the invitation"))? {
        return Ok(invitation);
    }
    let detail = "expected an invitation that was not taken back: make a new one";
    Err(Problem::new(Code::InvitationRevoked, detail))
}
