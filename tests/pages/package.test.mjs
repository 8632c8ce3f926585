// The npm package, as one who installs it meets it: packed, installed, imported where there is no DOM, type-checked.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
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
  assert.deepEqual(names, [...served, "README.md", "canopy-connect.d.ts", "package.json"].sort());
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

test("a program in strict TypeScript is checked against the package's types", () => {
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
    },
    files: ["sample.ts"],
  }));
  write("sample.ts", SAMPLE);
  run(process.execPath, [TSC, "-p", "."]);
});

/** What is used wrongly stands below `@ts-expect-error`: where it were allowed, that would be an error itself. */
const SAMPLE = `
import { openSession, type CanopyConnectElement, type Screen } from "${NAME}";

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

// @ts-expect-error: there is no such mode
await openSession({ mode: "popup" });
// @ts-expect-error: there is no such event
session.on("finished", () => {});
// @ts-expect-error: sessions are opened, not made
new (await import("${NAME}")).Session();
`;
