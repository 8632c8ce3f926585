//! The live WebSocket of a session, as a page has it open.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::{Error, Message, WebSocket};

use super::client::{Service, shortened};

/// The subprotocol the edge selects; the token travels beside it, never in the URL.
const SUBPROTOCOL: &str = "canopy-edge";
/// How long one change may take to be seen.
pub const LIMIT: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct Live {
    socket: WebSocket<TcpStream>,
    /// The newest document seen.
    pub newest: Value,
}

impl Live {
    /// Opens the socket and takes the first document, which the edge sends by itself.
    pub fn open(edge: &Service, session_id: &str, token: &str) -> Result<Self> {
        let url = format!("ws://127.0.0.1:{}/connect/sessions/{session_id}/live", edge.port());
        let mut request = url.as_str().into_client_request().context("not a WebSocket URL")?;
        let headers = request.headers_mut();
        let offered = HeaderValue::from_str(&format!("{SUBPROTOCOL}, {token}"))
            .context("the token is no header value")?;
        headers.insert("sec-websocket-protocol", offered);
        headers.insert(
            "origin",
            HeaderValue::from_str(&edge.origin()).context("the origin is no header value")?,
        );
        let stream =
            TcpStream::connect(("127.0.0.1", edge.port())).context("the edge takes no connection")?;
        stream.set_read_timeout(Some(LIMIT)).context("cannot limit reading")?;
        let (socket, response) = match tungstenite::client(request, stream) {
            Ok(opened) => opened,
            Err(error) => bail!("expected GET {url} to open a WebSocket, saw: {error}"),
        };
        let selected = response.headers().get("sec-websocket-protocol").and_then(|value| value.to_str().ok());
        if selected != Some(SUBPROTOCOL) {
            bail!("expected the subprotocol {SUBPROTOCOL}, saw {selected:?}");
        }
        let mut live = Self { socket, newest: Value::Null };
        live.next(Instant::now() + LIMIT)?;
        Ok(live)
    }

    /// Reads on until a document fits; the newest one may fit already. `expected` says in words what is waited for.
    pub fn until(&mut self, expected: &str, fits: impl Fn(&Value) -> bool) -> Result<&Value> {
        let limit = Instant::now() + LIMIT;
        while !fits(&self.newest) {
            let next = self.next(limit);
            next.with_context(|| {
                format!("expected {expected}, saw at last {}", shortened(&self.newest.to_string()))
            })?;
        }
        Ok(&self.newest)
    }

    fn next(&mut self, limit: Instant) -> Result<()> {
        loop {
            let left = limit.saturating_duration_since(Instant::now());
            if left.is_zero() {
                bail!("no such document within {LIMIT:?}");
            }
            self.socket.get_ref().set_read_timeout(Some(left)).context("cannot limit reading")?;
            match self.socket.read() {
                Ok(Message::Text(document)) => {
                    self.newest = serde_json::from_str(&document).with_context(|| {
                        format!("expected JSON on the live socket, saw {}", shortened(&document))
                    })?;
                    return Ok(());
                }
                Ok(Message::Close(frame)) => bail!("the edge closed the live socket: {frame:?}"),
                Ok(_) => {}
                Err(Error::Io(error))
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => return Err(error).context("the live socket broke"),
            }
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // A page that is left says goodbye; whether it is heard no longer matters.
        let _ = self.socket.close(None).and_then(|()| self.socket.flush());
    }
}
