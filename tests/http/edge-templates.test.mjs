// Each template on the real Worker: deployed by one call, started by a real pull of the sandbox or by the clock, its effect seen once where it goes,
// with every webhook and alarm doubled and kills in the middle; silent where its page says so; and its dry run as the page shows it.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, afterEach, before, test } from "node:test";
import { assertProblem, authOf, authStatus, openPage, postWebhook, until, webhook } from "../edge-client.mjs";
import { HOOK_SECRET, NOBODY, SLOW, exampleOf, startAgency } from "../agency.mjs";
import { showOn, shownAsk, shownOn, shownRun } from "../shown-run.mjs";

const NAMES = ["book-report", "chat-summary", "crm-contact", "monitoring-switch", "new-pull-alerts", "reconnect-nudge", "renewal-reminders", "summary-pdf", "threshold-alerts", "webhook-action"];
const TEAMS_HOST = "default0000000000000000000000000000.05.environment.api.powerplatform.com";
/** Of the sandbox's household: what a model is not told. */
const PERSONAL = ["Clark", "Kent", "clark.kent@theplanet.com", "Clinton", "8885550000", "HO132483", "1G1FK1R62J0158884"];

let agency, from, recorded;
before(async () => {
  agency = await startAgency();
  // By day, where the templates below have their hours.
  await agency.toHour(12);
  recorded = await agency.shared("user_good", SLOW);
});
after(() => agency?.stop());
/** Instances are of one test each. */
const instances = [];
afterEach(async () => {
  for (const id of instances.splice(0)) await agency.remove(id);
});

async function deployed(template, config, id) {
  await agency.deploy(template, config, id);
  instances.push(id ?? template);
  from = agency.services.calls.length;
}
/** What services have done since the template was deployed, each thing once. */
const told = (service) => agency.services.accepted(service).filter((call) => agency.services.calls.indexOf(call) >= from);
const bodies = (service) => told(service).map(({ body }) => body);
const texts = (service) => bodies(service).map(({ text }) => text);
const keys = () => new Set(agency.services.calls.slice(from).map(({ key }) => key));
const statuses = (runs) => runs.map(({ status, detail }) => [status, detail]);
const linkTo = (pull_id) => `https://crm.agency.example/pulls?id=${pull_id}`;

/** The template's dry run on a pull, configured as its page says but for `config`, is what the page shows; with PAGES set it is put there. */
async function isShown(template, { pull_id = recorded, config = {}, status = "done" } = {}) {
  const { runs, not_started } = await agency.dry(template, { ...shownAsk(template, pull_id), config: { ...exampleOf(template), ...config } });
  assert.deepEqual([runs.map((run) => run.status), not_started], [[status], []], JSON.stringify({ runs, not_started }));
  if (process.env.PAGES) showOn(template, shownRun(runs[0]));
  assert.equal(shownOn(template), shownRun(runs[0]));
}

test("all ten are listed with what they take, and a wrong configuration is refused with the place of each mistake", async () => {
  const { templates } = await agency.boss.read("/api/v1/flow-templates");
  assert.deepEqual(templates.map(({ name }) => name).toSorted(), NAMES);
  for (const { name, title, flows, definition, example } of templates) {
    assert.ok(title && flows.length > 0 && definition.flows, name);
    assert.deepEqual(example.config, exampleOf(name));
    const problem = await assertProblem(await agency.boss.call("/api/v1/instances/wrong", { method: "PUT", body: JSON.stringify({ template: name, config: { more: 1, refreshes: "yes", hours: 0, from: "nobody", lines: {} }, enabled: true }) }), 422, "WORKFLOW_INVALID");
    const pointers = problem.errors.map(({ pointer }) => pointer);
    const config = definition.config;
    const missing = Object.keys(config).filter((field) => config[field].required);
    const wrong = ["more", "refreshes", "hours", "from", "lines"];
    for (const field of new Set([...wrong, ...missing])) assert.ok(pointers.includes(`/config/${field}`), `${name}: ${field} of ${pointers}`);
  }
  await assertProblem(await agency.boss.call("/api/v1/instances/wrong", { method: "PUT", body: JSON.stringify({ template: "nothing", config: {}, enabled: true }) }), 422, "WORKFLOW_INVALID");
  await assertProblem(await agency.boss.call("/api/v1/instances/wrong"), 404, "NOT_FOUND");
});

