// An agency with workflows: the edge between the sandbox and the services. What crosses either border is kept, and the edge is killed at will.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { authOf, backOfficeOf, delivered, loginOf, openPage, until } from "./edge-client.mjs";
import { freePort, startEdge, startSandbox, temporaryDirectory } from "./harness.mjs";
import { startServices } from "./services.mjs";
import { startStandIn } from "./stand-in.mjs";
import { startTap } from "./tap.mjs";

const [BOSS, MONITORINGS] = ["boss-token", "/canopy/api/v1.0.0/teams/-/monitorings"];
/** What the agency's own system knows the edge by. */
export const HOOK_SECRET = "made-up-hook-secret";
/** The lead of a consumer who leaves no address. */
export const NOBODY = "L-nobody";
/** The lead of a consumer of whom Canopy says that all is there after the data was fetched, as it does where a pull takes its time. */
export const SLOW = "L-slow";
/** Members of a pull by which its consumer is reached. */
const REACHED_BY = ["email", "account_email", "phone", "mobile_phone", "home_phone", "work_phone"];

/** What a template's page gives as its configuration. */
export const exampleOf = (template) => JSON.parse(readFileSync(new URL(`../crates/flow/gallery/${template}.json`, import.meta.url))).example.config;

/** Whether the pull itself wants nothing more: runs of workflows may. */
const isAtRest = ({ complete, outbox }) => complete && outbox.every(({ work, state }) => state === "done" || work === "runs");
const isOver = ({ status }) => !["running", "approval"].includes(status);

function withoutAddress({ path, body }) {
  if (!path.includes("/pulls/") || !body.includes(`"lead_id":"${NOBODY}"`)) return body;
  const answer = JSON.parse(body);
  for (const member of REACHED_BY) answer.pull[member] = null;
  return Buffer.from(JSON.stringify(answer));
}

