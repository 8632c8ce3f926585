// The npm package, as one who installs it meets it: packed, installed, imported where there is no DOM, type-checked.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "../harness.mjs";

const ROOT = path.resolve(fileURLToPath(import.meta.url), "../../..");
const PACKAGE = path.join(ROOT, "build/npm");
const TSC = path.join(ROOT, "node_modules/typescript/bin/tsc");
const NAME = "canopy-edge-connect";
const project = path.join(temporaryDirectory(), "site");

before(() => {
  assert.ok(existsSync(path.join(PACKAGE, "package.json")), "there is no build/npm: run `cargo xtask build`");
  mkdirSync(project);
  write("package.json", JSON.stringify({ name: "site", private: true, type: "module" }));
  const [{ filename }] = JSON.parse(npm(["pack", "--json", "--pack-destination", project], PACKAGE));
  // It needs nothing else, so nothing is asked of a registry.
  npm(["install", "--offline", "--no-audit", "--no-fund", `./${filename}`], project);
});

function write(name, text) {
  writeFileSync(path.join(project, name), text);
}

function npm(given, cwd) {
  const isWindows = process.platform === "win32";
  return run(isWindows ? "npm.cmd" : "npm", given, { cwd, shell: isWindows });
}

function run(program, given, options) {
  try {
    return execFileSync(program, given, { cwd: project, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8", ...options });
  } catch (error) {
    throw new Error(`${program} ${given.join(" ")} failed:\n${error.stdout}${error.stderr}`);
  }
}

test("the package has the page's files, its types and its version, and nothing else", () => {
  const installed = path.join(project, "node_modules", NAME);
  const names = readdirSync(installed).sort();
  const served = readdirSync(path.join(ROOT, "www/connect"));
  assert.deepEqual(names, [...served, "README.md", "canopy-connect.d.ts", "first-screen.d.ts", "package.json"].sort());
  const manifest = JSON.parse(readFileSync(path.join(installed, "package.json")));
  const cargo = readFileSync(path.join(ROOT, "Cargo.toml"), "utf8");
  assert.equal(manifest.version, /^version = "(.+)"$/m.exec(cargo)[1]);
  assert.equal(manifest.license, "Apache-2.0");
});

test("importing the package where there is no DOM does not throw", () => {
  write("server.js", `import * as connect from "${NAME}";\nconsole.log(JSON.stringify(Object.keys(connect).sort()));\n`);
  const names = JSON.parse(run(process.execPath, ["server.js"]));
  assert.deepEqual(names, ["CanopyConnectElement", "Session", "openSession"]);
});

test("a server has the first screen as HTML, in any language", async () => {
  write("rendered.js", `import { firstScreen } from "${NAME}/first-screen.js";\nconsole.log(await firstScreen({ mode: "components", lang: "es" }));\n`);
  const html = run(process.execPath, ["rendered.js"]).trim();
  assert.match(html, /^<template shadowrootmode="open">.*Comparta su seguro.*<\/template>$/s);
});

/** Has the compiler check `text` as the file `name`, strictly. */
function check(name, text, options = {}) {
  write("tsconfig.json", JSON.stringify({
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      target: "es2022",
      lib: ["es2022", "dom", "dom.iterable"],
      module: "esnext",
      moduleResolution: "bundler",
      // The declarations themselves are checked, too.
      skipLibCheck: false,
      types: [],
      noEmit: true,
      ...options,
    },
    files: [name],
  }));
  write(name, text);
  run(process.execPath, [TSC, "-p", "."]);
}

test("a program in strict TypeScript is checked against the package's types", () => check("sample.ts", SAMPLE));

test("the tag is typed where JSX is global", () => check("tag.tsx", `import "${NAME}";\n${TAGS}`, { jsx: "preserve" }));

test("the React component of the documents, and the tag beside it, compile in strict mode", () => {
  const [, example] = /```tsx\n([^`]+)```/.exec(readFileSync(path.join(ROOT, "docs/page.md"), "utf8"));
  const modules = path.join(project, "node_modules");
  for (const name of ["@types/react", "csstype"]) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(path.join(ROOT, "node_modules", name), path.join(modules, name), "junction");
  }
  check("share.tsx", `${example}\n${TAGS}`, { jsx: "react-jsx", types: ["react"] });
});

test("every text that can be replaced is named in the types, and no other", async () => {
  const files = await Promise.all(["texts.js", "screens-texts.js", "upload-texts.js"].map((name) => import(path.join(ROOT, "crates/connect/js", name))));
  const [, union] = /export type TextName =([^;]+);/.exec(readFileSync(path.join(PACKAGE, "canopy-connect.d.ts"), "utf8"));
  const named = [...union.matchAll(/^  \| "([^"]+)"/gm)].map(([, name]) => name);
  // It is said in the words of `failed` unless a page has others.
  assert.deepEqual(named.toSorted(), [...files.flatMap(({ TEXTS }) => Object.keys(TEXTS)), "CRASHED"].toSorted());
});

/** The tag, rightly and wrongly. */
const TAGS = `
export const tags = [
  <canopy-connect mode="components" agency="Maple" metadata-lead_id="L-1" inline={true} metadata={{ score: 7 }} texts={{ agree: "Yes" }} />,
  <canopy-connect session-id="s" session-token="t" />,
  // @ts-expect-error: there is no such mode
  <canopy-connect mode="popup" />,
  // @ts-expect-error: a text is text
  <canopy-connect texts={{ agree: 7 }} />,
];
`;

/** What is used wrongly stands below `@ts-expect-error`: where it were allowed, that would be an error itself. */
const SAMPLE = `
import { openSession, type CanopyConnectElement, type Screen } from "${NAME}";
import { firstScreen } from "${NAME}/first-screen.js";

const html: Promise<string> = firstScreen({ mode: "hosted", lang: "es", texts: { start: "Share it" } });

function heading(screen: Screen): string {
  switch (screen.name) {
    case "identity-option":
      return screen.options.map((option) => option.label).join();
    case "failed":
      return \`\${screen.code}: \${screen.recovery}\`;
    default:
      return screen.name;
  }
}

const session = await openSession({ mode: "components", edge: "https://edge.example", metadata: { lead_id: "L-1" } });
const end: () => void = session.subscribe((screen) => void heading(screen));
session.on("complete", (pullId) => pullId?.toUpperCase());
await session.mountForm({ username: "#username", password: document.body });
await session.openHosted({ modal: false, mount: "#here" });
end();

const element: CanopyConnectElement | null = document.querySelector("canopy-connect");
element?.addEventListener("canopy-complete", (event) => event.detail.pullId?.length);
element?.addEventListener("click", (event) => event.clientX);
document.addEventListener("canopy-error", (event) => event.detail.code.length);
document.body.addEventListener("canopy-status", ({ detail: { screen } }) => void heading(screen));
window.addEventListener("canopy-exit", (event) => event.detail.pullId?.length);

// @ts-expect-error: there is no such mode
await openSession({ mode: "popup" });
// @ts-expect-error: there is no such event
session.on("finished", () => {});
// @ts-expect-error: nor such a detail
document.addEventListener("canopy-complete", (event) => event.detail.policyId);
// @ts-expect-error: sessions are opened, not made
new (await import("${NAME}")).Session();
`;
