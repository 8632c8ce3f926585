// What this page asks of the edge: groups, instances, runs.
import { Edge, withQuery } from "../shared/edge.js";

const API = "/api/v1";
const PAGE = 50;
/** Of how many runs an overview speaks: one page of the edge's. */
export const OVERVIEW = 100;

/** A path below the API's; what stands in a part of it ends no part. */
const below = (...parts) => [API, ...parts.map(encodeURIComponent)].join("/");
const json = (method, value) => ({ method, body: JSON.stringify(value) });

/** What a person does about a token that is none, or that may not do this. */
const ABOUT_TOKENS = {
  401: "This token is not known here. Copy one of EDGE_API_TOKENS, whole.",
  403: "Sign out, and come back with a token that may do this.",
};

export class WorkflowsEdge extends Edge {
  async ask(path, asked) {
    return super.ask(path, asked).catch((error) => {
      if (error.status === 401) error.message = ABOUT_TOKENS[401];
      if (error.status === 403) error.message += ` ${ABOUT_TOKENS[403]}`;
      throw error;
    });
  }

  /** Runs, the newest first: `{ runs, cursor }`. */
  runs({ instance, status, pull_id, cursor, limit = PAGE } = {}) {
    return this.ask(withQuery(below("runs"), { instance, status, pull_id, cursor, limit }));
  }

  run(id) {
    return this.ask(below("runs", id));
  }

  retry(id) {
    return this.ask(below("runs", id, "retry"), { method: "POST" });
  }

  cancel(id) {
    return this.ask(below("runs", id, "cancel"), { method: "POST" });
  }

  /** A person's yes or no to the step at `path`. */
  decide(id, path, approved) {
    return this.ask(below("runs", id, "decision"), json("POST", { path, approved }));
  }

  async instances() {
    return (await this.ask(below("instances"))).instances;
  }

  instance(id) {
    return this.ask(below("instances", id));
  }

  putInstance(id, settings) {
    return this.ask(below("instances", id), json("PUT", settings));
  }

  /** Changes those of `enabled`, `runs`, `config` and `version` that are given. */
  changeInstance(id, changes) {
    return this.ask(below("instances", id), json("PATCH", changes));
  }

  deleteInstance(id) {
    return this.ask(below("instances", id), { method: "DELETE" });
  }

  /** Without `pull_id` where the flow is about no pull. */
  start(id, flow, pull_id) {
    return this.ask(below("instances", id, "runs"), json("POST", { flow, pull_id }));
  }

  /** What an instance would do with a pull. Nobody is called for it. */
  dryRunInstance(id, asked) {
    return this.ask(below("instances", id, "dry-run"), json("POST", asked));
  }

  dryRunGroup(group, asked) {
    return this.ask(below("flows", group, "dry-run"), json("POST", asked));
  }

  /** Every group in its newest version, without its definition. */
  async groups() {
    const groups = [];
    let cursor;
    do {
      const page = await this.ask(withQuery(below("flows"), { limit: OVERVIEW, cursor }));
      groups.push(...page.flows);
      cursor = page.cursor;
    } while (cursor);
    return groups;
  }

  /** A version of a group with its definition; the newest where none is named. */
  group(name, version) {
    return this.ask(withQuery(below("flows", name), { version }));
  }

  /** Has `text` read as a group, or with `check` only looked at. */
  putGroup(name, text, { check } = {}) {
    return this.ask(withQuery(below("flows", name), { check }), { method: "PUT", body: text });
  }

  /** The newest pulls. */
  async pulls() {
    return (await this.ask(withQuery(below("pulls"), { limit: 20 }))).pulls;
  }

  connectors() {
    return this.ask(below("connectors"));
  }

  async templates() {
    return (await this.ask(below("flow-templates"))).templates;
  }
}
