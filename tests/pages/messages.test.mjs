// What an insurance company says to the consumer may hold anything. In the page it is text and safe links, whoever sent it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { control, until } from "../edge-client.mjs";
import { startAll } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "0" } })));
after(() => all?.stop());

/** What would run in the page, if anything did. */
const HIT = "window.hits=(window.hits||0)+1";
/** Nobody is asked anything by showing a message. */
const ELSEWHERE = "https://evil.example";

/** A message, the text that it must come to, and where its links must lead. */
const HOSTILE = [
  ["a script", `a<script>${HIT}</script>b`, "ab"],
  ["a script in a broken tag", `a<scr<script>ipt>${HIT}</script>b`, /^aipt>.*b$/],
  ["a script of elsewhere", `a<script src="${ELSEWHERE}/x.js"></script>b`, "ab"],
  ["handlers", `a<img src=x onerror="${HIT}"><b onclick="${HIT}" onmouseover=${HIT}>b</b><svg onload="${HIT}"></svg><body onload="${HIT}">c`, "abc"],
  ["a handler without blanks", `a<svg/onload=${HIT}>b</svg><details/open/ontoggle=${HIT}>c`, /^a.*c$/],
  ["a frame", `a<iframe src="${ELSEWHERE}/"></iframe><iframe srcdoc="<script>parent.hits=1</script>"></iframe><object data="${ELSEWHERE}/o"></object><embed src="${ELSEWHERE}/e">b`, "ab"],
  ["things loaded from elsewhere", `a<link rel=stylesheet href="${ELSEWHERE}/s.css"><style>@import "${ELSEWHERE}/i.css";</style><img src="${ELSEWHERE}/i.png"><video src="${ELSEWHERE}/v"></video>b`, "ab"],
  ["a page that moves on", `a<meta http-equiv=refresh content="0;url=${ELSEWHERE}/"><base href="${ELSEWHERE}/">b`, "ab"],
  ["a form", `a<form action="${ELSEWHERE}/f"><input name=p autofocus onfocus="${HIT}"><button>b</button></form>`, "ab"],
  ["a javascript link", `<a href="javascript:${HIT}">x</a>`, "x"],
  ["a javascript link in other cases", `<A HREF="JaVaScRiPt:${HIT}">x</A>`, "x"],
  ["a javascript link behind blanks", `<a href=" \t\njava\nscr\tipt:${HIT}">x</a>`, "x"],
  ["a javascript link behind a control character", `<a href="\u0001javascript:${HIT}">x</a>`, "x"],
  ["a javascript link in entities", `<a href="&#106;&#x61;vascript&colon;${HIT}">x</a>`, "x"],
  ["a javascript link that looks like https", `<a href="javascript://https://carrier.example/%0a${HIT}">x</a>`, "x"],
  ["a data link", `<a href="data:text/html,<script>opener.hits=1</script>">x</a>`, "x"],
  ["a vbscript, a blob, a file, an http link and relative ones", `<a href="vbscript:x">a</a><a href="blob:https://e.example/1">b</a><a href="file:///etc/passwd">c</a><a href="http://e.example">d</a><a href="//e.example">e</a><a href="/f">f</a>`, "abcdef"],
  ["a link with a name and a password in it", `<a href="https://carrier.example:x@evil.example/">x</a>`, "x"],
  ["two hrefs", `<a href="javascript:${HIT}" href="https://carrier.example/">x</a>`, "x"],
  ["links in links", `<a href="https://carrier.example/1">a<a href="javascript:${HIT}">b</a>c</a>`, "abc", ["https://carrier.example/1"]],
  ["an end tag too many", `</a></p></div></canopy-connect></body>a<a href="tel:+18005551234">b`, "ab", ["tel:+18005551234"]],
  ["a tag that never ends", `a <a href="https://carrier.example/" onclick="${HIT}`, "a"],
  ["a comment that ends early", `a<!--><script>${HIT}</script>-->b`, /^a.*b$/],
  ["markup in entities", `a &lt;script&gt;${HIT}&lt;/script&gt; &lt;img src=x onerror=${HIT}&gt; b`, `a <script>${HIT}</script> <img src=x onerror=${HIT}> b`],
  ["markup in entities of entities", `&amp;lt;b&amp;gt;`, "&lt;b&gt;"],
  ["markup in text that HTML does not read", `<noscript><p title="</noscript><img src=x onerror=${HIT}>"></noscript>a<textarea></textarea><title><b>x</b></title>b`, /a.*b$/],
  ["a null in a tag", `a<scr\u0000ipt>${HIT}</scr\u0000ipt>b`, /^a.*b$/],
  ["text written backwards", "safe\u202Etxet", "safetxet"],
  [
    "each link that may stand",
    `Call <a href='tel:+18005551234' onclick="${HIT}">us</a>, <a href=mailto:help@carrier.example>write</a> or <A TARGET=_top STYLE="position:fixed" HREF="HTTPS://Carrier.example/unlock?a=1&amp;b=2">unlock</A>.`,
    "Call us, write or unlock.",
    ["tel:+18005551234", "mailto:help@carrier.example", "https://carrier.example/unlock?a=1&b=2"],
  ],
];

