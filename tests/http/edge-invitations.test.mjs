// Personal links: made by the back office, opened by one person, and followed to the book. What they are for stays as it was sealed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertProblem, backOfficeOf, isSettled, loginOf, until } from "../edge-client.mjs";
import { LOCAL, startBoth, startEdge, temporaryDirectory } from "../harness.mjs";
import { foundBelow, namesOf } from "../planted.mjs";

const TOKENS = `demo:${LOCAL.apiToken},reader:reader-token:read,boss:boss-token:admin+read+write`;
const BRAND = { name: "Maple & Main", colors: { accent: "#1f5f4a" }, logo: "/img/logo.svg", phone: "802-555-0142", email: "hello@maple.example" };
const DAY = 24 * 60 * 60 * 1000;

let both, edge, sandbox, office, boss, persist;

before(async () => {
  persist = await temporaryDirectory();
  both = await startBoth({ edgePersist: persist, edgeEnv: { EDGE_API_TOKENS: TOKENS, EDGE_BRAND: JSON.stringify(BRAND) } });
  ({ edge, sandbox } = both);
  [office, boss] = [backOfficeOf(edge), backOfficeOf(edge, "boss-token")];
});
after(() => both?.stop());

const make = (json, by = office) => by.call("/api/v1/invitations", { method: "POST", body: JSON.stringify(json) });

async function invite(json) {
  const answer = await make(json);
  const invitation = await answer.json();
  assert.equal(answer.status, 201, JSON.stringify(invitation));
  return { ...invitation, token: invitation.url.split("/").at(-1) };
}

const read = (invitation) => office.read(`/api/v1/invitations/${invitation.invitation_id}`);
const revoke = (invitation) => office.call(`/api/v1/invitations/${invitation.invitation_id}`, { method: "DELETE" });
const look = (invitation) => fetch(invitation.url, { method: "POST" });
/** A session as the page behind the link has it opened. */
const open = (json, origin = edge.url) => fetch(`${edge.url}/connect/sessions`, { method: "POST", headers: { origin, "content-type": "application/json" }, body: JSON.stringify(json) });

/** Signs in with a session. Gives the pull's id. */
async function connect({ session_id, token }, username = "user_good") {
  const asked = await fetch(`${edge.url}/connect/sessions/${session_id}/connect`, { method: "POST", headers: { origin: edge.url, authorization: `Bearer ${token}` }, body: JSON.stringify(await loginOf(sandbox, username)) });
  const { pull_id } = await asked.json();
  assert.equal(asked.status, 200);
  return pull_id;
}

test("an invitation is followed from the link to the book, its metadata intact", async () => {
  const metadata = { lead_id: "L-1027", score: 1.5, note: { of: ["Jürgen", null] } };
  const invitation = await invite({ metadata, lang: "es" });
  assert.ok(invitation.url.startsWith(`${edge.url}/i/c.`) && invitation.url.length < 400, invitation.url);
  assert.deepEqual([invitation.status, invitation.metadata, invitation.mode, invitation.created_by, invitation.opened_count], ["unopened", metadata, "components", "demo", 0]);
  assert.ok(Math.abs(Date.parse(invitation.expires_at) - Date.now() - 30 * DAY) < 60_000);

  // Scanners and link previews open whatever is sent.
  for (const method of ["GET", "HEAD", "GET"]) assert.equal((await fetch(invitation.url, { method })).status, 200);
  assert.equal((await read(invitation)).status, "unopened");
  assert.equal((await look(invitation)).status, 204);
  assert.equal((await look(invitation)).status, 204);
  const opened = await read(invitation);
  assert.deepEqual([opened.status, opened.opened_count, opened.connected_at], ["opened", 2, null]);

  // What the page says beside it does not count.
  const session = await open({ invitation: invitation.token, metadata: { lead_id: "L-other" }, mode: "hosted" });
  assert.equal(session.status, 201);
  const access = await session.json();
  assert.equal("metadata" in access, false, "the page is not told");
  const pull_id = await connect(access);
  const pull = await office.seen(pull_id, (pull) => pull.complete && isSettled(pull), "the whole pull");
  assert.deepEqual(pull.meta_data, { ...metadata, edge_invitation: invitation.invitation_id, edge_session: access.session_id });
  const snapshot = await office.read(`/api/v1/pulls/${pull_id}/snapshots/latest`);
  const hung = snapshot.pull.meta_data;
  assert.equal((typeof hung === "string" ? JSON.parse(hung) : hung).lead_id, "L-1027");
  const followed = await until(async () => { const now = await read(invitation); return now.status === "complete" && now; }, "the invitation to be complete");
  assert.deepEqual([followed.pull_ids, followed.opened_count], [[pull_id], 2]);
  assert.ok(Date.parse(followed.connected_at) <= Date.parse(followed.complete_at));
  const found = await office.read(`/api/v1/pulls?metadata.edge_invitation=${invitation.invitation_id}`);
  assert.deepEqual(found.pulls.map((line) => line.pull_id), [pull_id]);

  // What is deleted of the pull is forgotten here, too.
  const gone = await boss.call(`/api/v1/pulls/${pull_id}`, { method: "DELETE" });
  assert.equal((await gone.json()).complete, true);
  const left = await read(invitation);
  assert.deepEqual([left.status, left.pull_ids, left.connected_at], ["opened", [], null]);
});

