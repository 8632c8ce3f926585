// The React example of docs/page.md, word by word, in a React app that was built with the npm package.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { temporaryDirectory } from "../harness.mjs";
import { markup } from "./browser.mjs";
import { policy, startAll, visitorOf } from "./visitor.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };

let all, app;
before(async () => {
  all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "40" } });
  app = await builtApp();
});
after(() => all?.stop());

/** The example in an app with a button that takes it away; its files, by name. */
async function builtApp() {
  const directory = temporaryDirectory();
  const modules = path.join(directory, "node_modules");
  mkdirSync(modules);
  for (const name of ["react", "react-dom", "scheduler"]) symlinkSync(path.join(ROOT, "node_modules", name), path.join(modules, name));
  cpSync(path.join(ROOT, "build/npm"), path.join(modules, "canopy-edge-connect"), { recursive: true });
  const [, example] = /```tsx\n([^`]+)```/.exec(readFileSync(path.join(ROOT, "docs/page.md"), "utf8"));
  writeFileSync(path.join(directory, "share.tsx"), example.replace("https://EDGE", all.edge.url));
  writeFileSync(
    path.join(directory, "app.jsx"),
    `import { StrictMode, useCallback, useState } from "react";
     import { createRoot } from "react-dom/client";
     import { ShareInsurance } from "./share.tsx";
     window.completed = [];
     function App() {
       const [isShown, show] = useState(true);
       const done = useCallback((pullId) => window.completed.push(pullId), []);
       return <><button onClick={() => show(!isShown)}>Toggle</button>{isShown && <ShareInsurance leadId="L-3" onComplete={done} />}</>;
     }
     createRoot(document.getElementById("app")).render(<StrictMode><App /></StrictMode>);`,
  );
  const outdir = path.join(directory, "out");
  const options = { bundle: true, splitting: true, format: "esm", jsx: "automatic", define: { "process.env.NODE_ENV": '"development"' } };
  await esbuild.build({ entryPoints: [path.join(directory, "app.jsx")], outdir, absWorkingDir: directory, logLevel: "silent", ...options });
  const files = readdirSync(outdir).map((name) => path.join(outdir, name));
  // What Vite and webpack do by themselves: the WebAssembly goes along.
  files.push(...readdirSync(path.join(ROOT, "build/npm")).filter((name) => name.endsWith(".wasm")).map((name) => path.join(ROOT, "build/npm", name)));
  return files;
}

test("the React example shares an insurance under StrictMode, and leaves nothing when it is unmounted", async () => {
  for (const file of app) {
    all.agency.serve(`/app/${path.basename(file)}`, { html: readFileSync(file), headers: { "content-type": TYPES[path.extname(file)] } });
  }
  const visitor = await all.visit({ body: "" });
  const { page } = visitor;
  const csp = policy(all.edge, all.sandbox).replace("script-src", `script-src 'self'`).replace("connect-src", "connect-src 'self'");
  const url = all.agency.serve("/app/", { csp, html: markup('<div id="app"></div>', '<script type="module" src="app.js"></script>') });
  await page.goto(url);
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
