// What the page of workflows reckons by itself: a flow's tree, places in a JSON text, values of a form, places of the page.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { memberOf, textOf, valueOf } from "../../www/workflows/config-values.js";
import { lineOf, placeIn, placesOf } from "../../www/workflows/json-places.js";
import { hashOf, placeOf } from "../../www/workflows/place.js";
import { allOf, treeOf } from "../../www/workflows/tree.js";

describe("a flow's tree", () => {
  const steps = [
    { id: "which", use: "if", with: { condition: "true", then: [{ id: "a", use: "set" }], else: [{ id: "b", use: "set" }] } },
    { id: "all", use: "each", with: { as: "it", in: "[1, 2]", steps: [{ id: "note", use: "http" }] } },
    { id: "ok", use: "approve", with: { notify: [{ id: "mail", use: "postmark" }] } },
    { id: "last", use: "set", title: "The last" },
  ];
  const states = (records, isOver) => Object.fromEntries(allOf(treeOf(steps, records, isOver)).map(({ path, state }) => [path, state]));
  const record = (path, use, state, more) => ({ path, use, state, ...more });

  test("is all to come before the run has begun, with one round for all", () => {
    assert.deepEqual(new Set(Object.values(states([], false))), new Set(["coming"]));
    assert.ok("all[].note" in states([], false));
  });

  test("has of the way that was not taken nothing to come, and as many rounds as there are elements", () => {
    const records = [
      record("which", "if", "done", { input: { condition: true } }),
      record("which.a", "set", "done"),
      record("all", "each", "open", { input: { items: [1, 2] } }),
      record("all[0].note", "http", "open", { due: "2026-11-30T08:00:00Z" }),
    ];
    assert.deepEqual(states(records, false), { which: "done", "which.a": "done", "which.b": "unreached", all: "open", "all[0].note": "waiting", "all[1].note": "coming", ok: "coming", "ok.mail": "coming", last: "coming" });
    const [which] = treeOf(steps, records, false);
    assert.deepEqual(which.branches.map(({ name, isTaken }) => [name, isTaken]), [["Then", true], ["Otherwise", false]]);
  });

  test("of a way that is under way leaves the other one unreached", () => {
    const records = [record("which", "if", "open", { input: { condition: false } }), record("which.b", "set", "open")];
    const { "which.a": other, "which.b": taken, last } = states(records, false);
    assert.deepEqual([other, taken, last], ["unreached", "open", "coming"]);
  });

  test("of a run that is over has nothing to come", () => {
    const records = [record("which", "if", "failed", { input: null, reason: "EXPRESSION" })];
    assert.deepEqual(new Set(Object.values(states(records, true))), new Set(["failed", "unreached"]));
  });

  test("calls a step by its title, or its id", () => {
    assert.deepEqual(treeOf(steps, [], false).map(({ title }) => title), ["which", "all", "ok", "The last"]);
  });
});

describe("places in a JSON text", () => {
  const text = '{\n  "a/b": [1, {"~c": "x\\"y"}],\n  "d": -1.5e3\n}';

  test("are those of its values, by their pointers", () => {
    const { places, wrong } = placesOf(text);
    assert.equal(wrong, undefined);
    const at = (pointer) => text.slice(places.get(pointer).from, places.get(pointer).to);
    assert.deepEqual(["/a~1b/0", "/a~1b/1", "/a~1b/1/~0c", "/d", ""].map(at), ["1", '{"~c": "x\\"y"}', '"x\\"y"', "-1.5e3", text]);
    assert.equal(lineOf(text, places.get("/d").from), 3);
  });

  test("of what is not there is that of what is around it", () => {
    const { places } = placesOf(text);
    assert.equal(placeIn(places, "/a~1b/1/gone/deeper"), places.get("/a~1b/1"));
    assert.equal(placeIn(places, "/gone"), places.get(""));
    assert.equal(placeIn(new Map(), "/gone"), undefined);
  });

  for (const [wrong, at] of [["", 0], ["{", 1], ["[1,]", 3], ['{"a" 1}', 5], ["{a: 1}", 1], ["[1] 2", 4], ["01", 1], ['"a\nb"', 0], ["tru", 0], ["[1 2]", 3], ["[".repeat(5_000), 101]]) {
    test(`say where ${wrong.slice(0, 10)} is no JSON`, () => {
      assert.throws(() => JSON.parse(wrong));
      assert.equal(placesOf(wrong).wrong.at, at);
    });
  }
});

describe("a field of the configuration", () => {
  for (const [declared, text, value] of [
    [{ type: "integer" }, "12", 12],
    [{ type: "integer" }, "twelve", "twelve"],
    [{ type: "boolean" }, "false", false],
    [{ type: "text" }, " a ", " a "],
    [{ type: "url" }, " https://a.example ", "https://a.example"],
    [{ type: "email", list: true }, "a@b.example\n\n c@d.example", ["a@b.example", "c@d.example"]],
    [{ type: "integer", list: true }, "1\n2", [1, 2]],
    [{ type: "json" }, '{"a": [1]}', { a: [1] }],
    [{ type: "json", list: true }, "[1]", [1]],
    [{ type: "text" }, "  ", undefined],
  ]) {
    test(`${JSON.stringify(declared)} of ${JSON.stringify(text)} is ${JSON.stringify(value)}`, () => {
      assert.deepEqual(valueOf(declared, text), value);
      assert.deepEqual(valueOf(declared, textOf(declared, value)), value, "and back");
    });
  }

  test("that should be JSON and is not says so", () => assert.throws(() => valueOf({ type: "json" }, "{"), /^Error: Expected JSON/));

  test("is found by a problem's pointer", () => {
    assert.deepEqual(["/config/to/0", "/config/a~1b", "/config", "/group"].map(memberOf), ["to", "a/b", undefined, undefined]);
  });
});

describe("a place of the page", () => {
  test("is read from the hash that is made of it", () => {
    for (const place of [{ view: "runs", id: undefined, query: { status: "failed", pull_id: "a/b" } }, { view: "runs", id: "p-1/2?3-1", query: {} }]) {
      assert.deepEqual(placeOf(hashOf(place.view, place.id, place.query)), place);
    }
  });

  test("is none where the hash is none, and never throws", () => {
    assert.deepEqual(placeOf(""), { view: "", id: undefined, query: {} });
    assert.equal(placeOf("#/runs/%").id, "%");
    assert.equal(hashOf("runs", undefined, { status: "", instance: undefined }), "#/runs");
  });
});
