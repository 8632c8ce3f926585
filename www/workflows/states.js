// How a step and a run stand: a shape and words for each, told apart without colour.
import { drawn, element } from "../shared/dom.js";
import { exactTime } from "../shared/words.js";
import { reasonName } from "./reasons.js";

const DISC = "M-9 0a9 9 0 1 0 18 0a9 9 0 1 0-18 0z";
const RING = `${DISC}M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0z`;

/** Paths around 0, 0 that fit in 20 × 20, what is inside one being cut out. */
const SHAPES = {
  done: `${DISC}M-5.5 0.5L-2 4L5.5-3.5L4-5L-2 1L-4-1z`,
  open: `${RING}M0-5a5 5 0 0 1 0 10z`,
  waiting: `${RING}M-1-5.5h2v5.1l3.6 2.1l-1 1.7l-4.6-2.7z`,
  skipped: "M-9-1.5h11l-4-4l2-2l8 7.5l-8 7.5l-2-2l4-4h-11z",
  failed: "M-4-9.5h8l5.5 5.5v8l-5.5 5.5h-8l-5.5-5.5v-8zM-4-5.5l-1.5 1.5l4 4l-4 4l1.5 1.5l4-4l4 4l1.5-1.5l-4-4l4-4l-1.5-1.5l-4 4z",
  coming: RING,
  unreached: "M-9-1.5h18v3h-18z",
  stopped: "M-8-8h16v16h-16zM-4-4v8h8v-8z",
  cancelled: "M-9-6l3-3l6 6l6-6l3 3l-6 6l6 6l-3 3l-6-6l-6 6l-3-3l6-6z",
  approval: "M0-10l10 10l-10 10l-10-10zM-1.2-5v6h2.4v-6zM-1.2 3v2.4h2.4v-2.4z",
};

const NAMES = { running: "running", approval: "waits for a decision", done: "done", stopped: "stopped", failed: "failed", cancelled: "cancelled" };

export const statusName = (status) => NAMES[status] ?? status;
/** What runs can be asked for, with what people call it. */
export const STATUSES = Object.entries(NAMES);
/** Whether nothing more becomes of a run by itself. */
export const isOver = ({ status }) => status !== "running" && status !== "approval";

/** The picture of a state, of which the words beside it speak. */
export function markOf(state) {
  const path = SHAPES[state === "running" ? "open" : state] ?? SHAPES.coming;
  return drawn("svg", { class: `mark ${state}`, viewBox: "-11 -11 22 22", width: 22, height: 22, "aria-hidden": "true" }, drawn("path", { d: path, "fill-rule": "evenodd" }));
}

/** A run's status, as shape and words. */
export const statusOf = (status) => element("span", { class: `status ${status}` }, markOf(status), statusName(status));

/** How a node of a flow stands, in words: `waits for COMPLETE until …`. */
export function standOf({ state, use, step, record }) {
  if (state === "coming") return "to come";
  if (state === "unreached") return "not reached";
  if (state === "open") return "under way";
  if (state === "failed") return record.reason ? `failed: ${record.detail ?? reasonName(record.reason)}` : "failed";
  if (state !== "waiting") return state;
  const due = record.due ?? record.input?.until;
  return `${waitName(use, step)}${due ? ` ${use === "wait" || use === "sleep" || use === "approve" ? "until" : "at"} ${exactTime(due)}` : ""}`;
}

function waitName(use, step) {
  if (use === "wait") return `waits for ${(step.with?.types ?? ["an entry"]).join(", ")}`;
  if (use === "sleep") return "sleeps";
  if (use === "approve") return "waits for a decision";
  return "is tried again";
}
