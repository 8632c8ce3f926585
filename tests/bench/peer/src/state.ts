// The fold of a pull's events: each part is a maximum, a union or a count, so any order ends the same.
import type { AuthStatus, Event, Facts } from "./event";

const MAX_POLICIES = 500;
const MAX_SERVICING = 100;

/** A value with the head of its body's SHA-256, which decides between two of one kind. */
interface Ranked<T> {
  tie: string;
  value: T;
}

export interface State {
  auth?: { tie: string; status: AuthStatus; facts: Facts };
  facts: Facts;
  metadata?: Ranked<Record<string, unknown>> & { rank: number };
  complete?: Ranked<string | undefined>;
  policiesAvailable?: Ranked<string | undefined>;
  error?: Ranked<string | undefined> & { sequence?: number };
  otherStatus?: Ranked<string | undefined>;
  policies: Record<string, string | null>;
  servicing: string[];
  reconnect?: Ranked<Event["reconnect"]>;
  validation?: Event["validation"];
  dataUpdates: number;
  monitoringEvents: number;
}

export type Outcome = "applied" | "stale";

const PROGRESS: Record<string, number> = {
  STARTED: 1, QUEUED: 1, NOT_AUTHENTICATED: 2, IDENTITY_VERIFICATION_OPTIONS: 4, IDENTITY_VERIFICATION: 5,
  GETTING_CONSUMERS: 6, PULLING_DATA: 7, SERVICING: 7, DOCUMENT_PARSING: 7, WAITING_FOR_CONSUMER_CONFIRMATION: 8,
  SUBMITTING_CONFIRMATION: 9, SUCCESS: 10, INCOMPLETE: 10, INTERNAL_ERROR: 11, PROVIDER_ERROR: 11, VALIDATION_ERROR: 11,
};

export function initial(): State {
  return { facts: { is_monitored: false }, policies: {}, servicing: [], dataUpdates: 0, monitoringEvents: 0 };
}

/** Folds in an event that the log did not hold before. */
export function apply(state: State, event: Event, digest: ArrayBuffer): Outcome {
  const tie = new DataView(digest).getBigUint64(0).toString(16).padStart(16, "0");
  if (event.auth !== undefined) {
    if (state.auth !== undefined && !supersedes(event.auth, tie, state.auth.status, state.auth.tie)) return "stale";
    state.auth = { tie, status: event.auth, facts: event.facts };
    return "applied";
  }
  addFacts(state, event, tie);
  const status = { tie, value: event.facts.status };
  switch (event.type) {
    case "COMPLETE":
      state.complete = higher(state.complete, status);
      break;
    case "POLICIES_AVAILABLE":
      state.policiesAvailable = higher(state.policiesAvailable, status);
      break;
    case "ERROR": {
      const kept = state.error;
      const [old, given] = [kept?.sequence ?? -1, event.sequence ?? -1];
      if (kept === undefined || given > old || (given === old && tie > kept.tie)) {
        state.error = { ...status, sequence: event.sequence };
      }
      break;
    }
    case "DATA_UPDATED":
      state.dataUpdates += 1;
      break;
    case "MONITORING_EVENTS":
      state.monitoringEvents += 1;
  }
  if (event.policy !== undefined) {
    const { id, type = null } = event.policy;
    const known = state.policies[id] ?? null;
    state.policies[id] = known === null || (type !== null && type > known) ? type : known;
    for (const last of Object.keys(state.policies).sort().slice(MAX_POLICIES)) delete state.policies[last];
  }
  if (event.servicing !== undefined && !state.servicing.includes(event.servicing)) {
    state.servicing = [...state.servicing, event.servicing].sort().slice(0, MAX_SERVICING);
  }
  if (event.reconnect !== undefined) state.reconnect = higher(state.reconnect, { tie, value: event.reconnect });
  if (event.validation !== undefined && order(event.validation) > order(state.validation)) {
    state.validation = event.validation;
  }
  return "applied";
}

function order(validation: Event["validation"]): string {
  return validation === undefined ? "" : `${validation.completed_at ?? ""} ${validation.status}`;
}

function supersedes(status: AuthStatus, tie: string, applied: AuthStatus, appliedTie: string): boolean {
  if (status.sequence !== undefined || applied.sequence !== undefined) {
    return (status.sequence ?? -1) > (applied.sequence ?? -1);
  }
  const [one, other] = [PROGRESS[status.status] ?? 3, PROGRESS[applied.status] ?? 3];
  return one > other || (one === other && tie > appliedTie);
}

function higher<T>(kept: Ranked<T> | undefined, given: Ranked<T>): Ranked<T> {
  return kept === undefined || given.tie > kept.tie ? given : kept;
}

const IDS = ["team_id", "widget_id", "account_identifier", "initial_pull_id", "monitoring_id"] as const;

function addFacts(state: State, { facts, type }: Event, tie: string): void {
  for (const name of IDS) {
    const given = facts[name];
    const kept = state.facts[name];
    if (given !== undefined && (kept === undefined || given > kept)) state.facts[name] = given;
  }
  state.facts.is_monitored ||= facts.is_monitored;
  if (facts.metadata !== undefined) {
    const rank = type === "COMPLETE" ? 2 : type === "POLICIES_AVAILABLE" ? 1 : 0;
    const kept = state.metadata;
    if (kept === undefined || rank > kept.rank || (rank === kept.rank && tie > kept.tie)) {
      state.metadata = { tie, rank, value: facts.metadata };
    }
  }
  if (facts.status !== undefined) state.otherStatus = higher(state.otherStatus, { tie, value: facts.status });
}

function metadataOf(state: State): Record<string, unknown> {
  return state.metadata?.value ?? state.auth?.facts.metadata ?? {};
}

/** The page session that started the pull. */
export function sessionOf(state: State): string | undefined {
  const session = metadataOf(state).edge_session;
  return typeof session === "string" ? session : undefined;
}

/** The state as its readers see it. */
export function view(state: State) {
  const { auth } = state;
  const login = auth?.status.sequence ?? -1;
  const overtaken =
    state.complete !== undefined || (state.error?.sequence !== undefined && login > state.error.sequence);
  const error = state.error === undefined || overtaken ? undefined : (state.error.value ?? "PROVIDER_ERROR");
  const complete = state.complete === undefined ? undefined : (state.complete.value ?? "SUCCESS");
  const available = state.policiesAvailable?.value;
  const status =
    complete ?? error ?? available ?? auth?.facts.status ?? auth?.status.status ?? state.otherStatus?.value;
  return {
    status: status ?? null,
    auth: auth?.status ?? null,
    policies_available: state.policiesAvailable !== undefined || state.complete !== undefined,
    complete: state.complete !== undefined,
    error: error ?? null,
    policies: state.policies,
    servicing: state.servicing,
    reconnect: state.reconnect?.value ?? null,
    validation: state.validation?.status ?? null,
    data_updates: state.dataUpdates,
    monitoring_events: state.monitoringEvents,
    ...auth?.facts,
    ...state.facts,
    is_monitored: state.facts.is_monitored || (auth?.facts.is_monitored ?? false),
    metadata: undefined,
    meta_data: metadataOf(state),
  };
}
