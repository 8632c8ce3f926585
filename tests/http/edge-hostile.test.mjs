// A Canopy that keeps to no rule: what it answers ends in a documented problem or crosses as an answer that harms nobody, and
// the Worker is as well as before.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { assertProblem, backOfficeOf, CONSENT, logLines, openPage, postWebhook, raw, rawStatus, until, webhook, workOf } from "../edge-client.mjs";
import { LOCAL, startEdge } from "../harness.mjs";
import { answer, bomb, BOMB_BYTES, BROKEN_BODY, bytes, head, NO_ANSWER, redirect, silence, slowly, startHostile, withoutEnd } from "../hostile-upstream.mjs";

/** Longer than the edge waits for anything, and than a busy machine makes of it. */
const LIMIT_MS = 90_000;
/** A hundred pulls are looked after at a time, and looking costs the Worker, too. */
const EVERY_MS = 2_000;
/** Unpacked: what the local set-up packs is nobody's header. */
const BEARER = { authorization: `Bearer ${LOCAL.apiToken}`, "accept-encoding": "identity" };
const JSON_TYPE = ["content-type", "application/json"];
const PDF = "%PDF-1.4 the right one";
const PAGE = "<!doctype html><title>Expired</title><p>This link has expired.</p>";

/** What may cross from Canopy. */
const CROSSES = /^(accept-ranges|content-(disposition|language|range|type)|etag|last-modified|location|retry-after|ratelimit(-\w+)*|x-ratelimit-\w+|deprecation|sunset)$/;
/** What the edge answers itself, whatever Canopy said. */
const OWN = { "cache-control": "no-store", "x-content-type-options": "nosniff", "content-security-policy": "sandbox" };
const FRAMING = ["connection", "content-length", "date", "keep-alive", "transfer-encoding"];

/** Ways to misbehave: by the path of a call or the longest start of it, or by a mark in its body. */
const ways = new Map();
let canopy, edge, office;

before(async () => {
  canopy = await startHostile(({ path, body }) => {
    const marked = ways.get(MARK.exec(body)?.[0]);
    if (marked) return marked;
    let below = path.split("?")[0].replace("/api/v1.0.0", "").replace(`/teams/${LOCAL.teamId}`, "");
    while (below && !ways.has(below)) below = below.slice(0, below.lastIndexOf("/"));
    return ways.get(below) ?? answer(404, { headers: [JSON_TYPE], body: '{"error":"NOT_FOUND"}' });
  });
  edge = await startEdge({ sandbox: canopy });
  office = backOfficeOf(edge);
});
after(async () => {
  await edge?.stop();
  await canopy?.stop();
});

const ask = (path, init = {}) =>
  fetch(`${edge.url}/canopy/api/v1.0.0/teams/-${path}`, { redirect: "manual", signal: AbortSignal.timeout(LIMIT_MS), ...init, headers: { ...BEARER, ...init.headers } });
/** The same as text. */
const patch = (path) => `PATCH /canopy/api/v1.0.0/teams/-${path} HTTP/1.1\r\nhost: edge\r\nauthorization: ${BEARER.authorization}\r\ncontent-length: 2\r\n\r\n{}`;
/** A write is never repeated, so it is one call however it ends. */
const write = (path) => ask(path, { method: "PATCH", body: "{}", headers: { "content-type": "application/json" } });

/** Has Canopy misbehave so towards the calls for a pull of this name, or a new one; gives its path. */
function hostile(way, name = randomUUID()) {
  ways.set(`/pulls/${name}`, way);
  return `/pulls/${name}`;
}

const MARK = /mark-[0-9a-f-]{36}/;
/** A text that has Canopy misbehave so towards the call whose body holds it. */
function markOf(way) {
  const mark = `mark-${randomUUID()}`;
  ways.set(mark, way);
  return mark;
}

const callsFor = (path) => canopy.calls.filter((call) => call.path.includes(path));

