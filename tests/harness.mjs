// Starts the real Workers for tests, each in a workerd of its own: the code that wrangler would deploy, the bindings of the
// real wrangler.toml, storage in a temporary directory.
import { execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = path.resolve(fileURLToPath(import.meta.url), "../..");
const NODE = path.join(ROOT, "node_modules/node/bin", process.platform === "win32" ? "node.exe" : "node");
const WRANGLER = path.join(ROOT, "node_modules/wrangler/bin/wrangler.js");
const START_LIMIT_MS = 30_000;

const WORKERS = {
  edge: { config: path.join(ROOT, "wrangler.toml"), ready: "/healthz" },
  sandbox: { config: path.join(ROOT, "crates/sandbox/wrangler.toml"), ready: "/api/v1.0.0/health" },
};

/** The values of the local set-up, the same as `cargo xtask demo` uses. */
export const LOCAL = {
  teamId: "00000000-0000-4000-8000-000000000001",
  clientId: "demo-client",
  clientSecret: "demo-client-secret",
  signingSecret: "demo-signing-secret",
  apiToken: "demo-token",
  publicAlias: "demo",
  sessionKey: "demo-session-key-0123456789abcdef0123456789abcdef",
};

/** Everything temporary of this process and its children, the browser among them: what one that is killed leaves goes with it. */
const TEMPORARY = mkdtempSync(path.join(tmpdir(), "canopy-edge-"));
for (const name of ["TMPDIR", "TEMP", "TMP"]) process.env[name] = TEMPORARY;

const running = new Set();
process.once("exit", () => {
  for (const worker of running) killGroup(worker);
  remove(TEMPORARY);
});
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/**
 * The sandbox. `env` are its variables (`SANDBOX_PACE_MS`, …); `persist` a directory to keep its storage in, for a restart.
 * @returns {Promise<LocalWorker>}
 */
export function startSandbox({ env = {}, port, persist } = {}) {
  const vars = { SANDBOX_SIGNING_SECRET: LOCAL.signingSecret, SANDBOX_PACE_MS: "0", ...env };
  return start("sandbox", { vars, port, persist });
}

/**
 * The edge, which calls `sandbox` (what `startSandbox` gave, or anything with a `url`). An `env` value of `null` leaves that
 * variable out; `limits` are other numbers for its rate limits, by binding.
 * `patch(text)` gives the bundle's JavaScript with a fault built in, where nothing from outside brings one about.
 * `inspectorPort` is where workerd's inspector listens.
 * @returns {Promise<LocalWorker>}
 */
export async function startEdge({ env = {}, port, persist, sandbox, limits, patch, inspectorPort } = {}) {
  port ??= await freePort();
  const vars = {
    // Nothing listens on the discard port: without a sandbox a call to Canopy fails at once.
    CANOPY_API_BASE_URL: `${sandbox?.url ?? "http://127.0.0.1:9"}/api/v1.0.0`,
    CANOPY_TEAM_ID: LOCAL.teamId,
    CANOPY_CLIENT_ID: LOCAL.clientId,
    CANOPY_CLIENT_SECRET: LOCAL.clientSecret,
    CANOPY_WEBHOOK_SIGNING_SECRET: LOCAL.signingSecret,
    CANOPY_PUBLIC_ALIAS: LOCAL.publicAlias,
    EDGE_API_TOKENS: `demo:${LOCAL.apiToken}`,
    EDGE_SESSION_KEY: LOCAL.sessionKey,
    EDGE_ALLOWED_ORIGINS: `http://127.0.0.1:${port},http://localhost:${port}`,
    ...env,
  };
  return start("edge", { vars, port, persist, limits, patch, inspectorPort });
}

/**
 * A sandbox whose webhooks go to an edge that calls it.
 * @returns {Promise<{ edge: LocalWorker, sandbox: LocalWorker, stop: () => Promise<void> }>}
 */
export async function startBoth({ edgeEnv = {}, sandboxEnv = {}, edgePersist, sandboxPersist } = {}) {
  const port = await freePort();
  const hook = { SANDBOX_HOOK_URL: `http://127.0.0.1:${port}/webhooks/canopy` };
  const sandbox = await startSandbox({ env: { ...hook, ...sandboxEnv }, persist: sandboxPersist });
  const edge = await startEdge({ env: edgeEnv, port, persist: edgePersist, sandbox });
  return { edge, sandbox, stop: async () => void (await Promise.all([edge.stop(), sandbox.stop()])) };
}

/** A directory that is removed when this process ends. */
export function temporaryDirectory() {
  return mkdtempSync(path.join(TEMPORARY, "directory-"));
}

function remove(directory) {
  // A process that was killed may be at its last write.
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/**
 * A port nobody listens on, below those that the system gives: until this one is listened on, no other process is given it.
 * Source: Linux, ip_local_port_range, from 32768; others begin at 49152.
 */
export async function freePort() {
  const port = randomInt(11_000, 32_000);
  const isFree = await new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
  return isFree ? port : freePort();
}

/**
 * @typedef {object} LocalWorker
 * @property {string} url without a slash at the end
 * @property {number} port
 * @property {number} pid of the process that leads workerd's process group
 * @property {() => Promise<void>} stop ends it in good order
 * @property {() => Promise<void>} kill9 ends workerd and its parent by SIGKILL, in the middle of whatever they do
 * @property {() => string} log everything it has written so far
 */
async function start(name, { vars, port, persist, limits, patch, inspectorPort }) {
  const bundle = patch ? patched(bundleOf(name), patch) : bundleOf(name);
  port ??= await freePort();
  const given = Object.fromEntries(Object.entries(vars).filter(([, value]) => value !== null));
  const temporary = mkdtempSync(path.join(TEMPORARY, `${name}-`));
  const argument = { config: WORKERS[name].config, bundle, port, persist: persist ?? path.join(temporary, "storage"), vars: given, limits, inspectorPort };
  const child = spawn(NODE, [path.join(ROOT, "tests/local-worker.mjs"), JSON.stringify(argument)], {
    cwd: ROOT,
    // A group of its own, so that workerd and its parent can be killed together.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1", FORCE_COLOR: "0" },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  // A child that is killed closes its stdin under us.
  child.stdin.on("error", () => {});
  // A test that forgets to stop a Worker ends all the same, and the Worker with it.
  for (const handle of [child, child.stdin, child.stdout, child.stderr]) handle.unref();
  running.add(child);
  const exited = new Promise((resolve) => {
    child.once("error", (error) => resolve((text += error)));
    child.once("close", resolve);
  }).finally(() => {
    running.delete(child);
    remove(temporary);
  });

  const worker = {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid,
    log: () => text,
    stop: async () => {
      child.ref();
      child.stdin.end();
      const late = sleep(5_000, "late", { ref: false });
      if ((await Promise.race([exited, late])) === "late") killGroup(child);
      await exited;
    },
    kill9: async () => {
      child.ref();
      killGroup(child);
      await exited;
    },
  };
  await ready(name, worker, child);
  return worker;
}

async function ready(name, worker, child) {
  const limit = Date.now() + START_LIMIT_MS;
  while (Date.now() < limit) {
    if (!running.has(child)) throw new Error(`the ${name} ended while starting:\n${worker.log()}`);
    const answer = await fetch(worker.url + WORKERS[name].ready).catch(() => null);
    if (answer) return void (await answer.arrayBuffer());
    await sleep(20);
  }
  await worker.kill9();
  throw new Error(`the ${name} did not answer ${WORKERS[name].ready} within ${START_LIMIT_MS} ms:\n${worker.log()}`);
}

/** A copy of a bundle, its JavaScript changed. */
function patched(bundle, patch) {
  const directory = temporaryDirectory();
  cpSync(bundle, directory, { recursive: true });
  const entry = path.join(directory, "index.js");
  const text = readFileSync(entry, "utf8");
  const changed = patch(text);
  if (changed === text) throw new Error("the patch changed nothing: the bundle has another text");
  writeFileSync(entry, changed);
  return directory;
}

function killGroup(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // ESRCH: it has already ended.
    if (error.code !== "ESRCH") throw error;
  }
}

const bundles = new Map();

/** The directory of wrangler's bundle of a Worker: made by `cargo xtask test` for all test files, else once a process, here. The edge's may be another. */
function bundleOf(name) {
  if (name === "edge" && process.env.CANOPY_EDGE_BUNDLE_EDGE) return process.env.CANOPY_EDGE_BUNDLE_EDGE;
  if (process.env.CANOPY_EDGE_BUNDLES) return path.join(process.env.CANOPY_EDGE_BUNDLES, name);
  if (!bundles.has(name)) {
    const directory = temporaryDirectory();
    const argumentsOf = [WRANGLER, "deploy", "--dry-run", "--config", WORKERS[name].config, "--outdir", directory];
    const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1", NO_COLOR: "1" };
    try {
      execFileSync(NODE, argumentsOf, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
    } catch (error) {
      throw new Error(`wrangler could not bundle the ${name}:\n${error.stdout}${error.stderr}`);
    }
    bundles.set(name, directory);
  }
  return bundles.get(name);
}
