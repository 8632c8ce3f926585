// What the page of a pull's life reckons by itself: merge patches, and where in its picture a moment lies.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { apply, changesBetween, prune } from "../../www/timeline/merge-patch.js";
import { groupsOf, scaleOf, ticksOf } from "../../www/timeline/scale.js";
import { Walk } from "../../www/timeline/walk.js";

/** RFC 7396, appendix A: target, patch, result. */
const EXAMPLES = `
{"a":"b"}           {"a":"c"}                     {"a":"c"}
{"a":"b"}           {"b":"c"}                     {"a":"b","b":"c"}
{"a":"b"}           {"a":null}                    {}
{"a":"b","b":"c"}   {"a":null}                    {"b":"c"}
{"a":["b"]}         {"a":"c"}                     {"a":"c"}
{"a":"c"}           {"a":["b"]}                   {"a":["b"]}
{"a":{"b":"c"}}     {"a":{"b":"d","c":null}}      {"a":{"b":"d"}}
{"a":[{"b":"c"}]}   {"a":[1]}                     {"a":[1]}
["a","b"]           ["c","d"]                     ["c","d"]
{"a":"b"}           ["c"]                         ["c"]
{"a":"foo"}         null                          null
{"a":"foo"}         "bar"                         "bar"
{"e":null}          {"a":1}                       {"e":null,"a":1}
[1,2]               {"a":"b","c":null}            {"a":"b"}
{}                  {"a":{"bb":{"ccc":null}}}     {"a":{"bb":{}}}`;

describe("a merge patch", () => {
  for (const line of EXAMPLES.trim().split("\n")) {
    const [target, patch, result] = line.split(/ +/).map((text) => JSON.parse(text));
    test(`of ${line.replace(/ +/g, " ")}`, () => assert.deepEqual(apply(target, patch), result));
  }

  test("takes a member by the name of __proto__ for one like any other", () => {
    const patched = apply({}, JSON.parse('{"__proto__":{"isAdmin":true}}'));
    assert.equal(patched.isAdmin, undefined);
    assert.equal(JSON.stringify(patched), '{"__proto__":{"isAdmin":true}}');
    assert.equal(JSON.stringify(apply(patched, JSON.parse('{"__proto__":null}'))), "{}");
  });

  test("alters nothing that is shown already", () => {
    const shown = { own: { A: { position: 1 } } };
    apply(shown, { own: { A: null, B: { position: 2 } } });
    assert.deepEqual(shown, { own: { A: { position: 1 } } });
  });
});

test("a view has no member that is null, at whatever depth", () => {
  assert.deepEqual(prune({ a: null, b: { c: null, d: [{ e: null, f: 0 }, null] }, g: false }), { b: { d: [{ f: 0 }, null] }, g: false });
});

test("what changed is named down to the single member", () => {
  const changes = changesBetween({ a: 1, b: { c: [1, { d: 2 }] }, e: {} }, { a: 1, b: { c: [1, { d: 3 }] }, f: { g: 1 } });
  assert.deepEqual(changes, [
    { path: ["b", "c", 1, "d"], before: 2, after: 3 },
    { path: ["f"], before: undefined, after: { g: 1 } },
    { path: ["e"], before: {}, after: undefined },
  ]);
});

test("a walk has the same view at an entry by whatever way it came there", () => {
  const views = [{}, { n: 1 }, { n: 2, own: { A: 1 } }, { n: 3, own: { B: [1] } }, { own: {} }];
  const patches = [{ n: 1 }, { n: 2, own: { A: 1 } }, { n: 3, own: { A: null, B: [1] } }, { n: null, own: { B: null } }];
  const back = [{ n: null }, { n: 1, own: null }, { n: 2, own: { A: 1, B: null } }, { n: 3, own: { B: [1] } }];
  const walk = new Walk(patches.map((forwards, at) => ({ forwards, backwards: back[at] })), views[1]);
  for (const index of [0, 1, 2, 3, 2, 1, 0, 3, 0, 2]) assert.deepEqual(walk.to(index), { after: views[index + 1], before: views[index] }, `at ${index}`);
});

describe("the picture", () => {
  const DAY = 86_400_000;
  const START = Date.UTC(2026, 1, 27, 13, 37, 11);

  test("has some ticks for any span, in their order, within it, and not more than there is room for", () => {
    for (const span of [1_000, 7_000, 60_000, 130_000, DAY / 24, DAY / 3, DAY, 5 * DAY, 40 * DAY, 200 * DAY, 800 * DAY, 36_500 * DAY]) {
      for (const most of [2, 3, 12]) {
        const range = { from: START, to: START + span };
        const moments = ticksOf(range, most).map(({ at }) => at);
        assert.ok(moments.length >= 1 && moments.length <= most + 1, `${moments.length} of ${most} over ${span} ms`);
        assert.deepEqual(moments, [...new Set(moments)].sort((a, b) => a - b));
        assert.ok(moments[0] >= range.from && moments.at(-1) <= range.to);
      }
    }
  });

  test("keeps each mark, marks of what is over and of what is to come apart, and room between them", () => {
    const x = scaleOf({ from: 0, to: 400 }, 375, 24);
    const marks = Array.from({ length: 400 }, (_, at) => ({ at, x: x((at * at) / 400), isToCome: at >= 350 }));
    const groups = groupsOf(marks, 28);
    assert.deepEqual(groups.flatMap((group) => group.marks), marks);
    for (const [at, group] of groups.entries()) {
      assert.equal(new Set(group.marks.map(({ isToCome }) => isToCome)).size, 1);
      if (at > 0) assert.ok(group.x - groups[at - 1].x >= 28, `group ${at}`);
    }
  });

  test("begins and ends within its edges, be it of one moment", () => {
    const x = scaleOf({ from: 5, to: 105 }, 375, 24);
    assert.deepEqual([x(5), x(55), x(105)], [24, 187.5, 351]);
    assert.equal(scaleOf({ from: 5, to: 5 }, 375, 24)(5), 24);
  });
});