/** A visitor whose first login was refused, on a page that forbids nothing: what keeps scripts out is not its policy. */
async function refusedVisitor() {
  const asked = [];
  const visitor = await all.visit({
    csp: null,
    prepare: (page) => {
      page.on("request", (request) => asked.push(request.url()));
      page.on("dialog", (dialog) => (asked.push(`dialog ${dialog.message()}`), dialog.dismiss()));
      page.on("popup", (popup) => asked.push(`popup ${popup.url()}`));
    },
  });
  await visitor.choose();
  await visitor.signIn("user_bad");
  await visitor.reads("did not accept");
  const { pull_id } = await visitor.status();
  const opened = await visitor.page.evaluate(() => location.href);
  return { ...visitor, asked, opened, pullId: pull_id };
}

const say = (pullId, message, auth_status = "NOT_AUTHENTICATED", data = {}) =>
  control(all.sandbox, "POST", "/events", { pull_id: pullId, event_type: "AUTH_STATUS", status: auth_status, data: { auth_status, login_error_message: message, ...data } });

/** What stands in the screen's message: its text, its links, and everything that must not be there. */
function standing(visitor) {
  return visitor.element.evaluate((element) => {
    const box = element.shadowRoot.querySelector("form [part=message][role=alert]:not(.bad-text)");
    if (!box) return undefined;
    const nodes = [];
    for (const walker = document.createTreeWalker(box, NodeFilter.SHOW_ALL); walker.nextNode(); ) nodes.push(walker.currentNode);
    const links = [...box.querySelectorAll("a")];
    return {
      text: box.textContent,
      links: links.map((link) => link.getAttribute("href")),
      strangers: nodes.filter((node) => node.nodeType !== Node.TEXT_NODE && !links.includes(node)).map((node) => node.nodeName),
      attributes: [...new Set(links.flatMap((link) => link.getAttributeNames()))].filter((name) => !["part", "href", "target", "rel"].includes(name)),
      unprotected: links.filter((link) => !link.relList.contains("noopener")).map((link) => link.outerHTML),
      insideLinks: links.flatMap((link) => [...link.children]).map((child) => child.nodeName),
    };
  });
}

/** That nothing but text and safe links stands there, and that showing it did nothing. */
async function assertHarmless(visitor, name) {
  const { text, links, ...wrong } = await standing(visitor);
  assert.deepEqual(wrong, { strangers: [], attributes: [], unprotected: [], insideLinks: [] }, name);
  for (const href of links) assert.match(href, /^(https|mailto|tel):/, name);
  assert.equal(await visitor.page.evaluate(() => window.hits), undefined, `${name}: it ran`);
  assert.equal(await visitor.page.evaluate(() => location.href), visitor.opened, `${name}: the page went elsewhere`);
  const ours = [all.agency.origin, all.edge.url, all.sandbox.url];
  assert.deepEqual(visitor.asked.filter((url) => !ours.some((origin) => url.startsWith(origin))), [], `${name}: it asked elsewhere`);
  assert.deepEqual(visitor.seen.errors, [], name);
  return { text, links };
}

test("of whatever the company says only its text and its safe links stand in the page, and nothing of it runs", async () => {
  const visitor = await refusedVisitor();
  for (const [at, [name, message, text, links = []]] of HOSTILE.entries()) {
    await say(visitor.pullId, `${at}: ${message}`);
    await until(async () => (await standing(visitor))?.text.startsWith(`${at}:`), name);
    const shown = await assertHarmless(visitor, name);
    const said = shown.text.slice(`${at}: `.length);
    if (typeof text === "string") assert.equal(said, text, name);
    else assert.match(said, text, name);
    assert.deepEqual(shown.links, links, name);
  }
  await visitor.close();
});

test("100 kB of anything become a message that can be read, and the page goes on", async () => {
  const visitor = await refusedVisitor();
  const piece = [`<a href="https://carrier.example/">x</a>`, `<scr`, `<a href='javascript:${HIT}'>`, `<!--`, `--><b `, `"'>`, `&#x0;&lt;`, `</a></a>`, `\u0000😀`, "é漢"];
  const mixed = Array.from({ length: 12_000 }, (_, at) => piece[(at * 7 + (at >> 3)) % piece.length]).join("").slice(0, 100_000).toWellFormed();
  const junk = {
    "one word": "x".repeat(100_000),
    "open tags": "<".repeat(100_000),
    links: '<a href="https://carrier.example/">a</a>b'.repeat(2_440),
    "elements in elements": "<b>".repeat(33_000) + "deep",
    mixed,
  };
  for (const [name, message] of Object.entries(junk)) {
    assert.ok(message.length > 99_000, `${name}: ${message.length}`);
    await say(visitor.pullId, `${name}! ${message}`);
    await until(async () => (await standing(visitor))?.text.startsWith(`${name}!`), name);
    const { text, links } = await assertHarmless(visitor, name);
    assert.ok(text.length <= 2_000, `${name}: ${text.length} characters`);
    assert.ok(links.length <= 40, `${name}: ${links.length} links`);
    const over = await visitor.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(over, 0, `${name}: the page is as wide as its window`);
  }
  await visitor.signIn("user_good");
  await visitor.done();
  await visitor.close();
});

