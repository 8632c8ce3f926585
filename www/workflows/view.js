// A view of this page: what it is given, and where it shows itself.
import { element } from "../shared/dom.js";

/**
 * @typedef {object} View
 * @property {import("./edge.js").WorkflowsEdge} edge
 * @property {string | undefined} id of what is looked at
 * @property {Record<string, string>} query
 * @property {AbortSignal} signal aborted once the view is left
 * @property {Map<string, string>} drafts what was written and is not saved, by group; they outlive a view
 * @property {(title: string, ...children: (Node | string | false)[]) => void} render shows the view, once
 * @property {(said: string) => void} again shows it anew, and says so
 */

/** @returns {View["render"]} into `section`, unless the view was left meanwhile */
export function rendererOf(section, signal) {
  return (title, ...children) => {
    if (signal.aborted) return;
    const heading = element("h2", { id: "view-title" }, title);
    section.replaceChildren(heading, ...children.filter(Boolean));
    document.title = `${title} · Workflows · Canopy Edge`;
    section.hidden = false;
    section.focus({ preventScroll: true });
    scrollTo(0, 0);
  };
}
