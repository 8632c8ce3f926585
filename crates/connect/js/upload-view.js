// The screen of a visitor whose insurance company is not listed: documents in the login's place, or the way to the agency.
import { ACCEPT, flaw, MAX_FILES } from "./upload.js";

export { CSS } from "./upload-style.js";
export { TEXTS } from "./upload-texts.js";

const MAX_COMPANY = 100;

/** A file's size as people read it. */
function sized(bytes, locale) {
  const [unit, value, maximumFractionDigits] = bytes < 1_000_000 ? ["kilobyte", Math.max(bytes / 1_000, 1), 0] : ["megabyte", bytes / 1_000_000, 1];
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits }).format(value);
}

export function upload(ui, { allowed }, { alertBox, button, card, h, heading, state }) {
  const back = () => button(allowed ? "text" : "other", ui.say("changeCarrier"), () => ui.session.changeCarrier());
  if (!allowed) {
    return { node: card(heading(ui.say("notListedHeading")), h("p", { part: "text" }, ui.say("notListedText")), h("p", {}, back())) };
  }
  let files = [];
  let isBusy = false;
  /** Ends the sending that is under way. */
  let cancelling;
  const box = alertBox();
  box.id = "upload-message";
  const label = ui.say("uploadSend");
  const main = button("main", label);

  const value = ui.query.slice(0, MAX_COMPANY);
  const company = h("input", { part: "input", id: "upload-company", maxLength: MAX_COMPANY, autocomplete: "off", value });
  // Without `capture`: telephones offer the camera beside the photos and files that are there.
  const input = h("input", {
    className: "hidden",
    type: "file",
    id: "upload-files",
    multiple: true,
    accept: ACCEPT,
    "aria-describedby": "upload-message upload-limits",
  });
  const choose = h("label", { className: "other", part: "button", htmlFor: "upload-files" }, ui.say("uploadChoose"));
  const orDrop = h("span", { className: "muted wide", "aria-hidden": "true" }, ui.say("uploadDrop"));
  const drop = h("div", { className: "drop", part: "field" }, input, choose, orDrop);
  const limits = h("p", { className: "muted note", id: "upload-limits" }, ui.say("uploadLimits", { count: MAX_FILES }));
  const list = h("ul", { className: "files", "aria-label": ui.say("uploadList"), hidden: true });

  const bar = h("progress", { max: 100, value: 0, "aria-label": ui.say("uploadSending") });
  const told = h("span", { className: "muted" });
  const cancel = button("text", ui.say("uploadCancel"), () => (main.focus(), cancelling?.abort()));
  const progress = h("div", { hidden: true }, bar, h("p", { className: "row" }, told, cancel));

  const say = (name, file) => {
    box.textContent = name ? ui.text(name, { file, count: MAX_FILES }) : "";
    input.setAttribute("aria-invalid", String(Boolean(name)));
  };
  const check = () => {
    const found = files.length > 0 ? flaw(files) : undefined;
    say(...(found ?? []));
    return !found;
  };
  const add = (more) => {
    if (isBusy) return;
    const isSame = (one, other) => one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
    files.push(...more.filter((file) => !files.some((other) => isSame(file, other))));
    fill();
    check();
  };
  const remove = (file) => () => {
    if (isBusy) return;
    files = files.filter((other) => other !== file);
    fill();
    check();
    ui.announce(ui.text("uploadRemoved", { file: file.name }));
    // The button that had the keyboard is gone.
    (list.querySelector("button") ?? input).focus();
  };
  const fill = () => {
    list.hidden = files.length === 0;
    list.replaceChildren(
      ...files.map((file) => {
        const name = h("span", { className: "name" }, h("bdi", {}, file.name), " ", h("span", { className: "muted" }, sized(file.size, ui.locale)));
        const act = button("text", "×", remove(file));
        act.setAttribute("aria-label", ui.text("uploadRemove", { file: file.name }));
        return h("li", {}, name, act);
      }),
    );
  };
  const show = (share) => {
    bar.value = Math.floor(share * 100);
    told.textContent = share < 1 ? ui.text("uploadProgress", { percent: bar.value }) : ui.text("uploadSent");
    if (share < 1) return void (cancel.hidden = false);
    // What has been sent cannot be called back.
    if (cancel.matches(":focus")) main.focus();
    cancel.hidden = true;
    ui.announce(ui.text("uploadSent"));
  };

  input.addEventListener("change", () => {
    add([...input.files]);
    // The same file may be chosen again.
    input.value = "";
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      if (name === "drop") add([...event.dataTransfer.files]);
    });
  }

  async function submit(event) {
    event.preventDefault();
    if (isBusy) return;
    const found = flaw(files);
    if (found) return say(...found), input.focus();
    say();
    show(0);
    ui.announce(ui.text("uploadSending"));
    cancelling = new AbortController();
    const { signal } = cancelling;
    // What went wrong stands on the screen.
    await ui.session.uploadDocuments(files, { company: company.value.trim(), signal, onProgress: show }).catch(() => {});
  }
  const form = h(
    "form",
    { noValidate: true, onsubmit: submit },
    h("div", { className: "field" }, h("label", { htmlFor: company.id }, ui.say("uploadCompany")), company),
    box,
    drop,
    limits,
    list,
    progress,
    h("p", {}, main),
  );
  const settle = state(ui, main, label, box, { busy: "uploadSending" });
  const others = h("p", { className: "row" }, back());
  const update = (screen) => {
    settle(screen);
    isBusy = screen.busy;
    progress.hidden = !isBusy;
    // While they are sent nothing else is done with them.
    for (const control of [company, input, ...list.querySelectorAll("button")]) control.disabled = isBusy;
    others.hidden = isBusy;
  };
  // Taken out of the page; where the session has gone on, the sending is past being ended.
  const leave = () => void (ui.session.screen.name === "upload" && cancelling?.abort());
  const note = h("p", { className: "muted", part: "text" }, ui.say("uploadNote"));
  return { node: card(heading(ui.say("uploadHeading")), note, form, others), update, leave };
}
