//! Telling the session that a pull belongs to.

use canopy::{pull::Record, retry::Failure, session::Notice};

use super::super::{failure::storage, ledger::Ledger};
use crate::{objects::calls::SessionClient, platform};

/// Tells the session now. Should that fail the outbox does it; should it be lost, the record says that it was not told.
pub async fn tell(ledger: &Ledger) {
    if notify(ledger).await.is_err() {
        // Where that cannot be noted it is known when the object wakes.
        if let Ok(Some(mut record)) = ledger.take() {
            record.resume(platform::now());
            ledger.settle(record);
        }
    }
}

/// Tells the session what is known now.
pub async fn notify(ledger: &Ledger) -> Result<(), Failure> {
    let told = ledger.read(|record| (record.end.position, record.session(), notice_of(record)));
    let (revision, session, notice) = told.map_err(storage)?.ok_or_else(|| storage(()))?;
    if let Some(session) = &session {
        let client = SessionClient::named(&ledger.env, session).map_err(storage)?;
        client.notify(&notice).await.map_err(storage)?;
    }
    let noted = ledger.note(|record| {
        // Another may have taken the pull over meanwhile.
        if record.session() == session {
            record.told(revision, platform::now());
        }
    });
    noted.map(drop).map_err(storage)
}

fn notice_of(record: &Record) -> String {
    let revision = record.end.position.unsigned_abs();
    let notice = Notice::new(record.pull_id.clone(), revision, record.state.view());
    serde_json::to_string(&notice).expect("a notice is plain data")
}
