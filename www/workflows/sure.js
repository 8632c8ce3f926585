// Asks whether somebody is sure, before what cannot be taken back.
import { button, element } from "../shared/dom.js";

/**
 * `yes` is what the button that does it is called.
 * @returns {Promise<boolean>} whether it was pressed; Escape is a no
 */
export function isSure(title, text, yes) {
  return new Promise((resolve) => {
    const dialog = element("dialog", { class: "sure", "aria-labelledby": "sure-title", "aria-describedby": "sure-text" });
    const end = (answer) => {
      dialog.returnValue = answer;
      dialog.close();
    };
    dialog.append(
      element("h2", { id: "sure-title" }, title),
      element("p", { id: "sure-text" }, text),
      element("p", { class: "actions" }, button(yes, () => end("yes")), button("Leave it", () => end("no"), { class: "quiet" })),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
