// The screens on which the visitor has nothing to answer: the waiting, and its end.
import { button, card, h, heading } from "./parts.js";

/** The way out where only a right answer would lead on: beginning anew, or where the page cannot, the agency. */
export const away = (ui, kind) =>
  ui.canStartOver ? button(kind, ui.say("startOver"), () => ui.startOver()) : h("span", { className: "muted", part: "text" }, ui.say("stuck"));

/** Of documents other words are said than of a login. */
const OF_DOCUMENTS = { connecting: "sending-documents", uncertain: "uncertain-documents" };

export function waiting(ui) {
  const fill = h("i");
  const bar = h("div", { className: "bar", part: "progress", role: "progressbar", "aria-label": ui.say("waitingHeading"), "aria-valuemin": "0", "aria-valuemax": "100" }, fill);
  const now = h("p", { part: "text" });
  const leave = h("p", { className: "muted", part: "text" });
  const again = h("p", {}, away(ui, "other"));
  const update = ({ step, progress, mayLeave }) => {
    const name = (ui.session.status?.uploaded && OF_DOCUMENTS[step]) || step;
    const percent = Math.round(progress * 100);
    bar.setAttribute("aria-valuenow", percent);
    bar.setAttribute("aria-valuetext", ui.text(name));
    fill.style.width = `${percent}%`;
    now.textContent = ui.text(name);
    leave.textContent = mayLeave ? ui.text("mayLeave") : "";
    // What takes long may go on; what does not is not to be waited for without an end.
    again.hidden = mayLeave;
    again.className = step === "uncertain" ? "" : "later";
    ui.announce(ui.text(name));
  };
  return { node: card(heading(ui.say("waitingHeading")), bar, now, leave, again), update };
}

/** What became of the changes, and the way to another company: an account that was brought back is this one alone. */
const changes = (ui, answers) =>
  answers.map((answer) => h("p", { part: "text" }, ui.say({ confirmed: "doneConfirmed", rejected: "doneRejected" }[answer] ?? "doneUnknown")));
const another = (ui) => ui.canStartOver && !ui.isReconnect && h("p", {}, button("other", ui.say("another"), () => ui.another()));

export function done(ui, { policyTypes, confirmations }) {
  const kinds = [...new Set(policyTypes)].map((type) => {
    const count = policyTypes.filter((other) => other === type).length;
    return h("li", {}, () => ui.text("policies", { count, type: ui.word("policyType", type) }));
  });
  return {
    node: card(
      heading(ui.say("doneHeading")),
      changes(ui, confirmations),
      h("p", { part: "text" }, ui.say(ui.session.status?.uploaded ? "doneUploaded" : "done")),
      kinds.length > 0 && [h("p", { part: "text" }, ui.say("donePolicies")), h("ul", { part: "text" }, kinds)],
      another(ui),
    ),
  };
}

export function noPolicies(ui, { confirmations }) {
  return { node: card(heading(ui.say("noPoliciesHeading")), changes(ui, confirmations), h("p", { part: "text" }, ui.say("noPolicies")), another(ui)) };
}