test("Canopy's window is given the metadata by the edge, also after a reload", async () => {
  const invitation = await invite({ metadata: { lead_id: "L-7" }, mode: "hosted" });
  const access = await (await open({ invitation: invitation.token, metadata: { lead_id: "L-other" } })).json();
  const metadata = { lead_id: "L-7", edge_invitation: invitation.invitation_id };
  assert.deepEqual(access.metadata, metadata);
  assert.match(invitation.token, /^h\./, "the page knows by it who draws the screens");
  const again = await fetch(`${edge.url}/connect/sessions/${access.session_id}`, { headers: { origin: edge.url, authorization: `Bearer ${access.token}` } });
  assert.deepEqual((await again.json()).metadata, metadata);
  assert.deepEqual([(await read(invitation)).status, (await read(invitation)).opened_count], ["opened", 1], "who begins has opened it");
});

test("a changed link leads nowhere", async () => {
  const [one, other] = [await invite({ metadata: { lead_id: "L-1" } }), await invite({ metadata: { lead_id: "L-2" } })];
  const { token } = one;
  const at = Math.floor(token.length / 2);
  const changed = [`h.${token.slice(2)}`, token.slice(2), token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1), token.slice(1), `${token}A`, token.slice(0, at) + other.token.slice(at), "x", "x".repeat(3000)];
  for (const wrong of changed) {
    const page = await fetch(`${edge.url}/i/${wrong}`);
    assert.equal(page.status, 404, wrong);
    assert.match(await page.text(), /nothing behind this link/);
    await assertProblem(await look({ url: `${edge.url}/i/${wrong}` }), 404, "INVITATION_INVALID");
    await assertProblem(await open({ invitation: wrong }), 404, "INVITATION_INVALID");
  }
  await assertProblem(await open({ invitation: token }, "https://elsewhere.example"), 403, "ORIGIN_NOT_ALLOWED");
  await assertProblem(await open({ invitation: 7 }), 400, "INPUT_INVALID");
  assert.equal((await read(one)).opened_count, 0);
});

test("one that was taken back, or whose time is over, says so kindly", async () => {
  const back = await invite({ lang: "es", agency: "Otra Agencia" });
  assert.equal((await revoke(back)).status, 204);
  assert.equal((await revoke(back)).status, 204);
  const page = await fetch(back.url);
  assert.equal(page.status, 410);
  const text = await page.text();
  assert.ok(text.includes('lang="es"') && text.includes("Pida un enlace nuevo a Otra Agencia") && text.includes("tel:8025550142"), text);
  await assertProblem(await open({ invitation: back.token }), 410, "INVITATION_REVOKED");
  await assertProblem(await look(back), 410, "INVITATION_REVOKED");
  const { status, revoked_at } = await read(back);
  assert.deepEqual([status, typeof revoked_at], ["revoked", "string"]);

  const short = await invite({ expires_at: new Date(Date.now() + 1_500).toISOString() });
  await until(async () => (await fetch(short.url)).status === 410, "the end of its time");
  await assertProblem(await open({ invitation: short.token }), 410, "INVITATION_EXPIRED");
  await assertProblem(await look(short), 410, "INVITATION_EXPIRED");
  assert.equal((await read(short)).status, "expired");
});

