// Time across a picture: where a moment lies, which ticks help a reader, and which marks are too near to each other.

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
const UNITS = [
  ["second", SECOND, [1, 2, 5, 10, 15, 30], { hour: "numeric", minute: "2-digit", second: "2-digit" }],
  ["minute", MINUTE, [1, 2, 5, 10, 15, 30], { hour: "numeric", minute: "2-digit" }],
  ["hour", HOUR, [1, 2, 3, 6, 12], { hour: "numeric", minute: "2-digit" }],
  ["day", DAY, [1, 2, 4, 7, 14], { day: "numeric", month: "short" }],
  ["month", 30.4 * DAY, [1, 2, 3, 6], { month: "short", year: "numeric" }],
  ["year", 365.25 * DAY, [1, 2, 5, 10, 20, 50, 100], { year: "numeric" }],
];
const STEPS = UNITS.flatMap(([unit, length, counts, format]) => counts.map((count) => ({ unit, count, length: length * count, format })));
/** The parts of a local time, each the index of an argument of `Date`, from the year on. */
const PARTS = ["year", "month", "day", "hour", "minute", "second"];

/** From `from` to `to` in milliseconds over `width`, of which `edge` stays free on both sides. */
export function scaleOf({ from, to }, width, edge) {
  const length = Math.max(to - from, 1);
  return (time) => edge + ((time - from) / length) * (width - 2 * edge);
}

/** Round moments of the reader's clock: about as many as there is room for, `most`, and at least one. */
export function ticksOf(range, most) {
  const fitting = STEPS.findIndex(({ length }) => (range.to - range.from) / length <= most);
  const at = fitting < 0 ? STEPS.length - 1 : fitting;
  const ticks = ticksBy(STEPS[at], range);
  // Between two of a coarse step may lie the whole range.
  return ticks.length > 0 || at === 0 ? ticks : ticksBy(STEPS[at - 1], range);
}

function ticksBy(step, { from, to }) {
  const label = new Intl.DateTimeFormat(undefined, step.format);
  const ticks = [];
  for (let at = firstTick(from, step); at <= to; at = nextTick(at, step)) {
    if (at >= from) ticks.push({ at, label: label.format(at) });
  }
  return ticks;
}

function firstTick(from, { unit, count }) {
  const index = PARTS.indexOf(unit);
  const parts = partsOf(from).slice(0, index + 1);
  // Days and months are counted from one and from nought, years in whole.
  const least = unit === "day" ? 1 : 0;
  parts[index] -= (parts[index] - least) % count;
  return timeOf(parts);
}

/** Where clocks are set, a local time may come twice or not at all: the next one is later in any case. */
function nextTick(at, { unit, count, length }) {
  const parts = partsOf(at);
  parts[PARTS.indexOf(unit)] += count;
  const next = timeOf(parts);
  return next > at ? next : at + length;
}

function partsOf(time) {
  const date = new Date(time);
  return [date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()];
}

const timeOf = ([year, month = 0, day = 1, ...clock]) => new Date(year, month, day, ...clock).getTime();

/**
 * Marks of one lane, `{ x, isToCome }` from left to right, put together where they are nearer than `apart`. What is over is never
 * put together with what is to come.
 * @returns {{ x: number, marks: any[] }[]} each `apart` from the one before
 */
export function groupsOf(marks, apart) {
  const groups = [];
  for (const mark of marks) {
    const last = groups.at(-1);
    if (last && mark.x - last.x < apart && last.marks[0].isToCome === mark.isToCome) last.marks.push(mark);
    else groups.push({ x: Math.max(mark.x, last ? last.x + apart : mark.x), marks: [mark] });
  }
  return groups;
}
