// What the screens that are loaded later have from those that a page begins with. If they imported it, the bundler would put it into a
// file of its own, and the first screen would wait for that one, too.
export let alertBox, button, card, h, heading, readable, reword, segments, state;

/** Called once, before any of the views. */
export function take(parts) {
  ({ alertBox, button, card, h, heading, readable, reword, segments, state } = parts);
}
