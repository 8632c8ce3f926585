// A client generated from the published document, at Canopy, here the sandbox, and at the edge: one program, which is told another
// base URL and another secret.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { bundle, createConfig } from "@redocly/openapi-core";
import openapiTS, { astToString } from "openapi-typescript";
import { tokensOf } from "../edge-client.mjs";
import { programOf } from "../generated-client/agency.ts";
import { LOCAL, startBoth, temporaryDirectory } from "../harness.mjs";

const ROOT = path.resolve(fileURLToPath(import.meta.url), "../../..");
const TSC = path.join(ROOT, "node_modules/typescript/bin/tsc");
const TOKEN = "agency-token-0123456789abcdef0123456789abcdef";

let both, agency, connections;

before(async () => {
  both = await startBoth({ edgeEnv: { EDGE_API_TOKENS: `agency:${TOKEN}:read+write+servicing` } });
  const { edge, sandbox } = both;
  agency = { teamId: LOCAL.teamId, publicAlias: LOCAL.publicAlias, tokensOf: (username) => tokensOf(sandbox, username) };
  connections = [
    { baseUrl: `${sandbox.url}/api/v1.0.0`, clientId: LOCAL.clientId, clientSecret: LOCAL.clientSecret },
    { baseUrl: `${edge.url}/canopy/api/v1.0.0`, clientId: LOCAL.clientId, clientSecret: TOKEN },
  ];
});
after(() => both?.stop());

/** Runs a part of the program at Canopy, then at the edge; gives what it came to at each, once every call came to the same. */
async function atBoth(part) {
  const results = [];
  const outcomes = [];
  for (const connection of connections) {
    const program = programOf(connection, agency);
    results.push(await program[part]());
    outcomes.push(program.outcomes);
  }
  assert.deepEqual(outcomes[1], outcomes[0]);
  return results;
}

test("the program compiles with the types generated from the document, and a call that the document does not have does not", async () => {
  // The generator follows no reference into the middle of a schema, so it is given the document without references.
  const { bundle: document } = await bundle({ ref: path.join(ROOT, "contract/openapi.json"), config: await createConfig({}), dereference: true });
  const directory = temporaryDirectory();
  const types = path.join(directory, "canopy-api.d.ts");
  writeFileSync(types, astToString(await openapiTS(document.parsed)));
  const compilerOptions = {
    ...{ strict: true, noEmit: true, skipDefaultLibCheck: true, verbatimModuleSyntax: true, erasableSyntaxOnly: true },
    ...{ module: "nodenext", target: "es2024", lib: ["es2024", "dom"], types: [] },
    paths: { "canopy-api": [types] },
  };
  writeFileSync(path.join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [path.join(ROOT, "tests/generated-client/agency.ts")] }));
  try {
    execFileSync(process.execPath, [TSC, "-p", directory], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    assert.fail(`tsc:\n${error.stdout}${error.stderr}`);
  }
});

test("a pull goes its way to the end, a code and a document with it", async () => {
  for (const { file, signed } of await atBoth("pull")) {
    assert.equal(Buffer.from(file).toString("latin1", 0, 5), "%PDF-");
    assert.deepEqual(Buffer.from(signed), Buffer.from(file), "the signed link is for the same file");
  }
});

test("a monitoring is made, refreshed, read and stopped", async () => {
  for (const result of await atBoth("monitoring")) assert.deepEqual(result, { pulls: 2, events: 1, status: "STOPPED" });
});

test("a monitoring's consumer is brought back by a reconnect token", async () => {
  for (const result of await atBoth("reconnection")) assert.deepEqual(result, { status: "STOPPED" });
});

test("a change to a policy waits for its consumer, who confirms it", async () => {
  for (const result of await atBoth("servicing")) assert.deepEqual(result, { status: "SUCCESS" });
});
