// Twilio, Slack and Teams, as their documentation describes them.
import { answered, basic, bearer, list, object, shape, text } from "./rules.mjs";

export const chat = () => [twilio(), slackWebhook(), slack(), teams()];

const SID = `AC${"a".repeat(32)}`;
const block = { type: "object", properties: { type: text() }, required: ["type"] };

/** twilio.com/docs/messaging/api/message-resource, /docs/api/errors; github.com/twilio/twilio-oai, twilio_api_v2010 */
function twilio() {
  const refused = (status, message, code = 20000 + status) => answered(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });
  let sent = 0;
  return {
    name: "twilio",
    hosts: ["api.twilio.com"],
    secret: ["TWILIO", "made-up-auth-token"],
    form: true,
    refused,
    admits: (call) => basic(call) === `${SID}:made-up-auth-token` || refused(401, "Authenticate", 20003),
    routes: [
      {
        method: "POST",
        path: /^\/2010-04-01\/Accounts\/(AC[0-9a-f]{32})\/Messages\.json$/,
        take({ body }, [, account_sid]) {
          if (account_sid !== SID) return refused(404, `The requested resource /2010-04-01/Accounts/${account_sid}/Messages.json was not found`, 20404);
          const phone = /^\+[1-9]\d{6,14}$/;
          const odd = Object.keys(body).find((name) => !["To", "From", "MessagingServiceSid", "Body"].includes(name));
          if (odd) return refused(400, `Unknown parameter ${odd}`, 20001);
          if (!body.To) return refused(400, "A 'To' phone number is required.", 21604);
          if (!phone.test(body.To)) return refused(400, `Invalid 'To' Phone Number: ${body.To}`, 21211);
          if (!body.From && !body.MessagingServiceSid) return refused(400, "A 'From' phone number is required.", 21603);
          if (body.From && !phone.test(body.From)) return refused(400, `Invalid From Number (caller ID): ${body.From}`, 21212);
          if (body.MessagingServiceSid && !/^MG[0-9a-f]{32}$/.test(body.MessagingServiceSid)) return refused(400, "The Messaging Service Sid is invalid.", 21701);
          if (!body.Body) return refused(400, "Message body is required.", 21602);
          if (body.Body.length > 1600) return refused(400, "The concatenated message body exceeds the 1600 character limit.", 21617);
          const sid = `SM${(sent += 1).toString(16).padStart(32, "0")}`;
          const date = new Date().toUTCString().replace("GMT", "+0000");
          return answered(201, {
            account_sid, api_version: "2010-04-01", body: body.Body, date_created: date, date_sent: null, date_updated: date, direction: "outbound-api", error_code: null,
            error_message: null, from: body.From ?? null, messaging_service_sid: body.MessagingServiceSid ?? null, num_media: "0", num_segments: body.From ? "1" : "0",
            price: null, price_unit: "USD", sid, status: body.From ? "queued" : "accepted", to: body.To, uri: `/2010-04-01/Accounts/${account_sid}/Messages/${sid}.json`,
          });
        },
      },
    ],
  };
}

/** docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: answers are words of plain text */
function slackWebhook() {
  const plain = (status, word) => answered(status, word, { "content-type": "text/html" });
  const wrong = shape(object({ text: text(1, 40_000), blocks: list(block, 1, 50) }));
  return {
    name: "slack-webhook",
    hosts: ["hooks.slack.com"],
    secret: ["SLACK_WEBHOOK", "T00000000/B00000000/made-up"],
    refused: (status) => plain(status, { 400: "invalid_payload", 404: "no_service", 429: "rate_limited" }[status] ?? "rollup_error"),
    admits: (call) => call.path === "/services/T00000000/B00000000/made-up" || plain(403, "invalid_token"),
    routes: [
      {
        method: "POST",
        path: /^\/services\/[^?]+$/,
        take({ body }) {
          if (!body.text && !body.blocks) return plain(400, "no_text");
          return wrong(body).length ? plain(400, "invalid_payload") : plain(200, "ok");
        },
      },
    ],
  };
}

