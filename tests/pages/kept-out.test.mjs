// The element kept from working, by a blocker, the network, the page's policy or the edge: what visitor and developer then read.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../edge-client.mjs";
import { agencySite } from "./browser.mjs";
import { CANOPY_SCRIPTS, hostedFrame, policy, startAll } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "0" } })));
after(() => all?.stop());

const scriptOf = (mode) => all.sandbox.url + CANOPY_SCRIPTS[mode];

/** That the developer is told why, in one line that names `parts`. */
async function assertExplained(visitor, ...parts) {
  const lines = () => visitor.seen.console.filter(({ type, text }) => type === "error" && text.startsWith("[canopy-connect]")).map(({ text }) => text);
  await until(() => lines().some((line) => parts.every((part) => line.includes(part))), `a line with ${parts.join(", ")}`, 5_000).catch((error) => {
    throw new Error(`${error.message}; there is: ${lines().join(" | ")}`);
  });
}

/** That the page is told once. */
const assertTold = async (visitor, code) => {
  await until(async () => (await visitor.heard("error")).length > 0, "canopy-error", 5_000);
  const [{ code: told, message }, ...more] = await visitor.heard("error");
  assert.deepEqual([told, more], [code, []], "one canopy-error");
  assert.ok(message.length > 20, message);
};

const SENTENCE = "A part of this page could not be loaded. A content blocker may be stopping it: allow usecanopy.com on this page, then try again.";
/** How Canopy's script is kept from a page, and what the developer reads of it. */
const KEPT_OUT = {
  "stopped by a content blocker": [(route) => route.abort("blockedbyclient"), "blocked or could not be reached"],
  "not to be reached": [(route) => route.abort("connectionrefused"), "blocked or could not be reached"],
  "not found": [(route) => route.fulfill({ status: 404, contentType: "text/javascript", body: "gone" }), "blocked or could not be reached"],
  "something else in its place": [(route) => route.fulfill({ contentType: "text/javascript", body: "window.other = 1;" }), "it set no CanopyConnect"],
  "a network's own page in its place": [(route) => route.fulfill({ contentType: "text/html", body: "<p>Sign in to this network</p>" }), "it set no CanopyConnect"],
};

