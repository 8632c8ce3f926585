// How far visitors come: counted per day and link, of nobody in particular, and only where the agency wants it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { assertProblem, backOfficeOf } from "../edge-client.mjs";
import { LOCAL, startEdge, temporaryDirectory } from "../harness.mjs";

let edge, off, office;

before(async () => {
  const zone = { EDGE_TIME_ZONE: "UTC" };
  [edge, off] = await Promise.all([startEdge({ env: { EDGE_FUNNEL: "true", ...zone } }), startEdge()]);
  office = backOfficeOf(edge);
});
after(() => Promise.all([edge, off].map((it) => it?.stop())));

const report = (json, { at = edge, origin = at.url, body = JSON.stringify(json) } = {}) =>
  fetch(`${at.url}/connect/funnel`, { method: "POST", headers: { origin, "content-type": "text/plain;charset=UTF-8" }, body });
const event = (stage, outcome, duration_ms, more) => ({ stage, outcome, duration_ms, ...more });

test("reports add up per link, in the order of the screens", async () => {
  const events = [event("waiting", "left", 50), event("consent", "next", 1000), event("consent", "next", 2000, { count: 3 })];
  for (let times = 0; times < 2; times += 1) {
    const answer = await report({ link: "/quote", events });
    assert.deepEqual([answer.status, answer.headers.get("access-control-allow-origin")], [204, edge.url]);
  }
  assert.equal((await report({ link: "spring", events: [event("done", "done", 7)] })).status, 204);
  const today = new Date().toISOString().slice(0, 10);
  const { to, days, cursor } = await office.read("/api/v1/funnel");
  assert.deepEqual([to, cursor, days.map(({ day, link }) => [day, link])], [today, null, [[today, "/quote"], [today, "spring"]]]);
  const [consent, waiting] = days[0].stages;
  assert.deepEqual(consent, { stage: "consent", count: 8, mean_duration_ms: 1750, outcomes: [{ outcome: "next", count: 8, mean_duration_ms: 1750 }] });
  assert.deepEqual([waiting.stage, waiting.count], ["waiting", 2]);
  const page = await office.read("/api/v1/funnel?limit=1");
  const next = await office.read(`/api/v1/funnel?limit=1&cursor=${encodeURIComponent(page.cursor)}`);
  assert.deepEqual([page.days[0].link, next.days[0].link, next.cursor], ["/quote", "spring", null]);
  assert.deepEqual((await office.read("/api/v1/funnel?link=spring")).days.length, 1);
  assert.deepEqual((await office.read("/api/v1/funnel?to=2020-01-31")).days, []);
});

/** An edge of its own, whose clock may be moved by the back office. */
async function startOwn() {
  const own = await startEdge({ env: { EDGE_FUNNEL: "true", EDGE_TIME_ZONE: "UTC", EDGE_API_TOKENS: `demo:${LOCAL.apiToken},boss:boss-token:admin+read` } });
  const boss = backOfficeOf(own, "boss-token");
  const nextDay = async () => assert.equal((await boss.call("/api/v1/clock", { method: "POST", body: '{"advance":"P1D"}' })).status, 200);
  return { own, boss, nextDay };
}

