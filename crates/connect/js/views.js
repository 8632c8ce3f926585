// The screens that both modes show. A view is `{node, update?, focus?}`: `update` takes the same screen with other state,
// `focus` is where the keyboard goes when it appears.
import { h, segments } from "./dom.js";

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
 * Shows in `box` what is said about the answer, by us or by the insurance company, and on `submit` that one is under
 * way. `refused` is said where the company itself says nothing.
 */
export function state(ui, submit, box, { refused, busy: busyText = ui.text("loading") } = {}) {
  const text = submit.textContent;
  let told = "[]";
  return (screen) => {
    submit.setAttribute("aria-disabled", String(Boolean(screen.busy)));
    submit.textContent = screen.busy ? busyText : text;
    const said = screen.message?.length > 0 ? screen.message : screen.refused && refused ? [{ text: refused }] : [];
    const news = screen.problem ? [{ text: ui.text(screen.problem) }] : said;
    if (JSON.stringify(news) === told) return;
    told = JSON.stringify(news);
    box.replaceChildren(...segments(news));
  };
}

export function start(ui) {
  const box = alertBox();
  const isReconnect = ui.isReconnect;
  const label = isReconnect ? ui.text("reconnect") : (ui.label ?? ui.text("start"));
  const main = button("main", label, () => ui.begin());
  const note = h("p", { className: "muted", part: "text" }, ui.text(isReconnect ? "reconnectNote" : "startNote"));
  return {
    node: h("div", { part: "card", className: "card" }, box, h("p", {}, main), note),
    focus: main,
    update: state(ui, main, box, { busy: ui.text("opening") }),
  };
}

export function hosted(ui) {
  const slot = ui.isInline && h("slot", { name: "canopy" });
  return { node: h("div", { part: "card", className: "card" }, slot || h("p", { className: "muted", part: "text" }, ui.text("hosted"))) };
}

export function consent(ui) {
  const box = alertBox();
  const sentence = ui.text("consentSentence", { label: ui.text("agree") });
  const main = button("main", ui.text("agree"), () => ui.agree(sentence));
  const terms = h("details", {}, h("summary", {}, ui.text("terms")));
  // The terms are Canopy's HTML: they stand in a frame in which nothing runs.
  const show = ({ terms_html: srcdoc }) =>
    h("iframe", {
      className: "terms",
      title: ui.text("termsTitle"),
      sandbox: "allow-popups allow-popups-to-escape-sandbox",
      referrerPolicy: "no-referrer",
      srcdoc,
    });
  terms.addEventListener("toggle", () => {
    if (terms.open && terms.children.length === 1) ui.session.terms().then((read) => terms.append(show(read)), () => {});
  });
  const points = ui.text("consentPoints").map((point) => h("li", {}, point));
  return {
    node: h(
      "div",
      { part: "card", className: "card" },
      heading(ui.text("consentHeading")),
      h("ul", { part: "text" }, points),
      terms,
      h("p", { part: "text" }, sentence),
      box,
      h("p", {}, main),
    ),
    update: state(ui, main, box),
  };
}

export function waiting(ui, screen) {
  const fill = h("i");
  const bar = h("div", { className: "bar", part: "progress", role: "progressbar", "aria-label": ui.text("waitingHeading"), "aria-valuemin": "0", "aria-valuemax": "100" }, fill);
  const step = h("p", { part: "text" });
  const leave = h("p", { className: "muted", part: "text" });
  const again = h("p", { hidden: screen.step !== "uncertain" }, button("other", ui.text("startOver"), () => ui.startOver()));
  const update = ({ step: name, progress, mayLeave }) => {
    const percent = Math.round(progress * 100);
    bar.setAttribute("aria-valuenow", percent);
    bar.setAttribute("aria-valuetext", ui.text(name));
    fill.style.width = `${percent}%`;
    step.textContent = ui.text(name);
    leave.textContent = mayLeave ? ui.text("mayLeave") : "";
    again.hidden = name !== "uncertain";
    ui.announce(ui.text(name));
  };
  return { node: h("div", { part: "card", className: "card" }, heading(ui.text("waitingHeading")), bar, step, leave, again), update };
}

export function done(ui, { policyTypes, confirmations }) {
  const kinds = [...new Set(policyTypes)].map((type) => {
    const count = policyTypes.filter((other) => other === type).length;
    return h("li", {}, `${count} × ${ui.readable(type)}`);
  });
  const changes = confirmations.map((answer) => h("p", { part: "text" }, ui.text({ confirmed: "doneConfirmed", rejected: "doneRejected" }[answer] ?? "doneUnknown")));
  return {
    node: h(
      "div",
      { part: "card", className: "card" },
      heading(ui.text("doneHeading")),
      changes,
      h("p", { part: "text" }, ui.text("done")),
      kinds.length > 0 && [h("p", { part: "text" }, ui.text("donePolicies")), h("ul", { part: "text" }, kinds)],
    ),
  };
}

export function failed(ui, { code, recovery }) {
  const acts = { retry: ["retry", () => ui.retry()], "start-over": ["startOver", () => ui.startOver()] }[recovery];
  return {
    node: h(
      "div",
      { part: "card", className: "card" },
      heading(ui.text("failedHeading")),
      h("p", { className: "message", part: "message", role: "alert" }, ui.text(code)),
      acts && h("p", {}, button("main", ui.text(acts[0]), acts[1])),
    ),
  };
}
