// STAND-IN: what the page asks for and the edge does not answer yet, answered in the browser. Each route goes once the edge has it.

export const ASKS = {
  group: { group: "asks", version: 1, created_at: "2026-11-30T08:00:00Z", caller: "boss", sha256: "0".repeat(64), definition: { title: "Asks first", flows: { ask: { title: "Ask before writing", trigger: { on: "schedule" }, steps: [
    { id: "ok", title: "Ask the owner", use: "approve", with: { title: "Write to {{ n }}?", timeout: "P2D", notify: [{ id: "mail", use: "postmark", with: {} }] } },
    { id: "write", title: "Write", use: "http", with: { url: "https://crm.agency.example" } },
  ] } } } },
  run: {
    run_id: "i-asks-1", instance_id: "asks", group: "asks", version: 1, flow: "ask", pull_id: null, cause: null, status: "approval", started_at: "2026-11-30T08:00:00Z", updated_at: "2026-11-30T08:00:01Z",
    reason: null, path: null, config: {}, due: "2026-12-02T08:00:00Z", asks: "ok", detail: null,
    steps: [
      step("ok", "approve", { state: "open", ended_at: null, due: "2026-12-02T08:00:00Z", input: { title: "Write to Lois <b>Griffin</b>?", text: "Her policy ends in 30 days.\nThe premium rose by 12 %.", until: "2026-12-02T08:00:00Z" }, result: null }),
      step("ok.mail", "postmark", { input: { to: "owner@agency.example", secret: "POSTMARK" }, result: { id: "m-1" } }),
    ],
  },
};

export const TEMPLATES = [
  {
    name: "birthday", title: "Birthday greetings", description: "Writes to each named insured on the morning of the birthday.", documentation: "https://edge.agency.example/docs/workflows.md",
    config: {
      from: { type: "email", title: "Sender", required: true },
      at: { type: "cron", title: "When", default: "0 8 * * *" },
      zone: { type: "time_zone", title: "Time zone", required: true },
      key: { type: "secret", title: "Key of Postmark", required: true },
      text: { type: "html", title: "Letter", description: "{{ name }} is the person’s", default: "<p>Happy birthday</p>" },
      most: { type: "integer", title: "At most a day", minimum: 1, maximum: 500 },
      tone: { type: "enum", title: "Tone", values: ["warm", "formal"] },
      copy: { type: "email", title: "Copies to", list: true },
      more: { type: "json", title: "Headers" },
      once: { type: "boolean", title: "Once a year" },
      desk: { type: "phone", title: "Desk" },
      page: { type: "url", title: "Page" },
    },
    flows: [{ name: "greet", title: "Greet", on: "schedule" }],
    example: { config: { from: "hello@agency.example", zone: "America/New_York", key: "POSTMARK" }, secrets: ["POSTMARK"] },
  },
  { name: "renewals", title: "Renewal reminders", description: "Sixty days before a policy ends, a task and a message.", documentation: "docs/workflows/renewals.md", config: {}, flows: [{ name: "remind", title: null, on: "event" }], example: { config: {}, secrets: [] } },
];

function step(path, use, more) {
  return { path, use, state: "done", begun_at: "2026-11-30T08:00:00Z", ended_at: "2026-11-30T08:00:01Z", due: null, attempts: [], reason: null, detail: null, ...more };
}

/** Has `page` hear of them. `office` is the edge with the right to change everything. Gives what was asked of it. */
export async function standInForWhatIsToCome(page, office) {
  const asked = [];
  const json = (route, body, status = 200) => route.fulfill({ status, contentType: "application/json", body: JSON.stringify(body) });
  const put = async (id, settings) => {
    const answer = await office.call(`/api/v1/instances/${id}`, { method: "PUT", body: JSON.stringify(settings) });
    return { status: answer.status, body: await answer.json() };
  };
  let run = ASKS.run;

  await page.route(/\/api\/v1\/instances\/[a-z-]+$/, async (route) => {
    const request = route.request();
    const id = new URL(request.url()).pathname.split("/").at(-1);
    const body = request.postDataJSON?.() ?? null;
    if (request.method() === "PATCH") {
      asked.push(["PATCH", id, body]);
      const { group, version, config, enabled } = await office.read(`/api/v1/instances/${id}`);
      const { runs, ...changes } = body;
      const { status, body: changed } = await put(id, { group, version, config, enabled, ...changes });
      return json(route, status < 400 ? { ...changed, runs: runs ?? "finish" } : changed, status);
    }
    if (request.method() === "PUT" && body.template) {
      asked.push(["PUT", id, body]);
      const { config } = TEMPLATES.find(({ name }) => name === body.template);
      const definition = { title: body.template, config, flows: { greet: { trigger: { on: "manual", of: "pull" }, steps: [{ id: "a", use: "set", with: { values: 1 } }] } } };
      await office.call(`/api/v1/flows/${body.template}`, { method: "PUT", body: JSON.stringify(definition) });
      const { status, body: made } = await put(id, { group: body.template, config: body.config, enabled: body.enabled });
      return json(route, made, status);
    }
    return route.fallback();
  });
  await page.route("**/api/v1/flow-templates", (route) => json(route, { templates: TEMPLATES }));
  await page.route("**/api/v1/flows/asks?*", (route) => json(route, ASKS.group));
  await page.route("**/api/v1/runs/i-asks-1", (route) => json(route, run));
  await page.route("**/api/v1/runs/i-asks-1/decision", (route) => {
    const body = route.request().postDataJSON();
    asked.push(["decision", body]);
    const [ok, ...others] = run.steps;
    run = { ...run, status: "done", asks: null, due: null, steps: [{ ...ok, state: "done", ended_at: "2026-11-30T09:00:00Z", due: null, result: { approved: body.approved, by: "boss" } }, ...others, step("write", "http", { input: {}, result: {} })] };
    return json(route, run);
  });
  await page.route("**/dry-run", (route) => {
    const body = route.request().postDataJSON();
    asked.push(["dry-run", body]);
    const request = { method: "POST", url: "https://crm.agency.example/contact", json: { pull: body.pull_id } };
    return json(route, {
      pull_id: body.pull_id,
      runs: [{ flow: "greet", cause: { position: 1, event_type: "AUTH_STATUS" }, status: "done", reason: null, detail: null, path: null, until: null, steps: [{ path: "contact", use: "http", state: "done", input: request, result: { status: 200 }, reason: null, detail: null, answered_by: "example", at: "2026-11-30T08:00:00Z" }] }],
      not_started: [{ flow: "later", why: "it is started by hand" }],
    });
  });
  return asked;
}
