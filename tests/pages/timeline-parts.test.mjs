// What the page of a pull's life reckons by itself: merge patches, and where in its picture a moment lies.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { apply, changesBetween, prune } from "../../www/timeline/merge-patch.js";
import { BREAK, groupsOf, nearOf, scaleOf, spansOf, ticksOf, wholeOf } from "../../www/timeline/scale.js";
import { Walk } from "../../www/timeline/walk.js";
import { lengthName, untilName } from "../../www/timeline/words.js";

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
      for (const most of [1, 2, 3, 12]) {
        const range = { from: START, to: START + span };
        const moments = ticksOf(range, most).map(({ at }) => at);
        assert.ok(moments.length >= 1 && moments.length <= most + 1, `${moments.length} of ${most} over ${span} ms`);
        assert.deepEqual(moments, [...new Set(moments)].sort((a, b) => a - b));
        assert.ok(moments[0] >= range.from && moments.at(-1) <= range.to);
      }
    }
  });

  test("keeps each mark, marks of what is over and of what is to come apart, and room between them", () => {
    const x = scaleOf(spansOf({ from: 0, to: 400 }, 400, 375, 24));
    const marks = Array.from({ length: 400 }, (_, at) => ({ at, x: x((at * at) / 400), isToCome: at >= 350 }));
    const groups = groupsOf(marks, 28);
    assert.deepEqual(groups.flatMap((group) => group.marks), marks);
    for (const [at, group] of groups.entries()) {
      assert.equal(new Set(group.marks.map(({ isToCome }) => isToCome)).size, 1);
      if (at > 0) assert.ok(group.x - groups[at - 1].x >= 28, `group ${at}`);
    }
  });

  test("begins and ends within its edges, be it of one moment", () => {
    const x = scaleOf(spansOf({ from: 5, to: 105 }, 105, 375, 24));
    assert.deepEqual([x(5), x(55), x(105)], [24, 187.5, 351]);
    const moment = scaleOf(spansOf(wholeOf([5], 5), 5, 375, 24));
    assert.equal(moment(5), 351);
  });

  test("shows at first all that is over, and what comes within 18 months or else the first that comes", () => {
    const past = [START - 120_000, START - 5];
    const [soon, later, far] = [40, 500, 7_000].map((days) => START + days * DAY);
    const from = past[0];
    assert.deepEqual(nearOf([...past, soon, later, far], START), { from, to: later });
    assert.deepEqual(nearOf([...past, far, far + DAY], START), { from, to: far });
    assert.deepEqual(nearOf(past, START), { from, to: START });
    assert.deepEqual(wholeOf([...past, soon, later, far], START), { from, to: far });
  });

  test("gives what is over and what is to come a third of the room at least, in their order, and a break between them", () => {
    for (const [before, after] of [[120_000, 7_000 * DAY], [DAY, DAY], [900 * DAY, 5_000]]) {
      for (const width of [335, 1200]) {
        const [over, ahead] = spansOf({ from: START - before, to: START + after }, START, width, 24);
        const third = Math.floor((width - 48 - BREAK) / 3);
        assert.ok(over.right - over.left >= third && ahead.right - ahead.left >= third, `${before} and ${after} ms in ${width}`);
        assert.deepEqual([over.left, ahead.left - over.right, ahead.right], [24, BREAK, width - 24]);
        const x = scaleOf([over, ahead]);
        const places = [x(START - before), x(START - before / 2), x(START), x(START, true), x(START + after / 2, true), x(START + after, true)];
        assert.deepEqual(places, places.toSorted((a, b) => a - b));
        assert.deepEqual([places[2], places[3]], [over.right, ahead.left], "what comes this moment is ahead of now");
      }
    }
  });

  test("has one scale where now is not within the time shown", () => {
    for (const now of [START - 1, START, START + DAY, START + 2 * DAY]) assert.equal(spansOf({ from: START, to: START + DAY }, now, 335, 24).length, 1);
  });
});

test("a length of time and an end are said as one says them", () => {
  const lengths = [1, 90_000, 120_000, 36 * 3_600_000, 548 * 86_400_000, 7_200 * 86_400_000].map(lengthName);
  assert.deepEqual(lengths, ["1 second", "90 seconds", "2 minutes", "36 hours", "18 months", "20 years"]);
  const [june, july] = [5, 6].map((month) => new Date(2046, month, 15).getTime());
  assert.equal(untilName(new Date(2027, 7, 22).getTime(), july), "2046");
  assert.match(untilName(june, july), /15.*2046|2046.*15/);
});