test("new-pull-alerts: Slack is told when a pull begins, waits too long, and is complete", async () => {
  await deployed("new-pull-alerts", { key: "SLACK_WEBHOOK" });
  const { page, pull_id } = await agency.begun("user_optionless_mfa");
  await page.shown(authOf("IDENTITY_VERIFICATION"), "question");
  await until(() => told("slack-webhook").length === 1, "the first");
  await agency.doubled("new-pull-alerts", pull_id);
  // What is killed before its answer is kept is told once more.
  const isTold = ({ path, state }) => path === "begun_slack" && state === "done";
  await until(async () => (await agency.boss.read(`/api/v1/runs/p-${pull_id}-1`)).steps.some(isTold), "its answer");
  await agency.kill();
  // An hour is waited for after another.
  for (let hour = 0; hour < 2; hour += 1) await agency.move({ advance: "PT61M" });
  await until(() => told("slack-webhook").length === 2, "the second");
  await agency.doubled("new-pull-alerts", pull_id);
  const quick = await agency.shared("user_optionless_mfa", "L-2");
  await agency.ended("new-pull-alerts", quick);
  await agency.doubled("new-pull-alerts", quick);
  const says = (id, words, lead) => `${words} (lead_id ${lead}). ${linkTo(id)}`;
  assert.deepEqual(texts("slack-webhook").filter((text) => text.endsWith(pull_id)), [says(pull_id, "A pull began", "L-1"), says(pull_id, "A pull waits for 2 hours: IDENTITY_VERIFICATION", "L-1")]);
  assert.deepEqual(texts("slack-webhook").filter((text) => text.endsWith(quick)), [says(quick, "A pull began", "L-2"), says(quick, "A pull is complete", "L-2")]);
  // Webhooks come in any order: one whose end comes first has begun, too.
  const overtaken = randomUUID();
  for (const body of [webhook(overtaken, "ERROR", { status: "PROVIDER_ERROR" }), authStatus(overtaken, "PROCESSING", 1)]) assert.equal((await postWebhook(agency.edge, body)).status, 200);
  await agency.ended("new-pull-alerts", overtaken);
  assert.deepEqual(texts("slack-webhook").filter((text) => text.endsWith(overtaken)), [`A pull began (lead_id ). ${linkTo(overtaken)}`, `A pull failed (lead_id ). ${linkTo(overtaken)}`]);
  // A refresh is none of a new consumer.
  const monitoring = await agency.monitor(quick);
  const refresh = await agency.refresh(monitoring);
  await agency.boss.seen(refresh, (pull) => pull.reconnect, "the refresh");
  await agency.unmonitor(monitoring);
  await agency.judged(refresh);
  assert.deepEqual([await agency.runsOf("new-pull-alerts", refresh), told("slack-webhook").length], [[], 6]);
  await isShown("new-pull-alerts", { pull_id: quick, config: { key: "SLACK_WEBHOOK" }, status: "stopped" });
});

