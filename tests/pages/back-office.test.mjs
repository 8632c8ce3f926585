// A session that the back office opened: the page drives it, goes on where it stands, alters nothing of it, and never puts one of its
// own in its place.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { callsOf, control, SERVICING, until } from "../edge-client.mjs";
import { markup } from "./browser.mjs";
import { startAll, visitorOf } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "40" } })));
after(() => all?.stop());

const AGENCY = "Maple & Main Insurance";
const NO_LINK = `This link is no longer valid. Please ask ${AGENCY} for a new one.`;
const NEW_LINK = `Please ask ${AGENCY} for a new link.`;

/** Paths of the sessions that the page asked for in this tab, each with its method. */
function askedOf(page) {
  const asked = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/connect/sessions")) asked.push([request.method(), pathname]);
  });
  return asked;
}

/** A visitor of a page that holds the session, and what their tab asks for. `more` are further attributes. */
async function visit(session, { more = "", ...options } = {}) {
  let asked;
  const prepare = async (page) => {
    asked = askedOf(page);
    await options.prepare?.(page);
  };
  const visitor = await all.visit({ ...options, attributes: `${session.attributes} ${more}`, prepare });
  return { ...visitor, asked };
}

/** No session was opened, and no other one was spoken of: what Canopy knows of is the back office's own. */
async function assertOnly(visitor, ...sessions) {
  const paths = sessions.map(({ path }) => path);
  for (const [method, path] of visitor.asked) assert.ok(paths.some((own) => `${path}/`.startsWith(`${own}/`)), `${method} ${path}`);
  assert.equal(await visitor.page.evaluate(() => sessionStorage.length), 0, "nothing of it is kept in the tab");
}

/** The screen of a session that is over: it says what to do, and offers nothing. */
async function assertOver(visitor, session, code, text) {
  await visitor.sees("That did not work");
  await visitor.reads(text);
  assert.deepEqual(await visitor.screen(), { name: "failed", code, recovery: "none" });
  assert.equal(await visitor.element.getByRole("button").count(), 0, "there is nothing to press");
  const errors = await visitor.heard("error");
  assert.deepEqual(errors.map((error) => error.code), [code]);
  assert.ok(errors[0].message.includes(text), errors[0].message);
  await assertOnly(visitor, session);
}

for (const keyboard of [false, true]) {
  test(`${keyboard ? "keyboard" : "mouse"}: from consent to the confirmed change, with the back office's metadata and none of the page's`, async () => {
    const session = await all.given({ servicing_actions: [SERVICING], metadata: { lead_id: "L-9" } });
    // What the page says besides is not heard, not even of the mode.
    const visitor = await visit(session, { keyboard, more: 'mode="hosted" metadata-lead_id="L-1"', query: "?ccmeta-lead_id=L-2" });
    await visitor.element.evaluate((element) => (element.metadata = { lead_id: "L-3" }));
    await visitor.choose();
    await visitor.signIn("user_mfa");
    await visitor.sees("send your code");
    await visitor.press("Send the code");
    await visitor.sees("Enter the code");
    assert.equal(await visitor.button("Start again").count(), 0);
    await visitor.enterCode("123456");
    await visitor.sees("Please confirm this change");
    await visitor.reads(SERVICING.payload.name);
    await visitor.press("Confirm");
    await visitor.done();
    await visitor.reads("The change was confirmed");
    assert.equal(await visitor.element.getByRole("button").count(), 0, "no other company is offered");
    const { session_id, pull_id } = await visitor.status();
    assert.equal(session_id, session.session_id);
    const { pulls } = await control(all.sandbox, "GET", "/pulls");
    assert.deepEqual(pulls.find((pull) => pull.pull_id === pull_id).meta_data, { lead_id: "L-9", edge_session: session_id });
    assert.equal((await callsOf(all.sandbox, "post-servicing-action", pull_id)).length, 1);
    await assertOnly(visitor, session);
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });
}

test("an account without policies ends it, too: no other company is offered", async () => {
  const session = await all.given();
  const visitor = await visit(session);
  await visitor.choose();
  await visitor.signIn("user_good_no_policies");
  await visitor.sees("No policies were found");
  assert.equal(await visitor.element.getByRole("button").count(), 0);
  await assertOnly(visitor, session);
  await visitor.close();
});

