// The life as a line in time, drawn as SVG: a lane for each sort of entry, what is to come hollow after the mark of now.
import { drawn } from "./dom.js";
import { groupsOf, scaleOf, ticksOf } from "./scale.js";
import { laneOf, lanesOf, pillOf, shapeOf, targetOf } from "./shapes.js";
import { counted, exactTime, listed, momentOf, nameOf, placeOf, timeRange } from "./words.js";

const [TOP, LANE, AXIS, EDGE] = [22, 58, 26, 24];
/** Two marks at least so far apart: a finger's place (WCAG 2.2, 2.5.8). */
const APART = 28;
const TICK_WIDTH = 96;
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
  #window = this.#whole;
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
    const [from, to] = [Math.min(now, ...this.#moments), Math.max(now, ...this.#moments)];
    // A life of a moment has some time around it.
    this.#whole = to > from ? { from, to } : { from: from - CLOSEST_MS, to: to + CLOSEST_MS };
    this.#window = this.#whole;
    this.#index = 0;
    this.#draw();
  }

  clear() {
    this.#entries = this.#moments = this.#groups = [];
    this.#svg.replaceChildren();
  }

  choose(index) {
    this.#index = index;
    if (this.#isWithin(this.#moments[index])) this.#mark();
    else this.showWhole();
  }

  showWhole() {
    this.#window = this.#whole;
    this.#draw();
  }

  /** Only what lies around the chosen entry: its group, or a quarter of the time shown. */
  lookCloser() {
    const moments = this.#chosenGroup()?.marks.map(({ index }) => this.#moments[index]) ?? [];
    const [from, to] = [Math.min(...moments), Math.max(...moments)];
    const { from: start, to: end } = this.#window;
    const middle = to > from ? (from + to) / 2 : this.#moments[this.#index];
    const half = Math.max(to > from ? (to - from) * 0.6 : (end - start) / 8, CLOSEST_MS / 2);
    this.#window = { from: Math.max(middle - half, this.#whole.from), to: Math.min(middle + half, this.#whole.to) };
    this.#draw();
  }

  #isWithin(moment) {
    return moment >= this.#window.from && moment <= this.#window.to;
  }

  #draw() {
    const width = this.#svg.clientWidth;
    if (!width || this.#entries.length === 0) return;
    const hadFocus = this.#svg.contains(document.activeElement);
    const lanes = lanesOf(this.#entries);
    const height = TOP + lanes.length * LANE + AXIS;
    const x = scaleOf(this.#window, width, EDGE);
    const nowX = Math.min(Math.max(x(this.#now), 0), width);
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#svg.setAttribute("height", height);
    this.#groups = lanes.flatMap((lane, at) => this.#groupsIn(lane, x, TOP + at * LANE + 36)).sort((a, b) => a.x - b.x || a.y - b.y);
    this.#svg.replaceChildren(
      ...ticksOf(this.#window, Math.max(2, Math.floor(width / TICK_WIDTH))).map((tick) => tickAt(x(tick.at), tick.label, width, height)),
      ...lanes.flatMap((lane, at) => laneAt(TOP + at * LANE, lane, nowX, width)),
      ...(this.#isWithin(this.#now) ? nowAt(nowX, width, height) : []),
      drawn("g", { class: "causes" }),
      ...this.#groups.map(({ node }) => node),
    );
    this.#mark();
    if (hadFocus) this.#svg.querySelector("[tabindex='0']")?.focus();
    this.#say();
  }

  #groupsIn(lane, x, y) {
    const marks = this.#entries.flatMap((entry, index) => {
      const isHere = laneOf(entry) === lane && this.#isWithin(this.#moments[index]);
      return isHere ? [{ index, x: x(this.#moments[index]), isToCome: entry.is_to_come }] : [];
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
    const outside = [before && `${before} before`, after && `${after} after`].filter(Boolean).join(", ");
    this.#onWindow(timeRange(from, to) + (outside && `; ${outside}`), this.#window === this.#whole);
  }
}

/** What a mark is, in words: one entry, or how many of which kind. */
function labelOf(entries) {
  const [first] = entries;
  const come = first.is_to_come && entries.length > 1 ? "to come, " : "";
  if (entries.length === 1) return `${placeOf(first)}: ${nameOf(first)}, ${exactTime(momentOf(first))}`;
  const kinds = [...new Set(entries.map(({ kind }) => kind))];
  const counts = kinds.map((kind) => `${entries.filter((entry) => entry.kind === kind).length} ${kind}`);
  return `${come}${counted(entries.length, "entry", "entries")}: ${listed(counts)}, ${timeRange(momentOf(first), momentOf(entries.at(-1)))}`;
}

function laneAt(top, name, nowX, width) {
  const y = top + 36;
  return [
    drawn("text", { class: "lane", x: 0, y: top + 15 }, name),
    drawn("line", { class: "line", x1: 0, x2: nowX, y1: y, y2: y }),
    drawn("line", { class: "line ahead", x1: nowX, x2: width, y1: y, y2: y }),
  ];
}

function tickAt(x, label, width, height) {
  return drawn("g", { class: "tick" }, drawn("line", { x1: x, x2: x, y1: TOP, y2: height - AXIS + 4 }), drawn("text", { ...textAt(x, width), y: height - 6 }, label));
}

function nowAt(x, width, height) {
  return [drawn("line", { class: "now", x1: x, x2: x, y1: TOP - 4, y2: height - AXIS + 4 }), drawn("text", { class: "now", ...textAt(x, width), y: 12 }, "now")];
}

/** Text under `x` that stays within the picture. */
function textAt(x, width) {
  const room = TICK_WIDTH / 2;
  if (x < room) return { x: 0, "text-anchor": "start" };
  return x > width - room ? { x: width, "text-anchor": "end" } : { x, "text-anchor": "middle" };
}

function arcBetween(a, b) {
  const lift = a.y === b.y ? 30 : 0;
  return drawn("path", { d: `M${a.x} ${a.y}Q${(a.x + b.x) / 2} ${(a.y + b.y) / 2 - lift} ${b.x} ${b.y}` });
}
