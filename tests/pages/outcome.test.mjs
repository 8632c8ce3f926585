// How a session ends: what is claimed at its end, how one goes on from there, and who may still speak for it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { control, until } from "../edge-client.mjs";
import { axe, shot } from "./browser.mjs";
import { endHosted, startAll, throughHosted } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "0" } })));
after(() => all?.stop());

/** Has every document that the edge sends changed on its way. */
async function changeDocuments(page, change) {
  const changed = (text) => (text === "pong" ? text : JSON.stringify(change(JSON.parse(text))));
  await page.routeWebSocket(/\/live$/, (socket) => socket.connectToServer().onMessage((text) => socket.send(changed(text))));
  await page.route(/\/connect\/sessions\/[^/]+(\/connect)?$/, async (route) => {
    if (route.request().method() === "DELETE") return route.fallback();
    const response = await route.fetch();
    await route.fulfill({ response, body: changed(await response.text()) });
  });
}

async function takeThrough(page, username) {
  await throughHosted(page, username);
  await endHosted(page);
}

test("while it is not known whether there are policies, nothing is claimed, and the visitor may leave", async () => {
  const visitor = await all.visit({ prepare: (page) => changeDocuments(page, (document) => ({ ...document, no_policies: null, policy_types: [] })) });
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.reads("you may close this page");
  await until(async () => (await visitor.status()).complete, "the end of the pull");
  const { name, step, mayLeave } = await visitor.screen();
  assert.deepEqual([name, step, mayLeave], ["waiting", "reading-documents", true]);
  await visitor.close();
});

