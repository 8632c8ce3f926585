// What starts the flows of a group, in words.
import { counted } from "../shared/words.js";

const WAYS = { event: "when something happens to a pull", schedule: "on a schedule", manual: "by hand" };
const OR = new Intl.ListFormat("en", { type: "disjunction" });

/** `on a schedule or by hand`, of flows as the edge lists them: `{ name, title, on }`. */
export const waysOf = (flows) => OR.format([...new Set(flows.map(({ on }) => WAYS[on] ?? on))]);
/** The same of a group, with how many flows it has. */
export const flowsLine = (flows) => `${counted(flows.length, "flow")}, started ${waysOf(flows)}`;

/** Whether a person can start a flow, and whether it then is about a pull: of a group's definition. */
export const isStartable = ({ trigger }) => trigger.on === "manual" || trigger.on === "schedule";
export const isOfPull = ({ trigger }) => trigger.on === "manual" && trigger.of === "pull";
