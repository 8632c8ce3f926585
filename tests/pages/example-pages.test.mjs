// The example pages below the policy that they are deployed with: what they answer, and that each still does its work.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { until } from "../edge-client.mjs";
import { markup, openTab } from "./browser.mjs";
import { endHosted, startAll, throughHosted, visitorOf } from "./visitor.mjs";

const WWW = new URL("../../www/", import.meta.url);
const PAGES = readdirSync(fileURLToPath(WWW))
  .filter((name) => name.endsWith(".html"))
  .map((name) => `/${name.replace(/(index)?\.html$/, "")}`);
/** For the back office: they have no script of Canopy's. What each may have as a style, beside the style sheet. */
const FOR_THE_OFFICE = { "/intake": /^'self' 'sha256-[A-Za-z0-9+\/]{43}='$/, "/timeline": /^'self'$/, "/workflows": /^'self'$/ };
const FOR_VISITORS = PAGES.filter((page) => !(page in FOR_THE_OFFICE));

let all;
before(async () => {
  all = await startAll();
});
after(() => all?.stop());

/** The headers of what the edge answers on `path` under the name `host`. */
function headersOf(path, host) {
  return new Promise((resolve, reject) => {
    request({ port: all.edge.port, host: "127.0.0.1", path, headers: { host } }, (answer) => {
      answer.resume().once("end", () => resolve({ status: answer.statusCode, ...answer.headers }));
    })
      .once("error", reject)
      .end();
  });
}

const directives = (policy) => Object.fromEntries(policy.split(";").map((directive) => directive.trim().split(/ (.*)/s).slice(0, 2)));

/** The policy that docs/page.md asks of a page, for one that the edge itself serves. */
function documented() {
  const [, policy] = readFileSync(new URL("../docs/page.md", WWW), "utf8").match(/```\nContent-Security-Policy: (.*?)\n```/s);
  const own = policy.replace(/\s+/g, " ").replaceAll(" wss://EDGE", "").replaceAll("https://EDGE", "'self'");
  return { ...directives(own), "frame-ancestors": "'none'" };
}

describe("what a page answers", () => {
  test("deployed, the policy of docs/page.md, and that nobody may frame it", async () => {
    assert.ok(PAGES.includes("/reconnect"), PAGES.join());
    for (const page of FOR_VISITORS) {
      const headers = await headersOf(page, "edge.agency.example");
      assert.equal(headers.status, 200, page);
      assert.deepEqual(directives(headers["content-security-policy"]), documented(), page);
      assert.match(headers["strict-transport-security"], /^max-age=\d{8}$/, page);
      for (const feature of ["camera", "geolocation", "microphone", "payment"]) assert.ok(headers["permissions-policy"].includes(`${feature}=()`), page);
      assert.equal(headers["x-content-type-options"], "nosniff", page);
    }
  });

  test("on this machine, the same with the stand-in in Canopy's place", async () => {
    const local = { "script-src": "'self' http://127.0.0.1:* 'wasm-unsafe-eval'", "frame-src": "http://127.0.0.1:*" };
    for (const page of FOR_VISITORS) {
      for (const name of ["127.0.0.1", "localhost"]) {
        const headers = await headersOf(page, `${name}:${all.edge.port}`);
        assert.deepEqual(directives(headers["content-security-policy"]), { ...documented(), ...local }, page + name);
      }
    }
  });
});

test("the back office's pages may speak to nobody but the edge, and one of them has the printable page's style", async () => {
  for (const [page, styles] of Object.entries(FOR_THE_OFFICE)) {
    for (const host of ["edge.agency.example", `127.0.0.1:${all.edge.port}`, `localhost:${all.edge.port}`]) {
      const { "content-security-policy": policy, status } = await headersOf(page, host);
      assert.equal(status, 200, page);
      const { "style-src": style, ...rest } = directives(policy);
      assert.match(style, styles, page + host);
      const none = "'none'";
      const own = "'self'";
      assert.deepEqual(rest, { "default-src": none, "script-src": own, "connect-src": own, "img-src": own, "base-uri": none, "form-action": none, "frame-ancestors": none });
    }
  }
});

/** A visitor of an example page. */
async function visit(path) {
  const tab = await openTab(all.browser);
  const visitor = visitorOf(tab.page);
  await tab.page.goto(all.edge.url + path);
  return { ...tab, ...visitor };
}

describe("below its policy", () => {
  test("the quote page opens Canopy's window, and takes a login through", async () => {
    const visitor = await visit("/quote");
    await visitor.press("Share my current insurance");
    await throughHosted(visitor.page, "user_good");
    await endHosted(visitor.page);
    await visitor.page.getByText("Your policies have reached us").first().waitFor();
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });

  test("the same within the page takes a login through", async () => {
    const visitor = await visit("/quote-components");
    await visitor.choose();
    await visitor.signIn("user_good");
    await visitor.done();
    await visitor.page.getByText("Your policies have reached us").first().waitFor();
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });

  test("the reconnect page takes the token out of its address", async () => {
    const visitor = await visit("/reconnect#reconnect_token=t");
    await visitor.button("Reconnect my insurance").waitFor();
    assert.ok(!visitor.page.url().includes("reconnect_token"), visitor.page.url());
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });

  test("no page lets itself be framed", async () => {
    const { page, close } = await openTab(all.browser);
    for (const path of PAGES) {
      const html = markup(`<iframe title="framed" src="${all.edge.url}${path}"></iframe>`);
      await page.goto(all.agency.serve("/framing", { html }));
      // Before the browser has refused it, a frame stands at no address.
      const url = await until(async () => page.frames().find((each) => each.parentFrame())?.url(), `the frame of ${path}`);
      assert.match(url, /^chrome-error:/, path);
    }
    await close();
  });
});
