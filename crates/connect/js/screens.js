// The screens that follow the first. Loaded before one of them is to be shown.
import { away } from "./outcome.js";
import { alertBox, button, card, h, heading, state } from "./parts.js";

export { credentials } from "./credentials.js";
export { done, noPolicies, waiting } from "./outcome.js";
export { take } from "./parts.js";
export { CSS } from "./screens-style.js";
export { TEXTS } from "./screens-texts.js";
export { keepTyping } from "./typing.js";

const MOST_CARRIERS = 60;
let ids = 0;
const newId = (name) => `${name}-${++ids}`;

export function carriers(ui) {
  const list = h("ul", { className: "list", part: "list", role: "listbox", id: newId("list"), "aria-label": ui.say("carriersHeading") });
  const found = h("p", { className: "muted note", role: "status" });
  const input = h("input", {
    part: "input",
    type: "search",
    id: newId("search"),
    autocomplete: "off",
    spellcheck: false,
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    "aria-expanded": "true",
  });
  let all;
  let shown = [];
  let active = -1;

  const choose = (carrier) => carrier && ui.session.chooseCarrier(carrier.carrier_id);
  const move = (to) => {
    active = shown.length === 0 ? -1 : Math.max(0, Math.min(to, shown.length - 1));
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    const option = list.children[active];
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };
  const fill = () => {
    ui.searched(input.value);
    all = ui.session.searchCarriers(input.value);
    shown = all.slice(0, MOST_CARRIERS);
    list.replaceChildren(...shown.map((carrier) => option(carrier, () => choose(carrier))));
    list.hidden = shown.length === 0;
    count();
    move(input.value ? 0 : -1);
  };
  const count = () => {
    const more = all ? all.length - shown.length : 0;
    const name = !all ? "loading" : all.length === 0 ? "carriersNone" : all.length === 1 ? "carriersOne" : "carriersFound";
    const text = ui.text(name, { count: all?.length }) + (more > 0 ? ` ${ui.text("carriersMore", { count: more })}` : "");
    // It is read out when it changes.
    if (found.textContent !== text) found.textContent = text;
  };
  input.addEventListener("input", fill);
  input.addEventListener("keydown", (event) => {
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + 6, PageUp: active - 6 }[event.key];
    if (to !== undefined) move(to);
    else if (event.key === "Enter") choose(shown[active]);
    else if (event.key === "Escape" && input.value) ((input.value = ""), fill());
    else return;
    event.preventDefault();
  });
  ui.session.carriers().then(fill, () => {});
  return {
    node: card(
      heading(ui.say("carriersHeading")),
      h("label", { htmlFor: input.id }, ui.say("carriersSearch")),
      input,
      list,
      found,
      h("p", { className: "row" }, button("text", ui.say("notListed"), () => ui.leaveList(input.value.trim()))),
    ),
    focus: input,
    update: count,
  };
}

function option(carrier, onclick) {
  const color = /^#[0-9a-f]{6}$/i.test(carrier.color) ? carrier.color : "#55625b";
  const badge = h("span", { className: "badge", "aria-hidden": "true" }, carrier.name.charAt(0).toUpperCase());
  badge.style.background = color;
  badge.style.color = isLight(color) ? "#000" : "#fff";
  return h("li", { part: "option", role: "option", id: newId("option"), "aria-selected": "false", onclick }, badge, carrier.name);
}

/** Whether black reads better on it than white. Source: WCAG 2.2, relative luminance. */
function isLight(color) {
  const channel = (at) => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5) > 0.179;
}

export function identityOption(ui) {
  const box = alertBox();
  const label = ui.say("sendCode");
  const main = button("main", label);
  const name = newId("way");
  const choices = h("div");
  let offered = "";
  const fill = ({ options, chosen }) => {
    if (JSON.stringify(options) === offered) return;
    offered = JSON.stringify(options);
    const first = form.querySelector(":checked")?.value ?? chosen ?? options[0]?.key;
    choices.replaceChildren(
      ...options.map(({ key, label }) =>
        h("label", { className: "choice", part: "option" }, h("input", { type: "radio", name, value: key, checked: key === first }), label),
      ),
    );
  };
  const onsubmit = (event) => {
    event.preventDefault();
    const key = form.querySelector(":checked")?.value;
    if (key && main.getAttribute("aria-disabled") !== "true") ui.session.chooseOption(key).catch(() => {});
  };
  const form = h("form", { onsubmit }, box, h("fieldset", {}, h("legend", { className: "hidden" }, ui.say("optionHeading")), choices), h("p", {}, main));
  const settle = state(ui, main, label, box);
  const update = (screen) => (fill(screen), settle(screen));
  const note = h("p", { className: "muted", part: "text" }, ui.say("optionNote"));
  return { node: card(heading(ui.say("optionHeading")), note, form, h("p", { className: "row" }, away(ui, "text"))), update };
}

