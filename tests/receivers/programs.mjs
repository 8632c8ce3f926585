// The receivers that docs/downstream.md shows, as its text, each made to run where it finds what it imports.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { temporaryDirectory } from "../harness.mjs";
import { shownCode } from "../shown-code.mjs";

const PAGE = "downstream.md";
const HERE = import.meta.dirname;
const ROOT = path.resolve(HERE, "../..");
/** What is built once for all runs, beside what cargo builds. */
const BUILT = path.join(ROOT, "target/receivers");

/**
 * @typedef {object} Program
 * @property {string} directory where it runs
 * @property {[string, ...string[]]} command
 * @property {() => Map<string, string>} kept what it has kept: bodies by `webhook-id`
 */

/** @returns {Promise<Program>} */
async function typescript() {
  const directory = directoryWith("receiver.ts", shownCode(PAGE, "ts"));
  symlinkSync(path.join(ROOT, "node_modules"), path.join(directory, "node_modules"), "junction");
  return { directory, command: [process.execPath, "receiver.ts"], kept: () => keptInDatabase(directory) };
}

/** @returns {Promise<Program>} */
async function python() {
  const directory = directoryWith("receiver.py", shownCode(PAGE, "python"));
  const packages = path.join(HERE, "requirements.txt");
  const environment = path.join(BUILT, "python");
  const interpreter = path.join(environment, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const installed = path.join(environment, "requirements.txt");
  if (!existsSync(installed) || !readFileSync(installed).equals(readFileSync(packages))) {
    await run(process.env.CANOPY_EDGE_PYTHON ?? "python3", "-m", "venv", "--clear", environment);
    await run(interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:", "-r", packages);
    copyFileSync(packages, installed);
  }
  return { directory, command: [interpreter, "receiver.py"], kept: () => keptInDatabase(directory) };
}

/** @returns {Promise<Program>} */
async function rust() {
  const directory = temporaryDirectory();
  for (const name of ["Cargo.toml", "Cargo.lock"]) copyFileSync(path.join(HERE, name), path.join(directory, name));
  const [, added] = /`cargo add ([^`]+)`/.exec(readFileSync(path.join(ROOT, "docs", PAGE), "utf8"));
  const [, dependencies] = readFileSync(path.join(HERE, "Cargo.toml"), "utf8").split("[dependencies]\n");
  assert.deepEqual(added.split(" ").toSorted(), [...dependencies.matchAll(/^(\w+) = /gm)].map(([, name]) => name), "the page adds what the test builds with");
  mkdirSync(path.join(directory, "src"));
  writeFileSync(path.join(directory, "src/main.rs"), shownCode(PAGE, "rust"));
  // From the root, so that it is the toolchain of this checkout.
  await run("cargo", "build", "--quiet", "--locked", "--manifest-path", path.join(directory, "Cargo.toml"), "--target-dir", path.join(BUILT, "rust"));
  const program = path.join(BUILT, "rust/debug", process.platform === "win32" ? "receiver.exe" : "receiver");
  return { directory, command: [program], kept: () => keptInFiles(path.join(directory, "events")) };
}

export const PROGRAMS = { typescript, python, rust };

function directoryWith(file, text) {
  const directory = temporaryDirectory();
  writeFileSync(path.join(directory, file), text);
  return directory;
}

async function run(program, ...args) {
  await promisify(execFile)(program, args, { cwd: ROOT });
}

function keptInDatabase(directory) {
  const file = path.join(directory, "events.db");
  if (!existsSync(file)) return new Map();
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  try {
    return new Map(database.prepare("SELECT webhook_id, body FROM events").all().map((row) => [row.webhook_id, row.body]));
  } finally {
    database.close();
  }
}

function keptInFiles(directory) {
  if (!existsSync(directory)) return new Map();
  return new Map(readdirSync(directory).map((name) => [name, readFileSync(path.join(directory, name), "utf8")]));
}
