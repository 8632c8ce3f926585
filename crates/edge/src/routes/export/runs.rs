//! The runs of workflows, each with its journal.

use flow::query::{RunCursor, RunId, RunQuery};

use super::{
    parts::{Export, THE_FILE, reason},
    sink::Stop,
};
use crate::{http::note, stores::runs};

/// Runs of a page of the list.
const PAGE: u32 = 100;

impl Export {
    /// Those that the list has, the newest first.
    pub async fn runs(&mut self) -> Result<(), Stop> {
        let mut query = RunQuery { pull_id: Some(self.pull.clone()), limit: PAGE, ..RunQuery::default() };
        loop {
            let (page, cursor) = match runs::page(&self.env, &query).await {
                Ok(page) => page,
                Err(thrown) => {
                    note("reading the runs", &thrown);
                    self.troubles.add("runs", "some of them", "reading the list failed");
                    return Ok(());
                }
            };
            let ids = page.iter().filter_map(|line| RunId::parse(line["run_id"].as_str()?));
            for id in ids.collect::<Vec<_>>() {
                let name = format!("runs/{}.json", id.number);
                match self.client.run(id.number).await {
                    Ok(Some(run)) => self.sink.file(&name, run.as_bytes()).await?,
                    Ok(None) => {}
                    Err(thrown) => self.troubles.add(&name, THE_FILE, reason(&thrown)),
                }
            }
            query.after = cursor.as_deref().and_then(RunCursor::read);
            if query.after.is_none() {
                return Ok(());
            }
        }
    }
}
