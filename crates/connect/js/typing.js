// What is typed into the element's own fields is theirs. To the page it comes from `<canopy-connect>`, which is no field: shortcuts of
// a single key would take it, and what forbids copying outside of fields would forbid it here.

const OURS = ["keydown", "keypress", "keyup", "mousedown", "selectstart", "cut", "copy", "paste"];
/** What is around the field listens to these: a dialog that closes, a trap that keeps the focus. */
const FOR_ALL = ["Escape", "Tab"];

function keep(event) {
  const { target, type, key } = event;
  if (!target.matches?.("input, textarea, select") || FOR_ALL.includes(key)) return;
  event.stopPropagation();
  // Where the page has listened on the way down, the key has been forbidden before it came here.
  if (!event.defaultPrevented || !["keydown", "keypress"].includes(type) || key?.length !== 1 || event.ctrlKey || event.metaKey) return;
  if (typeof target.selectionStart !== "number") return;
  target.setRangeText(key, target.selectionStart, target.selectionEnd, "end");
  target.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Keeps from the page what is typed into fields of the shadow tree `root`. */
export function keepTyping(root) {
  for (const type of OURS) root.addEventListener(type, keep);
}