test("what is sealed in one is forgotten when the agency wants it, and its link opens nothing", async () => {
  const kept = ({ invitation_id, created_at, created_by, expires_at, opened_count }) => [invitation_id, created_at, created_by, expires_at, opened_count];
  const erase = (invitation, by) => by.call(`/api/v1/invitations/${invitation.invitation_id}?erase=true`, { method: "DELETE" });
  const good = await invite({ metadata: { lead_id: "L-gone" }, agency: "Gone" });
  await assertProblem(await erase(good, office), 403, "SCOPE_MISSING");
  await assertProblem(await boss.call(`/api/v1/invitations/${good.invitation_id}?erase=yes`, { method: "DELETE" }), 400, "INPUT_INVALID");
  assert.equal((await read(good)).revoked_at, null, "what is refused takes nothing back");
  for (let times = 0; times < 2; times += 1) assert.equal((await erase(good, boss)).status, 204);
  const left = await read(good);
  assert.deepEqual([left.url, left.metadata, left.agency, left.mode, left.lang, left.status], [null, null, null, null, null, "revoked"]);
  assert.deepEqual(kept(left), kept(good));
  assert.equal((await fetch(good.url)).status, 410);
  await assertProblem(await open({ invitation: good.token }), 410, "INVITATION_REVOKED");
  await assertProblem(await erase({ invitation_id: "none" }, boss), 404, "NOT_FOUND");

  const short = await invite({ metadata: { lead_id: "L-short" }, expires_at: new Date(Date.now() + 1_500).toISOString() });
  await until(async () => (await read(short)).status === "expired", "the end of its time");
  assert.equal((await erase(short, boss)).status, 204);
  const { metadata, status, revoked_at } = await read(short);
  assert.deepEqual([metadata, status, revoked_at], [null, "expired", null]);
});

test("what is sealed in one is forgotten by itself, so many days after its time was over", async () => {
  const own = await startEdge({ env: { EDGE_API_TOKENS: TOKENS, EDGE_RETENTION_DAYS: "2" } });
  try {
    const by = backOfficeOf(own, "boss-token");
    const made = async (json) => (await (await make({ metadata: { lead_id: "L-1" }, ...json }, by)).json()).invitation_id;
    const [short, long] = [await made({ expires_at: new Date(Date.now() + 60 * 60 * 1000).toISOString() }), await made({})];
    const later = async (advance) => {
      assert.equal((await by.call("/api/v1/clock", { method: "POST", body: JSON.stringify({ advance }) })).status, 200);
      assert.equal((await fetch(`${own.url}/cdn-cgi/local/scheduled`)).status, 200);
      return Promise.all([short, long].map(async (id) => (await by.read(`/api/v1/invitations/${id}`)).metadata?.lead_id));
    };
    assert.deepEqual(await later("P1D"), ["L-1", "L-1"]);
    assert.deepEqual(await later("P2D"), [undefined, "L-1"]);
    assert.equal((await by.read(`/api/v1/invitations/${short}`)).status, "expired");
  } finally {
    await own.stop();
  }
});

test("the page has the agency's looks, a strict policy, and nothing of the lead", async () => {
  const invitation = await invite({ metadata: { name: "Lois Griffin" } });
  const page = await fetch(invitation.url);
  const headers = ["referrer-policy", "x-robots-tag", "cache-control", "x-content-type-options"].map((name) => page.headers.get(name));
  assert.deepEqual(headers, ["no-referrer", "noindex", "no-store", "nosniff"]);
  const policy = page.headers.get("content-security-policy");
  const text = await page.text();
  const [, nonce] = /<style nonce="([0-9a-f]{32})">/.exec(text);
  assert.ok(policy.includes(`style-src 'self' 'nonce-${nonce}'`) && policy.startsWith("default-src 'none'") && !policy.includes("unsafe-inline"), policy);
  assert.equal((await (await fetch(invitation.url)).text()).includes(nonce), false, "a nonce is used once");
  for (const part of ["Maple &amp; Main", "--canopy-accent:#1f5f4a", 'src="/img/logo.svg"', `property="og:image" content="${edge.url}/img/invitation.png"`]) assert.ok(text.includes(part), part);
  assert.ok(!text.includes("Lois"));
  const picture = await fetch(`${edge.url}/img/invitation.png`);
  assert.deepEqual([picture.status, picture.headers.get("content-type")], [200, "image/png"]);
});

