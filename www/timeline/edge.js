// What this page asks of the edge: the life of one pull.
import { Edge, withQuery } from "../shared/edge.js";

const PAGE = 100;

export class PullEdge extends Edge {
  #path;

  constructor(pullId, token) {
    super(token);
    this.#path = `/api/v1/pulls/${encodeURIComponent(pullId)}`;
  }

  /** The pull's view as it is, or at a position. */
  view(position) {
    return this.ask(withQuery(this.#path, { position }));
  }

  /** Every entry, and what is to come. `onPage` hears how many there are so far. */
  async timeline(onPage) {
    const entries = [];
    let cursor;
    do {
      const page = await this.ask(withQuery(`${this.#path}/timeline`, { order: "asc", limit: PAGE, cursor }));
      entries.push(...page.timeline);
      cursor = page.cursor;
      onPage(entries.length);
    } while (cursor);
    return entries;
  }

  /** The pull's life with and without. */
  simulate(asked) {
    return this.ask(`${this.#path}/simulations`, { method: "POST", body: JSON.stringify(asked) });
  }
}
