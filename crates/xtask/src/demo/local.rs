//! The two Workers as processes on this machine, with the values of the local set-up.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::client::Service;
use crate::build::Worker;
use crate::toolchain::npm;
use crate::workspace;

pub const TEAM_ID: &str = "00000000-0000-4000-8000-000000000001";
pub const CLIENT_ID: &str = "demo-client";
pub const CLIENT_SECRET: &str = "demo-client-secret";
pub const SIGNING_SECRET: &str = "demo-signing-secret";
pub const API_TOKEN: &str = "demo-token";
/// What the sandbox moves the edge's clock with.
const CLOCK_TOKEN: &str = "demo-clock-token";
pub const PUBLIC_ALIAS: &str = "demo";
const SESSION_KEY: &str = "demo-session-key-0123456789abcdef0123456789abcdef";

const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(5);
const POLL_EVERY: Duration = Duration::from_millis(25);
/// How much of a log is shown when its Worker ended by itself.
const LOG_LINES: usize = 20;

#[derive(Debug, Clone, Copy)]
pub struct Ports {
    pub edge: u16,
    pub sandbox: u16,
}

impl Ports {
    /// Before anything is built: that both are free.
    pub fn check(self) -> Result<()> {
        if self.edge == self.sandbox {
            bail!("--edge-port and --sandbox-port are both {}: give them two different ports", self.edge);
        }
        for (port, flag, worker) in
            [(self.edge, "--edge-port", "edge"), (self.sandbox, "--sandbox-port", "sandbox")]
        {
            if let Err(error) = TcpListener::bind(("127.0.0.1", port)) {
                bail!(
                    "port {port} for the {worker} cannot be used ({error}): stop what uses it, or choose another with {flag}"
                );
            }
        }
        Ok(())
    }

    fn of(self, worker: Worker) -> u16 {
        match worker {
            Worker::Edge => self.edge,
            Worker::Sandbox => self.sandbox,
        }
    }
}

/// What a user of the demo may choose about the two.
#[derive(Debug)]
pub struct Setup {
    pub ports: Ports,
    /// Origins of pages that may use the edge, besides its own.
    pub more_origins: Vec<String>,
}

impl Setup {
    /// The variables and secrets that `worker` runs with.
    fn variables(&self, worker: Worker) -> Value {
        let Ports { edge, sandbox } = self.ports;
        match worker {
            Worker::Sandbox => json!({
                "SANDBOX_HOOK_URL": format!("http://127.0.0.1:{edge}/webhooks/canopy"),
                "SANDBOX_SIGNING_SECRET": SIGNING_SECRET,
                "SANDBOX_EDGE_URL": format!("http://127.0.0.1:{edge}"),
                "SANDBOX_EDGE_TOKEN": CLOCK_TOKEN,
            }),
            Worker::Edge => json!({
                "CANOPY_API_BASE_URL": format!("http://127.0.0.1:{sandbox}/api/v1.0.0"),
                "CANOPY_TEAM_ID": TEAM_ID,
                "CANOPY_CLIENT_ID": CLIENT_ID,
                "CANOPY_CLIENT_SECRET": CLIENT_SECRET,
                "CANOPY_WEBHOOK_SIGNING_SECRET": SIGNING_SECRET,
                "CANOPY_PUBLIC_ALIAS": PUBLIC_ALIAS,
                "EDGE_API_TOKENS": format!("demo:{API_TOKEN},clock:{CLOCK_TOKEN}:read+admin"),
                "EDGE_SESSION_KEY": SESSION_KEY,
                "EDGE_ALLOWED_ORIGINS": self.allowed_origins(),
            }),
        }
    }

    fn allowed_origins(&self) -> String {
        let edge = self.ports.edge;
        let mut origins = vec![format!("http://127.0.0.1:{edge}"), format!("http://localhost:{edge}")];
        origins.extend_from_slice(&self.more_origins);
        origins.join(",")
    }
}

/// A running Worker. It is stopped when this is dropped; should this process be killed, it stops by itself,
/// because its stdin ends.
#[derive(Debug)]
pub struct LocalWorker {
    worker: Worker,
    process: Child,
    log: PathBuf,
    /// Its temporary folder, which one that is killed does not tidy up.
    temporary: PathBuf,
}

