// A webhook's body, read into what the fold needs of it. Only JSON with a `pull_id` is required.
import { Problem } from "./problem";

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const MAX_WORD = 64;
const MAX_MESSAGE = 16 * 1024;
const MAX_METADATA = 32 * 1024;
const MAX_OPTIONS = 32;

export interface Facts {
  status?: string;
  team_id?: string;
  widget_id?: string;
  account_identifier?: string;
  is_monitored: boolean;
  initial_pull_id?: string;
  monitoring_id?: string;
  metadata?: Record<string, unknown>;
}

export interface AuthStatus {
  sequence?: number;
  status: string;
  message?: string;
  options: { key: string; label: string }[];
}

export interface Event {
  pullId: string;
  type: string;
  sequence?: number;
  auth?: AuthStatus;
  policy?: { id: string; type?: string };
  reconnect?: { auth_status?: string; reconnect_url?: string };
  servicing?: string;
  validation?: { status: string; completed_at?: string };
  facts: Facts;
}

type Json = Record<string, unknown>;

export function parseEvent(raw: ArrayBuffer): Event {
  const body = parseJson(raw);
  const pullId = id(body.pull_id);
  if (pullId === undefined) throw new Problem("BODY_MALFORMED", "expected pull_id");
  const type = text(body.event_type)?.slice(0, MAX_WORD) ?? "";
  const data = object(body.data) ?? {};
  const monitoring = object(body.monitoring) ?? {};
  const status = text(body.status)?.slice(0, MAX_WORD);
  const sequence = number(body.sequence) ?? (type === "AUTH_STATUS" ? number(data.sequence) : undefined);
  const account = text(body.account_identifier);
  const event: Event = {
    pullId,
    type,
    sequence,
    facts: {
      status,
      team_id: id(body.team_id),
      widget_id: id(body.widget_id),
      account_identifier: account !== undefined && account.length <= 256 ? account : undefined,
      is_monitored: body.is_monitored === true,
      initial_pull_id: id(monitoring.initial_pull_id),
      monitoring_id: id(monitoring.monitoring_id),
      metadata: metadata(body.meta_data, raw.byteLength),
    },
  };
  readData(event, data, status);
  return event;
}

function readData(event: Event, data: Json, status: string | undefined): void {
  switch (event.type) {
    case "AUTH_STATUS": {
      const authStatus = text(data.auth_status) ?? status;
      if (authStatus === undefined) return;
      event.auth = {
        sequence: event.sequence,
        status: authStatus.slice(0, MAX_WORD),
        message: text(data.login_error_message)?.slice(0, MAX_MESSAGE) || undefined,
        options: options(data.mfa_options ?? data.identity_verification_options ?? data.options),
      };
      return;
    }
    case "POLICY_AVAILABLE": {
      const policyId = id(data.policy_id);
      if (policyId !== undefined) event.policy = { id: policyId, type: text(data.policy_type) };
      return;
    }
    case "MONITORING_RECONNECT":
      event.reconnect = { auth_status: text(data.auth_status), reconnect_url: text(data.reconnect_url) };
      return;
    case "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION":
      event.servicing = id(data.servicing_action_id);
      return;
    case "VALIDATION_COMPLETE": {
      const validation = text(data.status);
      if (validation !== undefined) event.validation = { status: validation, completed_at: text(data.completed_at) };
    }
  }
}

function parseJson(raw: ArrayBuffer): Json {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw));
  } catch {
    throw new Problem("BODY_MALFORMED", "expected a JSON object");
  }
  const body = object(value);
  if (body === undefined) throw new Problem("BODY_MALFORMED", "expected a JSON object");
  return body;
}

function options(value: unknown): AuthStatus["options"] {
  if (Array.isArray(value)) {
    const read = value.map((item) => {
      if (typeof item === "string") return { key: item, label: item };
      const key = text(item?.key) ?? text(item?.option_key) ?? text(item?.optionKey) ?? text(item?.id);
      return key === undefined ? [] : { key, label: text(item?.label) ?? text(item?.text) ?? key };
    });
    return read.flat().slice(0, MAX_OPTIONS);
  }
  const entries = Object.entries(object(value) ?? {}).slice(0, MAX_OPTIONS);
  return entries.map(([key, label]) => ({ key, label: text(label) ?? key }));
}

/** Metadata beyond the bound is left to the log; only a body beyond it can hold such metadata. */
function metadata(value: unknown, bodyLength: number): Json | undefined {
  let read = value;
  if (typeof value === "string") {
    try {
      read = JSON.parse(value);
    } catch {
      return undefined;
    }
  }
  const map = object(read);
  if (map === undefined || Object.keys(map).length === 0) return undefined;
  return bodyLength <= MAX_METADATA || JSON.stringify(map).length <= MAX_METADATA ? map : undefined;
}

function object(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function id(value: unknown): string | undefined {
  return typeof value === "string" && ID.test(value) ? value : undefined;
}

function number(value: unknown): number | undefined {
  const read = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof read === "number" && Number.isSafeInteger(read) && read >= 0 ? read : undefined;
}
