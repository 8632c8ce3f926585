// What a visit comes to, screen by screen: `canopy-event`, and where the page asks for it a report to the edge. Nothing of the visitor's is in
// either.

/** Screens in the order of the way; those that are not among them are as far as any. */
const WAY = ["start", "consent", "hosted", "carriers", "credentials", "identity-option", "identity-code", "waiting", "confirmation", "done"];
const ENDS = new Set(["done", "no-policies"]);
/** Of one report, within what the edge reads. */
const MOST = 20;

export class Funnel {
  #element;
  #stage;
  #since;
  #prompt;
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

  /** Another screen of a session at `edge`, or the same once more because what was answered was refused. */
  see({ name, prompt, busy, carrierId }, session, edge) {
    this.#company = session?.carrier?.name ?? (carrierId ? this.#company : undefined);
    if (busy || (name === this.#stage && prompt === this.#prompt)) return;
    if (this.#stage) this.#tell(this.#outcome(name));
    [this.#stage, this.#prompt, this.#since] = [name, prompt, performance.now()];
    if (!ENDS.has(name)) return;
    this.#tell("done");
    this.#report(edge);
  }

  /** The visitor goes, or the element does. */
  leave(edge) {
    if (this.#stage && !ENDS.has(this.#stage)) this.#tell("left");
    this.#stage = undefined;
    this.#report(edge);
  }

  #outcome(next) {
    if (next === "failed") return "failed";
    if (next === this.#stage) return "refused";
    const [from, to] = [this.#stage, next].map((name) => WAY.indexOf(name));
    return to >= 0 && to < from ? "back" : "next";
  }

  #tell(outcome) {
    const [stage, duration] = [this.#stage, Math.round(performance.now() - this.#since)];
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
