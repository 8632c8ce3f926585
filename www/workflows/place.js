// Where the page stands: the hash of its address, which no server hears of. It has names, never the token.

/**
 * A place, read from a hash like `#/runs/p-1-1` or `#/runs?status=failed`.
 * @returns {{ view: string, id: string | undefined, query: Record<string, string> }}
 */
export function placeOf(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [view, id] = path.split("/").map(decoded);
  return { view, id: id || undefined, query: Object.fromEntries(new URLSearchParams(query)) };
}

/** What somebody wrote into the address may be no encoding. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The hash of a place. What is empty in `query` is left out. */
export function hashOf(view, id, query = {}) {
  const told = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  return `#/${view}${id ? `/${encodeURIComponent(id)}` : ""}${told.size > 0 ? `?${told}` : ""}`;
}
