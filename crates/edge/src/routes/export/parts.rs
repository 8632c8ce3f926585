//! The files of an export. What cannot be read is noted, and the others go on.

use std::rc::Rc;

use canopy::{
    config::Config,
    export::{Names, Troubles},
    id::PullId,
    paging::MAX_LIMIT,
    pull::served_type,
    seal::{OpenError, stream::CHUNK_BYTES},
    security::audit::AuditQuery,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use web_sys::ReadableStream;
use worker::Env;

use super::{
    seen::Document,
    sink::{Sink, Stop},
};
use crate::{
    http::note,
    objects::calls::{PullClient, StoredDocument},
    platform::{Thrown, stream::Chunks},
    routes::intake,
    stores::{
        audit,
        r2::{self, ReadError, Reading},
    },
};

/// One export that is being written.
pub struct Export {
    pub env: Env,
    config: Rc<Config>,
    pub client: PullClient,
    pub pull: PullId,
    pub sink: Sink,
    pub troubles: Troubles,
}

/// A page of the log, for [`PullClient::events_as_they_open`].
#[derive(Deserialize)]
struct Page<'p> {
    #[serde(borrow)]
    events: Vec<&'p RawValue>,
    #[serde(default)]
    unopened: Vec<Unopened>,
    next: Option<i64>,
}

#[derive(Deserialize)]
struct Unopened {
    position: i64,
    reason: String,
}

pub const THE_FILE: &str = "the file";
const GONE: &str = "it is not stored any more";

impl Export {
    pub fn new(env: Env, config: Rc<Config>, client: PullClient, pull: PullId, sink: Sink) -> Self {
        Self { env, config, client, pull, sink, troubles: Troubles::default() }
    }