export function identityCode(ui, screen) {
  const box = alertBox();
  box.id = newId("said");
  const label = ui.say("continue");
  const main = button("main", label);
  const input = h("input", {
    part: "input",
    id: newId("code"),
    autocomplete: "one-time-code",
    inputMode: "numeric",
    autocapitalize: "off",
    spellcheck: false,
    required: true,
    maxLength: 64,
    "aria-describedby": box.id,
    "aria-invalid": screen.refused && "true",
  });
  const note = h("p", { className: "muted", part: "text", role: "status" }, ui.say("codeNote"));
  const resend = () => ui.session.resendCode().then(() => (note.textContent = ui.text("resent")), () => {});
  const others = h(
    "p",
    { className: "row" },
    screen.canResend && button("text", ui.say("resend"), resend),
    screen.canChange && button("text", ui.say("changeOption"), () => ui.session.changeOption()),
    away(ui, "text"),
  );
  const onsubmit = (event) => {
    event.preventDefault();
    const code = input.value.trim();
    if (!code) {
      box.textContent = ui.text("codeMissing");
      input.setAttribute("aria-invalid", "true");
      return input.focus();
    }
    box.textContent = "";
    input.removeAttribute("aria-invalid");
    if (main.getAttribute("aria-disabled") !== "true") ui.session.enterCode(code).catch(() => {});
  };
  const form = h(
    "form",
    { onsubmit, noValidate: true },
    box,
    h("div", { className: "field code" }, h("label", { htmlFor: input.id }, ui.say("code")), input),
    h("p", {}, main),
  );
  return { node: card(heading(ui.say("codeHeading")), note, form, others), focus: input, update: state(ui, main, label, box, { refused: "codeRefused" }) };
}

export function confirmation(ui, { actionId }) {
  const box = alertBox();
  const what = h("div", { className: "change" }, h("p", { className: "muted", role: "status" }, ui.say("loading")));
  const label = ui.say("confirm");
  const answer = (is) => () => ui.session.confirm(actionId, is).catch(() => {});
  const yes = button("main", label, answer(true));
  const no = button("other", ui.say("reject"), answer(false));
  const buttons = h("p", { className: "row", hidden: true }, yes, no);
  const settle = state(ui, yes, label, box);
  const load = () =>
    ui.session.servicingAction(actionId).then(
      ({ type, confirmation_data: data }) => {
        const { before, after, ...rest } = data ?? {};
        const title = type ? ui.word("action", type) : ui.say("confirmationHeading");
        what.replaceChildren(
          ...[[title, rest], [ui.say("before"), before], [ui.say("after"), after]]
            .filter(([, values]) => values === null || (values && Object.keys(values).length > 0))
            .map(([name, values]) => h("section", {}, h("h3", {}, name), values ? rows(ui, values) : h("p", {}, ui.say("nothing")))),
        );
        buttons.hidden = false;
      },
      () => what.replaceChildren(h("p", { className: "message", role: "alert" }, ui.say("failed")), h("p", {}, button("other", ui.say("retry"), load))),
    );
  load();
  const update = (screen) => {
    settle(screen);
    no.setAttribute("aria-disabled", String(Boolean(screen.busy)));
  };
  const note = h("p", { className: "muted", part: "text" }, ui.say("confirmationNote"));
  return { node: card(heading(ui.say("confirmationHeading")), note, what, box, buttons), update };
}

/** An object's members as pairs, those of objects in it with their path. */
function rows(ui, values) {
  const list = h("dl");
  const add = (object, path) => {
    for (const [name, value] of Object.entries(object)) {
      if (value === null || value === undefined) continue;
      const label = [...path, ui.word("field", name)];
      if (typeof value === "object") add(value, label);
      else list.append(h("dt", {}, label.join(", ")), h("dd", {}, shown(ui, name, value)));
    }
  };
  add(values, []);
  return list;
}

function shown(ui, name, value) {
  if (name.endsWith("_cents") && typeof value === "number") {
    return new Intl.NumberFormat(ui.locale, { style: "currency", currency: "USD" }).format(value / 100);
  }
  if (typeof value === "boolean") return ui.text(value ? "yes" : "no");
  return name.endsWith("type") ? ui.word("value", value) : String(value);
}
