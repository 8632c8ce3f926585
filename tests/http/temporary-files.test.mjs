// What is started for a test leaves nothing in the system's temporary folder, however it ends.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { temporaryDirectory } from "../harness.mjs";

const HARNESS = new URL("../harness.mjs", import.meta.url);

/** Each is the rest of a program that has started `sandbox`; `signal` is sent to it when it says that it waits. */
const ENDS = {
  "a Worker that is stopped": { rest: "await sandbox.stop();" },
  "a Worker that is killed": { rest: "await sandbox.kill9();" },
  "a Worker that nobody stops": { rest: "" },
  "a test that throws": { rest: "throw new Error('as it should');", code: 1 },
  "Ctrl-C": { rest: "console.log('waiting'); setInterval(() => {}, 1000);", signal: "SIGINT", code: 1 },
  "a run that is ended": { rest: "console.log('waiting'); setInterval(() => {}, 1000);", signal: "SIGTERM", code: 1 },
};

describe("the temporary folder is as empty as before after", { concurrency: 2 }, () => {
  for (const [name, { rest, signal, code = 0 }] of Object.entries(ENDS)) {
    test(name, async () => {
      const folder = path.join(temporaryDirectory(), "tmp");
      mkdirSync(folder);
      const program = `
        import { startSandbox } from ${JSON.stringify(HARNESS)};
        import { readdirSync } from "node:fs";
        const sandbox = await startSandbox();
        console.log(readdirSync(${JSON.stringify(folder)}).length, "while it runs");
        ${rest}`;
      const ended = await run(program, folder, signal);
      assert.equal(ended.code, code, ended.said);
      assert.match(ended.said, /^[1-9] while it runs/, "it did use the folder");
      assert.deepEqual(readdirSync(folder), []);
    });
  }
});

/** Runs `program` with `folder` as its temporary one. */
function run(program, folder, signal) {
  const env = { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder };
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      said += text;
      if (signal && said.includes("waiting")) child.kill(signal);
    });
  }
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, said })));
}
