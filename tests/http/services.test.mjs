// Connectors are data: what they send in their examples is what the services' documentation asks for. The services are played (tests/services.mjs), no Worker runs.
import assert from "node:assert/strict";
import { createPrivateKey, constants, sign } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { keyPair } from "../services/tokens.mjs";
import { startServices } from "../services.mjs";

const FILES = new URL("../../crates/flow/connectors/", import.meta.url);
const DOCUMENT = readFileSync(new URL("../../docs/connectors.md", import.meta.url), "utf8");

const connectors = readdirSync(FILES)
  .filter((file) => file.endsWith(".json"))
  .map((file) => ({ file, text: readFileSync(new URL(file, FILES), "utf8") }))
  .map(({ file, text }) => ({ file, text, ...JSON.parse(text) }));
const connector = (name) => connectors.find((it) => it.name === name);

/** Of each connector, a member of its body without which the service refuses. */
const NEEDED = {
  "azure-openai-chat": "messages",
  "google-sheets-append": "values",
  "groq-chat": "model",
  "highlevel-contact": "locationId",
  "highlevel-note": "body",
  "hubspot-contact": "inputs.0.properties",
  "hubspot-note": "properties.hs_timestamp",
  "netsuite-record": "",
  "openai-chat": "messages",
  postmark: "To",
  resend: "subject",
  "salesforce-file": "VersionData",
  "salesforce-record": "",
  sendgrid: "personalizations.0.to",
  "slack-message": "channel",
  "slack-webhook": "text",
  "teams-webhook": "attachments.0.content.body",
  "twilio-sms": "From",
  "zendesk-ticket": "ticket.comment",
};

/** Where a service's words stand, for expressions of `error` that are more than a path. */
const WORDS = {
  "highlevel-contact": ({ body }) => JSON.stringify(body.message),
  "highlevel-note": ({ body }) => JSON.stringify(body.message),
  "hubspot-contact": ({ body }) => body.message ?? body.errors[0].message,
  "netsuite-record": ({ body }) => body["o:errorDetails"].map((it) => it.detail).join("; "),
  sendgrid: ({ body }) => body.errors.map((it) => it.message).join("; "),
  "zendesk-ticket": ({ body }) => body.description ?? String(body.error),
};

let services;
before(async () => (services = await startServices()));
after(() => services?.stop());

