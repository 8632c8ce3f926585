// Workflows that ask persons: by a link, where a GET decides nothing, and in the tasks.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { assertProblem, authStatus, backOfficeOf, postWebhook, until } from "../edge-client.mjs";
import { LOCAL, startEdge } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";
import { asked, putBy } from "../workflows-client.mjs";

const TOKENS = `demo:${LOCAL.apiToken},boss:boss-token:admin+read+write,reader:reader-token:read`;

let slow, canopy, service, edge, office, boss, pull_id;

before(async () => {
  canopy = await startStandIn(({ path }) => ({ body: { success: true, pull: { pull_id: pullOf(path), policies: [] } } }));
  service = await startStandIn(({ path, body }) => (path === "/slow" ? slow : { body: { said: String(body) } }));
  edge = await startEdge({ sandbox: canopy, env: { EDGE_API_TOKENS: TOKENS } });
  [office, boss] = [backOfficeOf(edge), backOfficeOf(edge, "boss-token")];
  const steps = [
    { id: "ask", use: "approve", with: { title: "Send <b>it</b>?", text: "To Jo\n& Co", timeout: "P2D", on_refusal: "continue", notify: [{ id: "mail", use: "http", with: { url: `${service.url}/mail`, json: { link: "{{ approval.url }}" } } }] } },
    { id: "sent", use: "http", when: "steps.ask.approved", with: { url: `${service.url}/sent`, json: {} } },
  ];
  await put("/api/v1/flows/asking", { title: "Asking", flows: { flow: { trigger: { on: "manual", of: "pull" }, steps } } });
  await put("/api/v1/instances/asking", { group: "asking", enabled: true });
  pull_id = randomUUID();
  assert.equal((await postWebhook(edge, authStatus(pull_id, "PROCESSING", 1))).status, 200);
});
after(async () => {
  await edge?.stop();
  await Promise.all([canopy, service].map((it) => it?.stop()));
});

const put = (path, json) => putBy(boss, path, json);
const read = (run_id) => office.read(`/api/v1/runs/${run_id}`);
const stands = (run_id, status) => until(async () => { const run = await read(run_id); return run.status === status && run; }, `${run_id} to be ${status}`);
/** A run that waits for a person, and the link that was sent. */
async function waiting() {
  const sent = service.calls.length;
  const [status, { run_id }] = await asked(office, "POST", "/api/v1/instances/asking/runs", { flow: "flow", pull_id });
  assert.equal(status, 202);
  const run = await stands(run_id, "approval");
  assert.deepEqual([run.asks, run.steps.map(({ path }) => path)], ["ask", ["ask", "ask.mail"]]);
  const [call] = service.calls.slice(sent);
  const { link } = JSON.parse(call.body);
  assert.match(link, new RegExp(`^${edge.url}/approvals/p-${pull_id}-\\d+\\.0\\.[\\w-]{22}$`));
  assert.ok(!JSON.stringify(run).includes(link), "the journal has no link that is good");
  return { run_id, link };
}
const form = (link, decision) => fetch(link, { method: "POST", redirect: "manual", body: new URLSearchParams({ decision }) });
const sentOf = (run_id) => service.calls.filter(({ path, headers }) => path === "/sent" && headers["idempotency-key"].startsWith(`${run_id}/`)).length;

test("a link that scanners open decides nothing; a yes goes on, once", async () => {
  const { run_id, link } = await waiting();
  for (let scanner = 0; scanner < 3; scanner += 1) {
    const page = await fetch(link, { method: scanner === 2 ? "HEAD" : "GET" });
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-security-policy"), /default-src 'none'/);
    assert.deepEqual([page.headers.get("referrer-policy"), page.headers.get("x-robots-tag"), page.headers.get("cache-control")], ["no-referrer", "noindex", "no-store"]);
    const text = await page.text();
    if (scanner < 2) assert.ok(text.includes("Send &lt;b&gt;it&lt;/b&gt;?") && text.includes("<p>&amp; Co</p>") && !text.includes("<b>it"), text);
  }
  assert.equal((await read(run_id)).status, "approval");
  const task = await until(async () => (await office.read("/api/v1/tasks?kind=APPROVAL")).tasks.find((task) => task.run_id === run_id), "the task");
  assert.deepEqual([task.pull_id, task.link.path], [pull_id, `/api/v1/runs/${run_id}`]);
  const yes = await form(link, "approve");
  assert.equal(yes.status, 200);
  assert.match(await yes.text(), /Approved\./);
  const run = await stands(run_id, "done");
  assert.deepEqual([run.steps[0].result.approved, run.steps[0].result.by], [true, "link"]);
  assert.deepEqual([(await form(link, "approve")).status, (await form(link, "refuse")).status], [200, 409]);
  assert.deepEqual([(await read(run_id)).steps[0].result.approved, sentOf(run_id)], [true, 1]);
  await until(async () => !(await office.read("/api/v1/tasks?kind=APPROVAL")).tasks.some((task) => task.run_id === run_id), "the task to be closed");
});

