//! The carrying: a Worker that hands everything to one Durable Object, which keeps the [`World`] in
//! memory and each of its rows in SQLite, and is woken by its alarm when something is due.

use std::{cell::RefCell, rc::Rc, time::Duration};

use futures_util::stream::{self, StreamExt as _};
use worker::{
    Context, Date, Delay, DurableObject, Env, Error, Headers, Request, Response, Result, SqlStorageValue,
    State, durable_object, event,
};

use crate::{
    config::Config,
    http::{Answer, Body, Call, Reply},
    outgoing::{deliver, tell},
    rows::{FILE, Part},
    table::Change,
    world::World,
};

const SCHEMA: [&str; 2] = [
    "create table if not exists rows (kind text not null, id text not null, document text not null, primary key (kind, id)) without rowid",
    "create table if not exists parts (file_id text not null, number integer not null, bytes blob not null, primary key (file_id, number))",
];

/// What is due later is waited for in steps: a day at a time, however far away a caller's date is.
const LONGEST_WAIT_MS: u64 = 86_400_000;

/// How long the kept part of a cut body has to reach the client.
const CUT_AFTER_MS: u64 = 50;

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    env.durable_object("SANDBOX")?.get_by_name("sandbox")?.fetch_with_request(request).await
}

/// The one object that is the sandbox.
#[durable_object]
#[derive(Debug, Clone)]
pub struct Sandbox {
    state: Rc<State>,
    world: Rc<RefCell<World>>,
}

impl DurableObject for Sandbox {
    fn new(state: State, env: Env) -> Self {
        let mut world = World::new(Config::read(|name| env.var(name).ok().map(|value| value.to_string())));
        let sandbox =
            Self { state: Rc::new(state), world: Rc::new(RefCell::new(World::new(world.config.clone()))) };
        sandbox.load(&mut world).expect("the sandbox's own storage can be read");
        world.register_configured_hooks();
        world.resume_deliveries();
        sandbox.world.replace(world);
        sandbox
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let call = read_call(&mut request).await?;
        let reply = self.in_world(|world| world.serve(&call)).await?;
        self.realise(reply).await
    }

    async fn alarm(&self) -> Result<Response> {
        let due = self.in_world(World::tick).await?;
        for outgoing in due {
            let sandbox = self.clone();
            self.state.wait_until(async move {
                let result = deliver(&outgoing).await;
                if let Err(error) =
                    sandbox.in_world(|world| world.finish_delivery(&outgoing.delivery, result)).await
                {
                    worker::console_error!("a delivery's end could not be stored: {error}");
                }
            });
        }
        Response::empty()
    }
}

impl Sandbox {
    /// Lets the world change, stores what changed, and sets the alarm to what is due next.
    async fn in_world<T>(&self, change: impl FnOnce(&mut World) -> T) -> Result<T> {
        let (result, changes, parts, due_in) = {
            let mut world = self.world.borrow_mut();
            world.now = Date::now().as_millis();
            let result = change(&mut world);
            let due_in = world.next_due_ms().map(|due| due.saturating_sub(world.now).min(LONGEST_WAIT_MS));
            (result, world.take_changes(), world.take_parts(), due_in)
        };
        self.store(changes)?;
        self.store_parts(parts)?;
        match due_in {
            Some(wait) => self.state.storage().set_alarm(Duration::from_millis(wait)).await?,
            None => self.state.storage().delete_alarm().await?,
        }
        Ok(result)
    }

    fn load(&self, world: &mut World) -> Result<()> {
        let sql = self.state.storage().sql();
        for table in SCHEMA {
            sql.exec(table, None)?;
        }
        for row in sql.exec("select kind, id, document from rows", None)?.raw() {
            let texts: Vec<String> = row?
                .into_iter()
                .map(|value| if let SqlStorageValue::String(text) = value { text } else { String::new() })
                .collect();
            if let [kind, id, document] = &texts[..] {
                world.load(kind, id, document);
            }
        }
        Ok(())
    }

