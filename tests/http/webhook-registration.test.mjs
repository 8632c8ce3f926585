// `cargo xtask webhook` against the sandbox, and against a Canopy that takes only the event types its document lists.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { LOCAL, startSandbox } from "../harness.mjs";

const URL_OF_EDGE = "https://edge.example.com/webhooks/canopy";
let sandbox;

before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

test("a webhook is registered once, and listed without its secret", async () => {
  const registered = await webhook(sandbox.url, "register", "--url", URL_OF_EDGE);
  assert.equal(registered.code, 0, registered.stderr);
  assert.match(registered.stdout, /wrangler secret put CANOPY_WEBHOOK_SIGNING_SECRET --env production/);
  const secret = registered.stdout.match(/signing secret: (\S+)/)[1];

  const again = await webhook(sandbox.url, "register", "--url", URL_OF_EDGE);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /is registered already/);

  const listed = await webhook(sandbox.url, "list");
  assert.equal(listed.stdout.split(URL_OF_EDGE).length, 2);
  assert.ok(!listed.stdout.includes(secret));
});

test("a wrong key is named as Canopy names it", async () => {
  const refused = await webhook(sandbox.url, "list", "--client-id", "another-client");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /401 UNAUTHORIZED/);
});

test("event types that Canopy refuses by name are left out, and said to be", async () => {
  const listed = ["COMPLETE", "POLICIES_AVAILABLE", "POLICY_AVAILABLE", "AUTH_STATUS", "VALIDATION_COMPLETE"];
  const asked = [];
  const canopy = await serve((request, body) => {
    if (request.method === "GET") return [200, { webhooks: [] }];
    const { eventTypes } = JSON.parse(body);
    asked.push(eventTypes);
    if (eventTypes.some((name) => !listed.includes(name))) return [400, { error: "INVALID_EVENT_TYPE" }];
    return [200, { webhook_id: "w1", signing_secret: "s1" }];
  });
  try {
    const registered = await webhook(canopy.url, "register", "--url", URL_OF_EDGE);
    assert.equal(registered.code, 0, registered.stderr);
    assert.match(registered.stdout, /left out: .*MONITORING_RECONNECT/);
    assert.equal(asked.length, 2);
    assert.deepEqual(asked[1].toSorted(), listed.toSorted());
  } finally {
    canopy.close();
  }
});

test("a registration whose answer was lost is not tried again", async () => {
  let posts = 0;
  const canopy = await serve((request) => {
    if (request.method === "GET") return [200, { webhooks: [] }];
    posts += 1;
    return null;
  });
  try {
    const lost = await webhook(canopy.url, "register", "--url", URL_OF_EDGE);
    assert.equal(lost.code, 1);
    assert.match(lost.stderr, /is not known/);
    assert.equal(posts, 1);
  } finally {
    canopy.close();
  }
});

test("an address that the edge would not answer is refused before any call", async () => {
  let calls = 0;
  const canopy = await serve(() => {
    calls += 1;
    return [200, { webhooks: [] }];
  });
  try {
    for (const [url, found] of [
      [`${URL_OF_EDGE}/`, "the path /webhooks/canopy/"],
      [URL_OF_EDGE.replace("https", "http"), "http, which is for this machine alone"],
      [`${URL_OF_EDGE}?key=1`, "the query ?key=1"],
      [`${URL_OF_EDGE}#top`, "the fragment #top"],
    ]) {
      const refused = await webhook(canopy.url, "register", "--url", url);
      assert.notEqual(refused.code, 0, url);
      assert.ok(refused.stderr.includes(`expected https://HOST/webhooks/canopy, found ${found}`), refused.stderr);
    }
    assert.equal(calls, 0);
  } finally {
    canopy.close();
  }
});

function webhook(base, ...rest) {
  const env = {
    ...process.env,
    CANOPY_API_BASE_URL: `${base}/api/v1.0.0`,
    CANOPY_TEAM_ID: LOCAL.teamId,
    CANOPY_CLIENT_ID: LOCAL.clientId,
    CANOPY_CLIENT_SECRET: LOCAL.clientSecret,
  };
  return new Promise((resolve) => {
    execFile("cargo", ["xtask", "webhook", ...rest], { env, cwd: import.meta.dirname }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stdout, stderr });
    });
  });
}

/** A Canopy of our own: `answer` gives status and body, or null to hang up without an answer. */
function serve(answer) {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const answered = answer(request, body);
    if (!answered) return request.socket.destroy();
    response.writeHead(answered[0], { "content-type": "application/json" }).end(JSON.stringify(answered[1]));
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve({ url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() });
    });
  });
}