for (const mode of ["hosted", "components"]) {
  /** Does what makes the element need Canopy's script. */
  const go = async (visitor) => {
    if (mode === "hosted") return visitor.button("Share my insurance").click();
    await visitor.button("Agree and continue").click();
    await visitor.element.getByRole("combobox").fill("State Farm");
    await visitor.element.getByRole("option", { name: "State Farm", exact: true }).click();
  };
  const works = (visitor) => (mode === "hosted" ? hostedFrame(visitor.page).waitFor() : visitor.field("password"));

  for (const [name, [fault, why]] of Object.entries(KEPT_OUT)) {
    test(`${mode}, Canopy's script ${name}: visitor and developer read what helps, and trying again works once it is let through`, async () => {
      const visitor = await all.visit({ attributes: `mode="${mode}"` });
      const { page } = visitor;
      await page.route(scriptOf(mode), fault);
      await go(visitor);
      await visitor.sees("That did not work");
      await visitor.reads(SENTENCE);
      await assertExplained(visitor, scriptOf(mode), why, "Content-Security-Policy", "script-src");
      // Whatever is heard of the session after it is no other failure.
      await until(() => visitor.status(), "the session's document");
      await assertTold(visitor, "SCRIPT_FAILED");
      assert.equal(await page.locator(`script[src="${scriptOf(mode)}"]`).count(), 0, "no tag of it is left");
      await visitor.button("Try again").click();
      await until(async () => (await visitor.seen.console.filter(({ text }) => text.startsWith("[canopy-connect]") && text.includes(scriptOf(mode))).length) === 2, "the second attempt");
      await visitor.reads(SENTENCE);
      await until(async () => (await visitor.heard("error")).length === 2, "canopy-error of the second attempt", 5_000);
      await page.unroute(scriptOf(mode));
      await visitor.button("Try again").click();
      await works(visitor);
      await visitor.close();
    });
  }

  test(`${mode}, Canopy's script forbidden by the page's policy: visitor and developer read what helps`, async () => {
    const visitor = await all.visit({ attributes: `mode="${mode}"`, csp: policy(all.edge, all.sandbox).replace(`script-src ${all.edge.url} ${all.sandbox.url}`, `script-src ${all.edge.url}`) });
    await go(visitor);
    await visitor.sees("That did not work");
    await visitor.reads(SENTENCE);
    await assertExplained(visitor, scriptOf(mode), "Content-Security-Policy", "script-src");
    await until(() => visitor.status(), "the session's document");
    await assertTold(visitor, "SCRIPT_FAILED");
    await visitor.button("Try again").waitFor();
    await visitor.close();
  });

  for (const consent of mode === "hosted" ? ["", " consent"] : [""]) {
    test(`${mode}${consent && " with our own consent"}, the edge out of reach: visitor and developer read why, and it goes on once the edge is there`, async () => {
      const visitor = await all.visit({ attributes: `mode="${mode}"${consent}` });
      const { page } = visitor;
      const out = (url) => url.origin === all.edge.url && !url.pathname.startsWith("/connect/canopy-connect");
      await page.route(out, (route) => route.abort("connectionrefused"));
      const begin = mode === "hosted" && !consent ? "Share my insurance" : "Agree and continue";
      await visitor.button(begin).click();
      await visitor.reads("We cannot be reached right now. Check your connection, then try again.");
      await assertExplained(visitor, "EDGE_UNREACHABLE", all.edge.url, "connect-src");
      await page.unroute(out);
      await visitor.button(/Try again|Share my insurance|Agree and continue/).click();
      if (mode === "hosted") await works(visitor);
      else await visitor.sees("Who is your insurance company?");
      await assertTold(visitor, "EDGE_UNREACHABLE");
      await visitor.close();
    });
  }

  test(`${mode}, a page of an origin that the edge refuses: visitor and developer read why`, async () => {
    const other = await agencySite();
    const visitor = await all.visit({ attributes: `mode="${mode}" agency="Maple"`, site: other });
    await visitor.button(mode === "hosted" ? "Share my insurance" : "Agree and continue").click();
    await visitor.reads("Sharing does not work on this page at the moment. Please get in touch with Maple.");
    await assertExplained(visitor, "ORIGIN_NOT_ALLOWED", all.edge.url, other.origin, "EDGE_ALLOWED_ORIGINS");
    await assertTold(visitor, "ORIGIN_NOT_ALLOWED");
    assert.equal(await visitor.button("Try again").count(), 0, "the visitor cannot help it");
    await visitor.close();
    await other.stop();
  });

  test(`${mode}, WebAssembly forbidden by the page's policy: visitor and developer read why`, async () => {
    const visitor = await all.visit({ attributes: `mode="${mode}"`, csp: policy(all.edge, all.sandbox).replace(" 'wasm-unsafe-eval'", "") });
    await visitor.sees("That did not work");
    await visitor.reads("A part of this page could not be loaded.");
    await assertExplained(visitor, "WebAssembly", "'wasm-unsafe-eval'", "script-src");
    await assertTold(visitor, "SCRIPT_FAILED");
    await visitor.button("Try again").click();
    await until(async () => (await visitor.heard("error")).length === 2, "canopy-error of the second attempt", 5_000);
    assert.deepEqual(visitor.seen.errors, [], "nothing is thrown at the page");
    await visitor.close();
  });

  test(`${mode}, the edge forbidden by the page's policy: visitor and developer read why`, async () => {
    const csp = policy(all.edge, all.sandbox).replace(`connect-src ${all.edge.url} ${all.edge.url.replace("http", "ws")}`, "connect-src 'self'");
    const visitor = await all.visit({ attributes: `mode="${mode}"`, csp });
    await visitor.sees("That did not work");
    await visitor.reads("A part of this page could not be loaded.");
    await assertExplained(visitor, "WebAssembly", all.edge.url, "connect-src");
    await assertTold(visitor, "SCRIPT_FAILED");
    await visitor.close();
  });
}

