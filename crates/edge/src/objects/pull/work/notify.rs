//! Telling the session that a pull belongs to.

use canopy::{retry::Failure, session::Notice};

use super::{
    super::ledger::{Held, Ledger},
    failure::storage,
};
use crate::{objects::calls::SessionClient, platform};

/// Tells the session now, without waiting for the alarm; should that fail, the alarm does it.
pub async fn tell(ledger: &Ledger) {
    if let Ok(revision) = notify(ledger).await {
        let told = ledger.note(|held| {
            if held.record.end.position == revision {
                held.outbox.told(platform::now());
            }
        });
        // What is not noted is done again by the alarm.
        drop(told);
    }
}

/// Gives the revision that the session was told of.
pub async fn notify(ledger: &Ledger) -> Result<i64, Failure> {
    let told = ledger.read(|held| {
        let notice = |session: String| Some((session, notice_of(held)?));
        (held.record.end.position, held.record.session().and_then(notice))
    });
    let (revision, told) = told.map_err(storage)?.ok_or_else(|| storage(()))?;
    if let Some((session, notice)) = told {
        let client = SessionClient::named(&ledger.env, &session).map_err(storage)?;
        client.notify(&notice).await.map_err(storage)?;
    }
    Ok(revision)
}

fn notice_of(held: &Held) -> Option<String> {
    let revision = held.record.end.position.unsigned_abs();
    let notice = Notice::new(held.pull_id().ok()?, revision, held.record.state.view());
    Some(serde_json::to_string(&notice).expect("a notice is plain data"))
}
