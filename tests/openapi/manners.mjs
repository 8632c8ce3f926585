// What holds of every path of docs/openapi.json: other paths and methods, HEAD, and what a page asks beforehand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { componentErrors, document, operations } from "../edge-contract.mjs";
import { edge, office, plain } from "./driver.mjs";

/** What `Allow` says of a path. */
function allowOf(path) {
  const methods = Object.keys(document.paths[path]).map((method) => method.toUpperCase());
  const all = [...methods, methods.includes("GET") && "HEAD", path.startsWith("/connect/") && "OPTIONS"];
  return all.filter(Boolean).toSorted();
}

test("another path, and another method of a path, are refused with a problem", async () => {
  for (const path of ["/nowhere", "/connect/nowhere", "/api/v1/nowhere", "/canopy/api/v1.0.0/teams/-/other"]) {
    const { status, bytes } = await plain(edge.url + path, { headers: office });
    assert.deepEqual([status, JSON.parse(bytes).code, componentErrors("Problem", JSON.parse(bytes))], [404, "NOT_FOUND", []], path);
  }
  for (const path of Object.keys(document.paths)) {
    const url = edge.url + path.replace("{teamId}", "-").replace(/\{\w+\}/g, "1");
    for (const method of ["PUT", "PROPFIND"]) {
      if (method.toLowerCase() in document.paths[path]) continue;
      const { status, headers, bytes } = await plain(url, { method, headers: office });
      assert.deepEqual([status, JSON.parse(bytes).code, componentErrors("Problem", JSON.parse(bytes))], [405, "METHOD_NOT_ALLOWED", []], path);
      assert.deepEqual(headers.get("allow").split(", ").toSorted(), allowOf(path), path);
    }
  }
});

test("HEAD is GET without the body, and a slash at the end of a path none too many", async () => {
  for (const { method, path } of operations.values()) {
    const url = edge.url + path.replace(/\{\w+\}/g, "1");
    const found = await plain(url, { method });
    if (!path.startsWith("/canopy/")) assert.equal((await plain(`${url}/`, { method })).status, found.status, path);
    if (method !== "GET") continue;
    const { status, headers, bytes } = await plain(url, { method: "HEAD" });
    assert.deepEqual([status, headers.get("content-type"), bytes.length], [found.status, found.headers.get("content-type"), 0], path);
  }
});

test("a page of an allowed origin may ask beforehand, another may not", async () => {
  for (const [origin, status] of [[edge.url, 204], ["https://elsewhere.example", 403]]) {
    const answer = await plain(`${edge.url}/connect/sessions`, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
    assert.deepEqual([answer.status, answer.headers.get("access-control-allow-origin")], [status, status === 204 ? origin : null]);
  }
});
