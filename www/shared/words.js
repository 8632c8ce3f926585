// How times and numbers are called, in the reader's own calendar and zone.

const LONG = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export const ZONE = LONG.resolvedOptions().timeZone;

export const longTime = (time) => LONG.format(new Date(time));
export const exactTime = (time) => EXACT.format(new Date(time));
export const timeRange = (from, to) => EXACT.formatRange(from, to);

/** A moment as an element that machines read, too. */
export function timeElement(time) {
  const made = document.createElement("time");
  made.dateTime = new Date(time).toISOString();
  made.textContent = exactTime(time);
  return made;
}

export const counted = (count, one, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;
/** `a, b and c`. */
export const listed = (words) => new Intl.ListFormat("en", { type: "conjunction" }).format(words);
