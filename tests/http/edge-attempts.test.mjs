// Attempts on the real edge: one that is interrupted counts, and an object with work due wakes untouched.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { backOfficeOf, isSettled, logLines, postWebhook, until, webhook, workOf } from "../edge-client.mjs";
import { freePort, startEdge, temporaryDirectory } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

/** Attempts in a row that may be interrupted, as `canopy::retry` has it. */
const MAX_INTERRUPTED = 6;

/** An edge that can fall and rise on the same storage, and Canopy, whose answer to a pull is `answer(pull_id, how often asked)`. */
async function standing(answer) {
  const asked = new Map();
  const canopy = await startStandIn(({ path }) => {
    const id = pullOf(path);
    asked.set(id, (asked.get(id) ?? 0) + 1);
    return answer(id, asked.get(id));
  });
  const [port, persist] = [await freePort(), temporaryDirectory()];
  const start = () => startEdge({ port, persist, sandbox: canopy });
  let edge = await start();
  return {
    persist,
    office: backOfficeOf(edge),
    log: () => logLines(edge),
    asked: (id) => asked.get(id) ?? 0,
    async hook(id, type = "POLICIES_AVAILABLE") {
      assert.equal((await postWebhook(edge, webhook(id, type))).status, 200);
    },
    kill9: () => edge.kill9(),
    stop: () => edge.stop(),
    async rise() {
      edge = await start();
    },
    async end() {
      await edge.kill9();
      await canopy.stop();
    },
  };
}

const well = (id) => ({ body: { success: true, pull: { pull_id: id } } });
const codes = (pull, name) => workOf(pull, name).failures.map((failure) => failure.code);

/** Runs a statement on the storage of one pull's object, while no edge runs on it. */
function alter(persist, id, statement) {
  for (const file of readdirSync(persist, { recursive: true }).filter((file) => file.endsWith(".sqlite"))) {
    const database = new DatabaseSync(path.join(persist, file));
    try {
      const isPull = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'pull'").get();
      if (isPull && database.prepare("SELECT 1 FROM pull WHERE pull_id = ?").get(id)) return void database.exec(statement);
    } finally {
      database.close();
    }
  }
  throw new Error(`the object of ${id} is not below ${persist}`);
}

test("an object with work due wakes after a kill untouched", async () => {
  const [waiting, broken] = [randomUUID(), randomUUID()];
  let fallen = false;
  const it = await standing((id) => {
    if (fallen) return well(id);
    return id === broken ? null : { status: 503, headers: { "retry-after": "2" }, body: {} };
  });
  try {
    await Promise.all([waiting, broken].map((id) => it.hook(id)));
    await until(() => it.asked(waiting) > 0 && it.asked(broken) > 0, "the first attempts");
    await it.office.seen(waiting, (pull) => codes(pull, "fetch").length > 0, "the failure that waits");
    assert.deepEqual(workOf(await it.office.pull(broken), "fetch").failures, [], "how a running attempt went is not known yet");
    await it.kill9();
    fallen = true;
    const before = new Map([waiting, broken].map((id) => [id, it.asked(id)]));
    await it.rise();
    // Nothing is asked of either pull: only Canopy sees that they woke.
    await until(() => [waiting, broken].every((id) => it.asked(id) > before.get(id)), "the attempts after the kill");
    for (const [id, code] of [[waiting, "SERVER_ERROR"], [broken, "INTERRUPTED"]]) {
      const pull = await it.office.seen(id, isSettled, "the fetch");
      assert.deepEqual([codes(pull, "fetch"), pull.snapshots.length], [[code], 1]);
    }
  } finally {
    await it.end();
  }
});

