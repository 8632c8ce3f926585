// A pull's line in the list of pulls, in D1: found by its account, its metadata and its policies' types, alone and together
// with its status. Values stand there as keyed hashes.
import type { Env } from "./env";

const PUT_LINE = `
INSERT INTO pulls (pull_id, revision, status, complete, created_at, updated_at, places)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, coalesce(?7, '[]'))
ON CONFLICT (pull_id) DO UPDATE SET revision = excluded.revision, status = excluded.status,
  complete = excluded.complete, updated_at = excluded.updated_at, places = coalesce(?7, pulls.places)
WHERE excluded.revision >= pulls.revision`;
const DELETE_POSTINGS = `
DELETE FROM postings WHERE (hash, created_at, pull_id) IN (
  SELECT old.value, pulls.created_at, pulls.pull_id FROM pulls, json_each(pulls.places) AS old
  WHERE pulls.pull_id = ?1 AND pulls.revision <= ?2 AND old.value NOT IN (SELECT value FROM json_each(?3)))`;
const INSERT_POSTINGS = `
INSERT OR IGNORE INTO postings (hash, created_at, pull_id)
SELECT value, ?3, ?1 FROM json_each(?4)
WHERE NOT EXISTS (SELECT 1 FROM pulls WHERE pull_id = ?1 AND revision > ?2)`;

export interface Line {
  pullId: string;
  revision: number;
  status: string | null;
  complete: boolean;
  createdAt: number;
  updatedAt: number;
}

export interface FoundBy {
  account_identifier?: string | null;
  meta_data: Record<string, unknown>;
  policies: Record<string, string | null>;
}

const encoder = new TextEncoder();
let imported: CryptoKey | undefined;

async function hash(env: Env, text: string): Promise<string> {
  if (imported === undefined) {
    const raw = encoder.encode(`list:${env.EDGE_SESSION_KEY}`);
    imported = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  }
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
  return Array.from(mac.subarray(0, 12), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Everywhere that a pull stands. */
export async function placesOf(env: Env, line: Line, { account_identifier, meta_data, policies }: FoundBy): Promise<string[]> {
  const metadata = Object.entries(meta_data).filter(([, value]) => ["string", "number", "boolean"].includes(typeof value));
  const facets = [
    ...(account_identifier ? [`account_identifier\0${account_identifier}`] : []),
    ...metadata.map(([name, value]) => `metadata.${name}\0${value}`),
    ...Object.values(policies).flatMap((type) => (type === null ? [] : [`type\0${type}`])),
  ];
  const inStatus = line.status === null ? [] : [`status\0${line.status}`, ...facets.map((facet) => `${facet}\0${line.status}`)];
  return (await Promise.all([...new Set([...facets, ...inStatus])].map((text) => hash(env, text)))).sort();
}

/** Writes the line, and where else the pull stands unless that is there already. */
export async function putLine(env: Env, line: Line, places: string[] | undefined): Promise<void> {
  const { pullId, revision, status, complete, createdAt, updatedAt } = line;
  const json = places === undefined ? null : JSON.stringify(places);
  const put = env.AGENCY.prepare(PUT_LINE).bind(pullId, revision, status, complete ? 1 : 0, createdAt, updatedAt, json);
  if (json === null) return void (await put.run());
  await env.AGENCY.batch([
    env.AGENCY.prepare(DELETE_POSTINGS).bind(pullId, revision, json),
    env.AGENCY.prepare(INSERT_POSTINGS).bind(pullId, revision, createdAt, json),
    put,
  ]);
}
