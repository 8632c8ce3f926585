// What a key of the search of insurance companies costs, among the sandbox's 246: the page's own WebAssembly in node's V8, built by
// `cargo xtask build`. Argument: rounds.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startSandbox } from "../harness.mjs";

const BUILT = path.resolve(fileURLToPath(import.meta.url), "../../../build/finder");
const rounds = Number(process.argv[2]);
const REPEATED = 50;

/** What is typed, by what is looked for: each is searched at every one of its keys. */
const TYPED = {
  "a name": ["state farm", "progressive", "the hartford", "american family insurance"],
  "a typo": ["gieco", "progresive", "libery mutual", "american famly insurence"],
  "a policy's words": ["travelers indemnity company of america", "allstate fire and casualty insurance company"],
  "an address": ["https://www.geico.com/login", "erieinsurance.com"],
  "nonsense": ["zzzzzzzz", "asdfghjkl qwertyuiop", "insurance company of nowhere at all"],
};

const sandbox = await startSandbox();
try {
  const { default: load, Directory } = await import(path.join(BUILT, "finder.js"));
  await load({ module_or_path: await readFile(path.join(BUILT, "finder_bg.wasm")) });
  const carriers = await (await fetch(`${sandbox.url}/api/v1.0.0/carriers`)).json();
  assert.ok(carriers.length > 240, "the sandbox's list is as long as the real one");
  const list = carriers.map(({ name, homepageUrl }) => `${name}\t${homepageUrl}\n`.toLowerCase()).join("");
  const made = [];
  let directory;
  for (let round = 0; round < rounds * 10; round += 1) made.push(time(() => (directory = new Directory(list))));
  console.log(`${carriers.length} companies, made ready in ${median(made).toFixed(2)} ms; a key, in milliseconds:\n`);
  console.log(`${"".padEnd(18)}    median   slowest`);
  for (const [what, typed] of Object.entries(TYPED)) {
    const keys = typed.flatMap((text) => Array.from(text, (_, at) => text.slice(0, at + 1)));
    const search = (key) => time(() => Array.from({ length: REPEATED }, () => directory.find(key, 60))) / REPEATED;
    const times = keys.map((key) => median(Array.from({ length: rounds }, () => search(key))));
    console.log(`${what.padEnd(18)} ${[median(times), Math.max(...times)].map((ms) => ms.toFixed(3).padStart(9)).join(" ")}`);
  }
} finally {
  await sandbox.stop();
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Milliseconds. */
function time(work) {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}
