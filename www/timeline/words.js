// How entries and times are called, in the reader's own calendar and zone.
import { UNITS } from "./scale.js";

const LONG = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export const ZONE = LONG.resolvedOptions().timeZone;

export const longTime = (time) => LONG.format(new Date(time));
export const exactTime = (time) => EXACT.format(new Date(time));
export const timeRange = (from, to) => EXACT.formatRange(from, to);
const yearOf = (time) => new Date(time).getFullYear();
/** Until when, for a reader who sees all up to `seen`: `2046`, or exactly where that is the same year. */
export const untilName = (seen, time) => (yearOf(seen) === yearOf(time) ? exactTime(time) : String(yearOf(time)));

/** About how long: `2 minutes`, `18 months`. */
export function lengthName(milliseconds) {
  const [unit, length] = UNITS.findLast(([, each]) => milliseconds >= 2 * each) ?? UNITS[0];
  return counted(Math.max(Math.round(milliseconds / length), 1), unit);
}

/** A moment as an element that machines read, too. */
export function timeElement(time) {
  const made = document.createElement("time");
  made.dateTime = new Date(time).toISOString();
  made.textContent = exactTime(time);
  return made;
}

/**
 * When an entry stands in the life: what is over cannot count later than it was written down, whatever time it speaks of.
 * @returns {number} milliseconds
 */
export function momentOf({ is_to_come, recorded_at, effective_at }) {
  const counts = Date.parse(effective_at ?? recorded_at);
  return is_to_come || !recorded_at ? counts : Math.min(counts, Date.parse(recorded_at));
}

export const nameOf = ({ kind, event_type }) => (event_type ? `${kind} ${event_type}` : kind);
/** An entry by its place in the log; what is to come has none. */
export const placeOf = ({ position }) => (position === null ? "to come" : `entry ${position}`);
export const counted = (count, one, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;
/** `a, b and c`. */
export const listed = (words) => new Intl.ListFormat("en", { type: "conjunction" }).format(words);

/** As a range input says where it stands. */
export function stepOf(entry, index, total) {
  return `entry ${index + 1} of ${total}${entry.is_to_come ? ", to come" : ""}: ${nameOf(entry)}, ${longTime(momentOf(entry))}`;
}

/** A member of the view by its path: `own.QUOTE_SENT.position`, `documents[2].state`. */
export const pathName = (path) => path.map((step, at) => (typeof step === "number" ? `[${step}]` : at ? `.${step}` : step)).join("");

/** A single value as the reader sees it. */
export function valueName(value) {
  if (value === "") return "empty text";
  if (Array.isArray(value)) return value.length ? JSON.stringify(value) : "none";
  if (typeof value === "object" && value !== null) return Object.keys(value).length ? JSON.stringify(value) : "none";
  return String(value);
}