export async function startAgency() {
  const services = await startServices();
  /** The agency's own system. */
  const hook = await startStandIn(() => ({ body: { ok: true } }));
  const [port, persist] = [await freePort(), temporaryDirectory()];
  const webhooks = await startTap({ url: `http://127.0.0.1:${port}` }, { hold });
  const sandbox = await startSandbox({ env: { SANDBOX_HOOK_URL: `${webhooks.url}/webhooks/canopy`, SANDBOX_RETRY_BASE_MS: "100" } });
  const canopy = await startTap(sandbox, { alter: withoutAddress });
  const secrets = `${services.secrets()},HOOK:${new URL(hook.url).host}:${HOOK_SECRET},CRM:crm.agency.example:made-up-crm-key`;
  const env = { EDGE_API_TOKENS: `boss:${BOSS}:admin+read+write+servicing`, EDGE_SECRETS: secrets, EDGE_LOCAL_HOSTS: services.localHosts() };
  const begin = () => startEdge({ port, persist, sandbox: canopy, env });
  let edge = await begin();
  const boss = backOfficeOf(edge, BOSS);
  /** What each instance was asked for with, so that it is asked for again. */
  const asks = new Map();

  async function hold(body) {
    const { pull_id, event_type, meta_data } = JSON.parse(body);
    if (event_type !== "COMPLETE" || meta_data?.lead_id !== SLOW) return;
    await boss.seen(pull_id, ({ snapshots, outbox }) => snapshots.length > 0 && outbox.every(({ state }) => state === "done"), "the data");
  }

  async function asked(method, path, json) {
    const response = await boss.call(path, { method, body: json && JSON.stringify(json) });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${text}`);
    return text && JSON.parse(text);
  }

  const move = (to) => asked("POST", "/api/v1/clock", to);
  const put = (id) => asked("PUT", `/api/v1/instances/${id}`, asks.get(id));
  const runsOf = async (instance, pull_id) => (await boss.read(`/api/v1/runs?limit=100&instance=${instance}${pull_id ? `&pull_id=${pull_id}` : ""}`)).runs;

  /** One call deploys a template as an instance of its name, or of `id`; `config` goes over the page's. */
  async function deploy(template, config = {}, id = template) {
    asks.set(id, { template, config: { ...exampleOf(template), ...config }, enabled: true });
    const { group, enabled } = await put(id);
    assert.deepEqual([group, enabled], [template, true]);
  }

  /** Until all that stands in the pull's log has been judged: an entry behind it has started its own run. */
  async function judged(pull_id) {
    const { position } = await asked("POST", `/api/v1/pulls/${pull_id}/events`, { event_type: "LAST_NOTE", key: `${hook.calls.length} ${Date.now()}` });
    const isNoted = ({ pull, event }) => pull.pull_id === pull_id && event.position === position;
    await until(() => hook.calls.some(({ path, body }) => path === "/notes" && isNoted(JSON.parse(body))), "the note behind all else");
  }

  await deploy("webhook-action", { url: `${hook.url}/notes`, types: ["LAST_NOTE"], auth: "none", key: undefined, policies: false }, "notes");
  return {
    services, hook, sandbox, canopy, webhooks, boss, asked, deploy, move, runsOf, judged,
    get edge() {
      return edge;
    },
    remove: (id) => asked("DELETE", `/api/v1/instances/${id}`),
    /** To the next time of day, in UTC. */
    async toHour(hour) {
      const now = new Date((await boss.read("/api/v1/clock")).now);
      const then = new Date(now);
      then.setUTCHours(hour, 0, 5, 0);
      if (then <= now) then.setUTCDate(then.getUTCDate() + 1);
      await move({ now: then.toISOString() });
    },
    /** A consumer's page, and their pull, which has begun. */
    async begun(username, lead_id = "L-1") {
      const page = await openPage(edge, { metadata: { lead_id } });
      await page.live();
      const { pull_id } = await page.ask("connect", await loginOf(sandbox, username));
      return { page, pull_id };
    },
    /** A pull that has come to its end. */
    async shared(username, lead_id) {
      const { page, pull_id } = await this.begun(username, lead_id);
      if (username === "user_optionless_mfa") {
        await page.shown(authOf("IDENTITY_VERIFICATION"), "question");
        await page.ask("identity-code", { code: "123456" });
      }
      return this.whole(pull_id);
    },
    async whole(pull_id) {
      await boss.seen(pull_id, isAtRest, "the pull");
      await delivered(sandbox, pull_id);
      return pull_id;
    },
    monitor: async (pull_id) => (await asked("POST", MONITORINGS, { pull_id, interval: "P30D" })).monitoring.monitoring_id,
    refresh: async (monitoring_id) => (await asked("POST", `${MONITORINGS}/${monitoring_id}/refresh`)).pull_id,
    unmonitor: (monitoring_id) => asked("DELETE", `${MONITORINGS}/${monitoring_id}`),
    /** Ends the edge in the middle of what it does, and begins it anew. */
    async kill() {
      await edge.kill9();
      edge = await begin();
    },
    /** Every webhook of the pull once more, byte by byte; the instance put, and its alarms rung, once more; until nothing of it is to be judged. */
    async doubled(id, pull_id) {
      const sent = webhooks.calls.filter(({ request }) => JSON.parse(request.body).pull_id === pull_id);
      assert.ok(sent.length > 0);
      for (const { request: { headers, body } } of sent) {
        const again = await fetch(`${edge.url}/webhooks/canopy`, { method: "POST", body, headers: { "canopy-signature": headers["canopy-signature"], "content-type": headers["content-type"] } });
        assert.equal(again.status, 200);
      }
      await put(id);
      await move({ advance: "PT1S" });
      await judged(pull_id);
    },
    /** The runs of an instance on a pull, each with its journal, once there are so many and all are over. */
    async ended(id, pull_id, count = 1) {
      let runs;
      const look = async () => (runs = await runsOf(id, pull_id)).length >= count && runs.every(isOver) && runs;
      const all = await until(look, `the end of ${id}`).catch((error) => {
        throw new Error(`${error.message}; last: ${JSON.stringify(runs)}`);
      });
      assert.equal(all.length, count, JSON.stringify(all));
      return Promise.all(all.map(({ run_id }) => boss.read(`/api/v1/runs/${run_id}`)));
    },
    /** What a dry run shows. Nothing goes over a border for it. */
    async dry(id, body) {
      const borders = () => [services.calls.length, hook.calls.length, canopy.calls.length];
      const before = borders();
      const shown = await asked("POST", `/api/v1/instances/${id}/dry-run`, body);
      assert.deepEqual(borders(), before);
      return shown;
    },
    async stop() {
      await edge.stop();
      await Promise.all([sandbox, services, hook, webhooks, canopy].map((it) => it.stop()));
    },
  };
}
