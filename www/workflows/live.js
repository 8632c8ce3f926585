// Keeps what is shown as it is at the edge, by asking again.

const [SOONEST_MS, LATEST_MS] = [2_000, 20_000];

/**
 * Calls `look` again and again until it gives "over" or `signal` is aborted: soon after something has changed, ever more seldom while
 * nothing does or while it fails. While nobody sees the page it stands still.
 * @param {() => Promise<"changed" | "same" | "over">} look
 */
export async function live(look, signal) {
  let pause = SOONEST_MS;
  while (!signal.aborted) {
    await waited(pause, signal);
    await seen(signal);
    if (signal.aborted) return;
    const found = await look().catch(() => "same");
    if (found === "over") return;
    pause = found === "changed" ? SOONEST_MS : Math.min(pause * 1.5, LATEST_MS);
  }
}

function waited(length, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, length);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/** Until somebody sees the page. */
function seen(signal) {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true, signal });
    signal.addEventListener("abort", resolve, { once: true });
  });
}
