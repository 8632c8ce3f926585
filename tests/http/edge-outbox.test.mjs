// The outbox on the real edge: what fails is seen and tried again, what is fetched is kept whole, what is kept is sealed.
import assert from "node:assert/strict";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { assertProblem, authStatus, backOfficeOf, callsOf, control, isSettled, loginOf, openPage, postWebhook, until, webhook, workOf } from "../edge-client.mjs";
import { freePort, startBoth, startEdge, temporaryDirectory } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

const MIB = 1024 * 1024;

/** Starts a pull of `username` through a page's session. */
async function pulled({ edge, sandbox }, username = "user_good") {
  const page = await openPage(edge);
  return (await page.ask("connect", await loginOf(sandbox, username))).pull_id;
}

const complete = (pull) => pull.complete && isSettled(pull);

async function sent(edge, body) {
  assert.equal((await postWebhook(edge, body)).status, 200);
}

// The first waits for minutes of backoff, so the others run beside it.
describe("the outbox", { concurrency: true }, () => {
  test("five ways of failing are seen on the way, then version 1 is stored", async () => {
    const both = await startBoth();
    try {
      const office = backOfficeOf(both.edge);
      const steps = [{ status: 429, retry_after: 2 }, { status: 500, times: 2 }, { hang: true }, { truncate: true }];
      await control(both.sandbox, "POST", "/faults", { operation: "get-pull-by-id", steps });
      const pull_id = await pulled(both);
      const seen = [];
      const done = await until(
        async () => {
          const pull = await office.known(pull_id);
          const work = pull && workOf(pull, "fetch");
          const codes = work?.failures.map((failure) => failure.code).join() ?? "";
          if (work && codes !== seen.at(-1)) seen.push(codes);
          if (work?.state === "pending" && work.failures.length > 0) {
            assert.deepEqual(pull.snapshots, []);
            assert.ok(Number.isFinite(Date.parse(work.next_at)));
          }
          return work?.state === "done" && isSettled(pull) && pull;
        },
        "the fetch that succeeds",
        180_000,
      );
      const codes = ["RATE_LIMITED", "SERVER_ERROR", "SERVER_ERROR", "TIMED_OUT", "MALFORMED"];
      assert.deepEqual(seen.filter((text) => text !== ""), codes.map((_, at) => codes.slice(0, at + 1).join()), "each failure was seen when it happened");
      assert.deepEqual(workOf(done, "fetch").failures.map(({ code, status }) => [code, status]), [["RATE_LIMITED", 429], ["SERVER_ERROR", 500], ["SERVER_ERROR", 500], ["TIMED_OUT", null], ["MALFORMED", null]]);
      assert.deepEqual(done.snapshots.map((snapshot) => snapshot.version), [1]);
      assert.ok(done.documents.length > 0 && done.documents.every((document) => document.state === "stored"));
      const calls = await callsOf(both.sandbox, "get-pull-by-id", pull_id);
      assert.equal(calls.length, 6);
      assert.ok(calls[1].at_ms - calls[0].at_ms >= 2_000, "Retry-After is honoured");
    } finally {
      await both.stop();
    }
  });

  // Faults are the whole sandbox's: one test at a time.
  describe("against the sandbox", { concurrency: 1 }, () => {
    let both, edge, sandbox, office;
    before(async () => {
      both = await startBoth();
      ({ edge, sandbox } = both);
      office = backOfficeOf(edge);
    });
    after(() => both?.stop());

    test("work that is exhausted is seen as failed, and retried when the operator says so", async () => {
      await control(sandbox, "POST", "/faults", { operation: "get-pull-by-id", steps: [{ status: 404, times: 1000 }] });
      const pull_id = await pulled(both);
      const failed = await office.seen(pull_id, (pull) => workOf(pull, "fetch")?.state === "failed", "the failed fetch", 60_000);
      const work = workOf(failed, "fetch");
      assert.equal(work.next_at, null);
      assert.ok(work.failures.length >= 4 && work.failures.every(({ code, status }) => code === "REFUSED" && status === 404));
      assert.ok(failed.complete, "the state does not depend on the fetch");
      const copy = await until(async () => {
        const copy = await office.read(`/api/v1/pulls/${pull_id}?read=copy`);
        return workOf(copy, "fetch").state === "failed" && copy;
      }, "the failure in the copy");
      assert.equal(copy.pull_id, pull_id);
      await assertProblem(await office.call(`/api/v1/pulls/${pull_id}/snapshots/latest`), 404, "NOT_FOUND");
      await control(sandbox, "DELETE", "/faults");
      const retried = await office.call(`/api/v1/pulls/${pull_id}/retry`, { method: "POST" });
      assert.deepEqual([retried.status, await retried.json()], [202, { retried: 1 }]);
      const pull = await office.seen(pull_id, complete, "the retried pull");
      assert.equal(pull.snapshots.length, 1);
      assert.ok(pull.documents.length > 0);
      const again = await office.call(`/api/v1/pulls/${pull_id}/retry`, { method: "POST" });
      assert.deepEqual(await again.json(), { retried: 0 });
      await assertProblem(await office.call(`/api/v1/pulls/${randomUUID()}/retry`, { method: "POST" }), 404, "NOT_FOUND");
      await assertProblem(await office.call(`/api/v1/pulls/${pull_id}/retry`), 405, "METHOD_NOT_ALLOWED");
    });

    test("work that is wanted anew during its last attempt is not given up", async () => {
      const steps = [{ status: 404, times: 3 }, { status: 404, delay_ms: 4_000 }];
      await control(sandbox, "POST", "/faults", { operation: "get-pull-by-id", steps });
      const pull_id = await pulled(both);
      await until(async () => (await callsOf(sandbox, "get-pull-by-id", pull_id)).length === 4, "the last attempt");
      await control(sandbox, "POST", "/events", { pull_id, event_type: "DATA_UPDATED", data: { updates: [] } });
      const pull = await office.seen(pull_id, (pull) => pull.snapshots.length === 1, "the fetch that succeeds");
      assert.equal(workOf(pull, "fetch").failures.length, 4);
    });

    test("a fetch whose body equals the last version makes no new one", async () => {
      const pull_id = await pulled(both);
      const { snapshots } = await office.seen(pull_id, complete, "the pull");
      const calls = (await callsOf(sandbox, "get-pull-by-id", pull_id)).length;
      await control(sandbox, "POST", "/events", { pull_id, event_type: "DATA_UPDATED", data: { updates: [{}] } });
      const pull = await office.seen(pull_id, (pull) => pull.data_updates === 1 && isSettled(pull), "the update");
      assert.equal((await callsOf(sandbox, "get-pull-by-id", pull_id)).length, calls + 1);
      assert.deepEqual(pull.snapshots, snapshots);
      const documents = (await callsOf(sandbox, "download-document-by-id", pull_id)).length;
      assert.equal(documents, pull.documents.length, "no document is downloaded twice");
    });

    test("a signed URL that has expired is replaced by the other form, and no signed URL gets credentials", async () => {
      await control(sandbox, "POST", "/faults", { documents: { expire_signed_urls: 1 } });
      const pull_id = await pulled(both);
      const pull = await office.seen(pull_id, complete, "the documents");
      assert.ok(pull.documents.every((document) => document.state === "stored"));
      const fallen = pull.outbox.filter((entry) => entry.work.startsWith("document:") && entry.failures.length > 0);
      assert.deepEqual(fallen.map(({ failures }) => failures.map(({ code, status }) => [code, status])), [[["REFUSED", 403]]]);
      const [served] = await callsOf(sandbox, "get-document-by-id", pull_id);
      assert.ok(served.path.includes(fallen[0].work.slice("document:".length)));
      const signed = await callsOf(sandbox, "signed-url", pull_id);
      assert.equal(signed.length, pull.documents.length);
      for (const { header_names } of signed) assert.ok(!header_names.some((name) => /authorization|canopy|cookie|jwt/.test(name)), header_names.join());
    });

    test("the /pdf form alone is enough", async () => {
      await control(sandbox, "POST", "/faults", { operation: "download-document-by-id", steps: [{ status: 404, times: 1000 }] });
      const pull_id = await pulled(both);
      const pull = await office.seen(pull_id, complete, "the documents");
      assert.ok(pull.documents.length > 0 && pull.documents.every((document) => document.state === "stored"));
      await control(sandbox, "DELETE", "/faults");
    });
  });

  describe("against exact bytes", { concurrency: 1 }, () => {
    let canopy, edge, office;
    const bodies = new Map();
    before(async () => {
      canopy = await startStandIn(async ({ path }) => {
        const body = await bodies.get(pullOf(path));
        return body === undefined ? { status: 404, body: { error: "NOT_FOUND" } } : { body };
      });
      edge = await startEdge({ sandbox: canopy });
      office = backOfficeOf(edge);
    });
    after(async () => {
      await edge?.stop();
      await canopy?.stop();
    });

    test("a pull far beyond a row of SQLite is kept whole, byte for byte", async () => {
      const pull_id = randomUUID();
      const versions = [0, 1].map((version) => `{ "success" :true,\n"pull":{"pull_id":"${pull_id}","version":${version},"filler":"${randomBytes(2 * MIB).toString("hex")}","cents":1.0,"n":"Zo\\u00eb ë"} }\n`);
      for (const [at, body] of versions.entries()) {
        bodies.set(pull_id, body);
        await sent(edge, webhook(pull_id, "DATA_UPDATED", { at }));
        await office.seen(pull_id, (pull) => pull.snapshots.length === at + 1 && isSettled(pull), `version ${at + 1}`);
      }
      for (const [at, body] of versions.entries()) {
        const stored = await office.call(`/api/v1/pulls/${pull_id}/snapshots/${at + 1}`);
        assert.equal(stored.headers.get("content-type"), "application/json");
        assert.ok(Buffer.from(await stored.arrayBuffer()).equals(Buffer.from(body)), `version ${at + 1}`);
      }
      const latest = await office.call(`/api/v1/pulls/${pull_id}/snapshots/latest`);
      assert.equal(await latest.text(), versions[1]);
      const { snapshots } = await office.pull(pull_id);
      assert.deepEqual(snapshots.map(({ size, sha256 }) => [size, sha256]), versions.map((body) => [Buffer.byteLength(body), createHash("sha256").update(body).digest("hex")]));
      for (const version of ["3", "4294967296"]) assert.ok([400, 404].includes((await office.call(`/api/v1/pulls/${pull_id}/snapshots/${version}`)).status));
      for (const version of ["0", "-1", "x", "1.5"]) await assertProblem(await office.call(`/api/v1/pulls/${pull_id}/snapshots/${version}`), 400, "INPUT_INVALID");
    });

    test("a webhook that is repeated while the fetch that it called for is under way calls for another", async () => {
      const pull_id = randomUUID();
      const answers = () => canopy.calls.filter((call) => pullOf(call.path) === pull_id).length;
      const { promise, resolve } = Promise.withResolvers();
      bodies.set(pull_id, promise);
      const body = webhook(pull_id, "DATA_UPDATED");
      await sent(edge, body);
      await until(() => answers() === 1, "the first fetch");
      await sent(edge, body);
      const [whole, next] = [1, 2].map((version) => JSON.stringify({ success: true, pull: { pull_id, version } }));
      bodies.set(pull_id, next);
      resolve(whole);
      await office.seen(pull_id, (pull) => pull.snapshots.length === 2 && isSettled(pull), "what the second fetch brought");
      assert.equal(answers(), 2);
    });

    test("an answer that is no pull, or another pull, or too large, is never stored", async () => {
      const cases = {
        MALFORMED: ["", "null", "<html>", '{"success":true}', JSON.stringify({ pull: { pull_id: randomUUID() } })],
        TOO_LARGE: [Buffer.alloc(24 * MIB + 1, " ")],
      };
      for (const [code, answers] of Object.entries(cases)) {
        await Promise.all(answers.map(async (body) => {
          const pull_id = randomUUID();
          bodies.set(pull_id, body);
          await sent(edge, webhook(pull_id, "POLICIES_AVAILABLE"));
          const pull = await office.seen(pull_id, (pull) => workOf(pull, "fetch").failures.length > 0, `the failure ${code}`);
          assert.equal(workOf(pull, "fetch").failures[0].code, code);
          assert.deepEqual(pull.snapshots, []);
          bodies.set(pull_id, JSON.stringify({ pull: { pull_id } }));
        }));
      }
    });

    test("a document that hurts does not keep the others away", async () => {
      const pull_id = randomUUID();
      const documents = ["good", "gone", "../bad"].map((document_id) => ({ document_id }));
      bodies.set(pull_id, JSON.stringify({ pull: { pull_id, documents } }));
      bodies.set("good", "%PDF-1.4");
      const serve = await startStandIn(({ path }) => {
        if (path.endsWith("/documents/good/pdf") || path === "/bytes") return { headers: { "content-type": "application/pdf" }, body: "%PDF-1.4" };
        if (path.endsWith("/documents/good")) return { status: 302, headers: { location: `${serve.url}/bytes` } };
        return pullOf(path) ? { body: bodies.get(pull_id) } : { status: 404, body: { error: "NOT_FOUND" } };
      });
      const other = await startEdge({ sandbox: serve });
      try {
        const reader = backOfficeOf(other);
        await sent(other, webhook(pull_id, "COMPLETE"));
        const pull = await reader.seen(pull_id, (pull) => pull.documents.some((document) => document.state === "failed"), "the failed document", 60_000);
        assert.deepEqual(pull.documents.map(({ document_id, state }) => [document_id, state]), [["gone", "failed"], ["good", "stored"]]);
        await assertProblem(await reader.call(`/api/v1/pulls/${pull_id}/documents/gone`), 404, "NOT_FOUND");
        assert.equal(await (await reader.call(`/api/v1/pulls/${pull_id}/documents/good`)).text(), "%PDF-1.4");
      } finally {
        await other.stop();
        await serve.stop();
      }
    });

    test("the copy in KV and the list follow the pull", async () => {
      const ids = Array.from({ length: 7 }, () => randomUUID());
      for (const [at, id] of ids.entries()) await sent(edge, authStatus(id, at < 3 ? "LISTED_ONE" : "LISTED_TWO", 1));
      const list = async (query) => {
        const found = [];
        for (let cursor = ""; cursor !== null; ) {
          const page = await office.read(`/api/v1/pulls?${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
          found.push(page.pulls);
          cursor = page.cursor;
        }
        return found;
      };
      const listed = async (status) => (await list(`status=${status}&limit=2`)).flat();
      await until(async () => (await listed("LISTED_TWO")).length === 4, "the list");
      const lines = await listed("LISTED_TWO");
      assert.deepEqual(lines.map((line) => line.pull_id).toSorted(), ids.slice(3).toSorted());
      // As text a fraction with its zeros cut off does not sort.
      const times = lines.map((line) => Date.parse(line.created_at));
      assert.deepEqual(times, times.toSorted((a, b) => b - a), "newest first");
      const pages = await list("limit=2");
      assert.ok(pages.every((page) => page.length <= 2));
      const all = pages.flat().map((line) => line.pull_id);
      assert.equal(new Set(all).size, all.length);
      await sent(edge, authStatus(ids[0], "LISTED_TWO", 2));
      await until(async () => (await listed("LISTED_TWO")).length === 5, "the changed line");
      assert.ok(!(await listed("LISTED_ONE")).some((line) => line.pull_id === ids[0]), "a pull has one line");
      await until(async () => (await office.read(`/api/v1/pulls/${ids[0]}?read=copy`)).auth.sequence === 2, "the copy");
      for (const query of ["limit=0", "limit=101", "limit=x", "cursor=a%20b"]) await assertProblem(await office.call(`/api/v1/pulls?${query}`), 400, "INPUT_INVALID");
      await assertProblem(await office.call(`/api/v1/pulls/${ids[0]}?read=old`), 400, "INPUT_INVALID");
      await assertProblem(await office.call(`/api/v1/pulls/${randomUUID()}?read=copy`), 404, "NOT_FOUND");
    });
  });

  test("with a key everything of a policy is sealed at rest, through a rotation; without one it is plain", async () => {
    const planted = { event: "PLANTED-EVENT-5a1e", snapshot: "PLANTED-SNAPSHOT-5a1e", document: "PLANTED-DOCUMENT-5a1e" };
    const canopy = await startStandIn(({ path }) => {
      if (path.includes("/documents/")) return { headers: { "content-type": "application/pdf" }, body: `%PDF-1.4 ${planted.document}` };
      return { body: { success: true, pull: { pull_id: pullOf(path), policies: [planted.snapshot], documents: [{ document_id: "d1" }] } } };
    });
    const key = (id) => `${id}:${createHash("sha256").update(id).digest("base64")}`;
    const persist = temporaryDirectory();
    const port = await freePort();
    const withKey = (value, directory = persist) => startEdge({ port, persist: directory, sandbox: canopy, env: { EDGE_SNAPSHOT_KEY: value } });
    const storePull = async (edge) => {
      const pull_id = randomUUID();
      await sent(edge, webhook(pull_id, "COMPLETE", { data: { note: planted.event } }));
      await backOfficeOf(edge).seen(pull_id, complete, "the pull");
      return pull_id;
    };
    const paths = (id) => [`/api/v1/pulls/${id}/events`, `/api/v1/pulls/${id}/snapshots/1`, `/api/v1/pulls/${id}/documents/d1`];
    const assertRead = async (edge, id) => {
      for (const [at, path] of paths(id).entries()) assert.ok((await (await backOfficeOf(edge).call(path)).text()).includes(Object.values(planted)[at]), path);
    };
    let edge;
    try {
      const plainAt = temporaryDirectory();
      edge = await withKey(null, plainAt);
      await assertRead(edge, await storePull(edge));
      await edge.stop();
      assert.deepEqual(foundBelow(plainAt, planted), Object.keys(planted), "the search finds what is plain");

      edge = await withKey(key("k1"));
      const first = await storePull(edge);
      await assertRead(edge, first);
      await edge.stop();
      assert.deepEqual(foundBelow(persist, planted), []);

      edge = await withKey(`${key("k2")},${key("k1")}`);
      await assertRead(edge, first);
      const second = await storePull(edge);
      await edge.stop();
      assert.deepEqual(foundBelow(persist, planted), []);

      edge = await withKey(key("k2"));
      await assertRead(edge, second);
      for (const path of paths(first)) await assertProblem(await backOfficeOf(edge).call(path), 500, "INTERNAL");
      for (const read of ["newest", "copy"]) assert.match((await assertProblem(await backOfficeOf(edge).call(`/api/v1/pulls/${first}?read=${read}`), 500, "INTERNAL")).detail, /the key k1/, "its state needs the key, too");
      const late = webhook(first, "CLAIMS_AVAILABLE");
      await sent(edge, late);
      await edge.stop();

      edge = await withKey(`${key("k2")},${key("k1")}`);
      const office = backOfficeOf(edge);
      await assertRead(edge, first);
      const { revision } = await office.pull(first);
      assert.deepEqual((await office.events(first)).findLast(({ kind }) => kind === "webhook").body, JSON.parse(late), "what came meanwhile is there");
      await until(async () => (await office.read(`/api/v1/pulls/${first}?read=copy`)).revision >= revision, "the copies follow");
    } finally {
      await edge?.stop();
      await canopy.stop();
    }
  });
});

/** The names of those `texts` that stand in any file below `directory`. */
function foundBelow(directory, texts) {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = files.map((file) => readFileSync(path.join(file.parentPath, file.name)));
  assert.ok(bytes.length > 0);
  return Object.keys(texts).filter((name) => bytes.some((each) => each.includes(texts[name])));
}