    /// All entries, as pages of the log show them.
    pub async fn log(&mut self) -> Result<(), Stop> {
        let name = "log.json";
        self.sink.begin(name)?;
        self.sink.write(b"{\"events\":[").await?;
        let (mut after, mut is_first) = (0, true);
        loop {
            let page = match self.client.events_as_they_open(after, MAX_LIMIT).await {
                Ok(page) => page.unwrap_or_default(),
                Err(thrown) => {
                    self.troubles.add(name, format!("the entries after {after}"), reason(&thrown));
                    break;
                }
            };
            let Ok(page) = serde_json::from_str::<Page<'_>>(&page) else {
                self.troubles.add(
                    name,
                    format!("the entries after {after}"),
                    "they are of no form that is known",
                );
                break;
            };
            for entry in &page.events {
                if !std::mem::take(&mut is_first) {
                    self.sink.write(b",").await?;
                }
                self.sink.write(entry.get().as_bytes()).await?;
            }
            for Unopened { position, reason } in page.unopened {
                self.troubles.add(name, format!("the body of entry {position}"), reason);
            }
            match page.next {
                Some(next) => after = next,
                None => break,
            }
        }
        self.sink.write(b"]}").await
    }

    /// A version as Canopy gave it.
    pub async fn snapshot(&mut self, version: u32) -> Result<(), Stop> {
        let name = format!("snapshots/{version}.json");
        match self.client.snapshot(version).await {
            Ok(Some(stream)) => {
                self.sink.begin(&name)?;
                self.stream(&name, &stream).await
            }
            Ok(None) => {
                self.troubles.add(&name, THE_FILE, GONE);
                Ok(())
            }
            Err(thrown) => {
                self.troubles.add(&name, THE_FILE, reason(&thrown));
                Ok(())
            }
        }
    }

    async fn stream(&mut self, name: &str, stream: &ReadableStream) -> Result<(), Stop> {
        let mut given = 0;
        let chunks = match Chunks::of(stream, CHUNK_BYTES) {
            Ok(chunks) => chunks,
            Err(thrown) => {
                self.troubles.add(name, THE_FILE, reason(&thrown));
                return Ok(());
            }
        };
        loop {
            match chunks.next(CHUNK_BYTES).await {
                Ok(chunk) if chunk.length() == 0 => return Ok(()),
                Ok(chunk) => {
                    given += chunk.length();
                    self.sink.write(&chunk.to_vec()).await?;
                }
                Err(thrown) => {
                    self.troubles.add(name, what_follows(given.into()), reason(&thrown));
                    return Ok(());
                }
            }
        }
    }

    /// The agency's rows of a version; nothing where it is not mapped.
    pub async fn intake(&mut self, version: u32) -> Result<(), Stop> {
        let name = format!("intake/{version}.json");
        match intake::rows(&self.env, &self.client, version).await {
            Ok(Some(rows)) => self.sink.file(&name, &rows).await,
            Ok(None) => Ok(()),
            Err(problem) => {
                self.troubles.add(&name, THE_FILE, problem.detail);
                Ok(())
            }
        }
    }

    /// All documents that are stored.
    pub async fn documents(&mut self, documents: &[Document]) -> Result<(), Stop> {
        let mut names = Names::default();
        for document in documents.iter().filter(|document| document.is_stored()) {
            let id = &document.document_id;
            let known = self.client.document(id).await;
            let content_type = known.as_ref().ok().and_then(|known| known.as_ref()?.content_type.as_deref());
            let name = names.of(document.title.as_deref(), id, &served_type(content_type));
            let name = format!("documents/{name}");
            let reading = match known {
                Ok(Some(known)) => self.reading(id.as_str(), &known).await,
                Ok(None) => Ok(None),
                Err(thrown) => Err(thrown.into()),
            };
            match reading {
                Ok(Some((mut reading, first))) => {
                    self.sink.begin(&name)?;
                    self.sink.write(&first).await?;
                    self.rest(&name, &mut reading, first.len()).await?;
                }
                Ok(None) => self.troubles.add(&name, THE_FILE, GONE),
                Err(error) => self.troubles.add(&name, THE_FILE, unread(&error)),
            }
        }
        Ok(())
    }

    /// A document with its first chunk: one that cannot be opened is no file.
    async fn reading(
        &self,
        id: &str,
        known: &StoredDocument,
    ) -> Result<Option<(Reading, Vec<u8>)>, ReadError> {
        let key = r2::document_key(self.pull.as_str(), id);
        let Some(object) = r2::document(&self.env, &key).await? else { return Ok(None) };
        let is_sealed = known.is_sealed_as(object.size());
        let mut reading = Reading::of(&object, &self.config.keys, &key, is_sealed).await?;
        let first = reading.next().await?.map(|chunk| chunk.to_vec()).unwrap_or_default();
        Ok(Some((reading, first)))
    }

    async fn rest(&mut self, name: &str, reading: &mut Reading, mut given: usize) -> Result<(), Stop> {
        loop {
            match reading.next().await {
                Ok(None) => return Ok(()),
                Ok(Some(chunk)) => {
                    given += chunk.length() as usize;
                    self.sink.write(&chunk.to_vec()).await?;
                }
                Err(error) => {
                    self.troubles.add(name, what_follows(given as u64), unread(&error));
                    return Ok(());
                }
            }
        }
    }

    /// Who asked for the pull's data, the newest first.
    pub async fn audit(&mut self) -> Result<(), Stop> {
        let name = "audit.json";
        let mut query =
            AuditQuery { pull_id: Some(self.pull.clone()), limit: MAX_LIMIT, ..AuditQuery::default() };
        self.sink.begin(name)?;
        self.sink.write(b"{\"entries\":[").await?;
        let mut is_first = true;
        loop {
            let entries = match audit::page(&self.env, &query).await {
                Ok(entries) => entries,
                Err(thrown) => {
                    note("reading the audit log", &thrown);
                    self.troubles.add(name, "entries", "reading the audit log failed");
                    break;
                }
            };
            // One more than was asked for says that there is another page.
            let has_more = entries.len() > query.limit as usize;
            let page = &entries[..entries.len().min(query.limit as usize)];
            for entry in page {
                if !std::mem::take(&mut is_first) {
                    self.sink.write(b",").await?;
                }
                let entry = serde_json::to_vec(entry).expect("an entry is plain data");
                self.sink.write(&entry).await?;
            }
            let Some(last) = page.last().filter(|_| has_more) else { break };
            query.after = Some(last.cursor.clone());
        }
        self.sink.write(b"]}").await
    }
}

fn what_follows(given: u64) -> String {
    format!("what follows its first {given} bytes")
}

/// Why a pull's object gave nothing: what it says of a key, and of nothing else.
pub fn reason(thrown: &Thrown) -> String {
    const KNOWN: [OpenError; 2] = [OpenError::Malformed, OpenError::Tampered];
    let message = thrown.message().unwrap_or_default();
    let missing = OpenError::key_missing_in(&message).map(str::to_owned);
    let known = || KNOWN.iter().map(ToString::to_string).find(|known| message.ends_with(known.as_str()));
    missing.or_else(known).unwrap_or_else(|| {
        note("exporting the pull", thrown);
        "reading it failed".to_owned()
    })
}

fn unread(error: &ReadError) -> String {
    match error {
        ReadError::Storage(thrown) => reason(thrown),
        ReadError::Sealed(error) => error.to_string(),
        ReadError::NoRoom => "other large documents were under way".to_owned(),
    }
}
