//! Telling the session that a pull belongs to.

use canopy::{pull::Work, retry::Failure, session::Notice};

use super::{
    super::ledger::{Held, Ledger},
    failure::storage,
};
use crate::{objects::calls::SessionClient, platform};

/// Tells the session now. Should that fail the outbox does it; should it be lost, the copy that the same change called for
/// does, see [`catch_up`].
pub async fn tell(ledger: &Ledger) {
    let noted = match notify(ledger).await {
        Ok(revision) => {
            ledger.told.set(Some(revision));
            ledger.note(|held| {
                if held.record.end.position == revision {
                    held.outbox.told(platform::now());
                }
            })
        }
        Err(_) => ledger.change_outbox(|outbox| outbox.want(&Work::Notify, None, platform::now())).map(drop),
    };
    // What is not noted is done again.
    drop(noted);
}

/// Tells the session what this instance does not know that it was told.
pub async fn catch_up(ledger: &Ledger) {
    let due = ledger
        .read(|held| held.record.session().is_some() && ledger.told.get() != Some(held.record.end.position));
    if let Ok(Some(true)) = due {
        tell(ledger).await;
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
