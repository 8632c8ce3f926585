// Says that somebody looks at an invitation: at their first move, once a tab, as scanners and link previews, which open whatever is
// sent, make none. A page scrolls by itself, too, and a pointer lies where it lay.
const MOVES = ["pointerdown", "keydown", "touchstart"];
const SAID = `invitation ${location.pathname}`;
const done = new AbortController();

/** Whether this tab has said so; one that may keep nothing has not. */
function wasSaid() {
  try {
    return sessionStorage.getItem(SAID) !== null;
  } catch {
    return false;
  }
}

function say({ isTrusted }) {
  if (!isTrusted) return;
  done.abort();
  try {
    sessionStorage.setItem(SAID, "");
  } catch {}
  // Where it is not heard, the session that they open says it.
  fetch(location.pathname, { method: "POST", keepalive: true, credentials: "omit" }).catch(() => {});
}

if (!wasSaid()) for (const move of MOVES) addEventListener(move, say, { signal: done.signal, passive: true, capture: true });
