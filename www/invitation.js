// Says that somebody looks at an invitation: at their first move, as scanners and link previews, which open whatever is sent, make none.
const MOVES = ["pointerdown", "pointermove", "keydown", "scroll", "touchstart"];
const done = new AbortController();

function say() {
  done.abort();
  // Where it is not heard, the session that they open says it.
  fetch(location.pathname, { method: "POST", keepalive: true, credentials: "omit" }).catch(() => {});
}

for (const move of MOVES) addEventListener(move, say, { signal: done.signal, passive: true, capture: true });