test("a login that was refused is made again in the same session, and the change is still asked for", async () => {
  const session = await all.given({ servicing_actions: [SERVICING] });
  const visitor = await visit(session);
  await visitor.choose();
  await visitor.signIn("user_bad");
  await visitor.reads("did not accept");
  await visitor.signIn("user_good");
  await visitor.sees("Please confirm this change");
  await assertOnly(visitor, session);
  await visitor.close();
});

test("it goes on where it stands, after a reload and in a second tab", async () => {
  const session = await all.given({ servicing_actions: [SERVICING] });
  const visitor = await visit(session);
  await visitor.choose();
  await visitor.signIn("user_mfa");
  await visitor.sees("send your code");
  await visitor.page.reload();
  await visitor.sees("send your code");
  const second = await visitor.page.context().newPage();
  await second.goto(visitor.url);
  const there = visitorOf(second);
  await there.sees("send your code");
  await there.button("Send the code").click();
  await there.sees("Enter the code");
  await visitor.sees("Enter the code");
  await visitor.enterCode("123456");
  for (const each of [visitor, there]) await each.sees("Please confirm this change");
  await visitor.button("Confirm").click();
  for (const each of [visitor, there]) await each.done();
  await visitor.page.reload();
  await visitor.done();
  await assertOnly(visitor, session);
  await visitor.close();
});

/** What a page may hold in the place of a session that stands. */
const GONE = {
  "was ended": async () => {
    const session = await all.given();
    const ended = await fetch(all.edge.url + session.path, { method: "DELETE", headers: session.bearer });
    assert.equal(ended.status, 204);
    return session;
  },
  "has another one's token": async () => {
    const [session, other] = await Promise.all([all.given(), all.given()]);
    return { ...session, attributes: session.attributes.replace(session.token, other.token) };
  },
  "has a name that can be none": async () => {
    const session = await all.given();
    return { ...session, attributes: session.attributes.replace(session.session_id, "../carriers") };
  },
};
for (const [what, give] of Object.entries(GONE)) {
  test(`one that ${what} is over: the visitor is to ask for another link, at each visit`, async () => {
    const session = await give();
    const visitor = await visit(session);
    await assertOver(visitor, session, "SESSION_OVER", NO_LINK);
    await visitor.page.reload();
    await assertOver(visitor, session, "SESSION_OVER", NO_LINK);
    await until(() => visitor.seen.console.some(({ text }) => /^\[canopy-connect\] (UNAUTHORIZED|NOT_FOUND): ./.test(text)), "the console's line");
    await visitor.close();
  });
}

test("one whose hour is over while the visitor is at it is over, whatever they do next", async () => {
  for (const next of ["enter the code", "come back"]) {
    const session = await all.given();
    const visitor = await visit(session);
    await visitor.choose();
    await visitor.signIn("user_mfa");
    await visitor.sees("send your code");
    await visitor.button("Send the code").click();
    await visitor.sees("Enter the code");
    const over = { status: 401, contentType: "application/json", body: '{"code":"SESSION_EXPIRED","detail":"expected a token within its time"}' };
    await visitor.page.route(`**${session.path}**`, (route) => route.fulfill(over));
    await (next === "enter the code" ? visitor.enterCode("123456") : visitor.page.reload());
    await assertOver(visitor, session, "SESSION_OVER", NO_LINK);
    await visitor.close();
  }
});

test("one whose pull failed is over", async () => {
  const session = await all.given({ servicing_actions: [SERVICING] });
  const visitor = await visit(session);
  await visitor.choose();
  await visitor.signIn("user_provider_error");
  await assertOver(visitor, session, "PROVIDER_ERROR", NEW_LINK);
  await visitor.close();
});

test("one whose login was lost is over once the insurance company asks something", async () => {
  await control(all.sandbox, "POST", "/faults", { operation: "post-consent-and-connect", steps: [{ lost: true }] });
  const session = await all.given();
  const visitor = await visit(session);
  await visitor.choose();
  await visitor.signIn("user_mfa");
  await assertOver(visitor, session, "ANSWER_LOST", `it is not sent twice. ${NEW_LINK}`);
  await visitor.close();
});