test("the picture of docs/page.md, over days on which not every screen was seen", async () => {
  const { own, nextDay } = await startOwn();
  try {
    const counted = async (counts) => {
      for (const [stage, [went, left]] of Object.entries(counts)) {
        // A report says so many alike at most.
        for (const [outcome, count] of [[stage === "done" ? "done" : "next", went], ["left", left]]) {
          for (let rest = count; rest > 0; rest -= 100) {
            const events = [event(stage, outcome, 1, { count: Math.min(rest, 100) })];
            assert.equal((await report({ link: "/pictured", events }, { at: own })).status, 204);
          }
        }
      }
    };
    await counted({ consent: [60, 2], carriers: [329, 31], waiting: [297, 4] });
    await nextDay();
    await counted({ consent: [300, 50], credentials: [323, 48], done: [281, 0] });
    const docs = readFileSync(new URL("../../docs/page.md", import.meta.url), "utf8");
    const [, program, picture] = /^```js\n(const \[edge, link\].*?)^```\n\n^```\n(.*?)^```/ms.exec(docs);
    const file = path.join(temporaryDirectory(), "funnel.mjs");
    writeFileSync(file, program);
    const { stdout } = await promisify(execFile)(process.execPath, [file, own.url, "/pictured"], { env: { ...process.env, TOKEN: LOCAL.apiToken } });
    assert.equal(stdout.replace(/ +$/gm, ""), picture);
  } finally {
    await own.stop();
  }
});

test("what is no report, or no page's of the agency's, counts nothing", async () => {
  const events = [event("consent", "next", 1)];
  await assertProblem(await report({ link: "a", events }, { origin: "https://elsewhere.example" }), 403, "ORIGIN_NOT_ALLOWED");
  await assertProblem(await report({ link: "ann@example.com", events }), 400, "INPUT_INVALID");
  await assertProblem(await report({ link: "a", events, email: "x" }), 400, "BODY_MALFORMED");
  await assertProblem(await report({ link: "a", events: [event("other", "next", 1)] }), 400, "BODY_MALFORMED");
  await assertProblem(await report({}, { body: "x".repeat(2049) }), 413, "BODY_TOO_LARGE");
  assert.deepEqual((await office.read("/api/v1/funnel?link=a")).days, []);
});

test("links that are made up fill no table", async () => {
  const events = [event("start", "left", 1)];
  for (let number = 0; number < 110; number += 1) assert.equal((await report({ link: `made-up-${number}`, events })).status, 204);
  let [links, cursor] = [[], ""];
  do {
    const page = await office.read(`/api/v1/funnel?limit=100&cursor=${encodeURIComponent(cursor)}`);
    links.push(...page.days);
    cursor = page.cursor;
  } while (cursor);
  const other = links.find(({ link }) => link === "other");
  assert.deepEqual([links.length, other.stages[0].count], [101, 12], "two links were there before");
});

test("a link that was there before has its name where made-up ones fill the day", async () => {
  const { own, boss, nextDay } = await startOwn();
  try {
    const count = async (link) => assert.equal((await report({ link, events: [event("start", "left", 1)] }, { at: own })).status, 204);
    const daysOf = async (link) => (await boss.read(`/api/v1/funnel?link=${link}`)).days.map(({ stages }) => stages[0].count);
    await count("/quote");
    await nextDay();
    for (let number = 0; number < 101; number += 1) await count(`made-up-${number}`);
    for (const link of ["/quote", "/quote", "unknown"]) await count(link);
    assert.deepEqual(await daysOf("/quote"), [2, 1]);
    assert.deepEqual([await daysOf("other"), await daysOf("unknown")], [[2], []], "the hundredth and first, and the unknown one");
  } finally {
    await own.stop();
  }
});

test("the page of an invitation is counted as one link, where it is switched on", async () => {
  for (const [at, funnel] of [[edge, "invitation"], [off, undefined]]) {
    const made = await backOfficeOf(at).call("/api/v1/invitations", { method: "POST", body: "{}" });
    const text = await (await fetch((await made.json()).url)).text();
    assert.equal(/<canopy-connect[^>]* funnel="([^"]*)"/.exec(text)?.[1], funnel);
    assert.match(text, /<canopy-connect/);
  }
});

test("where it is not switched on, it says how", async () => {
  const { detail } = await assertProblem(await report({ link: "a", events: [] }, { at: off }), 404, "FUNNEL_OFF");
  assert.match(detail, /EDGE_FUNNEL/);
  await assertProblem(await backOfficeOf(off).call("/api/v1/funnel"), 404, "FUNNEL_OFF");
});
