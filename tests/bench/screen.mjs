// From a webhook to a changed screen, for `cargo xtask bench`: real Workers, a real browser, the edge's own example page
// with the element in components mode. Its one argument is JSON { rounds, webhooks, warmUp, storage }; it prints JSON
// lines: { note } for who waits, and { sender, drawn, framed } for each round of a sender, in milliseconds.
import assert from "node:assert/strict";
import path from "node:path";
import { authStatus, postWebhook, signature } from "../edge-client.mjs";
import { startBoth } from "../harness.mjs";
import { openTab, startBrowser } from "../pages/browser.mjs";
import { visitorOf } from "../pages/visitor.mjs";

const { rounds, webhooks, warmUp, storage } = JSON.parse(process.argv[2]);

/** Who sends: the page itself, or this process when the page says so. The page's clock covers the way to here, too. */
const SENDERS = ["page", "outside"];
/** Asked again and again in turn: each may move the screen back, so each changes its heading. */
const STATUSES = ["IDENTITY_VERIFICATION", "IDENTITY_VERIFICATION_OPTIONS"];
/** Beyond every sequence that the sandbox has given. */
const FIRST_SEQUENCE = 1_000_000;

const [both, browser] = await Promise.all([
  startBoth({ edgePersist: path.join(storage, "edge"), sandboxPersist: path.join(storage, "sandbox") }),
  startBrowser(),
]);
try {
  print({ browser: browser.version() });
  for (let round = 1; round <= rounds; round += 1) {
    for (const sender of SENDERS) {
      print({ note: `round ${round} of ${rounds}: ${sender}` });
      print({ sender, ...(await play(sender)) });
    }
  }
} finally {
  await Promise.all([browser.close(), both.stop()]);
}

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** One round: a tab, a session and a pull of its own. */
async function play(sender) {
  const { page, seen, close } = await openTab(browser);
  const visitor = visitorOf(page);
  await page.exposeFunction("sendFromOutside", async ({ body, header }) => (await postWebhook(both.edge, body, { header })).status);
  // It comes from the edge itself: only such a page may send a signature.
  await page.goto(`${both.edge.url}/quote-components.html`);
  await visitor.choose();
  await visitor.signIn("user_mfa");
  await visitor.sees("send your code");

  const { pull_id: pullId, session_id: session } = await visitor.status();
  const before = seen.answers.length;
  const signed = Array.from({ length: warmUp + webhooks }, (_, number) => {
    const options = { mfa_options: { SMS_0: "Text to (•••) •••-••12", VOICE_0: "Call (•••) •••-••12" } };
    const status = STATUSES[number % STATUSES.length];
    const more = { meta_data: { edge_session: session }, data: { auth_status: status, login_error_message: null, ...options } };
    const body = authStatus(pullId, status, FIRST_SEQUENCE + number, more);
    return { body, header: signature(body) };
  });
  const samples = await page.evaluate(watch, { signed, isOutside: sender === "outside" });

  const asked = seen.answers.slice(before).filter(({ url }) => url.includes("/connect/"));
  assert.deepEqual(asked, [], "every status came by the socket");
  assert.deepEqual(seen.problems(), []);
  await close();
  const measured = samples.slice(warmUp);
  return { drawn: measured.map(({ drawn }) => drawn), framed: measured.map(({ framed }) => framed) };
}

/**
 * In the page: sends each webhook when the one before is on the screen. `drawn` is when the element's shadow tree holds
 * another heading, `framed` when the frame with it was made, both since just before the webhook was sent.
 */
async function watch({ signed, isOutside }) {
  const LIMIT_MS = 10_000;
  const root = document.querySelector("canopy-connect").shadowRoot;
  const heading = () => root.querySelector("h2")?.textContent;
  const within = (promise, what) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${what}: not within ${LIMIT_MS} ms, the screen says ${heading()}`)), LIMIT_MS);
      promise.then(resolve, reject).finally(() => clearTimeout(late));
    });
  const send = ({ body, header }) =>
    isOutside
      ? window.sendFromOutside({ body, header })
      : fetch("/webhooks/canopy", { method: "POST", body, headers: { "content-type": "application/json", "canopy-signature": header } }).then(
          ({ status }) => status,
        );
  const nextFrame = () =>
    new Promise((resolve) =>
      requestAnimationFrame(() => {
        // A message sent from here is read when the frame has been made.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => (port1.close(), resolve());
        port2.postMessage(null);
      }),
    );
  const changed = (before) =>
    new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        const now = heading();
        if (!now || now === before) return;
        observer.disconnect();
        resolve(performance.now());
      });
      observer.observe(root, { subtree: true, childList: true, characterData: true });
    });

  const samples = [];
  for (const webhook of signed) {
    // Otherwise each would be sent just behind a frame, and wait a whole one for the next.
    await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 50));
    const seen = changed(heading());
    const started = performance.now();
    const answered = send(webhook);
    const drawn = (await within(seen, "another heading")) - started;
    await nextFrame();
    const framed = performance.now() - started;
    const status = await within(answered, "an answer");
    if (status !== 200) throw new Error(`expected 200 for the webhook, saw ${status}`);
    samples.push({ drawn, framed });
  }
  return samples;
}