/** Holds an answer that was passed on to what a relayed one has: nothing of Canopy's but what may cross. */
function assertRelayed(response, what) {
  for (const [name, value] of Object.entries(OWN)) assert.equal(response.headers.get(name), value, `${name} of ${what}`);
  assert.match(response.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/, what);
  const odd = [...response.headers.keys()].filter((name) => !CROSSES.test(name) && !FRAMING.includes(name) && name !== "x-request-id" && !(name in OWN));
  assert.deepEqual(odd, [], what);
}

/** Does `each` for every entry, `most` at a time; names the entry in what it throws. */
async function forEach(entries, each, most = 16) {
  const waiting = [...entries];
  const failures = [];
  const worker = async () => {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
      await each(...entry).catch((error) => failures.push(new Error(`${entry[0]}: ${error.message}`, { cause: error })));
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join("\n"));
}

describe("a hostile Canopy", { concurrency: true }, () => {
  test("through the proxy: each status from 0 to 999 is an answer or a problem", async () => {
    const statuses = Array.from({ length: 1000 }, (_, status) => [status]);
    await forEach(statuses, async (status) => {
      const body = `{"status":${status}}`;
      const path = hostile(answer(status, { headers: [JSON_TYPE], body }));
      // `fetch` gives out none of the first, and asks again for the second.
      if (status === 407 || status === 421) return assert.equal(rawStatus(await raw(edge, patch(path))), status);
      const response = await write(path);
      if (status === 401) {
        const { detail } = await assertProblem(response, 502, "CANOPY_FAILED");
        assert.match(detail, /credentials/);
      } else if (status < 200 || status > 599) {
        await assertProblem(response, 502, "CANOPY_FAILED");
      } else {
        assert.equal(response.status, status);
        assertRelayed(response, status);
        assert.equal(await response.text(), [204, 205, 304].includes(status) ? "" : body);
      }
    });
  });

  test("through the proxy: of odd headers only those cross that may", async () => {
    const headers = [
      ["set-cookie", "a=b; Domain=example.com"],
      ["clear-site-data", '"*"'],
      ["www-authenticate", 'Basic realm="Canopy"'],
      ["proxy-authenticate", "Basic"],
      ["access-control-allow-origin", "*"],
      ["access-control-allow-credentials", "true"],
      ["access-control-expose-headers", "*"],
      ["refresh", "0; url=https://evil.example"],
      ["link", "<https://evil.example/a.css>; rel=preload"],
      ["cache-control", "public, max-age=31536000"],
      ["expires", "Thu, 01 Jan 2099 00:00:00 GMT"],
      ["pragma", "public"],
      ["age", "1"],
      ["vary", "*"],
      ["server", "evil"],
      ["server-timing", "a;desc=b"],
      ["nel", '{"report_to":"a","max_age":9}'],
      ["report-to", '{"group":"a","max_age":9,"endpoints":[{"url":"https://evil.example"}]}'],
      ["reporting-endpoints", 'a="https://evil.example"'],
      ["sourcemap", "https://evil.example/map"],
      ["x-accel-redirect", "/etc/passwd"],
      ["x-accel-buffering", "no"],
      ["x-sendfile", "/etc/passwd"],
      ["service-worker-allowed", "/"],
      ["content-security-policy", "default-src *"],
      ["content-security-policy-report-only", "default-src *; report-uri https://evil.example"],
      ["x-content-type-options", "none"],
      ["strict-transport-security", "max-age=0"],
      ["permissions-policy", "camera=*"],
      ["cross-origin-resource-policy", "cross-origin"],
      ["x-frame-options", "ALLOWALL"],
      ["alt-svc", 'h2="evil.example:443"'],
      ["origin-agent-cluster", "?0"],
      ["upgrade", "h2c"],
      ["pull-jwt", "secret"],
      ["x-request-id", "theirs"],
      ["content-type", "application/json"],
      ["etag", '"v1"'],
      ["retry-after", "7"],
      ["x-ratelimit-remaining", "3"],
      ["content-disposition", 'attachment; filename="a.pdf"'],
    ];
    const response = await write(hostile(answer(200, { headers, body: "{}" })));
    assert.equal(response.status, 200);
    assertRelayed(response, "odd headers");
    const crossed = Object.fromEntries(headers.slice(-5));
    assert.deepEqual(Object.fromEntries(Object.keys(crossed).map((name) => [name, response.headers.get(name)])), crossed);
    assert.equal(await response.text(), "{}");
  });

  test("through the proxy: no header is made of another's value, however it is written", async () => {
    const odd = {
      "a bare CR": [["etag", '"a"\rset-cookie: a=b']],
      "a bare LF": [["etag", '"a"\nset-cookie: a=b']],
      "a folded line": [["etag", '"a"\r\n set-cookie: a=b']],
      "a NUL": [["etag", '"a\0b"\0set-cookie: a=b']],
      "a name with a space": [["etag ", '"a"'], ["set cookie", "a=b"]],
      "no name": [["", "set-cookie: a=b"]],
      "bytes that are no ASCII": [["content-disposition", 'attachment; filename="\xc3\xab\xff.pdf"']],
      "a value twice": [["etag", '"a"'], ["etag", '"b"'], ["content-type", "application/json"], ["content-type", "text/html"]],
      "12 KB in one value": [["etag", `"${"a".repeat(12 * 1024)}"`]],
      "2,000 headers": Array.from({ length: 2000 }, (_, at) => [`x-filler-${at}`, "x"]),
    };
    await forEach(Object.entries(odd), async (name, headers) => {
      const response = await write(hostile(bytes(head(200, [...headers, ["content-length", 2], ["connection", "close"]]), "{}")));
      if (response.status === 502) return void (await assertProblem(response, 502, "CANOPY_FAILED"));
      assert.equal(response.status, 200);
      assertRelayed(response, name);
      await response.arrayBuffer();
    });
  });

  test("through the proxy: a redirect is passed on and never followed", async () => {
    const elsewhere = await startHostile(() => answer(200));
    try {
      const places = [`${elsewhere.url}/x`, "https://169.254.169.254/latest/meta-data", "http://user:pass@127.0.0.1/", "file:///etc/passwd", "javascript:alert(1)", "//evil.example/", "", "/loop"];
      await forEach(places.flatMap((place) => [301, 302, 303, 307, 308].map((status) => [place, status])), async (place, status) => {
        const path = hostile(redirect(place, status));
        const response = await write(path);
        assert.deepEqual([response.status, response.headers.get("location") ?? ""], [status, place]);
        assertRelayed(response, place);
        await response.arrayBuffer();
        assert.equal(callsFor(path).length, 1);
      });
      assert.deepEqual(elsewhere.calls, []);
    } finally {
      await elsewhere.stop();
    }
  });

  test("through the proxy: no answer is a problem, and a write says that it may have taken effect", async () => {
    await forEach([...Object.entries(NO_ANSWER), ["silence", silence]], async (name, way) => {
      const [status, code] = name === "silence" ? [504, "CANOPY_TIMED_OUT"] : [502, "CANOPY_FAILED"];
      const { detail } = await assertProblem(await write(hostile(way)), status, code);
      assert.match(detail, /may have taken effect/);
    });
    await assertProblem(await ask(hostile(NO_ANSWER["a reset"])), 502, "CANOPY_FAILED");
  });

  test("through the proxy: a broken body is never taken for a whole one", async () => {
    const isBroken = (name) => name.includes("short") || name.includes("chunk of") || name.includes("gzip");
    await forEach(Object.entries(BROKEN_BODY), async (name, way) => {
      // The connection may break before its reader has the headers: nothing was taken for whole then, either.
      const response = await write(hostile(way)).catch((error) => (isBroken(name) && error instanceof TypeError ? null : Promise.reject(error)));
      if (response === null) return;
      if (response.status === 502) return void (await assertProblem(response, 502, "CANOPY_FAILED"));
      assert.equal(response.status, 200);
      assertRelayed(response, name);
      const body = await response.text().catch((error) => {
        assert.notEqual(error.name, "TimeoutError", "it ends");
        return null;
      });
      if (isBroken(name)) assert.equal(body, null, `taken for whole: ${body}`);
    });
  });

  test("through the proxy: what never ends is let go of with its reader", async () => {
    for (const way of [withoutEnd(), slowly()]) {
      const path = hostile(way);
      const leaving = new AbortController();
      const response = await ask(path, { signal: leaving.signal });
      assert.equal(response.status, 200);
      const reader = response.body.getReader();
      assert.ok((await reader.read()).value.length > 0, "it streams");
      leaving.abort();
      const [call] = callsFor(path);
      const isLeft = await Promise.race([call.closed.then(() => true), new Promise((resolve) => setTimeout(resolve, 10_000).unref())]);
      assert.ok(isLeft, "Canopy's connection is closed");
    }
  });

  for (const encoding of ["gzip", "br"]) {
    test(`through the proxy: a bomb of ${encoding} is streamed as long as its reader wants`, async () => {
      const leaving = new AbortController();
      const response = await ask(hostile(bomb(encoding)), { signal: leaving.signal });
      assert.equal(response.status, 200);
      assertRelayed(response, encoding);
      const reader = response.body.getReader();
      for (let size = 0; size < BOMB_BYTES / 4; ) size += (await reader.read()).value.length;
      leaving.abort();
    });
  }

  /** Ways that no read of the edge takes for an answer, each with the failures that the outbox may note; any where there are none. */
  const notAnAnswer = (type, start = type === "application/pdf" ? PDF : "") => ({
    // Those that take long begin first; which of two bounds they meet, the machine decides. A document is judged by its beginning.
    "a bomb of gzip": [bomb("gzip", type, start), "TOO_LARGE", "TIMED_OUT"],
    "a bomb of br": [bomb("br", type, start), "TOO_LARGE", "TIMED_OUT"],
    "a body without end": [withoutEnd(type, start), "TOO_LARGE", "TIMED_OUT"],
    "a byte a second": [slowly(type), "TIMED_OUT"],
    silence: [silence, "TIMED_OUT"],
    ...Object.fromEntries(Object.entries({ ...NO_ANSWER, ...BROKEN_BODY }).map(([name, way]) => [name, [way]])),
    ...Object.fromEntries([0, 100, 101, 199, 204, 205, 206, 304, 401, 404, 429, 500, 599, 600, 999].map((status) => [`status ${status}`, [answer(status, { headers: [["content-type", type]], body: PDF })]])),
    "a page": [answer(200, { headers: [["content-type", "text/html"]], body: PAGE }), "MALFORMED"],
    "a page under another type": [answer(200, { headers: [["content-type", type]], body: PAGE }), "MALFORMED"],
    nothing: [answer(200, { headers: [["content-type", type]] }), "MALFORMED"],
  });
  const ANY_FAILURE = ["RATE_LIMITED", "SERVER_ERROR", "REFUSED", "TIMED_OUT", "UNREACHABLE", "MALFORMED", "TOO_LARGE"];

  /** What was given up meanwhile is asked for again, too. */
  async function assertMends(pullId, isMended, what) {
    assert.equal((await office.call(`/api/v1/pulls/${pullId}/retry`, { method: "POST" })).status, 202);
    return office.seen(pullId, isMended, what, LIMIT_MS, EVERY_MS);
  }

  /** Waits until an attempt at this work has failed, and holds the failure against what it may be. */
  async function assertFails(pullId, work, codes) {
    const failureOf = (pull) => workOf(pull, work)?.failures.find((failure) => failure.code !== "INTERRUPTED");
    const pull = await office.seen(pullId, failureOf, `the failure of ${work}`, LIMIT_MS, EVERY_MS);
    const failure = failureOf(pull);
    const expected = codes.length > 0 ? codes : ANY_FAILURE;
    assert.ok(expected.includes(failure.code), `${failure.code}, expected ${expected}`);
    return pull;
  }

  test("the fetch: what is no pull is noted and not stored, and the next answer is taken", async () => {
    await forEach(Object.entries(notAnAnswer("application/json")), async (name, [way, ...codes]) => {
      const pullId = randomUUID();
      hostile(way, pullId);
      assert.equal((await postWebhook(edge, webhook(pullId, "POLICIES_AVAILABLE"))).status, 200);
      const pull = await assertFails(pullId, "fetch", codes);
      assert.deepEqual(pull.snapshots, []);
      hostile(answer(200, { headers: [JSON_TYPE], body: JSON.stringify({ success: true, pull: { pull_id: pullId } }) }), pullId);
      const mended = await assertMends(pullId, (pull) => pull.snapshots.length > 0, "the snapshot");
      assert.equal(mended.snapshots.length, 1);
    }, 24);
  });

  /** A pull whose one document is served so until it has failed, and rightly after. */
  async function documentAfter(way, codes) {
    const [pullId, documentId] = [randomUUID(), randomUUID()];
    const listed = { success: true, pull: { pull_id: pullId, documents: [{ document_id: documentId, mime_type: "application/pdf" }] } };
    ways.set(`/pulls/${pullId}/documents/${documentId}`, way);
    ways.set(`/pulls/${pullId}`, answer(200, { headers: [JSON_TYPE], body: JSON.stringify(listed) }));
    assert.equal((await postWebhook(edge, webhook(pullId, "COMPLETE"))).status, 200);
    const pull = await assertFails(pullId, `document:${documentId}`, codes);
    assert.notEqual(pull.documents[0].state, "stored");
    await assertProblem(await office.call(`/api/v1/pulls/${pullId}/documents/${documentId}`), 404, "NOT_FOUND");
    ways.set(`/pulls/${pullId}/documents/${documentId}`, answer(200, { headers: [["content-type", "application/pdf"]], body: PDF }));
    await assertMends(pullId, ({ documents: [document] }) => document.state === "stored", "the document");
    const stored = await office.call(`/api/v1/pulls/${pullId}/documents/${documentId}`);
    assert.equal(await stored.text(), PDF);
  }

  test("a document: what is none is noted and not stored, and the next answer is taken", async () => {
    await forEach(Object.entries(notAnAnswer("application/pdf")), (name, [way, ...codes]) => documentAfter(way, codes), 24);
  });

  test("a document: a redirect goes three deep to the web or to Canopy itself, with no credentials, and nowhere else", async () => {
    const elsewhere = await startHostile(() => answer(200, { headers: [["content-type", "application/pdf"]], body: PDF }));
    const own = (path) => `${canopy.url}/api/v1.0.0${path}`;
    ways.set("/loop", redirect(own("/loop")));
    for (const at of [1, 2, 3, 4]) ways.set(`/hop-${at}`, at === 4 ? answer(200, { headers: [["content-type", "application/pdf"]], body: PDF }) : redirect(own(`/hop-${at + 1}`), [301, 303, 307][at - 1]));
    const refused = [
      own("/loop"),
      own("/hop-1"),
      `${elsewhere.url}/another-port`,
      `https://127.0.0.1:${elsewhere.port}/another-scheme`,
      "https://127.0.0.1/",
      "https://169.254.169.254/latest/meta-data",
      "https://2130706433/",
      "https://0x7f.1/",
      "https://[::1]/",
      "https://[::ffff:127.0.0.1]/",
      "https://user:pass@storage.example/",
      `http://user:pass@127.0.0.1:${canopy.port}/api/v1.0.0/hop-4`,
      "https://storage.example:8443/",
      "http://storage.example/",
      "//storage.example/",
      "file:///etc/passwd",
      "data:application/pdf,%25PDF-1.4",
      "javascript:alert(1)",
      "https://",
    ];
    try {
      await forEach([...refused.map((place) => [place]), ["no place at all"]], async (place) => {
        const way = place === "no place at all" ? answer(302) : redirect(place);
        await documentAfter(way, ["MALFORMED"]);
      }, 24);
      assert.deepEqual(elsewhere.calls, []);

      // Three hops, of every status that redirects.
      for (const status of [301, 302, 303, 307, 308]) {
        const [pullId, documentId] = [randomUUID(), randomUUID()];
        ways.set(`/pulls/${pullId}/documents/${documentId}`, redirect(own("/hop-2"), status));
        ways.set(`/pulls/${pullId}`, answer(200, { headers: [JSON_TYPE], body: JSON.stringify({ pull: { pull_id: pullId, documents: [{ document_id: documentId }] } }) }));
        assert.equal((await postWebhook(edge, webhook(pullId, "COMPLETE"))).status, 200);
        await office.seen(pullId, ({ documents: [document] }) => document?.state === "stored", `the document behind ${status}`, LIMIT_MS, EVERY_MS);
      }
      const hops = canopy.calls.filter(({ path }) => /\/(hop-\d|loop)$/.test(path));
      assert.ok(hops.length > 0);
      for (const { path, headers } of hops) {
        const names = Object.keys(headers).filter((name) => /authorization|canopy|cookie|jwt/.test(name));
        assert.deepEqual(names, [], path);
      }
    } finally {
      await elsewhere.stop();
    }
  });

  test("carriers and terms: what is none is a problem, and asked for again a moment later", async () => {
    const bad = {
      carriers: [answer(999), bomb("gzip"), BROKEN_BODY["a body cut short"], answer(204)],
      tos: [answer(200, { headers: [["content-type", "text/html"]], body: PAGE }), silence],
    };
    const good = { carriers: '[{"id":"a"}]', tos: '{"terms_version":1,"terms_html":"<p>a</p>"}' };
    await forEach(Object.entries(bad), async (name, list) => {
      const read = () => fetch(`${edge.url}/connect/${name === "tos" ? "terms" : name}`, { headers: { origin: edge.url }, signal: AbortSignal.timeout(LIMIT_MS) });
      const asked = () => callsFor(`/${name}`).length;
      for (const way of list) {
        ways.set(`/${name}`, way);
        const before = asked();
        // A failure is given out for seconds: until Canopy is asked again, the one before is what is seen.
        await until(async () => {
          const response = await read();
          const { code } = await response.clone().json();
          assert.ok(["CANOPY_FAILED", "CANOPY_TIMED_OUT"].includes(code), code);
          await assertProblem(response, code === "CANOPY_FAILED" ? 502 : 504, code);
          return asked() > before;
        }, `Canopy asked for its ${name}`, LIMIT_MS);
      }
      ways.set(`/${name}`, answer(200, { headers: [JSON_TYPE], body: good[name] }));
      const response = await until(async () => {
        const response = await read();
        return response.status === 200 ? response : void (await response.arrayBuffer());
      }, `the ${name}`);
      assert.equal(await response.text(), good[name]);
    });
  });

  test("an ask of a session: each answer ends in a problem, and the session is there to tell", async () => {
    const problems = { CANOPY_REFUSED: 422, TOO_MANY_REQUESTS: 429, CANOPY_FAILED: 502, CANOPY_TIMED_OUT: 504 };
    const bad = { ...notAnAnswer("application/json"), "another shape": [answer(200, { headers: [JSON_TYPE], body: "[]" })] };
    const each = ["consent", "connect"].flatMap((ask) => Object.entries(bad).map(([name, [way]]) => [`${ask}, ${name}`, ask, way]));
    await forEach(each, async (name, ask, way) => {
      const mark = markOf(way);
      const body = { carrier_id: "statefarm", username: "token-u", password: "token-p", ...CONSENT, consent_language: mark };
      const page = await openPage(edge);
      const response = await page.post(ask, ask === "consent" ? { ...CONSENT, consent_language: mark } : body);
      const { code } = await response.clone().json();
      assert.ok(code in problems, `${response.status} ${code}`);
      await assertProblem(response, problems[code], code);
      assert.equal(canopy.calls.filter((call) => call.body.includes(mark)).length, 1, "asked once");
      const { pull_id, phase } = await page.document();
      assert.deepEqual([pull_id, phase !== "connected"], [null, true]);
    }, 24);
  });
});

test("after all of it the Worker is as well as before", async () => {
  const body = '{ "success" :true}';
  const response = await ask(hostile(answer(200, { headers: [JSON_TYPE], body })));
  assert.deepEqual([response.status, await response.text()], [200, body]);
  assert.equal((await fetch(`${edge.url}/healthz`)).status, 200);
  const lines = logLines(edge);
  assert.deepEqual(lines.filter(({ code }) => code === "INTERNAL"), []);
  assert.doesNotMatch(edge.log(), /code had hung|unreachable executed|panicked/);
});
