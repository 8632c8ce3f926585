// What is to be done after an event, when, and how it went.
export type Work = "notify" | "copy" | "fetch";

/** A copy waits for more of the same burst of events. */
const COPY_WAIT_MS = 500;
/** KV takes one write a second for a key. */
const COPY_REST_MS = 1_000;
/** Time that the notice sent with the event has before the alarm sends it again. */
const NOTIFY_GRACE_MS = 2_000;
const BACKOFF_BASE_MS = 1_000;
const BACKOFF_CAP_MS = 15 * 60 * 1_000;
const MAX_ATTEMPTS = 14;
const MAX_FAILURES_KEPT = 10;

const PENDING = 0;
const RUNNING = 1;
const DONE = 2;
const FAILED = 3;

interface Failure {
  at: number;
  code: string;
}

export class Outbox {
  static readonly SCHEMA = `
CREATE TABLE IF NOT EXISTS outbox (
  work TEXT PRIMARY KEY, state INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL,
  done_at INTEGER NOT NULL, failures TEXT NOT NULL) WITHOUT ROWID;`;

  constructor(private readonly sql: SqlStorage) {}

  /** Puts work in, unless it waits there already. Gives when it is due, Infinity when nothing changed. */
  want(work: Work, now: number): number {
    const grace = work === "notify" ? NOTIFY_GRACE_MS : work === "copy" ? COPY_WAIT_MS : 0;
    const rest = work === "copy" ? COPY_REST_MS : 0;
    const [row] = this.sql
      .exec<{ due: number }>(
        `INSERT INTO outbox (work, state, due, attempts, done_at, failures) VALUES (?1, 0, ?2, 0, 0, '[]')
         ON CONFLICT (work) DO UPDATE SET state = 0, attempts = 0, due = max(excluded.due, done_at + ?3)
         WHERE state <> 0 RETURNING due`,
        work,
        now + grace,
        rest,
      )
      .toArray();
    return row?.due ?? Infinity;
  }

  /** What is due, marked as running. Work that was running when the object was lost is due again. */
  takeDue(now: number): { work: Work; attempts: number }[] {
    return this.sql
      .exec<{ work: Work; attempts: number }>(
        `UPDATE outbox SET state = ?1 WHERE state IN (?2, ?1) AND due <= ?3 RETURNING work, attempts`,
        RUNNING,
        PENDING,
        now,
      )
      .toArray();
  }

  /** Notes that work is done, unless it was wanted again meanwhile. */
  succeed(work: Work, now: number): void {
    this.finish(work, RUNNING, now);
  }

  /** Notes that the session was told of the newest state before the alarm came to it. */
  told(now: number): void {
    this.finish("notify", PENDING, now);
  }

  private finish(work: Work, from: number, now: number): void {
    const query = "UPDATE outbox SET state = ?1, attempts = 0, done_at = ?2 WHERE work = ?3 AND state = ?4";
    this.sql.exec(query, DONE, now, work, from);
  }

  fail(work: Work, attempts: number, code: string, now: number): void {
    const [row] = this.sql.exec<{ failures: string }>("SELECT failures FROM outbox WHERE work = ?1", work).toArray();
    const failures: Failure[] = JSON.parse(row?.failures ?? "[]");
    failures.push({ at: now, code });
    const wait = Math.min(BACKOFF_BASE_MS * 2 ** (attempts - 1), BACKOFF_CAP_MS) * (0.5 + Math.random() / 2);
    const state = attempts < MAX_ATTEMPTS ? PENDING : FAILED;
    this.sql.exec(
      "UPDATE outbox SET state = ?1, due = ?2, attempts = ?3, failures = ?4 WHERE work = ?5",
      state,
      Math.round(now + wait),
      attempts,
      JSON.stringify(failures.slice(-MAX_FAILURES_KEPT)),
      work,
    );
  }

  nextDue(): number {
    const query = "SELECT min(due) AS due FROM outbox WHERE state IN (?1, ?2)";
    return this.sql.exec<{ due: number | null }>(query, PENDING, RUNNING).one().due ?? Infinity;
  }

  list() {
    const query = "SELECT work, state, due, attempts, failures FROM outbox ORDER BY work";
    return this.sql
      .exec<{ work: string; state: number; due: number; attempts: number; failures: string }>(query)
      .toArray()
      .map(({ work, state, due, attempts, failures }) => ({
        work,
        state: state === DONE ? "done" : state === FAILED ? "failed" : "pending",
        attempts,
        next_at: state === PENDING || state === RUNNING ? new Date(due).toISOString() : null,
        failures: JSON.parse(failures),
      }));
  }
}