test("hosted: no policies is said, and another company is shared at once in another session", async () => {
  const visitor = await all.visit({ attributes: 'mode="hosted" agency="Maple" metadata-lead_id="L-7"' });
  await visitor.button("Share my insurance").click();
  await takeThrough(visitor.page, "user_good_no_policies");
  await visitor.sees("No policies were found");
  await visitor.reads("Maple has received none");
  assert.deepEqual(await axe(visitor.page), []);
  await shot(visitor.page, "no-policies");
  const { session_id: first } = await visitor.status();
  await visitor.button("Share from another company").click();
  await takeThrough(visitor.page, "user_good");
  await visitor.done();
  await shot(visitor.page, "done-hosted");
  const { session_id, pull_id } = await visitor.status();
  assert.notEqual(session_id, first);
  const { pulls } = await control(all.sandbox, "GET", "/pulls");
  assert.deepEqual(pulls.find((pull) => pull.pull_id === pull_id).meta_data, { lead_id: "L-7", edge_session: session_id });
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("the example pages claim no more than the element", async () => {
  const visitor = await all.visit({ body: "" });
  const { page } = visitor;
  for (const [username, words] of [["user_good_no_policies", "No policies have reached us"], ["user_good", "Your policies have reached us"]]) {
    await page.goto(`${all.edge.url}/quote-components`);
    await page.evaluate(() => sessionStorage.clear());
    await page.reload();
    await visitor.choose();
    await visitor.signIn(username);
    await page.locator("#news").getByText(words).waitFor();
    const told = await page.locator("#news").textContent();
    assert.equal(told.includes("Your policies have reached us"), username === "user_good");
  }
  await visitor.close();
});

test("the session's token opens no socket: each has a ticket of its own", async () => {
  const offered = [];
  const visitor = await all.visit({
    prepare: (page) =>
      page.addInitScript(() => {
        window.offered = [];
        window.WebSocket = class extends WebSocket {
          constructor(url, protocols) {
            super(url, protocols);
            window.offered.push(protocols);
            (window.sockets ??= []).push(this);
          }
        };
      }),
  });
  await visitor.choose();
  await visitor.signIn("user_bad");
  await visitor.reads("did not accept");
  await visitor.page.evaluate(() => window.sockets.at(-1).close());
  await until(async () => (await visitor.page.evaluate(() => window.offered.length)) > 1, "another socket");
  offered.push(...(await visitor.page.evaluate(() => window.offered)));
  const [{ token }] = await visitor.page.evaluate(() => Object.values(sessionStorage).map((text) => JSON.parse(text)));
  for (const [name, ticket] of offered) assert.deepEqual([name, ticket === token, ticket.length > 40], ["canopy-edge", false, true]);
  await until(() => visitor.element.evaluate((element) => element.session?.isLive), "the status live");
  await visitor.close();
});

/** What was asked of the sessions' addresses. */
function asked(page) {
  const list = [];
  page.on("request", (request) => request.url().includes("/connect/sessions") && list.push([request.method(), new URL(request.url()).pathname, request]));
  return list;
}

test("a session says its mode, is ended at the edge when it is left for good, and kept when it may be picked up", async () => {
  const visitor = await all.visit();
  const { page } = visitor;
  const list = asked(page);
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.done();
  assert.equal(list.find(([method]) => method === "POST")[2].postDataJSON().mode, "components");
  const { session_id } = await visitor.status();
  await visitor.element.evaluate((element) => (window.kept = element).remove());
  await page.evaluate(() => document.body.append(window.kept));
  await visitor.done();
  assert.equal((await visitor.status()).session_id, session_id);
  const ended = () => list.filter(([method]) => method === "DELETE").map(([, path]) => path);
  assert.deepEqual(ended(), []);
  const answered = page.waitForResponse((response) => response.request().method() === "DELETE");
  await visitor.button("Share from another company").click();
  assert.equal((await answered).status(), 204);
  assert.deepEqual(ended(), [`/connect/sessions/${session_id}`]);
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

/** Has the edge answer that the session's time is over, and closes its sockets as it does then. */
async function expire(visitor) {
  const over = { status: 401, contentType: "application/json", body: '{"code":"SESSION_EXPIRED","detail":"over"}' };
  const gets = [];
  await visitor.page.route(/\/connect\/sessions\/[^/]+(\/ticket)?$/, (route) => {
    if (route.request().method() === "DELETE") return route.fallback();
    gets.push(route.request().method());
    return route.fulfill(over);
  });
  await visitor.page.evaluate(() => window.sockets.at(-1).close());
  return gets;
}
const keepSockets = (page) =>
  page.addInitScript(() => {
    window.sockets = [];
    window.WebSocket = class extends WebSocket {
      constructor(...given) {
        super(...given);
        window.sockets.push(this);
      }
    };
  });

test("a session whose hour is over is asked for once, and says so; it goes on with another one", async () => {
  const visitor = await all.visit({ prepare: keepSockets });
  await visitor.choose();
  await visitor.signIn("user_bad");
  await visitor.reads("did not accept");
  const gets = await expire(visitor);
  await visitor.reads("This took longer than an hour");
  assert.deepEqual(gets, ["GET"]);
  assert.deepEqual((await visitor.heard("error")).map(({ code }) => code), ["SESSION_EXPIRED"]);
  await visitor.page.unrouteAll();
  await visitor.button("Start again").click();
  await visitor.find("State Farm");
  await visitor.signIn("user_good");
  await visitor.done();
  await visitor.close();
});

test("a session whose hour is over after its end stays there", async () => {
  const visitor = await all.visit({ prepare: keepSockets });
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.done();
  const gets = await expire(visitor);
  await until(() => gets.length > 0, "the question");
  await visitor.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
  assert.equal((await visitor.screen()).name, "done");
  assert.deepEqual(await visitor.heard("error"), []);
  await visitor.close();
});

test("a session that has asked as often as one may is started over", async () => {
  const visitor = await all.visit();
  await visitor.page.route(/\/connect\/sessions\/[^/]+\/connect$/, (route) => route.fulfill({ status: 429, contentType: "application/json", body: '{"code":"TOO_MANY_REQUESTS"}' }), { times: 1 });
  await visitor.choose();
  await until(async () => visitor.status(), "the session's document");
  await visitor.signIn("user_good");
  await visitor.sees("That did not work");
  await visitor.button("Start again").click();
  await visitor.find("State Farm");
  await visitor.signIn("user_good");
  await visitor.done();
  await visitor.close();
});
