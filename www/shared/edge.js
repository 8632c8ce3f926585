// What a page of the back office asks of the edge. The token stays in here.

/** The edge said no: `message` for people, `status`, `code`, and `errors` where it said what is wrong in the body: `{ pointer, detail }`. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem?.title ? `${problem.title}: ${problem.detail}.` : `The edge answered ${status}.`);
    this.status = status;
    this.code = problem?.code;
    this.errors = problem?.errors ?? [];
  }
}

export class Edge {
  #authorization;
  #gone = new AbortController();

  constructor(token) {
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

  /**
   * What the edge answers on `path`, as a value; `null` where it answers without a body. `body` is JSON in text.
   * @throws {Refusal}
   */
  async ask(path, { method = "GET", body } = {}) {
    const headers = { authorization: this.#authorization, ...(body !== undefined && { "content-type": "application/json" }) };
    const response = await fetch(path, { method, body, headers, signal: this.#gone.signal }).catch(() => {
      throw new Error("The edge could not be reached. Check the connection, then try again.");
    });
    if (response.status === 204) return null;
    const answer = await response.json().catch(() => undefined);
    if (response.ok && answer) return answer;
    if (response.ok) throw new Error("The edge’s answer broke off. Try again.");
    throw new Refusal(response.status, answer);
  }
}

/** `path` with those of `parameters` that are something. */
export function withQuery(path, parameters) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== ""));
  return query.size > 0 ? `${path}?${query}` : path;
}
