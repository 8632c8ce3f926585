// The sign-in: Canopy's frames for what the insurance company asks for, in our form.
import { alertBox, button, card, h, heading, reword, state } from "./parts.js";

/** How the frames look where the page's `formOptions` say nothing: as our own fields, whose border and focus ring stand around them. */
function looks(frame) {
  const { color } = getComputedStyle(frame);
  const styles = { color, fontSize: "16px", background: "transparent", border: "0", outline: "none", padding: "0 12px" };
  return { styles };
}

/** What the page says of frames is for its own: these fill their field. */
function fill(frame) {
  const own = { all: "initial", display: "block", visibility: "inherit", width: "100%", height: frame.style.height || "44px" };
  for (const [name, value] of Object.entries(own)) frame.style.setProperty(name, value, "important");
}

export function credentials(ui) {
  const box = alertBox();
  const label = ui.say("signIn");
  const main = button("main", label);
  const waiting = h("p", { className: "muted", role: "status" }, ui.say("loading"));
  const fields = h("div", { "aria-busy": "true" });
  const links = h("p", { className: "row" }, button("text", ui.say("changeCarrier"), () => ui.session.changeCarrier()));
  const form = h("form", { noValidate: true, onsubmit: submit }, box, waiting, fields, h("p", {}, main));
  const settle = state(ui, main, label, box, { refused: "credentialsRefused" });
  /** By name as Canopy says it: what the field is called, where it stands, what is wrong with it. */
  const drawn = {};

  async function submit(event) {
    event.preventDefault();
    box.textContent = "";
    for (const { show } of Object.values(drawn)) show("");
    await mounted;
    // What went wrong stands at its field or on the screen.
    await ui.session.submitForm().catch(() => {});
  }
  const end = ui.session.on("fieldErrors", (errors) => {
    const wrong = Object.entries(drawn).filter(([name, { show }]) => (show(errors?.[name] ? String(errors[name]) : ""), errors?.[name]));
    if (wrong.length === 0) return;
    box.textContent = ui.text("missing", { fields: ui.list(wrong.map(([, { title }]) => title())) });
    wrong[0][1].target.querySelector("iframe")?.focus();
  });
  const names = () => ui.list(Object.values(drawn).map(({ title }) => title()));

  async function mount() {
    const all = await ui.session.carriers(true);
    const carrier = all.find(({ carrier_id: id }) => id === ui.session.carrier?.carrier_id);
    if (!carrier) return ui.session.changeCarrier();
    const targets = {};
    const wanted = [
      ["username", carrier.usernameFieldPlaceholder ? () => carrier.usernameFieldPlaceholder : ui.say("username")],
      !carrier.disablePasswordField && ["password", ui.say("password")],
      carrier.thirdFieldPlaceholder && ["thirdField", () => carrier.thirdFieldPlaceholder],
    ].filter(Boolean);
    const rows = wanted.map(([name, title]) => {
      // The frames stand in the page itself, not in the shadow tree: Canopy's script looks for them there.
      const target = (targets[name] = ui.guest(name));
      const text = h("div", { className: "bad-text", part: "message", role: "alert" });
      const frame = h("div", { className: "frame", part: "field" }, h("slot", { name: target.slot }));
      const show = (message) => {
        text.textContent = message;
        frame.classList.toggle("bad", Boolean(message));
      };
      drawn[name.toLowerCase()] = { title, target, show };
      return h("div", { className: "field" }, h("span", { className: "label", "aria-hidden": "true" }, title), frame, text);
    });
    fields.replaceChildren(...rows);
    for (const [name, href] of [["forgot", carrier.resetPasswordUrl], ["createAccount", carrier.createAccountUrl]]) {
      if (/^https:\/\//.test(href ?? "")) links.append(h("a", { part: "link", href, target: "_blank", rel: "noopener noreferrer" }, ui.say(name)));
    }
    // The company has a name now, and so have its fields.
    reword(node);
    const { styles, ...others } = ui.formOptions();
    const own = looks(fields.querySelector(".frame"));
    await ui.session.mountForm(targets, { ...others, styles: { ...own.styles, ...styles } });
    for (const target of Object.values(targets)) target.querySelectorAll("iframe").forEach(fill);
    waiting.remove();
    fields.removeAttribute("aria-busy");
    ui.grown();
  }

  const note = h("p", { className: "muted", part: "text" }, () => (names() ? ui.text("credentialsNote", { fields: names() }) : ""));
  const node = card(heading(ui.say("credentialsHeading")), note, form, links);
  const mounted = mount().catch(() => {});
  return { node, update: settle, leave: () => (end(), ui.session.unmountForm()) };
}