/** Sends a request as a local run of the edge does. */
async function send({ method, url, headers, body }, key = undefined) {
  const { host, pathname, search } = new URL(url);
  const sent = { ...headers, "x-edge-host": host, ...(key && { "idempotency-key": key }) };
  const response = await fetch(services.url + pathname + search, { method, headers: sent, body, signal: AbortSignal.timeout(5_000) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: response.headers.get("content-type") === "application/json" ? JSON.parse(text) : text };
}

/** A text whose expressions are `input.…`. */
const rendered = (text, input) => text.replace(/\{\{ input\.(\w+) \}\}/g, (_, name) => input[name]);

function jwt({ algorithm, header = {}, claims }, secret) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: algorithm, typ: "JWT", ...header })}.${part(claims)}`;
  const key = createPrivateKey({ key: Buffer.from(secret, "base64"), format: "der", type: "pkcs8" });
  const padding = algorithm === "PS256" ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
  return `${signed}.${sign("sha256", Buffer.from(signed), { key, ...padding }).toString("base64url")}`;
}

/** What the token endpoint of a connector answers to a secret. `claims` are other ones. */
function askToken({ secret, example }, value, claims = {}) {
  const texts = (object = {}) => Object.fromEntries(Object.entries(object).map(([name, text]) => [name, rendered(text, example.input)]));
  const iat = Math.floor(Date.now() / 1000);
  const token = () => jwt({ ...secret, header: texts(secret.header), claims: { ...texts(secret.claims), iat, exp: iat + 300, ...claims } }, value);
  const [client_id, client_secret] = value.split(":");
  const form = {
    client_credentials: () => ({ grant_type: "client_credentials", client_id, client_secret }),
    // RFC 7523, section 2.1
    jwt: () => ({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: token() }),
    // RFC 7523, section 2.2
    client_jwt: () => ({ grant_type: "client_credentials", client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", client_assertion: token() }),
  }[secret.grant]();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return send({ method: "POST", url: rendered(secret.token_url, example.input), headers, body: new URLSearchParams(form).toString() });
}

const secretOf = ({ example }) => services.secretOf(new URL(example.request.url).host)[1];

/** The example's request, with its secret in the URL, or a token, where it takes one. */
async function requestOf(it) {
  const { secret } = it.example;
  const request = { ...it.example.request, url: it.example.request.url.replace("{secret}", secret) };
  if (it.secret?.as !== "oauth") return request;
  const { body } = await askToken(it, secretOf(it));
  return { ...request, headers: { ...request.headers, authorization: request.headers.authorization.replace("{token}", body.access_token) } };
}

/** The same with another secret. */
function withWrongSecret(request, { secret, example }) {
  const wrong = (text) => text.replaceAll(example.secret, "another/one").replace(/token-\S+/, "token-another").replace(/^Basic .+/, `Basic ${btoa("another:another")}`);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, wrong(value)]));
  return { ...request, headers, url: secret.as === "path" ? wrong(request.url) : request.url };
}

/** A body without a member of it; without all where the path is empty. */
function without(body, path, isForm) {
  if (isForm) {
    const form = new URLSearchParams(body);
    form.delete(path);
    return form.toString();
  }
  if (!path) return "{}";
  const json = JSON.parse(body);
  const names = path.split(".");
  delete names.slice(0, -1).reduce((at, name) => at[name], json)[names.at(-1)];
  return JSON.stringify(json);
}

/** What the connector's `error` gives. */
function wordsOf(it, answer) {
  if (WORDS[it.name]) return WORDS[it.name](answer);
  assert.match(it.error, /^answer\.body(\.\w+|\[\d+\])*$/, `the words of ${it.name} are looked up by the test`);
  return it.error.match(/\w+/g).slice(1).reduce((at, name) => at[name], { ...answer });
}

/** The types of a value's members, however deep. */
function shapeOf(value) {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (value === null || typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
}

const texts = (value) => (typeof value === "string" ? [value] : value && typeof value === "object" ? Object.values(value).flatMap(texts) : []);

describe("connectors", () => {
  for (const it of connectors) {
    test(`${it.name}: its request is accepted, and answered as its example says`, async () => {
      const { example } = it;
      const request = await requestOf(it);
      const answer = await send(request);
      assert.equal(services.calls.at(-1).accepted, true, JSON.stringify(answer.body));
      assert.equal(answer.status, example.answer.status);
      assert.deepEqual(shapeOf(answer.body), shapeOf(example.answer.body));
      for (const name of Object.keys(example.answer.headers ?? {})) assert.ok(answer.headers.get(name), name);
      if (!it.secret.grant?.endsWith("jwt")) assert.equal(example.secret, secretOf(it));
    });

    test(`${it.name}: another secret, and a body that lacks something, are refused in the service's words`, async () => {
      const request = await requestOf(it);
      const isForm = request.headers["content-type"] !== "application/json";
      for (const [what, changed] of [
        ["another secret", withWrongSecret(request, it)],
        [`no ${NEEDED[it.name]}`, { ...request, body: without(request.body, NEEDED[it.name], isForm) }],
      ]) {
        assert.notDeepEqual(changed, request, what);
        const answer = await send(changed);
        const isFailure = answer.status >= 400 || answer.body.ok === false;
        assert.ok(isFailure && !services.calls.at(-1).accepted, `${what}: ${answer.status}`);
        const words = wordsOf(it, answer);
        assert.ok(typeof words === "string" && words.length > 0, `${what}: ${JSON.stringify(answer.body)}`);
      }
    });

    test(`${it.name}: its file is sound`, () => {
      assert.equal(it.file, `${it.name}.json`);
      assert.match(it.name, /^[a-z][a-z0-9-]*$/);
      assert.match(it.documentation, /^https:\/\//);
      const sorted = (value, at) => {
        if (value === null || typeof value !== "object") return;
        if (!Array.isArray(value)) assert.deepEqual(Object.keys(value), Object.keys(value).toSorted(), `${at}: in the order of the alphabet`);
        Object.entries(value).forEach(([name, member]) => sorted(member, `${at}.${name}`));
      };
      ["json", "form", "query"].forEach((name) => sorted(it.request[name], name));
      const read = texts([it.request, it.secret]).flatMap((text) => [...text.matchAll(/\binput\.\??(\w+)/g)].map(([, name]) => name));
      assert.deepEqual([...new Set(read)].toSorted(), Object.keys(it.inputs).toSorted(), "each input is read, and no other");
      for (const [name, input] of Object.entries(it.inputs)) {
        assert.ok(!input.required || name in it.example.input, `${name} is in the example`);
        assert.ok(input.title, `${name} has a title`);
      }
      for (const name of Object.keys(it.example.input)) assert.ok(it.inputs[name], `${name} is an input`);
      assert.deepEqual(Object.keys(it.example.result), Object.keys(it.result));
    });

    test(`${it.name}: the document shows it`, () => {
      const row = DOCUMENT.split("\n").find((line) => line.startsWith(`| [\`${it.name}\`](#`));
      assert.ok(row?.includes(`](${it.documentation})`), "a row with its documentation");
      const section = DOCUMENT.split(/^## /m).find((part) => part.startsWith(`\`${it.name}\`\n`));
      assert.ok(section, "a section");
      for (const name of [...Object.keys(it.inputs), ...Object.keys(it.result)]) assert.ok(section.includes(`\`${name}\``), `${name} of ${it.name}`);
    });
  }
});

