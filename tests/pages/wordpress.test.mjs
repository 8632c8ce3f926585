// The shortcode of docs/page.md for WordPress, word by word, run by PHP, and what it makes of a page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "../harness.mjs";
import { shownCode } from "../shown-code.mjs";
import { startAll } from "./visitor.mjs";

const WORDPRESS = fileURLToPath(new URL("../fixtures/wordpress.php", import.meta.url));

let all, code;
before(async () => {
  all = await startAll();
  code = path.join(temporaryDirectory(), "shortcode.php");
  writeFileSync(code, `<?php\n${shownCode("page.md", "php", 20).replace("https://EDGE", all.edge.url)}`);
});
after(() => all?.stop());

/** What WordPress makes of shortcodes with these attributes, and which scripts it then loads. */
const render = (...calls) => JSON.parse(execFileSync(process.env.CANOPY_EDGE_PHP ?? "php", [WORDPRESS, code, JSON.stringify(calls)], { encoding: "utf8" }));

test("a page without the shortcode loads nothing, one with it the script, once", () => {
  assert.deepEqual(render().after, []);
  const { before, after } = render({ attributes: "" }, { attributes: { mode: "components" } });
  assert.deepEqual(before, []);
  assert.deepEqual(after, { "canopy-connect": { src: `${all.edge.url}/connect/canopy-connect.js`, deps: [], version: null } });
});

test("without attributes it has the name of the site, with its own that one", () => {
  const { html } = render({ attributes: "" }, { attributes: { agency: "Oak" } });
  assert.deepEqual(html, ['<canopy-connect agency="Maple &amp; Main"></canopy-connect>', '<canopy-connect agency="Oak"></canopy-connect>']);
});

/** Every attribute of the element's table but `edge`, as they come from `[canopy_connect mode="components" … inline]`. */
const ALL = {
  mode: "components",
  agency: `Maple & "Main"`,
  label: "Get <b>my</b> quote's price",
  "metadata-lead_id": 'L-"1027"><script>window.stolen = 1</script>',
  "metadata-campaign": "spring",
  "reconnect-token": "t",
  "session-id": "s",
  "session-token": "st",
  "session-key": "k",
  lang: "es",
  funnel: "/quote",
  invitation: "c.token",
  dir: "ltr",
  id: "share",
  class: "alignwide",
  0: "inline",
  1: "consent",
};

test("the attributes that are tried are those of the element's table", () => {
  const page = readFileSync(new URL("../../docs/page.md", import.meta.url), "utf8");
  const [, table] = /^### Attributes\n(.*?)^### /ms.exec(page);
  const named = [...table.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, names]) => [...names.matchAll(/`([\w*-]+)`/g)].map(([, name]) => name));
  assert.ok(named.length > 10);
  const tried = new Set(Object.entries(ALL).map(([name, value]) => (/^\d/.test(name) ? value : name)));
  assert.deepEqual(named.filter((name) => name !== "edge" && !tried.has(name.replace("*", "lead_id"))), []);
});

test("every attribute of the element goes through, escaped, and a browser reads it as it was written", async () => {
  const { html } = render({ attributes: ALL, content: 'Call <a href="tel:1">us</a><script>window.stolen = 1</script>' });
  const visitor = await all.visit({ body: html[0], csp: null });
  const read = await visitor.element.evaluate((element) => Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value])));
  const { 0: inline, 1: consent, ...named } = ALL;
  assert.deepEqual(read, { ...named, [inline]: "", [consent]: "" });
  assert.equal(await visitor.page.evaluate(() => window.stolen), undefined);
  assert.equal(await visitor.page.locator("canopy-connect > a").textContent(), "us");
  await visitor.close();
});

test("what whoever writes a page must not say is left out", () => {
  const attributes = { edge: "https://other.example", onclick: "steal()", style: "x", "metadata-": "x", 'metadata-x" onclick="': "x", "mode\n": "hosted", 0: "onclick=steal()", 1: 'inline onclick="steal()"' };
  assert.deepEqual(render({ attributes }).html, ['<canopy-connect agency="Maple &amp; Main"></canopy-connect>']);
});

test("the element of a shortcode is the element", async () => {
  const { html } = render({ attributes: { label: "Get my quote" } });
  const visitor = await all.visit({ body: html[0] });
  await visitor.button("Get my quote").waitFor();
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});
