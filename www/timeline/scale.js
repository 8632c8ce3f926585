// Time across a picture: how much of it is shown, where a moment lies, which ticks help a reader, and which marks are too near to each other.

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
/** Name, about how many milliseconds, counts that make round steps, and how a step of it is written. */
export const UNITS = [
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

/** What counts as soon: a policy's term and half of the next. */
const SOON = 18 * 30.4 * DAY;
/** Pixels between what is over and what is to come: no mark of one touches one of the other, and now stands free. */
export const BREAK = 40;

/** The whole life, `{ from, to }` in milliseconds. A life of a moment has some time before now. */
export const wholeOf = (moments, now) => ({ from: Math.min(now - SECOND, ...moments), to: Math.max(now, ...moments) });

/** All that is over, and what comes soon; where nothing does, the first that comes. */
export function nearOf(moments, now) {
  const ahead = moments.filter((moment) => moment > now);
  const soon = ahead.filter((moment) => moment <= now + SOON);
  const to = soon.length > 0 ? Math.max(...soon) : Math.min(...ahead);
  return { from: wholeOf(moments, now).from, to: ahead.length > 0 ? to : now };
}

/**
 * Where the time `{ from, to }` lies in `width`, of which `edge` stays free on both sides. With now within it, what is over and what is to
 * come are a span each, of its own scale: two minutes are to be read beside a year, so neither has less than a third of the room.
 * @returns {{ from: number, to: number, left: number, right: number }[]} milliseconds and pixels
 */
export function spansOf({ from, to }, now, width, edge) {
  const [left, right] = [edge, width - edge];
  if (now <= from || now >= to) return [{ from, to, left, right }];
  const share = Math.min(Math.max((now - from) / (to - from), 1 / 3), 2 / 3);
  const end = Math.round(left + share * (right - left - BREAK));
  return [
    { from, to: now, left, right: end },
    { from: now, to, left: end + BREAK, right },
  ];
}

/** The span of a moment. One that is to come this very moment is ahead of now. */
export const spanAt = (spans, time, isToCome) => spans.find(({ to }) => (isToCome ? time < to : time <= to)) ?? spans.at(-1);

/** Pixels of a moment within `spans`. */
export function scaleOf(spans) {
  return (time, isToCome) => {
    const { from, to, left, right } = spanAt(spans, time, isToCome);
    return left + ((time - from) / Math.max(to - from, 1)) * (right - left);
  };
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
  const parts = clockOf(from).slice(0, index + 1);
  // Days and months are counted from one and from nought, years in whole.
  const least = unit === "day" ? 1 : 0;
  parts[index] -= (parts[index] - least) % count;
  return timeOf(parts);
}

/** Where clocks are set, a local time may come twice or not at all: the next one is later in any case. */
function nextTick(at, { unit, count, length }) {
  const parts = clockOf(at);
  parts[PARTS.indexOf(unit)] += count;
  const next = timeOf(parts);
  return next > at ? next : at + length;
}

function clockOf(time) {
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
