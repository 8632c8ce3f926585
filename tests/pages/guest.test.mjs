// The element as a guest on the agency's page: it brings little, shares nothing with its neighbours, keeps to the page's policy, and
// leaves nothing behind.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { control, until } from "../edge-client.mjs";
import { CANOPY_SCRIPTS, closeHosted, endHosted, hostedFrame, policy, startAll, throughHosted, visitorOf } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "0" } })));
after(() => all?.stop());

const scriptOf = (mode) => all.sandbox.url + CANOPY_SCRIPTS[mode];

// What a page can be seen to hold.

/** Every socket that `page` opened, and every address that it asked for, from here on. */
function traffic(page) {
  const seen = { sockets: [], requests: [] };
  page.on("websocket", (socket) => seen.sockets.push(socket));
  page.on("request", (request) => seen.requests.push(request));
  seen.open = () => seen.sockets.filter((socket) => !socket.isClosed());
  seen.count = (path) => seen.requests.filter((request) => new URL(request.url()).pathname === path).length;
  return seen;
}

/** What stands in the page, but for the scripts of Canopy's that are loaded once. */
const nodesOf = (page) =>
  page.evaluate(
    (scripts) => [...document.querySelectorAll("*")].filter((element) => !(element.localName === "script" && scripts.some((path) => element.src.endsWith(path)))).length,
    Object.values(CANOPY_SCRIPTS),
  );

/** What Playwright listens to in a page in order to click in it. */
const PLAYWRIGHTS = /playwright|click|contextmenu|mouse|pointer|touch/;

/** The page's weight after a collection, and who listens at its window and its document. */
async function weigh(cdp) {
  // What finalizers let go is collected by the next one.
  for (let times = 0; times < 3; times += 1) await cdp.send("HeapProfiler.collectGarbage");
  const { metrics } = await cdp.send("Performance.getMetrics");
  const metric = (name) => metrics.find((metric) => metric.name === name).value;
  const expression = `[window, document, document.documentElement, document.body].flatMap((target) =>
    Object.entries(getEventListeners(target)).map(([name, list]) => target.constructor.name + " " + name + " " + list.length)).sort()`;
  const { result } = await cdp.send("Runtime.evaluate", { expression, includeCommandLineAPI: true, returnByValue: true });
  const listeners = result.value.filter((name) => !PLAYWRIGHTS.test(name));
  return { listeners, nodes: metric("Nodes"), listenersInAll: metric("JSEventListeners"), frames: metric("Frames"), heap: metric("JSHeapUsedSize") };
}

const mount = (page, attributes) => page.evaluate((html) => (document.querySelector("#here").innerHTML = html), `<canopy-connect ${attributes}></canopy-connect>`);
const unmount = (page) => page.evaluate(() => document.querySelector("#here").replaceChildren());
/** A page that has the script, and a place for the element. */
const emptyPage = (options) => all.visit({ body: '<div id="here"></div><p>The agency’s own text</p>', ...options });

async function openWindow(visitor) {
  await visitor.button(/^(Share my insurance|Continue)$/).click();
  await hostedFrame(visitor.page).contentFrame().getByRole("button", { name: "Agree and continue" }).waitFor();
}

/** To credentials that were refused: an element that comes back shows them at once. */
async function refused(visitor) {
  await visitor.choose();
  await visitor.signIn("user_bad");
  await visitor.reads("did not accept");
}

/** To a screen on which nothing happens any more. */
async function waiting(visitor) {
  await visitor.choose();
  await visitor.signIn("user_mfa");
  await visitor.sees("send your code");
  const { pull_id } = await visitor.status();
  await control(all.sandbox, "POST", "/events", { pull_id, event_type: "AUTH_STATUS", data: { auth_status: "GETTING_CONSUMERS" } });
  await visitor.sees("Getting your insurance");
}

async function pullsOf(visitor) {
  const { session_id } = await visitor.status();
  const { pulls } = await control(all.sandbox, "GET", "/pulls");
  return pulls.filter((pull) => pull.meta_data.edge_session === session_id);
}

// Scripts.