test("a no is kept, a program may ask, and nobody else decides", async () => {
  const { run_id, link } = await waiting();
  const other = await waiting();
  const json = await fetch(link, { headers: { accept: "application/json" } });
  assert.deepEqual([json.status, (await json.json()).standing], [200, "open"]);
  const token = link.split("/").at(-1);
  const swapped = other.link.replace(other.run_id, run_id);
  for (const wrong of [`${link}A`, link.slice(0, -1), swapped, link.replace(/\.0\.([\w-]+)$/, ".1.$1"), `${edge.url}/approvals/${token.split(".").slice(0, 2).join(".")}.unsigned`, `${edge.url}/approvals/x`]) {
    await assertProblem(await fetch(wrong), 404, "NOT_FOUND");
    await assertProblem(await form(wrong, "approve"), 404, "NOT_FOUND");
  }
  await assertProblem(await form(link, "maybe"), 400, "BODY_MALFORMED");
  await assertProblem(await fetch(link, { method: "PUT" }), 405, "METHOD_NOT_ALLOWED");
  assert.equal((await read(run_id)).status, "approval");
  const no = await fetch(link, { method: "POST", headers: { accept: "application/json" }, body: JSON.stringify({ approved: false }) });
  assert.deepEqual([no.status, (await no.json()).standing], [200, "refused"]);
  const run = await stands(run_id, "done");
  assert.deepEqual([run.steps[0].result.approved, run.steps.at(-1).state, sentOf(run_id)], [false, "skipped", 0]);

  const decide = (by, path) => by.call(`/api/v1/runs/${other.run_id}/decision`, { method: "POST", body: JSON.stringify({ path, approved: true }) });
  await assertProblem(await decide(backOfficeOf(edge, "reader-token"), "ask"), 403, "SCOPE_MISSING");
  await assertProblem(await decide(office, "other"), 409, "STATE_CONFLICT");
  await assertProblem(await office.call(`/api/v1/runs/${other.run_id}/decision`, { method: "POST", body: "{}" }), 400, "BODY_MALFORMED");
  assert.equal((await decide(office, "ask")).status, 200);
  assert.equal((await stands(other.run_id, "done")).steps[0].result.by, "demo");
});

test("an answer that comes while others are still being told counts", async () => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  slow = held.then(() => ({ body: {} }));
  const steps = [{ id: "ask", use: "approve", with: { title: "Go on?", timeout: "P1D", notify: [{ id: "mail", use: "http", with: { url: `${service.url}/early`, json: { link: "{{ approval.url }}" } } }, { id: "chat", use: "http", with: { url: `${service.url}/slow`, json: {} } }] } }, { id: "went", use: "set", with: { values: "{{ steps.ask.by }}" } }];
  await put("/api/v1/flows/early", { title: "Early", flows: { flow: { trigger: { on: "manual", of: "pull" }, steps } } });
  await put("/api/v1/instances/early", { group: "early", enabled: true });
  const [, { run_id }] = await asked(office, "POST", "/api/v1/instances/early/runs", { flow: "flow", pull_id });
  const call = await until(() => service.calls.find(({ path }) => path === "/early"), "the mail");
  await until(() => service.calls.some(({ path }) => path === "/slow"), "the second notice");
  assert.match(await (await form(JSON.parse(call.body).link, "approve")).text(), /Approved\./);
  release();
  assert.equal((await stands(run_id, "done")).steps.at(-1).result, "link");
});

test("who does not answer in time has refused, and a run that was ended asks nobody", async () => {
  const cancelled = await waiting();
  assert.equal((await asked(office, "POST", `/api/v1/runs/${cancelled.run_id}/cancel`))[0], 200);
  assert.match(await (await fetch(cancelled.link)).text(), /no longer open/);
  assert.equal((await form(cancelled.link, "approve")).status, 409);
  const { run_id, link } = await waiting();
  assert.equal((await asked(boss, "POST", "/api/v1/clock", { advance: "P3D" }))[0], 200);
  const run = await stands(run_id, "done");
  assert.deepEqual([run.steps[0].result, sentOf(run_id)], [{ approved: false, timed_out: true }, 0]);
  assert.equal((await form(link, "approve")).status, 409);
  assert.equal((await asked(boss, "DELETE", `/api/v1/pulls/${pull_id}`))[1].complete, true);
  await assertProblem(await fetch(link), 404, "NOT_FOUND");
});
