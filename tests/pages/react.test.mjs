// The React example of docs/page.md, word by word, with the npm package and Vite: built, in development, and rendered on a server.
import assert from "node:assert/strict";
import { cpSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { build, createServer } from "vite";
import { firstScreen } from "../../crates/connect/js/first-screen.js";
import { freePort, temporaryDirectory } from "../harness.mjs";
import { markup } from "./browser.mjs";
import { policy, startAll, visitorOf } from "./visitor.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PAGE = readFileSync(path.join(ROOT, "docs/page.md"), "utf8");
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".wasm": "application/wasm" };

/** The example in an app with a button that takes it away, and one in which it is there from the server. */
const APP = `
  import { StrictMode, useCallback, useState } from "react";
  import { createRoot } from "react-dom/client";
  import { ShareInsurance } from "./share.tsx";
  window.completed = [];
  function App() {
    const [isShown, show] = useState(true);
    const done = useCallback((pullId) => window.completed.push(pullId), []);
    return <><button onClick={() => show(!isShown)}>Toggle</button>{isShown && <ShareInsurance leadId="L-3" onComplete={done} />}</>;
  }
  createRoot(document.getElementById("app")).render(<StrictMode><App /></StrictMode>);`;
const HYDRATED = `
  import { hydrateRoot } from "react-dom/client";
  import { ShareInsurance } from "./share.tsx";
  window.completed = [];
  hydrateRoot(document.getElementById("app"), <ShareInsurance leadId="L-4" onComplete={(pullId) => window.completed.push(pullId)} />);`;
/** With the first screen from the server, as the documents say. */
const FIRST = `
  import { hydrateRoot } from "react-dom/client";
  import "canopy-edge-connect";
  hydrateRoot(
    document.getElementById("app"),
    <canopy-connect edge={window.edge} mode="components" suppressHydrationWarning dangerouslySetInnerHTML={{ __html: "" }} />,
  );`;

let all, project, vite;
before(async () => {
  const port = await freePort();
  all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "40" }, origins: [`http://localhost:${port}`] });
  project = madeProject();
  // What the documents say of Vite.
  const [, given] = /With Vite add `optimizeDeps: (\{.+?\})`/.exec(PAGE);
  const optimizeDeps = { exclude: JSON.parse(/\[.*\]/.exec(given)[0]) };
  vite = { root: project, configFile: false, logLevel: "silent", optimizeDeps, server: { port, strictPort: true, host: "localhost" } };
});
after(() => all?.stop());

function madeProject() {
  const directory = temporaryDirectory();
  const modules = path.join(directory, "node_modules");
  mkdirSync(modules);
  for (const name of ["react", "react-dom", "scheduler"]) symlinkSync(path.join(ROOT, "node_modules", name), path.join(modules, name), "junction");
  cpSync(path.join(ROOT, "build/npm"), path.join(modules, "canopy-edge-connect"), { recursive: true });
  const [, example] = /```tsx\n([^`]+)```/.exec(PAGE);
  const files = {
    "package.json": '{ "type": "module" }',
    "tsconfig.json": '{ "compilerOptions": { "jsx": "react-jsx" } }',
    "share.tsx": example.replace("https://EDGE", all.edge.url),
    "app.jsx": APP,
    "hydrated.jsx": HYDRATED,
    "first.jsx": FIRST,
    "index.html": markup('<div id="app"></div>', '<script type="module" src="/app.jsx"></script>'),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
  return directory;
}

test("the React example shares an insurance under StrictMode, and leaves nothing when it is unmounted", async () => {
  await build({ ...vite, base: "/app/" });
  const built = path.join(project, "dist");
  const csp = policy(all.edge, all.sandbox).replace("script-src", `script-src 'self'`).replace("connect-src", "connect-src 'self'");
  for (const name of globSync("**/*.*", { cwd: built })) {
    all.agency.serve(`/app/${name}`, { html: readFileSync(path.join(built, name)), csp, headers: { "content-type": TYPES[path.extname(name)] } });
  }
  const visitor = await all.visit({ body: "" });
  const { page } = visitor;
  await page.goto(`${all.agency.origin}/app/index.html`);
  const react = visitorOf(page);
  await react.choose();
  await react.signIn("user_good");
  await react.done();
  const { pull_id } = await react.status();
  assert.deepEqual(await page.evaluate(() => window.completed), [pull_id], "the callback came once");
  await page.getByRole("button", { name: "Toggle" }).click();
  await page.waitForFunction(() => !document.querySelector("canopy-connect") && !document.querySelector("iframe"));
  await page.getByRole("button", { name: "Toggle" }).click();
  await react.done();
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("rendered on a server it is the tag, which Vite's development server takes over without a word", async () => {
  const server = await createServer(vite);
  try {
    const { ShareInsurance } = await server.ssrLoadModule("/share.tsx");
    const html = renderToString(createElement(ShareInsurance, { leadId: "L-4", onComplete() {} }));
    assert.equal(html, `<canopy-connect edge="${all.edge.url}" mode="components" metadata-lead_id="L-4"></canopy-connect>`);
    writeFileSync(path.join(project, "server.html"), markup(`<div id="app">${html}</div>`, '<link rel="icon" href="data:,"><script type="module" src="/hydrated.jsx"></script>'));
    await server.listen();
    const visitor = await all.visit({ body: "" });
    const { page } = visitor;
    await page.goto(`http://localhost:${vite.server.port}/server.html`);
    const react = visitorOf(page);
    await react.choose();
    await react.signIn("user_good");
    await react.done();
    assert.deepEqual(await page.evaluate(() => window.completed), [(await react.status()).pull_id]);
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  } finally {
    await server.close();
  }
});

test("the first screen that the server has rendered is pressed before React is there, and goes on", async () => {
  const server = await createServer(vite);
  try {
    const dangerouslySetInnerHTML = { __html: await firstScreen({ mode: "components" }) };
    const html = renderToString(createElement("canopy-connect", { edge: all.edge.url, mode: "components", suppressHydrationWarning: true, dangerouslySetInnerHTML }));
    const head = `<link rel="icon" href="data:,"><script>window.edge = "${all.edge.url}"</script><script type="module" src="/first.jsx"></script>`;
    writeFileSync(path.join(project, "first.html"), markup(`<div id="app">${html}</div>`, head));
    await server.listen();
    const visitor = await all.visit({ body: "" });
    const { page } = visitor;
    let release;
    const free = new Promise((resolve) => (release = resolve));
    await page.route(/first\.jsx$/, async (route) => (await free, route.continue()));
    await page.goto(`http://localhost:${vite.server.port}/first.html`, { waitUntil: "commit" });
    const react = visitorOf(page);
    await react.press("Agree and continue");
    release();
    await react.sees("Who is your insurance company?");
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  } finally {
    await server.close();
  }
});