test("a part of the element's own that does not arrive: visitor and developer read why, and trying again works once it is let through", async () => {
  const part = /\/connect\/canopy-connect-screens-[^/]*\.js(\?\d+)?$/;
  const visitor = await all.visit({ prepare: (page) => page.route(part, (route) => route.abort("connectionreset")) });
  await visitor.button("Agree and continue").click();
  await visitor.reads("A part of this page could not be loaded.");
  await assertTold(visitor, "SCRIPT_FAILED");
  await assertExplained(visitor, `${all.edge.url}/connect/canopy-connect-screens-`);
  await visitor.button("Try again").click();
  await until(async () => (await visitor.heard("error")).length === 2, "canopy-error of the second attempt");
  await visitor.page.unroute(part);
  await visitor.button("Try again").click();
  await visitor.sees("Who is your insurance company?");
  await visitor.close();
});

test("a first request that breaks on its way is no refusal: it can be tried again", async () => {
  const visitor = await all.visit({ attributes: 'mode="hosted"' });
  await visitor.page.route(/\/connect\/sessions$/, (route) => route.abort("connectionreset"), { times: 1 });
  await visitor.button("Share my insurance").click();
  await visitor.reads("We cannot be reached right now");
  await assertTold(visitor, "EDGE_UNREACHABLE");
  await visitor.button("Share my insurance").click();
  await hostedFrame(visitor.page).waitFor();
  await visitor.close();
});

test("a failure is told once, whatever the session says after it", async () => {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  const visitor = await all.visit({
    attributes: 'mode="hosted"',
    prepare: async (page) => {
      await page.route(scriptOf("hosted"), (route) => route.abort());
      await page.routeWebSocket(/\/live$/, (socket) => socket.connectToServer().onMessage((text) => released.then(() => socket.send(text))));
    },
  });
  await visitor.button("Share my insurance").click();
  await visitor.sees("That did not work");
  release();
  await until(() => visitor.status(), "the session's document");
  await assertTold(visitor, "SCRIPT_FAILED");
  await visitor.reads(SENTENCE);
  await visitor.close();
});

test("the consent that was given here is kept when Canopy's script has to be loaded again", async () => {
  const visitor = await all.visit({ attributes: 'mode="hosted" consent' });
  const { page } = visitor;
  await page.route(scriptOf("hosted"), (route) => route.abort());
  await visitor.button("Agree and continue").click();
  await visitor.sees("That did not work");
  await page.unroute(scriptOf("hosted"));
  await visitor.button("Try again").click();
  await hostedFrame(page).contentFrame().getByLabel("Insurance company").waitFor();
  await visitor.close();
});

test("a session that cannot be picked up because the edge is out of reach is picked up when it is there again", async () => {
  const visitor = await all.visit();
  const { page } = visitor;
  await visitor.choose();
  await visitor.signIn("user_bad");
  await visitor.reads("did not accept");
  const { session_id } = await visitor.status();
  const out = (url) => url.origin === all.edge.url && !url.pathname.startsWith("/connect/canopy-connect");
  await page.route(out, (route) => route.abort("connectionrefused"));
  await page.reload();
  await visitor.reads("We cannot be reached right now. Check your connection, then try again.");
  await assertExplained(visitor, "EDGE_UNREACHABLE", all.edge.url);
  await assertTold(visitor, "EDGE_UNREACHABLE");
  await page.unroute(out);
  await visitor.button("Try again").click();
  await visitor.sees("Sign in to State Farm");
  assert.equal((await visitor.status()).session_id, session_id);
  await visitor.close();
});
