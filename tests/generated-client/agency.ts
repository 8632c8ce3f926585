// An agency's program for Canopy Connect's API: its client is openapi-fetch with the types that openapi-typescript makes of the
// published document. Nothing in it knows of the edge.
import createClient, { type Client } from "openapi-fetch";
import type { paths } from "canopy-api";

/** Where the API is, and who asks. */
export type Connection = { baseUrl: string; clientId: string; clientSecret: string };
/** The agency; `tokensOf` stands for Canopy's Components, to which consumers give their credentials. */
export type Agency = { teamId: string; publicAlias: string; tokensOf(username: string): Promise<{ username: string; password: string }> };
/** What a call came to: its path without ids, and the shape of its answer. */
export type Outcome = { path: string; status: number; type: string | null; body: unknown };

type Answer<T> = { data?: T; error?: unknown; response: Response };

const PATIENCE_MS = 20_000;

export function programOf({ baseUrl, clientId, clientSecret }: Connection, { teamId, publicAlias, tokensOf }: Agency) {
  const credentials = { "x-canopy-client-id": clientId, "x-canopy-client-secret": clientSecret };
  const client = createClient<paths>({ baseUrl, headers: credentials });
  /** Leaves the agency's credentials out of a call that the consumer makes. */
  const consumer = { "x-canopy-client-id": null, "x-canopy-client-secret": null };
  const outcomes: Outcome[] = [];

  function took<T>({ data, error, response }: Answer<T>): T {
    const path = response.url.slice(baseUrl.length).replaceAll(/[0-9a-f-]{36}/g, "*");
    if (response.status >= 400) throw new Error(`${path}: ${response.status} ${JSON.stringify(error)}`);
    outcomes.push({ path, status: response.status, type: response.headers.get("content-type"), body: shapeOf(data ?? error) });
    return data as T;
  }

  /** Asks again until the answer is the wanted one. */
  async function until<T>(ask: () => Promise<Answer<T>>, isWanted: (data: T) => boolean): Promise<T> {
    for (const limit = Date.now() + PATIENCE_MS; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
      const answer = await ask();
      if (answer.data === undefined || isWanted(answer.data)) return took(answer);
      if (Date.now() > limit) throw new Error(`not seen within ${PATIENCE_MS} ms, last: ${JSON.stringify(answer.data)}`);
    }
  }

  async function connected(username: string) {
    const tokens = await tokensOf(username);
    const body = {
      device_identifier: "127.0.0.1",
      terms_version: 1,
      consent_language: "By clicking Continue you agree to the Terms of Service",
      public_alias: publicAlias,
      insurerName: "statefarm",
      insurerUsername: tokens.username,
      insurerPassword: tokens.password,
    };
    return took(await client.POST("/widget/pull/consentAndConnect", { body }));
  }

  function pullAt(pullId: string, status: string) {
    const ask = () => client.GET("/teams/{teamId}/pulls/{pullId}", { params: { path: { teamId, pullId } } });
    return until(ask, ({ pull }) => pull?.status === status);
  }

  async function giveCode(pullId: string, jwt: string) {
    const params = { path: { pullId }, header: { "pull-jwt": jwt } };
    took(await client.POST("/widget/pull/{pullId}/idv", { params, headers: consumer, body: { mfaValue: "123456" } }));
  }

  /** A pull that asks for a code, and one of its documents. */
  async function pull() {
    const { pull_id: pullId, pull_jwt } = await connected("user_mfa");
    await pullAt(pullId, "IDENTITY_VERIFICATION_OPTIONS");
    const params = { path: { pullId }, header: { "pull-jwt": pull_jwt } };
    took(await client.POST("/widget/pull/{pullId}/idvoptions", { params, headers: consumer, body: { optionKey: "SMS_0" } }));
    await pullAt(pullId, "IDENTITY_VERIFICATION");
    await giveCode(pullId, pull_jwt);
    const whole = await pullAt(pullId, "SUCCESS");
    const documentId = present(whole.pull?.documents?.[0]?.document_id);
    const path = { teamId, pullId, documentId };
    const file = took(await client.GET("/teams/{teamId}/pulls/{pullId}/documents/{documentId}/pdf", { params: { path }, parseAs: "arrayBuffer" }));
    const link = await client.GET("/teams/{teamId}/pulls/{pullId}/documents/{documentId}", { params: { path }, redirect: "manual" });
    took(link);
    const signed = await fetch(present(link.response.headers.get("location")));
    return { file, signed: await signed.arrayBuffer() };
  }

  async function monitored(username: string) {
    const { pull_id, pull_jwt } = await connected(username);
    if (username === "user_optionless_mfa") {
      await pullAt(pull_id, "IDENTITY_VERIFICATION");
      await giveCode(pull_id, pull_jwt);
    }
    await pullAt(pull_id, "SUCCESS");
    const body = { pull_id, interval: "P30D" };
    const made = took(await client.POST("/teams/{teamId}/monitorings", { params: { path: { teamId } }, body }));
    const params = { path: { teamId, monitoringId: present(made.monitoring?.monitoring_id) } };
    const refreshed = took(await client.POST("/teams/{teamId}/monitorings/{monitoringId}/refresh", { params }));
    return { params, pullId: present(refreshed.pull_id) };
  }

  async function stopped({ params }: Awaited<ReturnType<typeof monitored>>) {
    const { monitoring } = took(await client.DELETE("/teams/{teamId}/monitorings/{monitoringId}", { params }));
    return monitoring?.status;
  }

  /** A monitoring whose refresh finds a change. */
  async function monitoring() {
    const made = await monitored("user_good_discover");
    await pullAt(made.pullId, "SUCCESS");
    const params = { ...made.params, query: { with_pulls: true as const } };
    const shown = took(await client.GET("/teams/{teamId}/monitorings/{monitoringId}", { params }));
    const { events } = took(await client.GET("/teams/{teamId}/monitorings/{monitoringId}/events", { params: made.params }));
    return { pulls: shown.pulls?.length, events: events?.length, status: await stopped(made) };
  }

  /** A monitoring whose refresh needs the consumer. */
  async function reconnection() {
    const made = await monitored("user_optionless_mfa");
    await pullAt(made.pullId, "IDENTITY_VERIFICATION");
    const { reconnect_token } = took(await client.GET("/teams/{teamId}/monitorings/{monitoringId}/reconnectToken", { params: made.params }));
    const { pull_id, pull_jwt } = took(await client.POST("/widget/pull/reconnectToken", { body: { reconnect_token } }));
    await giveCode(pull_id, pull_jwt);
    await pullAt(made.pullId, "SUCCESS");
    return { status: await stopped(made) };
  }

  /** A change to a policy, which its consumer confirms. */
  async function servicing() {
    const { pull_id } = await connected("user_good_home");
    await pullAt(pull_id, "SUCCESS");
    const payload = { carrier_policy_number: "HO132483", name: "BANK", address: "PO BOX 1, ATLANTA, GA 30362", loan_number: "1", mortgagee_type: "FIRST" as const };
    const body = { pull_id, servicing_actions: [{ type: "ADD_MORTGAGEE" as const, payload }] };
    const made = took(await client.POST("/teams/{teamId}/servicings", { params: { path: { teamId } }, body }));
    const servicingActionId = present(made.servicing_action_ids?.[0]);
    const ask = () => client.GET("/teams/{teamId}/servicings/{servicingActionId}", { params: { path: { teamId, servicingActionId } } });
    await until(ask, ({ status }) => status === "WAITING_FOR_CONSUMER_CONFIRMATION");
    const params = { path: { pullId: present(made.pull_id) }, header: { "pull-jwt": present(made.pull_jwt) } };
    const answer = { servicing_action_id: servicingActionId, is_confirmed: true };
    took(await client.POST("/widget/pull/{pullId}/servicingAction", { params, headers: consumer, body: answer }));
    const { status } = await until(ask, ({ status }) => status === "SUCCESS");
    return { status };
  }

  return { outcomes, pull, monitoring, reconnection, servicing };
}

function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("the answer lacks a member that the program needs");
  return value;
}

/** Names of statuses and types are part of a shape; ids, times and amounts are not. */
function shapeOf(value: unknown): unknown {
  if (value instanceof ArrayBuffer) return "bytes";
  if (Array.isArray(value)) return value.map(shapeOf);
  if (value === null) return null;
  if (typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
  return typeof value === "string" && /^[A-Z][A-Z_]+$/.test(value) ? value : typeof value;
}

/** Not to be called: a consumer's call without `pull-jwt` is none of the document's. */
export function withoutJwt(client: Client<paths>) {
  // @ts-expect-error: the header is required
  return client.POST("/widget/pull/{pullId}/idv", { params: { path: { pullId: "" } }, body: { mfaValue: "123456" } });
}