test("where nothing more comes while waiting, the way out is the agency, after half a minute", async () => {
  const session = await all.given();
  const prepare = (page) => page.addInitScript(() => (window.waits = () => document.querySelector("canopy-connect").shadowRoot.getAnimations()));
  const visitor = await visit(session, { prepare });
  await control(all.sandbox, "POST", "/faults", { operation: "post-consent-and-connect", steps: [{ delay_ms: 20_000 }] });
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.sees("Getting your insurance");
  const away = visitor.element.getByText("If you cannot go on here");
  assert.equal(await away.isVisible(), false);
  await visitor.page.evaluate(() => window.waits().forEach((animation) => animation.finish()));
  await away.waitFor();
  await visitor.close();
});

test("an edge that cannot be reached is asked again for the same session", async () => {
  const session = await all.given();
  let isDown = true;
  const prepare = (page) => page.route(`**${session.path}`, (route) => (isDown ? route.abort("connectionreset") : route.fallback()));
  const visitor = await visit(session, { prepare });
  await visitor.reads("We cannot be reached right now");
  await visitor.button("Try again").click();
  await visitor.reads("We cannot be reached right now");
  isDown = false;
  await visitor.button("Try again").click();
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.done();
  await assertOnly(visitor, session);
  await visitor.close();
});

test("too many requests in a minute do not end it", async () => {
  const session = await all.given();
  const visitor = await visit(session);
  await visitor.page.route(/\/connect$/, (route) => route.fulfill({ status: 429, contentType: "application/json", body: '{"code":"TOO_MANY_REQUESTS"}' }), { times: 1 });
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.reads("Wait a minute, then try again");
  await visitor.signIn("user_good");
  await visitor.done();
  await assertOnly(visitor, session);
  await visitor.close();
});

test("one that was opened for another origin is the page's mistake, and the console says which", async () => {
  const { attributes } = await all.given({ origin: all.edge.url });
  const visitor = await all.visit({ attributes });
  await visitor.reads("Sharing does not work on this page");
  assert.deepEqual(await visitor.screen(), { name: "failed", code: "ORIGIN_NOT_ALLOWED", recovery: "none" });
  await until(() => visitor.seen.console.some(({ text }) => text.includes(`another origin than ${all.agency.origin}`)), "the console's line");
  await visitor.close();
});

const change = (visitor, attributes) =>
  visitor.element.evaluate((element, attributes) => {
    for (const [name, value] of Object.entries(attributes)) value === null ? element.removeAttribute(name) : element.setAttribute(name, value);
  }, attributes);
const attributesOf = ({ session_id, token }) => ({ "session-id": session_id, "session-token": token });

test("attributes of another session begin with that one, and those of the first go on where it stood", async () => {
  const [one, other] = await Promise.all([all.given(), all.given()]);
  const visitor = await visit(one);
  await visitor.choose();
  await visitor.signIn("user_bad");
  await visitor.reads("did not accept");
  await change(visitor, attributesOf(other));
  await visitor.sees("Share your insurance");
  assert.equal(await visitor.element.locator("iframe").count(), 0, "the form is gone");
  assert.equal((await visitor.status()).session_id, other.session_id);
  await change(visitor, attributesOf(one));
  await visitor.sees("Sign in to State Farm");
  assert.equal((await visitor.status()).session_id, one.session_id);
  // Said again with the same words, and in a mode that it has not: nothing begins anew.
  await (await visitor.field("username")).fill("user_good");
  await change(visitor, { ...attributesOf(one), mode: "hosted", "metadata-lead_id": "L-1" });
  assert.equal(await (await visitor.field("username")).inputValue(), "user_good");
  await assertOnly(visitor, one, other);
  await visitor.close();
});

test("a session that comes late takes the place of one that the page would have opened", async () => {
  const session = await all.given();
  const visitor = await visit({ attributes: 'mode="components"' });
  await visitor.sees("Share your insurance");
  await change(visitor, { ...attributesOf(session), agency: AGENCY });
  await visitor.sees(`Share your insurance with ${AGENCY}`);
  await until(async () => (await visitor.status())?.session_id === session.session_id, "the session");
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.done();
  await assertOnly(visitor, session);
  await visitor.close();
});

