// What a visit comes to, screen by screen: `canopy-event`, and where the page asks for it a report to the edge. Nothing of the visitor's is in
// either.

/** Screens in the order of the way. */
const WAY = ["start", "consent", "hosted", "carriers", "upload", "credentials", "identity-option", "identity-code", "waiting", "confirmation"];
const ENDS = new Set(["done", "no-policies"]);
const place = (name) => (WAY.includes(name) ? WAY.indexOf(name) : WAY.length);
/** Of one report, within what the edge reads. */
const MOST = 20;

export class Funnel {
  #element;
  #stage;
  #since;
  #prompt;
  /** The session says so. */
  #isSure = false;
  /** What was answered before the waiting. */
  #answered;
  #company;
  #queryLength;
  /** Told, and not reported yet. */
  #events = [];

  constructor(element) {
    this.#element = element;
  }

  /** What was typed into the search: how long it was is told, and nothing else. */
  searched(query) {
    this.#queryLength = [...query].length;
  }

  /** Another screen at `edge`, or the same once more. Before there is a `session` it may not be the one where the visitor is. */
  see({ name, prompt, busy, carrierId }, session, edge) {
    this.#company = session?.carrier?.name ?? (carrierId ? this.#company : undefined);
    if (busy || (name === this.#stage && prompt === this.#prompt)) return void (this.#isSure ||= Boolean(session));
    const [before, isSure] = [this.#stage, this.#isSure];
    if (before && isSure && !ENDS.has(before)) this.#leaveFor(name);
    if (before === "waiting" || !before) this.#answered = undefined;
    else if (name === "waiting") this.#answered = before;
    [this.#stage, this.#prompt, this.#since, this.#isSure] = [name, prompt, performance.now(), Boolean(session)];
    // One that a reload finds at its end was told before.
    if (!ENDS.has(name) || !before || !isSure) return;
    this.#tell(name, "done");
    this.#report(edge);
  }

  /** The visitor goes, or the element does. */
  leave(edge) {
    if (this.#stage && !ENDS.has(this.#stage)) this.#tell(this.#stage, "left");
    this.#stage = undefined;
    this.#report(edge);
  }

  #leaveFor(next) {
    const stage = this.#stage;
    // An answer that is asked for again was refused.
    if (stage === "waiting" && next === this.#answered) return this.#tell(next, "refused");
    if (next === stage) return this.#tell(stage, "refused");
    this.#tell(stage, next === "failed" ? "failed" : place(next) < place(stage) ? "back" : "next");
  }

  #tell(stage, outcome) {
    const duration = Math.round(performance.now() - this.#since);
    const detail = { stage, outcome, duration, company: this.#company ?? null, queryLength: this.#queryLength ?? null };
    if (stage === "carriers") this.#queryLength = undefined;
    if (this.#events.length < MOST) this.#events.push({ stage, outcome, duration_ms: duration });
    this.#element.dispatchEvent(new CustomEvent("canopy-event", { detail, bubbles: true, composed: true }));
  }

  /** By what outlives the page, and gives the page's origin whatever its policy says of referrers. */
  #report(edge) {
    const events = this.#events.splice(0);
    const link = this.#element.getAttribute("funnel");
    if (!link || !edge || events.length === 0) return;
    const body = JSON.stringify({ link, events });
    fetch(`${edge}/connect/funnel`, { method: "POST", headers: { "content-type": "text/plain" }, body, keepalive: true, credentials: "omit" }).catch(() => {});
  }
}
