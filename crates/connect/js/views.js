// The screens that a page begins with. A view is `{node, update?, focus?}`: `update` takes the same screen with other state, or the
// same state in other words; `focus` is where the keyboard goes when it appears.
import { h, segments } from "./dom.js";
import { trusted } from "./policy.js";

export const card = (...children) => h("div", { part: "card", className: "card" }, ...children);

/** A heading that can be read out when its screen appears. */
export const heading = (text) => h("h2", { part: "heading", tabIndex: -1 }, text);

/** A button that stays where the keyboard is while its work is under way. */
export function button(kind, text, onclick) {
  const act = (event) => {
    if (element.getAttribute("aria-disabled") === "true") event.preventDefault();
    else onclick?.(event);
  };
  const element = h("button", { part: "button", className: kind, type: onclick ? "button" : "submit", onclick: act }, text);
  return element;
}

/** What went wrong with the last answer: read out when it appears. */
export function alertBox() {
  return h("p", { className: "message", part: "message", role: "alert" });
}

/**
 * Shows in `box` what is said about the answer, by us or by the insurance company, and on `submit`, which says `label` else, that
 * one is under way. `refused` names what is said where the company itself says nothing.
 */
export function state(ui, submit, label, box, { refused, busy = "loading" } = {}) {
  let told = "[]";
  return (screen) => {
    submit.setAttribute("aria-disabled", String(Boolean(screen.busy)));
    submit.textContent = screen.busy ? ui.text(busy) : label();
    const said = screen.message?.length > 0 ? screen.message : screen.refused && refused ? [{ text: ui.text(refused) }] : [];
    const news = screen.problem ? [{ text: ui.text(screen.problem) }] : said;
    if (JSON.stringify(news) === told) return;
    told = JSON.stringify(news);
    box.replaceChildren(...segments(news));
    if (news.length > 0) box.scrollIntoView?.({ block: "nearest" });
  };
}

export function start(ui, screen) {
  const box = alertBox();
  let { resumes } = screen;
  const name = () => (resumes ? "resume" : ui.isReconnect ? "reconnect" : "start");
  const label = () => (name() === "start" && ui.label) || ui.text(name());
  const main = button("main", label, () => ui.begin());
  const said = () => ui.text(`${name()}Note`);
  const note = h("p", { className: "muted", part: "text" }, said);
  const settle = state(ui, main, label, box, { busy: "opening" });
  const update = (screen) => {
    resumes = screen.resumes;
    note.textContent = said();
    settle(screen);
  };
  return { node: card(box, h("p", {}, main), note), focus: main, update };
}

/** Canopy's window is open. The way out is always there; it comes before all else when the window says nothing. */
export function hosted(ui) {
  const box = alertBox();
  const out = h("div", {}, box, button("other", ui.say("stop"), () => ui.session.closeHosted()));
  const update = ({ problem }) => {
    const isAbove = Boolean(problem) && !ui.isInline;
    box.textContent = problem ? ui.text(problem) : "";
    if (out.classList.toggle("above", isAbove) === (out.popover === "manual")) return;
    // Over whatever Canopy's window lies on, without being moved in the page.
    out.popover = isAbove ? "manual" : null;
    if (isAbove) out.showPopover?.();
  };
  return { node: card(ui.isInline ? h("slot", { name: "canopy" }) : h("p", { className: "muted", part: "text" }, ui.say("hosted")), out), update };
}

export function consent(ui) {
  const box = alertBox();
  const sentence = () => ui.text("consentSentence", { label: ui.text("agree") });
  const label = ui.say("agree");
  const said = h("p", { part: "text" }, sentence);
  // Agreed is to what stands there.
  const main = button("main", label, () => ui.agree(said.textContent));
  const terms = h("details", {}, h("summary", {}, ui.say("terms")));
  // The terms are Canopy's HTML: they stand in a frame in which nothing runs.
  const show = ({ terms_html: html }) =>
    h("iframe", {
      className: "terms",
      title: ui.say("termsTitle"),
      sandbox: "allow-popups allow-popups-to-escape-sandbox",
      referrerPolicy: "no-referrer",
      srcdoc: trusted("createHTML", html),
    });
  let asked = false;
  terms.addEventListener("toggle", () => {
    if (!terms.open || asked) return;
    asked = true;
    ui.terms().then((read) => terms.append(show(read)), () => (asked = false));
  });
  const points = h("ul", { part: "text" });
  const settle = state(ui, main, label, box);
  const update = (screen) => {
    points.replaceChildren(...ui.text("consentPoints").map((point) => h("li", {}, point)));
    settle(screen);
  };
  return { node: card(heading(ui.say("consentHeading")), points, said, box, h("p", {}, main), terms), update };
}

export function failed(ui, screen) {
  const acts = { retry: ["retry", () => ui.retry()], "start-over": ["startOver", () => ui.startOver()] }[screen.recovery];
  return {
    node: card(
      heading(ui.say("failedHeading")),
      h("p", { className: "message", part: "message", role: "alert" }, () => ui.why(screen)),
      acts && h("p", {}, button("main", ui.say(acts[0]), acts[1])),
    ),
  };
}