describe("services", () => {
  for (const name of connectors.filter((it) => it.keyed === "header").map((it) => it.name)) {
    test(`${name}: the same key does it once, and not with another body`, async () => {
      const { request } = connector(name).example;
      const key = `a key of ${name}`;
      const [first, again] = [await send(request, key), await send(request, key)];
      assert.deepEqual(again.body, first.body);
      assert.equal(services.accepted().filter((call) => call.key === key).length, 1);
      const other = await send({ ...request, body: request.body.replace(/Renewals|high/, "low") }, key);
      assert.ok(other.status >= 400 && other.status < 500, `${other.status}`);
      assert.notDeepEqual((await send(request, `another ${key}`)).body, first.body);
    });
  }

  for (const name of connectors.filter((it) => it.keyed === "record").map((it) => it.name)) {
    test(`${name}: a repeated call writes the same record`, async () => {
      const request = await requestOf(connector(name));
      const record = ({ body, headers }) => body.id ?? body.contact?.id ?? body.results?.[0].id ?? headers.get("location");
      const [first, again] = [await send(request), await send(request)];
      assert.ok(record(first));
      assert.equal(record(again), record(first));
      assert.notEqual(again.body.created ?? again.body.new ?? again.body.results?.[0].new, true);
    });
  }

  for (const name of connectors.filter((it) => it.secret.grant).map((it) => it.name)) {
    test(`${name}: a token is given for the secret alone, and not for good`, async () => {
      const it = connector(name);
      const secret = secretOf(it);
      const isJwt = it.secret.grant.endsWith("jwt");
      const other = isJwt ? keyPair().secret : secret.replace(/secret$/, "guess");
      const refused = [await askToken(it, other)];
      if (isJwt) {
        const long = Math.floor(Date.now() / 1000) + 7200;
        for (const claims of [{ exp: long }, { exp: 1 }, { iss: "another" }, { aud: "https://another.example/token" }, { scope: "another" }]) {
          refused.push(await askToken(it, secret, claims));
        }
        refused.push(await askToken({ ...it, secret: { ...it.secret, algorithm: it.secret.algorithm === "PS256" ? "RS256" : "PS256" } }, secret));
      }
      for (const { status, body } of refused) {
        assert.equal(status, 400);
        assert.ok(body.error && body.error_description, JSON.stringify(body));
      }
      const request = await requestOf(it);
      services.expireTokens();
      assert.equal((await send(request)).status, 401);
      assert.ok((await send(await requestOf(it))).status < 300);
    });
  }

  test("each can misbehave, so many times, in its own form", async () => {
    for (const it of connectors) {
      const { host } = new URL(it.example.request.url);
      const request = await requestOf(it);
      services.misbehave(host, "busy", 2);
      services.misbehave(host, "error");
      for (const status of [429, 429, 500]) {
        const answer = await send(request);
        assert.equal(answer.status, status, it.name);
        assert.equal(answer.headers.get("retry-after"), status === 429 ? "1" : null);
        assert.ok(wordsOf(it, answer).length > 0, it.name);
      }
      assert.ok((await send(request)).status < 300, it.name);
    }
  });

  test("one that gives tokens can know nobody, and say again what it was sent", async () => {
    for (const it of connectors.filter(({ secret }) => secret.grant)) {
      const { host } = new URL(it.example.request.url);
      const request = await requestOf(it);
      services.misbehave(host, "stranger");
      assert.equal((await send(request)).status, 401, it.name);
      services.misbehave(host, "echo");
      const answer = await send(request);
      assert.equal(answer.status, 400, it.name);
      const words = wordsOf(it, answer);
      assert.ok(words.includes(request.headers.authorization) && words.includes(request.body), it.name);
    }
  });

  test("NetSuite takes no statement of a whole hour, Google does", async () => {
    for (const [name, status] of [["netsuite-record", 400], ["google-sheets-append", 200]]) {
      const iat = Math.floor(Date.now() / 1000);
      const it = connector(name);
      assert.equal((await askToken(it, secretOf(it), { iat, exp: iat + 3600 })).status, status, name);
    }
  });

  test("a connection breaks before or behind what it asks for, or stays silent, or brings nonsense", async () => {
    const { request } = connector("resend").example;
    const host = "api.resend.com";
    const count = () => services.accepted("resend").length;
    const begin = count();
    services.misbehave(host, "break");
    await assert.rejects(send(request));
    assert.equal(count(), begin);
    services.misbehave(host, "lost");
    await assert.rejects(send(request, "lost-key"));
    assert.equal(count(), begin + 1);
    assert.equal((await send(request, "lost-key")).status, 200);
    assert.equal(count(), begin + 1);
    services.misbehave(host, "nonsense");
    assert.equal((await send(request)).body, "<html>It works!</html>");
    services.misbehave(host, "error", Infinity);
    for (let asked = 0; asked < 3; asked += 1) assert.equal((await send(request)).status, 500);
    services.behave(host);
    services.misbehave(host, "hang");
    const hung = fetch(`${services.url}/emails`, { method: "POST", headers: { ...request.headers, "x-edge-host": host }, body: request.body });
    const first = await Promise.race([hung, send(request).then(() => "the next is answered")]);
    assert.equal(first, "the next is answered");
    hung.catch(() => {});
    assert.equal(count(), begin + 2);
    assert.throws(() => services.misbehave("nobody.example", "error"), /expected a host/);
  });

  test("its secrets and hosts are values of the edge's variables", () => {
    const secrets = services.secrets().split(",").map((it) => it.split(":"));
    const hosts = services.localHosts().split(",").map((it) => it.split("="));
    for (const it of connectors) {
      const { host } = new URL(it.example.request.url);
      assert.ok(secrets.some(([, of]) => of === host), host);
      assert.ok(hosts.some(([of, url]) => of === host && url === services.url), host);
    }
    assert.ok(hosts.some(([of]) => of === "oauth2.googleapis.com"));
  });
});