/** docs.slack.dev/reference/methods/chat.postMessage: what is refused is answered 200, too, but for too many requests */
function slack() {
  const refused = (error) => ({ ...answered(200, { ok: false, error }), accepted: false });
  const HARD = { 429: "ratelimited", 500: "internal_error" };
  const wrong = shape(
    object({ channel: text(), text: text(1, 40_000), blocks: list(block, 1, 50), thread_ts: { type: "string", pattern: "^\\d{10}\\.\\d{6}$" } }, ["channel"]),
  );
  let sent = 0;
  return {
    name: "slack",
    hosts: ["slack.com"],
    secret: ["SLACK", "made-up-slack-token"],
    refused: (status) => (status in HARD ? answered(status, { ok: false, error: HARD[status] }) : refused(status === 404 ? "unknown_method" : "invalid_json")),
    admits: (call) => (bearer(call) ? bearer(call) === "made-up-slack-token" || refused("invalid_auth") : refused("not_authed")),
    routes: [
      {
        method: "POST",
        path: /^\/api\/chat\.postMessage$/,
        take({ body }) {
          const [fault] = wrong(body);
          if (fault) return refused({ channel: "channel_not_found", text: "msg_too_long", blocks: "invalid_blocks" }[fault.member.split(".")[0]] ?? "invalid_arguments");
          if (!/^[CGD][A-Z0-9]{8,}$/.test(body.channel)) return refused("channel_not_found");
          if (!body.text && !body.blocks) return refused("no_text");
          const ts = `1503435957.${String((sent += 1)).padStart(6, "0")}`;
          const thread = body.thread_ts ? { thread_ts: body.thread_ts } : {};
          return answered(200, { ok: true, channel: body.channel, ts, message: { bot_id: "B0123456789", text: body.text ?? "", ts, ...thread, type: "message" } });
        },
      },
    ],
  };
}

/**
 * learn.microsoft.com/en-us/connectors/teams/#microsoft-teams-webhook (the card in `attachments`), adaptivecards.io's schema (the card);
 * the trigger is Azure Logic Apps' "When an HTTP request is received", whose URL is the secret: learn.microsoft.com/azure/connectors/connectors-native-reqres
 */
function teams() {
  const refused = (status, message, code = "InvalidRequestContent") => answered(status, { error: { code, message } });
  const block = {
    oneOf: [
      object(
        {
          type: { const: "TextBlock" }, text: text(), wrap: { type: "boolean" }, size: { enum: ["Small", "Default", "Medium", "Large", "ExtraLarge"] },
          weight: { enum: ["Lighter", "Default", "Bolder"] },
        },
        ["type", "text"],
      ),
      object({ type: { const: "FactSet" }, facts: list(object({ title: text(), value: text() }, ["title", "value"]), 1) }, ["type", "facts"]),
    ],
  };
  const action = object({ type: { const: "Action.OpenUrl" }, title: text(), url: { type: "string", pattern: "^https?://" } }, ["type", "url"]);
  const card = object(
    { type: { const: "AdaptiveCard" }, $schema: text(), version: { enum: ["1.2", "1.3", "1.4", "1.5"] }, body: list(block, 1), actions: list(action) },
    ["type", "version", "body"],
  );
  const attachment = object(
    { contentType: { const: "application/vnd.microsoft.card.adaptive" }, contentUrl: { type: "null" }, content: card },
    ["contentType", "content"],
  );
  const wrong = shape(object({ type: { const: "message" }, attachments: list(attachment, 1) }, ["type", "attachments"]));
  const path = "powerautomate/automations/direct/workflows/0123456789abcdef/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=made-up";
  return {
    name: "teams",
    hosts: ["default0000000000000000000000000000.05.environment.api.powerplatform.com"],
    secret: ["TEAMS", path],
    refused,
    admits: (call) => call.path === `/${path}` || refused(401, "The authentication credentials are not valid.", "AuthorizationFailed"),
    routes: [
      {
        method: "POST",
        path: /^\/powerautomate\//,
        take({ body }) {
          const [fault] = wrong(body);
          if (!fault) return answered(202, "");
          const says = `The input body for trigger 'manual' of type 'Request' did not match its schema definition: '${fault.member} ${fault.says}'.`;
          return refused(400, says, "TriggerInputSchemaMismatch");
        },
      },
    ],
  };
}
