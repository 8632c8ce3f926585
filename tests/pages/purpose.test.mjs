// What a session is for: another lead's, another agency's, another account's is never shown in its place, and what is said late or
// said again costs the visitor nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { control, until } from "../edge-client.mjs";
import { markup } from "./browser.mjs";
import { startAll, visitorOf } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "0" } })));
after(() => all?.stop());

const COMPONENTS = 'mode="components" agency="Maple"';

async function pullsOf(visitor) {
  const { session_id } = await visitor.status();
  const { pulls } = await control(all.sandbox, "GET", "/pulls");
  return pulls.filter((pull) => pull.meta_data.edge_session === session_id);
}

/** What reached Canopy with the visitor's one pull, but for the session. */
async function metadataOf(visitor) {
  const [pull, ...others] = await pullsOf(visitor);
  assert.deepEqual(others, []);
  const { edge_session, ...metadata } = pull.meta_data;
  return metadata;
}

async function refused(visitor) {
  await visitor.choose();
  await visitor.signIn("user_bad");
  await visitor.reads("did not accept");
  return (await visitor.status()).session_id;
}

const change = (visitor, attributes) =>
  visitor.element.evaluate((element, attributes) => {
    for (const [name, value] of Object.entries(attributes)) value === null ? element.removeAttribute(name) : element.setAttribute(name, value);
  }, attributes);

/** Each of what a session is for, as two pages say it. */
const PURPOSES = {
  "a lead's id": [`${COMPONENTS} metadata-lead_id="1"`, `${COMPONENTS} metadata-lead_id="2"`],
  "an agency's name": [COMPONENTS, 'mode="components" agency="Oak"'],
  "a reconnect token": [COMPONENTS, `${COMPONENTS} reconnect-token="5f7a0c3e-0000-4000-8000-000000000001"`],
};

