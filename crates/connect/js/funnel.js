// What a visit comes to, screen by screen: `canopy-event`, with nothing of the consumer's in it.

/** Screens in the order of the way; of those that are not among them one is as far as the other. */
const WAY = ["start", "consent", "hosted", "carriers", "credentials", "identity-option", "identity-code", "waiting", "confirmation", "done"];
const ENDS = new Set(["done", "no-policies"]);

export class Funnel {
  #element;
  #stage;
  #since;
  #prompt;
  #company;
  #queryLength;

  constructor(element) {
    this.#element = element;
  }

  /** What was typed into the search: how long it was is told, and nothing else. */
  searched(query) {
    this.#queryLength = [...query].length;
  }

  /** Another screen, or the same once more because what was answered was refused. */
  see({ name, prompt, busy, carrierId }, session) {
    this.#company = session?.carrier?.name ?? (carrierId ? this.#company : undefined);
    if (busy || (name === this.#stage && prompt === this.#prompt)) return;
    if (this.#stage) this.#tell(this.#outcome(name));
    [this.#stage, this.#prompt, this.#since] = [name, prompt, performance.now()];
    if (ENDS.has(name)) this.#tell("reached");
  }

  /** The visitor goes, or the element does. */
  leave() {
    if (this.#stage && !ENDS.has(this.#stage)) this.#tell("left");
    this.#stage = undefined;
  }

  #outcome(next) {
    if (next === "failed") return "failed";
    if (next === this.#stage) return "refused";
    const [from, to] = [this.#stage, next].map((name) => WAY.indexOf(name));
    return to >= 0 && to < from ? "back" : "next";
  }

  #tell(outcome) {
    const detail = { stage: this.#stage, company: this.#company ?? null, queryLength: this.#queryLength ?? null, outcome, duration: Math.round(performance.now() - this.#since) };
    if (this.#stage === "carriers") this.#queryLength = undefined;
    this.#element.dispatchEvent(new CustomEvent("canopy-event", { detail, bubbles: true, composed: true }));
  }
}
