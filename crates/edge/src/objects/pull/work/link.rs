//! Telling the pull that a monitoring began with of its refresh.

use canopy::{
    config::Config,
    pull::{FIRST_PULL_GONE, Kind, Listing},
    retry::{Failure, Reason},
    schedule::OwnEvent,
};

use super::super::{
    download::{self, Miss},
    failure::storage,
    ledger::Ledger,
    log,
};
use crate::{objects::calls::PullClient, platform};

/// Tells it. One that the edge does not know is older than the edge, and adopted as Canopy's list would have it.
pub async fn link(ledger: &Ledger, config: &Config) -> Result<(), Miss> {
    let read = ledger.read(|record| (record.state.initial_pull_id().cloned(), record.refresh()));
    let Some((Some(initial), refresh)) = read.map_err(storage)? else { return Ok(()) };
    let client = PullClient::of(&ledger.env, &initial).map_err(storage)?;
    if client.refreshed(&refresh).await.map_err(storage)? {
        return Ok(());
    }
    let (body, _room) = match download::pull(config, &initial).await {
        // It is not there any more: its account's events are with this one.
        Err(Miss::Failed(Failure { status: Some(404 | 410), .. })) => return leave_alone(ledger),
        found => found?,
    };
    let malformed = || Failure::without_status(Reason::Malformed, platform::now());
    let listing =
        Listing::of_snapshot(&body).filter(|it| it.event.pull_id == initial).ok_or_else(malformed)?;
    client.listed(&listing, platform::now()).await.map_err(storage)?;
    client.refreshed(&refresh).await.map_err(storage)?;
    Ok(())
}

fn leave_alone(ledger: &Ledger) -> Result<(), Miss> {
    let now = platform::now();
    let written = ledger.change(|record| {
        if record.state.agenda().is_alone() {
            return Ok(());
        }
        log::catch_up(ledger, record, now)?;
        let event = OwnEvent::of_the_edge(FIRST_PULL_GONE, now);
        log::write(ledger, record, Kind::Own, None, &event, now).map(drop)
    });
    written.map(drop).map_err(|error| storage(error).into())
}
