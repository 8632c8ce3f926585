// A shape for each kind of entry, told apart without colour, and what the kind means.
import { drawn, element } from "../shared/dom.js";

/** Paths around 0, 0 that fit in 20 × 20. */
const KINDS = {
  webhook: { lane: "Webhooks", means: "Canopy said something", path: "M-8 0a8 8 0 1 0 16 0a8 8 0 1 0-16 0z" },
  fetched: { lane: "Data", means: "a new version of the data", path: "M-8-8h16v16h-16z" },
  stored: { lane: "Data", means: "a document is here", path: "M-7-9h8l6 6v12h-14z" },
  call: { lane: "Own and calls", means: "something was asked of Canopy", path: "M-7-9l16 9l-16 9z" },
  own: { lane: "Own and calls", means: "an event of yours, or of the edge", path: "M0-10l10 10l-10 10l-10-10z" },
  scheduled: { lane: "Schedule", means: "an event was put down for later", path: "M-7-9h14l-14 18h14z" },
  cancelled: { lane: "Schedule", means: "what was to come was taken back", path: "M-9-6l3-3l6 6l6-6l3 3l-6 6l6 6l-3 3l-6-6l-6 6l-3-3l6-6z" },
  fired: { lane: "Schedule", means: "what was to come came", path: "M3-10l-10 12h5l-2 9l11-13h-6z" },
  void: { lane: "Schedule", means: "what was to come has no reason any more", path: "M-4-9h8l5 5v8l-5 5h-8l-5-5v-8zM-6-2v4h12v-4z" },
};
const OTHER = { lane: "Other", means: "of a kind that this page does not know", path: "M-3-9h6v6h6v6h-6v6h-6v-6h-6v-6h6z" };

const kindOf = (name) => (Object.hasOwn(KINDS, name) ? KINDS[name] : OTHER);
const LANES = [...new Set([...Object.values(KINDS), OTHER].map(({ lane }) => lane))];

export const laneOf = ({ kind }) => kindOf(kind).lane;
/** The lanes that these entries need, from the top. */
export const lanesOf = (entries) => LANES.filter((lane) => entries.some((entry) => laneOf(entry) === lane));

export const shapeOf = (kind) => drawn("path", { class: "shape", d: kindOf(kind).path, "fill-rule": "evenodd" });

/** Every kind that these entries have, with its meaning. */
export function legendOf(entries) {
  const kinds = [...Object.keys(KINDS), ...entries.map(({ kind }) => kind)];
  const here = [...new Set(kinds)].filter((kind) => entries.some((entry) => entry.kind === kind));
  const items = here.map((kind) => legendItem(shapeOf(kind), kind, kindOf(kind).means));
  items.push(legendItem(pillOf("3"), "a number", "so many entries at one place"));
  if (entries.some(({ is_to_come }) => is_to_come)) items.push(legendItem(toComeSample(), "hollow, in a dashed ring", "to come"));
  return items;
}

/** The mark of entries that are too near to each other. */
export function pillOf(count) {
  return drawn("g", {}, drawn("rect", { class: "shape", x: -12, y: -11, width: 24, height: 22, rx: 7 }), drawn("text", { class: "count", y: 4 }, count));
}

const toComeSample = () => drawn("g", { class: "to-come" }, targetOf(12), shapeOf("fired"));

/** What a finger may hit around a mark. */
export const targetOf = (r) => drawn("circle", { class: "target", r });

function legendItem(shape, name, means) {
  const picture = drawn("svg", { class: "picture sample", viewBox: "-13 -13 26 26", width: 26, height: 26, "aria-hidden": "true" }, shape);
  return element("li", {}, picture, element("span", {}, element("strong", {}, name), ` ${means}`));
}