test("webhook-action: the agency's system has the entry, the pull and its policies, and no others", async () => {
  await deployed("webhook-action", { url: `${agency.hook.url}/hooks`, types: ["COMPLETE"], key: "HOOK" });
  const pull_id = await agency.shared("user_good");
  await agency.ended("webhook-action", pull_id);
  await agency.doubled("webhook-action", pull_id);
  const [{ run_id }] = await agency.ended("webhook-action", pull_id);
  const made = agency.hook.calls.filter(({ path }) => path === "/hooks");
  assert.equal(made.length, 1);
  assert.deepEqual([made[0].headers.authorization, made[0].headers["idempotency-key"]], [`Bearer ${HOOK_SECRET}`, `${run_id}/bearer`]);
  const { event, pull, policies } = JSON.parse(made[0].body);
  const { pull: snapshot } = await agency.boss.read(`/api/v1/pulls/${pull_id}/snapshots/latest`);
  assert.deepEqual([event.type, pull.pull_id, pull.status, pull.complete, pull.meta_data.lead_id], ["COMPLETE", pull_id, "SUCCESS", true, "L-1"]);
  assert.deepEqual(policies.map(({ id, to }) => [id, to]), snapshot.policies.map(({ policy_id, expiry_date }) => [policy_id, expiry_date.slice(0, 10)]));
  const { pull_id: failed } = await agency.begun("user_provider_error");
  await agency.boss.seen(failed, (pull) => pull.error, "the failure");
  await agency.doubled("webhook-action", failed);
  assert.deepEqual([await agency.runsOf("webhook-action", failed), agency.hook.calls.filter(({ path }) => path === "/hooks").length], [[], 1]);
  await isShown("webhook-action");
});

test("crm-contact: HubSpot has one contact with one note, through a service that fails at first; none of who left no address", async () => {
  await deployed("crm-contact");
  agency.services.misbehave("api.hubapi.com", "error", 1);
  const pull_id = await agency.shared("user_good");
  await agency.ended("crm-contact", pull_id);
  await agency.doubled("crm-contact", pull_id);
  const [run] = await agency.ended("crm-contact", pull_id);
  assert.deepEqual([run.status, told("hubspot").length], ["done", 2]);
  const [{ inputs: [contact] }, { associations, properties: note }] = bodies("hubspot");
  const [id, { firstname, lastname, phone, zip }] = [contact.id, contact.properties];
  assert.deepEqual([id, firstname, lastname, phone, zip], ["clark.kent@theplanet.com", "Clark", "Kent", "+18885550000", "11231"]);
  const { id: contact_id } = run.steps.find(({ path }) => path === "hubspot").result;
  assert.equal(associations[0].to.id, contact_id);
  assert.ok(note.hs_note_body.includes(pull_id) && /Auto, .*; Home/.test(note.hs_note_body), note.hs_note_body);
  assert.deepEqual((await agency.boss.pull(pull_id)).own.CRM_CONTACT_WRITTEN.data, { crm: "hubspot", id: contact_id });
  const nobody = await agency.shared("user_good", NOBODY);
  await agency.doubled("crm-contact", nobody);
  assert.deepEqual(statuses(await agency.ended("crm-contact", nobody)), [["stopped", "the consumer left no e-mail address"]]);
  assert.equal(told("hubspot").length, 2);
  await isShown("crm-contact");
});

test("chat-summary: a model is told of the policies and of no person, and the note is one", async () => {
  await deployed("chat-summary");
  agency.services.misbehave("api.openai.com", "hang", 1);
  const pull_id = await agency.shared("user_good");
  await until(() => agency.services.calls.slice(from).length === 1, "the call that hangs");
  await agency.kill();
  await agency.ended("chat-summary", pull_id);
  await agency.doubled("chat-summary", pull_id);
  await agency.ended("chat-summary", pull_id);
  assert.deepEqual([told("openai").length, told("hubspot").length], [1, 2]);
  const [{ text }] = told("openai");
  for (const one of PERSONAL) assert.ok(!text.includes(one), one);
  assert.match(text, /Auto.*premium/);
  const [, { properties: note }] = bodies("hubspot");
  assert.match(note.hs_note_body, /^<p>An answer to: Sum up .*Written by a model: gpt-5-mini/s);
  assert.deepEqual((await agency.boss.pull(pull_id)).own.POLICY_SUMMARY.data, { to: "hubspot", model: "gpt-5-mini" });
  const empty = await agency.shared("user_good_no_policies");
  await agency.doubled("chat-summary", empty);
  assert.deepEqual(statuses(await agency.ended("chat-summary", empty)), [["stopped", "there are no policies"]]);
  assert.deepEqual([told("openai").length, told("hubspot").length], [1, 2]);
  await isShown("chat-summary");
});

