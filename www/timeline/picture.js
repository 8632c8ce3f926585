// The life as a line in time, drawn as SVG: a lane for each sort of entry, a break at now, what is to come hollow after it.
import { drawn } from "../shared/dom.js";
import { counted, exactTime, listed, timeRange } from "../shared/words.js";
import { BREAK, groupsOf, nearOf, scaleOf, spanAt, spansOf, ticksOf, wholeOf } from "./scale.js";
import { laneOf, lanesOf, pillOf, shapeOf, targetOf } from "./shapes.js";
import { lengthName, momentOf, nameOf, placeOf, untilName } from "./words.js";

const [TOP, LANE, AXIS, EDGE] = [22, 58, 26, 24];
/** Two marks at least so far apart: a finger's place (WCAG 2.2, 2.5.8). */
const APART = 28;
const TICK_WIDTH = 96;
/** About half the width of a letter. */
const HALF_LETTER = 3.25;
/** On either side of now a lane's line stops so far from it. */
const GAP = 8;
const CLOSEST_MS = 1_000;

export class Picture {
  #svg;
  #onChoose;
  #onWindow;
  #entries = [];
  #moments = [];
  #now = 0;
  #index = 0;
  #whole = { from: 0, to: 0 };
  /** What is shown at first. */
  #near = this.#whole;
  #window = this.#whole;
  /** Where the time shown lies in the width: see `spansOf`. */
  #spans = [];
  /** What is drawn: `{ node, marks, x, y }`, from left to right. */
  #groups = [];

