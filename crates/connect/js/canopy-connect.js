// What a page loads: the custom element `<canopy-connect>`, and the same as an API.
import { CanopyConnectElement } from "./element.js";
import { queryMetadata } from "./session.js";

export { openSession, Session } from "./session.js";
export { CanopyConnectElement };

// Where there is no page, as on a server that renders one, there is nothing to define.
if (globalThis.customElements && !customElements.get("canopy-connect")) {
  customElements.define("canopy-connect", CanopyConnectElement);
}

// Asked for, because another script may be at work on them: Canopy's own.
if (/[?&]upgrade\b/.test(import.meta.url)) import("./upgrade.js").then((embeds) => embeds.upgrade(queryMetadata));