test("everything that is wrong with a body is named at once", async () => {
  const answer = await make({ metadata: { edge_invitation: "x" }, agency: " ", mode: "both", lang: "!", expires_at: "2020-01-01T00:00:00Z", more: 1 });
  const { errors } = await assertProblem(answer, 400, "INPUT_INVALID");
  assert.deepEqual(errors.map(({ pointer }) => pointer), ["/metadata", "/agency", "/mode", "/lang", "/expires_at", "/more"]);
  await assertProblem(await make([]), 400, "BODY_MALFORMED");
  await assertProblem(await make({ metadata: { a: "x".repeat(800) } }), 400, "INPUT_INVALID");
});

test("the list has pages, a filter, and scopes", async () => {
  const made = [];
  for (const lead_id of ["L-a", "L-b", "L-c"]) made.unshift(await invite({ metadata: { lead_id } }));
  const first = await office.read("/api/v1/invitations?limit=2");
  assert.deepEqual(first.invitations.map(({ metadata }) => metadata.lead_id), ["L-c", "L-b"]);
  const second = await office.read(`/api/v1/invitations?limit=1&cursor=${first.cursor}`);
  assert.equal(second.invitations[0].metadata.lead_id, "L-a");
  await revoke(made[1]);
  const revoked = await office.read("/api/v1/invitations?status=revoked&limit=1");
  assert.deepEqual(revoked.invitations.map(({ invitation_id }) => invitation_id), [made[1].invitation_id]);
  const reader = backOfficeOf(edge, "reader-token");
  await assertProblem(await make({}, reader), 403, "SCOPE_MISSING");
  await assertProblem(await reader.call(`/api/v1/invitations/${made[0].invitation_id}`, { method: "DELETE" }), 403, "SCOPE_MISSING");
  assert.equal((await reader.read(`/api/v1/invitations/${made[0].invitation_id}`)).url, made[0].url);
  await assertProblem(await office.call("/api/v1/invitations/none"), 404, "NOT_FOUND");
  await assertProblem(await office.call("/api/v1/invitations/none", { method: "DELETE" }), 404, "NOT_FOUND");
  const { entries } = await boss.read("/api/v1/audit?caller=demo&limit=100");
  assert.ok(entries.some(({ operation, method, status }) => operation === "/api/v1/invitations" && method === "POST" && status === 201));
});

test("nothing of what is sealed stands at rest, and another session key opens none of it", async () => {
  const directory = await temporaryDirectory();
  const planted = { lead: "PLANTED-lead-7f3a", agency: "PLANTED-agency-7f3a" };
  const begun = await startEdge({ persist: directory, env: { EDGE_API_TOKENS: TOKENS } });
  let made;
  try {
    const answer = await backOfficeOf(begun).call("/api/v1/invitations", { method: "POST", body: JSON.stringify({ metadata: { lead: planted.lead }, agency: planted.agency }) });
    made = await answer.json();
    assert.equal(answer.status, 201);
  } finally {
    await begun.stop();
  }
  assert.deepEqual(namesOf(foundBelow(directory, planted)), []);
  const rotated = await startEdge({ persist: directory, env: { EDGE_API_TOKENS: TOKENS, EDGE_SESSION_KEY: "another-session-key-0123456789abcdef0123456789" } });
  try {
    const { url, metadata, agency, status } = await backOfficeOf(rotated).read(`/api/v1/invitations/${made.invitation_id}`);
    assert.deepEqual([url, metadata, agency, status], [null, null, null, "unopened"]);
    assert.equal((await fetch(`${rotated.url}/i/${made.url.split("/").at(-1)}`)).status, 404);
  } finally {
    await rotated.stop();
  }
});

test("a brand that cannot be read is named", async () => {
  const wrong = await startEdge({ env: { EDGE_BRAND: '{"colors":{"accent":"red"}}' } });
  try {
    const health = await fetch(`${wrong.url}/healthz`);
    assert.deepEqual([health.status, (await health.json()).errors.map(({ variable }) => variable)], [503, ["EDGE_BRAND"]]);
  } finally {
    await wrong.stop();
  }
});
