//! The load generator: one thread a connection, each waiting for its answer before it sends the next request.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};

use super::webhook::{Shot, Template};

const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// How a volley went.
#[derive(Debug)]
pub struct Volley {
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// Each request's, ascending.
    pub latencies: Vec<Duration>,
}

/// Sends `shots` over so many connections, each answer checked to have `status`.
pub fn fire(
    port: u16,
    template: &Template,
    shots: &[Shot],
    connections: usize,
    status: u16,
) -> Result<Volley> {
    let (next, barrier) = (AtomicUsize::new(0), Barrier::new(connections + 1));
    thread::scope(|scope| {
        let connect = || {
            scope.spawn(|| {
                let connection = Connection::open(port);
                barrier.wait();
                shoot(connection?, template.clone(), shots, &next, status)
            })
        };
        let threads: Vec<_> = (0..connections).map(|_| connect()).collect();
        barrier.wait();
        let started = Instant::now();
        let mut latencies = Vec::with_capacity(shots.len());
        for thread in threads {
            latencies.extend(thread.join().map_err(|_| anyhow!("a connection panicked"))??);
        }
        let elapsed = started.elapsed();
        latencies.sort_unstable();
        Ok(Volley { elapsed, latencies })
    })
}

fn shoot(
    mut connection: Connection,
    mut template: Template,
    shots: &[Shot],
    next: &AtomicUsize,
    status: u16,
) -> Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    while let Some(shot) = shots.get(next.fetch_add(1, Ordering::Relaxed)) {
        let started = Instant::now();
        let answered = connection.ask(template.load(shot))?;
        latencies.push(started.elapsed());
        ensure!(
            answered == status,
            "expected {status}, saw {answered}: {}",
            String::from_utf8_lossy(&connection.answer)
        );
    }
    Ok(latencies)
}

/// One connection that is kept alive.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// The last answer, whole.
    answer: Vec<u8>,
}

impl Connection {
    /// Connects to a port of this machine.
    pub fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .with_context(|| format!("no connection to port {port}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_LIMIT))?;
        Ok(Self { stream, answer: Vec::new() })
    }

    /// Sends a request and reads its answer; gives the status.
    pub fn ask(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request).context("the Worker does not take the request")?;
        self.answer.clear();
        let mut chunk = [0; 4096];
        let mut wanted = None;
        while wanted.is_none_or(|wanted| self.answer.len() < wanted) {
            let count = self.stream.read(&mut chunk).context("the Worker does not answer")?;
            ensure!(count > 0, "the Worker closed the connection before its answer was whole");
            self.answer.extend_from_slice(&chunk[..count]);
            if wanted.is_none() {
                wanted = whole_length(&self.answer)?;
            }
        }
        let status = self.answer.get(9..12).and_then(|digits| str::from_utf8(digits).ok()?.parse().ok());
        status.context("expected an HTTP status line")
    }
}

/// Length of the whole answer once its head is there.
fn whole_length(answer: &[u8]) -> Result<Option<usize>> {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    match length.and_then(|length| length.trim().parse::<usize>().ok()) {
        Some(length) => Ok(Some(end + 4 + length)),
        None => bail!("expected an answer with content-length, saw {head}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is() {
        assert_eq!(whole_length(b"HTTP/1.1 200 OK\r\nContent-Len").unwrap(), None);
        assert_eq!(whole_length(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap(), Some(40));
        assert!(whole_length(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