test("summary-pdf: the consumer gets the document once it is approved, and not where it is refused", async () => {
  await deployed("summary-pdf");
  const decided = async (pull_id, decision, kill = async () => {}) => {
    const ask = await until(() => bodies("resend").find(({ subject, text }) => subject === "To approve: a summary" && text.includes(pull_id)), "the question");
    assert.deepEqual([ask.to].flat(), ["agent@agency.example"]);
    const [link] = /http\S+/.exec(ask.text);
    assert.equal((await fetch(link)).status, 200, "looking decides nothing");
    await agency.doubled("summary-pdf", pull_id);
    await kill();
    assert.equal((await fetch(link, { method: "POST", body: new URLSearchParams({ decision }) })).status, 200);
    return agency.ended("summary-pdf", pull_id);
  };
  const pull_id = await agency.shared("user_good");
  const [run] = await decided(pull_id, "approve", agency.kill);
  await agency.doubled("summary-pdf", pull_id);
  assert.deepEqual([run.status, told("resend").length], ["done", 2]);
  const [, { to, cc, attachments: [file] }] = bodies("resend");
  assert.deepEqual([[to].flat(), [cc].flat(), file.filename], [["clark.kent@theplanet.com"], ["agent@agency.example"], "summary.pdf"]);
  assert.equal(Buffer.from(file.content, "base64").subarray(0, 5).toString(), "%PDF-");
  assert.deepEqual((await agency.boss.pull(pull_id)).own.SUMMARY_SENT.data, { policies: 2, to_consumer: true });
  const refused = await agency.shared("user_good");
  const [other] = await decided(refused, "refuse");
  await agency.doubled("summary-pdf", refused);
  assert.deepEqual([other.status, told("resend").length], ["stopped", 3]);
  await isShown("summary-pdf");
});

test("renewal-reminders: told by day, once for each policy and term, of the types that are asked for", async () => {
  await deployed("renewal-reminders", { time_zone: "UTC" });
  await deployed("renewal-reminders", { types: ["AUTO"] }, "autos");
  await agency.toHour(22);
  const pull_id = await agency.shared("user_good_flood_expiring");
  await agency.doubled("renewal-reminders", pull_id);
  assert.deepEqual([(await agency.runsOf("renewal-reminders", pull_id)).length, agency.services.calls.length - from], [2, 0], "by night nobody is told");
  await agency.kill();
  // The edge's next day for the same terms is over midnight.
  await agency.toHour(9);
  await agency.boss.seen(pull_id, (pull) => pull.own.EDGE_POLICY_RENEWAL_DUE.data.days_before === 14, "the next day");
  await agency.ended("renewal-reminders", pull_id, 2);
  await agency.doubled("renewal-reminders", pull_id);
  const runs = await agency.ended("renewal-reminders", pull_id, 2);
  assert.deepEqual([runs.map(({ status }) => status), told("resend").length, told("twilio").length, keys().size], [["done", "done"], 2, 2, 4]);
  assert.deepEqual(await agency.runsOf("autos", pull_id), []);
  assert.equal((await agency.boss.pull(pull_id)).own.RENEWAL_REMINDED.data.reminded.length, 2);
  for (const kind of ["flood", "homeowners"]) {
    const mail = bodies("resend").find(({ subject }) => subject.startsWith(`Your ${kind} policy renews on `));
    assert.deepEqual([mail?.to].flat(), ["clark.kent@theplanet.com"], kind);
    assert.equal(bodies("twilio").find(({ Body }) => Body.includes(`${kind} policy`))?.To, "+18885550000", kind);
  }
  await agency.toHour(12);
  const nobody = await agency.shared("user_good_flood_expiring", NOBODY);
  await agency.doubled("renewal-reminders", nobody);
  const left = ["stopped", "the consumer left no address that would be used"];
  assert.deepEqual(statuses(await agency.ended("renewal-reminders", nobody, 2)), [left, left]);
  assert.equal(keys().size, 4);
  await isShown("renewal-reminders", { pull_id });
});

