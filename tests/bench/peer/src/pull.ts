// The object of one pull: event log, state and outbox, all of a webhook in one transaction.
import { DurableObject } from "cloudflare:workers";
import type { Env } from "./env";
import type { Event } from "./event";
import { type Line, placesOf, putLine } from "./list";
import { Outbox, type Work } from "./outbox";
import { type Outcome, type State, apply, initial, sessionOf, view } from "./state";

const CHUNK_BYTES = 1024 * 1024;
const FETCH_TIMEOUT_MS = 20_000;
const FETCHED_AFTER = new Set(["POLICIES_AVAILABLE", "COMPLETE", "DATA_UPDATED", "MONITORING_EVENTS"]);

const SCHEMA = `
CREATE TABLE IF NOT EXISTS event (
  position INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, type TEXT NOT NULL, sequence INTEGER,
  outcome TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS pull (
  only INTEGER PRIMARY KEY CHECK (only = 1), pull_id TEXT NOT NULL, created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS snapshot (
  version INTEGER PRIMARY KEY, digest BLOB NOT NULL, size INTEGER NOT NULL, fetched_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS chunk (
  version INTEGER NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (version, number));
${Outbox.SCHEMA}`;

type Record = { pull_id: string; created_at: number; updated_at: number; state: string };

export class Pull extends DurableObject<Env> {
  private readonly sql: SqlStorage;
  private readonly outbox: Outbox;
  /** When the alarm goes off, as far as this instance knows. */
  private wakesAt = Infinity;
  /** Where the pull stands in the list, as far as this instance knows. */
  private places = "";

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.outbox = new Outbox(this.sql);
    this.sql.exec(SCHEMA);
  }

  /** Takes one verified webhook: log, state and outbox in one transaction. */
  ingest(event: Event, digest: ArrayBuffer, body: ArrayBuffer): Outcome | "duplicate" {
    const now = Date.now();
    const taken = this.ctx.storage.transactionSync(() => this.append(event, digest, body, now));
    this.wakeAt(taken.due);
    if (taken.notify) this.ctx.waitUntil(this.notifyNow());
    return taken.outcome;
  }

  private append(event: Event, digest: ArrayBuffer, body: ArrayBuffer, now: number) {
    const record = this.record();
    const state: State = record === undefined ? initial() : JSON.parse(record.state);
    const outcome = apply(state, event, digest);
    const inserted = this.sql
      .exec(
        `INSERT INTO event (received_at, type, sequence, outcome, digest, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (digest) DO NOTHING RETURNING 1`,
        now,
        event.type,
        event.sequence ?? null,
        outcome,
        digest,
        body,
      )
      .toArray();
    if (inserted.length === 0) return { outcome: "duplicate" as const, notify: false, due: Infinity };
    if (outcome === "applied" || record === undefined) {
      this.sql.exec(
        `INSERT INTO pull (only, pull_id, created_at, updated_at, state) VALUES (1, ?1, ?2, ?2, ?3)
         ON CONFLICT (only) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at`,
        event.pullId,
        now,
        JSON.stringify(state),
      );
    }
    const works: Work[] = [];
    if (outcome === "applied") {
      if (sessionOf(state) !== undefined) works.push("notify");
      works.push("copy");
      if (FETCHED_AFTER.has(event.type)) works.push("fetch");
    }
    const due = Math.min(...works.map((work) => this.outbox.want(work, now)));
    return { outcome, notify: works.includes("notify"), due };
  }

  override async alarm(): Promise<void> {
    this.wakesAt = Infinity;
    for (;;) {
      const due = this.outbox.takeDue(Date.now());
      if (due.length === 0) break;
      await Promise.all(due.map(({ work, attempts }) => this.attempt(work, attempts)));
    }
    this.wakeAt(this.outbox.nextDue());
  }

  private wakeAt(due: number): void {
    if (due >= this.wakesAt) return;
    this.wakesAt = due;
    // Written together with the transaction before it; the answer waits for both.
    void this.ctx.storage.setAlarm(due);
  }

  private async attempt(work: Work, attempts: number): Promise<void> {
    try {
      if (work === "copy") await this.copy();
      else if (work === "fetch") await this.fetchPull();
      else await this.notify();
      this.outbox.succeed(work, Date.now());
    } catch (error) {
      const code = error instanceof Error ? error.message : "UNKNOWN";
      console.warn(JSON.stringify({ route: "outbox", work, attempt: attempts + 1, code }));
      this.outbox.fail(work, attempts + 1, code, Date.now());
    }
  }

  private async copy(): Promise<void> {
    const record = this.record();
    if (record === undefined) return;
    const document = {
      pull_id: record.pull_id,
      revision: this.revision(),
      created_at: new Date(record.created_at).toISOString(),
      updated_at: new Date(record.updated_at).toISOString(),
      snapshots: this.sql.exec("SELECT version, size, fetched_at FROM snapshot ORDER BY version").toArray(),
      outbox: this.outbox.list(),
      ...view(JSON.parse(record.state)),
    };
    const line: Line = {
      pullId: record.pull_id,
      revision: document.revision,
      status: document.status ?? null,
      complete: document.complete,
      createdAt: record.created_at,
      updatedAt: record.updated_at,
    };
    const places = await placesOf(this.env, line, document);
    const stands = places.join() === this.places;
    await Promise.all([
      this.env.PULLS.put(`pull:${record.pull_id}`, JSON.stringify(document)),
      putLine(this.env, line, stands ? undefined : places),
    ]);
    this.places = places.join();
  }

  private async fetchPull(): Promise<void> {
    const record = this.record();
    if (record === undefined) return;
    const { CANOPY_API_BASE_URL: base, CANOPY_TEAM_ID: team } = this.env;
    const response = await fetch(`${base}/teams/${team}/pulls/${record.pull_id}`, {
      headers: {
        "x-canopy-client-id": this.env.CANOPY_CLIENT_ID,
        "x-canopy-client-secret": this.env.CANOPY_CLIENT_SECRET,
      },
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new Error(error instanceof Error && error.name === "TimeoutError" ? "TIMED_OUT" : "UNREACHABLE");
    });
    if (response.status !== 200) throw new Error(`HTTP_${response.status}`);
    const body = new Uint8Array(await response.arrayBuffer());
    JSON.parse(new TextDecoder().decode(body));
    const digest = await crypto.subtle.digest("SHA-256", body);
    const due = this.ctx.storage.transactionSync(() => this.storeSnapshot(body, digest, Date.now()));
    this.wakeAt(due);
  }

  private storeSnapshot(body: Uint8Array, digest: ArrayBuffer, now: number): number {
    const query = "SELECT version, hex(digest) AS digest FROM snapshot ORDER BY version DESC LIMIT 1";
    const [last] = this.sql.exec<{ version: number; digest: string }>(query).toArray();
    const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (last?.digest.toLowerCase() === hex) return Infinity;
    const version = (last?.version ?? 0) + 1;
    const insert = "INSERT INTO snapshot (version, digest, size, fetched_at) VALUES (?1, ?2, ?3, ?4)";
    this.sql.exec(insert, version, digest, body.byteLength, now);
    for (let number = 0; number * CHUNK_BYTES < body.byteLength; number += 1) {
      const chunk = body.slice(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES);
      this.sql.exec("INSERT INTO chunk (version, number, bytes) VALUES (?1, ?2, ?3)", version, number, chunk.buffer);
    }
    return this.outbox.want("copy", now);
  }

  private async notify(): Promise<void> {
    const record = this.record();
    if (record === undefined) return;
    const state: State = JSON.parse(record.state);
    const session = sessionOf(state);
    if (session === undefined) return;
    const revision = this.revision();
    const notice = JSON.stringify({ pull_id: record.pull_id, revision, ...view(state) });
    await this.env.SESSION.getByName(session).notify(revision, notice);
  }

  /** Tells the session without waiting for the alarm; should that fail, the alarm does it. */
  private async notifyNow(): Promise<void> {
    const revision = this.revision();
    try {
      await this.notify();
    } catch {
      return;
    }
    if (this.revision() === revision) this.outbox.told(Date.now());
  }

  private record(): Record | undefined {
    return this.sql.exec<Record>("SELECT pull_id, created_at, updated_at, state FROM pull").toArray()[0];
  }

  private revision(): number {
    return this.sql.exec<{ revision: number }>("SELECT coalesce(max(position), 0) AS revision FROM event").one()
      .revision;
  }
}
