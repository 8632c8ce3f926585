// One run: where it stands, its steps as a picture, and what can be done about it.
import { button, element } from "../shared/dom.js";
import { pressed } from "../shared/pressed.js";
import { timeElement } from "../shared/words.js";
import { FlowShown } from "./flow-shown.js";
import { live } from "./live.js";
import { hashOf } from "./place.js";
import { adviceOn, reasonName } from "./reasons.js";
import { doneLine, facts, link, problemLine } from "./showing.js";
import { isOver, markOf, statusName, statusOf } from "./states.js";
import { isSure } from "./sure.js";
import { flatTreeOf, treeOf } from "./tree.js";

/** @param {import("./view.js").View} view */
export async function showRun({ edge, id, signal, render }) {
  let run = await edge.run(id);
  // A group that cannot be read is no reason not to see the run; an instance may be gone.
  const readInstance = () => edge.instance(run.instance_id).catch(() => undefined);
  const readGroup = () => edge.group(run.group, run.version).then((group) => group.definition, () => undefined);
  const [definition, deployed] = await Promise.all([readGroup(), readInstance()]);
  let instance = deployed;
  const flow = definition?.flows?.[run.flow];
  const [stand, ask, about] = [element("p", { class: "run-stand" }), element("div", { class: "ask" }), element("div", { class: "run-about" })];
  const [problem, done] = [problemLine(), doneLine()];
  const shown = new FlowShown();

  const show = () => {
    stand.replaceChildren(...standingOf(run));
    about.replaceChildren(factsOf(run, isHeld(instance)));
    ask.replaceChildren(...asking());
    const nodes = flow ? treeOf(flow.steps, run.steps, isOver(run)) : flatTreeOf(run.steps);
    shown.show(nodes, beganOf(run), endOf(run));
  };

  /** Takes `next` for the run, and says so. */
  const take = (next, said) => {
    run = next;
    show();
    done.textContent = said;
    done.tabIndex = -1;
    // The button that was pressed is gone.
    done.focus();
  };
  /** A button that has `work` done once somebody is sure of it; where `sure` says nothing, at once. */
  const doing = (name, said, work, { sure, ...attributes } = {}) =>
    button(
      name,
      async ({ currentTarget }) => {
        if (sure && !(await isSure(...sure))) return;
        await pressed(currentTarget, problem, edge, async () => {
          const next = await work();
          if (signal.aborted) return;
          take(next, said);
          follow();
        });
      },
      attributes,
    );

  const decision = (word, said, approved, attributes) =>
    doing(word, said, () => edge.decide(run.run_id, run.asks, approved), {
      sure: [`${word}: ${stepAsked(run)?.input?.title ?? run.asks}`, "The run goes on with that at once. It cannot be taken back.", word],
      ...attributes,
    });

  const cancel = () =>
    doing("Cancel the run", "Cancelled.", () => edge.cancel(run.run_id), {
      sure: ["Cancel this run?", "Steps that were made stay made; none is made any more.", "Cancel it"],
      class: "quiet",
    });

  function asking() {
    if (run.status === "approval") {
      const [yes, no] = [decision("Approve", "Approved.", true), decision("Refuse", "Refused.", false, { class: "quiet" })];
      return [approvalCard(stepAsked(run), yes, no), actions(cancel())];
    }
    if (!isOver(run)) return [isHeld(instance) && heldNote(instance), actions(cancel())].filter(Boolean);
    if (run.status === "failed") return [repairNote(run), actions(doing("Try again", "It is tried again.", () => edge.retry(run.run_id)), cancel())];
    return [];
  }

  let isFollowed = false;
  async function follow() {
    if (isFollowed || isOver(run)) return;
    isFollowed = true;
    await live(async () => {
      const wasHeld = isHeld(instance);
      if (wasHeld) instance = await readInstance();
      const next = await edge.run(id);
      if (signal.aborted) return "over";
      const isChanged = JSON.stringify(next) !== JSON.stringify(run) || wasHeld !== isHeld(instance);
      if (isChanged) {
        const was = run.status;
        run = next;
        show();
        if (was !== next.status) done.textContent = `Its status is now: ${statusName(next.status)}.`;
      }
      if (isOver(next)) return "over";
      return isChanged ? "changed" : "same";
    }, signal);
    isFollowed = false;
  }

  render(flow?.title ?? `${run.instance_id}: ${run.flow}`, element("p", {}, link(hashOf("runs"), "All runs")), stand, ask, problem, done, about, shown.node);
  show();
  follow();
}

const actions = (...children) => element("p", { class: "actions" }, ...children);

const isHeld = (instance) => instance !== undefined && !instance.enabled && instance.runs === "hold";

const heldNote = ({ instance_id }) =>
  element("p", {}, "It stands still, because its instance is off. Switch ", link(hashOf("instances", instance_id), instance_id), " on, and it goes on.");

const repairNote = ({ reason }) => element("p", { class: "note" }, adviceOn(reason));

const stepAsked = (run) => run.steps.find(({ path }) => path === run.asks);

/** How it stands, and why. */
function standingOf({ status, reason, detail, path }) {
  const why = detail ?? reasonName(reason);
  return [statusOf(status), why && element("span", {}, why, path && " at ", path && element("code", {}, path))].filter(Boolean);
}

function factsOf(run, isHeld) {
  return facts([
    [run.status === "approval" ? "Waits until" : "Goes on by itself", !isHeld && run.due && timeElement(run.due)],
    ["Instance", link(hashOf("instances", run.instance_id), run.instance_id)],
    ["Group", link(hashOf("groups", run.group, { version: String(run.version) }), `${run.group}, version ${run.version}`)],
    ["Pull", run.pull_id && link(hashOf("runs", undefined, { pull_id: run.pull_id }), run.pull_id)],
    ["Started", timeElement(run.started_at)],
    ["Last change", timeElement(run.updated_at)],
    ["Run", element("code", {}, run.run_id)],
  ]);
}

/** What stands below the last step. */
const endOf = (run) => (isOver(run) ? statusOf(run.status) : element("span", { class: "status" }, markOf("coming"), "its end is to come"));

function beganOf({ cause, started_at }) {
  return element("span", {}, cause ? `Entry ${cause} started it ` : "It was started ", timeElement(started_at));
}

function approvalCard(step, approve, refuse) {
  const { title, text, until } = step?.input ?? {};
  return element(
    "section",
    { class: "asked", "aria-labelledby": "asked" },
    element("h3", { id: "asked" }, title ?? "A decision is waited for"),
    text && element("p", { class: "asked-text" }, text),
    until && element("p", { class: "small" }, "Until ", timeElement(until)),
    element("p", { class: "actions" }, approve, refuse),
  );
}
