// How entries and their times are called.
import { counted, exactTime, longTime } from "../shared/words.js";
import { UNITS } from "./scale.js";

const yearOf = (time) => new Date(time).getFullYear();
/** Until when, for a reader who sees all up to `seen`: `2046`, or exactly where that is the same year. */
export const untilName = (seen, time) => (yearOf(seen) === yearOf(time) ? exactTime(time) : String(yearOf(time)));

/** About how long: `2 minutes`, `18 months`. */
export function lengthName(milliseconds) {
  const [unit, length] = UNITS.findLast(([, each]) => milliseconds >= 2 * each) ?? UNITS[0];
  return counted(Math.max(Math.round(milliseconds / length), 1), unit);
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
