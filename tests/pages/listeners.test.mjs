// The page's own code and Canopy's, called from the midst of a session: whatever it throws or does there costs the session nothing.
// And a trap in the WebAssembly is no end.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { control, until } from "../edge-client.mjs";
import { CANOPY_SCRIPTS, closeHosted, startAll } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "0" } })));
after(() => all?.stop());

const SCRIPT = () => `${all.edge.url}/connect/canopy-connect.js`;

/** A page with a session of the API's at its carriers, in `window.session`. `listen` is the body of a function of it. */
async function sessionAt(listen = "", options = {}) {
  // What is tried stands here as text.
  const visitor = await all.visit({ body: "", csp: null, ...options });
  await visitor.page.evaluate(
    async ([url, listen]) => {
      const { openSession } = await import(url);
      const session = (window.session = await openSession({ mode: "components" }));
      window.told = [];
      for (const name of ["authenticated", "policies-available", "complete"]) session.on(name, () => window.told.push(name));
      new Function("session", listen)(session);
      await session.agree("I agree.");
      await session.carriers();
      session.chooseCarrier("statefarm");
    },
    [SCRIPT(), listen],
  );
  return visitor;
}

async function signIn(visitor, username = "user_good") {
  const { tokens } = await control(all.sandbox, "POST", "/tokenize", { username, password: "pass_good" });
  return visitor.page.evaluate((tokens) => window.session.signIn(tokens).then(() => "signed in", ({ code }) => code), tokens);
}

const shows = (visitor, name) => visitor.page.waitForFunction((name) => window.session.screen.name === name, name);
const isTrap = (text) => /RuntimeError|unreachable|already (mutably )?borrowed|after being dropped/.test(text);

const THROWN = {
  "a string": "throw 'mine'",
  "an error": "throw new Error('mine')",
  "null": "throw null",
};
for (const [what, code] of Object.entries(THROWN)) {
  test(`listeners that throw ${what} are reported and cost the session nothing`, async () => {
    const visitor = await sessionAt(
      `for (const name of ["screen", "authenticated", "policies-available", "complete"]) session.on(name, () => { ${code} });
       session.subscribe(() => { ${code} });`,
    );
    await signIn(visitor);
    await shows(visitor, "done");
    assert.deepEqual(await visitor.page.evaluate(() => window.told), ["authenticated", "policies-available", "complete"], "the others hear all the same");
    // One of them that listens late, and is told at once, too.
    await visitor.page.evaluate((code) => window.session.on("complete", new Function(code)), code);
    await until(() => visitor.seen.errors.length > 0, "the report");
    assert.deepEqual(visitor.seen.errors.filter(isTrap), []);
    await visitor.close();
  });
}

test("a listener on the element that throws costs it nothing", async () => {
  const visitor = await all.visit();
  await visitor.element.evaluate((element) => {
    for (const name of ["status", "authenticated", "policies-available", "complete"]) element.addEventListener(`canopy-${name}`, () => { throw new Error("mine"); });
  });
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.done();
  assert.equal((await visitor.heard("complete")).length, 1);
  assert.ok(visitor.seen.errors.every((error) => error.includes("mine")));
  await visitor.close();
});

/** What a listener may do with the session that is telling it something. */
const WITHIN = {
  "starts over within `complete`": [`session.on("complete", () => session.startOver());`, "carriers"],
  "starts over within `authenticated`": [`session.on("authenticated", () => session.startOver());`, "carriers"],
  "starts over within `screen`": [`let once; session.on("screen", () => { if (!once && session.screen.name === "waiting") { once = true; session.startOver(); } });`, "carriers"],
  "closes within `complete`": [`session.on("complete", () => session.close());`, "waiting"],
  "changes the carrier within `screen`": [`let once; session.on("screen", () => { if (!once && session.status?.complete) { once = true; session.changeCarrier(); } });`, "done"],
  "asks for everything within `screen`": [
    `session.on("screen", () => { void [session.screen, session.status, session.carrier, session.isLive, session.isCutOff, session.isOpen, session.searchCarriers("a", 3)]; session.terms(); });`,
    "done",
  ],
};
for (const [what, [listen, screen]] of Object.entries(WITHIN)) {
  test(`a listener that ${what}: no trap, and the session goes on`, async () => {
    const visitor = await sessionAt(listen);
    await signIn(visitor);
    await shows(visitor, screen);
    if (screen === "carriers") {
      assert.equal(await visitor.page.evaluate(() => window.session.status), null, "nothing of the one before");
      const told = await visitor.page.evaluate(() => window.told);
      assert.equal(new Set(told).size, told.length, "nothing is told twice");
    }
    assert.deepEqual([...visitor.seen.errors, ...visitor.seen.problems()].filter(isTrap), []);
    await visitor.close();
  });
}