for (const [what, [one, two]] of Object.entries(PURPOSES)) {
  test(`${what} of another session is not picked up, at a later visit of the same page in the same tab`, async () => {
    const visitor = await all.visit({ attributes: one });
    const { page, url } = visitor;
    const first = await refused(visitor);
    const visit = async (attributes) => {
      const html = markup(`<canopy-connect ${attributes}></canopy-connect>`, `<script type="module" src="${all.edge.url}/connect/canopy-connect.js"></script>`);
      all.agency.serve(new URL(url).pathname, { html });
      await page.goto(url);
    };
    await visit(two);
    await (two.includes("reconnect-token") ? visitor.button("Reconnect my insurance").waitFor() : visitor.sees("Share your insurance"));
    assert.equal(await visitor.status(), null, "nothing of the other session");
    if (!two.includes("reconnect-token")) assert.notEqual(await refused(visitor), first);
    await visit(one);
    await visitor.sees("Sign in to State Farm");
    assert.equal((await visitor.status()).session_id, first, "its own is there when it comes back");
    await visitor.close();
  });

  test(`${what} that changes on the page begins anew with another session, and what was before is there when it comes back`, async () => {
    const visitor = await all.visit({ attributes: one });
    const first = await refused(visitor);
    const read = (attributes) => Object.fromEntries([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    await change(visitor, read(two));
    await (two.includes("reconnect-token") ? visitor.button("Reconnect my insurance").waitFor() : visitor.sees("Share your insurance"));
    assert.equal(await visitor.element.locator("iframe").count(), 0, "the form is gone");
    await change(visitor, { ...(two.includes("reconnect-token") && { "reconnect-token": null }), ...read(one) });
    await visitor.sees("Sign in to State Farm");
    assert.equal((await visitor.status()).session_id, first);
    assert.deepEqual(visitor.seen.errors, []);
    await visitor.close();
  });
}

test("metadata that the page set before the element's script was there is not lost", async () => {
  const visitor = await all.visit({ body: "" });
  await visitor.page.evaluate(() => {
    const element = document.createElement("canopy-later");
    element.metadata = { lead_id: "L-5" };
    customElements.define("canopy-later", class extends customElements.get("canopy-connect") {});
    element.setAttribute("mode", "components");
    document.querySelector("main").append(element);
  });
  const later = visitorOf(visitor.page, "canopy-later");
  await later.choose();
  await later.signIn("user_good");
  await later.done();
  assert.deepEqual(await metadataOf(later), { lead_id: "L-5" });
  await visitor.close();
});

for (const mode of ["components", "hosted"]) {
  test(`${mode}: agency, label, metadata and texts that come late take effect`, async () => {
    const visitor = await all.visit({ attributes: `mode="${mode}"${mode === "hosted" ? " consent" : ""}` });
    await visitor.sees("Share your insurance with your insurance agency");
    await visitor.element.getByText("Read the Privacy Policy").click();
    const terms = visitor.element.locator("iframe");
    await terms.waitFor();
    await terms.evaluate((frame) => (frame.isTheFirst = true));
    await change(visitor, { agency: "Maple & Main", "metadata-lead_id": "L-77" });
    await visitor.element.evaluate((element) => {
      element.metadata = { score: 7 };
      element.texts = { consentPoints: ["{agency} asks for it."], agree: "Yes" };
    });
    await visitor.sees("Share your insurance with Maple & Main");
    await visitor.reads("Maple & Main asks for it.");
    await visitor.reads("By clicking “Yes” you agree");
    assert.equal(await terms.evaluate((frame) => frame.isTheFirst), true, "the terms stay open");
    await visitor.button("Yes").click();
    if (mode === "hosted") {
      const frame = visitor.page.locator('iframe[title="Share your insurance"]');
      await frame.waitFor();
      const settings = JSON.parse(decodeURIComponent(new URL(await frame.getAttribute("src")).hash.slice(1)));
      assert.deepEqual({ ...settings.metaData, edge_session: "" }, { lead_id: "L-77", score: 7, edge_session: "" });
    } else {
      await visitor.find("State Farm");
      await visitor.signIn("user_good");
      await visitor.done();
      assert.deepEqual(await metadataOf(visitor), { lead_id: "L-77", score: 7 });
      assert.equal((await visitor.status()).login.consent_language.includes("“Yes”"), true);
    }
    await visitor.close();
  });
}

test("a label that comes late is read on the button, and the press before it counts", async () => {
  const visitor = await all.visit({ attributes: 'mode="hosted"' });
  await visitor.button("Share my insurance").waitFor();
  await change(visitor, { label: "Share your policy", agency: "Oak" });
  await visitor.button("Share your policy").waitFor();
  await visitor.reads("Oak receives your policies");
  // The session that the press is for may not be there yet.
  await visitor.element.evaluate((element) => {
    element.setAttribute("metadata-lead_id", "L-1");
    return new Promise((resolve) => setTimeout(resolve)).then(() => element.shadowRoot.querySelector("button").click());
  });
  await visitor.page.locator('iframe[title="Share your insurance"]').waitFor();
  await visitor.close();
});

test("consent that was given under one agency's name is none for another", async () => {
  const visitor = await all.visit({ attributes: COMPONENTS });
  await visitor.button("Agree and continue").click();
  await visitor.sees("Who is your insurance company?");
  await change(visitor, { agency: "Oak" });
  await visitor.sees("Share your insurance with Oak");
  await visitor.button("Agree and continue").click();
  await visitor.sees("Who is your insurance company?");
  await visitor.close();
});

test("objects that are given anew with the same in them change nothing, and other words only the words", async () => {
  const visitor = await all.visit({ attributes: COMPONENTS });
  const render = (signIn = "Sign in") =>
    visitor.element.evaluate((element, signIn) => {
      element.metadata = { lead: { id: 1, tags: ["a"] } };
      element.texts = { signIn, carriersHeading: `Who insures you? (${signIn})`, code: `Code, please (${signIn})` };
    }, signIn);
  await render();
  await visitor.button("Agree and continue").click();
  await visitor.sees("Who insures you? (Sign in)");
  await visitor.element.getByRole("combobox").fill("stat");
  await render();
  await render("Log in");
  await visitor.sees("Who insures you? (Log in)");
  assert.equal(await visitor.element.getByRole("combobox").inputValue(), "stat");
  await until(async () => (await visitor.element.getByRole("option").count()) > 1, "the list, which stands");
  await visitor.element.getByRole("combobox").fill("State Farm");
  await visitor.element.getByRole("option", { name: "State Farm", exact: true }).click();
  const input = await visitor.field("username");
  await input.fill("user_mfa");
  await render();
  await visitor.button("Sign in").waitFor();
  await render("Go");
  await visitor.button("Go").waitFor();
  assert.equal(await input.inputValue(), "user_mfa", "the frames stay");
  await (await visitor.field("password")).fill("pass_good");
  await visitor.button("Go").click();
  await visitor.sees("send your code");
  await visitor.pick("Phone call");
  await render();
  assert.equal(await visitor.element.getByLabel("Phone call").isChecked(), true);
  await visitor.button("Send the code").click();
  await visitor.sees("Enter the code");
  await visitor.element.getByLabel("Code").fill("1234");
  await render("Now");
  assert.equal(await visitor.element.getByLabel("Code, please (Now)").inputValue(), "1234");
  assert.deepEqual(await metadataOf(visitor), { lead: { id: 1, tags: ["a"] } });
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("query parameters in both spellings become metadata; the edge's own member never does", async () => {
  const query = "?ccmeta-lead_id=L-1&ccmeta_campaign=spring&ccmeta-edge_session=theirs&ccmeta_edge_session=theirs&ccmeta-a[b]=1&other=x";
  const visitor = await all.visit({ attributes: `${COMPONENTS} metadata-edge_session="theirs"`, query });
  await visitor.element.evaluate((element) => (element.metadata = { edge_session: "theirs", score: 1 }));
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.done();
  assert.deepEqual(await metadataOf(visitor), { lead_id: "L-1", campaign: "spring", score: 1 });
  await visitor.close();
});

test("a page that goes on without being loaded anew keeps its session, also when its address loses the metadata", async () => {
  const visitor = await all.visit({ attributes: COMPONENTS, query: "?ccmeta-lead_id=L-1" });
  await visitor.choose();
  const input = await visitor.field("username");
  await input.fill("user_good");
  await visitor.page.evaluate(() => history.replaceState({}, "", "/another/place"));
  await visitor.element.evaluate((element) => (element.metadata = {}));
  await change(visitor, { label: "Other" });
  await (await visitor.field("password")).fill("pass_good");
  assert.equal(await input.inputValue(), "user_good");
  await visitor.button("Sign in").click();
  await visitor.done();
  assert.deepEqual(await metadataOf(visitor), { lead_id: "L-1" });
  await visitor.close();
});

test("nothing of what a session is for is kept in the clear", async () => {
  const visitor = await all.visit({ attributes: `${COMPONENTS} metadata-email="jo@agency.example"` });
  await refused(visitor);
  const kept = await visitor.page.evaluate(() => JSON.stringify(Object.entries(sessionStorage)));
  assert.ok(!kept.includes("jo@") && !kept.includes("Maple"), kept);
  await visitor.close();
});

test("the API picks a session up for the same purpose alone", async () => {
  const visitor = await all.visit({ body: "" });
  const open = (options, agree) =>
    visitor.page.evaluate(
      async ([url, options, agree]) => {
        const { openSession } = await import(url);
        const session = await openSession({ mode: "components", storageKey: "mine", ...options });
        if (agree) await session.agree("I agree.");
        const found = session.isOpen;
        session.close();
        return found;
      },
      [`${all.edge.url}/connect/canopy-connect.js`, options, agree],
    );
  assert.equal(await open({ metadata: { a: 1, b: 2 } }, true), true);
  assert.equal(await open({ metadata: { b: 2, a: 1 } }), true, "whatever the order of members");
  for (const other of [{ metadata: { a: 1, b: 3 } }, { metadata: { a: 1, b: 2 }, agency: "Oak" }, { metadata: { a: 1, b: 2 }, reconnectToken: "5f7a0c3e-0000-4000-8000-000000000001" }]) {
    assert.equal(await open(other), false, JSON.stringify(other));
  }
  await until(() => open({ metadata: { a: 1, b: 2 } }), "the first one");
  await visitor.close();
});