impl LocalWorker {
    /// Starts `worker` with its storage under `storage`, and waits until it answers that it is well.
    pub fn start(worker: Worker, bundle: &Path, setup: &Setup, storage: &Path) -> Result<Self> {
        let persist = storage.join(worker.name());
        fs::create_dir_all(&persist).with_context(|| format!("cannot create {}", persist.display()))?;
        let log = storage.join(format!("{}.log", worker.name()));
        let output = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let argument = json!({
            "config": worker.config(),
            "bundle": bundle,
            "port": setup.ports.of(worker),
            "persist": persist,
            "vars": setup.variables(worker),
        });
        let temporary = storage.join(format!("{}.tmp", worker.name()));
        workspace::remove_directory(&temporary)?;
        fs::create_dir(&temporary).with_context(|| format!("cannot create {}", temporary.display()))?;
        let mut command = npm::node(workspace::root().join("tests/local-worker.mjs"));
        command
            .arg(argument.to_string())
            .envs([("WRANGLER_SEND_METRICS", "false"), ("NO_COLOR", "1")])
            .envs(["TMPDIR", "TEMP", "TMP"].map(|name| (name, &temporary)))
            .stdin(Stdio::piped())
            .stdout(output.try_clone().context("cannot share the log")?)
            .stderr(output);
        // Ctrl-C reaches the whole foreground group; out of it, the Worker is stopped by us, in good order.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let process = command.spawn().context("cannot run node")?;
        let mut started = Self { worker, process, log, temporary };
        started.wait_until_well(setup.ports.of(worker))?;
        Ok(started)
    }

    /// Where everything goes that the Worker writes.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// An error when the Worker has ended, with the end of its log.
    pub fn check(&mut self) -> Result<()> {
        if let Some(status) = self.process.try_wait().context("cannot look after a Worker")? {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let end = lines[lines.len().saturating_sub(LOG_LINES)..].join("\n");
            bail!(
                "the {} ended by itself ({status}); the end of {}:\n{end}",
                self.worker.name(),
                self.log.display()
            );
        }
        Ok(())
    }

    fn wait_until_well(&mut self, port: u16) -> Result<()> {
        let service = Service::new(port);
        let path = match self.worker {
            Worker::Edge => "/healthz",
            Worker::Sandbox => "/api/v1.0.0/health",
        };
        let limit = Instant::now() + START_LIMIT;
        loop {
            self.check()?;
            match service.get(path).send() {
                Ok(answer) => return answer.expect(200).map(|_| ()),
                Err(error) if Instant::now() > limit => {
                    bail!(
                        "expected an answer from {} within {START_LIMIT:?}, saw: {error:#}",
                        service.url(path)
                    )
                }
                Err(_) => sleep(POLL_EVERY),
            }
        }
    }
}

impl Drop for LocalWorker {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let limit = Instant::now() + STOP_LIMIT;
        while matches!(self.process.try_wait(), Ok(None)) && Instant::now() < limit {
            sleep(POLL_EVERY);
        }
        // It has had its time; there is nothing better to do about a process that cannot be killed, and the
        // next start removes what cannot be removed here.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = workspace::remove_directory(&self.temporary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_named_with_the_flag_that_changes_it() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = Ports { edge: port, sandbox: 0 }.check().unwrap_err().to_string();
        assert!(error.contains(&port.to_string()) && error.contains("--edge-port"), "{error}");
        let error = Ports { edge: 0, sandbox: port }.check().unwrap_err().to_string();
        assert!(error.contains(&port.to_string()) && error.contains("--sandbox-port"), "{error}");
    }

    #[test]
    fn the_two_workers_point_at_each_other() {
        let setup = setup(&[]);
        let edge = setup.variables(Worker::Edge);
        let sandbox = setup.variables(Worker::Sandbox);
        assert_eq!(edge["CANOPY_API_BASE_URL"], "http://127.0.0.1:1002/api/v1.0.0");
        assert_eq!(sandbox["SANDBOX_HOOK_URL"], "http://127.0.0.1:1001/webhooks/canopy");
        assert_eq!(sandbox["SANDBOX_SIGNING_SECRET"], edge["CANOPY_WEBHOOK_SIGNING_SECRET"]);
        assert_eq!(sandbox["SANDBOX_EDGE_URL"], "http://127.0.0.1:1001");
    }

    #[test]
    fn the_sandbox_has_a_token_that_the_edge_takes_for_its_clock() {
        let setup = setup(&[]);
        let tokens = setup.variables(Worker::Edge)["EDGE_API_TOKENS"].clone();
        let of_sandbox = setup.variables(Worker::Sandbox)["SANDBOX_EDGE_TOKEN"].clone();
        let admin = format!("clock:{}:read+admin", of_sandbox.as_str().unwrap());
        assert_eq!(tokens, format!("demo:{API_TOKEN},{admin}"));
    }

    #[test]
    fn the_edge_allows_its_own_pages_and_those_that_are_asked_for() {
        let origins = |more: &[&str]| setup(more).variables(Worker::Edge)["EDGE_ALLOWED_ORIGINS"].clone();
        let own = "http://127.0.0.1:1001,http://localhost:1001";
        assert_eq!(origins(&[]), own);
        let more = ["http://localhost:5173", "https://www.agency.example"];
        assert_eq!(origins(&more), format!("{own},{}", more.join(",")));
    }

    fn setup(more_origins: &[&str]) -> Setup {
        let more_origins = more_origins.iter().map(|origin| (*origin).to_owned()).collect();
        Setup { ports: Ports { edge: 1001, sandbox: 1002 }, more_origins }
    }
}