test("a session that was started over while it signed in is not told of the sign-in, and can sign in at once", async () => {
  const visitor = await sessionAt();
  const { page } = visitor;
  let release, ask;
  const [released, asked] = [new Promise((resolve) => (release = resolve)), new Promise((resolve) => (ask = resolve))];
  await page.route(/\/connect\/sessions\/[^/]+\/connect$/, async (route) => (ask(), await released, route.fulfill({ status: 401, contentType: "application/json", body: '{"code":"SESSION_EXPIRED"}' })), { times: 1 });
  const { tokens } = await control(all.sandbox, "POST", "/tokenize", { username: "user_good", password: "pass_good" });
  await page.evaluate((tokens) => void (window.first = window.session.signIn(tokens).then(() => "signed in", ({ code }) => code)), tokens);
  await asked;
  await page.evaluate((tokens) => {
    window.session.startOver();
    window.session.chooseCarrier("statefarm");
    window.second = window.session.signIn(tokens);
  }, tokens);
  await shows(visitor, "done");
  release();
  assert.equal(await page.evaluate(() => window.first), "SESSION_EXPIRED");
  assert.equal(await page.evaluate(() => window.session.screen.name), "done", "it is no answer to the session that stands");
  await visitor.close();
});

test("options and tokens that throw when they are read are refused, and the session goes on", async () => {
  const visitor = await sessionAt();
  const code = await visitor.page.evaluate(async () => {
    const hostile = { get username() { window.session.startOver(); throw new Error("mine"); }, get mount() { throw new Error("mine"); } };
    await window.session.signIn(hostile).catch(() => {});
    await window.session.openHosted(hostile).catch(() => {});
    await window.session.mountForm(hostile, hostile).catch(() => {});
    return window.session.screen.name;
  });
  assert.ok(code);
  await visitor.page.evaluate(() => { window.session.startOver(); window.session.chooseCarrier("statefarm"); });
  assert.equal(await signIn(visitor), "signed in");
  assert.deepEqual(visitor.seen.errors.filter(isTrap), []);
  await visitor.close();
});

/** Canopy's scripts as they should not be. */
const SPOILT = {
  "forgets nobody: it speaks to who has left": `const emitters = []; window.late = () => { for (const [handler, name] of emitters) handler({ username: "t" }); return emitters.length; };
     const keep = (handle) => { const on = handle.on; handle.on = (name, handler) => (emitters.push([handler, name]), on(name, handler)); return handle; };`,
  "throws at all": `const keep = (handle) => { for (const name of ["destroy", "close"]) { const does = handle[name]; handle[name] = () => { does?.(); throw new Error("Canopy's own"); }; } return handle; }; window.late = () => 1;`,
};
for (const mode of ["hosted", "components"]) {
  for (const [what, code] of Object.entries(SPOILT)) {
    test(`${mode}, a script of Canopy's that ${what}: nothing is thrown back at it`, async () => {
      const [name, maker] = mode === "hosted" ? ["CanopyConnect", "create"] : ["CanopyConnectComponents", "form"];
      const visitor = await all.visit({
        attributes: `mode="${mode}"`,
        prepare: (page) =>
          page.route(all.sandbox.url + CANOPY_SCRIPTS[mode], async (route) => {
            const response = await route.fetch();
            await route.fulfill({ response, body: `${await response.text()};{ ${code} const make = ${name}.${maker}; ${name}.${maker} = (options) => keep(make(options)); }` });
          }),
      });
      if (mode === "hosted") {
        await visitor.button("Share my insurance").click();
        await closeHosted(visitor.page);
        await visitor.button("Continue").waitFor();
      } else {
        await visitor.choose();
        await visitor.field("password");
        await visitor.button("Choose another company").click();
        await visitor.sees("Who is your insurance company?");
      }
      await visitor.element.evaluate((element) => (window.kept = element).remove());
      assert.ok((await visitor.page.evaluate(() => window.late())) > 0);
      await visitor.page.evaluate(() => document.body.append(window.kept));
      await (mode === "hosted" ? visitor.button("Share my insurance") : visitor.title("insurance")).first().waitFor();
      // What its own code does with its own handle is its own.
      assert.deepEqual(visitor.seen.errors.filter((error) => !error.includes("Canopy's own")), []);
      await visitor.close();
    });
  }
}