test("what the company says at the choice and at the code is as harmless", async () => {
  const visitor = await refusedVisitor();
  const message = `<img src=x onerror=${HIT}>Ask <a href="javascript:${HIT}">us</a> or <a href="https://carrier.example/help">look here</a><script>${HIT}</script>`;
  for (const status of ["IDENTITY_VERIFICATION_OPTIONS", "IDENTITY_VERIFICATION"]) {
    await say(visitor.pullId, message, status, { mfa_options: { [`<b>${HIT}`]: `<img src=x onerror=${HIT}> a label`, SMS_0: "Text" } });
    await visitor.sees(status === "IDENTITY_VERIFICATION" ? "Enter the code" : "send your code");
    const shown = await assertHarmless(visitor, status);
    assert.deepEqual(shown, { text: "Ask us or look here", links: ["https://carrier.example/help"] });
    if (status !== "IDENTITY_VERIFICATION") await visitor.reads(`<img src=x onerror=${HIT}> a label`);
  }
  await visitor.close();
});

test("what the company adds while its question stands is read, and what was typed stays", async () => {
  const visitor = await refusedVisitor();
  await say(visitor.pullId, null, "IDENTITY_VERIFICATION_OPTIONS", { mfa_options: { SMS_0: "Text" } });
  await visitor.sees("send your code");
  await say(visitor.pullId, "Texts are slow today.", "IDENTITY_VERIFICATION_OPTIONS", { mfa_options: { SMS_0: "Text", EMAIL_0: "Mail" } });
  await until(async () => (await visitor.screen()).options?.length === 2, "the second status");
  await visitor.reads("Texts are slow today.");
  await visitor.element.getByLabel("Mail").check();
  await say(visitor.pullId, null, "IDENTITY_VERIFICATION");
  await visitor.sees("Enter the code");
  await visitor.element.getByLabel("Code").fill("12");
  await say(visitor.pullId, "The code has six digits.", "IDENTITY_VERIFICATION");
  await until(async () => (await visitor.screen()).message?.length === 1, "the message");
  await visitor.reads("The code has six digits.");
  assert.equal(await visitor.element.getByLabel("Code").inputValue(), "12");
  await visitor.close();
});

/** Segments as a broken edge might send them. */
const BROKEN = [
  { text: "<img src=x onerror=window.hits=1>" },
  { text: "script", href: `javascript:${HIT}` },
  { text: "case", href: `JavaScript:${HIT}` },
  { text: "blank", href: ` javascript:${HIT}` },
  { text: "newline", href: `java\nscript:${HIT}` },
  { text: "behind", href: `javascript:${HIT}//https://carrier.example/` },
  { text: "data", href: "data:text/html,<script>opener.hits=1</script>" },
  { text: "blob", href: "blob:https://carrier.example/1" },
  { text: "http", href: "http://carrier.example/" },
  { text: "relative", href: "/x" },
  { text: "object", href: { toString: "javascript:" } },
  { text: "safe", href: "https://carrier.example/help", onclick: HIT, target: "_top", innerHTML: "<b>x</b>" },
];

for (const way of ["the answer to a request", "the socket"]) {
  test(`a document that a broken edge sends by ${way} is no danger either`, async () => {
    const visitor = await refusedVisitor();
    const { page } = visitor;
    const spoil = (text) => {
      const document = JSON.parse(text);
      if (!document.auth) return text;
      return JSON.stringify({ ...document, revision: document.revision + 1_000, prompt: document.prompt + 1, auth: { ...document.auth, message: BROKEN } });
    };
    await page.routeWebSocket(/\/live$/, (socket) => {
      if (way !== "the socket") return socket.close();
      const server = socket.connectToServer();
      server.onMessage((text) => socket.send(text === "pong" ? text : spoil(text)));
    });
    if (way !== "the socket") {
      await page.route(/\/connect\/sessions\/[^/]+$/, async (route) => {
        if (route.request().method() !== "GET") return route.fallback();
        const response = await route.fetch();
        await route.fulfill({ response, body: spoil(await response.text()) });
      });
    }
    await page.reload();
    await visitor.sees("Sign in to State Farm");
    await until(async () => (await standing(visitor))?.text.includes("relative"), "the broken document");
    const { text, links } = await assertHarmless(visitor, way);
    assert.equal(text, BROKEN.map(({ text }) => text).join(""));
    assert.deepEqual(links, ["https://carrier.example/help"]);
    const link = visitor.element.getByRole("link", { name: "safe" });
    assert.deepEqual([await link.getAttribute("target"), await link.getAttribute("rel")], ["_blank", "noopener noreferrer"]);
    await visitor.close();
  });
}