    fn store(&self, changes: Vec<Change>) -> Result<()> {
        let sql = self.state.storage().sql();
        for Change { kind, id, document } in changes {
            match document {
                Some(document) => sql.exec(
                    "insert or replace into rows values (?, ?, ?)",
                    vec![kind.to_owned().into(), id.into(), document.into()],
                )?,
                None => {
                    if kind == FILE {
                        sql.exec("delete from parts where file_id = ?", vec![id.as_str().into()])?;
                    }
                    sql.exec(
                        "delete from rows where kind = ? and id = ?",
                        vec![kind.to_owned().into(), id.into()],
                    )?
                }
            };
        }
        Ok(())
    }

    fn store_parts(&self, parts: Vec<Part>) -> Result<()> {
        let sql = self.state.storage().sql();
        for Part { file_id, number, bytes } in parts {
            sql.exec(
                "insert into parts values (?, ?, ?)",
                vec![file_id.into(), i64::from(number).into(), bytes.into()],
            )?;
        }
        Ok(())
    }

    /// The bytes of a body, wherever they are.
    fn bytes(&self, body: Body) -> Result<Vec<u8>> {
        let (file_id, size) = match body {
            Body::Here(bytes) => return Ok(bytes),
            Body::File { file_id, size } => (file_id, size),
        };
        let sql = self.state.storage().sql();
        let mut file = Vec::with_capacity(size);
        let parts = sql
            .exec("select bytes from parts where file_id = ? order by number", vec![file_id.into()])?
            .raw();
        for row in parts {
            for value in row? {
                if let SqlStorageValue::Blob(bytes) = value {
                    file.extend(bytes);
                }
            }
        }
        Ok(file)
    }

    async fn realise(&self, reply: Reply) -> Result<Response> {
        match reply {
            Reply::Whole { answer, delay_ms } => {
                if delay_ms > 0 {
                    Delay::from(Duration::from_millis(delay_ms)).await;
                }
                let headers = headers_of(&answer)?;
                Ok(Response::builder()
                    .with_status(answer.status)
                    .with_headers(headers)
                    .fixed(self.bytes(answer.body)?))
            }
            Reply::Cut { answer, kept } => {
                let headers = headers_of(&answer)?;
                let mut bytes = self.bytes(answer.body)?;
                bytes.truncate(kept);
                // The error ends the body early: the connection breaks before the last chunk. What was sent
                // before gets a moment to leave, or the client would not even see the status.
                let cut = stream::once(async {
                    Delay::from(Duration::from_millis(CUT_AFTER_MS)).await;
                    Err(Error::RustError("cut by a fault".into()))
                });
                let body = stream::iter([Ok(bytes)]).chain(cut).boxed_local();
                Ok(Response::from_stream(body)?.with_status(answer.status).with_headers(headers))
            }
            Reply::Never { held_ms } => {
                Delay::from(Duration::from_millis(held_ms)).await;
                Response::error("held by a fault", 504)
            }
            Reply::AfterEdge { message, then } => {
                let edge = tell(&message)
                    .await
                    .inspect_err(|why| worker::console_error!("the edge's clock does not answer: {why}"));
                let reply = self.in_world(|world| world.go_on(then, edge.ok().as_ref())).await?;
                Box::pin(self.realise(reply)).await
            }
        }
    }
}

async fn read_call(request: &mut Request) -> Result<Call> {
    let url = request.url()?;
    Ok(Call {
        // `Request::method` takes a method it does not know for GET.
        method: request.inner().method(),
        origin: url.origin().ascii_serialization(),
        path: url.path().to_owned(),
        query: url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
        headers: request.headers().entries().map(|(name, value)| (name.to_lowercase(), value)).collect(),
        body: request.bytes().await?,
    })
}

fn headers_of(answer: &Answer) -> Result<Headers> {
    let headers = Headers::new();
    for (name, value) in &answer.headers {
        headers.set(name, value)?;
    }
    Ok(headers)
}