/** Has the page's WebAssembly trap, as a memory that cannot grow does, when `window.trap` names the export that is called next. */
const trapping = (page) =>
  page.addInitScript(() => {
    const real = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...given) => {
      const { instance, module } = await real(...given);
      // What finds companies is another one.
      if (instance.exports.core_agree) window.instances = (window.instances ?? 0) + 1;
      const trapAt = (name, call) => (...given) => {
        if (window.trap && new RegExp(window.trap).test(name)) {
          window.trap = undefined;
          // There is no memory of such a size.
          instance.exports.__wbindgen_malloc(0xfffffff0, 1);
        }
        return call(...given);
      };
      const exports = Object.fromEntries(Object.entries(instance.exports).map(([name, part]) => [name, typeof part === "function" ? trapAt(name, part) : part]));
      return { instance: { exports }, module };
    };
  });

/** Where it traps: in a call of the page's, in one of the browser's. */
const TRAPS = { "within a call": "core_agree", "on its way": "invoke" };
for (const [where, trap] of Object.entries(TRAPS)) {
  test(`a trap ${where} ends in the failure screen, and trying again goes on with another instance`, async () => {
    const visitor = await all.visit({ prepare: trapping });
    await visitor.sees("Share your insurance");
    await visitor.page.evaluate((trap) => (window.trap = trap), trap);
    await visitor.button("Agree and continue").click();
    await visitor.sees("That did not work");
    const [{ code, message }, ...more] = await visitor.heard("error");
    assert.deepEqual([code, more], ["CRASHED", []]);
    assert.ok(message.length > 20);
    await until(() => visitor.seen.console.some(({ text }) => text.startsWith("[canopy-connect] CRASHED")), "the console's line");
    await visitor.button("Try again").click();
    await visitor.button("Agree and continue").click();
    await visitor.find("State Farm");
    await visitor.signIn("user_good");
    await visitor.done();
    assert.equal(await visitor.page.evaluate(() => window.instances), 2);
    assert.deepEqual(visitor.seen.errors, []);
    await visitor.close();
  });
}

for (const whose of ["the page's", "the back office's"]) {
  test(`a trap in the midst of a login in ${whose} session is picked up where it was, and Canopy's frames do not outlive it`, async () => {
    const { attributes } = whose === "the back office's" ? await all.given() : {};
    const visitor = await all.visit({ attributes, prepare: trapping });
    await visitor.choose();
    await visitor.signIn("user_bad");
    await visitor.reads("did not accept");
    const { session_id } = await visitor.status();
    await visitor.field("password");
    await visitor.page.evaluate(() => (window.trap = "core_carrier"));
    await visitor.element.evaluate((element) => void element.session.carrier);
    await visitor.sees("That did not work");
    await until(async () => (await visitor.element.locator("iframe").count()) === 0, "no frame");
    await visitor.button("Try again").click();
    await visitor.sees("Sign in to State Farm");
    assert.equal((await visitor.status()).session_id, session_id);
    await visitor.signIn("user_good");
    await visitor.done();
    await visitor.close();
  });
}

test("the API: a trap rejects what is waited for, says so on its screen, and `retry` goes on", async () => {
  const visitor = await sessionAt("", { prepare: trapping });
  const code = await visitor.page.evaluate(async () => {
    window.trap = "core_terms";
    const waited = window.session.servicingAction("none");
    const asked = window.session.terms();
    return Promise.all([waited, asked].map((promise) => promise.then(() => "settled", ({ code }) => code)));
  });
  assert.deepEqual(code, ["CRASHED", "CRASHED"]);
  assert.deepEqual(await visitor.page.evaluate(() => window.session.screen), { name: "failed", code: "CRASHED", recovery: "retry" });
  await visitor.page.evaluate(() => window.session.retry());
  // Consent and company are kept.
  assert.equal(await visitor.page.evaluate(() => window.session.screen.name), "credentials");
  assert.equal(await signIn(visitor), "signed in");
  await shows(visitor, "done");
  await visitor.close();
});