test("each script is loaded once, however many elements there are", async () => {
  const ids = ["one", "two", "three", "four"];
  let seen;
  const visitor = await all.visit({
    body: ids.map((id, at) => `<canopy-connect id="${id}" mode="${at < 2 ? "hosted" : "components"}"></canopy-connect>`).join(""),
    prepare: (page) => (seen = traffic(page)),
  });
  const { page } = visitor;
  const [one, two, three, four] = ids.map((id) => visitorOf(page, `#${id}`));
  for (const each of [one, two]) {
    await openWindow({ page, ...each });
    await closeHosted(page);
    await each.button("Continue").waitFor();
  }
  for (const each of [three, four]) {
    await each.choose();
    await each.field("password");
  }
  assert.deepEqual([seen.count(CANOPY_SCRIPTS.hosted), seen.count(CANOPY_SCRIPTS.components)], [1, 1]);
  const own = seen.requests.map((request) => request.url()).filter((url) => /\/connect\/canopy-connect[^/]*\.(js|wasm)$/.test(url));
  assert.ok(own.length > 2);
  assert.equal(new Set(own).size, own.length, `each of the element's own parts once: ${own.join()}`);
  assert.equal(await page.locator(`script[src^="${all.sandbox.url}"]`).count(), 2, "their tags stand once");
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

// Coming and going.

/** The button of hosted mode is there before the session is. */
async function hasSession(visitor) {
  await visitor.button("Share my insurance").waitFor();
  await until(() => visitor.element.evaluate((element) => Boolean(element.session)), "the session");
}

/** How an element stands when it is taken out: its attributes, how the session gets there once, and what is seen each time. */
const STAGES = {
  "hosted, with its button": { attributes: 'mode="hosted"', each: hasSession },
  "hosted, with Canopy’s window open": { attributes: 'mode="hosted"', each: openWindow, frames: 1, sockets: 1 },
  "hosted, with Canopy’s screens in the page": { attributes: 'mode="hosted" inline', each: openWindow, frames: 1, sockets: 1 },
  "components, at the consent with the terms open": {
    attributes: 'mode="components"',
    async each(visitor) {
      await visitor.sees("Share your insurance");
      await visitor.element.getByText("Read the Privacy Policy").click();
      await visitor.element.locator("iframe").contentFrame().getByRole("heading", { name: "Privacy Policy" }).waitFor();
    },
    frames: 1,
  },
  "components, with the credentials’ frames mounted": {
    attributes: 'mode="components"',
    first: refused,
    each: (visitor) => visitor.field("password").then((input) => input.fill("half a pass")),
    frames: 2,
    sockets: 1,
  },
  "components, while waiting": { attributes: 'mode="components"', first: waiting, each: (visitor) => visitor.sees("Getting your insurance"), sockets: 1 },
};

/** Rounds until the engine has compiled what it compiles, some 200 kB. */
const WARM_UP = 10;
/** What a round may leave in the heap. One that kept its session, its screens or its frames would leave more. */
const ROUND_BYTES = 20_000;

for (const [name, { attributes, first, each, frames = 0, sockets = 0 }] of Object.entries(STAGES)) {
  test(`ten times in and out, ${name}: nothing is left in the page`, async () => {
    const visitor = await emptyPage();
    const { page } = visitor;
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Performance.enable");
    const seen = traffic(page);
    const [nodes, { listeners }] = [await nodesOf(page), await weigh(cdp)];
    if (first) {
      await mount(page, attributes);
      await first(visitor);
      await unmount(page);
    }
    const round = async () => {
      await mount(page, attributes);
      await each(visitor);
      await until(() => seen.open().length === sockets, "the socket");
      await until(() => page.frames().length > frames, "the frames that are to go");
      await page.evaluate(() => {
        const element = document.querySelector("canopy-connect");
        (window.gone ??= []).push(new WeakRef(element), new WeakRef(element.session));
      });
      await unmount(page);
      await until(() => seen.open().length === 0, "every socket closed");
      assert.equal(await nodesOf(page), nodes, "no node is left");
      await until(() => page.frames().length === 1, "no frame left");
    };
    for (let rounds = 0; rounds < WARM_UP; rounds += 1) await round();
    const early = await weigh(cdp);
    for (let rounds = 0; rounds < 10; rounds += 1) await round();
    // What the last round left may be let go a moment later; what a round keeps is never.
    const surplus = (late) => ["listenersInAll", "nodes", "frames"].filter((what) => late[what] - early[what] >= 10);
    let late;
    await until(async () => ((late = await weigh(cdp)), surplus(late).length === 0), "less than one a round of each in memory", 5_000).catch(() => {});
    const kept = await page.evaluate(() => window.gone.filter((each) => each.deref()).length);
    assert.ok(kept <= 2, `at most the last element and its session are in memory, not ${kept}`);
    assert.deepEqual(late.listeners, listeners, "nobody listens any more");
    for (const what of surplus(late)) assert.fail(`less than one a round of ${what} in memory: ${early[what]}, then ${late[what]}`);
    assert.ok(late.heap - early.heap < 10 * ROUND_BYTES, `the heap grew by ${late.heap - early.heap} bytes in ten rounds`);
    assert.ok((await page.locator(`script[src^="${all.sandbox.url}"]`).count()) <= 1, "one tag of Canopy's script at most");
    assert.deepEqual(visitor.seen.errors, []);
    await visitor.close();
  });
}

/** Holds what the page asks for at `url`, until it is let go; `asked` settles when it is asked for. */
async function hold(page, url, change = (route) => route.continue()) {
  let release, ask;
  const released = new Promise((resolve) => (release = resolve));
  const asked = new Promise((resolve) => (ask = resolve));
  await page.route(url, async (route) => {
    ask();
    await released;
    await change(route);
  });
  return { asked, release };
}

/** Counts in `window.made` what Canopy's script is asked to make. */
const COUNTED = (name, maker) => `;window.made = 0; { const make = ${name}.${maker}; ${name}.${maker} = (options) => (window.made += 1, make(options)); }`;

for (const mode of ["hosted", "components"]) {
  test(`${mode}: taken out before Canopy's script has arrived, it leaves nothing and opens nothing when that comes`, async () => {
    const visitor = await emptyPage();
    const { page } = visitor;
    const seen = traffic(page);
    const before = await nodesOf(page);
    const attributes = `mode="${mode}"`;
    const held = await hold(page, scriptOf(mode), async (route) => {
      const response = await route.fetch();
      const counted = mode === "hosted" ? COUNTED("CanopyConnect", "create") : COUNTED("CanopyConnectComponents", "form");
      await route.fulfill({ response, body: (await response.text()) + counted });
    });
    await mount(page, attributes);
    if (mode === "hosted") await visitor.button("Share my insurance").click();
    else await visitor.choose();
    await held.asked;
    await unmount(page);
    await until(() => seen.open().length === 0, "the socket closed");
    assert.equal(await nodesOf(page), before);
    held.release();
    await page.waitForFunction(() => window.made !== undefined);
    // One that comes after has the script that came, and goes on where the visitor was.
    await mount(page, attributes);
    if (mode === "hosted") await openWindow(visitor);
    else await visitor.field("password");
    assert.equal(await page.evaluate(() => window.made), 1, "the first one made nothing");
    assert.equal(seen.count(new URL(scriptOf(mode)).pathname), 1);
    await unmount(page);
    assert.equal(await nodesOf(page), before);
    await until(() => page.frames().length === 1 && seen.open().length === 0, "nothing left");
    assert.deepEqual(visitor.seen.errors, []);
    await visitor.close();
  });
}

test("taken out before its own WebAssembly has arrived, it begins nothing", async () => {
  let seen, held;
  const visitor = await emptyPage({ prepare: async (page) => ((seen = traffic(page)), (held = await hold(page, /\.wasm$/))) });
  const { page } = visitor;
  const before = await nodesOf(page);
  await mount(page, 'mode="hosted"');
  await visitor.button("Share my insurance").click();
  await visitor.button("Opening").waitFor();
  await held.asked;
  await unmount(page);
  held.release();
  await mount(page, 'mode="components"');
  await visitor.sees("Share your insurance");
  // The screen is there before what tells of it.
  await until(async () => (await visitor.heard("status")).length > 0, "canopy-status");
  await unmount(page);
  assert.equal(await nodesOf(page), before);
  assert.equal(seen.count("/connect/sessions"), 0, "no session");
  assert.deepEqual(await visitor.heard("status").then((told) => told.map(({ screen }) => screen.name)), ["consent"]);
  await visitor.close();
});

test("taken out while its session is being opened, it follows nothing and loads nothing", async () => {
  const visitor = await emptyPage();
  const { page } = visitor;
  const seen = traffic(page);
  const held = await hold(page, /\/connect\/sessions$/);
  await mount(page, 'mode="hosted"');
  await visitor.button("Share my insurance").click();
  await held.asked;
  await unmount(page);
  const answered = page.waitForResponse(/\/connect\/sessions$/);
  held.release();
  await (await answered).finished();
  // Had it gone on, it would have asked for Canopy's script and for its socket before this one is there.
  await mount(page, 'mode="components"');
  await visitor.sees("Share your insurance");
  assert.equal(seen.sockets.length, 0);
  assert.equal(seen.count(CANOPY_SCRIPTS.hosted), 0);
  await visitor.close();
});

test("a press on the button before the session is there opens the window once it is", async () => {
  let held;
  const visitor = await emptyPage({ prepare: async (page) => (held = await hold(page, /\.wasm$/)) });
  await mount(visitor.page, 'mode="hosted"');
  await visitor.button("Share my insurance").click();
  await held.asked;
  held.release();
  await hostedFrame(visitor.page).waitFor();
  assert.equal(await hostedFrame(visitor.page).count(), 1);
  await visitor.close();
});

// Neighbours.

async function twoElements(first, second) {
  const visitor = await all.visit({ body: `<canopy-connect id="one" ${first}></canopy-connect><canopy-connect id="two" ${second}></canopy-connect>` });
  const heardAt = (id) => visitor.page.evaluate((id) => window.heard.filter(([, , at]) => at === id).map(([type]) => type), id);
  return { ...visitor, one: visitorOf(visitor.page, "#one"), two: visitorOf(visitor.page, "#two"), heardAt };
}

const count = (list, name) => list.filter((each) => each === `canopy-${name}`).length;

test("two elements with own screens: signing in at one is nothing to the other, also after a reload", async () => {
  const visitor = await twoElements('mode="components" metadata-which="one"', 'mode="components" metadata-which="two"');
  const { one, two } = visitor;
  await two.choose("GEICO");
  await two.field("username");
  await one.choose("State Farm");
  await one.signIn("user_good");
  await one.done();
  assert.deepEqual([(await two.screen()).name, (await two.screen()).carrierId], ["credentials", "geico"]);
  assert.equal(count(await visitor.heardAt("two"), "complete"), 0);
  await two.signIn("user_bad");
  await two.reads("did not accept");
  assert.equal((await one.screen()).name, "done");
  const sessions = [(await one.status()).session_id, (await two.status()).session_id];
  assert.notEqual(...sessions);
  for (const [at, each] of [one, two].entries()) assert.deepEqual((await pullsOf(each)).map((pull) => pull.meta_data.which), [["one", "two"][at]]);
  await visitor.page.reload();
  await one.done();
  await two.sees("Sign in to GEICO");
  assert.deepEqual([(await one.status()).session_id, (await two.status()).session_id], sessions, "each picks up its own");
  await two.signIn("user_good");
  await two.done();
  assert.equal(count(await visitor.heardAt("two"), "complete"), 1);
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("one of each mode: signing in at one is nothing to the other", async () => {
  const visitor = await twoElements('mode="hosted"', 'mode="components"');
  const { page, one, two } = visitor;
  await two.choose();
  await one.button("Share my insurance").click();
  await throughHosted(page, "user_good");
  await endHosted(page);
  await one.done();
  assert.equal((await two.screen()).name, "credentials");
  // Its own screens, before the other one was begun: the consent and the company.
  assert.deepEqual((await visitor.heardAt("two")).filter((name) => name !== "canopy-status"), ["canopy-event", "canopy-event"]);
  await two.signIn("user_good_no_policies");
  await two.sees("No policies were found");
  assert.notEqual((await one.status()).session_id, (await two.status()).session_id);
  for (const [each, username] of [[one, "user_good"], [two, "user_good_no_policies"]]) assert.deepEqual((await pullsOf(each)).map((pull) => pull.username), [username]);
  for (const id of ["one", "two"]) {
    const heard = await visitor.heardAt(id);
    for (const event of ["authenticated", "policies-available", "complete"]) assert.equal(count(heard, event), 1, `canopy-${event} at ${id}, once`);
    assert.equal(count(heard, "exit"), id === "one" ? 1 : 0);
  }
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("an element keeps its session when the one before it goes and it begins anew", async () => {
  const visitor = await twoElements('mode="components"', 'mode="components"');
  const { page, one, two } = visitor;
  await refused(one);
  await two.choose("GEICO");
  await two.signIn("user_bad");
  await two.reads("did not accept");
  const { session_id } = await two.status();
  await page.evaluate(() => {
    document.querySelector("#one").remove();
    document.querySelector("#two").setAttribute("consent", "");
  });
  await two.field("username");
  assert.equal((await two.status()).session_id, session_id);
  await two.sees("Sign in to GEICO");
  await visitor.close();
});

// Callbacks.

test("every event and every callback comes once, and one that was ended comes no more", async () => {
  const visitor = await all.visit({ body: "" });
  const { page } = visitor;
  await page.evaluate(async (url) => {
    const { openSession } = await import(url);
    const session = await openSession({ mode: "components", storageKey: null });
    window.session = session;
    window.called = [];
    window.screens = [];
    session.subscribe((screen) => window.screens.push(JSON.stringify(screen)));
    const names = ["authenticated", "policies-available", "complete"];
    for (const name of names) session.on(name, (pullId) => window.called.push([name, pullId]));
    const ended = [session.subscribe(() => window.called.push(["ended", null])), ...names.map((name) => session.on(name, () => window.called.push(["ended", null])))];
    window.called.length = 0;
    for (const end of ended) end();
  }, `${all.edge.url}/connect/canopy-connect.js`);
  const { tokens } = await control(all.sandbox, "POST", "/tokenize", { username: "user_good", password: "pass_good" });
  await page.evaluate(async (tokens) => {
    await window.session.agree("I agree.");
    await window.session.carriers();
    window.session.chooseCarrier("statefarm");
    // The second one is none.
    await Promise.all([window.session.signIn(tokens), window.session.signIn(tokens)]);
  }, tokens);
  await page.waitForFunction(() => window.session.screen.name === "done");
  const { pull_id, session_id } = await page.evaluate(() => window.session.status);
  assert.deepEqual(await page.evaluate(() => window.called), [["authenticated", pull_id], ["policies-available", pull_id], ["complete", pull_id]]);
  const { pulls } = await control(all.sandbox, "GET", "/pulls");
  assert.equal(pulls.filter((pull) => pull.meta_data.edge_session === session_id).length, 1);
  const after = await page.evaluate(() => {
    window.session.close();
    const before = window.screens.length;
    window.session.startOver();
    return window.screens.length - before;
  });
  assert.equal(after, 0, "a session that was closed says nothing more");
  assert.equal(await page.evaluate(() => sessionStorage.length), 0, "kept nowhere, as it was asked for");
  await visitor.close();
});

test("an exit names the pull that was signed in to, and none when there was no login since", async () => {
  const visitor = await all.visit({ attributes: 'mode="hosted"' });
  const { page } = visitor;
  await visitor.button("Share my insurance").click();
  await throughHosted(page, "user_good");
  await endHosted(page);
  await visitor.done();
  const { pull_id } = await visitor.status();
  await visitor.element.evaluate((element) => element.session.startOver());
  await openWindow(visitor);
  await closeHosted(page);
  await until(async () => (await visitor.heard("exit")).length === 2, "the second exit");
  assert.deepEqual(await visitor.heard("exit"), [{ pullId: pull_id }, { pullId: null }]);
  await visitor.close();
});

test("Canopy's screens stand in one place of the page, however often they are opened", async () => {
  const visitor = await all.visit({ attributes: 'mode="hosted" inline' });
  for (let times = 0; times < 3; times += 1) {
    await openWindow(visitor);
    await visitor.element.evaluate((element) => element.session.closeHosted());
    await hostedFrame(visitor.page).waitFor({ state: "detached" });
  }
  await openWindow(visitor);
  assert.equal(await visitor.element.evaluate((element) => element.children.length), 1);
  await visitor.close();
});

// Being moved and changed.

test("moved to another place it goes on where it was: one socket, one form, and nothing is announced again", async () => {
  let seen;
  const visitor = await all.visit({ body: '<div id="here"><canopy-connect mode="components"></canopy-connect></div><div id="there"></div>', prepare: (page) => (seen = traffic(page)) });
  const { page } = visitor;
  const move = (to) => page.evaluate((to) => document.querySelector(to).append(document.querySelector("canopy-connect")), to);
  await refused(visitor);
  const { session_id } = await visitor.status();
  await move("#there");
  await (await visitor.field("password")).fill("x");
  await until(() => seen.open().length === 1, "one socket");
  assert.equal(await visitor.element.locator("iframe").count(), 2, "one form");
  assert.equal((await visitor.status()).session_id, session_id);
  await visitor.signIn("user_good");
  await visitor.done();
  const heard = async () => Promise.all(["authenticated", "policies-available", "complete"].map(async (name) => (await visitor.heard(name)).length));
  await until(async () => String(await heard()) === "1,1,1", "each announcement");
  await move("#here");
  await visitor.done();
  await until(() => seen.open().length <= 1, "one socket at most");
  assert.deepEqual(await heard(), [1, 1, 1], "once a pull");
  // Before and after in one go is no change at all.
  await page.evaluate(() => {
    const element = document.querySelector("canopy-connect");
    for (const place of ["#there", "#here", "#there", "#here"]) document.querySelector(place).append(element);
  });
  await visitor.done();
  await until(() => seen.open().length <= 1, "one socket at most");
  assert.deepEqual(visitor.seen.errors, []);
  await visitor.close();
});

test("another mode begins anew with a session of its own, and the one before is there when it comes back", async () => {
  const visitor = await all.visit();
  const { page, element } = visitor;
  const seen = traffic(page);
  const become = (mode) => element.evaluate((element, mode) => element.setAttribute("mode", mode), mode);
  await refused(visitor);
  const { session_id } = await visitor.status();
  await become("hosted");
  await openWindow(visitor);
  assert.equal(await element.locator("iframe").count(), 0, "the form is gone");
  await until(() => seen.open().length === 1, "one socket");
  await throughHosted(page, "user_mfa");
  await hostedFrame(page).contentFrame().getByRole("button", { name: "Send code" }).waitFor();
  await become("components");
  await visitor.sees("Sign in to State Farm");
  assert.equal(await hostedFrame(page).count(), 0, "the window is gone");
  assert.equal((await visitor.status()).session_id, session_id, "the session of this mode");
  await until(() => seen.open().length === 1, "one socket");
  assert.deepEqual(await visitor.heard("exit"), [], "nobody closed the window but the page");
  await visitor.signIn("user_good");
  await visitor.done();
  assert.equal((await pullsOf(visitor)).length, 1);
  assert.deepEqual(visitor.seen.errors, []);
  await visitor.close();
});

test("the window of one mode stands at a question: the other mode asks for consent, with a session of its own", async () => {
  const visitor = await all.visit({ attributes: 'mode="hosted"' });
  await visitor.button("Share my insurance").click();
  await throughHosted(visitor.page, "user_mfa");
  await hostedFrame(visitor.page).contentFrame().getByRole("button", { name: "Send code" }).waitFor();
  await until(async () => (await visitor.status())?.pull_id, "the pull");
  await visitor.element.evaluate((element) => element.setAttribute("mode", "components"));
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.done();
  await visitor.close();
});

test("a reconnect token that is set, changed and taken away: each has its own beginning", async () => {
  const visitor = await all.visit();
  const { element } = visitor;
  await refused(visitor);
  const { session_id } = await visitor.status();
  const set = (token) => element.evaluate((element, token) => (token === null ? element.removeAttribute("reconnect-token") : element.setAttribute("reconnect-token", token)), token);
  await set("5f7a0c3e-0000-4000-8000-000000000001");
  await visitor.button("Reconnect my insurance").click();
  await visitor.reads("This link is no longer valid");
  await set("5f7a0c3e-0000-4000-8000-000000000002");
  await visitor.button("Reconnect my insurance").waitFor();
  await set(null);
  await visitor.sees("Sign in to State Farm");
  assert.equal((await visitor.status()).session_id, session_id);
  assert.equal(await element.locator("iframe").count(), 2, "one form");
  // All at once is one beginning.
  const before = (await visitor.heard("status")).length;
  await element.evaluate((element) => {
    for (const [name, value] of [["consent", ""], ["mode", "hosted"], ["inline", ""], ["reconnect-token", "x"], ["mode", "components"]]) element.setAttribute(name, value);
    for (const name of ["consent", "inline", "reconnect-token"]) element.removeAttribute(name);
  });
  await visitor.field("password");
  assert.ok((await visitor.heard("status")).length - before <= 2, "no screen of those between");
  assert.equal(await element.locator("iframe").count(), 2, "one form");
  assert.deepEqual(visitor.seen.errors, []);
  await visitor.close();
});

// What the page allows, and what is kept in it.

const listenToViolations = (page) =>
  page.addInitScript(() => {
    window.violations = [];
    addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile }) => window.violations.push([effectiveDirective, blockedURI, sourceFile].join(" ")));
  });

test("the policy of the documents is enough for both modes, to the end", async () => {
  const visitor = await all.visit({ body: '<canopy-connect id="one" mode="components"></canopy-connect><canopy-connect id="two" mode="hosted"></canopy-connect>', prepare: listenToViolations });
  const { page } = visitor;
  const [one, two] = [visitorOf(page, "#one"), visitorOf(page, "#two")];
  await one.sees("Share your insurance");
  await one.element.getByText("Read the Privacy Policy").click();
  await one.element.locator("iframe").contentFrame().getByRole("heading", { name: "Privacy Policy" }).waitFor();
  await one.choose();
  await one.signIn("user_mfa");
  await one.sees("send your code");
  await one.button("Send the code").click();
  await one.sees("Enter the code");
  await one.enterCode("123456");
  await one.done();
  await two.button("Share my insurance").click();
  await throughHosted(page, "user_good");
  await endHosted(page);
  await two.done();
  assert.deepEqual(await page.evaluate(() => window.violations), []);
  assert.deepEqual(visitor.seen.problems(), []);
  // That it would have been heard of.
  await page.evaluate(() => document.body.append(Object.assign(document.createElement("img"), { src: "https://elsewhere.example/x.png" })));
  await page.waitForFunction(() => window.violations.length === 1);
  await visitor.close();
});

test("nothing is kept but each session's id and token, the consent and the company, no cookie is set, and the token is in no address", async () => {
  let seen;
  const visitor = await all.visit({ body: '<canopy-connect id="one" mode="components"></canopy-connect><canopy-connect id="two" mode="hosted"></canopy-connect>', prepare: (page) => (seen = traffic(page)) });
  const { page } = visitor;
  const [one, two] = [visitorOf(page, "#one"), visitorOf(page, "#two")];
  await one.choose();
  await one.signIn("user_bad", { password: "a password" });
  await one.reads("did not accept");
  await page.reload();
  await one.signIn("user_good");
  await one.done();
  await two.button("Share my insurance").click();
  await throughHosted(page, "user_good");
  await endHosted(page);
  await two.done();
  const kept = await page.evaluate(async () => ({
    local: Object.entries(localStorage),
    session: Object.values(sessionStorage).map((text) => JSON.parse(text)),
    databases: await indexedDB.databases(),
    cookie: document.cookie,
    name: window.name,
  }));
  assert.deepEqual([kept.local, kept.databases, kept.cookie, kept.name], [[], [], "", ""]);
  const ids = [(await one.status()).session_id, (await two.status()).session_id];
  assert.deepEqual(kept.session.map(({ id }) => id).toSorted(), ids.toSorted());
  const [ofOne, ofTwo] = ids.map((own) => kept.session.find(({ id }) => id === own));
  assert.deepEqual([ofOne, ofTwo].map((entry) => Object.keys(entry).toSorted()), [["carrier", "consent", "id", "token"], ["id", "token"]]);
  assert.deepEqual([Object.keys(ofOne.consent), Object.keys(ofOne.carrier)], [["terms_version", "consent_language"], ["carrier_id", "name"]]);
  assert.deepEqual(await page.context().cookies(), []);
  const tokens = kept.session.map(({ token }) => token);
  assert.ok(tokens.every((token) => token.length > 40));
  const addresses = [...seen.requests.flatMap((request) => [request.url(), request.headers().referer ?? ""]), ...seen.sockets.map((socket) => socket.url()), page.url()];
  assert.ok(addresses.some((url) => url.includes(ids[0])), "the session's own requests are among them");
  for (const url of addresses) assert.ok(!tokens.some((token) => url.includes(token)), url);
  const withCookies = await Promise.all(seen.requests.map((request) => request.allHeaders()));
  assert.deepEqual(withCookies.filter(({ cookie }) => cookie), []);
  // Only who is asked for a session is told its token.
  const shown = seen.requests.filter((request) => tokens.some((token) => JSON.stringify(request.headers()).includes(token))).map((request) => new URL(request.url()).origin);
  assert.deepEqual([...new Set(shown)], [all.edge.url]);
  await visitor.close();
});