test("monitoring-switch: on while a policy is active, off when the last one is over, and not where there is none", async () => {
  await deployed("monitoring-switch", { lines: [] });
  /** How often one was begun, and one stopped. */
  const switches = () => [({ method, path }) => method === "POST" && path.endsWith("/monitorings"), ({ method }) => method === "DELETE"].map((is) => agency.canopy.calls.filter(is).length);
  const before = switches();
  const switched = () => switches().map((count, at) => count - before[at]);
  const settled = async (pull_id) => {
    await agency.doubled("monitoring-switch", pull_id);
    await agency.move({ advance: "PT6M" });
    await until(async () => (await agency.runsOf("monitoring-switch", pull_id)).every(({ status }) => status !== "running"), "the end of all");
    await agency.doubled("monitoring-switch", pull_id);
  };
  const pull_id = await agency.shared("user_good_flood_expiring");
  await settled(pull_id);
  assert.deepEqual(switched(), [1, 0]);
  assert.deepEqual((await agency.boss.pull(pull_id)).own.MONITORING_SWITCHED.data, { on: true });
  await isShown("monitoring-switch");
  await agency.move({ advance: "P16D" });
  await agency.kill();
  await agency.boss.seen(pull_id, (pull) => pull.own.EDGE_POLICY_EXPIRED, "the end of the term");
  await settled(pull_id);
  assert.deepEqual(switched(), [1, 1]);
  assert.deepEqual((await agency.boss.pull(pull_id)).own.MONITORING_SWITCHED.data, { on: false });
  const empty = await agency.shared("user_good_no_policies");
  await settled(empty);
  assert.deepEqual([switched(), (await agency.boss.pull(empty)).own?.MONITORING_SWITCHED], [[1, 1], undefined]);
});

test("reconnect-nudge: a fresh link by mail and text message each day, and no more once they are back", async () => {
  await agency.toHour(12);
  const first = await agency.shared("user_optionless_mfa");
  const monitoring_id = await agency.monitor(first);
  await deployed("reconnect-nudge", { by: "both", mail: "resend", mail_key: "RESEND", from: "desk@agency.example", days: 1, time_zone: "UTC" });
  const pull_id = await agency.refresh(monitoring_id);
  const nudged = (time) => agency.boss.seen(pull_id, (pull) => pull.own?.RECONNECT_NUDGED?.data.time === time, `nudge ${time}`);
  await nudged(1);
  await agency.doubled("reconnect-nudge", pull_id);
  await isShown("reconnect-nudge", { pull_id });
  await agency.move({ advance: "P1D" });
  await nudged(2);
  await agency.doubled("reconnect-nudge", pull_id);
  assert.deepEqual([told("resend").length, told("twilio").length], [2, 2]);
  const links = bodies("resend").map(({ text }) => /http\S+/.exec(text)[0]);
  assert.ok(links[0] !== links[1] && bodies("twilio")[1].Body.includes(links[1]));
  const page = await openPage(agency.edge);
  await page.live();
  await page.ask("reconnect", { reconnect_token: new URL(links[1]).searchParams.get("reconnectToken") });
  await page.shown(authOf("IDENTITY_VERIFICATION"), "question");
  await page.ask("identity-code", { code: "123456" });
  await agency.whole(pull_id);
  await agency.unmonitor(monitoring_id);
  await agency.move({ advance: "P1D" });
  assert.deepEqual(statuses(await agency.ended("reconnect-nudge", pull_id)), [["stopped", "the consumer came back"]]);
  await agency.doubled("reconnect-nudge", pull_id);
  assert.deepEqual([told("resend").length, told("twilio").length], [2, 2]);
});

