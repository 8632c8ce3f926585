// How page tests drive a real browser, and the agency's site that they open in it: an origin, and a site, other than the edge's.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = path.resolve(fileURLToPath(import.meta.url), "../../..");
const SCREENSHOTS = path.join(ROOT, "build/screenshots");
/** Without being told so, axe in one origin does not speak to axe in another. */
const AXE = `${readFileSync(path.join(ROOT, "node_modules/axe-core/axe.min.js"), "utf8")}
axe.configure({ allowedOrigins: ["<unsafe_all_origins>"] });`;
/** A phone, and a desk. */
const WIDTHS = [375, 1280];
const HEIGHT = 800;

const FLAGS = [
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Its sandbox refuses to run as root.
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

/** A browser with a fresh profile: one a test file. `options` are Playwright's of a launch. */
export function startBrowser(options) {
  return chromium.launch({ executablePath: programOfBrowser(), args: FLAGS, ...options });
}

/** The program that `cargo xtask test` found or installed; for a test run by hand, one on the PATH. */
function programOfBrowser() {
  if (process.env.CANOPY_EDGE_BROWSER) return process.env.CANOPY_EDGE_BROWSER;
  const directories = (process.env.PATH ?? "").split(path.delimiter);
  const places = ["chromium", "google-chrome", "google-chrome-stable"].flatMap((name) => directories.map((directory) => path.join(directory, name)));
  const found = places.find((place) => existsSync(place));
  if (!found) throw new Error("no browser on the PATH: set CANOPY_EDGE_BROWSER to the program of one, or run `cargo xtask test`");
  return found;
}

/**
 * A page of its own cookies and storage, and what is seen in it: see `watch`. `options` are Playwright's of a context.
 * @returns {Promise<{ page: import("playwright-core").Page, seen: Seen, close: () => Promise<void> }>}
 */
export async function openTab(browser, { width = WIDTHS[1], ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height: HEIGHT }, ...options });
  const page = await context.newPage();
  // What a test holds back or changes of the traffic may still be under way.
  const close = () => page.unrouteAll({ behavior: "ignoreErrors" }).then(() => context.close());
  return { page, seen: watch(page), close };
}

/**
 * @typedef {object} Seen
 * @property {{ type: string, text: string }[]} console everything that the page and its frames wrote to the console
 * @property {string[]} errors exceptions that nothing caught
 * @property {{ url: string, status: number, headers: Record<string, string> }[]} answers of every request, in their order
 * @property {() => string[]} problems what must not be on a page that works: exceptions, errors and warnings
 */

/** Collects what happens in `page` from here on. */
export function watch(page) {
  const seen = { console: [], errors: [], answers: [] };
  page.on("console", (message) => seen.console.push({ type: message.type(), text: message.text() }));
  page.on("pageerror", (error) => seen.errors.push(String(error.stack ?? error)));
  page.on("response", (answer) => seen.answers.push({ url: answer.url(), status: answer.status(), headers: answer.headers() }));
  seen.problems = () => {
    const complaints = seen.console.filter(({ type }) => type === "error" || type === "warning");
    return [...seen.errors, ...complaints.map(({ type, text }) => `${type}: ${text}`)];
  };
  return seen;
}

/**
 * An agency's website. It has to be there before the edge, whose EDGE_ALLOWED_ORIGINS names its `origin`; its pages, which name
 * the edge, come after: `serve` puts `html` at a path and gives its URL. `csp` is the page's Content-Security-Policy.
 */
export async function agencySite() {
  const pages = new Map();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://agency");
    const page = pages.get(pathname);
    // A browser asks for it by itself, and would complain.
    if (!page) return void response.writeHead(pathname === "/favicon.ico" ? 204 : 404).end();
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store", ...page.headers }).end(page.html);
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  // A test that forgets it ends all the same.
  server.unref();
  // The edge is at 127.0.0.1. Another port is another origin; only another name is another site, as an agency's is.
  const origin = `http://localhost:${server.address().port}`;
  return {
    origin,
    serve(at, { html, csp, headers = {} }) {
      pages.set(at, { html, headers: { ...(csp && { "content-security-policy": csp }), ...headers } });
      return origin + at;
    },
    stop: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}

/** A whole page around `body`; `head` goes into its head. */
export function markup(body, head = "") {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Maple &amp; Main Insurance</title>${head}</head><body><main><h1>Maple &amp; Main Insurance</h1>${body}</main></body></html>`;
}

/** WCAG 2.0 to 2.2, A and AA, and what axe calls best practice. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];

/**
 * What axe finds wrong in the page, its shadow trees and its frames, of whatever origin: none when it is accessible.
 * @returns {Promise<{ rule: string, impact: string, help: string, target: string, why: string }[]>}
 */
export async function axe(page) {
  for (const frame of page.frames()) {
    // A frame may go while it is looked at.
    await frame.evaluate(AXE).catch((error) => frame.isDetached() || Promise.reject(error));
  }
  const { violations } = await page.evaluate((values) => globalThis.axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] }), RULES);
  return violations.flatMap(({ id: rule, impact, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => ({
      rule,
      impact,
      help,
      // One step for each frame, in it one for each shadow root.
      target: target.flat().join(" » "),
      why: failureSummary.replace(/\s*\n\s*/g, " "),
    })),
  );
}

/** Saves `build/screenshots/<name>-<width>.png` of the whole page: at this width, or at a phone's and a desk's. */
export async function shot(page, name, width) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const before = page.viewportSize();
  for (const each of width ? [width] : WIDTHS) {
    await page.setViewportSize({ width: each, height: HEIGHT });
    await page.screenshot({ path: path.join(SCREENSHOTS, `${name}-${each}.png`), fullPage: true, animations: "disabled" });
  }
  if (before) await page.setViewportSize(before);
}