  /** `onChoose(index)` hears of a mark that was pressed, `onWindow(text, isWhole)` what time the picture shows. */
  constructor(svg, { onChoose, onWindow }) {
    this.#svg = svg;
    this.#onChoose = onChoose;
    this.#onWindow = onWindow;
    svg.addEventListener("keydown", (event) => this.#pressed(event));
    let width;
    new ResizeObserver(() => {
      if (svg.clientWidth !== width) this.#draw();
      width = svg.clientWidth;
    }).observe(svg);
  }

  show(entries, now) {
    this.#entries = entries;
    this.#moments = entries.map(momentOf);
    this.#now = now;
    this.#whole = wholeOf(this.#moments, now);
    const near = nearOf(this.#moments, now);
    this.#near = near.to < this.#whole.to ? near : this.#whole;
    this.#window = this.#near;
    this.#index = 0;
    this.#draw();
  }

  clear() {
    this.#entries = this.#moments = this.#groups = [];
    this.#svg.replaceChildren();
  }

  choose(index) {
    this.#index = index;
    const moment = this.#moments[index];
    if (isIn(this.#window, moment)) this.#mark();
    else this.#look(isIn(this.#near, moment) ? this.#near : this.#whole);
  }

  showWhole() {
    this.#look(this.#whole);
  }

  #look(time) {
    this.#window = time;
    this.#draw();
  }

  /** Only what lies around the chosen entry, on its side of now: its group, or a quarter of the time shown there. */
  lookCloser() {
    const chosen = this.#moments[this.#index];
    const span = spanAt(this.#spans, chosen, this.#entries[this.#index].is_to_come);
    const moments = this.#chosenGroup()?.marks.map(({ index }) => this.#moments[index]) ?? [];
    const [from, to] = [Math.min(...moments), Math.max(...moments)];
    const middle = to > from ? (from + to) / 2 : chosen;
    const half = Math.max(to > from ? (to - from) * 0.6 : (span.to - span.from) / 8, CLOSEST_MS / 2);
    this.#look({ from: Math.max(middle - half, span.from), to: Math.min(middle + half, span.to) });
  }

  #draw() {
    const width = this.#svg.clientWidth;
    if (!width || this.#entries.length === 0) return;
    const hadFocus = this.#svg.contains(document.activeElement);
    const lanes = lanesOf(this.#entries);
    const height = TOP + lanes.length * LANE + AXIS;
    this.#spans = spansOf(this.#window, this.#now, width, EDGE);
    const [over, ahead] = this.#spans;
    const x = scaleOf(this.#spans);
    const hasNow = this.#now > this.#window.from && this.#now <= this.#window.to;
    const end = this.#now > this.#window.to ? width : 0;
    const nowX = ahead ? over.right + BREAK / 2 : hasNow ? x(this.#now) : end;
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#svg.setAttribute("height", height);
    this.#groups = lanes.flatMap((lane, at) => this.#groupsIn(lane, x, TOP + at * LANE + 36)).sort((a, b) => a.x - b.x || a.y - b.y);
    this.#svg.replaceChildren(
      ...this.#spans.flatMap((span) => ticksIn(span, height)),
      ...lanes.flatMap((lane, at) => laneAt(TOP + at * LANE, lane, nowX, ahead ? GAP : 0, width)),
      ...(hasNow ? nowAt(nowX, width, height) : []),
      ...(ahead ? breakAt(nowX, over, ahead, width, height) : []),
      drawn("g", { class: "causes" }),
      ...this.#groups.map(({ node }) => node),
    );
    this.#mark();
    if (hadFocus) this.#svg.querySelector("[tabindex='0']")?.focus();
    this.#say();
  }

  #groupsIn(lane, x, y) {
    const marks = this.#entries.flatMap((entry, index) => {
      const isHere = laneOf(entry) === lane && isIn(this.#window, this.#moments[index]);
      return isHere ? [{ index, x: x(this.#moments[index], entry.is_to_come), isToCome: entry.is_to_come }] : [];
    });
    marks.sort((a, b) => a.x - b.x);
    return groupsOf(marks, APART).map((group) => {
      const entries = group.marks.map(({ index }) => this.#entries[index]);
      const isToCome = entries[0].is_to_come;
      const node = drawn(
        "g",
        { class: isToCome ? "mark to-come" : "mark", role: "button", tabindex: -1, transform: `translate(${group.x} ${y})`, "aria-label": labelOf(entries) },
        targetOf(APART / 2),
        drawn("circle", { class: "ring", r: 15 }),
        entries.length > 1 ? pillOf(entries.length) : shapeOf(entries[0].kind),
        drawn("title", {}, labelOf(entries)),
      );
      const made = { ...group, y, node };
      node.addEventListener("click", () => this.#press(made));
      return made;
    });
  }

  #chosenGroup() {
    return this.#groupOf(this.#index);
  }

  #groupOf(index) {
    return this.#groups.find(({ marks }) => marks.some((mark) => mark.index === index));
  }

  /** Shows which mark is the chosen one, and what it follows from and brought about. */
  #mark() {
    const chosen = this.#chosenGroup();
    for (const group of this.#groups) {
      const isChosen = group === chosen;
      group.node.setAttribute("tabindex", isChosen ? 0 : -1);
      if (isChosen) group.node.setAttribute("aria-current", "true");
      else group.node.removeAttribute("aria-current");
    }
    if (!chosen) this.#groups[0]?.node.setAttribute("tabindex", 0);
    const { cause, position } = this.#entries[this.#index];
    const related = this.#entries.flatMap((entry, index) => {
      const isRelated = (cause !== null && entry.position === cause) || (position !== null && entry.cause === position);
      return isRelated ? [this.#groupOf(index)] : [];
    });
    const ends = [...new Set(related)].filter((group) => group && chosen && group !== chosen);
    this.#svg.querySelector(".causes").replaceChildren(...ends.map((group) => arcBetween(chosen, group)));
  }

  #press({ marks }) {
    const at = marks.findIndex(({ index }) => index === this.#index);
    this.#onChoose(marks[(at + 1) % marks.length].index);
    this.#svg.querySelector("[aria-current]")?.focus();
  }

  #pressed(event) {
    const at = this.#groups.findIndex(({ node }) => node === document.activeElement);
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const goes = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: this.#groups.length - 1 }[event.key];
    if (goes !== undefined) this.#groups[goes]?.node.focus();
    else if (event.key === "Enter" || event.key === " ") this.#press(this.#groups[at]);
    else return;
    event.preventDefault();
  }

  #say() {
    const { from, to } = this.#window;
    const before = this.#moments.filter((moment) => moment < from).length;
    const after = this.#moments.filter((moment) => moment > to).length;
    const outside = [before && `${before} before`, after && `${after} more until ${untilName(to, this.#whole.to)}`].filter(Boolean).join(", ");
    const [over, ahead] = this.#spans;
    const scales = ahead ? `. Not to one scale: ${lengthName(over.to - over.from)} before now, ${lengthName(ahead.to - ahead.from)} after it.` : "";
    this.#onWindow(timeRange(from, to) + (outside && `; ${outside}`) + scales, this.#window === this.#whole);
  }
}

const isIn = ({ from, to }, moment) => moment >= from && moment <= to;

/** What a mark is, in words: one entry, or how many of which kind. */
function labelOf(entries) {
  const [first] = entries;
  const come = first.is_to_come && entries.length > 1 ? "to come, " : "";
  if (entries.length === 1) return `${placeOf(first)}: ${nameOf(first)}, ${exactTime(momentOf(first))}`;
  const kinds = [...new Set(entries.map(({ kind }) => kind))];
  const counts = kinds.map((kind) => `${entries.filter((entry) => entry.kind === kind).length} ${kind}`);
  return `${come}${counted(entries.length, "entry", "entries")}: ${listed(counts)}, ${timeRange(momentOf(first), momentOf(entries.at(-1)))}`;
}

function laneAt(top, name, nowX, gap, width) {
  const y = top + 36;
  return [
    drawn("text", { class: "lane", x: 0, y: top + 15 }, name),
    drawn("line", { class: "line", x1: 0, x2: nowX - gap, y1: y, y2: y }),
    drawn("line", { class: "line ahead", x1: nowX + gap, x2: width, y1: y, y2: y }),
  ];
}

function ticksIn(span, height) {
  const x = scaleOf([span]);
  const [from, to] = [span.left - APART / 2, span.right + APART / 2];
  const ticks = ticksOf(span, Math.max(1, Math.floor((span.right - span.left) / TICK_WIDTH)));
  // A span that is narrower than a label has two of them at times.
  const apart = ticks.filter(({ at }, index) => index === 0 || x(at) - x(ticks[index - 1].at) > TICK_WIDTH * 0.75);
  return apart.map(({ at, label }) =>
    drawn("g", { class: "tick" }, drawn("line", { x1: x(at), x2: x(at), y1: TOP, y2: height - AXIS + 4 }), textAt(x(at), height - 6, label, from, to)),
  );
}

function nowAt(x, width, height) {
  return [drawn("line", { class: "now", x1: x, x2: x, y1: TOP - 4, y2: height - AXIS - 4 }), textAt(x, 12, "now", 0, width, "now")];
}

/** The axis, broken at now, and how long a time each side of it has. */
function breakAt(x, over, ahead, width, height) {
  const y = height - AXIS + 4;
  const lengthOf = ({ from, to, left, right }, text) => textAt((left + right) / 2, 12, text(lengthName(to - from)), 0, width, "length");
  return [
    drawn("path", { class: "axis", d: `M0 ${y}H${x - 4}M${x + 4} ${y}H${width}M${x - 7} ${y + 6}l6-12M${x + 1} ${y + 6}l6-12` }),
    lengthOf(over, (length) => `← ${length}`),
    lengthOf(ahead, (length) => `${length} →`),
  ];
}

/** Text around `x` that stays between `from` and `to`. */
function textAt(x, y, text, from, to, name) {
  const half = text.length * HALF_LETTER;
  return drawn("text", { class: name, x: Math.max(Math.min(x, to - half), from + half), y, "text-anchor": "middle" }, text);
}

function arcBetween(a, b) {
  const lift = a.y === b.y ? 30 : 0;
  return drawn("path", { d: `M${a.x} ${a.y}Q${(a.x + b.x) / 2} ${(a.y + b.y) / 2 - lift} ${b.x} ${b.y}` });
}
