// Resend, Postmark and SendGrid, as their documentation describes them.
import { address, answered, base64, bearer, id, isMailbox, list, now, object, shape, text } from "./rules.mjs";

export const mail = () => [resend(), postmark(), sendgrid()];

const either = (one) => ({ anyOf: [one, list(one, 1)] });

/** resend.com/docs/api-reference/emails/send-email, /errors, /dashboard/emails/idempotency-keys; github.com/resend/resend-openapi */
function resend() {
  const refused = (statusCode, message, name) => answered(statusCode, { statusCode, name, message });
  const wrong = shape(
    object(
      {
        from: text(), to: { anyOf: [text(), list(text(), 1, 50)] }, subject: text(), cc: either(text()), bcc: either(text()), reply_to: either(text()),
        html: text(), text: text(),
        attachments: list(object({ content: base64, filename: text(), path: text(), content_type: text(), content_id: text(1, 127) })),
      },
      ["from", "to", "subject"],
    ),
  );
  return {
    name: "resend",
    hosts: ["api.resend.com"],
    secret: ["RESEND", "made-up-resend-key"],
    refused: (status, message) => refused(status, message, status === 429 ? "rate_limit_exceeded" : status < 500 ? "validation_error" : "application_error"),
    admits(call) {
      if (!bearer(call)) return refused(401, "Missing API Key", "missing_api_key");
      return bearer(call) === this.secret[1] || refused(401, "API key is invalid", "validation_error");
    },
    // Of a day; here, of a server's life.
    keyed: {
      admits: (key) => key.length <= 256 || refused(400, "Idempotency keys, if present, must have between 1 and 256 characters.", "invalid_idempotency_key"),
      other: () => refused(409, "Same idempotency key used with a different request payload.", "invalid_idempotent_request"),
    },
    routes: [
      {
        method: "POST",
        path: /^\/emails$/,
        take({ body }) {
          const [fault] = wrong(body);
          if (fault?.missing) return refused(422, `Missing \`${fault.member}\` field.`, "missing_required_field");
          if (fault) return refused(422, `The \`${fault.member}\` field ${fault.says}.`, "validation_error");
          if (!body.html && !body.text) return refused(422, "Missing `html` or `text` field.", "missing_required_field");
          const odd = ["from", "to", "cc", "bcc", "reply_to"].find((name) => ![body[name] ?? []].flat().every(isMailbox));
          const form = "The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.";
          if (odd) return refused(422, `Invalid \`${odd}\` field. ${form}`, "validation_error");
          const isWhole = ({ filename, content, path }) => filename && (content || path);
          if (!(body.attachments ?? []).every(isWhole)) return refused(422, "Attachment must have either a `content` or `path`.", "invalid_attachment");
          return answered(200, { id: id() });
        },
      },
    ],
  };
}

/** postmarkapp.com/developer/api/email-api, /developer/api/overview (status and error codes); support article 1180 (addresses, 50 recipients) */
function postmark() {
  const refused = (status, ErrorCode, Message) => answered(status, { ErrorCode, Message });
  const wrong = shape(
    object(
      {
        From: text(), To: text(), Cc: text(), Bcc: text(), Subject: text(0, 2000), HtmlBody: text(), TextBody: text(), ReplyTo: text(), MessageStream: text(),
        Attachments: list(object({ Name: text(), Content: base64, ContentType: text(), ContentID: text() }, ["Name", "Content", "ContentType"])),
      },
      ["From", "To"],
    ),
  );
  const boxes = (given) => given?.match(/(?:"[^"]*"|[^",])+/g)?.map((it) => it.trim()) ?? [];
  return {
    name: "postmark",
    hosts: ["api.postmarkapp.com"],
    secret: ["POSTMARK", "made-up-postmark-token"],
    refused: (status, message) => refused(status, status === 429 ? 429 : status, message),
    admits: (call) => call.headers["x-postmark-server-token"] === "made-up-postmark-token" || refused(401, 10, "Request does not contain a valid Server token."),
    routes: [
      {
        method: "POST",
        path: /^\/email$/,
        take({ body, headers }) {
          if (headers.accept !== "application/json") return refused(422, 406, "The Accept header is not application/json.");
          const [fault] = wrong(body);
          if (fault?.missing) return refused(422, 300, `Invalid '${fault.member}' address: ''.`);
          if (fault) return refused(422, 403, `The '${fault.member}' property ${fault.says}.`);
          if (!body.HtmlBody && !body.TextBody) return refused(422, 300, "Provide either email TextBody or HtmlBody or both.");
          const to = [body.To, body.Cc, body.Bcc].flatMap(boxes);
          if (to.length > 50) return refused(422, 300, "Maximum of 50 recipients allowed per email message.");
          const odd = [...boxes(body.From), ...to, ...boxes(body.ReplyTo)].find((it) => !isMailbox(it));
          if (odd !== undefined || boxes(body.From).length !== 1) return refused(422, 300, `Error parsing 'From': Illegal email address '${odd ?? body.From}'.`);
          return answered(200, { To: body.To, SubmittedAt: now(), MessageID: id(), ErrorCode: 0, Message: "OK" });
        },
      },
    ],
  };
}

/** twilio.com/docs/sendgrid/api-reference/mail-send/mail-send; github.com/sendgrid/sendgrid-oai, spec/paths/mail_send */
function sendgrid() {
  const refused = (status, message, field = null) => answered(status, { errors: [{ message, field, help: null }] });
  const person = object({ email: address, name: text() }, ["email"]);
  const wrong = shape(
    object(
      {
        personalizations: list(object({ to: list(person, 1, 1000), cc: list(person, 0, 1000), bcc: list(person, 0, 1000) }, ["to"]), 1, 1000),
        from: person, reply_to: person, subject: text(), content: list(object({ type: text(), value: text() }, ["type", "value"]), 1),
        attachments: list(object({ content: base64, type: text(), filename: text(), disposition: { enum: ["inline", "attachment"] } }, ["content", "filename"])),
      },
      ["personalizations", "from", "subject", "content"],
    ),
  );
  return {
    name: "sendgrid",
    hosts: ["api.sendgrid.com"],
    secret: ["SENDGRID", "made-up-sendgrid-key"],
    refused,
    admits: (call) => bearer(call) === "made-up-sendgrid-key" || refused(401, "The provided authorization grant is invalid, expired, or revoked"),
    routes: [
      {
        method: "POST",
        path: /^\/v3\/mail\/send$/,
        take({ body, headers }) {
          if (!headers.accept) return refused(406, "Missing Accept header.");
          const [fault] = wrong(body);
          if (fault) return refused(400, fault.missing ? `The ${fault.member} parameter is required.` : `${fault.member} ${fault.says}`, fault.member);
          // "text/plain" comes before "text/html".
          if (body.content[1]?.type === "text/plain") return refused(400, "If present, text/plain must be first, followed by text/html.", "content");
          const { to, cc = [], bcc = [] } = body.personalizations[0];
          const all = [...to, ...cc, ...bcc].map((it) => it.email.toLowerCase());
          const unique = "Each email address in the personalization block should be unique between to, cc, and bcc.";
          if (new Set(all).size !== all.length) return refused(400, unique, "personalizations.0.to");
          return answered(202, "", { "x-message-id": id() });
        },
      },
    ],
  };
}