test("threshold-alerts: Teams is told of what rose too far, and of what waits for a person; not of what is within", async () => {
  const config = { teams_host: TEAMS_HOST, cron: "0 9 * * *", time_zone: "UTC", kinds: ["RECONNECT"] };
  await deployed("threshold-alerts", { ...config, percent: 50 }, "within");
  await deployed("threshold-alerts", config);
  const [monitoring_id, waiting] = [await agency.monitor(await agency.shared("user_good_diffs")), await agency.monitor(await agency.shared("user_optionless_mfa"))];
  const pull_id = await agency.whole(await agency.refresh(monitoring_id));
  await agency.unmonitor(monitoring_id);
  await agency.ended("threshold-alerts", pull_id);
  await agency.doubled("threshold-alerts", pull_id);
  assert.deepEqual(statuses(await agency.ended("within", pull_id)), [["stopped", "nothing went too far"]]);
  assert.equal(told("teams").length, 1);
  assert.match(told("teams")[0].text, /Premium up from \$[\d,.]+ to \$[\d,.]+ \(\d+ percent\)/);
  const { runs: [none] } = await agency.dry("threshold-alerts", { pull_id, flow: "waiting" });
  assert.deepEqual(statuses([none]), [["stopped", "nothing waits too long"]]);
  await isShown("threshold-alerts", { pull_id, config: { teams_host: TEAMS_HOST } });

  const away = await agency.refresh(waiting);
  await until(async () => (await agency.boss.read(`/api/v1/tasks?pull_id=${away}`)).tasks.length === 1, "the task");
  for (let day = 0; day < 2; day += 1) await agency.toHour(9);
  await until(() => told("teams").length === 3, "what both instances tell of the task");
  await agency.doubled("threshold-alerts", away);
  await agency.unmonitor(waiting);
  assert.equal(told("teams").length, 3);
  assert.match(told("teams")[2].text, new RegExp(`A pull waits for a person:.*RECONNECT, for \\d+ hours: .*${away}`));
});

test("book-report: what expires comes as a spreadsheet, once at its hour and when somebody asks; not where nothing does", async () => {
  await deployed("book-report", { cron: "0 8 * * *", time_zone: "UTC", days: 400 });
  await deployed("book-report", { cron: "0 8 * * *", time_zone: "UTC", days: 1, send_empty: false }, "tomorrow");
  const pull_id = await agency.shared("user_good");
  const { policies } = await until(async () => {
    const book = await agency.boss.read("/api/v1/policies?limit=100");
    return book.policies.some((policy) => policy.pull_id === pull_id) && book;
  }, "the policies in the book");
  assert.ok(policies.length > 0);
  await agency.toHour(8);
  await until(() => told("resend").length === 1, "the report");
  await agency.kill();
  await agency.deploy("book-report", { cron: "0 8 * * *", time_zone: "UTC", days: 400 });
  await agency.move({ advance: "PT1M" });
  await agency.asked("POST", "/api/v1/instances/book-report/runs", { flow: "report_at_once" });
  const runs = await agency.ended("book-report", undefined, 2);
  assert.deepEqual([runs.map(({ flow }) => flow).toSorted(), told("resend").length], [["report", "report_at_once"], 2]);
  for (const { to, subject, attachments: [file] } of bodies("resend")) {
    assert.deepEqual([[to].flat(), subject.startsWith("What expires, "), file.filename.endsWith(".csv")], [["owner@agency.example"], true, true]);
    const [head, ...rows] = Buffer.from(file.content, "base64").toString().trimEnd().split("\r\n");
    assert.match(head, /Expires.*Pull/);
    assert.ok(rows.some((row) => row.includes(pull_id)), rows.join("\n"));
  }
  assert.deepEqual(statuses(await agency.ended("tomorrow")), [["stopped", "nothing expires"]]);
  const { runs: [scheduled] } = await agency.dry("book-report", { pull_id, flow: "report" });
  assert.deepEqual(statuses([scheduled]), [["done", null]]);
  await isShown("book-report");
});