test("work that ends the isolate each time ends as failed, and takes no other with it", async () => {
  const [deadly, innocent] = [randomUUID(), randomUUID()];
  let hangs = true;
  const it = await standing((id) => (hangs && id === deadly ? null : well(id)));
  try {
    await it.hook(deadly);
    for (let attempt = 1; attempt <= MAX_INTERRUPTED; attempt += 1) {
      await until(() => it.asked(deadly) === attempt, `attempt ${attempt}`, 60_000);
      if (attempt === 2) await it.hook(innocent);
      if (attempt === 2) await it.office.seen(innocent, isSettled, "the other pull");
      await it.kill9();
      await it.rise();
    }
    // Its last lease has to end before it is given up: in the log, as no request has touched it.
    const given = await until(() => it.log().find((line) => line.route === "outbox" && line.pull_id === deadly), "the line of the log", 90_000);
    assert.deepEqual([given.work, given.code, given.given_up], ["fetch", "INTERRUPTED", true]);
    const failed = await it.office.pull(deadly);
    const { state, attempts, next_at } = workOf(failed, "fetch");
    assert.deepEqual([state, attempts, next_at], ["failed", MAX_INTERRUPTED, null]);
    assert.deepEqual(codes(failed, "fetch"), Array(MAX_INTERRUPTED).fill("INTERRUPTED"));
    assert.equal(it.asked(deadly), MAX_INTERRUPTED);
    await until(async () => workOf(await it.office.read(`/api/v1/pulls/${deadly}?read=copy`), "fetch").state === "failed", "the failure in the copy");
    hangs = false;
    assert.equal((await it.office.call(`/api/v1/pulls/${deadly}/retry`, { method: "POST" })).status, 202);
    await it.office.seen(deadly, (pull) => pull.snapshots.length === 1 && isSettled(pull), "the fetch that the operator asked for");
  } finally {
    await it.end();
  }
});

test("work of an unknown name fails once, and an alarm that was lost is set again by a read", async () => {
  const [foreign, lost] = [randomUUID(), randomUUID()];
  const it = await standing(well);
  try {
    for (const id of [foreign, lost]) {
      await it.hook(id);
      await it.office.seen(id, isSettled, "the pull");
    }
    await it.stop();
    alter(it.persist, foreign, `UPDATE pull SET outbox = json_set(outbox, '$."unheard_of:1"', json('{"standing":"pending","failures":[{"at":1,"reason":"UNHEARD_OF"}]}'))`);
    alter(it.persist, lost, "UPDATE pull SET outbox = json_set(outbox, '$.fetch.standing', 'pending', '$.fetch.due', 0)");
    await it.rise();
    const calls = it.asked(lost);
    await pause(1_000);
    assert.equal(it.asked(lost), calls, "no alarm is left");
    await it.office.events(lost);
    await until(() => it.asked(lost) === calls + 1, "the lost fetch");
    const pull = await it.office.seen(foreign, (pull) => workOf(pull, "unheard_of:1").state === "failed", "the foreign work");
    assert.deepEqual(codes(pull, "unheard_of:1"), ["UNKNOWN_WORK"]);
    await until(async () => workOf(await it.office.read(`/api/v1/pulls/${foreign}?read=copy`), "unheard_of:1")?.state === "failed", "the failure in the copy");
    assert.equal(it.log().filter((line) => line.code === "UNKNOWN_WORK").length, 1);
  } finally {
    await it.end();
  }
});

test("each failed attempt is in the copy, and Retry-After is read in each of its forms", async () => {
  const inAMinute = new Date(Date.now() + 60_000);
  const [, date, month, year, time] = /^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/.exec(inAMinute.toUTCString());
  const day = inAMinute.toLocaleDateString("en-US", { weekday: "long", timeZone: "UTC" });
  const forms = {
    seconds: ["7200", 7_200],
    imf: [inAMinute.toUTCString(), 60],
    rfc850: [`${day}, ${date}-${month}-${year.slice(2)} ${time} GMT`, 60],
    asctime: [`${day.slice(0, 3)} ${month} ${String(Number(date)).padStart(2, " ")} ${time} ${year}`, 60],
    long: ["999999999999", 86_400],
  };
  const it = await standing((id) => ({ status: 429, headers: { "retry-after": forms[id][0] }, body: {} }));
  try {
    await Promise.all(Object.keys(forms).map((id) => it.hook(id)));
    for (const [id, [value, seconds]] of Object.entries(forms)) {
      const copy = await until(async () => {
        const response = await it.office.call(`/api/v1/pulls/${id}?read=copy`);
        const copy = response.status === 200 && (await response.json());
        return copy && workOf(copy, "fetch").attempts === 1 && copy;
      }, `the failed attempt in the copy of ${id}`);
      const { state, failures, next_at } = workOf(copy, "fetch");
      assert.deepEqual([state, failures.map(({ code, status }) => [code, status])], ["pending", [["RATE_LIMITED", 429]]]);
      const wait = (Date.parse(next_at) - Date.parse(failures[0].at)) / 1_000;
      // Dates name a second, and were written before the failure.
      assert.ok(wait <= seconds && wait > seconds - 20, `${value}: waits ${wait} s`);
    }
  } finally {
    await it.end();
  }
});
