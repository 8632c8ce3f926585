// What this page asks of the edge. The token stays in here.

const PAGE = 100;

export class Edge {
  #path;
  #authorization;
  #gone = new AbortController();

  constructor(pullId, token) {
    this.#path = `/api/v1/pulls/${encodeURIComponent(pullId)}`;
    this.#authorization = `Bearer ${token}`;
  }

  get isForgotten() {
    return this.#gone.signal.aborted;
  }

  /** Breaks off what is under way. */
  forget() {
    this.#authorization = undefined;
    this.#gone.abort();
  }

  /** The pull's view as it is, or at a position. */
  view(position) {
    return this.#ask(position ? `?position=${position}` : "");
  }

  /** Every entry, and what is to come. `onPage` hears how many there are so far. */
  async timeline(onPage) {
    const entries = [];
    let cursor;
    do {
      const page = await this.#ask(`/timeline?${new URLSearchParams({ order: "asc", limit: PAGE, ...(cursor && { cursor }) })}`);
      entries.push(...page.timeline);
      cursor = page.cursor;
      onPage(entries.length);
    } while (cursor);
    return entries;
  }

  /** The pull's life with and without. */
  simulate(asked) {
    return this.#ask("/simulations", { method: "POST", body: JSON.stringify(asked), headers: { "content-type": "application/json" } });
  }

  async #ask(below, { headers, ...init } = {}) {
    const { signal } = this.#gone;
    const response = await fetch(this.#path + below, { ...init, signal, headers: { authorization: this.#authorization, ...headers } }).catch(() => {
      throw new Error("The edge could not be reached. Check the connection, then try again.");
    });
    const answer = await response.json().catch(() => undefined);
    if (response.ok && answer) return answer;
    if (response.ok) throw new Error("The edge’s answer broke off. Try again.");
    throw new Error(answer?.title ? `${answer.title}: ${answer.detail}.` : `The edge answered ${response.status}.`);
  }
}