/** What a page may say by mistake. */
const MISTAKES = {
  "an id without a token": { "session-token": null },
  "a token without an id": { "session-id": null },
  "an id and a token without anything in them": { "session-id": "", "session-token": "" },
  "a session and a reconnect token": { "reconnect-token": "5f7a0c3e-0000-4000-8000-000000000001" },
};
for (const [what, mistake] of Object.entries(MISTAKES)) {
  test(`${what}: the page's mistake, of which the edge is asked nothing; put right, it begins`, async () => {
    const session = await all.given();
    const rightly = { ...attributesOf(session), ...("reconnect-token" in mistake && { "reconnect-token": null }) };
    const attributes = Object.entries({ ...attributesOf(session), ...mistake }).filter(([, value]) => value !== null);
    const visitor = await visit({ attributes: attributes.map(([name, value]) => `${name}="${value}"`).join(" ") });
    await visitor.reads("Sharing does not work on this page");
    assert.deepEqual((await visitor.heard("error")).map(({ code }) => code), ["PAGE_INVALID"]);
    await until(() => visitor.seen.console.some(({ text }) => text.includes("PAGE_INVALID") && text.includes("a session of the back office")), "the console's line");
    assert.deepEqual(visitor.asked, []);
    await change(visitor, rightly);
    await visitor.sees("Share your insurance");
    await assertOnly(visitor, session);
    await visitor.close();
  });
}

test("the API drives it, and what ends it leads to no other one", async () => {
  const session = await all.given();
  const visitor = await visit({ attributes: "" }, { body: "" });
  const { page } = visitor;
  const given = { sessionId: session.session_id, sessionToken: session.token, mode: "hosted", storageKey: "mine", metadata: { lead_id: "L-1" } };
  await page.evaluate(
    async ([url, options]) => {
      const { openSession } = await import(url);
      window.mistake = await openSession({ ...options, sessionToken: undefined }).catch(({ code }) => code);
      window.session = await openSession(options);
    },
    [`${all.edge.url}/connect/canopy-connect.js`, given],
  );
  assert.equal(await page.evaluate(() => window.mistake), "PAGE_INVALID");
  const [screen, isOpen] = await page.evaluate(() => [window.session.screen.name, window.session.isOpen]);
  assert.deepEqual([screen, isOpen], ["consent", true], "it is read at once");
  const { tokens } = await control(all.sandbox, "POST", "/tokenize", { username: "user_mfa", password: "pass_good" });
  await page.evaluate(async (tokens) => {
    await window.session.agree("I agree.");
    await window.session.carriers();
    window.session.chooseCarrier("statefarm");
    await window.session.signIn(tokens);
  }, tokens);
  await page.waitForFunction(() => window.session.screen.name === "identity-option");
  assert.equal(await page.evaluate(() => window.session.canStartOver), false);
  const deleted = page.waitForResponse((response) => response.request().method() === "DELETE");
  const over = { name: "failed", code: "SESSION_OVER", recovery: "none" };
  assert.deepEqual(await page.evaluate(() => (window.session.startOver(), window.session.screen)), over);
  assert.equal((await deleted).status(), 204);
  const codes = await page.evaluate((tokens) => {
    const codeOf = (promise) => promise.then(() => "done", ({ code }) => code);
    return Promise.all([codeOf(window.session.agree("I agree.")), codeOf(window.session.signIn(tokens)), codeOf(window.session.consent("I agree."))]);
  }, tokens);
  assert.equal(codes.includes("done"), false, codes.join());
  assert.deepEqual(await page.evaluate(() => window.session.screen), over);
  await page.evaluate(() => window.session.retry());
  assert.deepEqual(await page.evaluate(() => window.session.screen), over);
  await assertOnly(visitor, session);
  await visitor.close();
});

test("two elements of one page show the same session, and a page that is served anew with it goes on", async () => {
  const session = await all.given();
  const visitor = await visit(session, { body: `<canopy-connect id="one" ${session.attributes}></canopy-connect><canopy-connect id="two" ${session.attributes}></canopy-connect>` });
  const [one, two] = ["#one", "#two"].map((at) => visitorOf(visitor.page, at));
  await one.choose();
  await one.signIn("user_mfa");
  for (const each of [one, two]) await each.sees("send your code");
  const html = markup(`<canopy-connect ${session.attributes}></canopy-connect>`, `<script type="module" src="${all.edge.url}/connect/canopy-connect.js"></script>`);
  await visitor.page.goto(all.agency.serve("/another-page", { html }));
  await visitor.sees("send your code");
  await assertOnly(visitor, session);
  await visitor.close();
});
